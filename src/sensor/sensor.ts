import type { Scope } from '../kit/scope.ts';
import type { Micros } from '../kit/time.ts';
import type { StreamState } from './delivery/continuity.ts';
import type { Gap, SensorHealth } from './delivery/record.ts';

/** A sensor as the hub knows it. */
export interface Sensor {
  readonly id: string;
  readonly site: string;
  readonly name: string;
  /** Where addresses mean the same: sensors of one network see the same assets. */
  readonly network: string;
  readonly createdAt: Micros;
  /** By the hub's clock. */
  readonly lastRecordAt: Micros | undefined;
  readonly lastCanaryAt: Micros | undefined;
  /** Its clock minus the hub's, in microseconds. */
  readonly clockSkew: number | undefined;
  readonly health: SensorHealth | undefined;
  readonly healthAt: Micros | undefined;
}

/** A gap as the hub recorded it. */
export interface RecordedGap extends Gap {
  readonly epoch: string;
  readonly takenAt: Micros;
}

export interface Stream extends StreamState {
  readonly epoch: string;
  readonly beganAt: Micros;
}

/** `new`: never heard of. `silent`: what happened since its last canary is unknown. */
export type SensorState = 'new' | 'reporting' | 'silent';

/** A canary starts every minute; one that does not arrive within two says that something in between is broken. */
export const CANARY_PERIOD: Micros = 60_000_000;
export const SILENT_AFTER: Micros = 120_000_000;

/** Whether it reports, and since when it does not. */
export function stateOf(
  sensor: Sensor,
  now: Micros,
): { readonly state: SensorState; readonly since: Micros | undefined } {
  const { lastCanaryAt, lastRecordAt } = sensor;
  if (lastRecordAt === undefined) {
    return { state: 'new', since: undefined };
  }
  const heard = lastCanaryAt ?? lastRecordAt;
  return now - heard > SILENT_AFTER ? { state: 'silent', since: heard } : { state: 'reporting', since: undefined };
}

export interface SensorStore {
  add(sensor: Pick<Sensor, 'id' | 'site' | 'name' | 'network' | 'createdAt'>, secretHash: string): Promise<void>;
  /** Those that are not removed, by name. */
  list(scope: Scope, page: { readonly offset: number; readonly limit: number }): Promise<SensorPage>;
  find(scope: Scope, id: string): Promise<Sensor | undefined>;
  bySecret(secretHash: string): Promise<Sensor | undefined>;
  change(id: string, set: { readonly name?: string | undefined; readonly network?: string | undefined }): Promise<void>;
  remove(id: string, at: Micros): Promise<void>;
  stream(sensor: string, epoch: string): Promise<Stream | undefined>;
  streams(sensor: string): Promise<readonly Stream[]>;
  keepStream(sensor: string, stream: Stream): Promise<void>;
  addGaps(sensor: string, gaps: readonly RecordedGap[]): Promise<void>;
  /** The newest first. */
  gaps(sensor: string, limit: number): Promise<readonly RecordedGap[]>;
  /** How many there are of each sensor. */
  gapCounts(sensors: readonly string[]): Promise<ReadonlyMap<string, number>>;
  heard(
    sensor: string,
    said: {
      readonly at: Micros;
      readonly skew?: number | undefined;
      readonly canary?: boolean | undefined;
      readonly health?: SensorHealth | undefined;
    },
  ): Promise<void>;
}

export interface SensorPage {
  readonly items: readonly Sensor[];
  readonly total: number;
}
