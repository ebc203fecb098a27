import type { Micros } from '../../kit/time.ts';

/** What a record is about, the first to be given up first: what a sensor has no room for is dropped in this order. */
export const RECORD_CLASSES = ['flow', 'sample', 'message', 'identity', 'finding', 'health', 'gap'] as const;
export type RecordClass = (typeof RECORD_CLASSES)[number];

/** One thing that a sensor tells the hub. Sensor, epoch and sequence name it for ever. */
export interface SensorRecord {
  /** From 1, without holes; what was dropped is accounted for by a gap record. */
  readonly sequence: number;
  readonly class: RecordClass;
  /** By the sensor's clock. */
  readonly time: Micros;
  readonly payload: unknown;
}

/** Why records are missing. */
export type GapReason = 'spool-full' | 'too-old' | 'damaged' | 'new-epoch' | 'capture' | 'lost' | 'unreadable';

/** Records that will never come. Its own sequence is `from`, or that of its turn where no sequence was lost. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** Class of what was dropped; `all`: whatever there was. */
  readonly class: RecordClass | 'all';
  readonly reason: GapReason;
  readonly records: number;
  readonly packets: number;
  readonly fromTime: Micros | undefined;
  readonly toTime: Micros | undefined;
}

/** What a sensor says of itself. */
export interface SensorHealth {
  readonly version: string;
  readonly interface: string;
  /** Share of one processor, 0 to 1, and bytes of memory, of all parts of the sensor together. */
  readonly cpu: number;
  readonly memory: number;
  readonly packets: number;
  readonly decoded: number;
  readonly filtered: number;
  readonly dropped: number;
  /** Packets that the capturing program says it lost; undefined where it does not say. */
  readonly lost: number | undefined;
  /** How often each limit was reached. */
  readonly limits: Readonly<Record<string, number>>;
  readonly spoolBytes: number;
  readonly spoolRecords: number;
  readonly spoolOldest: Micros | undefined;
  /** How often the decoder was replaced. */
  readonly restarts: number;
}
