import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Effect, toneOf } from './effects.ts';
import './effects.css';

/** An effect as a word, with the line that stands for it on the map. */
export function EffectMark({ effect }: { readonly effect: Effect }): ReactNode {
  const { t } = useTranslation();
  return (
    <span className={`effect ${toneOf(effect)}`}>
      <span className="effect-line" aria-hidden="true" />
      {t(`effect.${effect}`)}
    </span>
  );
}
