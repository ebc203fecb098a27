import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import { emailKey } from '../account.ts';
import type { Grant, Role } from '../permission.ts';
import { codeKey, SETUP_CODE_VALID } from './one-time-code.ts';
import { judgePassword } from './password.ts';
import { type SignedIn, startSession, type Visitor } from './start-session.ts';
import { admitTry } from './try.ts';

export interface SetUpRequest {
  readonly code: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  /** Beside that of administrator, which the first person always has. */
  readonly roles: readonly Role[];
}

/** The code that proves that who sets the hub up can read its terminal; undefined where somebody has an account already. */
export type BeginSetUp = () => Promise<string | undefined>;
export type SetUp = (request: SetUpRequest, visitor: Visitor) => Promise<Result<SignedIn, Failure>>;

export function createBeginSetUp({ atomically, secrets, now }: AccessParts): BeginSetUp {
  return () => {
    const code = secrets.newCode();
    return atomically(async ({ accounts, codes }) => {
      if ((await accounts.count()) > 0) {
        return undefined;
      }
      const hash = secrets.hash(codeKey(code));
      await codes.put({ hash, purpose: 'setup', account: undefined, expiresAt: now() + SETUP_CODE_VALID });
      return code;
    });
  };
}

export function createSetUp(parts: AccessParts): SetUp {
  const { atomically, secrets, passwords, now } = parts;
  return async ({ code, name, email, password, roles }, visitor) => {
    const admitted = await admitTry(parts, { address: visitor.address });
    if (!admitted.ok) {
      return admitted;
    }
    const judged = judgePassword(password, { name, email });
    if (!judged.ok) {
      return judged;
    }
    const hash = await passwords.hash(judged.value);
    const id = secrets.newId();
    const grants = [...new Set<Role>(['administrator', ...roles])].map(
      (role): Grant => ({ role, site: undefined, givenBy: 'person' }),
    );
    return atomically(async (stores) => {
      const { accounts, codes, activity } = stores;
      if ((await accounts.count()) > 0) {
        return fail('conflict', 'access.set-up-done', 'This hub is set up: sign in, or ask its administrator.');
      }
      if ((await codes.take(secrets.hash(codeKey(code)), 'setup', now())) === undefined) {
        return fail(
          'forbidden',
          'access.code',
          'This code is wrong, used or too old. A new one is printed each time the hub starts.',
        );
      }
      await accounts.create({ id, name, email: emailKey(email), createdAt: now() });
      await accounts.change(id, { password: hash });
      await accounts.setGrants(id, 'person', grants);
      await activity.append([
        {
          at: now(),
          actor: { id, name },
          act: 'account.set-up',
          subject: `account ${id}`,
          site: undefined,
          after: { name, email: emailKey(email), roles: grants.map(({ role }) => role) },
        },
      ]);
      return ok(await startSession(stores, parts, { account: id, visitor, provedAt: undefined }));
    });
  };
}
