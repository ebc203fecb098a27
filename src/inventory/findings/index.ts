import type { Conversation } from '../conversation.ts';
import { anomalies } from './anomalies.ts';
import { boundary } from './boundary.ts';
import { cleartext } from './cleartext.ts';
import { coverage } from './coverage.ts';
import { engineering } from './engineering.ts';
import { type Family, type Finding, type Scene, SEVERITIES } from './finding.ts';
import { identities } from './identities.ts';
import { together } from './inquiry.ts';
import { legacy } from './legacy.ts';
import { masters } from './masters.ts';
import { operations } from './operations.ts';
import { scans } from './scans.ts';

/** Every family of findings. Adding one is a file beside this one and a line here. */
const FAMILIES: readonly Family[] = [
  anomalies,
  boundary,
  cleartext,
  coverage,
  engineering,
  identities,
  legacy,
  masters,
  operations,
  scans,
];

/** One cause seldom needs more findings than this to be understood; a flood of them hides the rest. */
const MOST_OF_A_CODE = 500;

/** The gravest first; among those of one severity by code, then by time. */
export function findings(scene: Scene, conversations: Iterable<Conversation>): readonly Finding[] {
  const inquiry = together(...FAMILIES.map((family) => family(scene)));
  for (const conversation of conversations) {
    inquiry.see?.(conversation);
  }
  const sorted = inquiry
    .finish()
    .toSorted(
      (a, b) =>
        SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
        compare(a.code, b.code) ||
        (a.firstSeen ?? 0) - (b.firstSeen ?? 0) ||
        (a.frames[0] ?? 0) - (b.frames[0] ?? 0) ||
        compare(a.filter, b.filter),
    );
  const counts = new Map<string, number>();
  return once(sorted).filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= MOST_OF_A_CODE;
  });
}

const TOGETHER = 1_000_000;

/** Traffic that was captured on both sides of a router is told once. */
function once(sorted: readonly Finding[]): readonly Finding[] {
  const known = new Map<string, Finding>();
  return sorted.filter((finding) => {
    const key = `${finding.code}|${finding.assets.join()}|${finding.count}|${finding.title}`;
    const before = known.get(key);
    known.set(key, finding);
    return before === undefined || finding.assets.length === 0 || apart(before, finding) > TOGETHER;
  });
}

function apart(one: Finding, other: Finding): number {
  return Math.abs((one.firstSeen ?? 0) - (other.firstSeen ?? 0));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
