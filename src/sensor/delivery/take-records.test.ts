import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { databases } from '../../../test/databases.ts';
import { createActivityStore } from '../../access/store.ts';
import type { Sighting } from '../../inventory/sighting.ts';
import { SYSTEM } from '../../kit/actor.ts';
import type { Queries, Store } from '../../platform/store/store.ts';
import { type Sensor, stateOf } from '../sensor.ts';
import { createSensorStore } from '../store.ts';
import type { Gap } from './record.ts';
import { createTakeRecords, type ReadRecord } from './take-records.ts';

const NOON = 1_772_452_800_000_000;
const MINUTE = 60_000_000;

function flow(sequence: number, clientAddress = String(sequence)): ReadRecord {
  const sighting = { kind: 'conversation', clientAddress } as unknown as Sighting;
  return { sequence, class: 'flow', time: NOON, payload: undefined, content: { kind: 'sighting', sighting } };
}

/** Records what is sighted as lines of the activity table, in the same transaction. */
function hubOver(store: Store, now: () => number = () => NOON) {
  const storesOn = (db: Queries) => ({ sensors: createSensorStore(db), activity: createActivityStore(db) });
  let diesBeforeCommit = false;
  const take = createTakeRecords<ReturnType<typeof storesOn>>({
    atomically: (work) =>
      store.write(async (db) => {
        const done = await work(storesOn(db));
        if (diesBeforeCommit) {
          throw new Error('killed');
        }
        return done;
      }),
    async recordSightings({ activity }, site, source, sightings) {
      await activity.append(
        sightings.map((sighting) => ({
          at: NOON,
          actor: SYSTEM,
          act: source,
          subject: sighting.kind === 'conversation' ? sighting.clientAddress : '',
          site,
        })),
      );
    },
    now,
  });
  return {
    take,
    sensors: createSensorStore(store.read),
    killBeforeCommit(value: boolean) {
      diesBeforeCommit = value;
    },
    async recorded() {
      const rows = await store.read.selectFrom('activity').select('subject').orderBy('sequence').execute();
      return rows.map(({ subject }) => subject);
    },
  };
}

let made = 0;

async function newSensor(store: Store): Promise<Sensor> {
  const id = `s${++made}`;
  await store.write(async (db) => {
    await createSensorStore(db).add({ id, site: 'plant', name: 'CELL-2', network: id, createdAt: NOON }, `hash ${id}`);
  });
  const sensor = await createSensorStore(store.read).find('all', id);
  if (sensor === undefined) {
    throw new Error('it is not there');
  }
  return sensor;
}

describe.each(databases)('taking records on %s', (_, open) => {
  it('records each once, whoever dies when', { timeout: 120_000 }, async () => {
    const store = await open();
    const step = fc.record({
      size: fc.integer({ min: 1, max: 7 }),
      /** How far before what it knows to be taken the sensor begins again. */
      back: fc.integer({ min: 0, max: 9 }),
      fate: fc.constantFrom('arrives', 'hub dies before commit', 'answer is lost', 'sensor dies'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const sensor = await newSensor(store);
        const hub = hubOver(store);
        const deliver = (from: number, to: number) => {
          const records = Array.from({ length: to - from + 1 }, (__, at) =>
            flow(from + at, `${sensor.id} ${from + at}`),
          );
          return hub.take(sensor, { epoch: 'e', sentAt: NOON, records });
        };
        let through = 0;
        for (const { size, back, fate } of steps) {
          const from = Math.max(1, through + 1 - back);
          hub.killBeforeCommit(fate === 'hub dies before commit');
          const receipt = await deliver(from, through + size).catch(() => undefined);
          if (fate === 'arrives') {
            through = receipt?.through ?? through;
          } else if (fate === 'sensor dies') {
            through = Math.max(0, through - back);
          }
        }
        hub.killBeforeCommit(false);
        const last = (await deliver(Math.max(1, through), through + 20)).through;

        const recorded = (await hub.recorded()).filter((subject) => subject.startsWith(`${sensor.id} `));
        expect(recorded).toEqual(Array.from({ length: last }, (__, at) => `${sensor.id} ${at + 1}`));
      }),
      { numRuns: 25 },
    );
  });

  it('refuses a hole, takes what a gap accounts for, and shows the gap', async () => {
    const store = await open();
    const sensor = await newSensor(store);
    const { take, sensors } = hubOver(store);
    const counts = { from: 2, to: 40, records: 39, packets: 0 };
    const gap: Gap = { ...counts, class: 'flow', reason: 'spool-full', fromTime: NOON - MINUTE, toTime: NOON };
    const told: ReadRecord = { sequence: 2, class: 'gap', time: NOON, payload: gap, content: { kind: 'gap', gap } };

    const refused = await take(sensor, { epoch: 'e', sentAt: NOON, records: [flow(1), flow(41)] });
    const taken = await take(sensor, { epoch: 'e', sentAt: NOON, records: [told, flow(41)] });

    expect(refused).toEqual({ through: 1, missing: { from: 2, to: 40 }, taken: 1 });
    expect(taken).toEqual({ through: 41, missing: undefined, taken: 2 });
    expect(await sensors.gaps(sensor.id, 10)).toEqual([{ ...gap, epoch: 'e', takenAt: NOON }]);
  });

  it('says what was lost when a sensor begins anew', async () => {
    const store = await open();
    const sensor = await newSensor(store);
    const { take, sensors } = hubOver(store);
    await take(sensor, { epoch: 'one', sentAt: NOON, records: [flow(1)] });
    const known = await sensors.find('all', sensor.id);

    const receipt = await take(known ?? sensor, { epoch: 'two', sentAt: NOON, records: [flow(1)] });

    expect(receipt.through).toBe(1);
    expect(await sensors.gaps(sensor.id, 10)).toMatchObject([{ epoch: 'two', reason: 'new-epoch', fromTime: NOON }]);
    expect((await sensors.streams(sensor.id)).map(({ epoch }) => epoch).toSorted()).toEqual(['one', 'two']);
  });

  it('knows when it last heard of the whole path, and how wrong the sensor’s clock is', async () => {
    const store = await open();
    const sensor = await newSensor(store);
    let now = NOON;
    const { take, sensors } = hubOver(store, () => now);
    const canary: ReadRecord = { ...flow(1), class: 'health', content: { kind: 'canary' } };
    await take(sensor, { epoch: 'e', sentAt: NOON + 3 * MINUTE, records: [canary] });
    now += MINUTE;
    await take(sensor, { epoch: 'e', sentAt: undefined, records: [flow(2)] });

    const known = await sensors.find('all', sensor.id);

    expect(known).toMatchObject({ lastCanaryAt: NOON, lastRecordAt: NOON + MINUTE, clockSkew: 3 * MINUTE });
    expect(stateOf(known ?? sensor, NOON + 2 * MINUTE)).toEqual({ state: 'reporting', since: undefined });
    expect(stateOf(known ?? sensor, NOON + 2 * MINUTE + 1)).toEqual({ state: 'silent', since: NOON });
    expect(stateOf(sensor, now)).toEqual({ state: 'new', since: undefined });
  });
});
