import type { Sighting } from '../../inventory/sighting.ts';
import type { Atomically } from '../../kit/atomically.ts';
import type { Micros } from '../../kit/time.ts';
import type { RecordedGap, Sensor, SensorStore, Stream } from '../sensor.ts';
import { continueStream, type Hole, NEW_STREAM } from './continuity.ts';
import type { Gap, SensorHealth, SensorRecord } from './record.ts';

/** What one record says, once it was looked at. */
export type Content =
  | { readonly kind: 'sighting'; readonly sighting: Sighting }
  | { readonly kind: 'gap'; readonly gap: Gap }
  | { readonly kind: 'health'; readonly health: SensorHealth }
  | { readonly kind: 'canary' }
  /** It is not what a record of its class must be: it counts as a gap, and the rest goes on. */
  | { readonly kind: 'unreadable' };

export interface ReadRecord extends SensorRecord {
  readonly content: Content;
}

export interface Delivery {
  readonly epoch: string;
  /** By the sensor's clock. */
  readonly sentAt: Micros | undefined;
  readonly records: readonly ReadRecord[];
}

export interface Receipt {
  /** The sensor may forget all up to here. */
  readonly through: number;
  readonly missing: Hole | undefined;
  /** New ones among those that were delivered. */
  readonly taken: number;
}

export type TakeRecords = (sensor: Sensor, delivery: Delivery) => Promise<Receipt>;

/** What a delivery is written through; the inventory's stores are among them. */
export interface TakeParts<Stores extends { readonly sensors: SensorStore }> {
  readonly atomically: Atomically<Stores>;
  recordSightings(stores: Stores, site: string, source: string, sightings: readonly Sighting[]): Promise<unknown>;
  now(): Micros;
}

/** Takes what a sensor delivers: all that is new and how far it reaches, in one transaction. */
export function createTakeRecords<Stores extends { readonly sensors: SensorStore }>({
  atomically,
  recordSightings,
  now,
}: TakeParts<Stores>): TakeRecords {
  return (sensor, { epoch, sentAt, records }) =>
    atomically(async (stores) => {
      const { sensors } = stores;
      const at = now();
      const known = await sensors.stream(sensor.id, epoch);
      const stream: Stream = known ?? { ...NEW_STREAM, epoch, beganAt: at };
      const taken = continueStream(stream, records, ({ content }) =>
        content.kind === 'gap' ? content.gap : undefined,
      );
      const { accepted, missing } = taken;
      await sensors.keepStream(sensor.id, { ...stream, ...taken.state });
      const gaps: RecordedGap[] = taken.lost.map((hole) => lostGap(hole, epoch, at));
      if (known === undefined && sensor.lastRecordAt !== undefined) {
        gaps.push(epochGap(sensor.lastRecordAt, epoch, at));
      }
      const { sightings, health, canary, accountedFor } = contentsOf(accepted, epoch, at);
      gaps.push(...accountedFor);
      await sensors.addGaps(sensor.id, gaps);
      if (sightings.length > 0) {
        await recordSightings(stores, sensor.site, `sensor ${sensor.id}`, sightings);
      }
      if (accepted.length > 0) {
        const skew = sentAt === undefined ? undefined : sentAt - at;
        await sensors.heard(sensor.id, { at, skew, canary, health });
      }
      return { through: taken.state.through, missing, taken: accepted.length };
    });
}

interface Contents {
  readonly sightings: readonly Sighting[];
  readonly accountedFor: readonly RecordedGap[];
  readonly health: SensorHealth | undefined;
  readonly canary: boolean;
}

function contentsOf(records: readonly ReadRecord[], epoch: string, at: Micros): Contents {
  const sightings: Sighting[] = [];
  const accountedFor: RecordedGap[] = [];
  let health: SensorHealth | undefined;
  let canary = false;
  for (const record of records) {
    const { content } = record;
    switch (content.kind) {
      case 'sighting':
        sightings.push(content.sighting);
        break;
      case 'gap':
        accountedFor.push({ ...content.gap, epoch, takenAt: at });
        break;
      case 'health':
        health = content.health;
        break;
      case 'canary':
        canary = true;
        break;
      default:
        accountedFor.push(unreadableGap(record, epoch, at));
    }
  }
  return { sightings, accountedFor, health, canary };
}

const NOTHING_ELSE = { packets: 0, fromTime: undefined, toTime: undefined };

function lostGap({ from, to }: Hole, epoch: string, takenAt: Micros): RecordedGap {
  return { ...NOTHING_ELSE, epoch, from, to, class: 'all', reason: 'lost', records: to - from + 1, takenAt };
}

/** The sensor lost what it had kept, or was set up anew: what it saw in between is unknown. */
function epochGap(fromTime: Micros, epoch: string, takenAt: Micros): RecordedGap {
  const times = { fromTime, toTime: takenAt };
  return { ...times, epoch, from: 0, to: 0, class: 'all', reason: 'new-epoch', records: 0, packets: 0, takenAt };
}

function unreadableGap({ sequence, time, class: kind }: SensorRecord, epoch: string, takenAt: Micros): RecordedGap {
  const place = { from: sequence, to: sequence, fromTime: time, toTime: time };
  return { ...place, epoch, class: kind, reason: 'unreadable', records: 1, packets: 0, takenAt };
}
