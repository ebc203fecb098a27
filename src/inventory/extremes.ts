/** Least and greatest of many values: spreading them into `Math.min` overflows the stack where traffic decides how many there are. */
export function least<T>(items: Iterable<T>, value: (item: T) => number): number {
  let found = Number.POSITIVE_INFINITY;
  for (const item of items) {
    found = Math.min(found, value(item));
  }
  return found;
}

export function most<T>(items: Iterable<T>, value: (item: T) => number): number {
  let found = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    found = Math.max(found, value(item));
  }
  return found;
}

/** The greatest of many, the greatest first; of those alike the ones that came first. */
export class Greatest<T> {
  readonly #most: number;
  readonly #ranked: { readonly value: number; readonly item: T }[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(item: T, value: number): void {
    const ranked = this.#ranked;
    if (ranked.length < this.#most || value > (ranked.at(-1)?.value ?? 0)) {
      const at = ranked.findIndex((other) => other.value < value);
      ranked.splice(at < 0 ? ranked.length : at, 0, { value, item });
      ranked.length = Math.min(ranked.length, this.#most);
    }
  }

  get items(): readonly T[] {
    return this.#ranked.map(({ item }) => item);
  }
}
