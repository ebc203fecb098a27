import type { Kysely } from 'kysely';
import type { Migration } from './migration.ts';
import { migrations } from './migrations/index.ts';
import { POSTGRES_TYPES } from './postgres.ts';
import { SQLITE_TYPES } from './sqlite.ts';
import type { Store } from './store.ts';

/** Runs the steps that this database has not seen, each in a transaction of its own. */
export async function migrate(store: Store, steps: readonly Migration[] = migrations): Promise<void> {
  const types = store.dialect === 'postgres' ? POSTGRES_TYPES : SQLITE_TYPES;
  await store.write(async (db) => {
    await db.schema
      .createTable('schema_step')
      .ifNotExists()
      .addColumn('name', types.text, (column) => column.primaryKey())
      .addColumn('at', types.text, (column) => column.notNull())
      .execute();
  });
  const done = new Set((await store.read.selectFrom('schema_step').select('name').execute()).map(({ name }) => name));
  const known = new Set(steps.map(({ name }) => name));
  const newer = [...done].find((name) => !known.has(name));
  if (newer !== undefined) {
    throw new Error(`this database was written by a newer Keyway (it has ${newer}): use that version or a backup`);
  }
  for (const { name, up } of steps) {
    if (!done.has(name)) {
      await store.write(async (db) => {
        await up({ db: db as unknown as Kysely<unknown>, types, dialect: store.dialect });
        await db.insertInto('schema_step').values({ name, at: new Date().toISOString() }).execute();
      });
    }
  }
}
