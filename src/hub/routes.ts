import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ok } from '../kit/result.ts';
import { openApi } from '../platform/http/openapi.ts';
import type { Principal } from '../platform/http/principal.ts';
import { defineRoute, type Route } from '../platform/http/route.ts';
import type { Metrics } from '../platform/metrics/metrics.ts';
import type { Store } from '../platform/store/store.ts';
import type { HubSettings } from './hub.ts';
import type { Live } from './live.ts';

export interface HubRouteParts {
  readonly settings: HubSettings;
  readonly store: Store;
  readonly live: Live;
  readonly metrics: Metrics;
  /** Asked while a page waits for changes. */
  readonly stillSignedIn: (request: FastifyRequest) => Promise<Principal>;
  /** When the newest backup was made, in ISO 8601. */
  lastBackup(): Promise<string | undefined>;
  /** Every route of the hub, these included. */
  allRoutes(): readonly Route[];
}

const Health = z.object({
  /** `read-only`: the disk is full; what is there can be seen, and nothing can be changed. */
  status: z.enum(['ok', 'read-only']),
  version: z.string(),
});

const System = z.object({
  version: z.string(),
  node: z.string(),
  startedAt: z.string(),
  data: z.string(),
  database: z.object({
    kind: z.enum(['SQLite', 'PostgreSQL']),
    /** What it says of itself when asked now. */
    says: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  memoryBytes: z.number(),
  liveStreams: z.number(),
  lastBackup: z.string().nullable(),
  /** Its plant is made up, to be looked at. */
  demo: z.boolean(),
  /** What everybody should know now. */
  banner: z.object({ code: z.string(), message: z.string() }).nullable(),
});

const SettingList = z.object({
  items: z.array(
    z.object({
      option: z.string(),
      variable: z.string(),
      value: z.string().nullable(),
      source: z.string(),
      sentence: z.string(),
    }),
  ),
});

const FULL = {
  code: 'store.full',
  message:
    'The disk of the database is full: everything can be seen, and nothing can be changed until there is room again.',
};

export function hubRoutes(parts: HubRouteParts): readonly Route[] {
  const { settings, store, live, metrics, stillSignedIn } = parts;
  const { version } = settings;
  const startedAt = new Date().toISOString();
  let described: string | undefined;
  return [
    defineRoute({
      id: 'system.health',
      method: 'GET',
      path: '/health',
      summary: 'Whether the hub answers, and whether it can write',
      permission: 'public',
      reply: Health,
      handle: async () => ok({ status: store.isFull ? ('read-only' as const) : ('ok' as const), version }),
    }),
    defineRoute({
      id: 'system.state',
      method: 'GET',
      path: '/system',
      summary: 'The program, its database and their state',
      permission: 'system:read',
      reply: System,
      async handle() {
        return ok({
          version,
          node: process.versions.node,
          startedAt,
          data: settings.data,
          database: {
            kind: store.dialect === 'sqlite' ? ('SQLite' as const) : ('PostgreSQL' as const),
            says: await store.readBack(),
          },
          memoryBytes: process.memoryUsage.rss(),
          liveStreams: live.count,
          lastBackup: (await parts.lastBackup()) ?? null,
          demo: settings.demo !== undefined,
          banner: store.isFull ? FULL : null,
        });
      },
    }),
    defineRoute({
      id: 'system.settings',
      method: 'GET',
      path: '/settings',
      summary: 'The settings that the hub was started with, and where each comes from',
      permission: 'settings:manage',
      reply: SettingList,
      handle: async () => ok({ items: (settings.told ?? []).map((told) => ({ ...told, value: told.value ?? null })) }),
    }),
    defineRoute({
      id: 'system.metrics',
      method: 'GET',
      path: '/metrics',
      summary: 'Figures for Prometheus',
      permission: 'system:read',
      reply: 'text/plain',
      handle: async () => ok({ body: await metrics.text() }),
    }),
    defineRoute({
      id: 'system.live',
      method: 'GET',
      path: '/live',
      summary: 'Server-sent events: which topics changed',
      permission: 'signed-in',
      reply: 'text/event-stream',
      handle: async ({ request }) =>
        ok({ body: live.open(async () => (await stillSignedIn(request)).kind !== 'nobody') }),
    }),
    defineRoute({
      id: 'system.openapi',
      method: 'GET',
      path: '/openapi.json',
      summary: 'This API, as OpenAPI 3.1',
      permission: 'public',
      reply: 'application/json',
      async handle() {
        described ??= JSON.stringify(openApi(parts.allRoutes(), version));
        return ok({ body: described });
      },
    }),
  ];
}
