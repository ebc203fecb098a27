import type { Micros } from '../../kit/time.ts';

/** Twins of an IP packet come within this time (a mirror of two ports, two taps). */
const PACKET_WINDOW: Micros = 10_000;
/** Cyclic protocols repeat frames byte for byte, so a frame that is not IP counts as a twin only right behind the first. */
const FRAME_WINDOW: Micros = 100;
/** Redundant copies (PRP, HSR) may come over paths of different length. */
const TWIN_WINDOW: Micros = 500_000;
const PACKETS = 4096;
const TWINS = 1024;

/** Notices a packet that was captured twice. Fixed memory: what is older than a few thousand packets is forgotten. */
export class Duplicates {
  private readonly hashes = new Int32Array(PACKETS * 2);
  private readonly times = new Float64Array(PACKETS).fill(Number.NEGATIVE_INFINITY);
  private readonly twins = new Int32Array(TWINS * 2);
  private readonly twinTimes = new Float64Array(TWINS).fill(Number.NEGATIVE_INFINITY);
  private frameHash = 0;
  private frameLength = -1;
  private frameSender = 0;
  private frameTime: Micros = 0;

  /** `hash` covers the packet from its IP header on, without TTL and checksum; `more` is what else must be equal. */
  isPacketAgain(hash: number, more: number, time: Micros): boolean {
    const slot = (hash ^ (hash >>> 16)) & (PACKETS - 1);
    const again =
      this.hashes[slot * 2] === hash &&
      this.hashes[slot * 2 + 1] === (more | 0) &&
      Math.abs(time - (this.times[slot] as number)) <= PACKET_WINDOW;
    this.hashes[slot * 2] = hash;
    this.hashes[slot * 2 + 1] = more | 0;
    this.times[slot] = time;
    return again;
  }

  /** The same bytes from the same sender as in the frame just before. */
  isFrameAgain(view: DataView, start: number, end: number, time: Micros, sender: number): boolean {
    const hash = hashBytes(view, start, end, 0);
    const again =
      this.frameHash === hash &&
      this.frameLength === end - start &&
      this.frameSender === sender &&
      Math.abs(time - this.frameTime) <= FRAME_WINDOW;
    this.frameHash = hash;
    this.frameLength = end - start;
    this.frameSender = sender;
    this.frameTime = time;
    return again;
  }

  /** The second frame of that sender with that sequence number (IEC 62439-3). */
  isTwin(sender: number, sequence: number, time: Micros): boolean {
    const slot = (Math.imul(sender ^ Math.imul(sequence, 0x9e3779b1), 0x85ebca6b) >>> 16) & (TWINS - 1);
    const again =
      this.twins[slot * 2] === (sender | 0) &&
      this.twins[slot * 2 + 1] === sequence &&
      Math.abs(time - (this.twinTimes[slot] as number)) <= TWIN_WINDOW;
    this.twins[slot * 2] = sender | 0;
    this.twins[slot * 2 + 1] = sequence;
    this.twinTimes[slot] = time;
    return again;
  }
}

/** Two lanes side by side: a multiplication waits for the one before it, so one lane alone takes twice as long. */
export function hashBytes(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  let other = 0x85ebca6b;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    hash = Math.imul(hash ^ view.getUint32(at, true), 0x9e3779b1);
    other = Math.imul(other ^ view.getUint32(at + 4, true), 0xc2b2ae35);
    hash ^= hash >>> 15;
    other ^= other >>> 13;
  }
  for (; at < end; at++) {
    hash = Math.imul(hash ^ view.getUint8(at), 0x85ebca6b);
  }
  return (hash ^ Math.imul(other, 0x27d4eb2f)) | 0;
}
