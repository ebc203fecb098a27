/**
 * Many small records as numbers: so many fields of 64 bits (any number) and of 32 bits (whole, from 0). It grows by
 * blocks and never moves what it holds.
 */
export class Rows {
  size = 0;
  readonly #wide: Float64Array[] = [];
  readonly #narrow: Uint32Array[] = [];
  readonly #wideFields: number;
  readonly #narrowFields: number;

  constructor(wideFields: number, narrowFields: number) {
    this.#wideFields = wideFields;
    this.#narrowFields = narrowFields;
  }

  /** A new row of zeros. */
  add(): number {
    if ((this.size & MASK) === 0) {
      this.#wide.push(new Float64Array(ROWS * this.#wideFields));
      this.#narrow.push(new Uint32Array(ROWS * this.#narrowFields));
    }
    return this.size++;
  }

  wide(row: number, field: number): number {
    return (this.#wide[row >>> BITS] as Float64Array)[(row & MASK) * this.#wideFields + field] as number;
  }

  setWide(row: number, field: number, value: number): void {
    (this.#wide[row >>> BITS] as Float64Array)[(row & MASK) * this.#wideFields + field] = value;
  }

  narrow(row: number, field: number): number {
    return (this.#narrow[row >>> BITS] as Uint32Array)[(row & MASK) * this.#narrowFields + field] as number;
  }

  setNarrow(row: number, field: number, value: number): void {
    (this.#narrow[row >>> BITS] as Uint32Array)[(row & MASK) * this.#narrowFields + field] = value;
  }

  /** Its blocks, to be sent to another thread. */
  state(): RowsState {
    return { size: this.size, wide: this.#wide, narrow: this.#narrow };
  }

  /** Rows as another thread sent them. */
  static of({ size, wide, narrow }: RowsState, wideFields: number, narrowFields: number): Rows {
    const rows = new Rows(wideFields, narrowFields);
    rows.size = size;
    rows.#wide.push(...wide);
    rows.#narrow.push(...narrow);
    return rows;
  }
}

export interface RowsState {
  readonly size: number;
  readonly wide: readonly Float64Array[];
  readonly narrow: readonly Uint32Array[];
}

const BITS = 12;
const ROWS = 2 ** BITS;
const MASK = ROWS - 1;

/** Finds rows by a hash of their key; whoever owns the rows compares the keys. */
export class RowIndex {
  #slots = new Uint32Array(FIRST_SLOTS);
  #used = 0;

  /** The first row that may be meant, or -1; `next` goes on from `slot`. */
  slotOf(hash: number): number {
    return (hash >>> 0) & (this.#slots.length - 1);
  }

  next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }

  /** -1: none has this hash. */
  at(slot: number): number {
    return (this.#slots[slot] as number) - 1;
  }

  /** `hashOf` is asked again for all rows when the table grows. */
  add(row: number, slot: number, hashOf: (row: number) => number): void {
    this.#slots[slot] = row + 1;
    this.#used++;
    if (this.#used * 3 > this.#slots.length * 2) {
      const before = this.#slots;
      this.#slots = new Uint32Array(before.length * 2);
      for (const kept of before) {
        if (kept > 0) {
          let free = this.slotOf(hashOf(kept - 1));
          while (this.#slots[free] !== 0) {
            free = this.next(free);
          }
          this.#slots[free] = kept;
        }
      }
    }
  }
}

const FIRST_SLOTS = 256;

/** Mixes one more number into a hash. */
export function mixed(hash: number, value: number): number {
  const one = Math.imul(hash ^ value, 0x85eb_ca6b);
  const two = Math.imul(one ^ (one >>> 15), 0xc2b2_ae35);
  return two ^ (two >>> 13);
}
