import { EFFECTS, type Effect } from '../parts/effects.ts';

export const GROUPINGS = ['cell', 'line', 'area', 'site'] as const;

/** What the address of the map carries. */
export interface MapSearch {
  readonly protocol?: string;
  readonly effect?: Effect;
  readonly place?: string;
  /** ISO 8601. */
  readonly since?: string;
  readonly until?: string;
  /** What a column is; lines unless it says otherwise. */
  readonly by?: (typeof GROUPINGS)[number];
  readonly as?: 'table';
}

export function mapSearch(given: Record<string, unknown>): MapSearch {
  const { protocol, effect, place, since, until, by, as } = given;
  const known = EFFECTS.find((one) => one === effect);
  const grouping = GROUPINGS.find((one) => one === by);
  return {
    ...(typeof protocol === 'string' && protocol !== '' ? { protocol } : {}),
    ...(known === undefined ? {} : { effect: known }),
    ...(typeof place === 'string' && place !== '' ? { place } : {}),
    ...(isTime(since) ? { since } : {}),
    ...(isTime(until) ? { until } : {}),
    ...(grouping === undefined ? {} : { by: grouping }),
    ...(as === 'table' ? { as } : {}),
  };
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
