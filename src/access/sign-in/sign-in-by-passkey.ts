import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import { CHALLENGE_VALID } from './challenge.ts';
import type { BegunPasskey } from './manage-factors.ts';
import type { Site } from './passkeys.ts';
import { type SignedIn, startSession, type Visitor } from './start-session.ts';
import { admitTry } from './try.ts';

/** The browser shows the passkeys that it has for this hub: nobody names an account. */
export interface SignInByPasskey {
  begin(site: Site, visitor: Visitor): Promise<Result<BegunPasskey, Failure>>;
  finish(answer: Answer, visitor: Visitor): Promise<Result<SignedIn, Failure>>;
}

interface Answer {
  readonly flow: string | undefined;
  readonly response: unknown;
  readonly site: Site;
}

const WRONG = [
  'unauthenticated',
  'access.wrong-passkey',
  'This passkey is not known here, or did not answer in time: try again.',
] as const;

export function createSignInByPasskey(parts: AccessParts): SignInByPasskey {
  const { stores, atomically, secrets, passkeys, now } = parts;
  return {
    async begin(site, { address }) {
      const admitted = await admitTry(parts, { address });
      if (!admitted.ok) {
        return admitted;
      }
      const { options, challenge } = await passkeys.options(site);
      const flow = secrets.newSecret();
      await atomically(({ challenges }) =>
        challenges.put(
          {
            hash: secrets.hash(flow),
            purpose: 'passkey',
            account: undefined,
            data: { challenge },
            expiresAt: now() + CHALLENGE_VALID,
          },
          now(),
        ),
      );
      return ok({ options, flow });
    },

    async finish({ flow, response, site }, visitor) {
      const challenge = await atomically(({ challenges }) =>
        challenges.take(secrets.hash(flow ?? ''), 'passkey', now()),
      );
      const passkey = await stores.factors.findPasskey(passkeys.idOf(response) ?? '');
      if (challenge === undefined || passkey === undefined) {
        return fail(...WRONG);
      }
      const counter = await passkeys.verify(response, challenge.data['challenge'] ?? '', site, passkey);
      if (counter === undefined) {
        return fail(...WRONG);
      }
      return atomically(async (inside) => {
        const account = await inside.accounts.find(passkey.account);
        const still = await inside.factors.findPasskey(passkey.id);
        if (account === undefined || account.disabled || still === undefined) {
          return fail(...WRONG);
        }
        await inside.factors.usePasskey(passkey.id, counter, now());
        await inside.activity.append([
          {
            at: now(),
            actor: { id: account.id, name: account.name },
            act: 'session.start',
            subject: `account ${account.id}`,
            site: undefined,
            after: { by: 'passkey', passkey: passkey.name, address: visitor.address },
          },
        ]);
        return ok(await startSession(inside, parts, { account: account.id, visitor, provedAt: now() }));
      });
    },
  };
}
