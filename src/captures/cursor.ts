import type { Micros } from '../kit/time.ts';
import { CaptureReader } from '../wire/capture/capture.ts';
import { type CapturedPacket, type Damage, MOST_WAITING, type PacketSink } from '../wire/capture/packet-sink.ts';
import type { CaptureBytes } from '../wire/capture/source.ts';

/** Room for a whole record and a good read behind it. */
const BUFFER = 2 * MOST_WAITING;

/** How far a run has come. */
export interface RunState {
  /** Bytes of all files used so far. */
  readonly consumed: number;
  readonly packets: number;
  /** Of the packet under way. */
  readonly time: Micros;
}

/** What became of one capture. */
export interface CaptureSummary {
  readonly path: string;
  readonly packets: number;
  /** Bytes of all frames as they were on the wire. */
  readonly bytes: number;
  readonly firstSeen: Micros | undefined;
  readonly lastSeen: Micros | undefined;
  /** What the capturing program says that it lost. */
  readonly lost: number;
  readonly filters: readonly string[];
  readonly damage: Damage | undefined;
}

/** One capture on its way through a sink; remembers how far it came. */
export class CaptureCursor implements PacketSink {
  readonly path: string;
  private readonly input: CaptureBytes;
  private readonly sink: PacketSink;
  private readonly reader: CaptureReader;
  private readonly buffer = new Uint8Array(BUFFER);
  private readonly view = new DataView(this.buffer.buffer);
  private start = 0;
  private end = 0;
  private offset = 0;
  private over = false;
  private brokenOff = false;
  private packets = 0;
  private bytes = 0;
  private time: Micros = 0;
  private firstSeen: Micros = Number.POSITIVE_INFINITY;
  private lastSeen: Micros = Number.NEGATIVE_INFINITY;

  constructor(path: string, input: CaptureBytes, sink: PacketSink) {
    this.path = path;
    this.input = input;
    this.sink = sink;
    this.reader = new CaptureReader(this);
  }

  /** Called while a packet is handed on: the step ends behind it. */
  pause(): void {
    this.reader.pause();
  }

  packet(packet: CapturedPacket): void {
    this.packets++;
    this.time = packet.time;
    this.bytes += packet.original;
    if (packet.time < this.firstSeen) {
      this.firstSeen = packet.time;
    }
    if (packet.time > this.lastSeen) {
      this.lastSeen = packet.time;
    }
    this.sink.packet(packet);
  }

  /** Hands on what the buffer holds, and fills it again; false once the capture is over. A promise only where bytes must be waited for. */
  step(): boolean | Promise<boolean> {
    while (!this.over) {
      const before = this.packets;
      const at = this.reader.consume(this.buffer, this.view, this.start, this.end);
      this.offset += at - this.start;
      const progressed = at > this.start;
      this.start = at;
      if (this.packets > before) {
        return true;
      }
      if (!progressed || this.start === this.end) {
        const read = this.refill();
        if (typeof read !== 'number') {
          return read.then((got) => {
            this.took(got);
            return this.step();
          });
        }
        this.took(read);
      }
    }
    return false;
  }

  get state(): RunState {
    return { consumed: this.input.consumed, packets: this.packets, time: this.time };
  }

  get interfaces(): number {
    return this.reader.interfaces;
  }

  /** It is a capture: an empty one too, but not one that is damaged before its first packet. */
  get isReadable(): boolean {
    return this.packets > 0 || (this.reader.isCapture && this.damage() === undefined);
  }

  /** Final once `step` has returned false. */
  summary(): CaptureSummary {
    return {
      path: this.path,
      packets: this.packets,
      bytes: this.bytes,
      firstSeen: this.packets > 0 ? this.firstSeen : undefined,
      lastSeen: this.packets > 0 ? this.lastSeen : undefined,
      lost: this.reader.lost,
      filters: this.reader.filters,
      damage: this.damage(),
    };
  }

  /** The user wants no more: what is already here is handed on. */
  stop(): void {
    this.input.interrupt();
  }

  /** Nothing more of it is wanted, from here on. */
  breakOff(): void {
    this.brokenOff = true;
  }

  /** It was stopped before its end: what is missing is no damage. */
  get cut(): boolean {
    return this.brokenOff || this.input.cut;
  }

  close(): void {
    this.input.close();
  }

  private refill(): number | Promise<number> {
    this.buffer.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    return this.input.read(this.buffer, this.end);
  }

  private took(got: number): void {
    this.end += got;
    if (got === 0 || this.reader.damage) {
      this.over = true;
    }
  }

  private damage(): Damage | undefined {
    if (this.cut) {
      return this.reader.isCapture ? this.reader.damage : { offset: 0, reason: 'it was stopped before anything came' };
    }
    const damage = this.reader.endDamage(this.offset);
    const { failure } = this.input;
    return failure === undefined || this.reader.damage ? damage : { offset: this.offset, reason: failure };
  }
}
