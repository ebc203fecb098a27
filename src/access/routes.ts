import { z } from 'zod';
import { ok } from '../kit/result.ts';
import { type Authenticator, bearerOf } from '../platform/http/authenticator.ts';
import { defineRoute, type Route } from '../platform/http/route.ts';
import type { AccessParts } from './access-parts.ts';
import { createAuthenticateSession, createAuthenticateToken } from './authenticate.ts';
import { ownRoutes } from './me/routes.ts';
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES } from './permission.ts';
import { RoleName, SESSION_COOKIE, sessionRoutes } from './sign-in/routes.ts';

export function accessRoutes(parts: AccessParts): readonly Route[] {
  return [roles, ...sessionRoutes(parts), ...ownRoutes(parts)];
}

/** Tokens first: a script that shows one means it, whatever cookie it also carries. */
export function accessAuthenticators(parts: AccessParts): readonly Authenticator[] {
  const authenticateSession = createAuthenticateSession(parts);
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
