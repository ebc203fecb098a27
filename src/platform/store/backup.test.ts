import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { dialects, newLocation } from '../../../test/databases.ts';
import { loadBackup, stepsOfBackup, writeBackup } from './backup.ts';
import { migrations } from './migrations/index.ts';
import { openStore } from './open-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const newFile = (ending = 'ndjson') => join(folder, `${++made}.${ending}`);

/** One table with each kind of value, one that refers to itself in the order that hurts, and many rows. */
async function filled(location: string) {
  const store = await openStore(location);
  await store.write(async (db) => {
    const activity = Array.from({ length: 2500 }, (_, at) => ({
      at: '2026-03-02T06:00:00.000000Z',
      actor: `a${at}`,
      actor_name: 'A "B"\n\u{1f512}\u202e',
      act: 'x',
      subject: 's',
      site: at % 2 === 0 ? null : 'lyon',
      before: null,
      after: '{"n":1}',
    }));
    for (let at = 0; at < activity.length; at += 500) {
      await db
        .insertInto('activity')
        .values(activity.slice(at, at + 500))
        .execute();
    }
    const place = { site: 'b', kind: 'site', priority: null, owner: null, loss_per_hour: 0.1 + 0.2 };
    await db
      .insertInto('place')
      .values({ ...place, id: 'b', parent: null, name: 'Lyon' })
      .execute();
    await db
      .insertInto('place')
      .values({ ...place, id: 'a', parent: 'b', name: 'Hall' })
      .execute();
  });
  return store;
}

/** All but the moment of the backup, and the sum over it. */
const contentOf = (path: string) => readFileSync(path, 'utf8').trim().split('\n').slice(1, -1).toSorted();

describe.each(dialects)('backup of %s', (from) => {
  it.each(dialects)('restores into %s as it was', async (to) => {
    const store = await filled(await newLocation(from));
    const [first, second] = [newFile(), newFile()];
    const counts = await writeBackup(store, first);
    await store.close();

    const target = await openStore(await newLocation(to));
    expect(await loadBackup(target, first)).toEqual(counts);
    await writeBackup(target, second);

    expect(contentOf(second)).toEqual(contentOf(first));
    expect(counts.rows).toBe(2502);
    expect(statSync(first).mode & 0o777).toBe(0o600);
    // Numbers go on after those that are there, and what only grows still only grows.
    await target.write((db) =>
      db
        .insertInto('activity')
        .values({ at: '', actor: '', actor_name: '', act: '', subject: 'new', site: null, before: null, after: null })
        .execute(),
    );
    const newest = await target.read
      .selectFrom('activity')
      .select('sequence')
      .where('subject', '=', 'new')
      .executeTakeFirst();
    expect(newest).toEqual({ sequence: 2501 });
    await target.close();
  });

  it('shows one moment, while others write', async () => {
    const store = await filled(await newLocation(from));
    const path = newFile('ndjson.gz');
    let going = true;
    const writing = (async () => {
      while (going) {
        await store.write(async (db) => {
          const place = {
            site: 'c',
            kind: 'site',
            priority: null,
            owner: null,
            loss_per_hour: null,
            parent: null,
            name: '',
          };
          await db
            .insertInto('place')
            .values([
              { ...place, id: `${Math.random()}` },
              { ...place, id: `${Math.random()}` },
            ])
            .execute();
        });
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();

    await writeBackup(store, path);
    going = false;
    await writing;
    await store.close();

    // Each transaction wrote two.
    expect((gunzipSync(readFileSync(path)).toString('utf8').split('"c"').length - 1) % 2).toBe(0);
    expect(await stepsOfBackup(path)).toEqual(migrations.map(({ name }) => name));
  });

  it.each([
    { name: 'cut', change: (text: string) => text.slice(0, text.length / 2), says: /cut short|not what was written/ },
    { name: 'without its end', change: (text: string) => text.split('\n').slice(0, -2).join('\n'), says: /cut short/ },
    { name: 'changed', change: (text: string) => text.replace('a17', 'a71'), says: /was changed/ },
    {
      name: 'with an unknown table',
      change: (text: string) => text.replace('"activity"', '"sqlite_master"'),
      says: /line \d+/,
    },
    {
      name: 'with an unknown column',
      change: (text: string) => text.replace('"act"', '"x\\"; drop"'),
      says: /line \d+/,
    },
  ])('restores nothing of a file that is $name', async ({ change, says }) => {
    const store = await filled(await newLocation(from));
    const path = newFile();
    await writeBackup(store, path);
    await store.close();
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    const target = await openStore(await newLocation(from));

    await expect(loadBackup(target, path)).rejects.toThrow(says);

    expect(await target.read.selectFrom('activity').selectAll().execute()).toEqual([]);
    await target.close();
  });
});
