import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import pino, { type Logger } from 'pino';
import { PERMISSIONS } from './access/permission.ts';
import { createActivityStore } from './access/store.ts';
import type { Atomically } from './kit/atomically.ts';
import { createManagePlaces } from './plant/manage-places.ts';
import { createPlaceAssets } from './plant/place-assets.ts';
import { plantRoutes } from './plant/routes.ts';
import type { PlaceableStore } from './plant/rule.ts';
import { createPlacementStore, createPlaceRuleStore, createPlaceStore } from './plant/store.ts';
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
  const read = storesOn(store.read);
  const now = () => Date.now() * 1000;

  const server = await createServer({
    routes: [
      ...plantRoutes({
        ...read,
        managePlaces: createManagePlaces({ atomically, now, newId: randomUUID }),
        placeAssets: createPlaceAssets({ atomically, read, now }),
        publish: () => undefined,
      }),
    ],
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
  return {
    activity: createActivityStore(db),
    places: createPlaceStore(db),
    rules: createPlaceRuleStore(db),
    placements: createPlacementStore(db),
    placeables: NO_ASSETS,
  };
}

/** Until the inventory keeps assets. */
const NO_ASSETS: PlaceableStore = { page: async () => [], some: async () => [] };
