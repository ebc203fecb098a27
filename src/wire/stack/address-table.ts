import type { Limits } from '../limits.ts';

/**
 * IPv6 addresses as small numbers, so that a flow's key has the same size for every kind of address.
 * Forgets nothing while it is in use by a flow; when it is full, what no flow names any more makes room.
 */
export class AddressTable {
  private readonly limits: Limits;
  private readonly seed: number;
  private words = new Uint32Array(256 * 4);
  private slots = new Int32Array(512);
  /** One past the highest number that was ever given. */
  private used = 0;
  private readonly free: number[] = [];

  constructor(limits: Limits, seed: number) {
    this.limits = limits;
    this.seed = seed | 0;
  }

  /** How many addresses are remembered. */
  get count(): number {
    return this.used - this.free.length;
  }

  /** The number of the sixteen bytes at `at`; -1 while the table is full. */
  idOf(view: DataView, at: number): number {
    const a = view.getUint32(at);
    const b = view.getUint32(at + 4);
    const c = view.getUint32(at + 8);
    const d = view.getUint32(at + 12);
    const hash = this.hash(a, b, c, d);
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = (this.slots[slot] as number) - 1;
      if (found < 0) {
        break;
      }
      const words = this.words;
      if (
        words[found * 4] === a &&
        words[found * 4 + 1] === b &&
        words[found * 4 + 2] === c &&
        words[found * 4 + 3] === d
      ) {
        return found;
      }
      slot = (slot + 1) & mask;
    }
    if (this.count >= this.limits.addresses) {
      return -1;
    }
    const id = this.free.pop() ?? this.used++;
    this.slots[slot] = id + 1;
    if (id * 4 + 4 > this.words.length) {
      const words = new Uint32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
    }
    this.words.set([a, b, c, d], id * 4);
    if (this.used * 2 > this.slots.length) {
      this.rehash(this.slots.length * 2);
    }
    return id;
  }

  /** Forgets all addresses but those that `isNamed`. */
  keepOnly(isNamed: (id: number) => boolean): void {
    this.free.length = 0;
    for (let id = this.used - 1; id >= 0; id--) {
      if (!isNamed(id)) {
        this.free.push(id);
      }
    }
    this.rehash(this.slots.length);
  }

  bytesOf(id: number): Uint8Array {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    for (let word = 0; word < 4; word++) {
      view.setUint32(word * 4, this.words[id * 4 + word] ?? 0);
    }
    return bytes;
  }

  private hash(a: number, b: number, c: number, d: number): number {
    let hash = Math.imul(this.seed ^ a, 0x85ebca6b);
    hash = Math.imul((hash ^ (hash >>> 15)) + b, 0xc2b2ae35);
    hash = Math.imul((hash ^ (hash >>> 13)) + c, 0x27d4eb2f);
    hash = Math.imul((hash ^ (hash >>> 15)) + d, 0x165667b1);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  private rehash(size: number): void {
    const slots = new Int32Array(size);
    const mask = slots.length - 1;
    const forgotten = new Set(this.free);
    for (let id = 0; id < this.used; id++) {
      if (forgotten.has(id)) {
        continue;
      }
      const [a = 0, b = 0, c = 0, d = 0] = this.words.subarray(id * 4, id * 4 + 4);
      let slot = this.hash(a, b, c, d) & mask;
      while (slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = id + 1;
    }
    this.slots = slots;
  }
}
