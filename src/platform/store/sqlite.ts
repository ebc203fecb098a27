import { chmodSync, renameSync, rmSync } from 'node:fs';
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteDialect,
  SqliteDriver,
  sql,
  type TransactionSettings,
} from 'kysely';
import type { ColumnTypes } from './migration.ts';
import type { Tables } from './tables.ts';

/** What every connection must say of itself when asked back: anything less may lose or corrupt what was acknowledged. */
const PRAGMAS: readonly (readonly [name: string, value: string | number, readBack: string | number])[] = [
  ['journal_mode', 'wal', 'wal'],
  ['synchronous', 'full', 2],
  ['foreign_keys', 1, 1],
  ['busy_timeout', 5000, 5000],
  ['trusted_schema', 0, 0],
  ['cell_size_check', 1, 1],
  ['journal_size_limit', 67_108_864, 67_108_864],
];

/** Older ones can corrupt a write-ahead log that two connections use; 3.52.0 was withdrawn. */
const LEAST_VERSION = [3, 51, 3] as const;
const STATEMENTS_KEPT = 256;

export const SQLITE_TYPES: ColumnTypes = { text: sql`text`, integer: 'integer', real: 'real', bytes: 'blob' };

/** Opens one connection and asks each of its settings back. Throws where one is not as it must be. */
export function openConnection(path: string, mode: 'write' | 'read'): DatabaseSync {
  try {
    return openChecked(path, mode);
  } catch (error) {
    throw codeOf(error) === SQLITE_CORRUPT ? damaged(path, error) : error;
  }
}

function openChecked(path: string, mode: 'write' | 'read'): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true });
  for (const [name, value, readBack] of PRAGMAS) {
    database.exec(`pragma ${name} = ${value}`);
    const found = answerOf(database, name);
    if (found !== readBack) {
      database.close();
      throw new Error(`SQLite setting ${name} is ${String(found)}, and must be ${readBack}: ${path}`);
    }
  }
  const version = String(database.prepare('select sqlite_version() as version').get()?.['version']);
  if (!isRecent(version)) {
    database.close();
    throw new Error(`SQLite ${version} is too old: ${LEAST_VERSION.join('.')} or later is needed`);
  }
  if (mode === 'read') {
    database.exec('pragma query_only = 1');
  } else {
    chmodSync(path, 0o600);
  }
  return database;
}

/** The settings of this connection, asked now. */
export function sqliteSays(database: DatabaseSync): Readonly<Record<string, string | number>> {
  const settings = PRAGMAS.map(([name]) => [name, answerOf(database, name)] as const);
  const version = database.prepare('select sqlite_version() as version').get()?.['version'];
  return { ...Object.fromEntries(settings), version: String(version) };
}

function answerOf(database: DatabaseSync, pragma: string): string | number {
  const [found] = Object.values(database.prepare(`pragma ${pragma}`).get() ?? {});
  return typeof found === 'number' ? found : String(found);
}

/** Throws where pages or indexes of the database contradict each other. */
export function assertSound(database: DatabaseSync, path: string): void {
  let found: string | number;
  try {
    found = answerOf(database, 'quick_check(1)');
  } catch (error) {
    throw damaged(path, error);
  }
  if (found !== 'ok') {
    throw damaged(path, new Error(String(found)));
  }
}

function damaged(path: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return new Error(`${path} is damaged (${reason}): restore a backup`, { cause: error });
}

/** A copy of what is committed, while others read and write. It stands under its name only once it is whole. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const source = openConnection(from, 'read');
  const part = `${to}.part`;
  try {
    rmSync(part, { force: true });
    await backup(source, part);
    chmodSync(part, 0o600);
    renameSync(part, to);
  } finally {
    source.close();
  }
}

const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
/** The shared memory of the log cannot grow. */
const SQLITE_IOERR_SHMSIZE = 4874;
const SQLITE_IOERR_FSYNC = 1034;
const SQLITE_IOERR_DIR_FSYNC = 1290;

export function isFullSqlite(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE_FULL || code === SQLITE_IOERR_SHMSIZE;
}

export function isFailedSync(error: unknown): boolean {
  const code = codeOf(error);
  return code === SQLITE_IOERR_FSYNC || code === SQLITE_IOERR_DIR_FSYNC;
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

export function sqliteQueries(database: DatabaseSync): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new NodeSqliteDialect(database) });
}

class NodeSqliteDialect extends SqliteDialect {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    super({ database: adapterOf(database) });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#database);
  }
}

/** Takes the write lock at the start: a transaction that takes it half-way can fail where it would only have had to wait. */
class ImmediateDriver extends SqliteDriver {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    super({ database: adapterOf(database) });
    this.#database = database;
  }

  override async beginTransaction(connection: DatabaseConnection, settings?: TransactionSettings): Promise<void> {
    await connection.executeQuery(
      CompiledQuery.raw(settings?.accessMode === 'read only' ? 'begin' : 'begin immediate'),
    );
  }

  /** Where the disk is full SQLite has rolled back by itself; a second time would hide the reason behind a failure of its own. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) {
      await super.rollbackTransaction(connection);
    }
  }
}

function adapterOf(database: DatabaseSync) {
  const kept = new Map<string, Prepared>();
  return {
    close: () => database.close(),
    prepare(text: string): Prepared {
      const known = kept.get(text);
      if (known !== undefined) {
        return known;
      }
      if (kept.size >= STATEMENTS_KEPT) {
        kept.clear();
      }
      const prepared = preparedOf(database.prepare(text));
      kept.set(text, prepared);
      return prepared;
    },
  };
}

type Parameters = readonly (null | number | bigint | string | Uint8Array)[];
interface Prepared {
  readonly reader: boolean;
  all(parameters: readonly unknown[]): unknown[];
  run(parameters: readonly unknown[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<unknown>;
}

function preparedOf(statement: StatementSync): Prepared {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as Parameters)),
    run: (parameters) => statement.run(...(parameters as Parameters)),
    iterate: (parameters) => statement.iterate(...(parameters as Parameters)),
  };
}

function isRecent(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [at, least] of LEAST_VERSION.entries()) {
    const part = parts[at] ?? 0;
    if (part !== least) {
      return part > least;
    }
  }
  return true;
}
