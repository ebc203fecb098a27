import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { dialects, newLocation } from '../../../test/databases.ts';
import { startPostgres } from '../../../test/postgres-server.ts';
import { networkFileSystem } from './file-system.ts';
import type { Migration } from './migration.ts';
import { migrations } from './migrations/index.ts';
import { openStore } from './open-store.ts';

const row = {
  at: '2026-03-02T06:00:00.000000Z',
  actor: 'a',
  actor_name: 'A',
  act: 'x',
  subject: 's',
  site: null,
  before: null,
  after: null,
};

const addsTable: Migration = {
  name: '9998-adds',
  async up({ db, types }) {
    await db.schema.createTable('added').addColumn('id', types.text).execute();
  },
};

const failsHalfWay: Migration = {
  name: '9999-fails',
  async up({ db, types }) {
    await db.schema.createTable('half').addColumn('id', types.text).execute();
    throw new Error('no such thing');
  },
};

const backups = mkdtempSync(join(tmpdir(), 'keyway-'));
afterAll(() => rmSync(backups, { recursive: true, force: true }));

describe.each(dialects)('migration on %s', (dialect) => {
  async function opened(location: string, steps: readonly Migration[]) {
    const store = await openStore(location, { steps, backups });
    const tables = (await store.read.introspection.getTables()).map(({ name }) => name);
    const activity = await store.read.selectFrom('activity').selectAll().execute();
    await store.close();
    return { tables, activity };
  }

  async function withOneRow() {
    const location = await newLocation(dialect);
    const store = await openStore(location);
    await store.write((db) => db.insertInto('activity').values(row).execute());
    await store.close();
    return location;
  }

  it('leaves the old state where a step fails, and goes on where it stopped', async () => {
    const location = await withOneRow();

    await expect(opened(location, [...migrations, addsTable, failsHalfWay])).rejects.toThrow(
      'step 9999-fails of the database failed and changed nothing: no such thing',
    );

    const after = await opened(location, [...migrations, addsTable]);
    expect(after.tables).toContain('added');
    expect(after.tables).not.toContain('half');
    expect(after.activity).toHaveLength(1);
  });

  it('makes a backup before it changes what is there', async () => {
    const location = await withOneRow();
    const folder = dialect === 'SQLite' ? dirname(location) : backups;
    const before = new Set(readdirSync(folder));

    await opened(location, [...migrations, addsTable]);

    const made = readdirSync(folder).filter((name) => !before.has(name) && name.includes('before-9998-adds'));
    expect(made.length + [...before].filter((name) => name.includes('before-9998-adds')).length).toBe(1);
    if (dialect === 'SQLite') {
      const copy = await openStore(join(folder, String(made[0])));
      expect(await copy.read.selectFrom('activity').selectAll().execute()).toHaveLength(1);
      await copy.close();
    }
  });

  it('refuses a database of a newer program', async () => {
    const location = await withOneRow();
    await opened(location, [...migrations, addsTable]);

    await expect(openStore(location)).rejects.toThrow('written by a newer Keyway (it has 9998-adds)');
  });

  it('resumes after a kill in the middle of a step', async () => {
    const location = await withOneRow();
    const child = fork(new URL('../../../test/killed-migration.ts', import.meta.url), [location], { stdio: 'ignore' });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');

    const after = await opened(location, [...migrations, addsTable]);

    expect(after.tables).toContain('added');
    expect(after.activity).toHaveLength(1);
  });

  // An embedded database makes its whole process wait, so two in one process would wait for each other.
  it.skipIf(dialect === 'SQLite')('waits for another process that migrates', async () => {
    const location = await newLocation(dialect);

    const stores = await Promise.all([openStore(location), openStore(location)]);

    expect(await stores[0]?.read.selectFrom('schema_step').selectAll().execute()).toHaveLength(migrations.length);
    await Promise.all(stores.map((store) => store.close()));
  });
});

describe('an embedded database', () => {
  it('has every setting on the second open as on the first', async () => {
    const location = await newLocation('SQLite');
    for (let open = 0; open < 2; open++) {
      const store = await openStore(location);
      expect(await store.readBack()).toMatchObject({
        journal_mode: 'wal',
        synchronous: 2,
        foreign_keys: 1,
        busy_timeout: 5000,
        trusted_schema: 0,
        cell_size_check: 1,
        journal_size_limit: 67_108_864,
      });
      expect(statSync(location).mode & 0o777).toBe(0o600);
      await store.close();
    }
  });

  it.each([
    [0x6969, 'NFS'],
    [0x517b, 'SMB'],
    [0xff534d42 | 0, 'CIFS'],
    [0xef53, undefined],
    [0x01021994, undefined],
    [0x794c7630, undefined],
  ])('knows file system %i as %s', (type, name) => {
    expect(networkFileSystem('/', () => type)).toBe(name);
  });

  it('is refused on a network file system', async () => {
    const location = await newLocation('SQLite');

    await expect(openStore(location, { fileSystemType: () => 0x6969 })).rejects.toThrow('is on NFS');
    expect(existsSync(location)).toBe(false);
  });

  it.each([
    { where: 'in its schema', share: 0.02 },
    { where: 'among its rows', share: 0.7 },
  ])('is refused after an unclean stop where it is damaged $where', async ({ share }) => {
    const location = await newLocation('SQLite');
    const store = await openStore(location);
    await store.write((db) =>
      db
        .insertInto('activity')
        .values(Array.from({ length: 200 }, () => ({ ...row, after: 'x'.repeat(500) })))
        .execute(),
    );
    await store.close();
    const file = await open(location, 'r+');
    const { size } = await file.stat();
    for (let at = 4096 * Math.ceil((size / 4096) * share); at < size; at += 4096) {
      await file.write(Buffer.alloc(64, 0xa5), 0, 64, at);
    }
    await file.close();
    writeFileSync(`${location}-wal`, 'left behind');

    await expect(openStore(location)).rejects.toThrow('is damaged');
  });

  it('is refused where the file is no database', async () => {
    const location = await newLocation('SQLite');
    writeFileSync(location, 'plant,asset\n'.repeat(100));

    await expect(openStore(location)).rejects.toThrow('not a database');
  });

  it('keeps what was committed when the process is killed', async () => {
    const location = await newLocation('SQLite');
    const store = await openStore(location);
    await store.write((db) => db.insertInto('activity').values(row).execute());

    const other = new DatabaseSync(location, { readOnly: true });
    expect(other.prepare('select count(*) as n from activity').get()).toEqual({ n: 1 });
    other.close();
    await store.close();
  });
});

describe.skipIf(dialects.length === 1)('a PostgreSQL server', () => {
  it.each(['fsync', 'full_page_writes', 'synchronous_commit'])('is refused with %s = off', async (setting) => {
    const server = await startPostgres([`${setting}=off`]);
    try {
      await expect(openStore(String(server?.url))).rejects.toThrow(`PostgreSQL runs with ${setting} = off`);
    } finally {
      await server?.stop();
    }
  });

  it('is refused where the way to it is not encrypted', async () => {
    await expect(openStore('postgres://user@192.0.2.1/keyway')).rejects.toThrow('is not encrypted');
  });

  it('says what it is', async () => {
    const store = await openStore(await newLocation('PostgreSQL'));

    expect(await store.readBack()).toMatchObject({ fsync: 'on', synchronous_commit: 'on', TimeZone: 'UTC' });
    await store.close();
  });

  it('is served again after its connections were cut', async () => {
    const location = await newLocation('PostgreSQL');
    const store = await openStore(location);
    const client = new pg.Client({ connectionString: location });
    await client.connect();
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await client.end();

    await expect
      .poll(() => store.write((db) => db.insertInto('activity').values(row).execute()).then(() => 'written', String))
      .toBe('written');
    await store.close();
  });
});
