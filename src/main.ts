import type { FastifyInstance } from 'fastify';
import pino, { type Logger } from 'pino';
import { PERMISSIONS } from './access/permission.ts';
import { createActivityStore } from './access/store.ts';
import type { Atomically } from './kit/atomically.ts';
import { NOBODY } from './platform/http/principal.ts';
import { createServer } from './platform/http/server.ts';
import { openStore } from './platform/store/open-store.ts';
import type { Queries } from './platform/store/store.ts';

/** What `keyway serve` was told. */
export interface HubSettings {
  /** A file or a `postgres://` URL. */
  readonly database: string;
  readonly host: string;
  readonly port: number;
  /** Folder of the built console; absent: only the API is served. */
  readonly pages?: string;
}

export interface Hub {
  readonly url: string;
  readonly server: FastifyInstance;
  stop(): Promise<void>;
}

/** The one place that knows every part of the hub. Read it top to bottom to see what it is made of. */
export async function startHub(settings: HubSettings, log: Logger = pino()): Promise<Hub> {
  const store = await openStore(settings.database);
  const atomically: Atomically<Stores> = (work) => store.write((db) => work(storesOn(db)));
  void atomically;

  const server = await createServer({
    routes: [],
    permissions: new Set<string>(PERMISSIONS),
    authenticate: async () => NOBODY,
    log,
    ...(settings.pages === undefined ? {} : { pages: { folder: settings.pages } }),
  });
  const url = await server.listen({ host: settings.host, port: settings.port });
  return {
    url,
    server,
    async stop() {
      await server.close();
      await store.close();
    },
  };
}

type Stores = ReturnType<typeof storesOn>;

function storesOn(db: Queries) {
  return { activity: createActivityStore(db) };
}
