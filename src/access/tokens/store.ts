import type { Selectable } from 'kysely';
import { isoTime, microsOf } from '../../kit/time.ts';
import type { Queries } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { Permission } from '../permission.ts';
import type { ApiToken, TokenStore } from './token.ts';

export function createTokenStore(db: Queries): TokenStore {
  return {
    async find(hash) {
      const row = await db.selectFrom('api_token').selectAll().where('hash', '=', hash).executeTakeFirst();
      return row === undefined ? undefined : fromRow(row);
    },

    async listOf(account) {
      const rows = await db
        .selectFrom('api_token')
        .selectAll()
        .where('account', '=', account)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
      return rows.map(fromRow);
    },

    async put({ sites, permissions, createdAt, expiresAt, usedAt, ...token }) {
      await db
        .insertInto('api_token')
        .values({
          ...token,
          permissions: JSON.stringify(permissions),
          sites: sites === undefined ? null : JSON.stringify(sites),
          created_at: isoTime(createdAt),
          expires_at: isoTime(expiresAt),
          used_at: usedAt === undefined ? null : isoTime(usedAt),
        })
        .execute();
    },

    async touch(id, usedAt) {
      await db
        .updateTable('api_token')
        .set({ used_at: isoTime(usedAt) })
        .where('id', '=', id)
        .execute();
    },

    async remove(account, id) {
      const row = await db
        .deleteFrom('api_token')
        .where('id', '=', id)
        .where('account', '=', account)
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? undefined : fromRow(row);
    },

    async removeAll(account) {
      await db.deleteFrom('api_token').where('account', '=', account).execute();
    },
  };
}

function fromRow(row: Selectable<Tables['api_token']>): ApiToken {
  return {
    id: row.id,
    hash: row.hash,
    account: row.account,
    name: row.name,
    permissions: JSON.parse(row.permissions) as Permission[],
    sites: row.sites === null ? undefined : (JSON.parse(row.sites) as string[]),
    createdAt: microsOf(row.created_at),
    expiresAt: microsOf(row.expires_at),
    usedAt: row.used_at === null ? undefined : microsOf(row.used_at),
  };
}
