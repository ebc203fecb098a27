import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import type { Person } from '../caller.ts';
import { judgePassword, normalPassword } from './password.ts';
import { type SignedIn, startSession, type Visitor } from './start-session.ts';
import { admitTry } from './try.ts';

export type ChangePassword = (
  person: Person,
  passwords: { readonly current: string; readonly password: string },
  visitor: Visitor,
) => Promise<Result<SignedIn, Failure>>;

/** Every other session of the person ends: whoever changes a password may have a reason. */
export function createChangePassword(parts: AccessParts): ChangePassword {
  const { stores, atomically, passwords, throttle, now } = parts;
  return async (person, { current, password }, visitor) => {
    const admitted = await admitTry(parts, { address: visitor.address, account: person.account });
    if (!admitted.ok) {
      return admitted;
    }
    const hash = await stores.accounts.passwordOf(person.id);
    if (!(await passwords.matches(normalPassword(current), hash))) {
      throttle.failed(admitted.value, now());
      return fail('forbidden', 'access.wrong', 'The present password is wrong.');
    }
    const judged = judgePassword(password, person.account);
    if (!judged.ok) {
      return judged;
    }
    const changed = await passwords.hash(judged.value);
    throttle.succeeded(admitted.value);
    return atomically(async (inside) => {
      const account = await inside.accounts.find(person.id);
      if (account === undefined || account.disabled) {
        return fail('forbidden', 'access.wrong', 'The account is disabled.');
      }
      await inside.accounts.change(person.id, { password: changed });
      await inside.sessions.endAll(person.id, now());
      await inside.activity.append([
        {
          at: now(),
          actor: { id: person.id, name: person.name },
          act: 'password.set',
          subject: `account ${person.id}`,
          site: undefined,
          after: { by: 'present password', address: visitor.address },
        },
      ]);
      return ok(await startSession(inside, parts, { account: account.id, visitor, provedAt: person.session.provedAt }));
    });
  };
}
