/**
 * Seeded random numbers (Chris Doty-Humphrey's sfc32, public domain): the same seed and name give the same numbers on
 * every machine. Each actor has a source of its own, named after it; only the small spread of answering times is shared.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, name: string) {
    this.a = seed >>> 0;
    this.b = Math.floor(seed / 2 ** 32) >>> 0;
    this.c = hashText(name);
    for (let warm = 0; warm < 15; warm++) {
      this.u32();
    }
  }

  u32(): number {
    const result = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** In [0, 1). */
  unit(): number {
    return this.u32() / 2 ** 32;
  }

  /** A whole number in [low, high]. */
  between(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<Item>(items: readonly Item[], fallback: Item): Item {
    return items[this.between(0, items.length - 1)] ?? fallback;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at++) {
      bytes[at] = this.u32();
    }
    return bytes;
  }

  /** About `typical`, now and then up to five times as long: how answering times of devices are spread. */
  skewed(typical: number): number {
    const tail = this.unit();
    return Math.max(1, Math.round(typical * (0.7 + 0.5 * this.unit() + 4 * tail ** 24)));
  }
}

/** FNV-1a over UTF-16 code units. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
