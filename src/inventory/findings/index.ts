import { type Family, type Finding, type Scene, SEVERITIES } from './finding.ts';

/** Every family of findings. Adding one is a file beside this one and a line here. */
const FAMILIES: readonly Family[] = [];

/** The gravest first; among those of one severity by code, then by time. */
export function findings(scene: Scene): readonly Finding[] {
  return FAMILIES.flatMap((family) => family(scene)).toSorted(
    (a, b) =>
      SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
      compare(a.code, b.code) ||
      (a.firstSeen ?? 0) - (b.firstSeen ?? 0) ||
      (a.frames[0] ?? 0) - (b.frames[0] ?? 0) ||
      compare(a.filter, b.filter),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
