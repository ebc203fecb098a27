import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import type { AccessStores } from '../access-stores.ts';
import { type Account, hasSecondFactor } from '../account.ts';
import type { Activity } from '../activity.ts';
import { mayChangeOwn, type Person } from '../caller.ts';
import { needsSecondFactor } from '../permission.ts';
import { CHALLENGE_VALID } from './challenge.ts';
import { type Passkey, RECOVERY_CODES } from './factor.ts';
import { codeKey } from './one-time-code.ts';
import { MOST_PASSKEYS, type Site } from './passkeys.ts';
import { proveSecondFactor, totpPurpose } from './prove.ts';
import { type SignedIn, startSession, type Visitor } from './start-session.ts';
import { admitTry } from './try.ts';

/** What a person has beside a password, in their own hands. Each rise of rights is a new session. */
export interface ManageFactors {
  /** Gives a second factor in this session, where the sign-in did not ask for it or it is long ago. */
  prove(person: Person, code: string, visitor: Visitor): Promise<Result<SignedIn, Failure>>;
  beginTotp(person: Person): Promise<Result<{ readonly secret: string; readonly uri: string }, Failure>>;
  confirmTotp(person: Person, code: string, visitor: Visitor): Promise<Result<Enrolled, Failure>>;
  removeTotp(person: Person): Promise<Result<undefined, Failure>>;
  beginPasskey(person: Person, site: Site): Promise<Result<BegunPasskey, Failure>>;
  addPasskey(person: Person, answer: PasskeyAnswer, visitor: Visitor): Promise<Result<Enrolled, Failure>>;
  removePasskey(person: Person, id: string): Promise<Result<undefined, Failure>>;
  /** Those before are good no more. */
  newRecoveryCodes(person: Person): Promise<Result<readonly string[], Failure>>;
}

export interface Enrolled {
  readonly signedIn: SignedIn;
  /** To print and keep, shown once; undefined where the person has some already. */
  readonly recoveryCodes: readonly string[] | undefined;
}

export interface BegunPasskey {
  readonly options: Readonly<Record<string, unknown>>;
  /** What the browser keeps until it answers. */
  readonly flow: string;
}

export interface PasskeyAnswer {
  readonly flow: string | undefined;
  readonly name: string;
  readonly response: unknown;
  readonly site: Site;
}

const WRONG_CODE = ['invalid', 'access.wrong-code', 'This code is wrong, too old or was used before.'] as const;
const WRONG_PASSKEY = [
  'invalid',
  'access.wrong-passkey',
  'This passkey did not answer as expected: try again.',
] as const;
const PROVE_AGAIN = ['forbidden', 'access.prove-again', 'Give your second factor once more for this.'] as const;

export function createManageFactors(parts: AccessParts): ManageFactors {
  const { stores, atomically, secrets, totp, passkeys, throttle, now } = parts;

  function actBy({ id, name }: Person, act: string, after?: unknown): Activity {
    return { at: now(), actor: { id, name }, act, subject: `account ${id}`, site: undefined, after };
  }

  async function recoveryCodesIn({ factors }: AccessStores, account: string): Promise<readonly string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, () => secrets.newCode());
    await factors.putRecoveryCodes(
      account,
      codes.map((code) => secrets.hash(codeKey(code))),
    );
    return codes;
  }

  /** After a factor was added: a new session in which it counts as given, and codes to print if there are none. */
  async function enrolled(inside: AccessStores, account: Account, visitor: Visitor): Promise<Enrolled> {
    const recoveryCodes = account.recoveryCodes > 0 ? undefined : await recoveryCodesIn(inside, account.id);
    return {
      signedIn: await startSession(inside, parts, { account: account.id, visitor, provedAt: now() }),
      recoveryCodes,
    };
  }

  /** Takes one factor away, unless nothing would be left for somebody who must have one. */
  async function remove(
    person: Person,
    act: string,
    take: (inside: AccessStores) => Promise<boolean>,
    left: (account: Account) => boolean,
  ): Promise<Result<undefined, Failure>> {
    if (!mayChangeOwn(person, now())) {
      return fail(...PROVE_AGAIN);
    }
    return atomically(async (inside) => {
      const account = await inside.accounts.find(person.id);
      if (account === undefined || (needsSecondFactor(account.grants) && !left(account))) {
        return fail('conflict', 'access.last-factor', 'An administrator keeps a second factor: add another one first.');
      }
      if (!(await take(inside))) {
        return fail('not-found', 'access.no-factor', 'There is no such second factor.');
      }
      if (!left(account)) {
        await inside.factors.putRecoveryCodes(person.id, []);
      }
      await inside.activity.append([actBy(person, act)]);
      return ok(undefined);
    });
  }

  return {
    async prove(person, code, visitor) {
      const admitted = await admitTry(parts, { address: visitor.address, account: person.account });
      if (!admitted.ok) {
        return admitted;
      }
      const proved = await atomically(async (inside): Promise<Result<SignedIn, Failure>> => {
        const proof = await proveSecondFactor(inside, parts, person.id, code);
        if (proof === undefined) {
          return fail(...WRONG_CODE);
        }
        await inside.activity.append([actBy(person, 'session.prove', { second: proof })]);
        return ok(await startSession(inside, parts, { account: person.id, visitor, provedAt: now() }));
      });
      if (proved.ok) {
        throttle.succeeded(admitted.value);
      } else {
        throttle.failed(admitted.value, now());
      }
      return proved;
    },

    async beginTotp(person) {
      if (!mayChangeOwn(person, now())) {
        return fail(...PROVE_AGAIN);
      }
      const secret = totp.newSecret();
      return atomically(async ({ factors }) => {
        if ((await factors.totpOf(person.id))?.confirmed === true) {
          return fail('conflict', 'access.has-totp', 'You have an app for codes: remove it before you add another.');
        }
        await factors.putTotp(person.id, secrets.seal(secret, totpPurpose(person.id)));
        return ok({ secret, uri: totp.uri(secret, person.account.email) });
      });
    },

    async confirmTotp(person, code, visitor) {
      const admitted = await admitTry(parts, { address: visitor.address, account: person.account });
      if (!admitted.ok) {
        return admitted;
      }
      return atomically(async (inside) => {
        const kept = await inside.factors.totpOf(person.id);
        if (kept === undefined || kept.confirmed) {
          return fail('conflict', 'access.no-totp', 'Begin with a new secret for your app.');
        }
        const secret = secrets.open(kept.secret, totpPurpose(person.id));
        const step = secret === undefined ? undefined : totp.stepOf(secret, code, now());
        if (step === undefined || !(await inside.factors.takeStep(person.id, step))) {
          return fail(...WRONG_CODE);
        }
        await inside.factors.confirmTotp(person.id);
        await inside.activity.append([actBy(person, 'totp.add')]);
        return ok(await enrolled(inside, person.account, visitor));
      });
    },

    removeTotp: (person) =>
      remove(
        person,
        'totp.remove',
        async ({ factors }) => {
          const had = await factors.totpOf(person.id);
          await factors.removeTotp(person.id);
          return had !== undefined;
        },
        ({ passkeys: count }) => count > 0,
      ),

    async beginPasskey(person, site) {
      if (!mayChangeOwn(person, now())) {
        return fail(...PROVE_AGAIN);
      }
      const existing = await stores.factors.passkeysOf(person.id);
      if (existing.length >= MOST_PASSKEYS) {
        return fail('conflict', 'access.passkeys-full', `Nobody has more than ${MOST_PASSKEYS} passkeys: remove one.`);
      }
      const { options, challenge } = await passkeys.newOptions(person.account, existing, site);
      const flow = secrets.newSecret();
      await atomically(({ challenges }) =>
        challenges.put(
          {
            hash: secrets.hash(flow),
            purpose: 'new-passkey',
            account: person.id,
            data: { challenge },
            expiresAt: now() + CHALLENGE_VALID,
          },
          now(),
        ),
      );
      return ok({ options, flow });
    },

    async addPasskey(person, { flow, name, response, site }, visitor) {
      const challenge = await atomically(({ challenges }) =>
        challenges.take(secrets.hash(flow ?? ''), 'new-passkey', now()),
      );
      const made =
        challenge?.account === person.id
          ? await passkeys.verifyNew(response, challenge.data['challenge'] ?? '', site)
          : undefined;
      if (made === undefined) {
        return fail(...WRONG_PASSKEY);
      }
      const passkey: Passkey = { ...made, account: person.id, name, createdAt: now(), usedAt: undefined };
      return atomically(async (inside) => {
        if ((await inside.factors.findPasskey(made.id)) !== undefined) {
          return fail('conflict', 'access.passkey-known', 'This passkey is registered already.');
        }
        await inside.factors.putPasskey(passkey);
        await inside.activity.append([actBy(person, 'passkey.add', { name })]);
        return ok(await enrolled(inside, person.account, visitor));
      });
    },

    removePasskey: (person, id) =>
      remove(
        person,
        'passkey.remove',
        ({ factors }) => factors.removePasskey(person.id, id),
        ({ totp: has, passkeys: count }) => has || count > 1,
      ),

    async newRecoveryCodes(person) {
      if (!hasSecondFactor(person.account)) {
        return fail('conflict', 'access.no-factor', 'Printed codes stand in for a second factor: add one first.');
      }
      if (!mayChangeOwn(person, now())) {
        return fail(...PROVE_AGAIN);
      }
      return atomically(async (inside) => {
        const codes = await recoveryCodesIn(inside, person.id);
        await inside.activity.append([actBy(person, 'recovery-codes.make')]);
        return ok(codes);
      });
    },
  };
}
