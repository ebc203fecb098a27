import type { Selectable } from 'kysely';
import { isoTime, microsOf } from '../../kit/time.ts';
import type { Queries } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { SavedFilter, SavedFilterStore } from './saved-filter.ts';

export function createSavedFilterStore(db: Queries): SavedFilterStore {
  return {
    async list(owner) {
      const rows = await db
        .selectFrom('saved_filter')
        .selectAll()
        .where(({ or, eb }) => or([eb('owner', '=', owner), eb('shared', '=', 1)]))
        .orderBy('name')
        .orderBy('id')
        .execute();
      return rows.map(filterOf);
    },

    async find(id) {
      const row = await db.selectFrom('saved_filter').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : filterOf(row);
    },

    async add({ id, owner, name, view, query, shared, created }) {
      await db
        .insertInto('saved_filter')
        .values({
          ...{ id, owner, name, view, query: JSON.stringify(query) },
          ...{ shared: shared ? 1 : 0, created: isoTime(created) },
        })
        .execute();
    },

    async remove(id) {
      await db.deleteFrom('saved_filter').where('id', '=', id).execute();
    },
  };
}

function filterOf(row: Selectable<Tables['saved_filter']>): SavedFilter {
  const { id, owner, name, view } = row;
  return {
    id,
    owner,
    name,
    view,
    query: JSON.parse(row.query),
    shared: row.shared === 1,
    created: microsOf(row.created),
  };
}
