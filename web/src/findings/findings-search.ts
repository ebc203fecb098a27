import type { Severity } from '../api/types.ts';
import { SEVERITIES } from '../parts/Severity.tsx';

export const FINDING_STATES = ['open', 'accepted', 'resolved'] as const;

export type FindingState = (typeof FINDING_STATES)[number];

/** What the address of the list of findings carries. Without a state it shows those that are open. */
export interface FindingsSearch {
  readonly severity?: Severity;
  readonly code?: string;
  readonly asset?: string;
  readonly state?: FindingState | 'all';
}

export function findingsSearch({ severity, code, asset, state }: Record<string, unknown>): FindingsSearch {
  const known = SEVERITIES.find((one) => one === severity);
  const of = ([...FINDING_STATES, 'all'] as const).find((one) => one === state);
  return {
    ...(known === undefined ? {} : { severity: known }),
    ...(typeof code === 'string' && code !== '' ? { code } : {}),
    ...(typeof asset === 'string' && asset !== '' ? { asset } : {}),
    ...(of === undefined ? {} : { state: of }),
  };
}
