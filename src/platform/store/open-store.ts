import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeBackup } from './backup.ts';
import { type FileSystemType, fileSystemType, networkFileSystem } from './file-system.ts';
import { type Migratable, migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { migrations } from './migrations/index.ts';
import {
  assertDurable,
  assertPrivate,
  isFullPostgres,
  isRetryable,
  openPool,
  postgresQueries,
  postgresSays,
} from './postgres.ts';
import { createReserve, createRoom } from './room.ts';
import {
  assertSound,
  copyDatabase,
  isFailedSync,
  isFullSqlite,
  openConnection,
  sqliteQueries,
  sqliteSays,
} from './sqlite.ts';
import type { Store, Work } from './store.ts';

const MOST_TRIES = 5;

export interface StoreOptions {
  /** Bytes on the database's own disk that only urgent writes may use; absent: none. */
  readonly reserve?: number;
  /** Folder of the backups that are made before a migration of a server's database; absent: none is made there. */
  readonly backups?: string;
  /** Told when the disk is full, and when it no longer is. */
  readonly fullChanged?: (full: boolean) => void;
  /** Told that a sync failed: what the disk holds is not known any more, so whoever hears it ends the process at once. */
  readonly syncFailed?: (error: unknown) => void;
  /** The schema; absent: this program's. `as-is`: whatever is there, unchanged. */
  readonly steps?: readonly Migration[] | 'as-is';
  readonly fileSystemType?: FileSystemType;
}

/**
 * Opens the database and brings its schema up to date. `location`: a file (made where it is missing), or a `postgres://` URL.
 * Throws where the database is unsafe, damaged, newer than this program, or cannot be opened.
 */
export async function openStore(location: string, options: StoreOptions = {}): Promise<Store> {
  return isPostgres(location) ? await openPostgres(location, options) : await openSqlite(location, options);
}

export function isPostgres(location: string): boolean {
  return location.startsWith('postgres://') || location.startsWith('postgresql://');
}

async function openSqlite(path: string, options: StoreOptions): Promise<Store> {
  const folder = dirname(path);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const network = networkFileSystem(folder, options.fileSystemType ?? fileSystemType);
  if (network !== undefined) {
    throw new Error(
      `${folder} is on ${network}, where an embedded database may be corrupted: use a local disk or PostgreSQL`,
    );
  }
  // A log that was left behind: the last process did not close the database, or another one has it open.
  const wasUnclean = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
  const writing = openConnection(path, 'write');
  const reading = openConnection(path, 'read');
  const writer = sqliteQueries(writing);
  const read = sqliteQueries(reading);
  const close = async () => {
    await read.destroy();
    await writer.destroy();
  };
  const inTurn = createTurns();
  const run = <T>(work: Work<T>) => inTurn(() => writer.transaction().execute(work));
  try {
    if (wasUnclean) {
      assertSound(reading, path);
    }
    if (options.steps !== 'as-is') {
      await migrate({ dialect: 'sqlite', read, write: run }, options.steps ?? migrations, (step) =>
        copyDatabase(path, `${path}.before-${step}`),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  const reserve = createReserve(join(folder, 'reserve'), options.reserve ?? 0);
  const room = createRoom({
    isFullError(error) {
      if (isFailedSync(error)) {
        options.syncFailed?.(error);
      }
      return isFullSqlite(error);
    },
    release: reserve.release,
    refill: async () => reserve.refill(),
    changed: options.fullChanged ?? (() => undefined),
  });
  reserve.refill();
  return {
    dialect: 'sqlite',
    read,
    get isFull() {
      return room.isFull;
    },
    write: (work) => room.guard(() => run(work), false),
    writeUrgently: (work) => room.guard(() => run(work), true),
    readBack: async () => ({ ...sqliteSays(writing), bytes: sizeOf(path) + sizeOf(`${path}-wal`) }),
    async close() {
      room.close();
      await inTurn(async () => undefined);
      await close();
    },
  };
}

async function openPostgres(url: string, options: StoreOptions): Promise<Store> {
  assertPrivate(url);
  const db = postgresQueries(openPool(url));
  const inTurn = createTurns();
  const run = <T>(work: Work<T>) =>
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
    });
  const migratable: Migratable = { dialect: 'postgres', read: db, write: run };
  try {
    await assertDurable(db);
    if (options.steps !== 'as-is') {
      await migrate(migratable, options.steps ?? migrations, async (step) => {
        if (options.backups !== undefined) {
          mkdirSync(options.backups, { recursive: true, mode: 0o700 });
          await writeBackup(migratable, join(options.backups, `before-${step}.ndjson.gz`));
        }
      });
    }
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const room = createRoom({
    isFullError: isFullPostgres,
    // The server's disk is not ours to keep room on.
    release: () => undefined,
    refill: () => canWrite(run),
    changed: options.fullChanged ?? (() => undefined),
  });
  return {
    dialect: 'postgres',
    read: db,
    get isFull() {
      return room.isFull;
    },
    write: (work) => room.guard(() => run(work), false),
    writeUrgently: (work) => room.guard(() => run(work), true),
    readBack: () => postgresSays(db),
    async close() {
      room.close();
      await db.destroy();
    },
  };
}

/** Whether a row can be written; none is. */
async function canWrite(run: <T>(work: Work<T>) => Promise<T>): Promise<boolean> {
  const undone = new Error('undone');
  try {
    await run(async (db) => {
      await db.insertInto('schema_step').values({ name: 'probe', at: '' }).execute();
      throw undone;
    });
  } catch (error) {
    return error === undone;
  }
  return false;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
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
