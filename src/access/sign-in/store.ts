import type { Selectable } from 'kysely';
import { isoTime, type Micros, microsOf } from '../../kit/time.ts';
import type { Queries } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import { createAccountStore } from '../people/store.ts';
import type { Session, SessionStore } from '../session.ts';
import type { Challenge, ChallengeStore } from './challenge.ts';
import type { FactorStore, Passkey } from './factor.ts';
import type { CodePurpose, OneTimeCode, OneTimeCodeStore } from './one-time-code.ts';

export function createSessionStore(db: Queries): SessionStore {
  const accounts = createAccountStore(db);
  return {
    async find(hash) {
      const row = await db.selectFrom('session').selectAll().where('hash', '=', hash).executeTakeFirst();
      const account = row === undefined ? undefined : await accounts.find(row.account);
      return row === undefined || account === undefined ? undefined : { session: sessionOf(row), account };
    },

    async listOf(account) {
      const rows = await db
        .selectFrom('session')
        .selectAll()
        .where('account', '=', account)
        .where('ended_at', 'is', null)
        .orderBy('used_at', 'desc')
        .orderBy('id')
        .execute();
      return rows.map(sessionOf);
    },

    async start({ hash, id, account, startedAt, usedAt, endedAt, provedAt, address, client }) {
      await db
        .insertInto('session')
        .values({
          hash,
          id,
          account,
          started_at: isoTime(startedAt),
          used_at: isoTime(usedAt),
          ended_at: isoTimeOrNull(endedAt),
          proved_at: isoTimeOrNull(provedAt),
          address,
          client,
        })
        .execute();
    },

    async touch(hash, usedAt) {
      await db
        .updateTable('session')
        .set({ used_at: isoTime(usedAt) })
        .where('hash', '=', hash)
        .where('ended_at', 'is', null)
        .execute();
    },

    async wasAt(account, address, since) {
      const row = await db
        .selectFrom('session')
        .select('id')
        .where('account', '=', account)
        .where('used_at', '>=', isoTime(since))
        .where('address', '=', address)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    async end(hash, at) {
      await db
        .updateTable('session')
        .set({ ended_at: isoTime(at) })
        .where('hash', '=', hash)
        .where('ended_at', 'is', null)
        .execute();
    },

    async endAll(account, at, except) {
      await db
        .updateTable('session')
        .set({ ended_at: isoTime(at) })
        .where('account', '=', account)
        .where('ended_at', 'is', null)
        .$if(except !== undefined, (query) => query.where('hash', '!=', except ?? ''))
        .execute();
    },

    async forget(before) {
      await db.deleteFrom('session').where('used_at', '<', isoTime(before)).execute();
    },
  };
}

export function createOneTimeCodeStore(db: Queries): OneTimeCodeStore {
  return {
    async put({ hash, purpose, account, expiresAt }) {
      const others = db.deleteFrom('one_time_code').where('purpose', '=', purpose);
      await (account === undefined
        ? others.where('account', 'is', null)
        : others.where('account', '=', account)
      ).execute();
      const row = { hash, purpose, account: account ?? null, expires_at: isoTime(expiresAt) };
      await db.insertInto('one_time_code').values(row).execute();
    },

    async find(hash, purpose, now) {
      const row = await db
        .selectFrom('one_time_code')
        .selectAll()
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', isoTime(now))
        .executeTakeFirst();
      return row === undefined ? undefined : codeOf(row);
    },

    async take(hash, purpose, now) {
      const row = await db
        .deleteFrom('one_time_code')
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', isoTime(now))
        .returningAll()
        .executeTakeFirst();
      return row === undefined ? undefined : codeOf(row);
    },

    async removeAll(account) {
      await db.deleteFrom('one_time_code').where('account', '=', account).execute();
    },

    async pending(now) {
      const rows = await db
        .selectFrom('one_time_code')
        .select('account')
        .where('expires_at', '>', isoTime(now))
        .execute();
      return new Set(rows.flatMap(({ account }) => account ?? []));
    },
  };
}

export function createFactorStore(db: Queries): FactorStore {
  return {
    async totpOf(account) {
      const row = await db.selectFrom('totp').selectAll().where('account', '=', account).executeTakeFirst();
      return row === undefined ? undefined : { secret: row.secret, confirmed: row.confirmed === 1 };
    },

    async putTotp(account, secret) {
      const row = { secret, confirmed: 0, last_step: 0 };
      await db
        .insertInto('totp')
        .values({ account, ...row })
        .onConflict((conflict) => conflict.column('account').doUpdateSet(row))
        .execute();
    },

    async confirmTotp(account) {
      await db.updateTable('totp').set({ confirmed: 1 }).where('account', '=', account).execute();
    },

    async takeStep(account, step) {
      const { numUpdatedRows } = await db
        .updateTable('totp')
        .set({ last_step: step })
        .where('account', '=', account)
        .where('last_step', '<', step)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },

    async removeTotp(account) {
      await db.deleteFrom('totp').where('account', '=', account).execute();
    },

    async putRecoveryCodes(account, hashes) {
      await db.deleteFrom('recovery_code').where('account', '=', account).execute();
      if (hashes.length > 0) {
        await db
          .insertInto('recovery_code')
          .values(hashes.map((hash) => ({ hash, account })))
          .execute();
      }
    },

    async takeRecoveryCode(account, hash) {
      const { numDeletedRows } = await db
        .deleteFrom('recovery_code')
        .where('hash', '=', hash)
        .where('account', '=', account)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async passkeysOf(account) {
      const rows = await db
        .selectFrom('passkey')
        .selectAll()
        .where('account', '=', account)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(passkeyOf);
    },

    async findPasskey(id) {
      const row = await db.selectFrom('passkey').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : passkeyOf(row);
    },

    async putPasskey({ publicKey, transports, createdAt, usedAt, ...passkey }) {
      await db
        .insertInto('passkey')
        .values({
          ...passkey,
          public_key: publicKey,
          transports: JSON.stringify(transports),
          created_at: isoTime(createdAt),
          used_at: isoTimeOrNull(usedAt),
        })
        .execute();
    },

    async usePasskey(id, counter, at) {
      await db
        .updateTable('passkey')
        .set({ counter, used_at: isoTime(at) })
        .where('id', '=', id)
        .execute();
    },

    async removePasskey(account, id) {
      const { numDeletedRows } = await db
        .deleteFrom('passkey')
        .where('id', '=', id)
        .where('account', '=', account)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },

    async removePasskeys(account) {
      await db.deleteFrom('passkey').where('account', '=', account).execute();
    },
  };
}

export function createChallengeStore(db: Queries): ChallengeStore {
  return {
    async put({ hash, purpose, account, data, expiresAt }, now) {
      await db.deleteFrom('challenge').where('expires_at', '<=', isoTime(now)).execute();
      await db
        .insertInto('challenge')
        .values({ hash, purpose, account: account ?? null, data: JSON.stringify(data), expires_at: isoTime(expiresAt) })
        .execute();
    },

    async take(hash, purpose, now) {
      const row = await db
        .deleteFrom('challenge')
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', isoTime(now))
        .returningAll()
        .executeTakeFirst();
      return row === undefined
        ? undefined
        : {
            hash: row.hash,
            purpose: row.purpose as Challenge['purpose'],
            account: row.account ?? undefined,
            data: JSON.parse(row.data) as Challenge['data'],
            expiresAt: microsOf(row.expires_at),
          };
    },
  };
}

function codeOf(row: Selectable<Tables['one_time_code']>): OneTimeCode {
  return {
    hash: row.hash,
    purpose: row.purpose as CodePurpose,
    account: row.account ?? undefined,
    expiresAt: microsOf(row.expires_at),
  };
}

function sessionOf(row: Selectable<Tables['session']>): Session {
  return {
    hash: row.hash,
    id: row.id,
    account: row.account,
    startedAt: microsOf(row.started_at),
    usedAt: microsOf(row.used_at),
    endedAt: microsOrUndefined(row.ended_at),
    provedAt: microsOrUndefined(row.proved_at),
    address: row.address,
    client: row.client,
  };
}

function passkeyOf(row: Selectable<Tables['passkey']>): Passkey {
  return {
    id: row.id,
    account: row.account,
    name: row.name,
    publicKey: row.public_key,
    counter: row.counter,
    transports: JSON.parse(row.transports) as string[],
    createdAt: microsOf(row.created_at),
    usedAt: microsOrUndefined(row.used_at),
  };
}

function isoTimeOrNull(time: Micros | undefined): string | null {
  return time === undefined ? null : isoTime(time);
}

function microsOrUndefined(iso: string | null): Micros | undefined {
  return iso === null ? undefined : microsOf(iso);
}
