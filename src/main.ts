import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { AccessParts } from './access/access-parts.ts';
import { createPasswordHasher } from './access/argon2-adapter.ts';
import { createSecrets, readKey } from './access/crypto-adapter.ts';
import { oidcClient } from './access/oidc-adapter.ts';
import { passkeys } from './access/passkey-adapter.ts';
import { type Grant, PERMISSIONS, type Role } from './access/permission.ts';
import { accessAuthenticators, accessRoutes } from './access/routes.ts';
import { codeKey } from './access/sign-in/one-time-code.ts';
import { totpPurpose } from './access/sign-in/prove.ts';
import { createBeginSetUp } from './access/sign-in/set-up.ts';
import { createThrottle } from './access/sign-in/throttle.ts';
import { createAccessStores } from './access/store.ts';
import { totp } from './access/totp-adapter.ts';
import { BACKUP_SUBJECT } from './hub/backup-record.ts';
import type { DemoAccount, Hub, HubSettings } from './hub/hub.ts';
import { createLive } from './hub/live.ts';
import { hubRoutes } from './hub/routes.ts';
import { createChangeStore } from './inventory/changes/store.ts';
import { createUndoChange } from './inventory/changes/undo-change.ts';
import { createDecide } from './inventory/deciding/decide.ts';
import { createDecisionStore } from './inventory/deciding/store.ts';
import { createJudging } from './inventory/differences/judge-differences.ts';
import { differenceRoutes } from './inventory/differences/routes.ts';
import { createJudgementStore } from './inventory/differences/store.ts';
import { createEditAssets } from './inventory/edits/edit-assets.ts';
import { editRoutes } from './inventory/edits/routes.ts';
import { createKeepFilters } from './inventory/filters/saved-filter.ts';
import { createSavedFilterStore } from './inventory/filters/store.ts';
import { createImportAssets } from './inventory/imports/import-assets.ts';
import { createAssetBook } from './inventory/imports/store.ts';
import { createListing } from './inventory/listing/store.ts';
import { createPlaceableStore } from './inventory/placement/store.ts';
import { recordSightings } from './inventory/record-sightings.ts';
import { inventoryRoutes } from './inventory/routes.ts';
import type { Sighting } from './inventory/sighting.ts';
import { createMemory } from './inventory/store.ts';
import type { Atomically } from './kit/atomically.ts';
import { isoTime, type Micros } from './kit/time.ts';
import { createManagePlaces } from './plant/manage-places.ts';
import { createPlaceAssets, placeByRules } from './plant/place-assets.ts';
import { plantRoutes } from './plant/routes.ts';
import { createPlacementStore, createPlaceRuleStore, createPlaceStore } from './plant/store.ts';
import { createBus } from './platform/bus/bus.ts';
import { firstOf } from './platform/http/authenticator.ts';
import type { Route } from './platform/http/route.ts';
import { createServer } from './platform/http/server.ts';
import { digest, newId } from './platform/ids.ts';
import { createMetrics } from './platform/metrics/metrics.ts';
import { openStore } from './platform/store/open-store.ts';
import type { Queries } from './platform/store/store.ts';
import { deliveryRoutes } from './sensor/delivery/routes.ts';
import { createTakeRecords } from './sensor/delivery/take-records.ts';
import { createRegisterSensors } from './sensor/register-sensors.ts';
import { newSensorSecret, sensorAuthenticator, sensorRoutes } from './sensor/routes.ts';
import { createSensorStore, createUploadStore } from './sensor/store.ts';
import { createUploads } from './sensor/uploads/jobs.ts';
import { uploadRoutes } from './sensor/uploads/routes.ts';

/** A hub that is put together and does not listen yet. */
export interface AssembledHub {
  readonly server: FastifyInstance;
  readonly routes: readonly Route[];
  readonly firstRunCode: string | undefined;
  /** Ends what runs, then closes the database. */
  readonly stop: () => Promise<void>;
}

/** The one place that knows every part of the hub. Read it top to bottom to see what it is made of. */
export async function assembleHub(
  settings: HubSettings,
  log: Logger,
  now = (): Micros => Date.now() * 1000,
): Promise<AssembledHub> {
  const bus = createBus();
  const store = await openStore(settings.database, {
    backups: join(settings.data, 'backups'),
    ...(settings.reserve === undefined ? {} : { reserve: settings.reserve }),
    fullChanged(full) {
      log[full ? 'error' : 'info']({ full }, full ? 'the disk is full: read-only' : 'there is room again');
      bus.publish('system');
    },
    syncFailed(error) {
      log.fatal({ err: error }, 'a sync of the database failed; what is committed is read anew at the next start');
      // Not even what happens at an orderly exit may touch the file now.
      process.kill(process.pid, 'SIGKILL');
    },
  });
  const atomically: Atomically<Stores> = (work) => store.write((db) => work(storesOn(db)));
  const urgently: Atomically<Stores> = (work) => store.writeUrgently((db) => work(storesOn(db)));
  const read = storesOn(store.read);
  const metrics = createMetrics();
  const live = createLive(bus);
  const access: AccessParts = {
    stores: read,
    atomically: urgently,
    secrets: createSecrets(readKey(settings.data)),
    passwords: await createPasswordHasher(),
    totp,
    passkeys,
    oidcClient,
    throttle: createThrottle(),
    now,
    peopleChanged: () => bus.publish('people'),
  };
  const authenticate = firstOf([...accessAuthenticators(access, 'use'), sensorAuthenticator(read.sensors)]);
  const stillSignedIn = firstOf(accessAuthenticators(access, 'look'));
  const uploads = createUploads({
    atomically,
    uploads: read.uploads,
    folder: join(settings.data, 'uploads'),
    entry: new URL('./thread.ts', import.meta.url),
    recordSightings: recordingOf(now),
    now,
    publish: bus.publish,
  });
  const lastBackup = async () => {
    const [newest] = await read.activity.list('all', { subject: BACKUP_SUBJECT, limit: 1 });
    return newest && isoTime(newest.at);
  };
  metrics.gauge('keyway_live_streams', 'Pages that wait for changes', () => live.count);
  metrics.gauge('keyway_read_only', '1 while the disk of the database is full', () => (store.isFull ? 1 : 0));

  const routes: readonly Route[] = [
    ...hubRoutes({ settings, store, live, metrics, stillSignedIn, lastBackup, allRoutes: () => routes }),
    ...accessRoutes(access),
    ...inventoryRoutes({
      ...read,
      listing: createListing(store.read),
      decide: createDecide({ atomically, now, newId }),
      keepFilters: createKeepFilters({ atomically, now, newId }),
      publish: bus.publish,
    }),
    ...plantRoutes({
      ...read,
      managePlaces: createManagePlaces({ atomically, now, newId: randomUUID }),
      placeAssets: createPlaceAssets({ atomically, read, now }),
      publish: bus.publish,
    }),
    ...editRoutes({
      ...read,
      listing: createListing(store.read),
      importAssets: createImportAssets({ atomically, read, now, newId: randomUUID }),
      editAssets: createEditAssets({ atomically, now, newId: randomUUID }),
      undoChange: createUndoChange({ atomically, now }),
      publish: bus.publish,
    }),
    ...differenceRoutes({
      judging: createJudging({ atomically, read, now, newId: randomUUID }),
      publish: bus.publish,
    }),
    ...sensorRoutes({
      sensors: read.sensors,
      register: createRegisterSensors({ atomically, now, newId: randomUUID, newSecret: newSensorSecret }),
      now,
      publish: bus.publish,
    }),
    ...deliveryRoutes({
      sensors: read.sensors,
      takeRecords: createTakeRecords({ atomically, recordSightings: recordingOf(now), now }),
      publish: bus.publish,
    }),
    ...uploadRoutes(uploads, read.uploads),
  ];

  const server = await createServer({
    routes,
    permissions: new Set<string>(PERMISSIONS),
    authenticate,
    log,
    replied: metrics.replied,
    ...(settings.perMinute === undefined ? {} : { perMinute: settings.perMinute }),
    ...(settings.tls === undefined ? {} : { tls: settings.tls }),
    ...(settings.pages === undefined ? {} : { pages: { folder: settings.pages } }),
  });
  await uploads.begin();
  if (settings.demo !== undefined) {
    await welcome(access, settings.demo);
  }
  return {
    server,
    routes,
    firstRunCode: await createBeginSetUp(access)(),
    async stop() {
      live.close();
      await server.close();
      await uploads.stop();
      await store.close();
    },
  };
}

/** Puts the hub together and listens. */
export async function startHub(settings: HubSettings, log: Logger): Promise<Hub> {
  const { server, firstRunCode, stop } = await assembleHub(settings, log);
  try {
    const url = await server.listen({ host: settings.host, port: settings.port });
    return { url: named(url), firstRunCode, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Passkeys belong to a name, never to an address; browsers trust this one without TLS. */
function named(url: string): string {
  return url.replace('//127.0.0.1:', '//localhost:');
}

/** Those who look at made-up data: who has a second factor administers, all others see and decide everything. */
async function welcome(parts: AccessParts, demo: readonly DemoAccount[]): Promise<void> {
  const { atomically, passwords, secrets, now } = parts;
  const people = await Promise.all(
    demo.map(async (account) => ({ ...account, hash: await passwords.hash(account.password) })),
  );
  await atomically(async ({ accounts, factors }) => {
    if ((await accounts.count()) > 0) {
      return;
    }
    for (const { name, email, hash, secondFactor } of people) {
      const id = secrets.newId();
      await accounts.create({ id, name, email, createdAt: now() });
      await accounts.change(id, { password: hash });
      const roles = secondFactor === undefined ? DEMO_ROLES : (['administrator'] as const);
      await accounts.setGrants(
        id,
        'person',
        roles.map((role): Grant => ({ role, site: undefined, givenBy: 'person' })),
      );
      if (secondFactor !== undefined) {
        await factors.putTotp(id, secrets.seal(secondFactor.secret, totpPurpose(id)));
        await factors.confirmTotp(id);
        await factors.putRecoveryCodes(
          id,
          secondFactor.codes.map((code) => secrets.hash(codeKey(code))),
        );
      }
    }
  });
}

const DEMO_ROLES: readonly Role[] = ['executive', 'it', 'ot', 'production', 'analyst', 'auditor'];

type Stores = ReturnType<typeof storesOn>;

function storesOn(db: Queries) {
  return {
    ...createAccessStores(db),
    places: createPlaceStore(db),
    rules: createPlaceRuleStore(db),
    placements: createPlacementStore(db),
    placeables: createPlaceableStore(db),
    memory: createMemory(db),
    book: createAssetBook(db),
    changes: createChangeStore(db),
    decisions: createDecisionStore(db),
    judgements: createJudgementStore(db),
    filters: createSavedFilterStore(db),
    sensors: createSensorStore(db),
    uploads: createUploadStore(db),
  };
}

/** What listeners tell becomes known, and what is new or changed stands where the rules of its site say. */
function recordingOf(now: () => Micros) {
  return async (stores: Stores, site: string, _source: string, sightings: readonly Sighting[]): Promise<void> => {
    const { changedAssets } = await recordSightings(stores, { now, newId, digest }, site, sightings);
    await placeByRules(stores, site, changedAssets);
  };
}
