import { z } from 'zod';
import { ok } from '../kit/result.ts';
import { isoTime } from '../kit/time.ts';
import { type Authenticator, bearerOf } from '../platform/http/authenticator.ts';
import { defineRoute, type Route } from '../platform/http/route.ts';
import type { AccessParts } from './access-parts.ts';
import { type Counting, createAuthenticateSession, createAuthenticateToken } from './authenticate.ts';
import { ownRoutes } from './me/routes.ts';
import { oidcRoutes } from './oidc/routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES } from './permission.ts';
import { RoleName, SESSION_COOKIE, sessionRoutes } from './sign-in/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';

export function accessRoutes(parts: AccessParts): readonly Route[] {
  return [
    roles,
    activityRoute(parts),
    ...sessionRoutes(parts),
    ...ownRoutes(parts),
    ...tokenRoutes(parts),
    ...peopleRoutes(parts),
    ...oidcRoutes(parts),
  ];
}

/** Tokens first: a script that shows one means it, whatever cookie it also carries. */
export function accessAuthenticators(parts: AccessParts, counting: Counting): readonly Authenticator[] {
  const authenticateSession = createAuthenticateSession(parts, counting);
  const authenticateToken = createAuthenticateToken(parts);
  return [
    async (request) => {
      const bearer = bearerOf(request);
      return bearer === undefined ? undefined : await authenticateToken(bearer);
    },
    async (request) => {
      const secret = request.headers.authorization === undefined ? request.cookies[SESSION_COOKIE] : undefined;
      return secret === undefined ? undefined : await authenticateSession(secret);
    },
  ];
}

const roles = defineRoute({
  id: 'access.roles',
  method: 'GET',
  path: '/roles',
  summary: 'The roles, and what each may do',
  permission: 'signed-in',
  reply: z.array(z.object({ role: RoleName, permissions: z.array(z.enum(PERMISSIONS)) })),
  handle: async () => ok(ROLES.map((role) => ({ role, permissions: [...ROLE_PERMISSIONS[role]] }))),
});

const MOST_ACTIVITIES = 200;

function activityRoute({ stores }: AccessParts): Route {
  return defineRoute({
    id: 'access.activity',
    method: 'GET',
    path: '/activity',
    summary: 'Who did what, newest first',
    permission: 'activity:read',
    query: z.object({
      subject: z.string().max(300).optional(),
      actor: z.string().max(100).optional(),
      before: z.coerce.number().int().min(1).optional(),
      limit: z.coerce.number().int().min(1).max(MOST_ACTIVITIES).default(MOST_ACTIVITIES),
    }),
    reply: z.object({
      items: z.array(
        z.object({
          sequence: z.number(),
          at: z.string(),
          actor: z.object({ id: z.string(), name: z.string() }),
          act: z.string(),
          subject: z.string(),
          site: z.string().nullable(),
          before: z.unknown(),
          after: z.unknown(),
        }),
      ),
      next: z.number().nullable().describe('The `before` of the next page'),
    }),
    async handle({ scope, query }) {
      const items = await stores.activity.list(scope, query);
      const next = items.length === query.limit ? items.at(-1)?.sequence : undefined;
      return ok({
        items: items.map(({ at, site, before, after, ...rest }) => ({
          ...rest,
          at: isoTime(at),
          site: site ?? null,
          before: before ?? null,
          after: after ?? null,
        })),
        next: next ?? null,
      });
    },
  });
}
