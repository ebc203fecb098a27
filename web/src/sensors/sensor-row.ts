/** A sensor, and what it says of itself. */
export interface SensorRow {
  readonly id: string;
  readonly site: string;
  readonly name: string;
  /** Where addresses mean the same: sensors of one network see the same assets. */
  readonly network: string;
  readonly state: 'new' | 'reporting' | 'silent';
  /** What happened since is unknown. */
  readonly unknownSince: string | null;
  readonly createdAt: string;
  readonly lastRecordAt: string | null;
  readonly lastCanaryAt: string | null;
  /** Seconds; positive where its clock is ahead. */
  readonly clockSkew: number | null;
  /** Seconds that the oldest record waits. */
  readonly lag: number | null;
  readonly gaps: number;
  readonly health: SensorHealth | null;
  readonly healthAt: string | null;
}

interface SensorHealth {
  readonly version: string;
  readonly interface: string;
  /** Share of a processor; bytes. */
  readonly cpu: number;
  readonly memory: number;
  readonly packets: number;
  readonly decoded: number;
  readonly filtered: number;
  readonly dropped: number;
  /** By the capturing program; null where it does not say. */
  readonly lost: number | null;
  /** How often each limit was reached. */
  readonly limits: Readonly<Record<string, number>>;
  readonly spoolBytes: number;
  readonly spoolRecords: number;
  readonly spoolOldest: string | null;
  readonly restarts: number;
}

export interface Sensor extends SensorRow {
  readonly gapList: readonly Gap[];
  readonly streams: readonly { readonly epoch: string; readonly beganAt: string; readonly through: number }[];
}

export interface Gap {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  readonly class: string;
  readonly reason: string;
  readonly records: number;
  readonly packets: number;
  readonly fromTime: string | null;
  readonly toTime: string | null;
  readonly takenAt: string;
}

/** Clocks that differ by less than this order events rightly. Seconds. */
export const SKEW_THAT_MATTERS = 2;

/** How often limits were reached, all together. */
export function limitsReached({ health }: Pick<SensorRow, 'health'>): number {
  return Object.values(health?.limits ?? {}).reduce((total, one) => total + one, 0);
}
