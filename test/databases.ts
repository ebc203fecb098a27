import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, inject } from 'vitest';
import { openStore } from '../src/platform/store/open-store.ts';
import type { Store } from '../src/platform/store/store.ts';
import { TEMPLATE } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a PostgreSQL server that the test run started; undefined where the machine has none. */
    readonly postgres: string | undefined;
  }
}

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) {
    await cleanUp();
  }
});

/** Where a test's own empty database is: closed and removed when the test is over. */
export type OpenStore = () => Promise<Store>;

/** For `describe.each`, where a test opens the store itself, or a whole hub. */
export const dialects: readonly ('SQLite' | 'PostgreSQL')[] =
  inject('postgres') === undefined ? ['SQLite'] : ['SQLite', 'PostgreSQL'];

/** For `describe.each`: every store suite runs on each. Without PostgreSQL its half is skipped, and the run says so. */
export const databases: readonly (readonly [name: string, open: OpenStore])[] = [
  ['SQLite', openSqlite],
  ...(inject('postgres') === undefined ? [] : [['PostgreSQL', openPostgres] as const]),
];

/** A location for `openStore` or `keyway serve`, removed with the test. */
export async function newLocation(dialect: 'SQLite' | 'PostgreSQL'): Promise<string> {
  return dialect === 'SQLite' ? newSqliteFile() : await newPostgresDatabase();
}

async function openSqlite(): Promise<Store> {
  return await opened(newSqliteFile());
}

async function openPostgres(): Promise<Store> {
  return await opened(await newPostgresDatabase(` template ${TEMPLATE}`));
}

async function opened(location: string): Promise<Store> {
  const store = await openStore(location);
  cleanUps.push(() => store.close());
  return store;
}

function newSqliteFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
  cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'keyway.db');
}

let databasesMade = 0;

async function newPostgresDatabase(from = ''): Promise<string> {
  const server = inject('postgres');
  if (server === undefined) {
    throw new Error('no PostgreSQL on this machine');
  }
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2, 8)}_${++databasesMade}`;
  await onServer(server, `create database ${name}${from}`);
  cleanUps.push(() => onServer(server, `drop database if exists ${name} with (force)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
