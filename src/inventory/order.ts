import type { Micros } from '../kit/time.ts';

/** What was seen first: by packet time, then by frame. Who listens in several threads finds the same first one. */
export function isEarlier(time: Micros, frame: number, thanTime: Micros, thanFrame: number): boolean {
  return time < thanTime || (time === thanTime && frame < thanFrame);
}

/** Something that was first seen in a frame. */
export interface First {
  readonly frame: number;
  readonly firstSeen: Micros;
}

export function byFirst(one: First, other: First): number {
  return one.firstSeen - other.firstSeen || one.frame - other.frame;
}

interface Joining<T extends First> {
  /** Whether one more than so many may be kept. */
  allows(size: number): boolean;
  /** The two as one; the first one is the one that was seen first. */
  join(first: T, second: T): T;
}

/**
 * Two tables of things that were first seen somewhere, as one table in the order in which they were first seen. What was
 * first seen in one frame stays in the order of the table that saw it.
 */
export function joinedFirsts<K, T extends First>(
  one: ReadonlyMap<K, T> | undefined,
  other: ReadonlyMap<K, T> | undefined,
  { allows, join }: Joining<T>,
): Map<K, T> | undefined {
  if (one === undefined || other === undefined) {
    return inOrderOfFirsts(one ?? other);
  }
  const places = new Map<K, { readonly value: T; readonly place: number }>();
  let place = 0;
  for (const [key, value] of one) {
    places.set(key, { value, place: place++ });
  }
  place = 0;
  for (const [key, value] of other) {
    const known = places.get(key);
    if (known === undefined) {
      if (allows(places.size)) {
        places.set(key, { value, place });
      }
    } else if (byFirst(value, known.value) < 0) {
      places.set(key, { value: join(value, known.value), place });
    } else {
      places.set(key, { value: join(known.value, value), place: known.place });
    }
    place++;
  }
  const sorted = [...places].sort(([, a], [, b]) => byFirst(a.value, b.value) || a.place - b.place);
  return new Map(sorted.map(([key, { value }]) => [key, value]));
}

/** The same table in the order in which things were first seen. */
export function inOrderOfFirsts<K, T extends First>(table: ReadonlyMap<K, T> | undefined): Map<K, T> | undefined {
  return table && new Map([...table].sort(([, a], [, b]) => byFirst(a, b)));
}
