import { type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';
import { POSTGRES_TYPES } from './postgres.ts';
import { SQLITE_TYPES } from './sqlite.ts';
import type { Queries, Store, Work } from './store.ts';

/** What a migration needs of a database. */
export type Migratable = Pick<Store, 'dialect' | 'read'> & { write<T>(work: Work<T>): Promise<T> };

/**
 * Runs the steps that this database has not seen, each in a transaction of its own: what fails or is killed half-way leaves the
 * state before its step, and the next start goes on from there. `backUp` is called first where there is something to lose.
 */
export async function migrate(
  store: Migratable,
  steps: readonly Migration[],
  backUp: (firstStep: string) => Promise<void>,
): Promise<void> {
  await createStepTable(store);
  const done = await stepsOf(store.read);
  const known = new Set(steps.map(({ name }) => name));
  const newer = [...done].find((name) => !known.has(name));
  if (newer !== undefined) {
    throw new Error(`this database was written by a newer Keyway (it has ${newer}): use that version or a backup`);
  }
  const open = steps.filter(({ name }) => !done.has(name));
  const [first] = open;
  if (first !== undefined && done.size > 0) {
    await backUp(first.name);
  }
  for (const step of open) {
    await run(store, step);
  }
}

/** Names of the steps that this database has seen, in their order. */
export async function stepsOf(db: Queries): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('schema_step').select('name').orderBy('name').execute();
  return new Set(rows.map(({ name }) => name));
}

async function run(store: Migratable, { name, up }: Migration): Promise<void> {
  try {
    await store.write(async (db) => {
      await lock(store, db);
      // Another process may have been quicker.
      if (!(await stepsOf(db)).has(name)) {
        await up({ db: db as unknown as Kysely<unknown>, types: typesOf(store), dialect: store.dialect });
        await db.insertInto('schema_step').values({ name, at: new Date().toISOString() }).execute();
      }
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`step ${name} of the database failed and changed nothing: ${reason}`, { cause: error });
  }
}

/**
 * One process at a time; a SQLite transaction that writes is alone anyway. Locking a table comes before the transaction first looks
 * at data, so it then sees what the other process did.
 */
async function lock({ dialect }: Migratable, db: Queries): Promise<void> {
  if (dialect === 'postgres') {
    await sql`set local statement_timeout = 0`.execute(db);
    await sql`set local lock_timeout = 0`.execute(db);
    await sql`lock table schema_step in access exclusive mode`.execute(db);
  }
}

async function createStepTable(store: Migratable): Promise<void> {
  const { text } = typesOf(store);
  const create: Work<void> = (db) =>
    db.schema
      .createTable('schema_step')
      .ifNotExists()
      .addColumn('name', text, (column) => column.primaryKey())
      .addColumn('at', text, (column) => column.notNull())
      .execute();
  try {
    await store.write(create);
  } catch (error) {
    // Two processes that make the same table at the same moment hinder one another; then it is there.
    await stepsOf(store.read).catch(() => Promise.reject(error));
  }
}

function typesOf({ dialect }: Migratable) {
  return dialect === 'postgres' ? POSTGRES_TYPES : SQLITE_TYPES;
}
