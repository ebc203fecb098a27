/** Writes a message front to back; `finish` hands out a copy. Numbers are cut to their width. */
export class ByteWriter {
  private bytes: Uint8Array;
  private view: DataView;
  private used = 0;

  constructor(expected = 128) {
    this.bytes = new Uint8Array(expected);
    this.view = new DataView(this.bytes.buffer);
  }

  get length(): number {
    return this.used;
  }

  u8(value: number): this {
    const at = this.grow(1);
    this.view.setUint8(at, value);
    return this;
  }

  u16be(value: number): this {
    const at = this.grow(2);
    this.view.setUint16(at, value);
    return this;
  }

  u16le(value: number): this {
    const at = this.grow(2);
    this.view.setUint16(at, value, true);
    return this;
  }

  u24be(value: number): this {
    return this.u8(value >>> 16).u16be(value);
  }

  u32be(value: number): this {
    const at = this.grow(4);
    this.view.setUint32(at, value);
    return this;
  }

  u32le(value: number): this {
    const at = this.grow(4);
    this.view.setUint32(at, value, true);
    return this;
  }

  u64le(value: bigint): this {
    const at = this.grow(8);
    this.view.setBigUint64(at, value, true);
    return this;
  }

  f32be(value: number): this {
    const at = this.grow(4);
    this.view.setFloat32(at, value);
    return this;
  }

  f64le(value: number): this {
    const at = this.grow(8);
    this.view.setFloat64(at, value, true);
    return this;
  }

  raw(bytes: Uint8Array | readonly number[]): this {
    const at = this.grow(bytes.length);
    this.bytes.set(bytes, at);
    return this;
  }

  zeros(count: number): this {
    this.grow(count);
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
    this.view.setUint16(at, value);
    return this;
  }

  patchU16le(at: number, value: number): this {
    this.view.setUint16(at, value, true);
    return this;
  }

  patchU32le(at: number, value: number): this {
    this.view.setUint32(at, value, true);
    return this;
  }

  patchU32be(at: number, value: number): this {
    this.view.setUint32(at, value);
    return this;
  }

  patchU8(at: number, value: number): this {
    this.view.setUint8(at, value);
    return this;
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.used);
  }

  /** Makes room and returns where it starts; it may put new memory in place of `bytes` and `view`. */
  private grow(count: number): number {
    const at = this.used;
    this.used += count;
    if (this.used > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.used, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
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
