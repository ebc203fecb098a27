import type { Place, PlaceKind } from '../api/types.ts';

const KINDS: readonly PlaceKind[] = ['site', 'area', 'line', 'cell'];

/** A place as a line of the tree. */
export interface Branch {
  readonly place: Place;
  /** 1 for a site. */
  readonly depth: number;
  readonly hasParts: boolean;
}

/** The lines of the tree that are to be seen, each below its whole; `closed` hides the parts of a place. */
export function branchesOf(places: readonly Place[], closed: ReadonlySet<string>): readonly Branch[] {
  const parts = Map.groupBy(places, ({ parent }) => parent ?? '');
  const lines: Branch[] = [];
  const add = (parent: string, depth: number): void => {
    for (const place of parts.get(parent) ?? []) {
      const hasParts = parts.has(place.id);
      lines.push({ place, depth, hasParts });
      if (hasParts && !closed.has(place.id)) {
        add(place.id, depth + 1);
      }
    }
  };
  add('', 1);
  return lines;
}

/** What may stand in a place: smaller things than itself. */
export function kindsWithin(kind: PlaceKind): readonly PlaceKind[] {
  return KINDS.slice(KINDS.indexOf(kind) + 1);
}

/** Assets of a place and of everything below it. */
export function assetsWithin(places: readonly Place[], id: string): number {
  return places.reduce(
    (total, place) =>
      place.parent === id ? total + assetsWithin(places, place.id) : total + (place.id === id ? place.assets : 0),
    0,
  );
}
