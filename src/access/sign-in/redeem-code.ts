import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import { hasSecondFactor } from '../account.ts';
import { codeKey } from './one-time-code.ts';
import { judgePassword } from './password.ts';
import { type SignedIn, startSession, type Visitor } from './start-session.ts';
import { admitTry } from './try.ts';

/**
 * Sets a password by the code of an invitation or of a reset. Who has a second factor is not signed in by it: they sign in with the
 * new password.
 */
export type RedeemCode = (
  request: { readonly code: string; readonly password: string },
  visitor: Visitor,
) => Promise<Result<SignedIn | undefined, Failure>>;

const WRONG_CODE = [
  'forbidden',
  'access.code',
  'This code is wrong, used or too old. Ask an administrator for another.',
] as const;

export function createRedeemCode(parts: AccessParts): RedeemCode {
  const { stores: committed, atomically, secrets, passwords, now } = parts;
  return async ({ code, password }, visitor) => {
    const admitted = await admitTry(parts, { address: visitor.address });
    if (!admitted.ok) {
      return admitted;
    }
    const key = secrets.hash(codeKey(code));
    const given = await committed.codes.find(key, 'password', now());
    const owner = given?.account === undefined ? undefined : await committed.accounts.find(given.account);
    if (owner === undefined) {
      return fail(...WRONG_CODE);
    }
    // Before the code is used up: a password that is refused leaves another try.
    const judged = judgePassword(password, owner);
    if (!judged.ok) {
      return judged;
    }
    const hash = await passwords.hash(judged.value);
    return atomically(async (stores) => {
      const { accounts, codes, sessions, activity } = stores;
      const taken = await codes.take(key, 'password', now());
      const account = taken?.account === undefined ? undefined : await accounts.find(taken.account);
      if (account === undefined || account.disabled) {
        return fail(...WRONG_CODE);
      }
      await accounts.change(account.id, { password: hash });
      await sessions.endAll(account.id, now());
      await activity.append([
        {
          at: now(),
          actor: { id: account.id, name: account.name },
          act: 'password.set',
          subject: `account ${account.id}`,
          site: undefined,
          after: { by: 'code', address: visitor.address },
        },
      ]);
      if (hasSecondFactor(account)) {
        return ok(undefined);
      }
      return ok(await startSession(stores, parts, { account: account.id, visitor, provedAt: undefined }));
    });
  };
}
