import type { ActivityStore } from '../../access/activity.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { PlacementStore } from '../../plant/placement.ts';
import { type ChangedEntity, type ChangedFields, type ChangeItem, isSame } from '../change-set.ts';
import type { EventState } from '../event.ts';
import type { AssetState, KnownAsset, StatedAttributes } from '../known-asset.ts';
import type { ConversationState } from '../known-conversation.ts';
import type { FindingState } from '../known-finding.ts';
import { type Acting, type DecideParts, type DecideStores, decidedFields, newcomerFields } from './decide.ts';

export type UndoStores = DecideStores & { readonly placements: PlacementStore; readonly activity: ActivityStore };

export interface Undone {
  readonly undone: number;
  /** What somebody changed again since then stays as it is. */
  readonly kept: number;
}

/** The site of what is asked about, and whether the one who asks may change such things there. */
export type MayChange = (entity: ChangedEntity, site: string | undefined) => boolean;

export type Undo = (acting: Acting, id: string, may: MayChange) => Promise<Result<Undone, Failure>>;

const PER_STEP = 500;

/** Makes what one act of a person changed as it was before, as far as nobody changed it again. */
export function createUndo({
  atomically,
  now,
}: Omit<DecideParts, 'atomically' | 'newId'> & {
  readonly atomically: <T>(work: (stores: UndoStores) => Promise<T>) => Promise<T>;
}): Undo {
  return ({ actor, scope }, id, may) =>
    atomically(async (stores) => {
      const change = await stores.changes.find(scope, id);
      // What concerns several sites is undone by who did it, or by who sees all.
      if (change === undefined || (change.site === undefined && scope !== 'all' && change.actor.id !== actor.id)) {
        return fail('not-found', 'inventory.no-change', 'There is no such change.');
      }
      if (change.undone !== undefined) {
        return fail('conflict', 'inventory.undone', 'This was undone already.');
      }
      for (const entity of await stores.changes.entities(id)) {
        if (!may(entity, change.site)) {
          return fail('forbidden', 'access.forbidden', 'Only who may do this may undo it.');
        }
      }
      let undone = 0;
      let seen = 0;
      for (;;) {
        const items = await stores.changes.items(id, seen, PER_STEP);
        undone += await restore(stores, items);
        seen += items.length;
        if (items.length < PER_STEP) {
          break;
        }
      }
      const at = now();
      await stores.changes.undone(id, at, actor);
      await stores.activity.append([
        {
          ...{ at, actor, act: 'change.undo', subject: `change ${id}`, site: change.site },
          after: { title: change.title, undone, kept: seen - undone },
        },
      ]);
      return ok({ undone, kept: seen - undone });
    });
}

async function restore(stores: UndoStores, items: readonly ChangeItem[]): Promise<number> {
  const of = (entity: ChangedEntity) => items.filter((item) => item.entity === entity);
  return (
    (await restoreEvents(stores, of('event'))) +
    (await restoreFindings(stores, of('finding'))) +
    (await restoreConversations(stores, of('conversation'))) +
    (await restoreAssets(stores, of('asset'))) +
    (await restorePlacements(stores, of('placement')))
  );
}

/** Those that are still as the change left them. */
function unchanged(items: readonly ChangeItem[], now: ReadonlyMap<string, ChangedFields>): readonly ChangeItem[] {
  return items.filter(({ subject, after }) => isSame(now.get(subject), after));
}

async function restoreEvents({ decisions }: UndoStores, items: readonly ChangeItem[]): Promise<number> {
  const events = await decisions.events('all', subjectsOf(items));
  const back = unchanged(items, new Map(events.map((event) => [event.id, decidedFields(event)])));
  await decisions.putEvents(
    back.map(({ subject, before }) => ({ id: subject, ...decidedOf(before), state: before?.['state'] as EventState })),
  );
  return back.length;
}

async function restoreFindings({ decisions, memory }: UndoStores, items: readonly ChangeItem[]): Promise<number> {
  const findings = await decisions.findings('all', subjectsOf(items));
  const back = unchanged(items, new Map(findings.map((finding) => [finding.id, decidedFields(finding)])));
  await decisions.putFindings(
    back.map(({ subject, before }) => ({ id: subject, ...decidedOf(before), state: before?.['state'] as FindingState })),
  );
  await memory.countFindings(await decisions.about(back.map(({ subject }) => subject)));
  return back.length;
}

function decidedOf(fields: ChangedFields | undefined) {
  return {
    decided: numberOf(fields?.['decided']),
    decidedBy: textOf(fields?.['decidedBy']),
    note: textOf(fields?.['note']),
  };
}

async function restoreConversations({ decisions }: UndoStores, items: readonly ChangeItem[]): Promise<number> {
  const conversations = await decisions.conversationStates(subjectsOf(items));
  const back = unchanged(items, new Map(conversations.map((one) => [one.id, newcomerFields(one)])));
  await decisions.putConversations(
    back.map(({ subject, before }) => ({
      id: subject,
      state: before?.['state'] as ConversationState,
      news: textOf(before?.['news']),
    })),
  );
  return back.length;
}

/** Those of the fields of an asset that this item has. */
function fieldsOf(asset: KnownAsset, like: ChangedFields): ChangedFields {
  const all: ChangedFields = { stated: asset.stated, state: asset.state, news: asset.news ?? null };
  return Object.fromEntries(Object.keys(like).map((name) => [name, all[name] ?? null]));
}

async function restoreAssets({ memory }: UndoStores, items: readonly ChangeItem[]): Promise<number> {
  const known = await memory.assets(subjectsOf(items));
  const back = items.flatMap(({ subject, before, after }) => {
    const asset = known.get(subject);
    const isUntouched = asset !== undefined && after !== undefined && isSame(fieldsOf(asset, after), after);
    return isUntouched ? [{ asset, before }] : [];
  });
  // Who was only documented is gone again; who was seen meanwhile stays, without what was stated.
  const gone = back.filter(({ asset, before }) => before === undefined && asset.observed.sightings === 0);
  await memory.forget(gone.map(({ asset }) => asset.id));
  const changed = back.flatMap(({ asset, before }) => {
    if (before !== undefined) {
      return [{ before: asset, after: withFields(asset, before) }];
    }
    return asset.observed.sightings === 0 ? [] : [{ before: asset, after: { ...asset, stated: {} } }];
  });
  await memory.putAssets(changed);
  return back.length;
}

function withFields(asset: KnownAsset, fields: ChangedFields): KnownAsset {
  return {
    ...asset,
    stated: 'stated' in fields ? (fields['stated'] as StatedAttributes) : asset.stated,
    state: 'state' in fields ? (fields['state'] as AssetState) : asset.state,
    news: 'news' in fields ? textOf(fields['news']) : asset.news,
  };
}

async function restorePlacements({ placements, memory }: UndoStores, items: readonly ChangeItem[]): Promise<number> {
  const ids = subjectsOf(items);
  const standing = await placements.placements('all', ids);
  const fields = new Map([...standing].map(([asset, { place, by }]) => [asset, { place, by } as ChangedFields]));
  const back = unchanged(items, fields);
  const sites = await memory.assets(back.map(({ subject }) => subject));
  await placements.takeAway(back.flatMap(({ subject, before }) => (before === undefined ? [subject] : [])));
  await placements.put(
    back.flatMap(({ subject, before }) => {
      const site = sites.get(subject)?.site;
      return before === undefined || site === undefined
        ? []
        : [{ asset: subject, site, place: String(before['place']), by: before['by'] === 'hand' ? 'hand' : ('rule' as const) }];
    }),
  );
  return back.length;
}

function subjectsOf(items: readonly ChangeItem[]): readonly string[] {
  return items.map(({ subject }) => subject);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
