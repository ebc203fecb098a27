import type { Scope } from '../kit/scope.ts';

/** From the whole to its parts, after ISA-95 (IEC 62264-1). */
export const PLACE_KINDS = ['site', 'area', 'line', 'cell'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** A place by its name, as a step of the way from the site down to it. */
export interface PlaceStep {
  readonly kind: PlaceKind;
  readonly name: string;
}

/** A part of the plant. */
export interface Place {
  readonly id: string;
  /** Id of the site that it is part of; of a site its own. */
  readonly site: string;
  /** Undefined for a site alone. */
  readonly parent: string | undefined;
  readonly kind: PlaceKind;
  readonly name: string;
  /** 1 is the most important, 5 the least. */
  readonly priority: number | undefined;
  /** Who answers for it, by name. */
  readonly owner: string | undefined;
  /** What an hour of standstill costs, in the currency of the company. */
  readonly lossPerHour: number | undefined;
}

/** How many assets stand in a place itself, and how many with those in the places below it. */
export interface Occupancy {
  readonly assets: number;
  readonly assetsWithin: number;
}

export interface PlaceStore {
  /** Sites by name, and the places of each from the whole to its parts, by name. */
  list(scope: Scope): Promise<readonly Place[]>;
  find(scope: Scope, id: string): Promise<Place | undefined>;
  add(place: Place): Promise<void>;
  change(place: Place): Promise<void>;
  /** Parts before the whole. Nothing may stand there any more, and no rule name it. */
  remove(ids: readonly string[]): Promise<void>;
  /** Assets that stand in each place itself; places without any are missing. */
  occupants(scope: Scope): Promise<ReadonlyMap<string, number>>;
}

/** Most places of all sites together. */
export const MOST_PLACES = 10_000;

/** A part is smaller than what it is part of: a cell may stand in a line, an area, or the site itself. */
export function mayContain(whole: PlaceKind, part: PlaceKind): boolean {
  return PLACE_KINDS.indexOf(whole) < PLACE_KINDS.indexOf(part);
}

/** The place and all below it, the whole before its parts. */
export function within(places: readonly Place[], id: string): readonly Place[] {
  const found = places.filter((place) => place.id === id);
  for (const place of found) {
    found.push(...places.filter(({ parent }) => parent === place.id));
  }
  return found;
}

/** The way from the site down to a place; empty where it is not there. */
export function stepsTo(places: ReadonlyMap<string, Place>, id: string | undefined): readonly PlaceStep[] {
  const steps: PlaceStep[] = [];
  for (let place = places.get(id ?? ''); place !== undefined; place = places.get(place.parent ?? '')) {
    steps.unshift({ kind: place.kind, name: place.name });
  }
  return steps;
}

/** Order of lists: by kind from the whole to its parts, then by name. */
export function inOrder(places: readonly Place[]): readonly Place[] {
  return places.toSorted(
    (a, b) =>
      PLACE_KINDS.indexOf(a.kind) - PLACE_KINDS.indexOf(b.kind) || compare(a.name, b.name) || compare(a.id, b.id),
  );
}

export function occupancyOf(
  places: readonly Place[],
  occupants: ReadonlyMap<string, number>,
): ReadonlyMap<string, Occupancy> {
  const parents = new Map(places.map(({ id, parent }) => [id, parent]));
  const withins = new Map<string, number>();
  for (const [place, assets] of occupants) {
    for (let at: string | undefined = place; at !== undefined; at = parents.get(at)) {
      withins.set(at, (withins.get(at) ?? 0) + assets);
    }
  }
  return new Map(places.map(({ id }) => [id, { assets: occupants.get(id) ?? 0, assetsWithin: withins.get(id) ?? 0 }]));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
