import i18next from 'i18next';
import type { ReactNode } from 'react';
import { Wire } from '../parts/Wire.tsx';

const CHANGING: ReadonlySet<string> = new Set(['write', 'configure', 'control', 'program', 'firmware']);

/** What an operation can do to the process; what changes something stands out by its weight. */
export function EffectWord({ effect }: { readonly effect: string | null }): ReactNode {
  if (effect === null) {
    return <span className="soft">–</span>;
  }
  const key = `effect.${effect}`;
  const word = i18next.exists(key) ? i18next.t(key as 'effect.read') : <Wire text={effect} most={30} />;
  return CHANGING.has(effect) ? <b>{word}</b> : word;
}
