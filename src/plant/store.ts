import type { Selectable } from 'kysely';
import { inScope } from '../kit/scope.ts';
import type { Queries } from '../platform/store/store.ts';
import type { Tables } from '../platform/store/tables.ts';
import { inOrder, type Place, type PlaceKind, type PlaceStore } from './place.ts';
import type { PlacementStore } from './placement.ts';
import type { PlaceRuleStore, RuleKind } from './rule.ts';

/** Fewer than a statement may have parameters on either database, whatever is bound per row. */
const PER_STATEMENT = 1000;

export function createPlaceStore(db: Queries): PlaceStore {
  return {
    async list(scope) {
      let query = db.selectFrom('place').selectAll().orderBy('id');
      if (scope !== 'all') {
        query = query.where('site', 'in', [...scope]);
      }
      return inOrder((await query.execute()).map(placeOf));
    },

    async find(scope, id) {
      const row = await db.selectFrom('place').selectAll().where('id', '=', id).executeTakeFirst();
      return row !== undefined && inScope(scope, row.site) ? placeOf(row) : undefined;
    },

    async add(place) {
      await db.insertInto('place').values(rowOf(place)).execute();
    },

    async change(place) {
      await db.updateTable('place').set(rowOf(place)).where('id', '=', place.id).execute();
    },

    async remove(ids) {
      for (const id of ids) {
        await db.deleteFrom('place').where('id', '=', id).execute();
      }
    },

    async occupants(scope) {
      let query = db
        .selectFrom('placement')
        .select(['place', ({ fn }) => fn.countAll<number>().as('assets')])
        .groupBy('place')
        .orderBy('place');
      if (scope !== 'all') {
        query = query.where('site', 'in', [...scope]);
      }
      return new Map((await query.execute()).map(({ place, assets }) => [place, assets]));
    },
  };
}

export function createPlaceRuleStore(db: Queries): PlaceRuleStore {
  return {
    async rules(scope, site) {
      if (!inScope(scope, site)) {
        return [];
      }
      const rows = await db
        .selectFrom('place_rule')
        .select(['kind', 'pattern', 'place'])
        .where('site', '=', site)
        .orderBy('position')
        .execute();
      return rows.map(({ kind, pattern, place }) => ({ kind: kind as RuleKind, pattern, place }));
    },

    async replaceRules(site, rules) {
      await db.deleteFrom('place_rule').where('site', '=', site).execute();
      if (rules.length > 0) {
        await db
          .insertInto('place_rule')
          .values(rules.map(({ kind, pattern, place }, position) => ({ site, position, kind, pattern, place })))
          .execute();
      }
    },
  };
}

export function createPlacementStore(db: Queries): PlacementStore {
  return {
    async placements(scope, assets) {
      const rows = await inBatches(assets, (batch) => {
        let query = db
          .selectFrom('placement')
          .selectAll()
          .where('asset', 'in', [...batch])
          .orderBy('asset');
        if (scope !== 'all') {
          query = query.where('site', 'in', [...scope]);
        }
        return query.execute();
      });
      return new Map(rows.map((row) => [row.asset, placementOf(row)]));
    },

    async put(placements) {
      await inBatches(placements, async (batch) => {
        await db
          .insertInto('placement')
          .values([...batch])
          .onConflict((conflict) =>
            conflict.column('asset').doUpdateSet((row) => ({
              site: row.ref('excluded.site'),
              place: row.ref('excluded.place'),
              by: row.ref('excluded.by'),
            })),
          )
          .execute();
        return [];
      });
    },

    async takeAway(assets) {
      await inBatches(assets, async (batch) => {
        await db
          .deleteFrom('placement')
          .where('asset', 'in', [...batch])
          .execute();
        return [];
      });
    },

    async standing(places, limit) {
      const rows = await inBatches(places, (batch) =>
        db
          .selectFrom('placement')
          .selectAll()
          .where('place', 'in', [...batch])
          .orderBy('asset')
          .limit(limit)
          .execute(),
      );
      return rows.slice(0, limit).map(placementOf);
    },
  };
}

async function inBatches<Item, Found>(
  items: readonly Item[],
  act: (batch: readonly Item[]) => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < items.length; at += PER_STATEMENT) {
    found.push(...(await act(items.slice(at, at + PER_STATEMENT))));
  }
  return found;
}

type PlaceRow = Selectable<Tables['place']>;

function rowOf({ parent, priority, owner, lossPerHour, ...place }: Place): PlaceRow {
  return {
    ...place,
    parent: parent ?? null,
    priority: priority ?? null,
    owner: owner ?? null,
    loss_per_hour: lossPerHour ?? null,
  };
}

function placeOf(row: PlaceRow): Place {
  return {
    id: row.id,
    site: row.site,
    parent: row.parent ?? undefined,
    kind: row.kind as PlaceKind,
    name: row.name,
    priority: row.priority ?? undefined,
    owner: row.owner ?? undefined,
    lossPerHour: row.loss_per_hour ?? undefined,
  };
}

function placementOf({ asset, site, place, by }: Selectable<Tables['placement']>) {
  return { asset, site, place, by: by as 'hand' | 'rule' };
}
