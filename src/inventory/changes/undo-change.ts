import type { ActivityStore } from '../../access/activity.ts';
import type { Actor } from '../../kit/actor.ts';
import type { Atomically } from '../../kit/atomically.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { PlaceStore } from '../../plant/place.ts';
import { placeByRules, type RuleStores } from '../../plant/place-assets.ts';
import type { AssetState, KnownAsset, StatedAttributes, StatedName } from '../known-asset.ts';
import type { Memory } from '../memory.ts';
import type { ChangeEntity, ChangeItem, ChangeStore, Columns, PlacedItem } from './change-set.ts';

export type UndoStores = RuleStores & {
  readonly places: PlaceStore;
  readonly changes: ChangeStore;
  readonly memory: Memory;
  readonly activity: ActivityStore;
};

export interface UndoParts {
  readonly atomically: Atomically<UndoStores>;
  readonly now: () => Micros;
}

export interface Undone {
  readonly site: string | undefined;
  /** Rows that are as they were before. */
  readonly count: number;
  /** Rows that were changed again since, and stay as they are. */
  readonly kept: number;
}

/** Takes back what a change set did, except where somebody or something has gone on from there. */
export type UndoChange = (actor: Actor, scope: Scope, id: string) => Promise<Result<Undone, Failure>>;

const PER_STEP = 500;

export function createUndoChange({ atomically, now }: UndoParts): UndoChange {
  return (actor, scope, id) =>
    atomically(async (stores) => {
      const change = await stores.changes.find(scope, id);
      if (change === undefined) {
        return fail('not-found', 'inventory.no-change', 'There is no such change.');
      }
      if (change.undone !== undefined) {
        return fail('conflict', 'inventory.undone', 'This change was undone before.');
      }
      const { count, kept } = await putAllBack(stores, id);
      await stores.changes.markUndone(id, now(), actor);
      await stores.activity.append([
        { at: now(), actor, act: 'change.undo', subject: `change ${id}`, site: change.site, after: { count, kept } },
      ]);
      return ok({ site: change.site, count, kept });
    });
}

async function putAllBack(stores: UndoStores, id: string): Promise<{ count: number; kept: number }> {
  let count = 0;
  let kept = 0;
  let items: readonly PlacedItem[] = [];
  do {
    items = await stores.changes.items(id, items.at(-1)?.position, PER_STEP);
    for (const entity of ['placement', 'asset', 'event', 'conversation', 'finding'] as const) {
      const some = items.filter((item) => item.entity === entity);
      const done = some.length === 0 ? 0 : await putBack(stores, entity, some);
      count += done;
      kept += some.length - done;
    }
  } while (items.length === PER_STEP);
  return { count, kept };
}

async function putBack(stores: UndoStores, entity: ChangeEntity, items: readonly ChangeItem[]): Promise<number> {
  if (entity === 'asset') {
    return await putAssetsBack(stores, items);
  }
  const present = await stores.changes.present(entity, items);
  const places = new Set((await stores.places.list('all')).map(({ id }) => id));
  const same = items.filter(
    ({ subject, before, after }) =>
      isStill(present.get(subject), after) &&
      (entity !== 'placement' || before === undefined || places.has(String(before['place']))),
  );
  await stores.changes.putBack(entity, same);
  if (entity === 'finding') {
    await stores.memory.countFindings(await stores.changes.assetsOf(same.map(({ subject }) => subject)));
  }
  return same.length;
}

function isStill(row: Columns | undefined, after: Columns | undefined): boolean {
  return row === undefined || after === undefined
    ? row === after
    : Object.entries(after).every(([name, value]) => row[name] === value);
}

/** What is shown of an asset follows from what is stated, so these rows are never written column by column. */
async function putAssetsBack(
  { memory, changes, ...stores }: UndoStores,
  items: readonly ChangeItem[],
): Promise<number> {
  const present = await memory.assets(items.map(({ subject }) => subject));
  const puts: { before: KnownAsset; after: KnownAsset }[] = [];
  const gone: ChangeItem[] = [];
  for (const item of items) {
    const asset = present.get(item.subject);
    if (asset === undefined) {
      continue;
    }
    // A device that was seen since its document was read is there, whatever becomes of the document.
    if (item.before === undefined && isAsMade(asset, item.after)) {
      gone.push(item);
    } else {
      const after = assetBefore(asset, item);
      if (after !== undefined) {
        puts.push({ before: asset, after });
      }
    }
  }
  await memory.putAssets(puts);
  await changes.putBack('asset', gone);
  for (const site of new Set(puts.map(({ after }) => after.site))) {
    const ids = puts.filter(({ after }) => after.site === site).map(({ after }) => after.id);
    await placeByRules(stores, site, ids);
  }
  return puts.length + gone.length;
}

function isAsMade({ observed }: KnownAsset, after: Columns | undefined): boolean {
  return observed.sightings === (after?.['sightings'] ?? 0);
}

/** The asset with what this item changed as it was; undefined where nothing of it is still as it became. */
function assetBefore(asset: KnownAsset, { before = {}, after = {} }: ChangeItem): KnownAsset | undefined {
  const stated = statedBefore(asset.stated, statedIn(before), statedIn(after));
  const isState = after['state'] !== undefined && before['state'] !== undefined && after['state'] === asset.state;
  const isNews = after['news'] !== undefined && before['news'] !== undefined && after['news'] === (asset.news ?? null);
  if (stated === asset.stated && !isState && !isNews) {
    return undefined;
  }
  return {
    ...asset,
    stated,
    ...(isState && { state: before['state'] as AssetState }),
    ...(isNews && { news: (before['news'] ?? undefined) as string | undefined }),
  };
}

function statedIn(columns: Columns): StatedAttributes {
  const text = columns['stated'];
  return typeof text === 'string' ? JSON.parse(text) : {};
}

function statedBefore(now: StatedAttributes, before: StatedAttributes, after: StatedAttributes): StatedAttributes {
  const back = new Map(Object.entries(now));
  let isChanged = false;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<StatedName>) {
    const was = before[name];
    const isOurs = was?.value !== after[name]?.value && now[name]?.value === after[name]?.value;
    if (isOurs) {
      isChanged = true;
      if (was === undefined) {
        back.delete(name);
      } else {
        back.set(name, was);
      }
    }
  }
  return isChanged ? Object.fromEntries(back) : now;
}
