import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ok } from '../kit/result.ts';
import { openApi } from '../platform/http/openapi.ts';
import type { Principal } from '../platform/http/principal.ts';
import { defineRoute, type Route } from '../platform/http/route.ts';
import type { Live } from './live.ts';

export interface HubRouteParts {
  readonly version: string;
  readonly live: Live;
  authenticate(request: FastifyRequest): Promise<Principal>;
  /** Every route of the hub, these included. */
  allRoutes(): readonly Route[];
}

export function hubRoutes({ version, live, authenticate, allRoutes }: HubRouteParts): readonly Route[] {
  let described: string | undefined;
  return [
    defineRoute({
      id: 'system.health',
      method: 'GET',
      path: '/health',
      summary: 'Whether the hub answers',
      permission: 'public',
      reply: z.object({ status: z.literal('ok'), version: z.string() }),
      handle: async () => ok({ status: 'ok' as const, version }),
    }),
    defineRoute({
      id: 'system.live',
      method: 'GET',
      path: '/live',
      summary: 'Server-sent events: which topics changed',
      permission: 'signed-in',
      reply: 'text/event-stream',
      handle: async ({ request }) =>
        ok({ body: live.open(async () => (await authenticate(request)).kind !== 'nobody') }),
    }),
    defineRoute({
      id: 'system.openapi',
      method: 'GET',
      path: '/openapi.json',
      summary: 'This API, as OpenAPI 3.1',
      permission: 'public',
      reply: 'application/json',
      async handle() {
        described ??= JSON.stringify(openApi(allRoutes(), version));
        return ok({ body: described });
      },
    }),
  ];
}
