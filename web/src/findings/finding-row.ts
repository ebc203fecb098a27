import type { Severity } from '../api/types.ts';
import type { FindingState } from './findings-search.ts';

/** A finding as a line of a list. */
export interface FindingRow {
  readonly id: string;
  readonly site: string;
  /** `family.what`. */
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly count: number;
  readonly state: FindingState;
  readonly assets: readonly { readonly id: string; readonly name: string | null; readonly address?: string | null }[];
  /** The sensor or capture that showed it. */
  readonly source: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

export interface Finding extends FindingRow {
  readonly explanation: string;
  /** For Wireshark. */
  readonly filter: string;
  readonly frames: readonly number[];
  readonly note: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt?: string | null;
}
