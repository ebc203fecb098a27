import type { RecordClass } from '../delivery/record.ts';

/** What a decoder is told when it begins. */
export interface DecoderOrder {
  /** Name of the sensor, for findings. */
  readonly source: string;
  readonly network: string;
  /** Milliseconds between two harvests, and between two canaries. */
  readonly harvestEvery: number;
  readonly canaryEvery: number;
  /** Address that no device has: frames from it are ours. */
  readonly canary: string;
}

/** What a decoder says, a line each. */
export type DecoderWord =
  | { readonly kind: 'record'; readonly class: RecordClass; readonly payload: unknown }
  | DecoderState;

/** It is alive, and how it is. */
export interface DecoderState {
  readonly kind: 'state';
  readonly packets: number;
  readonly decoded: number;
  readonly filtered: number;
  readonly dropped: number;
  readonly limits: Readonly<Record<string, number>>;
  /** Microseconds of processor time, and bytes. */
  readonly cpu: number;
  readonly memory: number;
}
