import type { Queries } from '../../platform/store/store.ts';
import type { KnownAsset, StatedAttributes } from '../known-asset.ts';
import { createMemory } from '../store.ts';
import type { AssetBook } from './asset-book.ts';
import { type Candidate, flat, keysOf } from './plan-import.ts';

const PER_STATEMENT = 500;
const PER_PAGE = 5000;

export function createAssetBook(db: Queries): AssetBook {
  const memory = createMemory(db);
  return {
    async page(scope, site, after, limit) {
      let query = db
        .selectFrom('asset')
        .select('id')
        .where('id', '>', after ?? '')
        .orderBy('id')
        .limit(limit);
      if (scope !== 'all') {
        query = query.where('site', 'in', [...scope]);
      }
      if (site !== undefined) {
        query = query.where('site', '=', site);
      }
      const ids = (await query.execute()).map(({ id }) => id);
      const assets = await memory.assets(ids);
      return ids.flatMap((id) => assets.get(id) ?? []) satisfies readonly KnownAsset[];
    },

    async candidates(site) {
      const found: Candidate[] = [];
      let last = '';
      for (;;) {
        const rows = await db
          .selectFrom('asset')
          .select(['id', 'name', 'serial', 'macs', 'addresses', 'stated', 'behind'])
          .where('site', '=', site)
          .where('id', '>', last)
          .orderBy('id')
          .limit(PER_PAGE)
          .execute();
        found.push(...rows.map(candidateOf));
        last = rows.at(-1)?.id ?? '';
        if (rows.length < PER_PAGE) {
          return found;
        }
      }
    },

    async taken(ids) {
      const found = new Set<string>();
      for (let start = 0; start < ids.length; start += PER_STATEMENT) {
        const some = ids.slice(start, start + PER_STATEMENT);
        const rows = await db.selectFrom('asset').select('id').where('id', 'in', some).orderBy('id').execute();
        for (const { id } of rows) {
          found.add(id);
        }
      }
      return found;
    },
  };
}

function candidateOf(row: {
  readonly id: string;
  readonly name: string | null;
  readonly serial: string | null;
  readonly macs: string;
  readonly addresses: string;
  readonly stated: string;
  readonly behind: string | null;
}): Candidate {
  const stated = flat(JSON.parse(row.stated) as StatedAttributes);
  const keys = keysOf(stated);
  const withOne = (values: readonly string[], more: string | null) =>
    more === null || values.includes(more) ? values : [...values, more];
  return {
    id: row.id,
    stated,
    serials: withOne(keys.serials, row.serial),
    names: withOne(keys.names, row.name),
    macs: JSON.parse(row.macs) as readonly string[],
    addresses: JSON.parse(row.addresses) as readonly string[],
    numbers: keys.numbers,
  };
}
