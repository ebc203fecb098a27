import type { Micros } from '../../kit/time.ts';

/** Takes packets one by one. `bytes` and `view` cover the same memory and are valid during the call only. */
export interface PacketSink {
  packet(packet: CapturedPacket): void;
}

/** One record of a capture, a window that the reader moves along. */
export interface CapturedPacket {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  /** Length that the frame had on the wire. */
  readonly original: number;
  readonly time: Micros;
  /** LINKTYPE_ number of the capture formats. */
  readonly linkType: number;
  /** Interface within this capture, from 0. */
  readonly interfaceId: number;
  /** Number of the packet in its file, from 1, as Wireshark counts. */
  readonly frame: number;
}

/** Where a file stops making sense. All packets before it were handed on. */
export interface Damage {
  /** Byte of the (unpacked) file at which the record that cannot be read begins. */
  readonly offset: number;
  readonly reason: string;
}

/** Reads one file format, chunk by chunk. */
export interface FormatReader {
  /**
   * Reads whole records from `bytes[start, end)` and returns where it stopped: the rest is to be offered again with more
   * bytes behind it. No progress with more than `MOST_WAITING` bytes offered never happens.
   */
  consume(bytes: Uint8Array, view: DataView, start: number, end: number): number;
  /** Called while a packet is handed on: `consume` returns behind it. */
  pause(): void;
  readonly damage: Damage | undefined;
  /** What the capturing program itself says it lost. */
  readonly lost: number;
  /** Capture filters that were in force: the capture is partial. */
  readonly filters: readonly string[];
  /** How many interfaces the file has named so far. */
  readonly interfaces: number;
  /** Bytes of a record that has begun and not ended, once the file is over. */
  readonly unfinished: string | undefined;
}

/** Longest packet that is believed (Wireshark's own limit). */
export const LONGEST_PACKET = 262_144;
/** A chunk buffer of this size always holds a whole record. */
export const MOST_WAITING = 1024 * 1024;

/** The reused record. */
export class PacketWindow implements CapturedPacket {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  start = 0;
  end = 0;
  original = 0;
  time: Micros = 0;
  linkType = 0;
  interfaceId = 0;
  frame = 0;
}
