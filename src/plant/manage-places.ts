import type { ActivityStore } from '../access/activity.ts';
import type { Actor } from '../kit/actor.ts';
import type { Atomically } from '../kit/atomically.ts';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Scope } from '../kit/scope.ts';
import type { Micros } from '../kit/time.ts';
import { MOST_PLACES, mayContain, type Place, type PlaceStore, within } from './place.ts';
import { type RuleStores, rulesAnew } from './place-assets.ts';
import type { PlacementStore } from './placement.ts';
import type { PlaceRule } from './rule.ts';

export type PlaceStores = RuleStores & { readonly places: PlaceStore; readonly activity: ActivityStore };

export interface PlaceParts {
  readonly atomically: Atomically<PlaceStores>;
  readonly now: () => Micros;
  readonly newId: () => string;
}

/** What a person says of a place. */
export type PlaceDetails = Pick<Place, 'name' | 'priority' | 'owner' | 'lossPerHour'>;
export interface NewPlace extends PlaceDetails, Pick<Place, 'kind' | 'parent'> {}

/** Who acts, and the sites in which it may. */
export interface Acting {
  readonly actor: Actor;
  readonly scope: Scope;
}

export type ManagePlaces = {
  add(acting: Acting, place: NewPlace): Promise<Result<Place, Failure>>;
  /** What is missing in the change stays as it is. A new parent moves it with all that it contains, within its site. */
  change(acting: Acting, id: string, change: Partial<NewPlace>): Promise<Result<Place, Failure>>;
  remove(acting: Acting, id: string, contents: Contents): Promise<Result<undefined, Failure>>;
};

/**
 * What becomes of the places and assets in a place that is removed: as long as there are any it is not removed; they move into the place
 * around it; or its places go with it and its assets stand where the other rules say.
 */
export const CONTENTS = ['keep', 'move-up', 'remove'] as const;
export type Contents = (typeof CONTENTS)[number];

export function createManagePlaces({ atomically, now, newId }: PlaceParts): ManagePlaces {
  return {
    add: ({ actor, scope }, { parent, kind, ...details }) =>
      atomically(async (stores) => {
        const all = await stores.places.list(scope);
        const whole = all.find(({ id }) => id === parent);
        const id = newId();
        const place: Place = { id, site: whole?.site ?? id, parent: whole?.id, kind, ...details };
        const wrong = wrongAt(all, place, parent);
        if (wrong !== undefined) {
          return wrong;
        }
        if (whole === undefined && scope !== 'all') {
          return fail('forbidden', 'plant.all-sites', 'A new site can be added by those who may edit every site.');
        }
        if (all.length >= MOST_PLACES) {
          return fail('too-large', 'plant.places', `There can be ${MOST_PLACES} places at most.`);
        }
        await stores.places.add(place);
        await stores.activity.append([
          { at: now(), actor, act: 'place.add', subject: subjectOf(place), site: place.site, after: place },
        ]);
        return ok(place);
      }),

    change: ({ actor, scope }, id, change) =>
      atomically(async (stores) => {
        const all = await stores.places.list(scope);
        const before = all.find((place) => place.id === id);
        if (before === undefined) {
          return noPlace();
        }
        const place: Place = { ...before, ...change };
        const wrong = wrongAt(all, place, place.parent);
        if (wrong !== undefined) {
          return wrong;
        }
        await stores.places.change(place);
        await stores.activity.append([
          { at: now(), actor, act: 'place.change', subject: subjectOf(place), site: place.site, before, after: place },
        ]);
        return ok(place);
      }),

    remove: ({ actor, scope }, id, contents) =>
      atomically(async (stores) => {
        const all = await stores.places.list(scope);
        const [place, ...parts] = within(all, id);
        if (place === undefined) {
          return noPlace();
        }
        const wrong = await wrongToRemove(stores, place, parts, contents);
        if (wrong !== undefined) {
          return wrong;
        }
        await removeFrom(stores, place, parts, contents);
        await stores.activity.append([
          {
            at: now(),
            actor,
            act: 'place.remove',
            subject: subjectOf(place),
            site: place.site,
            before: { place, parts, contents },
          },
        ]);
        return ok(undefined);
      }),
  };
}

function noPlace() {
  return fail('not-found', 'plant.no-place', 'There is no such place.');
}

export function subjectOf({ id }: Place): string {
  return `place ${id}`;
}

/** What forbids the place to be where it is meant to be; undefined where nothing does. */
function wrongAt(all: readonly Place[], place: Place, parent: string | undefined) {
  const whole = all.find(({ id }) => id === parent);
  if (parent !== undefined && whole === undefined) {
    return fail('not-found', 'plant.no-place', 'There is no such place to put it into.');
  }
  if ((whole === undefined) !== (place.kind === 'site')) {
    return fail(
      'invalid',
      'plant.parent',
      place.kind === 'site' ? 'A site is part of no other place.' : `A ${place.kind} must be part of a site.`,
    );
  }
  if (whole !== undefined && !mayContain(whole.kind, place.kind)) {
    return fail('invalid', 'plant.parent', `A ${whole.kind} cannot contain a ${place.kind}.`);
  }
  if (whole !== undefined && whole.site !== place.site) {
    return fail('invalid', 'plant.parent', 'A place cannot move to another site.');
  }
  if (all.some(({ parent: of, kind, id }) => of === place.id && id !== place.id && !mayContain(place.kind, kind))) {
    return fail('invalid', 'plant.parent', `It contains places that a ${place.kind} cannot contain.`);
  }
  if (all.some(({ id, parent: of, name }) => id !== place.id && of === whole?.id && name === place.name)) {
    return fail('conflict', 'plant.name-taken', `There is already a place called ${place.name} here.`);
  }
  return undefined;
}

async function wrongToRemove(stores: PlaceStores, place: Place, parts: readonly Place[], contents: Contents) {
  const site = new Set([place.site]);
  if (place.parent === undefined) {
    const [asset] = await stores.placeables.page(site, place.site, undefined, 1);
    if (asset !== undefined) {
      return fail('conflict', 'plant.site-in-use', `${place.name} has assets: a site is removed after its last asset.`);
    }
    if (contents === 'move-up' && parts.length > 0) {
      return fail('invalid', 'plant.parent', 'Nothing is around a site that its places could move into.');
    }
  }
  if (contents !== 'keep') {
    return undefined;
  }
  const assets = (await stores.placements.standing([place.id, ...parts.map(({ id }) => id)], 1)).length;
  const rules = (await stores.rules.rules(site, place.site)).filter((rule) => rule.place === place.id);
  const holds = [
    parts.length > 0 ? 'places' : '',
    assets > 0 ? 'assets' : '',
    rules.length > 0 ? 'rules that name it' : '',
  ].filter((text) => text !== '');
  return holds.length === 0
    ? undefined
    : fail(
        'conflict',
        'plant.place-in-use',
        `${place.name} has ${holds.join(', ')}: say contents=move-up to keep them in the place around it, or contents=remove.`,
      );
}

async function removeFrom(
  stores: PlaceStores,
  place: Place,
  parts: readonly Place[],
  contents: Contents,
): Promise<void> {
  const { places, placements, rules } = stores;
  const heir = contents === 'move-up' ? place.parent : undefined;
  const gone = heir === undefined ? [...parts.toReversed(), place] : [place];
  const goneIds = gone.map(({ id }) => id);
  const old = await rules.rules(new Set([place.site]), place.site);
  const kept: readonly PlaceRule[] = old.flatMap((rule) => {
    if (!goneIds.includes(rule.place)) {
      return [rule];
    }
    return heir === undefined ? [] : [{ ...rule, place: heir }];
  });
  await rules.replaceRules(place.site, kept);
  await leave(placements, goneIds, heir);
  if (heir !== undefined) {
    for (const part of parts.filter(({ parent }) => parent === place.id)) {
      await places.change({ ...part, parent: heir });
    }
  }
  await rulesAnew(stores, place.site);
  await places.remove(goneIds);
}

const PER_STEP = 500;

async function leave(placements: PlacementStore, places: readonly string[], heir: string | undefined): Promise<void> {
  let standing = await placements.standing(places, PER_STEP);
  while (standing.length > 0) {
    if (heir === undefined) {
      await placements.takeAway(standing.map(({ asset }) => asset));
    } else {
      await placements.put(standing.map((placement) => ({ ...placement, place: heir })));
    }
    standing = await placements.standing(places, PER_STEP);
  }
}
