import { EVENT_KINDS, type EventKind } from './event.ts';

/** What the address of *Today* carries: one kind of event, or all. */
export interface TodaySearch {
  readonly kind?: EventKind;
}

export function todaySearch(given: Record<string, unknown>): TodaySearch {
  const kind = EVENT_KINDS.find((one) => one === given['kind']);
  return kind === undefined ? {} : { kind };
}
