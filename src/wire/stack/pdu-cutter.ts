import { type CutContext, MORE, NOT_MINE } from '../dissector.ts';
import type { Reader } from '../reader.ts';
import type { HoldBudget } from './tcp-stream.ts';

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

/** Cuts one direction of a stream into PDUs and keeps the unfinished one. */
export class PduCutter {
  /** The next byte is believed to start a PDU. */
  synchronised = true;
  /** A PDU was cut here before. */
  hasCut = false;
  private pending: Uint8Array | undefined;
  private pendingView: DataView | undefined;
  private have = 0;
  /** Length of the pending PDU, 0 while its header is incomplete. */
  private need = 0;
  private lookAgainAt = 0;
  private toSkip = 0;
  private readonly budget: HoldBudget;

  constructor(budget: HoldBudget) {
    this.budget = budget;
  }

  feed(
    sink: PduSink,
    cut: Cut,
    context: CutContext,
    reader: Reader,
    bytes: Uint8Array,
    view: DataView,
    from: number,
    end: number,
    longest: number,
  ): void {
    let start = from;
    if (this.toSkip > 0) {
      const skipped = Math.min(this.toSkip, end - start);
      this.toSkip -= skipped;
      start += skipped;
    }
    while (this.pending && start < end) {
      start += this.append(bytes, start, end);
      if (this.budget.used > this.budget.total) {
        const wanted = Math.max(this.need, this.have);
        this.toSkip = wanted - this.have;
        this.clear();
        sink.tooLong(wanted);
        return;
      }
      if (this.need > 0 ? this.have < this.need : this.have < this.lookAgainAt) {
        return;
      }
      const { pending, pendingView, have } = this;
      if (this.need > 0) {
        this.clear();
        sink.pdu(pending, pendingView as DataView, 0, have);
        continue;
      }
      const length = cut(reader.reset(pending, pendingView as DataView, 0, have), context);
      if (length === MORE && have <= longest) {
        this.lookAgainAt = have < EAGER ? have + 1 : have + (have >> 3);
      } else if (length > have && length <= longest) {
        this.need = length;
      } else {
        // The header is complete: the bytes are whole PDUs, or none at all.
        this.clear();
        this.cutWhole(sink, cut, context, reader, pending, pendingView as DataView, 0, have, longest);
      }
    }
    if (start < end) {
      this.cutWhole(sink, cut, context, reader, bytes, view, start, end, longest);
    }
  }

  /** Bytes were lost: the unfinished PDU stays unfinished, and the next bytes may start anywhere. */
  lose(sink: PduSink): void {
    const { pending, pendingView, have } = this;
    this.clear();
    this.toSkip = 0;
    this.synchronised = false;
    if (pending && have > 0) {
      sink.cutShort(pending, pendingView as DataView, 0, have);
    }
  }

  /** Forgets what is pending: another protocol reads this stream from here on. */
  clear(): void {
    this.budget.used -= this.pending?.length ?? 0;
    this.pending = undefined;
    this.pendingView = undefined;
    this.have = 0;
    this.need = 0;
    this.lookAgainAt = 0;
  }

  private cutWhole(
    sink: PduSink,
    cut: Cut,
    context: CutContext,
    reader: Reader,
    bytes: Uint8Array,
    view: DataView,
    from: number,
    end: number,
    longest: number,
  ): void {
    let start = from;
    while (start < end) {
      const length = cut(reader.reset(bytes, view, start, end), context);
      if (length === MORE || (length > end - start && length <= longest)) {
        this.keep(bytes, start, end, length);
        return;
      }
      if (length === NOT_MINE || length < 0) {
        this.synchronised = false;
        sink.notMine(bytes, view, start, end);
        return;
      }
      if (length > longest) {
        this.toSkip = length - (end - start);
        sink.tooLong(length);
        return;
      }
      this.synchronised = true;
      this.hasCut = true;
      sink.pdu(bytes, view, start, start + length);
      start += length;
    }
  }

  private keep(bytes: Uint8Array, start: number, end: number, length: number): void {
    this.have = 0;
    this.need = length;
    this.reserve(Math.min(length === MORE ? FIRST_BUFFER : length, Math.max(FIRST_BUFFER, end - start)));
    this.append(bytes, start, end);
    this.lookAgainAt = this.have + 1;
  }

  /** Takes what the pending PDU needs, or everything while that is unknown; returns how many bytes it took. */
  private append(bytes: Uint8Array, start: number, end: number): number {
    const taken = this.need > 0 ? Math.min(this.need - this.have, end - start) : end - start;
    this.reserve(this.have + taken);
    this.pending?.set(bytes.subarray(start, start + taken), this.have);
    this.have += taken;
    return taken;
  }

  private reserve(size: number): void {
    if (this.pending && this.pending.length >= size) {
      return;
    }
    const larger = new Uint8Array(Math.max(size, (this.pending?.length ?? 0) * 2));
    if (this.pending) {
      larger.set(this.pending.subarray(0, this.have));
    }
    this.budget.used += larger.length - (this.pending?.length ?? 0);
    this.pending = larger;
    this.pendingView = new DataView(larger.buffer);
  }
}
