import type { Micros } from '../../kit/time.ts';
import type { LimitName, Limits } from '../limits.ts';
import { ArrivalList, type Listed } from './arrival-list.ts';
import { StreamFlag, type StreamTable } from './stream-table.ts';

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

/** Bytes that all streams together may hold back, behind holes and in unfinished PDUs. */
export class HoldBudget {
  used = 0;
  readonly limits: Limits;
  private readonly tell: (limit: LimitName) => void;

  constructor(limits: Limits, tell: (limit: LimitName) => void) {
    this.limits = limits;
    this.tell = tell;
  }

  get isSpent(): boolean {
    return this.used > this.limits.heldBytes;
  }

  reached(limit: LimitName): void {
    this.tell(limit);
  }
}

interface Held extends Arrival {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Length on the wire; more than `bytes` where the capture cut the packet. */
  readonly announced: number;
}

/** The segments of one direction that wait, in order of their place. */
class Backlog implements Listed<Backlog> {
  readonly segments: Held[] = [];
  bytes = 0;
  readonly holeSince: Micros;
  /** The frame of the first segment that had to wait. */
  readonly since: number;
  isListed = false;
  before: Backlog | undefined;
  after: Backlog | undefined;

  constructor({ frame, time }: Arrival) {
    this.holeSince = time;
    this.since = frame;
  }
}

/** A jump in sequence numbers beyond any window: the connection began anew without our seeing it. */
const FARTHEST = 16 * 1024 * 1024;
/** What a held segment costs beyond its bytes: many tiny ones must not cost more than a few large ones. */
const HELD_OVERHEAD = 256;

/**
 * The directions of all TCP connections (RFC 9293): order, retransmission, overlap, holes.
 * Bytes behind a hole wait until it is filled, the receiver acknowledges past it, too many wait, or too long.
 */
export class TcpStreams {
  private readonly table: StreamTable;
  private readonly budget: HoldBudget;
  private readonly backlogs = new Map<number, Backlog>();
  private readonly inOrder = new ArrivalList<Backlog>();

  constructor(table: StreamTable, budget: HoldBudget) {
    this.table = table;
    this.budget = budget;
  }

  /** Messages of frames from this one on may still come: where the longest waiting direction began to wait. */
  get earliestFrame(): number {
    return this.inOrder.first?.since ?? Number.POSITIVE_INFINITY;
  }

  /** A SYN was seen: the first byte has this sequence number. */
  start(direction: number, sequence: number): void {
    this.table.setNext(direction, sequence);
    this.table.set(direction, StreamFlag.started);
  }

  /**
   * `announced` is the payload's length on the wire, `end - start` what was captured of it; `hash` is that of the payload.
   * `impatient`: the other side is not captured, so no acknowledgement will ever tell that missing bytes stay missing.
   */
  segment(
    sink: StreamSink,
    direction: number,
    sequence: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    announced: number,
    hash: number,
    arrival: Arrival,
    impatient: boolean,
  ): void {
    const { table } = this;
    if (!table.has(direction, StreamFlag.started)) {
      this.start(direction, sequence);
    }
    const ahead = (sequence - table.next(direction)) | 0;
    if (ahead > FARTHEST || ahead < -FARTHEST) {
      this.restart(sink, direction, sequence);
      this.deliver(sink, direction, bytes, view, start, end, announced);
    } else if (ahead > 0) {
      this.hold(sink, direction, sequence, bytes, start, end, announced, arrival, impatient);
      return;
    } else if (-ahead >= announced) {
      if (table.contradicts(direction, sequence, announced, hash)) {
        sink.ambiguous();
      }
      return;
    } else {
      this.deliver(sink, direction, bytes, view, Math.min(start - ahead, end), end, announced + ahead);
    }
    table.remember(direction, sequence, announced, hash);
    if (table.has(direction, StreamFlag.waiting)) {
      this.drain(sink, direction, false);
    }
  }

  /** The other side acknowledges everything before `acknowledgement`: what we miss of it will not come again. */
  peerAcknowledged(sink: StreamSink, direction: number, acknowledgement: number): void {
    const { table } = this;
    if (!table.has(direction, StreamFlag.acknowledged)) {
      table.set(direction, StreamFlag.acknowledged);
    } else if (((acknowledgement - table.acknowledged(direction)) | 0) <= 0) {
      return;
    }
    table.setAcknowledged(direction, acknowledgement);
    while (this.isAcknowledgedPast(direction)) {
      this.skipHole(sink, direction);
    }
  }

  /** Gives up on a hole that has been open too long. */
  expire(sink: StreamSink, direction: number, time: Micros): void {
    const backlog = this.backlogOf(direction);
    if (backlog && time - backlog.holeSince > this.budget.limits.holeSeconds * 1e6) {
      this.budget.reached('holeSeconds');
      this.skipHole(sink, direction);
    }
  }

  /** Nothing more will come. */
  finish(sink: StreamSink, direction: number): void {
    while (this.table.has(direction, StreamFlag.waiting)) {
      this.skipHole(sink, direction);
    }
  }

  private backlogOf(direction: number): Backlog | undefined {
    return this.table.has(direction, StreamFlag.waiting) ? this.backlogs.get(direction) : undefined;
  }

  private deliver(
    sink: StreamSink,
    direction: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    announced: number,
  ): void {
    this.table.setNext(direction, this.table.next(direction) + announced);
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
    direction: number,
    sequence: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    announced: number,
    arrival: Arrival,
    impatient: boolean,
  ): void {
    const backlog = this.backlogOf(direction) ?? new Backlog(arrival);
    const { segments } = backlog;
    const copy = bytes.slice(start, end);
    const { frame, time } = arrival;
    const held: Held = { sequence, bytes: copy, view: new DataView(copy.buffer), announced, frame, time };
    let place = segments.length;
    while (place > 0 && (((segments[place - 1] as Held).sequence - sequence) | 0) > 0) {
      place--;
    }
    const before = segments[place - 1];
    if (conflict(held, before) || conflict(held, segments[place])) {
      sink.ambiguous();
    }
    if (before && before.sequence === sequence && before.announced >= announced) {
      return;
    }
    segments.splice(place, 0, held);
    this.backlogs.set(direction, backlog);
    this.inOrder.enter(backlog);
    this.table.set(direction, StreamFlag.waiting);
    backlog.bytes += copy.length + HELD_OVERHEAD;
    this.budget.used += copy.length + HELD_OVERHEAD;
    if (impatient || this.isAcknowledgedPast(direction)) {
      this.skipHole(sink, direction);
    }
    while (this.table.has(direction, StreamFlag.waiting)) {
      const full = this.fullLimit(backlog);
      if (full === undefined) {
        return;
      }
      this.budget.reached(full);
      this.skipHole(sink, direction);
    }
  }

  private fullLimit(backlog: Backlog): LimitName | undefined {
    if (backlog.bytes > this.budget.limits.heldBytesPerDirection) {
      return 'heldBytesPerDirection';
    }
    return this.budget.isSpent ? 'heldBytes' : undefined;
  }

  private isAcknowledgedPast(direction: number): boolean {
    const first = this.backlogOf(direction)?.segments[0];
    return (
      first !== undefined &&
      this.table.has(direction, StreamFlag.acknowledged) &&
      ((this.table.acknowledged(direction) - first.sequence) | 0) >= 0
    );
  }

  private skipHole(sink: StreamSink, direction: number): void {
    const first = this.backlogOf(direction)?.segments[0];
    if (!first) {
      return;
    }
    sink.cameIn(first);
    sink.hole((first.sequence - this.table.next(direction)) >>> 0);
    this.table.setNext(direction, first.sequence);
    this.drain(sink, direction, true);
  }

  /**
   * Delivers what has become continuous. Behind a hole that was given up, each message belongs to the packet it came in;
   * behind one that was filled, it could be read with the filling packet only.
   */
  private drain(sink: StreamSink, direction: number, afterHole: boolean): void {
    for (let backlog = this.backlogOf(direction); backlog; backlog = this.backlogOf(direction)) {
      const first = backlog.segments[0];
      if (!first) {
        this.forget(direction, backlog);
        return;
      }
      const ahead = (first.sequence - this.table.next(direction)) | 0;
      if (ahead > 0) {
        return;
      }
      backlog.segments.shift();
      backlog.bytes -= first.bytes.length + HELD_OVERHEAD;
      this.budget.used -= first.bytes.length + HELD_OVERHEAD;
      if (-ahead < first.announced) {
        const from = Math.min(-ahead, first.bytes.length);
        sink.cameIn(afterHole ? first : undefined);
        this.deliver(sink, direction, first.bytes, first.view, from, first.bytes.length, first.announced + ahead);
        sink.cameIn(undefined);
      }
    }
  }

  private forget(direction: number, backlog: Backlog): void {
    this.budget.used -= backlog.bytes;
    this.inOrder.leave(backlog);
    this.backlogs.delete(direction);
    this.table.clear(direction, StreamFlag.waiting);
  }

  private restart(sink: StreamSink, direction: number, sequence: number): void {
    const backlog = this.backlogOf(direction);
    if (backlog) {
      this.forget(direction, backlog);
    }
    this.table.clear(direction, StreamFlag.acknowledged);
    sink.hole(0);
    this.table.setNext(direction, sequence);
  }
}

/** Whether the bytes that this segment shares with a held neighbour differ. */
function conflict(held: Held, other: Held | undefined): boolean {
  if (!other) {
    return false;
  }
  const shift = (held.sequence - other.sequence) | 0;
  const from = Math.max(0, shift);
  const to = Math.min(other.bytes.length, shift + held.bytes.length);
  for (let at = from; at < to; at++) {
    if (other.bytes[at] !== held.bytes[at - shift]) {
      return true;
    }
  }
  return false;
}
