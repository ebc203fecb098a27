/**
 * IPv6 addresses as small numbers, so that a flow's key has the same size for every kind of address.
 * Forgets nothing while it is in use by a flow; when full, the engine clears what no flow names any more.
 */
export class AddressTable {
  private readonly limit: number;
  private readonly seed: number;
  private words = new Uint32Array(256 * 4);
  private slots = new Int32Array(512);
  private used = 0;

  constructor(limit: number, seed: number) {
    this.limit = limit;
    this.seed = seed | 0;
  }

  /** The number of the sixteen bytes at `at`; -1 once the table is full. */
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
    if (this.used >= this.limit) {
      return -1;
    }
    const id = this.used++;
    this.slots[slot] = id + 1;
    if (id * 4 + 4 > this.words.length) {
      const words = new Uint32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
    }
    this.words.set([a, b, c, d], id * 4);
    if (this.used * 2 > this.slots.length) {
      this.rehash();
    }
    return id;
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

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.used; id++) {
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
