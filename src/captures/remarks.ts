import { isoTime } from '../kit/time.ts';
import type { CaptureSource } from '../wire/capture/source.ts';
import type { CaptureSummary, RunState } from './cursor.ts';

/** How far a run has come, for whoever draws it. */
export function progressOf(label: string, { consumed, packets, time }: RunState, sources: readonly CaptureSource[]) {
  const at = `${isoTime(time).slice('YYYY-'.length, 'YYYY-MM-DDTHH:MM:SS'.length).replace('T', ' ')}Z`;
  return { label, share: shareOf(consumed, sources), count: packets, unit: 'packets', at };
}

/** 0 to 1; undefined where a source's size is not known. */
function shareOf(consumed: number, sources: readonly CaptureSource[]): number | undefined {
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
  for (const capture of captures) {
    remarks.push(...damageText(capture));
    if (capture.filters.length > 0) {
      remarks.push(`${nameOf(capture)}: was captured with a filter, so it shows a part of the traffic only`);
    }
  }
  for (const [linkType, packets] of unreadLinkTypes) {
    const text = packets === 1 ? '1 packet was' : `${packets} packets were`;
    remarks.push(`${text} passed over: link type ${linkType} is not read`);
  }
  return remarks;
}

/** Where a capture is damaged and what was kept of it; nothing where it is whole. */
export function damageText(capture: CaptureSummary): readonly string[] {
  const { damage, packets } = capture;
  if (!damage) {
    return [];
  }
  const place = damage.offset > 0 ? ` (at byte ${damage.offset})` : '';
  return [`${nameOf(capture)}: ${damage.reason}${place}${keptText(packets, damage.offset)}`];
}

function keptText(packets: number, offset: number): string {
  if (packets === 0) {
    return offset > 0 ? '; there is no packet before it' : '';
  }
  return packets === 1 ? '; the packet before it was kept' : `; the ${packets} packets before it were kept`;
}

function nameOf({ path }: CaptureSummary): string {
  return path === '-' ? 'standard input' : path;
}
