import type { Actor } from '../../kit/actor.ts';
import type { Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';

/** What one act of a person changed in the inventory, so that it can be taken back. */
export interface ChangeSet {
  readonly id: string;
  /** Undefined where it concerns several sites. */
  readonly site: string | undefined;
  readonly at: Micros;
  readonly actor: Actor;
  /** For people: `import of plant.csv`. */
  readonly title: string;
  readonly items: readonly ChangeItem[];
}

export const CHANGE_ENTITIES = ['asset', 'placement', 'event', 'conversation', 'finding'] as const;
export type ChangeEntity = (typeof CHANGE_ENTITIES)[number];

/** What changed in one row: the columns concerned as they were and as they became. */
export interface ChangeItem {
  readonly entity: ChangeEntity;
  /** Id of the row; of a placement that of its asset. */
  readonly subject: string;
  /** Undefined: the row was made by this change. */
  readonly before: Columns | undefined;
  /** Undefined: the row is no more. */
  readonly after: Columns | undefined;
}

export type Columns = Readonly<Record<string, string | number | null>>;

export interface KnownChange extends Omit<ChangeSet, 'items'> {
  readonly undone: Micros | undefined;
}

export interface ChangeStore {
  add(change: ChangeSet): Promise<void>;
  find(scope: Scope, id: string): Promise<KnownChange | undefined>;
  /** Those of it that stand behind `after`, the last first, at most `limit`. */
  items(id: string, before: number | undefined, limit: number): Promise<readonly PlacedItem[]>;
  markUndone(id: string, at: Micros, by: Actor): Promise<void>;
  /** These columns of the rows as they are now, by subject; a row that is not there is missing. */
  present(entity: ChangeEntity, items: readonly ChangeItem[]): Promise<ReadonlyMap<string, Columns>>;
  /** Puts back what was before. Rows that the change made are removed with all that hangs on them. */
  putBack(entity: ChangeEntity, items: readonly ChangeItem[]): Promise<void>;
  /** The assets that these findings are about. */
  assetsOf(findings: readonly string[]): Promise<readonly string[]>;
}

export interface PlacedItem extends ChangeItem {
  readonly position: number;
}

/** Most rows of one change set. */
export const MOST_ITEMS = 500_000;
