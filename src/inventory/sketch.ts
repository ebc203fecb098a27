import type { PackReader, PackWriter } from './packing.ts';

/**
 * Quantiles of a stream in little memory: logarithmic buckets (after DDSketch), few values kept exactly.
 * Its state depends only on the values, not on their order or on who merged what first.
 */
export class Sketch {
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  /** Buckets per unit of natural logarithm, before any collapse. */
  readonly #scale: number;
  #exact: number[] | undefined = [];
  #buckets: Uint32Array = NO_BUCKETS;
  /** Index of the first place of `#buckets`, and the range of indices in use. */
  #base = 0;
  #low = 0;
  #high = 0;
  /** How often neighbours were joined because the values spread too far. */
  #level = 0;

  /** `accuracy`: greatest relative error of a quantile, such as 0.01. */
  constructor(accuracy: number) {
    this.#scale = 1 / Math.log((1 + accuracy) / (1 - accuracy));
  }

  add(value: number): void {
    this.count++;
    if (value < this.min) {
      this.min = value;
    }
    if (value > this.max) {
      this.max = value;
    }
    if (this.#exact === undefined) {
      const index = this.#indexOf(value);
      // The usual case, and the hot one: a bucket in the range that is already in use.
      if (index >= this.#low && index <= this.#high) {
        const at = index - this.#base;
        this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
      } else {
        this.#count(index, 1);
      }
    } else if (this.#exact.length < MOST_EXACT) {
      this.#exact.push(value);
    } else {
      this.#spill();
      this.#count(this.#indexOf(value), 1);
    }
  }

  merge(other: Sketch): void {
    if (other.#exact !== undefined) {
      for (const value of other.#exact) {
        this.add(value);
      }
      return;
    }
    this.#spill();
    while (this.#level < other.#level) {
      this.#collapse();
    }
    for (let index = other.#low; index <= other.#high; index++) {
      const count = other.#buckets[index - other.#base] ?? 0;
      if (count > 0) {
        this.#count(joined(index, this.#level - other.#level), count);
      }
    }
    this.count += other.count;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
  }

  write(to: PackWriter): void {
    if (this.#exact !== undefined) {
      to.count(this.#exact.length);
      for (const value of this.#exact) {
        to.number(value);
      }
      return;
    }
    to.count(SPILT);
    to.count(this.#level);
    to.count(this.count);
    to.number(this.min);
    to.number(this.max);
    to.number(this.#low);
    to.count(this.#high - this.#low);
    for (let index = this.#low; index <= this.#high; index++) {
      to.count(this.#buckets[index - this.#base] ?? 0);
    }
  }

  /** A sketch of the same accuracy, as `write` left it. */
  static read(from: PackReader, accuracy: number): Sketch {
    const sketch = new Sketch(accuracy);
    const kept = from.count();
    if (kept < SPILT) {
      for (let at = 0; at < kept; at++) {
        sketch.add(from.number());
      }
      return sketch;
    }
    sketch.#exact = undefined;
    sketch.#level = from.count();
    const count = from.count();
    sketch.min = from.number();
    sketch.max = from.number();
    const low = from.number();
    const used = from.count() + 1;
    sketch.#buckets = new Uint32Array(used + LEAST_BUCKETS);
    sketch.#base = low - LEAST_BUCKETS / 2;
    sketch.#low = low;
    sketch.#high = low + used - 1;
    for (let at = 0; at < used; at++) {
      sketch.#buckets[low - sketch.#base + at] = from.count();
    }
    sketch.count = count;
    return sketch;
  }

  /** The smallest value that at least the share `q` of all values does not exceed; undefined without values. */
  quantile(q: number): number | undefined {
    if (this.count === 0) {
      return undefined;
    }
    return this.#weighted(this.#values(), q);
  }

  /** The same for the distances of all values from `centre`. */
  distanceQuantile(centre: number, q: number): number | undefined {
    if (this.count === 0) {
      return undefined;
    }
    const distances = this.#values().map(([value, count]): Weighted => [Math.abs(value - centre), count]);
    return pick(
      distances.sort((a, b) => a[0] - b[0]),
      this.#rank(q),
    );
  }

  #weighted(values: readonly Weighted[], q: number): number {
    const rank = this.#rank(q);
    if (rank >= this.count) {
      return this.max;
    }
    return Math.min(this.max, Math.max(this.min, pick(values, rank)));
  }

  #rank(q: number): number {
    return Math.max(1, Math.ceil(q * this.count));
  }

  #values(): Weighted[] {
    if (this.#exact !== undefined) {
      return this.#exact.toSorted((a, b) => a - b).map((value): Weighted => [value, 1]);
    }
    const width = 2 ** this.#level / this.#scale;
    const middle = 2 / (1 + Math.exp(width));
    const values: Weighted[] = [];
    for (let index = this.#low; index <= this.#high; index++) {
      const count = this.#buckets[index - this.#base] ?? 0;
      if (count > 0) {
        values.push([Math.min(this.max, Math.max(this.min, Math.exp(index * width) * middle)), count]);
      }
    }
    return values;
  }

  #indexOf(value: number): number {
    const index = Math.ceil(Math.log(value < LEAST ? LEAST : value) * this.#scale);
    return this.#level === 0 ? index : joined(index, this.#level);
  }

  #spill(): void {
    const exact = this.#exact;
    if (exact !== undefined) {
      this.#exact = undefined;
      for (const value of exact) {
        this.#count(this.#indexOf(value), 1);
      }
    }
  }

  #count(wanted: number, count: number): void {
    let index = wanted;
    if (this.#buckets === NO_BUCKETS) {
      this.#buckets = new Uint32Array(LEAST_BUCKETS);
      this.#base = index - LEAST_BUCKETS / 2;
      this.#low = index;
      this.#high = index;
    }
    while (Math.max(this.#high, index) - Math.min(this.#low, index) >= MOST_BUCKETS) {
      this.#collapse();
      index = joined(index, 1);
    }
    if (index < this.#low || index > this.#high) {
      this.#low = Math.min(this.#low, index);
      this.#high = Math.max(this.#high, index);
      this.#fit();
    }
    const at = index - this.#base;
    this.#buckets[at] = (this.#buckets[at] ?? 0) + count;
  }

  /** Moves the buckets to a larger table where the range in use has left it. */
  #fit(): void {
    const start = this.#low - this.#base;
    if (start >= 0 && this.#high - this.#base < this.#buckets.length) {
      return;
    }
    const used = this.#high - this.#low + 1;
    const buckets = new Uint32Array(used + (used >> 1) + LEAST_BUCKETS);
    const base = this.#low - (used >> 2);
    for (let at = 0; at < this.#buckets.length; at++) {
      const count = this.#buckets[at] ?? 0;
      if (count > 0) {
        buckets[at + this.#base - base] = count;
      }
    }
    this.#buckets = buckets;
    this.#base = base;
  }

  #collapse(): void {
    const low = joined(this.#low, 1);
    const buckets = new Uint32Array((this.#high - this.#low) / 2 + LEAST_BUCKETS);
    const base = low - LEAST_BUCKETS / 4;
    for (let index = this.#low; index <= this.#high; index++) {
      const at = joined(index, 1) - base;
      buckets[at] = (buckets[at] ?? 0) + (this.#buckets[index - this.#base] ?? 0);
    }
    this.#low = low;
    this.#high = joined(this.#high, 1);
    this.#buckets = buckets;
    this.#base = base;
    this.#level++;
  }
}

type Weighted = readonly [value: number, count: number];

const NO_BUCKETS = new Uint32Array(0);
const MOST_EXACT = 16;
/** Written in place of how many values are kept exactly. */
const SPILT = MOST_EXACT + 1;
const LEAST_BUCKETS = 32;
const MOST_BUCKETS = 2048;
/** A thousandth of the unit; smaller values count as this. */
const LEAST = 1e-3;

function joined(index: number, levels: number): number {
  return levels === 0 ? index : Math.ceil(index / 2 ** levels);
}

function pick(values: readonly Weighted[], rank: number): number {
  let seen = 0;
  for (const [value, count] of values) {
    seen += count;
    if (seen >= rank) {
      return value;
    }
  }
  return values.at(-1)?.[0] ?? 0;
}
