import type { ActivityStore } from '../access/activity.ts';
import type { Actor } from '../kit/actor.ts';
import type { Atomically } from '../kit/atomically.ts';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Scope } from '../kit/scope.ts';
import type { Micros } from '../kit/time.ts';
import type { PlaceStore } from './place.ts';
import { type Moves, movesOf, type Placement, type PlacementStore } from './placement.ts';
import {
  MOST_RULES,
  type Placeable,
  type PlaceableStore,
  type PlaceRule,
  type PlaceRuleStore,
  type Placing,
  placingOf,
} from './rule.ts';

export interface RuleStores {
  readonly placements: PlacementStore;
  readonly rules: PlaceRuleStore;
  readonly placeables: PlaceableStore;
}

/** What rules would do, or did. */
export interface Effect {
  /** Assets that stand elsewhere than before. */
  readonly moves: number;
  readonly byHand: number;
  /** By where from and where to, the most first; undefined is nowhere. */
  readonly between: readonly Move[];
}

export interface Move {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly assets: number;
}

const PER_PAGE = 2000;

/** Puts all assets of a site where its rules say. */
export async function rulesAnew(stores: RuleStores, site: string): Promise<Effect> {
  const scope = new Set([site]);
  const placing = placingOf(await stores.rules.rules(scope, site));
  if (!placing.ok) {
    throw new Error(`the rules of site ${site} do not run: ${placing.error.message}`);
  }
  return await effectOf(stores, site, placing.value, (moves) => write(stores.placements, moves));
}

/** Puts these assets where the rules of their site say: after they were seen for the first time, or changed. */
export async function placeByRules(stores: RuleStores, site: string, assets: readonly string[]): Promise<void> {
  const scope = new Set([site]);
  const rules = await stores.rules.rules(scope, site);
  if (rules.length === 0) {
    return;
  }
  const placing = placingOf(rules);
  if (placing.ok) {
    const standing = await stores.placements.placements(scope, assets);
    await write(stores.placements, movesOf(await stores.placeables.some(scope, assets), standing, placing.value));
  }
}

async function effectOf(
  { placements, placeables }: Pick<RuleStores, 'placements' | 'placeables'>,
  site: string,
  placing: Placing,
  act: (moves: Moves) => Promise<void>,
): Promise<Effect> {
  const scope = new Set([site]);
  const between = new Map<string, Move>();
  let moved = 0;
  let byHand = 0;
  let page: readonly Placeable[] = [];
  do {
    page = await placeables.page(scope, site, page.at(-1)?.id, PER_PAGE);
    const standing = await placements.placements(
      scope,
      page.map(({ id }) => id),
    );
    const moves = movesOf(page, standing, placing);
    moved += moves.put.length + moves.takeAway.length;
    byHand += moves.byHand;
    count(between, moves, standing);
    await act(moves);
  } while (page.length === PER_PAGE);
  return { moves: moved, byHand, between: [...between.values()].toSorted((a, b) => b.assets - a.assets) };
}

function count(between: Map<string, Move>, moves: Moves, standing: ReadonlyMap<string, Placement>): void {
  const all = [
    ...moves.put.map(({ asset, place }) => ({ asset, to: place })),
    ...moves.takeAway.map((asset) => ({ asset, to: undefined })),
  ];
  for (const { asset, to } of all) {
    const from = standing.get(asset)?.place;
    const key = JSON.stringify([from, to]);
    between.set(key, { from, to, assets: (between.get(key)?.assets ?? 0) + 1 });
  }
}

async function write(placements: PlacementStore, { put, takeAway }: Moves): Promise<void> {
  await placements.takeAway(takeAway);
  await placements.put(put);
}

export type AssignStores = RuleStores & { readonly places: PlaceStore; readonly activity: ActivityStore };

export interface PlaceAssetsParts {
  readonly atomically: Atomically<AssignStores>;
  /** For the preview, which writes nothing. */
  readonly read: Omit<AssignStores, 'activity'>;
  readonly now: () => Micros;
}

interface Acting {
  readonly actor: Actor;
  readonly scope: Scope;
}

export interface PlaceAssets {
  /** What would move if these were the rules of the site. */
  preview(scope: Scope, site: string, rules: readonly PlaceRule[]): Promise<Result<Effect, Failure>>;
  setRules(acting: Acting, site: string, rules: readonly PlaceRule[]): Promise<Result<Effect, Failure>>;
  /** By hand; undefined gives the assets back to the rules. */
  assign(acting: Acting, assets: readonly string[], place: string | undefined): Promise<Result<number, Failure>>;
}

export function createPlaceAssets({ atomically, read, now }: PlaceAssetsParts): PlaceAssets {
  return {
    async preview(scope, site, rules) {
      const placing = await judge(read.places, scope, site, rules);
      return placing.ok ? ok(await effectOf(read, site, placing.value, async () => undefined)) : placing;
    },

    setRules: ({ actor, scope }, site, rules) =>
      atomically(async (stores) => {
        const placing = await judge(stores.places, scope, site, rules);
        if (!placing.ok) {
          return placing;
        }
        const before = await stores.rules.rules(scope, site);
        await stores.rules.replaceRules(site, rules);
        const effect = await rulesAnew(stores, site);
        await stores.activity.append([
          { at: now(), actor, act: 'plant.set-rules', subject: `site ${site}`, site, before, after: rules },
        ]);
        return ok(effect);
      }),

    assign: ({ actor, scope }, ids, place) =>
      atomically(async (stores) => {
        const assets = await stores.placeables.some(scope, ids);
        const target = place === undefined ? undefined : await stores.places.find(scope, place);
        if (place !== undefined && target === undefined) {
          return fail('not-found', 'plant.no-place', 'There is no such place.');
        }
        const found = new Set(assets.map(({ id }) => id));
        const missing = ids.find((id) => !found.has(id));
        if (missing !== undefined) {
          return fail('not-found', 'plant.no-asset', `There is no asset ${missing}.`);
        }
        if (target !== undefined && assets.some(({ site }) => site !== target.site)) {
          return fail('invalid', 'plant.other-site', `${target.name} is at another site than some of the assets.`);
        }
        const before = await stores.placements.placements(scope, ids);
        await assign(stores, assets, target?.id);
        await stores.activity.append(
          assets.map(({ id, site }) => ({
            at: now(),
            actor,
            act: 'asset.assign',
            subject: `asset ${id}`,
            site,
            before: placeIn(before.get(id)),
            after: target === undefined ? { by: 'rule' } : { place: target.id, by: 'hand' },
          })),
        );
        return ok(assets.length);
      }),
  };
}

/** What a record of the act keeps of where it stood. */
function placeIn(placement: Placement | undefined) {
  return placement === undefined ? {} : { place: placement.place, by: placement.by };
}

/** Writes where a person says that assets stand; undefined gives them back to the rules. */
export async function assign(
  stores: RuleStores,
  assets: readonly Placeable[],
  place: string | undefined,
): Promise<void> {
  if (place !== undefined) {
    await stores.placements.put(assets.map(({ id, site }) => ({ asset: id, site, place, by: 'hand' })));
    return;
  }
  await stores.placements.takeAway(assets.map(({ id }) => id));
  for (const site of new Set(assets.map((asset) => asset.site))) {
    const ids = assets.filter((asset) => asset.site === site).map(({ id }) => id);
    await placeByRules(stores, site, ids);
  }
}

async function judge(
  places: PlaceStore,
  scope: Scope,
  site: string,
  rules: readonly PlaceRule[],
): Promise<Result<Placing, Failure>> {
  const known = (await places.list(scope)).filter((place) => place.site === site);
  if (known.length === 0) {
    return fail('not-found', 'plant.no-place', 'There is no such site.');
  }
  if (rules.length > MOST_RULES) {
    return fail('too-large', 'plant.rules', `A site can have ${MOST_RULES} rules at most.`);
  }
  const ids = new Set(known.map(({ id }) => id));
  const lost = rules.findIndex(({ place }) => !ids.has(place));
  if (lost !== -1) {
    const at = `rule ${lost + 1}`;
    return fail('invalid', 'plant.unclear-rule', `${at}: its place is not at this site`, [
      { at, message: 'its place is not at this site' },
    ]);
  }
  return placingOf(rules);
}
