import { type Failure, fail } from '../../kit/failure.ts';
import { err, ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import { type Account, emailKey, hasSecondFactor } from '../account.ts';
import { normalPassword } from './password.ts';
import { proveSecondFactor } from './prove.ts';
import { type SignedIn, startSession, type Visitor } from './start-session.ts';
import { admitTry } from './try.ts';

export interface SignInRequest {
  readonly email: string;
  readonly password: string;
  /** Of the app or a printed one; undefined until it is asked for. */
  readonly code: string | undefined;
}

export type SignIn = (request: SignInRequest, visitor: Visitor) => Promise<Result<SignedIn, Failure>>;

/** The same words whether the account, the password or neither is there: nobody learns who works here. */
const WRONG: Failure = {
  kind: 'unauthenticated',
  code: 'access.wrong',
  message: 'The e-mail address or the password is wrong, or the account is disabled.',
};

const WRONG_CODE: Failure = {
  kind: 'unauthenticated',
  code: 'access.wrong-code',
  message: 'This code is wrong, too old or was used before.',
};

export function createSignIn(parts: AccessParts): SignIn {
  const { stores, atomically, passwords, throttle, now } = parts;

  async function refuse(
    account: Account | undefined,
    address: string,
    failure: Failure,
  ): Promise<Result<never, Failure>> {
    if (account !== undefined) {
      await atomically(({ activity }) =>
        activity.append([
          {
            at: now(),
            actor: { id: '', name: 'somebody' },
            act: 'session.refuse',
            subject: `account ${account.id}`,
            site: undefined,
            after: { reason: failure.code, address },
          },
        ]),
      );
    }
    return err(failure);
  }

  return async ({ email, password, code }, visitor) => {
    const key = emailKey(email);
    const account = await stores.accounts.findByEmail(key);
    const admitted = await admitTry(parts, { address: visitor.address, email: key, account });
    if (!admitted.ok) {
      return admitted;
    }
    const hash = account === undefined ? undefined : await stores.accounts.passwordOf(account.id);
    const isRight = await passwords.matches(normalPassword(password), hash);
    if (!isRight || account === undefined || account.disabled) {
      throttle.failed(admitted.value, now());
      return await refuse(account, visitor.address, WRONG);
    }
    if (hasSecondFactor(account) && code === undefined) {
      return secondFactorNeeded(account);
    }
    const signedIn = await atomically(async (inside): Promise<Result<SignedIn, Failure>> => {
      // Asked again here: whoever was disabled or got another password meanwhile does not slip in.
      const still = await inside.accounts.find(account.id);
      if (still === undefined || still.disabled || (await inside.accounts.passwordOf(account.id)) !== hash) {
        return err(WRONG);
      }
      const proof =
        hasSecondFactor(still) && code !== undefined
          ? await proveSecondFactor(inside, parts, still.id, code)
          : undefined;
      if (hasSecondFactor(still) && proof === undefined) {
        return err(WRONG_CODE);
      }
      await inside.activity.append([
        {
          at: now(),
          actor: { id: still.id, name: still.name },
          act: 'session.start',
          subject: `account ${still.id}`,
          site: undefined,
          after: { by: 'password', second: proof, address: visitor.address },
        },
      ]);
      return ok(await startSession(inside, parts, { account: still.id, visitor, provedAt: proof && now() }));
    });
    if (!signedIn.ok) {
      throttle.failed(admitted.value, now());
      return await refuse(account, visitor.address, signedIn.error);
    }
    throttle.succeeded(admitted.value);
    return signedIn;
  };
}

function secondFactorNeeded({ totp, passkeys }: Account): Result<never, Failure> {
  const ways = [
    ...(totp ? [{ at: 'totp', message: 'The code of your app, or a printed one.' }] : []),
    ...(passkeys > 0 ? [{ at: 'passkey', message: 'Your passkey: it needs no password.' }] : []),
  ];
  return fail('unauthenticated', 'access.second-factor', 'The password is right. Now the second factor.', ways);
}
