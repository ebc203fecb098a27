import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { databases } from '../../../test/databases.ts';
import { pcapOf } from '../../../test/pcap.ts';
import { createActivityStore } from '../../access/store.ts';
import type { Sighting } from '../../inventory/sighting.ts';
import type { Queries, Store } from '../../platform/store/store.ts';
import { createUploadStore } from '../store.ts';
import { createUploads } from './jobs.ts';

const ADA = { id: 'ada', name: 'Ada' };
const NOON = 1_772_452_800_000_000;
const FILE = { site: 'plant', name: 'line.pcap', network: 'cell 2' };

/** Broadcasts of so many stations. */
function capture(stations: number, packets = stations): Uint8Array {
  return pcapOf(
    Array.from({ length: packets }, (_, at) => {
      const bytes = new Uint8Array(60);
      bytes.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, (at % stations) >> 8, at % stations, 0x88, 0xb5]);
      return { time: NOON + at * 1000, bytes };
    }),
  );
}

async function hubOver(store: Store, options: { readonly mostBytes?: number; readonly ratio?: number } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-uploads-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const storesOn = (db: Queries) => ({ uploads: createUploadStore(db), activity: createActivityStore(db) });
  const recorded: Sighting[] = [];
  const read = createUploadStore(store.read);
  const uploads = createUploads<ReturnType<typeof storesOn>>({
    atomically: (work) => store.write((db) => work(storesOn(db))),
    uploads: read,
    folder,
    entry: new URL('../../thread.ts', import.meta.url),
    ...(options.mostBytes === undefined ? {} : { mostBytes: options.mostBytes }),
    bounds: { unpacked: 100_000_000, ratio: options.ratio ?? 200 },
    async recordSightings(_stores, _site, _source, sightings) {
      recorded.push(...sightings);
    },
    now: () => NOON,
    publish: () => undefined,
  });
  return { uploads, recorded, folder, find: (id: string) => read.find('all', id) };
}

describe.each(databases)('uploads on %s', (_, open) => {
  it.each([
    { form: 'plain', pack: (bytes: Uint8Array) => bytes },
    { form: 'gzip', pack: gzipSync },
  ])('looks at a capture ($form) and forgets its packets', async ({ pack }) => {
    const hub = await hubOver(await open());

    const handedIn = await hub.uploads.handIn(ADA, FILE, Readable.from([pack(capture(700))]));
    await hub.uploads.idle();

    const upload = await hub.find(handedIn.ok ? handedIn.value.id : '');
    expect(upload).toMatchObject({ state: 'done', recorded: hub.recorded.length, counts: { packets: 700 } });
    expect(upload?.sha256).toMatch(/^[0-9a-f]{64}$/u);
    expect(hub.recorded.length).toBeGreaterThan(500);
    expect(new Set(hub.recorded.map(({ scope }) => scope))).toEqual(new Set(['cell 2']));
    expect(readdirSync(hub.folder)).toEqual([]);
  });

  it('goes on after a restart, and records nothing twice', async () => {
    const store = await open();
    const whole = await hubOver(store);
    await whole.uploads.handIn(ADA, FILE, Readable.from([capture(700)]));
    await whole.uploads.idle();
    const hub = await hubOver(store);
    const handedIn = await hub.uploads.handIn(ADA, FILE, Readable.from([capture(700)]));
    const id = handedIn.ok ? handedIn.value.id : '';
    await hub.uploads.stop();
    await store.write((db) => createUploadStore(db).change(id, { state: 'analysing', recorded: 500 }));
    const again = createUploads({
      atomically: (work) =>
        store.write((db) => work({ uploads: createUploadStore(db), activity: createActivityStore(db) })),
      uploads: createUploadStore(store.read),
      folder: hub.folder,
      entry: new URL('../../thread.ts', import.meta.url),
      async recordSightings(_stores, _site, _source, sightings) {
        hub.recorded.push(...sightings);
      },
      now: () => NOON,
      publish: () => undefined,
    });

    await again.begin();
    await again.idle();

    expect(hub.recorded).toEqual(whole.recorded.slice(500));
    expect(await hub.find(id)).toMatchObject({ state: 'done', recorded: whole.recorded.length });
  });
});

describe('what may not be handed in', () => {
  const [, open] = databases[0] ?? ['', () => Promise.reject(new Error('no database'))];

  it.each([
    { name: 'a picture', bytes: Buffer.from('89504e470d0a1a0a00', 'hex'), code: 'upload.no-capture' },
    { name: 'nothing', bytes: new Uint8Array(0), code: 'upload.no-capture' },
    { name: 'three bytes', bytes: Uint8Array.of(0xd4, 0xc3, 0xb2), code: 'upload.no-capture' },
    { name: 'too much', bytes: capture(200), code: 'upload.too-large' },
  ])('refuses $name at the door', async ({ bytes, code }) => {
    const hub = await hubOver(await open(), { mostBytes: 5000 });

    const handedIn = await hub.uploads.handIn(ADA, FILE, Readable.from(bytes.length === 0 ? [] : [bytes]));

    expect(handedIn).toMatchObject({ ok: false, error: { code } });
    expect(readdirSync(hub.folder)).toEqual([]);
  });

  it.each([
    {
      name: 'an archive of something else',
      bytes: gzipSync(Buffer.from('no capture at all')),
      code: 'upload.no-capture',
    },
    { name: 'an archive of nothing', bytes: gzipSync(new Uint8Array(0)), code: 'upload.no-capture' },
    { name: 'a bomb', bytes: gzipSync(bomb(), { level: 9 }), code: 'upload.too-large' },
  ])('refuses $name once it is unpacked', async ({ bytes, code }) => {
    const hub = await hubOver(await open());

    const handedIn = await hub.uploads.handIn(ADA, FILE, Readable.from([bytes]));
    await hub.uploads.idle();

    const upload = await hub.find(handedIn.ok ? handedIn.value.id : '');
    expect(upload).toMatchObject({ state: 'refused', error: { code }, recorded: 0 });
    expect(readdirSync(hub.folder)).toEqual([]);
  });

  it('looks no further at what is cancelled', async () => {
    const hub = await hubOver(await open());
    const handedIn = await hub.uploads.handIn(ADA, FILE, Readable.from([capture(700)]));
    const id = handedIn.ok ? handedIn.value.id : '';

    expect(await hub.uploads.cancel(ADA, new Set(['other']), id)).toMatchObject({ error: { kind: 'not-found' } });
    expect(await hub.uploads.cancel(ADA, 'all', id)).toMatchObject({ ok: true });
    expect(await hub.uploads.cancel(ADA, 'all', id)).toMatchObject({ error: { code: 'upload.over' } });

    await hub.uploads.idle();
    expect(await hub.find(id)).toMatchObject({ state: 'cancelled' });
    expect(existsSync(join(hub.folder, `${id}.capture`))).toBe(false);
  });
});

/** A capture of one packet over and over, which packs a thousand to one. */
function bomb(): Uint8Array {
  const [head, packet] = [capture(1).subarray(0, 24), capture(1).subarray(24)];
  return Buffer.concat([head, ...Array.from({ length: 400_000 }, () => packet)]);
}
