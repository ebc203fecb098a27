import { DEFAULT_LIMITS } from './limits.ts';
import { type Charset, fromWire, IDENTITY_TEXT } from './text.ts';

const NO_BYTES = new Uint8Array(0);

/** What one message, with all readers over parts of it, may still do. */
interface Budget {
  steps: number;
  most: number;
  exhausted: boolean;
}

/**
 * Reads one message front to back without copying it.
 *
 * Reading past the end yields zeros and marks the reader `truncated`. It never throws: truncated packets
 * are everyday traffic, and an exception costs about a hundred times a read. So a dissector reads straight
 * through, and its caller looks at `truncated` once. Positions count from the first byte of the message.
 */
export class Reader {
  truncated = false;
  private bytes: Uint8Array = NO_BYTES;
  private view: DataView = new DataView(NO_BYTES.buffer);
  private start = 0;
  private at = 0;
  private end = 0;
  private readonly budget: Budget;

  /** So many items may one message announce in all its lists together. */
  constructor(mostSteps: number = DEFAULT_LIMITS.steps, budget?: Budget) {
    this.budget = budget ?? { steps: 0, most: mostSteps, exhausted: false };
  }

  static of(bytes: Uint8Array): Reader {
    return new Reader().reset(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  }

  /** Points the reader at `bytes[start, end)`; `view` covers the same memory as `bytes`. */
  reset(bytes: Uint8Array, view: DataView, start: number, end: number): this {
    this.budget.steps = 0;
    this.budget.exhausted = false;
    return this.point(bytes, view, start, end);
  }

  /** The message announced more items than any honest one holds. */
  get exhausted(): boolean {
    return this.budget.exhausted;
  }

  set exhausted(isExhausted: boolean) {
    this.budget.exhausted = isExhausted;
  }

  set mostSteps(most: number) {
    this.budget.most = most;
  }

  private point(bytes: Uint8Array, view: DataView, start: number, end: number): this {
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.at = start;
    this.end = end;
    this.truncated = false;
    return this;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  get position(): number {
    return this.at - this.start;
  }

  get length(): number {
    return this.end - this.start;
  }

  u8(): number {
    const at = this.advance(1);
    return at < 0 ? 0 : this.view.getUint8(at);
  }

  u16be(): number {
    const at = this.advance(2);
    return at < 0 ? 0 : this.view.getUint16(at);
  }

  u16le(): number {
    const at = this.advance(2);
    return at < 0 ? 0 : this.view.getUint16(at, true);
  }

  u24be(): number {
    return (this.u8() << 16) | this.u16be();
  }

  u24le(): number {
    return this.u16le() | (this.u8() << 16);
  }

  u32be(): number {
    const at = this.advance(4);
    return at < 0 ? 0 : this.view.getUint32(at);
  }

  u32le(): number {
    const at = this.advance(4);
    return at < 0 ? 0 : this.view.getUint32(at, true);
  }

  i16be(): number {
    return (this.u16be() << 16) >> 16;
  }

  i16le(): number {
    return (this.u16le() << 16) >> 16;
  }

  i32be(): number {
    return this.u32be() | 0;
  }

  i32le(): number {
    return this.u32le() | 0;
  }

  u64be(): bigint {
    const at = this.advance(8);
    return at < 0 ? 0n : this.view.getBigUint64(at);
  }

  u64le(): bigint {
    const at = this.advance(8);
    return at < 0 ? 0n : this.view.getBigUint64(at, true);
  }

  f32be(): number {
    const at = this.advance(4);
    return at < 0 ? 0 : this.view.getFloat32(at);
  }

  f32le(): number {
    const at = this.advance(4);
    return at < 0 ? 0 : this.view.getFloat32(at, true);
  }

  f64be(): number {
    const at = this.advance(8);
    return at < 0 ? 0 : this.view.getFloat64(at);
  }

  f64le(): number {
    const at = this.advance(8);
    return at < 0 ? 0 : this.view.getFloat64(at, true);
  }

  /** The byte `offset` bytes ahead, without moving and without marking anything; 0 past the end. */
  peek(offset = 0): number {
    const at = this.at + offset;
    return offset >= 0 && at < this.end ? this.view.getUint8(at) : 0;
  }

  /** Moves to a position counted from the first byte of the message, forward or back, never past the end. */
  seek(position: number): void {
    const at = this.start + position;
    if (at > this.end || position < 0) {
      this.truncated = true;
    }
    this.at = Math.max(this.start, Math.min(at, this.end));
  }

  skip(length: number): void {
    this.seek(this.position + length);
  }

  /** A view of the next `length` bytes, not a copy: it is valid only while this message is being read. */
  take(length: number): Uint8Array {
    const from = this.at;
    this.skip(Math.max(0, length));
    return this.bytes.subarray(from, this.at);
  }

  /** All that is left of the message. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  /**
   * A reader of its own over the next `length` bytes; what it lacks marks both truncated only through `expect`. The budget of
   * steps is the whole message's.
   */
  sub(length: number): Reader {
    const from = this.at;
    this.skip(Math.max(0, length));
    return new Reader(this.budget.most, this.budget).point(this.bytes, this.view, from, this.at);
  }

  /** Text of `length` bytes: NUL dropped, broken bytes replaced, cut to `limit` characters. Never trimmed. */
  text(length: number, charset: Charset = 'utf-8', limit = IDENTITY_TEXT): string {
    return fromWire(this.take(length), charset, limit);
  }

  /** Text up to a NUL byte, which is consumed, or to the end of the message. */
  textZ(charset: Charset = 'utf-8', limit = IDENTITY_TEXT): string {
    let length = 0;
    while (length < this.remaining && this.peek(length) !== 0) {
      length++;
    }
    const text = this.text(length, charset, limit);
    this.skip(1);
    return text;
  }

  /** Marks the message truncated unless the `length` bytes it announces from here on are all here. */
  expect(length: number): void {
    if (this.end - this.at < length) {
      this.truncated = true;
    }
  }

  /** Ends the message `length` bytes from here: what follows belongs to someone else. Marks a shorter one truncated. */
  limit(length: number): void {
    this.expect(length);
    this.end = Math.min(this.end, this.at + Math.max(0, length));
  }

  /**
   * Calls `read` once per announced item. A message that ends early is truncated, however many items it announced;
   * one whose items consume nothing, or that announces more than any honest one, is exhausted.
   */
  repeat(count: number, read: (index: number) => void): void {
    for (let done = 0; done < count; done++) {
      if (this.at >= this.end) {
        this.truncated = true;
        return;
      }
      if (!this.step()) {
        return;
      }
      const before = this.at;
      read(done);
      if (this.at === before && !this.truncated) {
        this.budget.exhausted = true;
        return;
      }
    }
  }

  /** Calls `read` until the message ends; it must consume something each time. */
  repeatToEnd(read: () => void): void {
    while (this.at < this.end && this.step()) {
      const before = this.at;
      read();
      if (this.at <= before) {
        this.budget.exhausted ||= !this.truncated;
        return;
      }
    }
  }

  /** Counts one step of work for loops that are written out; false once the message has used up its budget. */
  step(): boolean {
    const { budget } = this;
    budget.steps++;
    if (budget.steps > budget.most) {
      budget.exhausted = true;
    }
    return !budget.exhausted;
  }

  private advance(length: number): number {
    const at = this.at;
    if (at + length > this.end) {
      this.at = this.end;
      this.truncated = true;
      return -1;
    }
    this.at = at + length;
    return at;
  }
}
