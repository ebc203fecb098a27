/**
 * Numbers one after the other in bytes: small counts take one byte, times eight. What is kept of a conversation that is
 * over, and what goes from one thread to another, is written so.
 */
export class PackWriter {
  #bytes = new Uint8Array(FIRST_SIZE);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** A whole number from 0 to 2^53, seven bits a byte, the low ones first. */
  count(value: number): void {
    this.#room(MOST_COUNT_BYTES);
    let rest = value;
    while (rest >= SEVEN_BITS) {
      this.#bytes[this.#length++] = (rest % SEVEN_BITS) | SEVEN_BITS;
      rest = Math.floor(rest / SEVEN_BITS);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Any number. */
  number(value: number): void {
    this.#room(Float64Array.BYTES_PER_ELEMENT);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += Float64Array.BYTES_PER_ELEMENT;
  }

  /** What was written since the last call: valid until the next write. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #room(size: number): void {
    if (this.#length + size > this.#bytes.length) {
      const bytes = new Uint8Array(this.#bytes.length * 2);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
  }
}

const FIRST_SIZE = 4096;
const SEVEN_BITS = 0x80;
const MOST_COUNT_BYTES = 8;

/** Reads what a `PackWriter` wrote; both know the order. */
export class PackReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  count(): number {
    let value = 0;
    let weight = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++] ?? 0;
      if (byte < SEVEN_BITS) {
        return value + byte * weight;
      }
      value += (byte - SEVEN_BITS) * weight;
      weight *= SEVEN_BITS;
    }
  }

  number(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += Float64Array.BYTES_PER_ELEMENT;
    return value;
  }
}

const BLOCK_BITS = 20;
const BLOCK = 2 ** BLOCK_BITS;

/** Packs of any length, kept in blocks that never move. */
export class Packs {
  /** A pack that is longer than a block has one of its own, which takes the numbers of several. */
  readonly #blocks: Uint8Array[] = [];
  #used = BLOCK;
  /** Bytes of packs that nobody points at any more. */
  #wasted = 0;
  #kept = 0;

  /** Where the pack now lies. */
  add(pack: Uint8Array): number {
    if (this.#used + pack.length > BLOCK) {
      this.#used = 0;
      const places = Math.max(1, Math.ceil(pack.length / BLOCK));
      const block = new Uint8Array(Math.max(BLOCK, pack.length));
      for (let place = 0; place < places; place++) {
        this.#blocks.push(block);
      }
      if (places > 1) {
        block.set(pack);
        this.#used = BLOCK;
        this.#kept += pack.length;
        return (this.#blocks.length - places) * BLOCK;
      }
    }
    const at = this.#used;
    const block = this.#blocks.at(-1);
    block?.set(pack, at);
    this.#used += pack.length;
    this.#kept += pack.length;
    return (this.#blocks.length - 1) * BLOCK + at;
  }

  at(place: number): PackReader {
    const block = this.#blocks[Math.floor(place / BLOCK)] ?? NO_BYTES;
    return new PackReader(block, place % BLOCK);
  }

  forget(size: number): void {
    this.#wasted += size;
  }

  state(): readonly Uint8Array[] {
    return this.#blocks;
  }

  /** Packs as another thread sent them, to be read. */
  static of(blocks: readonly Uint8Array[]): Packs {
    const packs = new Packs();
    packs.#blocks.push(...blocks);
    return packs;
  }

  /** Most of it is waste: whoever knows what is in use should write it anew. */
  get isWasteful(): boolean {
    return this.#wasted > BLOCK && this.#wasted * 2 > this.#kept;
  }
}

const NO_BYTES = new Uint8Array(0);
