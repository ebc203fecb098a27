import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import { isoTime } from '../../kit/time.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { AccessParts } from '../access-parts.ts';
import { PERMISSIONS } from '../permission.ts';
import { Name, signedIn } from '../sign-in/routes.ts';
import { createManageTokens } from './manage-tokens.ts';
import { type ApiToken, LONGEST_TOKEN_DAYS, TOKEN_PERMISSIONS } from './token.ts';

const MOST_SITES = 1000;

const TokenReply = z.object({
  id: z.string(),
  name: z.string(),
  permissions: z.array(z.enum(PERMISSIONS)),
  sites: z.array(z.string()).nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
  usedAt: z.string().nullable(),
});

export function tokenRoutes(parts: AccessParts): readonly Route[] {
  const { make, revoke } = createManageTokens(parts);
  return [
    defineRoute({
      id: 'access.tokens',
      method: 'GET',
      path: '/me/tokens',
      summary: 'The tokens that one made for scripts',
      permission: 'signed-in',
      reply: z.array(TokenReply),
      async handle({ principal }) {
        return ok((await parts.stores.tokens.listOf(principal.id)).map(view));
      },
    }),
    defineRoute({
      id: 'access.make-token',
      method: 'POST',
      path: '/me/tokens',
      summary: 'Make a token for a script; it is shown once',
      permission: 'signed-in',
      body: z.object({
        name: Name,
        permissions: z.array(z.enum(TOKEN_PERMISSIONS)).min(1).max(PERMISSIONS.length),
        sites: z.array(z.string().max(200)).min(1).max(MOST_SITES).nullable().default(null),
        days: z.int().min(1).max(LONGEST_TOKEN_DAYS),
      }),
      reply: TokenReply.extend({ secret: z.string() }),
      async handle({ principal, body: { name, permissions, sites, days } }) {
        const made = await make(signedIn(principal), { name, permissions, sites: sites ?? undefined, days });
        return made.ok ? ok({ ...view(made.value.token), secret: made.value.secret }) : made;
      },
    }),
    defineRoute({
      id: 'access.revoke-token',
      method: 'DELETE',
      path: '/me/tokens/:id',
      summary: 'Revoke a token',
      permission: 'signed-in',
      params: z.object({ id: z.string().max(100) }),
      reply: 'nothing',
      handle: ({ principal, params }) => revoke(signedIn(principal), params.id),
    }),
  ];
}

function view({ id, name, permissions, sites, createdAt, expiresAt, usedAt }: ApiToken): z.input<typeof TokenReply> {
  return {
    id,
    name,
    permissions: [...permissions],
    sites: sites === undefined ? null : [...sites],
    createdAt: isoTime(createdAt),
    expiresAt: isoTime(expiresAt),
    usedAt: usedAt === undefined ? null : isoTime(usedAt),
  };
}
