import type { Micros } from '../kit/time.ts';
import type { Packet } from './pcap-writer.ts';

const SLAB = 1 << 18;
const LARGEST_FRAME = 1600;

/**
 * The tap that sees everything: frames are written into a slab and handed on as views of it. A slab is never used
 * twice, so a packet stays valid however long its reader keeps it.
 */
export class Recorder {
  slab = new Uint8Array(SLAB);
  view = new DataView(this.slab.buffer);
  /** Where the frame that is being written starts. */
  at = 0;
  /** Frames recorded so far: the number of the latest, as Wireshark counts. */
  frames = 0;
  private last: Micros = 0;
  private waiting: Packet[] = [];

  /** Makes room for one frame and returns where it starts. */
  begin(): number {
    if (this.at + LARGEST_FRAME > SLAB) {
      this.slab = new Uint8Array(SLAB);
      this.view = new DataView(this.slab.buffer);
      this.at = 0;
    }
    return this.at;
  }

  /** Records the frame that was written up to `end`; two frames never have one time. */
  commit(end: number, now: Micros): void {
    this.last = Math.max(now, this.last + 1);
    this.frames++;
    this.waiting.push({ time: this.last, bytes: this.slab.subarray(this.at, end) });
    this.at = end;
  }

  get lastTime(): Micros {
    return this.last;
  }

  /** The packets recorded since the last call, earliest first. */
  take(): readonly Packet[] {
    if (this.waiting.length === 0) {
      return NONE;
    }
    const packets = this.waiting;
    this.waiting = [];
    return packets;
  }
}

const NONE: readonly Packet[] = [];
