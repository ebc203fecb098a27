import type { Queries } from '../../platform/store/store.ts';
import type { OidcProvider, OidcProviderStore } from './provider.ts';

const THE_ONE = 'provider';

export function createOidcProviderStore(db: Queries): OidcProviderStore {
  return {
    async find() {
      const row = await db.selectFrom('oidc_provider').selectAll().where('id', '=', THE_ONE).executeTakeFirst();
      return row === undefined
        ? undefined
        : { ...(JSON.parse(row.settings) as Omit<OidcProvider, 'secret'>), secret: row.secret ?? undefined };
    },

    async put({ secret, ...settings }) {
      const row = { settings: JSON.stringify(settings), secret: secret ?? null };
      await db
        .insertInto('oidc_provider')
        .values({ id: THE_ONE, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
    },

    async remove() {
      const { numDeletedRows } = await db.deleteFrom('oidc_provider').executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
