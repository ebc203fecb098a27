import { type Failure, fail } from '../../kit/failure.ts';
import { err, ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import type { AccessStores } from '../access-stores.ts';
import { type Account, emailKey } from '../account.ts';
import { CHALLENGE_VALID } from '../sign-in/challenge.ts';
import { type SignedIn, startSession, type Visitor } from '../sign-in/start-session.ts';
import { admitTry } from '../sign-in/try.ts';
import { grantsOfGroups, OIDC_PURPOSE, type OidcClaims, type OidcFlow, type OidcProvider } from './provider.ts';

/** The provider vouches for who somebody is; what they may is said here. */
export interface SignInByOidc {
  begin(redirectUri: string, visitor: Visitor): Promise<Result<BegunOidc, Failure>>;
  finish(answer: OidcAnswer, visitor: Visitor): Promise<Result<SignedIn, Failure>>;
}

export interface BegunOidc {
  /** Where the browser goes. */
  readonly url: string;
  /** What it keeps until it comes back. */
  readonly flow: string;
}

export interface OidcAnswer {
  readonly flow: string | undefined;
  /** The query with which the browser came back. */
  readonly query: string;
}

const NO_PROVIDER = ['not-found', 'access.no-oidc', 'Single sign-on is not set up.'] as const;
const UNREACHABLE = [
  'unavailable',
  'access.oidc-unreachable',
  'The provider of single sign-on does not answer.',
] as const;
const WRONG = ['unauthenticated', 'access.oidc', 'The provider did not vouch for you as expected: try again.'] as const;
const DISABLED = ['forbidden', 'access.disabled', 'This account is disabled.'] as const;
const NO_ACCOUNT = [
  'forbidden',
  'access.no-account',
  'You have no account here, and none of your groups gives you one: ask an administrator.',
] as const;

export function createSignInByOidc(parts: AccessParts): SignInByOidc {
  const { stores, atomically, secrets, oidcClient, now } = parts;

  const secretOf = ({ secret }: OidcProvider) =>
    secret === undefined ? undefined : secrets.open(secret, OIDC_PURPOSE);

  /** Whom the provider means: by its own name for them, or an invitation that nobody has used yet. Never an account that has an owner. */
  async function accountFor({ accounts }: AccessStores, claims: OidcClaims): Promise<Account | undefined> {
    const linked = await accounts.findByOidc(claims.identity);
    if (linked !== undefined || claims.email === undefined || !claims.emailVerified) {
      return linked;
    }
    const invited = await accounts.findByEmail(emailKey(claims.email));
    const isFree = invited !== undefined && !invited.hasPassword && invited.oidc === undefined && !invited.lastSignIn;
    if (!isFree) {
      return undefined;
    }
    await accounts.link(invited.id, claims.identity);
    return invited;
  }

  async function newAccount({ accounts }: AccessStores, claims: OidcClaims): Promise<Account | undefined> {
    const { identity, name, email } = claims;
    if (email === undefined || (await accounts.findByEmail(emailKey(email))) !== undefined) {
      return undefined;
    }
    const id = secrets.newId();
    await accounts.create({ id, name: name ?? email, email: emailKey(email), oidc: identity, createdAt: now() });
    return await accounts.find(id);
  }

  return {
    async begin(redirectUri, { address }) {
      const provider = await stores.oidcProvider.find();
      if (provider === undefined) {
        return fail(...NO_PROVIDER);
      }
      const admitted = await admitTry(parts, { address });
      if (!admitted.ok) {
        return admitted;
      }
      const begun = await orNothing(oidcClient.begin(provider, secretOf(provider), redirectUri));
      if (begun === undefined) {
        return fail(...UNREACHABLE);
      }
      const flow = secrets.newSecret();
      const challenge = {
        hash: secrets.hash(flow),
        purpose: 'oidc',
        account: undefined,
        data: { ...begun.flow },
        expiresAt: now() + CHALLENGE_VALID,
      } as const;
      await atomically(({ challenges }) => challenges.put(challenge, now()));
      return ok({ url: begun.url, flow });
    },

    async finish({ flow, query }, visitor) {
      const challenge = await atomically(({ challenges }) => challenges.take(secrets.hash(flow ?? ''), 'oidc', now()));
      const provider = await stores.oidcProvider.find();
      if (challenge === undefined || provider === undefined) {
        return fail(...WRONG);
      }
      const begun = challenge.data as unknown as OidcFlow;
      const claims = await orNothing(oidcClient.finish(provider, secretOf(provider), query, begun));
      if (claims === undefined) {
        return fail(...WRONG);
      }
      const grants = grantsOfGroups(provider, claims.groups);
      return atomically(async (inside): Promise<Result<SignedIn, Failure>> => {
        const account =
          (await accountFor(inside, claims)) ?? (grants.length > 0 ? await newAccount(inside, claims) : undefined);
        if (account === undefined) {
          return fail(...NO_ACCOUNT);
        }
        if (account.disabled) {
          return err({ kind: DISABLED[0], code: DISABLED[1], message: DISABLED[2] });
        }
        await inside.accounts.setGrants(account.id, 'provider', grants);
        await inside.activity.append([
          {
            at: now(),
            actor: { id: account.id, name: account.name },
            act: 'session.start',
            subject: `account ${account.id}`,
            site: undefined,
            after: {
              by: provider.name,
              roles: grants.map(({ role, site }) => ({ role, site: site ?? null })),
              address: visitor.address,
            },
          },
        ]);
        // Another's word is no second factor here: who administers still gives their own.
        return ok(await startSession(inside, parts, { account: account.id, visitor, provedAt: undefined }));
      });
    },
  };
}

/** The client throws for each of the many ways in which an answer is wrong; people are told the same for all. */
async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch {
    return undefined;
  }
}
