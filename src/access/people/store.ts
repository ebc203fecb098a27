import type { Selectable } from 'kysely';
import { isoTime, microsOf } from '../../kit/time.ts';
import type { Queries } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { Account, AccountStore, OidcIdentity } from '../account.ts';
import type { Grant, Role } from '../permission.ts';

/** In `account_role`, where a key has no null. */
const EVERYWHERE = '';

export function createAccountStore(db: Queries): AccountStore {
  const accounts = () =>
    db
      .selectFrom('account')
      .selectAll()
      .select((query) => [
        query
          .selectFrom('totp')
          .whereRef('totp.account', '=', 'account.id')
          .where('totp.confirmed', '=', 1)
          .select((of) => of.fn.countAll<number>().as('count'))
          .as('totp'),
        query
          .selectFrom('passkey')
          .whereRef('passkey.account', '=', 'account.id')
          .select((of) => of.fn.countAll<number>().as('count'))
          .as('passkeys'),
        query
          .selectFrom('recovery_code')
          .whereRef('recovery_code.account', '=', 'account.id')
          .select((of) => of.fn.countAll<number>().as('count'))
          .as('recovery_codes'),
      ]);

  async function withGrants(rows: readonly AccountRow[]): Promise<readonly Account[]> {
    if (rows.length === 0) {
      return [];
    }
    const grants = await db
      .selectFrom('account_role')
      .selectAll()
      .where(
        'account',
        'in',
        rows.map(({ id }) => id),
      )
      .orderBy('role')
      .orderBy('site')
      .orderBy('given_by')
      .execute();
    return rows.map((row) =>
      fromRow(
        row,
        grants.filter(({ account }) => account === row.id),
      ),
    );
  }

  async function one(row: AccountRow | undefined): Promise<Account | undefined> {
    const [account] = await withGrants(row === undefined ? [] : [row]);
    return account;
  }

  return {
    async count() {
      const row = await db
        .selectFrom('account')
        .select((of) => of.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return row.count;
    },

    find: async (id) => one(await accounts().where('id', '=', id).executeTakeFirst()),
    findByEmail: async (email) => one(await accounts().where('email', '=', email).executeTakeFirst()),
    findByOidc: async (identity) => one(await accounts().where('oidc', '=', oidcKey(identity)).executeTakeFirst()),

    async list(scope, { offset, limit }) {
      const sites = scope === 'all' ? undefined : [...scope];
      if (sites?.length === 0) {
        return { items: [], total: 0 };
      }
      const within = db
        .selectFrom('account_role')
        .select('account')
        .where('site', 'in', sites ?? [EVERYWHERE]);
      const rows = await accounts()
        .$if(sites !== undefined, (query) => query.where('id', 'in', within))
        .orderBy('name')
        .orderBy('id')
        .offset(offset)
        .limit(limit)
        .execute();
      const { total } = await db
        .selectFrom('account')
        .select((of) => of.fn.countAll<number>().as('total'))
        .$if(sites !== undefined, (query) => query.where('id', 'in', within))
        .executeTakeFirstOrThrow();
      return { items: await withGrants(rows), total };
    },

    async administrators() {
      const rows = await db
        .selectFrom('account_role')
        .innerJoin('account', 'account.id', 'account_role.account')
        .select('account.id')
        .distinct()
        .where('role', '=', 'administrator')
        .where('site', '=', EVERYWHERE)
        .where('disabled', '=', 0)
        .orderBy('account.id')
        .execute();
      return rows.map(({ id }) => id);
    },

    async passwordOf(id) {
      const row = await db.selectFrom('account').select('password').where('id', '=', id).executeTakeFirst();
      return row?.password ?? undefined;
    },

    async create({ id, name, email, oidc, createdAt }) {
      await db
        .insertInto('account')
        .values({
          id,
          name,
          email,
          password: null,
          oidc: oidc === undefined ? null : oidcKey(oidc),
          disabled: 0,
          created_at: isoTime(createdAt),
          last_sign_in: null,
        })
        .execute();
    },

    async change(id, { name, disabled, password, lastSignIn }) {
      await db
        .updateTable('account')
        .set({
          id,
          ...(name === undefined ? {} : { name }),
          ...(disabled === undefined ? {} : { disabled: disabled ? 1 : 0 }),
          ...(password === undefined ? {} : { password }),
          ...(lastSignIn === undefined ? {} : { last_sign_in: isoTime(lastSignIn) }),
        })
        .where('id', '=', id)
        .execute();
    },

    async link(id, identity) {
      await db
        .updateTable('account')
        .set({ oidc: oidcKey(identity) })
        .where('id', '=', id)
        .execute();
    },

    async clearPassword(id) {
      await db.updateTable('account').set({ password: null }).where('id', '=', id).execute();
    },

    async setGrants(account, givenBy, grants) {
      await db.deleteFrom('account_role').where('account', '=', account).where('given_by', '=', givenBy).execute();
      if (grants.length > 0) {
        const rows = grants.map(({ role, site }) => ({ account, role, site: site ?? EVERYWHERE, given_by: givenBy }));
        await db.insertInto('account_role').values(rows).execute();
      }
    },
  };
}

type AccountRow = Selectable<Tables['account']> & {
  readonly totp: number | null;
  readonly passkeys: number | null;
  readonly recovery_codes: number | null;
};

function fromRow(row: AccountRow, grants: readonly Selectable<Tables['account_role']>[]): Account {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    disabled: row.disabled === 1,
    hasPassword: row.password !== null,
    oidc: row.oidc === null ? undefined : (JSON.parse(row.oidc) as OidcIdentity),
    grants: grants.map(
      ({ role, site, given_by }): Grant => ({
        role: role as Role,
        site: site === EVERYWHERE ? undefined : site,
        givenBy: given_by as Grant['givenBy'],
      }),
    ),
    totp: row.totp === 1,
    passkeys: row.passkeys ?? 0,
    recoveryCodes: row.recovery_codes ?? 0,
    createdAt: microsOf(row.created_at),
    lastSignIn: row.last_sign_in === null ? undefined : microsOf(row.last_sign_in),
  };
}

function oidcKey({ issuer, subject }: OidcIdentity): string {
  return JSON.stringify({ issuer, subject });
}
