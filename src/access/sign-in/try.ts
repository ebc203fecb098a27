import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import type { Account } from '../account.ts';
import { SESSION_KEPT } from '../session.ts';
import type { Attempt } from './throttle.ts';

export interface Trying {
  readonly address: string;
  /** Named by its e-mail address, whether there is such an account or not. */
  readonly email?: string;
  readonly account?: Account | undefined;
}

const SECOND = 1_000_000;

/** Counts one try to get in, and refuses it where tries come too fast. */
export async function admitTry(
  { stores, throttle, now }: Pick<AccessParts, 'stores' | 'throttle' | 'now'>,
  { address, email, account }: Trying,
): Promise<Result<Attempt, Failure>> {
  const isKnown = account !== undefined && (await stores.sessions.wasAt(account.id, address, now() - SESSION_KEPT));
  const attempt = { account: email ?? account?.email, address, isKnown };
  const wait = throttle.admit(attempt, now());
  if (wait > 0) {
    const seconds = Math.ceil(wait / SECOND);
    return fail('too-many', 'access.wait', `Too many tries: wait ${seconds} seconds.`, [
      { at: 'seconds', message: String(seconds) },
    ]);
  }
  return ok(attempt);
}
