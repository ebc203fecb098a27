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
