import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKeyway } from './program.ts';

let folder = '';

/** Two minutes of the simulated plant with its attacks, whole and cut in the middle of a second. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyway-same-'));
  await runKeyway(['simulate', '--out', 'plant.pcap', '--duration', '2m', '--lines', '1'], { folder });
  const plant = await readFile(join(folder, 'plant.pcap'));
  await writeFile(join(folder, 'cut.pcap.gz'), gzipSync(plant.subarray(0, plant.length / 3)));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Each process has its own seed of the hash tables; clock, zone, language and terminal are what a user may have. */
const PLACES = [
  { TZ: 'UTC', LANG: 'C', COLUMNS: '80' },
  { TZ: 'Asia/Kathmandu', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', COLUMNS: '200' },
] as const;

async function everythingOf(captures: readonly string[], place: number): Promise<ReadonlyMap<string, string>> {
  const environment = PLACES[place];
  const written = `written-${place}-${captures.length}`;
  const args = ['analyze', ...captures, '--html', `${written}/page.html`, '--csv', `${written}/csv`];
  const json = await runKeyway([...args, '--json'], { folder, environment });
  const text = await runKeyway(['analyze', ...captures], { folder, environment });
  const files = await readdir(join(folder, written), { recursive: true, withFileTypes: true });
  const contents = files
    .filter((file) => file.isFile())
    .map(async ({ parentPath, name }) => [name, await readFile(join(parentPath, name), 'utf8')] as const);
  return new Map([['json', json.stdout], ['text', text.stdout], ...(await Promise.all(contents))]);
}

describe('the same captures give the same bytes', () => {
  it.each([{ captures: ['plant.pcap'] }, { captures: ['cut.pcap.gz', 'plant.pcap'] }])(
    '$captures',
    async ({ captures }) => {
      const [first, second] = await Promise.all([everythingOf(captures, 0), everythingOf(captures, 1)]);

      expect([...first.keys()].toSorted()).toEqual(expect.arrayContaining(['json', 'text', 'page.html', 'assets.csv']));
      expect([...second.keys()].toSorted()).toEqual([...first.keys()].toSorted());
      for (const [name, content] of first) {
        expect(content.length, name).toBeGreaterThan(100);
        expect(second.get(name) === content, name).toBe(true);
      }
    },
    120_000,
  );
});
