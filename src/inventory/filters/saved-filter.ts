import type { ActivityStore } from '../../access/activity.ts';
import type { Actor } from '../../kit/actor.ts';
import type { Atomically } from '../../kit/atomically.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Micros } from '../../kit/time.ts';

/** A view of a list that a person keeps under a name. */
export interface SavedFilter {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  /** The list: `inventory`, `conversations` … */
  readonly view: string;
  readonly query: Readonly<Record<string, unknown>>;
  /** Everybody sees it. */
  readonly shared: boolean;
  readonly created: Micros;
}

export interface SavedFilterStore {
  /** Those of this person and those that are shared, by name. */
  list(owner: string): Promise<readonly SavedFilter[]>;
  find(id: string): Promise<SavedFilter | undefined>;
  add(filter: SavedFilter): Promise<void>;
  remove(id: string): Promise<void>;
}

export const MOST_FILTERS = 200;

export interface KeepFilters {
  save(actor: Actor, filter: Pick<SavedFilter, 'name' | 'view' | 'query' | 'shared'>): Promise<Result<string, Failure>>;
  remove(actor: Actor, id: string): Promise<Result<undefined, Failure>>;
}

export interface KeepFiltersParts {
  readonly atomically: Atomically<{ readonly filters: SavedFilterStore; readonly activity: ActivityStore }>;
  readonly now: () => Micros;
  readonly newId: () => string;
}

export function createKeepFilters({ atomically, now, newId }: KeepFiltersParts): KeepFilters {
  return {
    save: (actor, given) =>
      atomically(async ({ filters, activity }) => {
        const mine = (await filters.list(actor.id)).filter(({ owner }) => owner === actor.id);
        if (mine.length >= MOST_FILTERS) {
          return fail('too-many', 'inventory.filters', `A person can keep ${MOST_FILTERS} filters at most.`);
        }
        const filter = { ...given, id: newId(), owner: actor.id, created: now() };
        await filters.add(filter);
        const { name, view, query } = filter;
        await activity.append([
          {
            ...{ at: now(), actor, act: 'filter.save', subject: `filter ${filter.id}`, site: undefined },
            after: { name, view, query },
          },
        ]);
        return ok(filter.id);
      }),

    remove: (actor, id) =>
      atomically(async ({ filters, activity }) => {
        const filter = await filters.find(id);
        if (filter === undefined || filter.owner !== actor.id) {
          return fail('not-found', 'inventory.no-filter', 'There is no such filter.');
        }
        await filters.remove(id);
        const { name, view, query } = filter;
        await activity.append([
          {
            ...{ at: now(), actor, act: 'filter.remove', subject: `filter ${id}`, site: undefined },
            before: { name, view, query },
          },
        ]);
        return ok(undefined);
      }),
  };
}
