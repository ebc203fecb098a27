import type { ActivityStore } from '../../access/activity.ts';
import type { Actor } from '../../kit/actor.ts';
import type { Atomically } from '../../kit/atomically.ts';
import { type Failure, type FailureDetail, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import { MOST_PLACES, mayContain, type Place, type PlaceStep, type PlaceStore } from '../../plant/place.ts';
import { placeByRules, type RuleStores } from '../../plant/place-assets.ts';
import type { Placement } from '../../plant/placement.ts';
import { type AssetKey, endKeys, macKey, serialKey } from '../asset-key.ts';
import type { ChangeItem, ChangeStore } from '../changes/change-set.ts';
import { type KnownAsset, NEVER_SEEN, type StatedAttributes } from '../known-asset.ts';
import type { Memory, OwnedKey } from '../memory.ts';
import { LONGEST_STATED, type Stated } from '../stated.ts';
import type { AssetBook } from './asset-book.ts';
import type { Column, Reading } from './document.ts';
import { isChange, type PlannedAsset, planImport } from './plan-import.ts';

export type ImportStores = RuleStores & {
  readonly places: PlaceStore;
  readonly book: AssetBook;
  readonly memory: Memory;
  readonly changes: ChangeStore;
  readonly activity: ActivityStore;
};

export interface ImportParts {
  readonly atomically: Atomically<ImportStores>;
  readonly read: ImportStores;
  readonly now: () => Micros;
  readonly newId: () => string;
}

export interface ImportRequest {
  readonly actor: Actor;
  readonly scope: Scope;
  readonly site: string;
  /** Places that the document names and the plant does not have are made; else they are kept as a location. */
  readonly mayMakePlaces: boolean;
  /** What it was read from, for people: `plant.csv`. */
  readonly source: string;
  /** Says what would happen, and does nothing. */
  readonly isDryRun: boolean;
}

export interface Imported {
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Where there is one, nothing was imported. */
  readonly errors: readonly FailureDetail[];
  readonly columns: readonly Column[] | undefined;
  /** Of the change set, by which the import can be undone; undefined where nothing changed. */
  readonly change: string | undefined;
}

export type ImportAssets = (request: ImportRequest, reading: Reading) => Promise<Result<Imported, Failure>>;

/** All of a document or nothing of it. */
export function createImportAssets({ atomically, read, now, newId }: ImportParts): ImportAssets {
  return async (request, reading) => {
    const act = async (stores: ImportStores): Promise<Result<Imported, Failure>> => {
      const site = await stores.places.find(request.scope, request.site);
      if (site === undefined || site.parent !== undefined) {
        return fail('not-found', 'plant.no-place', 'There is no such site.');
      }
      const { rows, columns } = reading;
      const refused = { rows, created: 0, changed: 0, unchanged: 0, columns, change: undefined };
      if (reading.problems.length > 0) {
        return ok({ ...refused, errors: reading.problems });
      }
      const plan = planImport(reading.documents, await stores.book.candidates(request.site));
      if (plan.problems.length > 0) {
        return ok({ ...refused, errors: plan.problems.slice(0, MOST_ERRORS) });
      }
      const work = new Import(stores, request, { now: now(), newId });
      const outcome = await work.run(plan.assets);
      return ok({ rows, columns, errors: [], ...outcome });
    };
    return request.isDryRun ? await act(read) : await atomically(act);
  };
}

const MOST_ERRORS = 100;
const PER_STEP = 500;

interface Planned extends PlannedAsset {
  /** Where the document says that it stands; undefined: it does not say. */
  readonly place: string | undefined;
}

class Import {
  private readonly stores: ImportStores;
  private readonly request: ImportRequest;
  private readonly now: Micros;
  private readonly newId: () => string;
  private readonly change: string;
  private readonly items: ChangeItem[] = [];
  private readonly ids = new Map<string, string>();
  private created = 0;
  private changed = 0;
  private unchanged = 0;

  constructor(
    stores: ImportStores,
    request: ImportRequest,
    { now, newId }: Pick<ImportParts, 'newId'> & { now: Micros },
  ) {
    this.stores = stores;
    this.request = request;
    this.now = now;
    this.newId = newId;
    this.change = newId();
  }

  async run(planned: readonly PlannedAsset[]): Promise<Pick<Imported, 'created' | 'changed' | 'unchanged' | 'change'>> {
    const { request, stores, now, items } = this;
    const places = await this.placesFor(planned);
    await this.giveIds(planned);
    for (let start = 0; start < planned.length; start += PER_STEP) {
      await this.step(planned.slice(start, start + PER_STEP).map((asset) => this.placed(asset, places)));
    }
    const counts = { created: this.created, changed: this.changed, unchanged: this.unchanged };
    if (items.length === 0 || request.isDryRun) {
      return { ...counts, change: undefined };
    }
    const { actor, site, source } = request;
    await stores.changes.add({ id: this.change, site, at: now, actor, title: `import of ${source}`, items });
    await stores.activity.append([
      { at: now, actor, act: 'assets.import', subject: `change ${this.change}`, site, after: { source, ...counts } },
    ]);
    return { ...counts, change: this.change };
  }

  /** By the names on the way to each place: its id. What is missing is made where that is allowed. */
  private async placesFor(planned: readonly PlannedAsset[]): Promise<ReadonlyMap<string, string>> {
    const { site } = this.request;
    const all = (await this.stores.places.list(new Set([site]))).filter((place) => place.site === site);
    const found = new Map<string, string>();
    for (const { documented } of planned) {
      const steps = documented.place ?? [];
      const key = keyOf(steps);
      // The site alone is no place, but in our own export.
      const isPlace = documented.exported !== undefined || steps.some(({ kind }) => kind !== 'site');
      if (steps.length > 0 && isPlace && !found.has(key)) {
        const id = await this.placeAt(all, steps);
        if (id !== undefined) {
          found.set(key, id);
        }
      }
    }
    return found;
  }

  private async placeAt(all: Place[], steps: readonly PlaceStep[]): Promise<string | undefined> {
    let whole = all.find(({ parent }) => parent === undefined);
    for (const { kind, name } of steps) {
      // The site is the one into which is imported, whatever it is called elsewhere.
      if (kind === 'site' || whole === undefined) {
        continue;
      }
      const parent: Place = whole;
      let part = all.find((place) => place.parent === parent.id && place.kind === kind && place.name === name);
      if (part === undefined) {
        const isTaken = all.some((place) => place.parent === parent.id && place.name === name);
        if (!this.request.mayMakePlaces || isTaken || !mayContain(parent.kind, kind) || all.length >= MOST_PLACES) {
          return undefined;
        }
        part = {
          ...{ id: this.newId(), site: parent.site, parent: parent.id, kind, name },
          ...{ priority: undefined, owner: undefined, lossPerHour: undefined },
        };
        all.push(part);
        await this.addPlace(part);
      }
      whole = part;
    }
    return whole?.id;
  }

  private async addPlace(place: Place): Promise<void> {
    const { stores, request, now } = this;
    if (!request.isDryRun) {
      await stores.places.add(place);
      await stores.activity.append([
        {
          at: now,
          actor: request.actor,
          act: 'place.add',
          subject: `place ${place.id}`,
          site: place.site,
          after: place,
        },
      ]);
    }
  }

  /** New assets get their ids: those of our own export keep theirs, as long as nobody else has them. */
  private async giveIds(planned: readonly PlannedAsset[]): Promise<void> {
    const theirs = planned.flatMap(({ id, documented }) => (id === undefined ? (documented.exported?.id ?? []) : []));
    const taken = await this.stores.book.taken(theirs);
    for (const { id, documented } of planned) {
      const exported = documented.exported;
      if (id === undefined && exported !== undefined) {
        this.ids.set(exported.id, taken.has(exported.id) ? this.newId() : exported.id);
      } else if (id !== undefined && exported !== undefined) {
        this.ids.set(exported.id, id);
      }
    }
  }

  private placed(planned: PlannedAsset, places: ReadonlyMap<string, string>): Planned {
    const steps = planned.documented.place ?? [];
    const place = places.get(keyOf(steps));
    const names = steps.filter(({ kind }) => kind !== 'site').map(({ name }) => name);
    if (place !== undefined || names.length === 0 || planned.after.location !== undefined) {
      return { ...planned, place };
    }
    // The plant does not have this place: what the document says of it is kept all the same.
    return { ...planned, after: { ...planned.after, location: names.join(' / ').slice(0, LONGEST_STATED) }, place };
  }

  private async step(planned: readonly Planned[]): Promise<void> {
    const { stores, request } = this;
    const known = await stores.memory.assets(planned.flatMap(({ id }) => id ?? []));
    const standing = await stores.placements.placements('all', [...known.keys()]);
    const puts: { before: KnownAsset | undefined; after: KnownAsset }[] = [];
    const placements: Placement[] = [];
    const toRules: string[] = [];
    for (const asset of planned) {
      const before = known.get(asset.id ?? '');
      const after = this.after(before, asset);
      const isStated = isChange(asset);
      const moved = this.moved(asset, after.id, standing.get(after.id));
      this.count(before !== undefined, isStated || moved !== undefined);
      if (isStated) {
        puts.push({ before, after });
        this.items.push(itemOf(before, after));
      }
      if (moved !== undefined) {
        placements.push(moved);
      } else if (isStated && asset.documented.exported === undefined) {
        toRules.push(after.id);
      }
    }
    if (request.isDryRun) {
      return;
    }
    await stores.memory.putAssets(puts);
    await this.putKeys(puts.flatMap(({ before, after }) => (before === undefined ? [after] : [])));
    await stores.placements.put(placements);
    await placeByRules(stores, request.site, toRules);
  }

  private moved({ place, documented }: Planned, asset: string, now: Placement | undefined): Placement | undefined {
    if (place === undefined || place === now?.place) {
      return undefined;
    }
    const { site } = this.request;
    const by = documented.exported?.placedBy ?? 'hand';
    this.items.push({
      entity: 'placement',
      subject: asset,
      before: now && { site: now.site, place: now.place, by: now.by },
      after: { site, place, by },
    });
    return { asset, site, place, by };
  }

  private count(isKnown: boolean, isDifferent: boolean): void {
    if (!isKnown) {
      this.created++;
    } else if (isDifferent) {
      this.changed++;
    } else {
      this.unchanged++;
    }
  }

  private after(before: KnownAsset | undefined, { after, documented }: Planned): KnownAsset {
    const { exported } = documented;
    const stated = this.statedValues(before?.stated ?? exported?.stated ?? {}, after);
    if (before !== undefined) {
      return { ...before, stated };
    }
    const { site } = this.request;
    const fresh = { site, stated, news: undefined, findings: 0, worst: 0 };
    if (exported === undefined) {
      const nothing = {
        scope: '',
        parent: undefined,
        behind: undefined,
        state: 'documented',
        observed: NEVER_SEEN,
      } as const;
      return { id: this.newId(), ...fresh, ...nothing };
    }
    const { id, scope, parent, behind, state, observed } = exported;
    return {
      ...fresh,
      id: this.ids.get(id) ?? id,
      ...{
        scope,
        behind,
        state,
        observed: { ...observed, firstSeen: observed.firstSeen, lastSeen: observed.lastSeen },
      },
      parent: parent === undefined ? undefined : this.ids.get(parent),
    };
  }

  /** What stays the same keeps who said it, and when. */
  private statedValues(before: StatedAttributes, after: Stated): StatedAttributes {
    const { actor, source } = this.request;
    const fresh = { at: this.now, by: actor.name, source };
    return Object.fromEntries(
      Object.entries(after).map(([name, value]) => {
        const was = before[name as keyof StatedAttributes];
        return [name, was?.value === value ? was : { value, ...fresh }];
      }),
    );
  }

  /** So that a device that was listened to elsewhere is recognised when it is heard here. What has a key already keeps it. */
  private async putKeys(assets: readonly KnownAsset[]): Promise<void> {
    const all = assets.flatMap((asset) =>
      keysOfObserved(asset).map((key) => ({ key, asset: asset.id, seen: asset.observed.lastSeen ?? 0 })),
    );
    if (all.length === 0) {
      return;
    }
    const { memory } = this.stores;
    const { site } = this.request;
    const owners = await memory.owners(
      site,
      all.map(({ key }) => key),
    );
    const free = new Map<AssetKey, OwnedKey>(
      all.flatMap((owned) => (owners.has(owned.key) ? [] : [[owned.key, owned]])),
    );
    await memory.putKeys(site, [...free.values()]);
  }
}

function keysOfObserved({ observed, behind }: KnownAsset): readonly AssetKey[] {
  if (behind !== undefined || observed.sightings === 0) {
    return [];
  }
  const serial = serialKey(observed.evidence);
  return [
    ...(serial === undefined ? [] : [serial]),
    ...observed.interfaces.flatMap((known) => [
      ...[macKey(known.scope, known)].filter((key) => key !== undefined),
      ...known.addresses.flatMap(({ address }) => endKeys(known.scope, { address, vlan: known.vlan })),
    ]),
  ];
}

function itemOf(before: KnownAsset | undefined, after: KnownAsset): ChangeItem {
  return {
    entity: 'asset',
    subject: after.id,
    before: before === undefined ? undefined : { stated: JSON.stringify(before.stated) },
    after: {
      stated: JSON.stringify(after.stated),
      ...(before === undefined && { sightings: after.observed.sightings }),
    },
  };
}

function keyOf(steps: readonly PlaceStep[]): string {
  return JSON.stringify(steps.filter(({ kind }) => kind !== 'site').map(({ kind, name }) => [kind, name]));
}
