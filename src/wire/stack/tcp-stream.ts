import type { Micros } from '../../kit/time.ts';
import { ArrivalList, type Listed } from './arrival-list.ts';

/** Takes the bytes of one direction in their order, each once. */
export interface StreamSink {
  data(bytes: Uint8Array, view: DataView, start: number, end: number): void;
  /** `size` bytes were never seen; 0 where nobody can say how many. */
  hole(size: number): void;
  /** The same place of the stream was sent twice with different bytes; the first ones count. */
  ambiguous(): void;
  /** What follows came in an earlier packet and had to wait; `undefined`: in the packet at hand again. */
  cameIn(packet: Arrival | undefined): void;
}

/** The packet that bytes came in. */
export interface Arrival {
  readonly frame: number;
  readonly time: Micros;
}

/** Bytes that all streams together may hold back. */
export class HoldBudget {
  used = 0;
  readonly perStream: number;
  readonly total: number;
  readonly wait: Micros;
  readonly waiting = new ArrivalList<TcpStream>();

  constructor(perStream: number, total: number, wait: Micros) {
    this.perStream = perStream;
    this.total = total;
    this.wait = wait;
  }

  /** Messages of frames from this one on may still come: where the longest waiting stream began to wait. */
  get earliestFrame(): number {
    return this.waiting.first?.waitingSince ?? Number.POSITIVE_INFINITY;
  }
}

interface Held extends Arrival {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Length on the wire; more than `bytes` where the capture cut the packet. */
  readonly announced: number;
}

/** A jump in sequence numbers beyond any window: the connection began anew without our seeing it. */
const FARTHEST = 16 * 1024 * 1024;
/** Segments whose hash is kept, to notice a retransmission with other bytes. */
const REMEMBERED = 4;
/** What a held segment costs beyond its bytes: many tiny ones must not cost more than a few large ones. */
const HELD_OVERHEAD = 256;

/**
 * One direction of a TCP connection (RFC 9293): order, retransmission, overlap, holes.
 * Bytes behind a hole wait until it is filled, the receiver acknowledges past it, too many wait, or too long.
 */
export class TcpStream implements Listed<TcpStream> {
  private readonly budget: HoldBudget;
  private next = 0;
  private started = false;
  private acknowledged = 0;
  private hasAcknowledged = false;
  private held: Held[] | undefined;
  private heldBytes = 0;
  private holeSince: Micros = 0;
  /** The frame of the first segment that had to wait, while any does. */
  waitingSince = Number.POSITIVE_INFINITY;
  isListed = false;
  before: TcpStream | undefined;
  after: TcpStream | undefined;
  private recent: Int32Array | undefined;
  private recentAt = 0;
  /** The other side is not captured: no acknowledgement will ever tell that missing bytes stay missing. */
  impatient = false;

  constructor(budget: HoldBudget) {
    this.budget = budget;
  }

  get waiting(): boolean {
    return this.held !== undefined && this.held.length > 0;
  }

  /** A SYN was seen: the first byte has this sequence number. */
  start(sequence: number): void {
    this.next = sequence >>> 0;
    this.started = true;
  }

  /** `announced` is the payload's length on the wire, `end - start` what was captured of it; `hash` is that of the payload. */
  segment(
    sink: StreamSink,
    sequence: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    announced: number,
    hash: number,
    arrival: Arrival,
  ): void {
    if (!this.started) {
      this.start(sequence);
    }
    const ahead = (sequence - this.next) | 0;
    if (ahead > FARTHEST || ahead < -FARTHEST) {
      this.restart(sink, sequence);
      this.deliver(sink, bytes, view, start, end, announced);
    } else if (ahead > 0) {
      this.hold(sink, sequence, bytes, start, end, announced, arrival);
      return;
    } else if (-ahead >= announced) {
      this.compare(sink, sequence, announced, hash);
      return;
    } else {
      this.deliver(sink, bytes, view, Math.min(start - ahead, end), end, announced + ahead);
    }
    this.remember(sequence, announced, hash);
    if (this.held) {
      this.drain(sink, false);
    }
  }

  /** The other side acknowledges everything before `acknowledgement`: what we miss of it will not come again. */
  peerAcknowledged(sink: StreamSink, acknowledgement: number): void {
    if (this.hasAcknowledged && ((acknowledgement - this.acknowledged) | 0) <= 0) {
      return;
    }
    this.acknowledged = acknowledgement;
    this.hasAcknowledged = true;
    while (this.held && this.held.length > 0 && this.isAcknowledgedPast()) {
      this.skipHole(sink);
    }
  }

  /** Gives up on a hole that has been open too long. */
  expire(sink: StreamSink, time: Micros): void {
    if (this.waiting && time - this.holeSince > this.budget.wait) {
      this.skipHole(sink);
    }
  }

  /** Nothing more will come. */
  finish(sink: StreamSink): void {
    while (this.waiting) {
      this.skipHole(sink);
    }
  }

  private deliver(sink: StreamSink, bytes: Uint8Array, view: DataView, start: number, end: number, announced: number) {
    this.next = (this.next + announced) >>> 0;
    if (end > start) {
      sink.data(bytes, view, start, end);
    }
    const missing = announced - (end - start);
    if (missing > 0) {
      sink.hole(missing);
    }
  }

  private hold(
    sink: StreamSink,
    sequence: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    announced: number,
    { frame, time }: Arrival,
  ): void {
    this.held ??= [];
    const copy = bytes.slice(start, end);
    const held: Held = { sequence, bytes: copy, view: new DataView(copy.buffer), announced, frame, time };
    if (this.held.length === 0) {
      this.holeSince = time;
      this.waitingSince = frame;
    }
    let place = this.held.length;
    while (place > 0 && (((this.held[place - 1] as Held).sequence - sequence) | 0) > 0) {
      place--;
    }
    if (this.conflicts(held, place)) {
      sink.ambiguous();
    }
    const before = this.held[place - 1];
    if (before && before.sequence === sequence && before.announced >= announced) {
      return;
    }
    this.held.splice(place, 0, held);
    this.budget.waiting.enter(this);
    this.heldBytes += copy.length + HELD_OVERHEAD;
    this.budget.used += copy.length + HELD_OVERHEAD;
    if (this.impatient || this.isAcknowledgedPast()) {
      this.skipHole(sink);
    }
    while (this.waiting && (this.heldBytes > this.budget.perStream || this.budget.used > this.budget.total)) {
      this.skipHole(sink);
    }
  }

  /** Whether the bytes that this segment shares with its held neighbours differ. */
  private conflicts(held: Held, place: number): boolean {
    for (const other of [this.held?.[place - 1], this.held?.[place]]) {
      if (!other) {
        continue;
      }
      const shift = (held.sequence - other.sequence) | 0;
      const from = Math.max(0, shift);
      const to = Math.min(other.bytes.length, shift + held.bytes.length);
      for (let at = from; at < to; at++) {
        if (other.bytes[at] !== held.bytes[at - shift]) {
          return true;
        }
      }
    }
    return false;
  }

  private isAcknowledgedPast(): boolean {
    const first = this.held?.[0];
    return this.hasAcknowledged && first !== undefined && ((this.acknowledged - first.sequence) | 0) >= 0;
  }

  private skipHole(sink: StreamSink): void {
    const first = this.held?.[0];
    if (!first) {
      return;
    }
    sink.cameIn(first);
    sink.hole((first.sequence - this.next) >>> 0);
    this.next = first.sequence;
    this.drain(sink, true);
  }

  /**
   * Delivers what has become continuous. Behind a hole that was given up, each message belongs to the packet it came in;
   * behind one that was filled, it could be read with the filling packet only.
   */
  private drain(sink: StreamSink, afterHole: boolean): void {
    while (this.held) {
      const first = this.held[0];
      if (!first) {
        this.held = undefined;
        this.budget.waiting.leave(this);
        return;
      }
      const ahead = (first.sequence - this.next) | 0;
      if (ahead > 0) {
        return;
      }
      this.held.shift();
      this.heldBytes -= first.bytes.length + HELD_OVERHEAD;
      this.budget.used -= first.bytes.length + HELD_OVERHEAD;
      if (-ahead < first.announced) {
        const from = Math.min(-ahead, first.bytes.length);
        sink.cameIn(afterHole ? first : undefined);
        this.deliver(sink, first.bytes, first.view, from, first.bytes.length, first.announced + ahead);
        sink.cameIn(undefined);
      }
    }
  }

  private restart(sink: StreamSink, sequence: number): void {
    for (const { bytes } of this.held ?? []) {
      this.budget.used -= bytes.length + HELD_OVERHEAD;
    }
    this.held = undefined;
    this.budget.waiting.leave(this);
    this.heldBytes = 0;
    this.hasAcknowledged = false;
    sink.hole(0);
    this.next = sequence;
  }

  private remember(sequence: number, length: number, hash: number): void {
    this.recent ??= new Int32Array(REMEMBERED * 3);
    const at = this.recentAt * 3;
    this.recent[at] = sequence | 0;
    this.recent[at + 1] = length;
    this.recent[at + 2] = hash;
    this.recentAt = (this.recentAt + 1) % REMEMBERED;
  }

  private compare(sink: StreamSink, sequence: number, length: number, hash: number): void {
    const { recent } = this;
    for (let at = 0; recent && at < recent.length; at += 3) {
      if (recent[at] === (sequence | 0) && recent[at + 1] === length && length > 0 && recent[at + 2] !== hash) {
        sink.ambiguous();
        return;
      }
    }
  }
}
