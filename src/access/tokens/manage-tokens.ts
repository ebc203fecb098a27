import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Micros } from '../../kit/time.ts';
import type { AccessParts } from '../access-parts.ts';
import { mayChangeOwn, type Person } from '../caller.ts';
import type { Permission } from '../permission.ts';
import { type ApiToken, LONGEST_TOKEN_DAYS, MOST_TOKENS, TOKEN_PERMISSIONS, TOKEN_PREFIX } from './token.ts';

/** One's own tokens. */
export interface ManageTokens {
  make(person: Person, wish: TokenWish): Promise<Result<MadeToken, Failure>>;
  revoke(person: Person, id: string): Promise<Result<undefined, Failure>>;
}

export interface TokenWish {
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** Undefined: every site of the owner. */
  readonly sites: readonly string[] | undefined;
  readonly days: number;
}

export interface MadeToken {
  readonly token: ApiToken;
  /** Shown once. */
  readonly secret: string;
}

const DAY: Micros = 86_400_000_000;

export function createManageTokens({ atomically, secrets, now }: AccessParts): ManageTokens {
  return {
    async make(person, { name, permissions, sites, days }) {
      if (!mayChangeOwn(person, now())) {
        return fail('forbidden', 'access.prove-again', 'Give your second factor once more for this.');
      }
      if (days > LONGEST_TOKEN_DAYS) {
        return fail('invalid', 'access.token-days', `A token lasts ${LONGEST_TOKEN_DAYS} days at most.`);
      }
      const beyond = permissions.find(
        (permission) => !TOKEN_PERMISSIONS.includes(permission) || person.scopeOf(permission) === undefined,
      );
      if (beyond !== undefined) {
        return fail('forbidden', 'access.beyond', `You cannot give ${beyond} to a token.`);
      }
      const secret = TOKEN_PREFIX + secrets.newSecret();
      const token: ApiToken = {
        id: secrets.newId(),
        hash: secrets.hash(secret),
        account: person.id,
        name,
        permissions: [...new Set(permissions)],
        sites,
        createdAt: now(),
        expiresAt: now() + days * DAY,
        usedAt: undefined,
      };
      return atomically(async ({ tokens, activity }) => {
        if ((await tokens.listOf(person.id)).length >= MOST_TOKENS) {
          return fail('conflict', 'access.tokens-full', `Nobody has more than ${MOST_TOKENS} tokens: revoke one.`);
        }
        await tokens.put(token);
        await activity.append([
          {
            at: now(),
            actor: { id: person.id, name: person.name },
            act: 'token.make',
            subject: `token ${token.id}`,
            site: undefined,
            after: { name, permissions: token.permissions, sites: sites ?? null, days },
          },
        ]);
        return ok({ token, secret });
      });
    },

    revoke: (person, id) =>
      atomically(async ({ tokens, activity }) => {
        const token = await tokens.remove(person.id, id);
        if (token === undefined) {
          return fail('not-found', 'access.no-token', 'There is no such token.');
        }
        await activity.append([
          {
            at: now(),
            actor: { id: person.id, name: person.name },
            act: 'token.revoke',
            subject: `token ${id}`,
            site: undefined,
            before: { name: token.name },
          },
        ]);
        return ok(undefined);
      }),
  };
}
