import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';
import { type Dropped, Spool, type SpoolOptions } from './spool.ts';

const GAP = 3;
const ALL = { records: 1000, bytes: 10_000_000 };
/** Bytes of the record `third` on disk. */
const LAST = 38;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-spool-'));
  folders.push(folder);
  return folder;
}

function open(folder: string, options: Partial<SpoolOptions> = {}): Spool {
  let epochs = 0;
  return new Spool({
    folder,
    mostBytes: 1_000_000,
    mostAge: 1000,
    segmentBytes: 200,
    gapRank: GAP,
    newEpoch: () => `e${++epochs}`,
    gapPayload: (dropped) => Buffer.from(JSON.stringify(dropped)),
    ...options,
  });
}

const text = (payload: Uint8Array) => Buffer.from(payload).toString();

function add(spool: Spool, names: readonly string[], rank = 1): void {
  for (const name of names) {
    spool.append(rank, 0, Buffer.from(name));
  }
  spool.sync();
}

const told = (spool: Spool, after = spool.through) =>
  spool.read(after, ALL).map(({ sequence, payload }) => `${sequence} ${text(payload)}`);

const segments = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.seg'));

it('knows the check value of CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa);
});

it('keeps what was synced, in order, over several segments', () => {
  const folder = newFolder();
  const names = Array.from({ length: 40 }, (_, at) => `r${at + 1}`);
  const spool = open(folder);
  add(spool, names);

  const again = open(folder);

  expect(segments(folder).length).toBeGreaterThan(3);
  expect(again.epoch).toBe(spool.epoch);
  expect(told(again)).toEqual(names.map((name, at) => `${at + 1} ${name}`));
  expect(again.read(7, { records: 2, bytes: 1000 }).map(({ sequence }) => sequence)).toEqual([8, 9]);
  expect(again.read(9, { records: 2, bytes: 1000 }).map(({ sequence }) => sequence)).toEqual([10, 11]);
});

it('delivers nothing that is not synced', () => {
  const spool = open(newFolder());
  add(spool, ['a']);

  spool.append(1, 0, Buffer.from('b'));

  expect(told(spool)).toEqual(['1 a']);
  expect(() => spool.acknowledge(2)).toThrow(RangeError);
});

it('forgets what was acknowledged, and never gives a sequence twice', () => {
  const folder = newFolder();
  const spool = open(folder);
  add(
    spool,
    Array.from({ length: 20 }, (_, at) => `r${at}`),
  );

  spool.acknowledge(20);

  expect(segments(folder)).toEqual([]);
  const again = open(folder);
  add(again, ['next']);
  expect(told(again)).toEqual(['21 next']);
});

it('recovers from a last segment that ends anywhere', () => {
  const whole = newFolder();
  add(open(whole, { segmentBytes: 1000 }), ['first', 'second', 'third']);
  const [name = ''] = segments(whole);
  const bytes = readFileSync(join(whole, name));
  const ledger = readFileSync(join(whole, 'ledger.json'));

  for (let cut = bytes.length - LAST; cut < bytes.length; cut++) {
    const folder = newFolder();
    writeFileSync(join(folder, 'ledger.json'), ledger);
    writeFileSync(join(folder, name), bytes.subarray(0, cut));
    const spool = open(folder);
    expect(told(spool)).toEqual(['1 first', '2 second']);
    add(spool, ['after']);
    expect(told(spool).at(-1)).toBe('3 after');
  }
  const folder = newFolder();
  writeFileSync(join(folder, 'ledger.json'), ledger);
  writeFileSync(join(folder, name), bytes.subarray(0, 5));
  expect(open(folder).last).toBe(0);
});

it('recovers from a tail of any torn bytes', () => {
  const whole = newFolder();
  add(open(whole, { segmentBytes: 1000 }), ['first', 'second', 'third']);
  const [name = ''] = segments(whole);
  const bytes = readFileSync(join(whole, name));
  const ledger = readFileSync(join(whole, 'ledger.json'));

  for (let at = bytes.length - LAST; at < bytes.length; at++) {
    const folder = newFolder();
    const torn = Buffer.from(bytes);
    torn[at] = (torn[at] ?? 0) ^ 0x55;
    writeFileSync(join(folder, 'ledger.json'), ledger);
    writeFileSync(join(folder, name), torn);

    expect(told(open(folder))).toEqual(['1 first', '2 second']);
  }
});

it('tells of a gap where an older segment was damaged', () => {
  const folder = newFolder();
  const names = Array.from({ length: 20 }, (_, at) => `r${at + 1}`);
  add(open(folder), names);
  const [, second = ''] = segments(folder);
  const path = join(folder, second);
  truncateSync(path, readFileSync(path).length - 10);
  const firstOfThird = Number(segments(folder)[2]?.slice(0, 16));

  const records = open(folder).read(0, ALL);

  const gap = records.find(({ rank }) => rank === GAP);
  expect(JSON.parse(text(gap?.payload ?? new Uint8Array()))).toMatchObject({
    from: firstOfThird - 1,
    to: firstOfThird - 1,
    reason: 'damaged',
  });
  expect(records.map(({ sequence }) => sequence)).toEqual(names.map((_, at) => at + 1));
});

it('drops the lowest class first, and says what', () => {
  const folder = newFolder();
  const spool = open(folder, { mostBytes: 5000, segmentBytes: 2000 });
  for (let at = 1; at <= 60; at++) {
    spool.append(at % 2, 0, Buffer.from(`r${at}`.padEnd(100)));
  }
  spool.sync();
  expect(spool.bytes).toBeGreaterThan(5000);

  spool.tidy(0);

  expect(spool.bytes).toBeLessThanOrEqual(5000);
  for (const reader of [spool, open(folder)]) {
    const records = reader.read(0, ALL);
    expect(records.filter(({ rank }) => rank === 1)).toHaveLength(30);
    expect(accountedFor(records.map(({ sequence, upTo }) => [sequence, upTo]))).toBe(60);
    const gaps = records.filter(({ rank }) => rank === GAP).map(({ payload }) => JSON.parse(text(payload)) as Dropped);
    const dropped = gaps.reduce((sum, gap) => sum + gap.records, 0);
    expect(dropped + records.filter(({ rank }) => rank === 0).length).toBe(30);
    expect(gaps[0]).toMatchObject({ rank: 0, reason: 'spool-full' });
  }
});

it('drops what is too old', () => {
  const spool = open(newFolder());
  add(
    spool,
    Array.from({ length: 10 }, (_, at) => `old${at}`),
  );
  spool.append(2, 5000, Buffer.from('new'));
  spool.sync();

  spool.tidy(5500);

  const records = spool.read(0, ALL);
  expect(accountedFor(records.map(({ sequence, upTo }) => [sequence, upTo]))).toBe(11);
  expect(records.filter(({ rank }) => rank !== GAP).map(({ payload }) => text(payload))).toContain('new');
});

it('begins another series where the ledger is gone', () => {
  const folder = newFolder();
  add(open(folder), ['a', 'b']);
  rmSync(join(folder, 'ledger.json'));

  const spool = open(folder, { newEpoch: () => 'other' });

  expect([spool.isNew, spool.epoch, spool.last]).toEqual([true, 'other', 0]);
  expect(told(spool)).toEqual([]);
});

it('reads a spool whose last segment has garbage behind it', () => {
  const folder = newFolder();
  add(open(folder), ['a', 'b']);
  const [name = ''] = segments(folder);
  appendFileSync(join(folder, name), Buffer.alloc(64, 0xff));

  const spool = open(folder);

  expect(told(spool)).toEqual(['1 a', '2 b']);
});

/** How far these account for every sequence from 1 on. */
function accountedFor(spans: readonly (readonly [from: number, to: number])[]): number {
  let through = 0;
  let skipTo = 0;
  for (const [from, to] of spans) {
    if (from > Math.max(through, skipTo) + 1) {
      break;
    }
    through = Math.max(through, from);
    skipTo = Math.max(skipTo, to);
  }
  return Math.max(through, skipTo);
}
