const SCRATCH = 512;
const SLAB = 1 << 16;

/** Memory to write into, handed back once a message is finished: messages are many, small and short-lived. */
interface Scratch {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const spare: Scratch[] = [];
let slab = new Uint8Array(SLAB);
let slabUsed = 0;

function scratch(size: number): Scratch {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Writes a message front to back; `finish` hands out a copy and ends it. Numbers are cut to their width. */
export class ByteWriter {
  private memory: Scratch;
  private used = 0;

  constructor(expected = SCRATCH) {
    this.memory = expected <= SCRATCH ? (spare.pop() ?? scratch(SCRATCH)) : scratch(expected);
  }

  get length(): number {
    return this.used;
  }

  u8(value: number): this {
    const at = this.grow(1);
    this.memory.view.setUint8(at, value);
    return this;
  }

  u16be(value: number): this {
    const at = this.grow(2);
    this.memory.view.setUint16(at, value);
    return this;
  }

  u16le(value: number): this {
    const at = this.grow(2);
    this.memory.view.setUint16(at, value, true);
    return this;
  }

  u24be(value: number): this {
    return this.u8(value >>> 16).u16be(value);
  }

  u32be(value: number): this {
    const at = this.grow(4);
    this.memory.view.setUint32(at, value);
    return this;
  }

  u32le(value: number): this {
    const at = this.grow(4);
    this.memory.view.setUint32(at, value, true);
    return this;
  }

  u64le(value: bigint): this {
    const at = this.grow(8);
    this.memory.view.setBigUint64(at, value, true);
    return this;
  }

  f32be(value: number): this {
    const at = this.grow(4);
    this.memory.view.setFloat32(at, value);
    return this;
  }

  f64le(value: number): this {
    const at = this.grow(8);
    this.memory.view.setFloat64(at, value, true);
    return this;
  }

  raw(bytes: Uint8Array | readonly number[]): this {
    const at = this.grow(bytes.length);
    this.memory.bytes.set(bytes, at);
    return this;
  }

  zeros(count: number): this {
    const at = this.grow(count);
    this.memory.bytes.fill(0, at, this.used);
    return this;
  }

  /** One byte per character. */
  ascii(text: string): this {
    for (let at = 0; at < text.length; at++) {
      this.u8(text.charCodeAt(at));
    }
    return this;
  }

  /** Exactly `length` bytes: cut, or filled up with `filler`. */
  asciiFixed(text: string, length: number, filler = 0x20): this {
    this.ascii(text.slice(0, length));
    for (let at = text.length; at < length; at++) {
      this.u8(filler);
    }
    return this;
  }

  utf16le(text: string): this {
    for (let at = 0; at < text.length; at++) {
      this.u16le(text.charCodeAt(at));
    }
    return this;
  }

  /** Fills in a length once it is known. */
  patchU16be(at: number, value: number): this {
    this.memory.view.setUint16(at, value);
    return this;
  }

  patchU16le(at: number, value: number): this {
    this.memory.view.setUint16(at, value, true);
    return this;
  }

  patchU32le(at: number, value: number): this {
    this.memory.view.setUint32(at, value, true);
    return this;
  }

  patchU32be(at: number, value: number): this {
    this.memory.view.setUint32(at, value);
    return this;
  }

  patchU8(at: number, value: number): this {
    this.memory.view.setUint8(at, value);
    return this;
  }

  finish(): Uint8Array {
    const message = copyOf(this.memory.bytes, this.used);
    if (this.memory.bytes.length === SCRATCH) {
      spare.push(this.memory);
    }
    this.memory = DONE;
    return message;
  }

  /** Makes room and returns where it starts; it may put other memory in place. */
  private grow(count: number): number {
    const at = this.used;
    this.used += count;
    if (this.used > this.memory.bytes.length) {
      const larger = scratch(Math.max(this.used, this.memory.bytes.length * 2));
      larger.bytes.set(this.memory.bytes);
      this.memory = larger;
    }
    return at;
  }
}

const DONE = scratch(0);

/** A copy of the first bytes, as a view of a slab that is never written twice. */
function copyOf(bytes: Uint8Array, length: number): Uint8Array {
  if (length > SCRATCH) {
    return bytes.slice(0, length);
  }
  if (slabUsed + length > SLAB) {
    slab = new Uint8Array(SLAB);
    slabUsed = 0;
  }
  const copy = slab.subarray(slabUsed, slabUsed + length);
  for (let at = 0; at < length; at++) {
    copy[at] = bytes[at] ?? 0;
  }
  slabUsed += length;
  return copy;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
