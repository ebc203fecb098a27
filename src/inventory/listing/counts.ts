/** Keeps what took long to find out for a time in proportion: so that asking again and again costs a small part of the whole. */
export class Kept<Value> {
  readonly #now: () => number;
  readonly #kept: Map<string, { readonly value: Value; readonly until: number }> = new Map();

  /** `now`: milliseconds of a clock that only goes forward. */
  constructor(now: () => number) {
    this.#now = now;
  }

  async get(key: string, find: () => Promise<Value>): Promise<Value> {
    const begin = this.#now();
    const known = this.#kept.get(key);
    if (known !== undefined && known.until > begin) {
      return known.value;
    }
    const value = await find();
    const end = this.#now();
    const took = end - begin;
    if (took > FREE) {
      if (this.#kept.size >= MOST_KEPT) {
        this.#kept.clear();
      }
      this.#kept.set(key, { value, until: end + Math.min(took * TIMES, LONGEST) });
    }
    return value;
  }
}

/** What takes less is asked anew each time, milliseconds. */
const FREE = 2;
const TIMES = 40;
const LONGEST = 10_000;
const MOST_KEPT = 1000;
