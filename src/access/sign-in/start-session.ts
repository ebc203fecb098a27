import type { Micros } from '../../kit/time.ts';
import type { AccessParts } from '../access-parts.ts';
import type { AccessStores } from '../access-stores.ts';
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
  /** By its id. */
  readonly account: string;
  readonly visitor: Visitor;
  /** When a second factor was given that counts for it. */
  readonly provedAt: Micros | undefined;
}

const LONGEST_CLIENT = 300;

/** A session with a secret of its own, within the transaction of what gave the right to it. */
export async function startSession(
  stores: AccessStores,
  { secrets, now }: Pick<AccessParts, 'secrets' | 'now'>,
  { account, visitor, provedAt }: NewSession,
): Promise<SignedIn> {
  const at = now();
  const secret = secrets.newSecret();
  const session: Session = {
    hash: secrets.hash(secret),
    id: secrets.newId(),
    account,
    startedAt: at,
    usedAt: at,
    endedAt: undefined,
    provedAt,
    address: visitor.address,
    client: visitor.client.slice(0, LONGEST_CLIENT),
  };
  if (visitor.had !== undefined) {
    await stores.sessions.end(secrets.hash(visitor.had), at);
  }
  await stores.sessions.forget(at - SESSION_KEPT);
  await stores.sessions.start(session);
  await stores.accounts.change(account, { lastSignIn: at });
  const owner = await stores.accounts.find(account);
  if (owner === undefined) {
    throw new Error(`a session for account ${account}, which is not there`);
  }
  return { secret, person: personOf(owner, session) };
}
