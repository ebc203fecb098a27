import type { Selectable } from 'kysely';
import { inScope } from '../../kit/scope.ts';
import { isoTime, microsOf } from '../../kit/time.ts';
import type { Queries } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { ChangeEntity, ChangeStore, Columns, KnownChange } from './change-set.ts';

const PER_STATEMENT = 500;

/** Where the rows of each kind are, and by what they are known. */
const PLACES = {
  asset: { table: 'asset', key: 'id' },
  placement: { table: 'placement', key: 'asset' },
  event: { table: 'event', key: 'id' },
  conversation: { table: 'conversation', key: 'id' },
  finding: { table: 'finding', key: 'id' },
} as const satisfies Record<ChangeEntity, { table: keyof Tables; key: string }>;

export function createChangeStore(db: Queries): ChangeStore {
  return {
    async add({ id, site, at, actor, title, items }) {
      await db
        .insertInto('change_set')
        .values({
          id,
          site: site ?? null,
          at: isoTime(at),
          actor: actor.id,
          actor_name: actor.name,
          title,
          undone: null,
          undone_by: null,
        })
        .execute();
      for (let start = 0; start < items.length; start += PER_STATEMENT) {
        const rows = items.slice(start, start + PER_STATEMENT).map(({ entity, subject, before, after }, at) => ({
          change: id,
          position: start + at,
          entity,
          subject,
          before: before === undefined ? null : JSON.stringify(before),
          after: after === undefined ? null : JSON.stringify(after),
        }));
        await db.insertInto('change_item').values(rows).execute();
      }
    },

    async find(scope, id) {
      const row = await db.selectFrom('change_set').selectAll().where('id', '=', id).executeTakeFirst();
      const isSeen = row !== undefined && (scope === 'all' || (row.site !== null && inScope(scope, row.site)));
      return isSeen ? changeOf(row) : undefined;
    },

    async items(id, before, limit) {
      let query = db.selectFrom('change_item').selectAll().where('change', '=', id);
      if (before !== undefined) {
        query = query.where('position', '<', before);
      }
      const rows = await query.orderBy('position', 'desc').limit(limit).execute();
      return rows.map((row) => ({
        position: row.position,
        entity: row.entity as ChangeEntity,
        subject: row.subject,
        before: row.before === null ? undefined : JSON.parse(row.before),
        after: row.after === null ? undefined : JSON.parse(row.after),
      }));
    },

    async markUndone(id, at, by) {
      await db
        .updateTable('change_set')
        .set({ undone: isoTime(at), undone_by: by.name })
        .where('id', '=', id)
        .execute();
    },

    async present(entity, items) {
      const { table, key } = PLACES[entity];
      const found = new Map<string, Columns>();
      for (let start = 0; start < items.length; start += PER_STATEMENT) {
        const subjects = items.slice(start, start + PER_STATEMENT).map(({ subject }) => subject);
        const rows = await rowsOf(db, table).selectAll().where(key, 'in', subjects).orderBy(key).execute();
        for (const row of rows) {
          found.set(String(row[key]), row);
        }
      }
      return found;
    },

    async putBack(entity, items) {
      const { table, key } = PLACES[entity];
      for (const { subject, before, after } of items) {
        if (before === undefined) {
          await (entity === 'asset'
            ? removeAsset(db, subject)
            : rowsDeleted(db, table).where(key, '=', subject).execute());
        } else if (after === undefined) {
          await rowsAdded(db, table)
            .values({ ...before, [key]: subject })
            .execute();
        } else {
          await rowsChanged(db, table).set(before).where(key, '=', subject).execute();
        }
      }
    },

    async assetsOf(findings) {
      const rows = await db
        .selectFrom('finding_asset')
        .select('asset')
        .distinct()
        .where('finding', 'in', findings.length === 0 ? [''] : [...findings])
        .orderBy('asset')
        .execute();
      return rows.map(({ asset }) => asset);
    },
  };
}

/** The tables of `PLACES` through one pair of eyes: which columns are concerned is known when the change is. */
type AnyTable = { any: Record<string, string | number | null> };
type AnyQueries = import('kysely').Kysely<AnyTable>;

function anyTable(db: Queries): AnyQueries {
  return db as unknown as AnyQueries;
}

function rowsOf(db: Queries, table: string) {
  return anyTable(db).selectFrom(table as 'any');
}

function rowsDeleted(db: Queries, table: string) {
  return anyTable(db).deleteFrom(table as 'any');
}

function rowsAdded(db: Queries, table: string) {
  return anyTable(db).insertInto(table as 'any');
}

function rowsChanged(db: Queries, table: string) {
  return anyTable(db).updateTable(table as 'any');
}

async function removeAsset(db: Queries, id: string): Promise<void> {
  for (const table of ['asset_key', 'asset_protocol', 'search_token', 'placement'] as const) {
    await rowsDeleted(db, table).where('asset', '=', id).execute();
  }
  await db.deleteFrom('asset').where('id', '=', id).execute();
}

function changeOf(row: Selectable<Tables['change_set']>): KnownChange {
  return {
    id: row.id,
    site: row.site ?? undefined,
    at: microsOf(row.at),
    actor: { id: row.actor, name: row.actor_name },
    title: row.title,
    undone: row.undone === null ? undefined : microsOf(row.undone),
  };
}
