import { isoTime, microsOf } from '../kit/time.ts';
import type { Queries } from '../platform/store/store.ts';
import type { AccessStores } from './access-stores.ts';
import type { ActivityStore } from './activity.ts';
import { createOidcProviderStore } from './oidc/store.ts';
import { createAccountStore } from './people/store.ts';
import {
  createChallengeStore,
  createFactorStore,
  createOneTimeCodeStore,
  createSessionStore,
} from './sign-in/store.ts';
import { createTokenStore } from './tokens/store.ts';

export function createAccessStores(db: Queries): AccessStores {
  return {
    activity: createActivityStore(db),
    accounts: createAccountStore(db),
    sessions: createSessionStore(db),
    codes: createOneTimeCodeStore(db),
    factors: createFactorStore(db),
    challenges: createChallengeStore(db),
    tokens: createTokenStore(db),
    oidcProvider: createOidcProviderStore(db),
  };
}

export function createActivityStore(db: Queries): ActivityStore {
  return {
    async append(activities) {
      if (activities.length === 0) {
        return;
      }
      const rows = activities.map(({ at, actor, act, subject, site, before, after }) => ({
        at: isoTime(at),
        actor: actor.id,
        actor_name: actor.name,
        act,
        subject,
        site: site ?? null,
        before: before === undefined ? null : JSON.stringify(before),
        after: after === undefined ? null : JSON.stringify(after),
      }));
      await db.insertInto('activity').values(rows).execute();
    },

    async list(scope, { subject, actor, before, limit }) {
      if (scope !== 'all' && scope.size === 0) {
        return [];
      }
      let query = db.selectFrom('activity').selectAll().orderBy('sequence', 'desc').limit(limit);
      if (scope !== 'all') {
        query = query.where('site', 'in', [...scope]);
      }
      if (subject !== undefined) {
        query = query.where('subject', '=', subject);
      }
      if (actor !== undefined) {
        query = query.where('actor', '=', actor);
      }
      if (before !== undefined) {
        query = query.where('sequence', '<', before);
      }
      const rows = await query.execute();
      return rows.map((row) => ({
        sequence: row.sequence,
        at: microsOf(row.at),
        actor: { id: row.actor, name: row.actor_name },
        act: row.act,
        subject: row.subject,
        site: row.site ?? undefined,
        before: row.before === null ? undefined : JSON.parse(row.before),
        after: row.after === null ? undefined : JSON.parse(row.after),
      }));
    },
  };
}
