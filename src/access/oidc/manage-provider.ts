import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import type { Manager } from '../people/manage-people.ts';
import { VIEWING_ROLES } from '../permission.ts';
import { hostOf, OIDC_PURPOSE, type OidcProvider } from './provider.ts';

/** Who else vouches for people is decided by who manages access everywhere. */
export interface ManageProvider {
  find(manager: Manager): Promise<Result<OidcProvider, Failure>>;
  put(manager: Manager, wish: ProviderWish): Promise<Result<OidcProvider, Failure>>;
  remove(manager: Manager): Promise<Result<undefined, Failure>>;
}

export interface ProviderWish extends Omit<OidcProvider, 'secret'> {
  /** Null: a public client. Undefined: the one that is stored stays, while the issuer and the client do. */
  readonly clientSecret: string | null | undefined;
}

const BEYOND = ['forbidden', 'access.beyond', 'Single sign-on is set up by who manages access everywhere.'] as const;
const NONE = ['not-found', 'access.no-oidc', 'Single sign-on is not set up.'] as const;

export function createManageProvider({ stores, atomically, secrets, now }: AccessParts): ManageProvider {
  return {
    async find({ scope }) {
      if (scope !== 'all') {
        return fail(...BEYOND);
      }
      const provider = await stores.oidcProvider.find();
      return provider === undefined ? fail(...NONE) : ok(provider);
    },

    async put({ actor, scope }, { clientSecret, ...settings }) {
      if (scope !== 'all') {
        return fail(...BEYOND);
      }
      const judged = judgeProvider(settings);
      if (!judged.ok) {
        return judged;
      }
      return atomically(async ({ oidcProvider, activity }) => {
        const before = await oidcProvider.find();
        // A secret goes to nobody but whom it was given for.
        const isSame = before?.issuer === settings.issuer && before.clientId === settings.clientId;
        const kept = isSame ? before.secret : undefined;
        const given = typeof clientSecret === 'string' ? secrets.seal(clientSecret, OIDC_PURPOSE) : undefined;
        const provider = { ...settings, secret: clientSecret === undefined ? kept : given };
        await oidcProvider.put(provider);
        await activity.append([
          {
            at: now(),
            actor: { id: actor.id, name: actor.name },
            act: 'oidc.set',
            subject: 'oidc',
            site: undefined,
            before: before && shown(before),
            after: shown(provider),
          },
        ]);
        return ok(provider);
      });
    },

    async remove({ actor, scope }) {
      if (scope !== 'all') {
        return fail(...BEYOND);
      }
      return atomically(async ({ oidcProvider, activity }) => {
        if (!(await oidcProvider.remove())) {
          return fail(...NONE);
        }
        await activity.append([
          {
            at: now(),
            actor: { id: actor.id, name: actor.name },
            act: 'oidc.remove',
            subject: 'oidc',
            site: undefined,
          },
        ]);
        return ok(undefined);
      });
    },
  };
}

function judgeProvider({ issuer, groupRoles, scopes }: Omit<OidcProvider, 'secret'>): Result<undefined, Failure> {
  if (hostOf(issuer) === undefined) {
    return fail('invalid', 'access.oidc-issuer', 'The issuer is an https:// address (http:// only on this machine).');
  }
  const power = groupRoles.find(({ role }) => !VIEWING_ROLES.includes(role));
  if (power !== undefined) {
    const roles = VIEWING_ROLES.join(' or ');
    return fail('invalid', 'access.oidc-role', `A group may give ${roles}, not ${power.role}: people give that here.`);
  }
  return scopes.includes('openid') ? ok(undefined) : fail('invalid', 'access.oidc-scope', 'The scopes contain openid.');
}

function shown({ secret, ...settings }: OidcProvider): unknown {
  return { ...settings, hasSecret: secret !== undefined };
}
