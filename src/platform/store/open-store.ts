import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { migrate } from './migrate.ts';
import { assertDurable, isRetryable, openPool, postgresQueries } from './postgres.ts';
import { openConnection, sqliteQueries } from './sqlite.ts';
import type { Store } from './store.ts';

const MOST_TRIES = 5;

/**
 * Opens the database and brings its schema up to date. `location`: a file (made where it is missing), or a `postgres://` URL.
 * Throws where the database is unsafe, newer than this program, or cannot be opened.
 */
export async function openStore(location: string): Promise<Store> {
  const store = isPostgres(location) ? await openPostgres(location) : openSqlite(location);
  try {
    await migrate(store);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

export function isPostgres(location: string): boolean {
  return location.startsWith('postgres://') || location.startsWith('postgresql://');
}

function openSqlite(path: string): Store {
  if (!existsSync(dirname(path))) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  }
  const writer = sqliteQueries(openConnection(path, 'write'));
  const read = sqliteQueries(openConnection(path, 'read'));
  const inTurn = createTurns();
  return {
    dialect: 'sqlite',
    read,
    write: (work) => inTurn(() => writer.transaction().execute(work)),
    async close() {
      await inTurn(async () => undefined);
      await read.destroy();
      await writer.destroy();
    },
  };
}

async function openPostgres(url: string): Promise<Store> {
  const db = postgresQueries(openPool(url));
  try {
    await assertDurable(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const inTurn = createTurns();
  return {
    dialect: 'postgres',
    read: db,
    write: (work) =>
      inTurn(async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await db.transaction().setIsolationLevel('serializable').execute(work);
          } catch (error) {
            if (attempt >= MOST_TRIES || !isRetryable(error)) {
              throw error;
            }
          }
        }
      }),
    close: () => db.destroy(),
  };
}

/** Runs one piece of work after the other, in the order of asking. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
