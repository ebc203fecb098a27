import type { Micros } from '../src/kit/time.ts';
import { bytesOf } from './frames.ts';

const ETHERNET = 1;

/** One record of a capture. */
export interface Record {
  readonly time: Micros;
  readonly bytes: Uint8Array;
}

/** A capture file of Ethernet frames: big-endian, microseconds (draft-ietf-opsawg-pcap). */
export function pcapOf(records: readonly Record[]): Uint8Array {
  const header = bytesOf([0xa1b2c3d4, 4], [2, 2], [4, 2], [0, 8], [0xffff, 4], [ETHERNET, 4]);
  return bytesOf(header, ...records.map(recordOf));
}

function recordOf({ time, bytes }: Record): Uint8Array {
  const seconds = Math.floor(time / 1e6);
  return bytesOf([seconds, 4], [time - seconds * 1e6, 4], [bytes.length, 4], [bytes.length, 4], bytes);
}
