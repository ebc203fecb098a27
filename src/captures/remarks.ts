import type { CaptureSource } from '../wire/capture/source.ts';
import type { CaptureSummary } from './cursor.ts';

/** How far a run has come, 0 to 1; undefined where a source's size is not known. */
export function shareOf(consumed: number, sources: readonly CaptureSource[]): number | undefined {
  let total = 0;
  for (const { size } of sources) {
    if (size === undefined) {
      return undefined;
    }
    total += size;
  }
  return total > 0 ? consumed / total : undefined;
}

/** What could not be read, where, and what was kept: one sentence each. */
export function remarksOn(
  captures: readonly CaptureSummary[],
  unreadLinkTypes: ReadonlyMap<number, number>,
): readonly string[] {
  const remarks: string[] = [];
  for (const { path, damage, packets, filters } of captures) {
    if (damage) {
      remarks.push(`${path}: ${damage.reason} (at byte ${damage.offset}); the ${packets} packets before it were kept`);
    }
    if (filters.length > 0) {
      remarks.push(`${path}: was captured with a filter, so it shows a part of the traffic only`);
    }
  }
  for (const [linkType, packets] of unreadLinkTypes) {
    remarks.push(`${packets} packets of link type ${linkType}, which is not read, were passed over`);
  }
  return remarks;
}
