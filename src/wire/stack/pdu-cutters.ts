import { type CutContext, MORE, NOT_MINE } from '../dissector.ts';
import type { Reader } from '../reader.ts';
import { StreamFlag, type StreamTable } from './stream-table.ts';
import type { HoldBudget } from './tcp-streams.ts';

type Cut = (reader: Reader, context: CutContext) => number;

/** What becomes of a stream's bytes. */
export interface PduSink {
  pdu(bytes: Uint8Array, view: DataView, start: number, end: number): void;
  /** No PDU can start here; what follows in this segment is not looked at. */
  notMine(bytes: Uint8Array, view: DataView, start: number, end: number): void;
  /** A PDU longer than any message may be; its bytes are passed over. */
  tooLong(length: number): void;
  /** Bytes of a PDU whose rest was never captured. */
  cutShort(bytes: Uint8Array, view: DataView, start: number, end: number): void;
}

/** While a header is still incomplete, up to this many bytes it is looked at again with every segment. */
const EAGER = 4096;
/** A PDU is believed only as far as it has come: its buffer grows with it, not with what its header claims. */
const FIRST_BUFFER = 256;

/** A PDU of which only a part has come. */
interface Unfinished {
  bytes: Uint8Array;
  view: DataView;
  have: number;
  /** Length of the PDU, 0 while its header is incomplete. */
  need: number;
  lookAgainAt: number;
}

/** Cuts the directions of all streams into PDUs and keeps the unfinished ones. */
export class PduCutters {
  private readonly table: StreamTable;
  private readonly budget: HoldBudget;
  private readonly sink: PduSink;
  private readonly unfinished = new Map<number, Unfinished>();
  /** Bytes of PDUs longer than any message may be that are still to come. */
  private readonly toSkip = new Map<number, number>();

  constructor(table: StreamTable, budget: HoldBudget, sink: PduSink) {
    this.table = table;
    this.budget = budget;
    this.sink = sink;
  }

  /** Bytes of one PDU. */
  private get longest(): number {
    return this.budget.limits.messageBytes;
  }

  feed(
    direction: number,
    cut: Cut,
    context: CutContext,
    reader: Reader,
    bytes: Uint8Array,
    view: DataView,
    from: number,
    end: number,
  ): void {
    let start = from;
    if (this.table.has(direction, StreamFlag.unfinished)) {
      start += this.skip(direction, end - start);
      start = this.continue(direction, cut, context, reader, bytes, start, end);
    }
    if (start < end) {
      this.cutWhole(direction, cut, context, reader, bytes, view, start, end);
    }
  }

  /** Bytes were lost: the unfinished PDU stays unfinished, and the next bytes may start anywhere. */
  lose(direction: number): void {
    const pending = this.pending(direction);
    this.clear(direction);
    this.table.clear(direction, StreamFlag.synchronised);
    if (pending && pending.have > 0) {
      this.sink.cutShort(pending.bytes, pending.view, 0, pending.have);
    }
  }

  /** Forgets what is unfinished: another protocol reads this stream from here on, or none. */
  clear(direction: number): void {
    if (this.table.has(direction, StreamFlag.unfinished)) {
      this.drop(direction);
      this.toSkip.delete(direction);
      this.table.clear(direction, StreamFlag.unfinished);
    }
  }

  private pending(direction: number): Unfinished | undefined {
    return this.table.has(direction, StreamFlag.unfinished) ? this.unfinished.get(direction) : undefined;
  }

  /** How many of the next bytes belong to a PDU that is passed over. */
  private skip(direction: number, available: number): number {
    const wanted = this.toSkip.get(direction);
    if (wanted === undefined) {
      return 0;
    }
    const skipped = Math.min(wanted, available);
    this.passOver(direction, wanted - skipped);
    return skipped;
  }

  private passOver(direction: number, bytes: number): void {
    if (bytes > 0) {
      this.toSkip.set(direction, bytes);
      this.table.set(direction, StreamFlag.unfinished);
    } else {
      this.toSkip.delete(direction);
      this.table.clear(direction, StreamFlag.unfinished);
    }
  }

  /** Gives the unfinished PDU what it needs; returns where the bytes behind it start. */
  private continue(
    direction: number,
    cut: Cut,
    context: CutContext,
    reader: Reader,
    bytes: Uint8Array,
    from: number,
    end: number,
  ): number {
    let start = from;
    for (let pending = this.pending(direction); pending && start < end; pending = this.pending(direction)) {
      start += this.append(pending, bytes, start, end);
      if (this.budget.isSpent) {
        this.budget.reached('heldBytes');
        const wanted = Math.max(pending.need, pending.have);
        this.drop(direction);
        this.passOver(direction, wanted - pending.have);
        this.sink.tooLong(wanted);
        return end;
      }
      if (pending.have < (pending.need > 0 ? pending.need : pending.lookAgainAt)) {
        return end;
      }
      this.lookAgain(direction, pending, cut, context, reader);
    }
    return start;
  }

  private lookAgain(direction: number, pending: Unfinished, cut: Cut, context: CutContext, reader: Reader): void {
    const { bytes, view, have } = pending;
    if (pending.need > 0) {
      this.clear(direction);
      this.sink.pdu(bytes, view, 0, have);
      return;
    }
    const length = cut(reader.reset(bytes, view, 0, have), context);
    if (length === MORE && have <= this.longest) {
      pending.lookAgainAt = have < EAGER ? have + 1 : have + (have >> 3);
    } else if (length > have && length <= this.longest) {
      pending.need = length;
    } else {
      // The header is complete: the bytes are whole PDUs, or none at all.
      this.clear(direction);
      this.cutWhole(direction, cut, context, reader, bytes, view, 0, have);
    }
  }

  private cutWhole(
    direction: number,
    cut: Cut,
    context: CutContext,
    reader: Reader,
    bytes: Uint8Array,
    view: DataView,
    from: number,
    end: number,
  ): void {
    let start = from;
    while (start < end) {
      const length = cut(reader.reset(bytes, view, start, end), context);
      if (length === MORE && end - start > this.longest) {
        // A header that never ends: where the next message begins, nobody knows.
        this.table.clear(direction, StreamFlag.synchronised);
        this.budget.reached('messageBytes');
        this.sink.tooLong(end - start);
        return;
      }
      if (length === MORE || (length > end - start && length <= this.longest)) {
        this.keep(direction, bytes, start, end, length);
        return;
      }
      if (length === NOT_MINE || length < 0) {
        this.table.clear(direction, StreamFlag.synchronised);
        this.sink.notMine(bytes, view, start, end);
        return;
      }
      if (length > this.longest) {
        this.passOver(direction, length - (end - start));
        this.budget.reached('messageBytes');
        this.sink.tooLong(length);
        return;
      }
      this.table.set(direction, StreamFlag.synchronised | StreamFlag.hasCut);
      this.sink.pdu(bytes, view, start, start + length);
      start += length;
    }
  }

  private keep(direction: number, bytes: Uint8Array, start: number, end: number, length: number): void {
    const size = Math.min(length === MORE ? FIRST_BUFFER : length, Math.max(FIRST_BUFFER, end - start));
    const buffer = new Uint8Array(size);
    const view = new DataView(buffer.buffer);
    const pending: Unfinished = { bytes: buffer, view, have: 0, need: length, lookAgainAt: 0 };
    this.budget.used += size;
    this.unfinished.set(direction, pending);
    this.table.set(direction, StreamFlag.unfinished);
    this.append(pending, bytes, start, end);
    pending.lookAgainAt = pending.have + 1;
  }

  /** Takes what the PDU needs, or everything while that is unknown; returns how many bytes it took. */
  private append(pending: Unfinished, bytes: Uint8Array, start: number, end: number): number {
    const taken = pending.need > 0 ? Math.min(pending.need - pending.have, end - start) : end - start;
    this.reserve(pending, pending.have + taken);
    pending.bytes.set(bytes.subarray(start, start + taken), pending.have);
    pending.have += taken;
    return taken;
  }

  private reserve(pending: Unfinished, size: number): void {
    const { length } = pending.bytes;
    if (length >= size) {
      return;
    }
    const larger = new Uint8Array(Math.max(size, length * 2));
    larger.set(pending.bytes.subarray(0, pending.have));
    this.budget.used += larger.length - length;
    pending.bytes = larger;
    pending.view = new DataView(larger.buffer);
  }

  private drop(direction: number): void {
    this.budget.used -= this.unfinished.get(direction)?.bytes.length ?? 0;
    this.unfinished.delete(direction);
  }
}
