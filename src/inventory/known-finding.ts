import type { Micros } from '../kit/time.ts';
import { SEVERITIES, type Severity } from './findings/finding.ts';
import type { End, FindingSighting } from './sighting.ts';

/** A finding as the hub remembers it: all sightings of the same code about the same devices in one scope. */
export interface KnownFinding {
  readonly id: string;
  readonly site: string;
  readonly scope: string;
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly explanation: string;
  readonly filter: string;
  readonly frames: readonly number[];
  readonly count: number;
  readonly source: string;
  readonly state: FindingState;
  readonly decided: Micros | undefined;
  readonly decidedBy: string | undefined;
  readonly note: string | undefined;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
}

export const FINDING_STATES = ['open', 'accepted', 'resolved'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

export function findingKey(site: string, { scope, code, assets }: FindingSighting): string {
  return JSON.stringify([site, scope, code, assets.map(endText).toSorted()]);
}

function endText({ mac, address, vlan, behind }: End): string {
  return JSON.stringify([mac ?? address ?? null, vlan ?? null, behind ?? null]);
}

/** The newest text counts. A resolved one that is seen again afterwards is open again; what a person accepted stays accepted. */
export function joinFinding(known: KnownFinding, sighting: FindingSighting): KnownFinding {
  const newest = sighting.lastSeen >= known.lastSeen ? sighting : known;
  const isBack = known.state === 'resolved' && sighting.lastSeen > (known.decided ?? known.lastSeen);
  return {
    ...known,
    severity: newest.severity,
    title: newest.title,
    explanation: newest.explanation,
    filter: newest.filter,
    frames: newest.frames,
    source: newest.source,
    count: known.count + sighting.count,
    state: isBack ? 'open' : known.state,
    firstSeen: Math.min(known.firstSeen, sighting.firstSeen),
    lastSeen: Math.max(known.lastSeen, sighting.lastSeen),
  };
}

/** 1 info to 5 critical. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity) + 1;
}

/** Undefined for rank 0: none. */
export function severityOfRank(rank: number): Severity | undefined {
  return SEVERITIES[rank - 1];
}
