import { inScope } from '../../kit/scope.ts';
import type { PlaceableStore } from '../../plant/rule.ts';
import type { Queries } from '../../platform/store/store.ts';

const COLUMNS = ['id', 'site', 'name', 'behind', 'addresses', 'vlans', 'scopes'] as const;
const PER_STATEMENT = 1000;

/** The assets of the inventory, as the rules of the plant see them. */
export function createPlaceableStore(db: Queries): PlaceableStore {
  return {
    async page(scope, site, after, limit) {
      if (!inScope(scope, site)) {
        return [];
      }
      const rows = await db
        .selectFrom('asset')
        .select(COLUMNS)
        .where('site', '=', site)
        .where('id', '>', after ?? '')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(placeableOf);
    },

    async some(scope, ids) {
      const found = [];
      for (let at = 0; at < ids.length; at += PER_STATEMENT) {
        const batch = ids.slice(at, at + PER_STATEMENT);
        const rows = await db.selectFrom('asset').select(COLUMNS).where('id', 'in', batch).orderBy('id').execute();
        found.push(...rows.filter(({ site }) => inScope(scope, site)).map(placeableOf));
      }
      return found;
    },
  };
}

function placeableOf(row: {
  readonly id: string;
  readonly site: string;
  readonly name: string | null;
  readonly behind: string | null;
  readonly addresses: string;
  readonly vlans: string;
  readonly scopes: string;
}) {
  return {
    id: row.id,
    site: row.site,
    names: [row.name, row.behind].filter((name) => name !== null),
    addresses: JSON.parse(row.addresses) as readonly string[],
    vlans: JSON.parse(row.vlans) as readonly number[],
    sensors: JSON.parse(row.scopes) as readonly string[],
  };
}
