import type { Micros } from '../../kit/time.ts';
import { LANES } from './share.ts';

/** Twins of an IP packet come within this time (a mirror of two ports, two taps). */
const PACKET_WINDOW: Micros = 10_000;
/** Cyclic protocols repeat frames byte for byte, so a frame that is not IP counts as a twin only right behind the first. */
const FRAME_WINDOW: Micros = 100;
/** Redundant copies (PRP, HSR) may come over paths of different length. */
const TWIN_WINDOW: Micros = 500_000;
const PACKETS_PER_LANE = 512;
const TWINS = 1024;

/**
 * Notices a packet that was captured twice. Fixed memory: what is older than a few hundred packets of its lane is forgotten, so
 * that what is noticed does not depend on other lanes.
 */
export class Duplicates {
  private readonly hashes = new Int32Array(LANES * PACKETS_PER_LANE * 2);
  private readonly times = new Float64Array(LANES * PACKETS_PER_LANE).fill(Number.NEGATIVE_INFINITY);
  private readonly twins = new Int32Array(TWINS * 2);
  private readonly twinTimes = new Float64Array(TWINS).fill(Number.NEGATIVE_INFINITY);
  /** The last frame of each lane: number, hash, length, sender. */
  private readonly frames = new Int32Array(LANES * 4).fill(-1);
  private readonly frameTimes = new Float64Array(LANES).fill(Number.NEGATIVE_INFINITY);

  /** `hash` covers the packet from its IP header on, without TTL and checksum; `more` is what else must be equal. */
  isPacketAgain(lane: number, hash: number, more: number, time: Micros): boolean {
    const slot = lane * PACKETS_PER_LANE + ((hash ^ (hash >>> 16)) & (PACKETS_PER_LANE - 1));
    const again =
      this.hashes[slot * 2] === hash &&
      this.hashes[slot * 2 + 1] === (more | 0) &&
      Math.abs(time - (this.times[slot] as number)) <= PACKET_WINDOW;
    this.hashes[slot * 2] = hash;
    this.hashes[slot * 2 + 1] = more | 0;
    this.times[slot] = time;
    return again;
  }

  /** The same bytes from the same sender as in the frame just before; `number` counts the frames of all lanes. */
  isFrameAgain(
    lane: number,
    number: number,
    view: DataView,
    start: number,
    end: number,
    time: Micros,
    sender: number,
  ): boolean {
    const { frames, frameTimes } = this;
    const at = lane * 4;
    const hash = hashBytes(view, start, end, 0);
    const again =
      frames[at] === ((number - 1) | 0) &&
      frames[at + 1] === hash &&
      frames[at + 2] === end - start &&
      frames[at + 3] === (sender | 0) &&
      Math.abs(time - (frameTimes[lane] as number)) <= FRAME_WINDOW;
    frames[at] = number;
    frames[at + 1] = hash;
    frames[at + 2] = end - start;
    frames[at + 3] = sender;
    frameTimes[lane] = time;
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
