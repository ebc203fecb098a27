import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Severity } from '../api/types.ts';

/** A shape of its own for each severity, so that colour alone never tells it. */
export const SEVERITY_SHAPES: Readonly<Record<Severity, string>> = {
  critical: 'M5 0.5h6l4.5 4.5v6l-4.5 4.5h-6l-4.5-4.5v-6z',
  high: 'M8 0.8 15.6 15H0.4z',
  medium: 'M8 0.4 15.6 8 8 15.6 0.4 8z',
  low: 'M8 1a7 7 0 1 0 0.001 0z',
  info: 'M8 1a7 7 0 1 0 0.001 0z',
};
const SIGNS: Readonly<Record<Severity, string>> = { critical: '1', high: '2', medium: '3', low: '4', info: 'i' };

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

/** Says nothing to a screen reader: a word stands beside it. */
export function SeverityMark({ severity }: { readonly severity: Severity }): ReactNode {
  return (
    <svg className={`mark ${severity}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path className="mark-shape" d={SEVERITY_SHAPES[severity]} />
      <text className="mark-sign" x="8" y={severity === 'high' ? 13 : 11.6} textAnchor="middle">
        {SIGNS[severity]}
      </text>
    </svg>
  );
}

/** The mark with its word, or with `children` in the word's place (the word is then read aloud only). */
export function SeverityBadge({
  severity,
  children,
}: {
  readonly severity: Severity;
  readonly children?: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const word = t(`severity.${severity}`);
  return (
    <span className={`badge ${severity}`}>
      <SeverityMark severity={severity} />
      {children === undefined ? (
        word
      ) : (
        <>
          <span className="hidden">{word}</span>
          {children}
        </>
      )}
    </span>
  );
}
