import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openStore } from '../src/platform/store/open-store.ts';
import { dialects, newLocation } from './databases.ts';
import { runKeyway } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('backs up and restores from the command line, and remembers that it did', async () => {
  await (await openStore(join(folder, 'one', 'keyway.db'))).close();

  const made = await runKeyway(['backup', '--data', 'one', 'all.ndjson.gz', '--json'], { folder });
  const restored = await runKeyway(['restore', '--data', 'two', 'all.ndjson.gz'], { folder });

  expect(JSON.parse(made.stdout)).toMatchObject({ file: join(folder, 'all.ndjson.gz') });
  expect(restored).toMatchObject({ status: 0, stderr: '' });
  const acts = async (name: string) => {
    const store = await openStore(join(folder, name, 'keyway.db'));
    const rows = await store.read.selectFrom('activity').select('act').orderBy('sequence').execute();
    await store.close();
    return rows.map(({ act }) => act);
  };
  expect({ one: await acts('one'), two: await acts('two') }).toEqual({ one: ['backup.make'], two: ['backup.restore'] });
  expect(existsSync(join(folder, 'two', 'keyway.db.restoring'))).toBe(false);
});

it('restores over nothing that is there, and nothing of what is no backup', async () => {
  await (await openStore(join(folder, 'three', 'keyway.db'))).close();
  writeFileSync(join(folder, 'no-backup'), '{"hello":"world"}\n');
  const before = readFileSync(join(folder, 'three', 'keyway.db'));

  const over = await runKeyway(['restore', '--data', 'three', 'no-backup'], { folder });
  const none = await runKeyway(['restore', '--data', 'four', 'no-backup'], { folder });
  const missing = await runKeyway(['restore', '--data', 'four', 'nowhere'], { folder });
  const nothing = await runKeyway(['backup', '--data', 'four', 'x'], { folder });

  expect(over).toMatchObject({ status: 2, stderr: expect.stringContaining('there is a database at three/keyway.db') });
  expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('is no backup of Keyway') });
  expect(missing).toMatchObject({ status: 2, stderr: expect.stringContaining('ENOENT') });
  expect(nothing).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('there is no database at four/keyway.db'),
  });
  expect(readFileSync(join(folder, 'three', 'keyway.db'))).toEqual(before);
  expect(existsSync(join(folder, 'four', 'keyway.db'))).toBe(false);
});

it.skipIf(dialects.length === 1)('restores into an empty server alone', async () => {
  const location = await newLocation('PostgreSQL');
  await (await openStore(join(folder, 'five', 'keyway.db'))).close();
  await runKeyway(['backup', '--data', 'five', 'five.ndjson'], { folder });

  const first = await runKeyway(['restore', '--database', location, 'five.ndjson'], { folder });
  const second = await runKeyway(['restore', '--database', location, 'five.ndjson'], { folder });

  expect(first).toMatchObject({ status: 0 });
  expect(second).toMatchObject({ status: 2, stderr: expect.stringContaining('restore into an empty one') });
});

it('says whether the installation is sound', async () => {
  const data = join(folder, 'six');
  mkdirSync(data, { mode: 0o700 });
  chmodSync(data, 0o755);
  writeFileSync(join(data, 'keyway.db'), 'no database at all, and long enough to be asked');

  const { status, stdout } = await runKeyway(['doctor', '--data', 'six', '--json', '--host', '0.0.0.0'], {
    folder,
    environment: { KEYWAY_PROT: '1' },
  });

  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toEqual(
    expect.arrayContaining([
      { state: 'wrong', of: 'settings', says: expect.stringContaining('--host 0.0.0.0') },
      { state: 'doubtful', of: 'settings', says: 'there is no setting KEYWAY_PROT' },
      { state: 'doubtful', of: 'data', says: 'six is readable by others: chmod 700' },
      { state: 'wrong', of: 'database', says: 'file is not a database' },
    ]),
  );
});
