import type { AccessParts } from './access-parts.ts';
import { type Caller, narrowed, type Person, personOf } from './caller.ts';
import { scopeOfGrants } from './permission.ts';
import { isAlive, type Session, TOUCH_AFTER } from './session.ts';
import { TOKEN_PREFIX } from './tokens/token.ts';

/** Who has this session; undefined where nobody has it (any more). */
export type AuthenticateSession = (secret: string) => Promise<Person | undefined>;
/** Whose token this is; undefined where it is none (any more). */
export type AuthenticateToken = (token: string) => Promise<Caller | undefined>;

type Parts = Pick<AccessParts, 'stores' | 'atomically' | 'secrets' | 'now'>;

/** Whether being asked for counts as use, which keeps a session from ending: what a page asks by itself does not. */
export type Counting = 'use' | 'look';

export function createAuthenticateSession(
  { stores, atomically, secrets, now }: Parts,
  counting: Counting,
): AuthenticateSession {
  return async (secret) => {
    const found = await stores.sessions.find(secrets.hash(secret));
    if (found === undefined || found.account.disabled || !isAlive(found.session, now())) {
      return undefined;
    }
    if (counting === 'use') {
      await noteUse(found.session);
    }
    return personOf(found.account, found.session);
  };

  async function noteUse({ hash, usedAt }: Session): Promise<void> {
    if (now() - usedAt < TOUCH_AFTER) {
      return;
    }
    try {
      await atomically(({ sessions }) => sessions.touch(hash, now()));
    } catch {
      // A full disk must not sign people out; the session then ends when it was last noted to be used.
    }
  }
}

export function createAuthenticateToken({ stores, atomically, secrets, now }: Parts): AuthenticateToken {
  return async (text) => {
    if (!text.startsWith(TOKEN_PREFIX)) {
      return undefined;
    }
    const token = await stores.tokens.find(secrets.hash(text));
    const owner =
      token === undefined || token.expiresAt <= now() ? undefined : await stores.accounts.find(token.account);
    if (token === undefined || owner === undefined || owner.disabled) {
      return undefined;
    }
    if (token.usedAt === undefined || now() - token.usedAt >= TOUCH_AFTER) {
      try {
        await atomically(({ tokens }) => tokens.touch(token.id, now()));
      } catch {
        // As with sessions: that the use is not noted refuses nobody.
      }
    }
    const held = new Set<string>(token.permissions);
    return {
      kind: 'token',
      id: token.id,
      name: `${token.name} (${owner.name})`,
      scopeOf: (permission) =>
        held.has(permission)
          ? narrowed(scopeOfGrants(owner.grants, permission), token.sites === undefined ? 'all' : new Set(token.sites))
          : undefined,
    };
  };
}
