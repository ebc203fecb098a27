import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openStore } from '../src/platform/store/open-store.ts';

const DEBIAN = '/usr/lib/postgresql';
const USER = 'postgres';
/** A disk of memory: hundreds of databases are made and dropped, and each wants to be on disk before the next. */
const MEMORY = '/dev/shm';
const ROOM = 4 * 1024 ** 3;
/** A database whose schema is up to date: tests copy it, which is several times as fast as every step anew. */
export const TEMPLATE = 'keyway_template';

/** One PostgreSQL server for the whole run, on loopback, in a folder that goes with it. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const server = await startPostgres();
  if (server === undefined) {
    process.stderr.write('PostgreSQL is not installed: the store suites run on SQLite alone.\n');
  } else {
    await makeTemplate(server.url);
  }
  project.provide('postgres', server?.url);
  return server?.stop;
}

export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Undefined where the machine has none. `settings`: as `fsync=off`. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer | undefined> {
  const programs = findPrograms();
  if (programs === undefined) {
    return undefined;
  }
  const folder = mkdtempSync(join(hasRoom(MEMORY) ? MEMORY : tmpdir(), 'keyway-postgres-'));
  const owner = ownerOf(folder);
  const data = join(folder, 'data');
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...owner,
    stdio: 'ignore',
  });
  const port = await freePort();
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-k',
    folder,
    '-c',
    'max_connections=200',
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
  const server = spawn(join(programs, 'postgres'), args, { ...owner, stdio: 'ignore' });
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  await untilReady(url);
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function findPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(DEBIAN, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

/** The server refuses to run as root, so there it runs as the user that came with its package. */
function ownerOf(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) {
    return {};
  }
  const idOf = (flag: string) => Number(execFileSync('id', [flag, USER], { encoding: 'utf8' }));
  const owner = { uid: idOf('-u'), gid: idOf('-g') };
  execFileSync('chown', [`${owner.uid}:${owner.gid}`, folder]);
  return owner;
}

function hasRoom(folder: string): boolean {
  if (!existsSync(folder)) {
    return false;
  }
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM;
}

async function makeTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const store = await openStore(url.replace(/\/postgres$/u, `/${TEMPLATE}`));
  await store.close();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('PostgreSQL did not start');
}
