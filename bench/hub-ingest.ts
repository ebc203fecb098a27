import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, cpuUsage } from 'node:process';
import { recordSightings } from '../src/inventory/record-sightings.ts';
import type { Sighting } from '../src/inventory/sighting.ts';
import { createMemory } from '../src/inventory/store.ts';
import { digest, newId } from '../src/platform/ids.ts';
import { openStore } from '../src/platform/store/open-store.ts';
import type { Store } from '../src/platform/store/store.ts';
import { sightingsOfPlant } from './hub-plant.ts';

/**
 * How many sightings a second the hub takes in, each batch one durable commit; beside it a plain insert of as many rows in the same
 * database. `node bench/hub-ingest.ts [sightings] [batch]`. By CPU time too, which a busy machine disturbs least.
 */
const SIGHTINGS = Number(argv[2] ?? 100_000);
const BATCH = Number(argv[3] ?? 1000);
const ASSETS = 2000;
const CONVERSATIONS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'keyway-ingest-'));
const store = await openStore(join(folder, 'hub.db'));
const plant = sightingsOfPlant({ assets: ASSETS, conversations: CONVERSATIONS });
const now = () => Date.now() * 1000;

const first = await measured('all of it new', ASSETS + CONVERSATIONS, plant.everything());
const known = await measured('all of it known', SIGHTINGS, plant.again(SIGHTINGS));
const plain = await plainInserts(store);
console.log(
  `plain insert of one row: ${rate(plain)}; sightings of known things take ${ratio(plain, known)} times as long, of new ones ${ratio(plain, first)} times`,
);
await store.close();
rmSync(folder, { recursive: true });

interface Rate {
  readonly wall: number;
  readonly cpu: number;
}

async function measured(what: string, count: number, sightings: Iterable<Sighting>): Promise<Rate> {
  const stop = begin();
  let batch: Sighting[] = [];
  const flush = async () => {
    const some = batch;
    batch = [];
    await store.write((db) => recordSightings({ memory: createMemory(db) }, { now, newId, digest }, 'ulm', some));
  };
  for (const sighting of sightings) {
    batch.push(sighting);
    if (batch.length >= BATCH) {
      await flush();
    }
  }
  if (batch.length > 0) {
    await flush();
  }
  const result = stop(count);
  console.log(`${what}: ${count} sightings in commits of ${BATCH}: ${rate(result)}`);
  return result;
}

async function plainInserts({ write }: Store): Promise<Rate> {
  const stop = begin();
  for (let at = 0; at < SIGHTINGS; at += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, number) => ({
      conversation: `c${at + number}`,
      day: '2026-03-02',
      packets: number,
      bytes: number * 100,
    }));
    await write((db) => db.insertInto('conversation_day').values(rows).execute());
  }
  return stop(SIGHTINGS);
}

function begin(): (count: number) => Rate {
  const wall = performance.now();
  const cpu = cpuUsage();
  return (count) => {
    const { user, system } = cpuUsage(cpu);
    return { wall: (count / (performance.now() - wall)) * 1000, cpu: (count / (user + system)) * 1_000_000 };
  };
}

function rate({ wall, cpu }: Rate): string {
  return `${Math.round(wall)} a second, ${Math.round(cpu)} a CPU second`;
}

function ratio(one: Rate, other: Rate): string {
  return (one.cpu / other.cpu).toFixed(1);
}
