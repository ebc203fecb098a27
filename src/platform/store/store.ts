import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

export type Dialect = 'sqlite' | 'postgres';

/** What a `store.ts` speaks SQL through: the database, or one transaction on it. */
export type Queries = Kysely<Tables>;

/** The database, whichever it is. Features never ask which. */
export interface Store {
  readonly dialect: Dialect;
  /** For reading only; sees what is committed. */
  readonly read: Queries;
  /**
   * One transaction: all of `work` or nothing, durable once it resolves. Transactions of this process run one after the other;
   * where another process is in the way, `work` may run again, so it touches nothing but the database.
   */
  write<T>(work: (db: Transaction<Tables>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
