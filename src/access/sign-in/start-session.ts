import type { AccessParts } from '../access-parts.ts';
import type { AccessStores } from '../access-stores.ts';
import type { Account } from '../account.ts';
import { type Person, personOf } from '../caller.ts';
import { SESSION_KEPT, type Session } from '../session.ts';

/** The browser at the other end. */
export interface Visitor {
  readonly address: string;
  /** What it calls itself. */
  readonly client: string;
  /** The secret of the session that it had until now: a new one ends it. */
  readonly had: string | undefined;
}

export interface SignedIn {
  /** What the browser keeps; nobody else knows it. */
  readonly secret: string;
  readonly person: Person;
}

export interface NewSession {
  readonly account: Account;
  readonly visitor: Visitor;
  /** A second factor was given just now. */
  readonly isProved: boolean;
}

const LONGEST_CLIENT = 300;

/** A session with a secret of its own, within the transaction of what gave the right to it. */
export async function startSession(
  stores: AccessStores,
  { secrets, now }: Pick<AccessParts, 'secrets' | 'now'>,
  { account, visitor, isProved }: NewSession,
): Promise<SignedIn> {
  const at = now();
  const secret = secrets.newSecret();
  const session: Session = {
    hash: secrets.hash(secret),
    id: secrets.newId(),
    account: account.id,
    startedAt: at,
    usedAt: at,
    endedAt: undefined,
    provedAt: isProved ? at : undefined,
    address: visitor.address,
    client: visitor.client.slice(0, LONGEST_CLIENT),
  };
  if (visitor.had !== undefined) {
    await stores.sessions.end(secrets.hash(visitor.had), at);
  }
  await stores.sessions.forget(at - SESSION_KEPT);
  await stores.sessions.start(session);
  await stores.accounts.change(account.id, { lastSignIn: at });
  return { secret, person: personOf(account, session) };
}
