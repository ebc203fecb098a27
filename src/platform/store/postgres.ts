import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { ColumnTypes } from './migration.ts';
import type { Tables } from './tables.ts';

export const POSTGRES_TYPES: ColumnTypes = {
  text: sql`text collate "C"`,
  integer: 'bigint',
  real: 'double precision',
  bytes: 'bytea',
};

const LEAST_VERSION = 150_000;
/** Settings of the server without which an acknowledgement would be a lie. */
const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

const INT8 = 20;
const NUMERIC = 1700;
/** Whole numbers up to 2^53 are numbers on both databases; the driver would give text. */
const asNumbers = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    return oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format as 'text');
  },
};

const SESSION = [
  'timezone=UTC',
  'search_path=public',
  'statement_timeout=30s',
  'lock_timeout=5s',
  'idle_in_transaction_session_timeout=60s',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

export function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    options: SESSION,
    max: 10,
    types: asNumbers as pg.CustomTypesConfig,
  });
  // A connection that breaks while nobody uses it is replaced; who uses one hears of it there.
  pool.on('error', () => undefined);
  return pool;
}

export function postgresQueries(pool: pg.Pool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Throws where the server is too old or may forget what it acknowledged. */
export async function assertDurable(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name in (${sql.join([...DURABLE, 'server_version_num'])})`.execute(db);
  for (const { name, setting } of rows) {
    if (name === 'server_version_num' ? Number(setting) < LEAST_VERSION : setting === 'off') {
      throw new Error(
        name === 'server_version_num'
          ? `PostgreSQL 15 or later is needed, and this is ${setting}`
          : `PostgreSQL runs with ${name} = off: it may forget what it acknowledged`,
      );
    }
  }
}

const SAID = [...DURABLE, 'server_version', 'data_checksums', 'statement_timeout', 'lock_timeout', 'TimeZone'] as const;

/** The settings of this connection, asked now, and the size of the database. */
export async function postgresSays(db: Kysely<Tables>): Promise<Readonly<Record<string, string | number>>> {
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name in (${sql.join([...SAID])}) order by name`.execute(db);
  const size = await sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`.execute(db);
  return {
    ...Object.fromEntries(rows.map(({ name, setting }) => [name, setting])),
    bytes: size.rows[0]?.bytes ?? 0,
  };
}

const LOOPBACK = /^(|localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/u;
const ENCRYPTED = new Set(['require', 'verify-ca', 'verify-full']);

/** Throws where passwords and data would cross a network in clear. */
export function assertPrivate(url: string): void {
  const { hostname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? hostname;
  if (!LOOPBACK.test(host) && !host.startsWith('/') && !ENCRYPTED.has(searchParams.get('sslmode') ?? '')) {
    throw new Error(`the way to PostgreSQL on ${host} is not encrypted: add ?sslmode=verify-full to its URL`);
  }
}

/** SQLSTATE 53100, disk_full. */
export function isFullPostgres(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '53100';
}

/** SQLSTATE 40001 and 40P01: the transaction did nothing and may be run again. */
export function isRetryable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '40001' || code === '40P01';
}
