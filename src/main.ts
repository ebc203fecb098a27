import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { PERMISSIONS } from './access/permission.ts';
import { createActivityStore } from './access/store.ts';
import type { Hub, HubSettings } from './hub/hub.ts';
import { createLive } from './hub/live.ts';
import { hubRoutes } from './hub/routes.ts';
import type { Atomically } from './kit/atomically.ts';
import { createManagePlaces } from './plant/manage-places.ts';
import { createPlaceAssets } from './plant/place-assets.ts';
import { plantRoutes } from './plant/routes.ts';
import type { PlaceableStore } from './plant/rule.ts';
import { createPlacementStore, createPlaceRuleStore, createPlaceStore } from './plant/store.ts';
import { createBus } from './platform/bus/bus.ts';
import { NOBODY } from './platform/http/principal.ts';
import type { Route } from './platform/http/route.ts';
import { createServer } from './platform/http/server.ts';
import { openStore } from './platform/store/open-store.ts';
import type { Queries } from './platform/store/store.ts';

/** A hub that is put together and does not listen yet. */
export interface AssembledHub {
  readonly server: FastifyInstance;
  readonly routes: readonly Route[];
  readonly firstRunCode: string | undefined;
  /** Ends what runs, then closes the database. */
  stop(): Promise<void>;
}

/** The one place that knows every part of the hub. Read it top to bottom to see what it is made of. */
export async function assembleHub(settings: HubSettings, log: Logger): Promise<AssembledHub> {
  const store = await openStore(settings.database);
  const atomically: Atomically<Stores> = (work) => store.write((db) => work(storesOn(db)));
  const read = storesOn(store.read);
  const now = () => Date.now() * 1000;
  const bus = createBus();
  const live = createLive(bus);
  const authenticate = async (_request: FastifyRequest) => NOBODY;

  const routes: readonly Route[] = [
    ...hubRoutes({ version: settings.version, live, authenticate, allRoutes: () => routes }),
    ...plantRoutes({
      ...read,
      managePlaces: createManagePlaces({ atomically, now, newId: randomUUID }),
      placeAssets: createPlaceAssets({ atomically, read, now }),
      publish: bus.publish,
    }),
  ];

  const server = await createServer({
    routes,
    permissions: new Set<string>(PERMISSIONS),
    authenticate,
    log,
    ...(settings.tls === undefined ? {} : { tls: settings.tls }),
    ...(settings.pages === undefined ? {} : { pages: { folder: settings.pages } }),
  });
  return {
    server,
    routes,
    firstRunCode: undefined,
    async stop() {
      live.close();
      await server.close();
      await store.close();
    },
  };
}

/** Puts the hub together and listens. */
export async function startHub(settings: HubSettings, log: Logger): Promise<Hub> {
  const { server, firstRunCode, stop } = await assembleHub(settings, log);
  try {
    const url = await server.listen({ host: settings.host, port: settings.port });
    return { url, firstRunCode, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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
