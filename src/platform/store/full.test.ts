import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openStore } from './open-store.ts';

const MIB = 1_048_576;
const folder = mkdtempSync(join(tmpdir(), 'keyway-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'keyway', folder]).status === 0;
if (!mounted) {
  process.stderr.write('A tmpfs cannot be mounted here: what a full disk does is not tested.\n');
}
afterAll(() => {
  if (mounted) {
    spawnSync('umount', [folder]);
  }
  rmSync(folder, { recursive: true, force: true });
});

const row = {
  at: '2026-03-02T06:00:00.000000Z',
  actor: 'a',
  actor_name: 'A',
  act: 'x',
  subject: 's',
  site: null,
  before: null,
  after: 'x'.repeat(10_000),
};

it.skipIf(!mounted)(
  'is read-only with a full disk, records who does what all the same, and resumes by itself',
  async () => {
    const told: boolean[] = [];
    const location = join(folder, 'keyway.db');
    const reserve = join(folder, 'reserve');
    const store = await openStore(location, { reserve: 2 * MIB, fullChanged: (full) => told.push(full) });
    expect(statSync(reserve).size).toBe(2 * MIB);
    const append = () => store.write((db) => db.insertInto('activity').values(row).execute());
    const count = async () => (await store.read.selectFrom('activity').select('sequence').execute()).length;

    await append();
    for (let at = 0; at < 4; at++) {
      // The rest of the disk goes to somebody else.
      writeFileSync(join(folder, `other-${at}`), Buffer.alloc(at < 2 ? 4 * MIB : MIB));
    }
    let written = 1;
    await expect(
      (async () => {
        for (; written < 2000; written++) {
          await append();
        }
      })(),
    ).rejects.toThrow('The disk of the database is full');

    expect({ told, isFull: store.isFull, rows: await count() }).toEqual({ told: [true], isFull: true, rows: written });
    expect(existsSync(reserve)).toBe(false);
    await expect(append()).rejects.toThrow('The disk of the database is full');
    for (let at = 0; at < 20; at++) {
      await store.writeUrgently((db) => db.insertInto('activity').values(row).execute());
    }
    expect(await count()).toBe(written + 20);

    rmSync(join(folder, 'other-0'));
    rmSync(join(folder, 'other-1'));
    await expect.poll(() => store.isFull, { timeout: 10_000 }).toBe(false);
    await append();
    expect({ told, rows: await count(), reserve: statSync(reserve).size }).toEqual({
      told: [true, false],
      rows: written + 21,
      reserve: 2 * MIB,
    });
    await store.close();

    const again = await openStore(location);
    expect((await again.read.selectFrom('activity').select('sequence').execute()).length).toBe(written + 21);
    await again.close();
  },
);
