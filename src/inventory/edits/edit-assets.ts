import type { ActivityStore } from '../../access/activity.ts';
import type { Actor } from '../../kit/actor.ts';
import type { Atomically } from '../../kit/atomically.ts';
import { type Failure, type FailureDetail, fail } from '../../kit/failure.ts';
import { err, ok, type Result } from '../../kit/result.ts';
import { inScope, type Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { Place, PlaceStore } from '../../plant/place.ts';
import { assign, placeByRules, type RuleStores } from '../../plant/place-assets.ts';
import type { Placement } from '../../plant/placement.ts';
import type { ChangeItem, ChangeStore } from '../changes/change-set.ts';
import type { KnownAsset, StatedAttributes, StatedName } from '../known-asset.ts';
import type { Memory } from '../memory.ts';
import { statedValue } from '../stated.ts';

export type EditStores = RuleStores & {
  readonly places: PlaceStore;
  readonly memory: Memory;
  readonly changes: ChangeStore;
  readonly activity: ActivityStore;
};

export interface EditParts {
  readonly atomically: Atomically<EditStores>;
  readonly now: () => Micros;
  readonly newId: () => string;
}

/** What a person says of one or many assets: what is missing stays; null takes a statement back. */
export interface AssetEdit {
  readonly stated: { readonly [name in StatedName]?: string | null };
  /** Null gives them back to the rules. */
  readonly place?: string | null | undefined;
  /** Why, for the record. */
  readonly note?: string | undefined;
}

export interface Edited {
  readonly count: number;
  /** By which it can be undone; undefined where nothing changed. */
  readonly change: string | undefined;
}

export type EditAssets = (
  acting: { readonly actor: Actor; readonly scope: Scope },
  ids: readonly string[],
  edit: AssetEdit,
) => Promise<Result<Edited, Failure>>;

export const MOST_EDITED = 100_000;
const PER_STEP = 500;

export function createEditAssets({ atomically, now, newId }: EditParts): EditAssets {
  return async ({ actor, scope }, ids, edit) => {
    const stated = canonical(edit);
    if (!stated.ok) {
      return stated;
    }
    try {
      return ok(
        await atomically((stores) =>
          write(stores, { actor, scope, ids, edit, stated: stated.value, at: now(), newId }),
        ),
      );
    } catch (error) {
      if (error instanceof Refused) {
        return err(error.failure);
      }
      throw error;
    }
  };
}

interface Writing {
  readonly actor: Actor;
  readonly scope: Scope;
  readonly ids: readonly string[];
  readonly edit: AssetEdit;
  readonly stated: Canonical;
  readonly at: Micros;
  readonly newId: () => string;
}

async function write(stores: EditStores, { actor, scope, ids, edit, stated, at, newId }: Writing): Promise<Edited> {
  const target = await targetOf(stores, scope, edit);
  const items: ChangeItem[] = [];
  const sites = new Set<string>();
  for (let start = 0; start < ids.length; start += PER_STEP) {
    const some = ids.slice(start, start + PER_STEP);
    const assets = [...(await stores.memory.assets(some)).values()];
    assertFit(assets, some, scope, target?.site);
    for (const { site } of assets) {
      sites.add(site);
    }
    items.push(...(await state(stores, assets, stated, { at, by: actor.name, source: 'hand' })));
    if (edit.place !== undefined) {
      items.push(...(await move(stores, assets, target?.id)));
    }
  }
  if (items.length === 0) {
    return { count: 0, change: undefined };
  }
  const change = newId();
  const count = new Set(items.map(({ subject }) => subject)).size;
  const [first, ...others] = sites;
  const site = others.length === 0 ? first : undefined;
  const title = count === 1 ? 'edit of an asset' : `edit of ${count} assets`;
  const subject = ids.length === 1 ? `asset ${ids[0]}` : `change ${change}`;
  await stores.changes.add({ id: change, site, at, actor, title, items });
  await stores.activity.append([{ at, actor, act: 'assets.edit', site, subject, after: { ...edit, count } }]);
  return { count, change };
}

/** Ends a transaction that may have written: nothing of it stays. */
class Refused extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

type Canonical = readonly (readonly [name: StatedName, value: string | undefined])[];

function canonical({ stated }: AssetEdit): Result<Canonical, Failure> {
  const details: FailureDetail[] = [];
  const values = (Object.entries(stated) as [StatedName, string | null][]).map(([name, text]) => {
    const value = text === null ? undefined : statedValue(name, text);
    if (text !== null && value === undefined) {
      details.push({ at: name, message: `${text.slice(0, 80)} is no ${name}` });
    }
    return [name, value] as const;
  });
  const [first] = details;
  return first === undefined
    ? ok(values)
    : fail('invalid', 'inventory.stated', `${first.at}: ${first.message}`, details);
}

async function targetOf({ places }: EditStores, scope: Scope, { place }: AssetEdit): Promise<Place | undefined> {
  const target = typeof place === 'string' ? await places.find(scope, place) : undefined;
  if (typeof place === 'string' && target === undefined) {
    throw new Refused({ kind: 'not-found', code: 'plant.no-place', message: 'There is no such place.' });
  }
  return target;
}

function assertFit(
  assets: readonly KnownAsset[],
  ids: readonly string[],
  scope: Scope,
  site: string | undefined,
): void {
  const seen = new Set(assets.filter((asset) => inScope(scope, asset.site)).map(({ id }) => id));
  const missing = ids.find((id) => !seen.has(id));
  if (missing !== undefined) {
    throw new Refused({ kind: 'not-found', code: 'plant.no-asset', message: `There is no asset ${missing}.` });
  }
  if (site !== undefined && assets.some((asset) => asset.site !== site)) {
    const message = 'The place is at another site than some of the assets.';
    throw new Refused({ kind: 'invalid', code: 'plant.other-site', message });
  }
}

async function state(
  stores: EditStores,
  assets: readonly KnownAsset[],
  edits: Canonical,
  fresh: { readonly at: Micros; readonly by: string; readonly source: string },
): Promise<readonly ChangeItem[]> {
  const puts = assets.flatMap((before) => {
    const stated = statedAfter(before.stated, edits, fresh);
    return stated === before.stated ? [] : [{ before, after: { ...before, stated } }];
  });
  await stores.memory.putAssets(puts);
  for (const site of new Set(puts.map(({ after }) => after.site))) {
    const ids = puts.filter(({ after }) => after.site === site).map(({ after }) => after.id);
    await placeByRules(stores, site, ids);
  }
  return puts.map(({ before, after }) => ({
    entity: 'asset',
    subject: after.id,
    before: { stated: JSON.stringify(before.stated) },
    after: { stated: JSON.stringify(after.stated) },
  }));
}

function statedAfter(
  before: StatedAttributes,
  edits: Canonical,
  fresh: { readonly at: Micros; readonly by: string; readonly source: string },
): StatedAttributes {
  const changed = edits.filter(([name, value]) => before[name]?.value !== value);
  if (changed.length === 0) {
    return before;
  }
  const after = new Map(Object.entries(before));
  for (const [name, value] of changed) {
    if (value === undefined) {
      after.delete(name);
    } else {
      after.set(name, { value, ...fresh });
    }
  }
  return Object.fromEntries(after);
}

async function move(
  stores: EditStores,
  assets: readonly KnownAsset[],
  place: string | undefined,
): Promise<readonly ChangeItem[]> {
  const ids = assets.map(({ id }) => id);
  const before = await stores.placements.placements('all', ids);
  await assign(stores, await stores.placeables.some('all', ids), place);
  const after = await stores.placements.placements('all', ids);
  return ids.flatMap((id): readonly ChangeItem[] => {
    const [was, is] = [columnsOf(before.get(id)), columnsOf(after.get(id))];
    return JSON.stringify(was) === JSON.stringify(is)
      ? []
      : [{ entity: 'placement', subject: id, before: was, after: is }];
  });
}

function columnsOf(placement: Placement | undefined) {
  return placement === undefined ? undefined : { site: placement.site, place: placement.place, by: placement.by };
}
