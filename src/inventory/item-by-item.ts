/** A list as far as those need it who go through it. */
export interface Series<Item> extends Iterable<Item> {
  readonly length: number;
}

/** A list that is made item by item while somebody reads it: a million items need not be there at once. */
export class ItemByItem<From, Item> implements Series<Item> {
  readonly #from: Series<From>;
  readonly #make: (from: From) => Item;

  constructor(from: Series<From>, make: (from: From) => Item) {
    this.#from = from;
    this.#make = make;
  }

  get length(): number {
    return this.#from.length;
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const from of this.#from) {
      yield this.#make(from);
    }
  }
}
