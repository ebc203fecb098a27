import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

export type Dialect = 'sqlite' | 'postgres';

/** What a `store.ts` speaks SQL through: the database, or one transaction on it. */
export type Queries = Kysely<Tables>;

export type Work<T> = (db: Transaction<Tables>) => Promise<T>;

/** The database, whichever it is. Features never ask which. */
export interface Store {
  readonly dialect: Dialect;
  /** For reading only; sees what is committed. */
  readonly read: Queries;
  /** No room on the disk: `write` is refused until there is some again. */
  readonly isFull: boolean;
  /**
   * One transaction: all of `work` or nothing, durable once it resolves. Transactions of this process run one after the other;
   * where another process is in the way, `work` may run again, so it touches nothing but the database. Throws `StoreFullError`
   * where there is no room.
   */
  write<T>(work: Work<T>): Promise<T>;
  /** As `write`, from the room that is kept for it: who signs in, and the record of who did what, also with a full disk. */
  writeUrgently<T>(work: Work<T>): Promise<T>;
  /** What the database says of itself, asked now: settings, version, size in bytes. */
  readBack(): Promise<Readonly<Record<string, string | number>>>;
  close(): Promise<void>;
}

/** Nothing was written, because there is no room on the disk. */
export class StoreFullError extends Error {
  constructor(options?: ErrorOptions) {
    super('The disk of the database is full: nothing can be written until there is room again.', options);
  }
}
