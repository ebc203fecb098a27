import type { Actor } from '../kit/actor.ts';
import type { Scope } from '../kit/scope.ts';
import type { Micros } from '../kit/time.ts';

/** What one act of a person changed, with what was there before: so that it can be undone. */
export interface ChangeSet {
  readonly id: string;
  /** Undefined where it concerns several sites. */
  readonly site: string | undefined;
  readonly at: Micros;
  readonly actor: Actor;
  /** What people read: `Accepted 12 events`. */
  readonly title: string;
}

export interface RecordedChange extends ChangeSet {
  readonly undone: Micros | undefined;
}

export const CHANGED_ENTITIES = ['asset', 'placement', 'event', 'conversation', 'finding'] as const;
export type ChangedEntity = (typeof CHANGED_ENTITIES)[number];

/**
 * One thing that was changed: the fields concerned before and after. Undefined: it was not there, or is not there any more. An asset
 * has `stated` (as `StatedAttributes`), `state`, `news`; a placement, whose subject is the asset, has `place` and `by`; an event or a
 * finding has `state`, `decided`, `decidedBy`, `note`; a conversation has `state`, `news`.
 */
export interface ChangeItem {
  readonly entity: ChangedEntity;
  readonly subject: string;
  readonly before: ChangedFields | undefined;
  readonly after: ChangedFields | undefined;
}

export type ChangedFields = Readonly<Record<string, unknown>>;

export interface ChangeStore {
  record(change: ChangeSet): Promise<void>;
  /** Added to a change that was recorded; `from` is how many it has already. */
  add(change: string, from: number, items: readonly ChangeItem[]): Promise<void>;
  find(scope: Scope, id: string): Promise<RecordedChange | undefined>;
  entities(id: string): Promise<ReadonlySet<ChangedEntity>>;
  /** In the order in which they were added, from the `from`th. */
  items(id: string, from: number, limit: number): Promise<readonly ChangeItem[]>;
  undone(id: string, at: Micros, actor: Actor): Promise<void>;
}

/** Compared as JSON: fields in whatever order. */
export function isSame(one: ChangedFields | undefined, other: ChangedFields | undefined): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) ?? '';
}
