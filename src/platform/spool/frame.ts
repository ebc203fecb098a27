import { crc32c } from './crc32c.ts';

/** A record as it lies in a spool. */
export interface Spooled {
  /** From 1, growing. */
  readonly sequence: number;
  /** It accounts for all sequences up to here: its own, or those of dropped records that it stands for. */
  readonly upTo: number;
  /** Rank of its class: the lower, the sooner it is given up. */
  readonly rank: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly payload: Uint8Array;
}

/** Length of the body, CRC-32C of the body; then the body: rank, sequence, up to, time, payload. All little-endian. */
const HEAD = 8;
const FIXED = 25;
export const MOST_PAYLOAD = 1_048_576;

export function frameOf({ sequence, upTo, rank, time, payload }: Spooled): Uint8Array {
  const frame = new Uint8Array(HEAD + FIXED + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, FIXED + payload.length, true);
  view.setUint8(HEAD, rank);
  view.setFloat64(HEAD + 1, sequence, true);
  view.setFloat64(HEAD + 9, upTo, true);
  view.setFloat64(HEAD + 17, time, true);
  frame.set(payload, HEAD + FIXED);
  view.setUint32(4, crc32c(frame.subarray(HEAD)), true);
  return frame;
}

export interface FrameRead {
  readonly record: Spooled;
  /** Where the next one begins. */
  readonly end: number;
}

/** The record that begins here; undefined where there is none, or not all of it, or not as it was written. */
export function readFrame(bytes: Uint8Array, at: number): FrameRead | undefined {
  if (bytes.length - at < HEAD + FIXED) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(at, true);
  const end = at + HEAD + length;
  if (length < FIXED || length > FIXED + MOST_PAYLOAD || end > bytes.length) {
    return undefined;
  }
  const body = bytes.subarray(at + HEAD, end);
  if (crc32c(body) !== view.getUint32(at + 4, true)) {
    return undefined;
  }
  const record = {
    rank: view.getUint8(at + HEAD),
    sequence: view.getFloat64(at + HEAD + 1, true),
    upTo: view.getFloat64(at + HEAD + 9, true),
    time: view.getFloat64(at + HEAD + 17, true),
    payload: body.subarray(FIXED),
  };
  return { record, end };
}
