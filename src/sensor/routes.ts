import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '../kit/actor.ts';
import { ok } from '../kit/result.ts';
import { isoTime, type Micros } from '../kit/time.ts';
import type { Topic } from '../platform/bus/bus.ts';
import { type Authenticator, bearerOf } from '../platform/http/authenticator.ts';
import type { Principal } from '../platform/http/principal.ts';
import { defineRoute, type Route } from '../platform/http/route.ts';
import type { SensorHealth } from './delivery/record.ts';
import { noSensor, type RegisterSensors } from './register-sensors.ts';
import { type RecordedGap, type Sensor, type SensorStore, stateOf } from './sensor.ts';

export interface SensorRouteParts {
  readonly sensors: SensorStore;
  readonly register: RegisterSensors;
  now(): Micros;
  publish(topic: Topic): void;
}

const GAPS_SHOWN = 200;

const Id = z.object({ id: z.string().min(1).max(64) });
const Page = z.object({
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const Name = z.string().trim().min(1).max(100);
const Network = z.string().trim().min(1).max(100);

const Health = z.object({
  version: z.string(),
  interface: z.string(),
  cpu: z.number(),
  memory: z.number(),
  packets: z.number(),
  decoded: z.number(),
  filtered: z.number(),
  dropped: z.number(),
  lost: z.number().nullable(),
  limits: z.record(z.string(), z.number()),
  spoolBytes: z.number(),
  spoolRecords: z.number(),
  spoolOldest: z.string().nullable(),
  restarts: z.number(),
});

const SensorReply = z.object({
  id: z.string(),
  site: z.string(),
  name: z.string(),
  network: z.string(),
  state: z.enum(['new', 'reporting', 'silent']),
  /** What happened since is unknown. */
  unknownSince: z.string().nullable(),
  createdAt: z.string(),
  lastRecordAt: z.string().nullable(),
  lastCanaryAt: z.string().nullable(),
  /** Seconds; positive where the sensor's clock is ahead. */
  clockSkew: z.number().nullable(),
  /** Seconds between the oldest record that waits in the spool and now. */
  lag: z.number().nullable(),
  gaps: z.number(),
  health: Health.nullable(),
  healthAt: z.string().nullable(),
});

const GapReply = z.object({
  epoch: z.string(),
  from: z.number(),
  to: z.number(),
  class: z.string(),
  reason: z.string(),
  records: z.number(),
  packets: z.number(),
  fromTime: z.string().nullable(),
  toTime: z.string().nullable(),
  takenAt: z.string(),
});

const StreamReply = z.object({ epoch: z.string(), beganAt: z.string(), through: z.number() });

export function sensorRoutes({ sensors, register, now, publish }: SensorRouteParts): readonly Route[] {
  return [
    defineRoute({
      id: 'sensor.list',
      method: 'GET',
      path: '/sensors',
      summary: 'Sensors, whether they report, and what they say of themselves',
      permission: 'sensors:read',
      query: Page,
      reply: z.object({ items: z.array(SensorReply), total: z.number() }),
      async handle({ scope, query }) {
        const { items, total } = await sensors.list(scope, query);
        const gaps = await sensors.gapCounts(items.map(({ id }) => id));
        return ok({ items: items.map((sensor) => sensorReply(sensor, gaps.get(sensor.id) ?? 0, now())), total });
      },
    }),
    defineRoute({
      id: 'sensor.get',
      method: 'GET',
      path: '/sensors/:id',
      summary: 'One sensor: its health, its gaps, and how far its records reach',
      permission: 'sensors:read',
      params: Id,
      reply: SensorReply.extend({ gapList: z.array(GapReply), streams: z.array(StreamReply) }),
      async handle({ scope, params: { id } }) {
        const sensor = await sensors.find(scope, id);
        if (sensor === undefined) {
          return noSensor(id);
        }
        const [gaps, counts, streams] = [
          await sensors.gaps(id, GAPS_SHOWN),
          await sensors.gapCounts([id]),
          await sensors.streams(id),
        ];
        return ok({
          ...sensorReply(sensor, counts.get(id) ?? 0, now()),
          gapList: gaps.map(gapReply),
          streams: streams.map(({ epoch, beganAt, through }) => ({ epoch, beganAt: isoTime(beganAt), through })),
        });
      },
    }),
    defineRoute({
      id: 'sensor.add',
      method: 'POST',
      path: '/sensors',
      summary: 'Add a sensor: its secret is shown this once',
      permission: 'sensors:manage',
      body: z.strictObject({ name: Name, site: z.string().min(1).max(64), network: Network.optional() }),
      reply: z.object({ id: z.string(), secret: z.string(), command: z.string() }),
      async handle({ principal, scope, request, body: { name, site, network } }) {
        const added = await register.add(actorOf(principal), scope, { name, site, network });
        if (!added.ok) {
          return added;
        }
        publish('sensors');
        const { id, secret } = added.value;
        return ok({ id, secret, command: commandFor(id, `${request.protocol}://${request.host}`) });
      },
    }),
    defineRoute({
      id: 'sensor.change',
      method: 'PATCH',
      path: '/sensors/:id',
      summary: 'Name a sensor, or say which network it listens to',
      permission: 'sensors:manage',
      params: Id,
      body: z.strictObject({ name: Name.optional(), network: Network.optional() }),
      reply: 'nothing',
      async handle({ principal, scope, params: { id }, body }) {
        const done = await register.change(actorOf(principal), scope, id, body);
        if (!done.ok) {
          return done;
        }
        publish('sensors');
        return ok(undefined);
      },
    }),
    defineRoute({
      id: 'sensor.remove',
      method: 'DELETE',
      path: '/sensors/:id',
      summary: 'Remove a sensor: what it delivered stays, its secret counts no more',
      permission: 'sensors:manage',
      params: Id,
      reply: 'nothing',
      async handle({ principal, scope, params: { id } }) {
        const done = await register.remove(actorOf(principal), scope, id);
        if (done.ok) {
          publish('sensors');
        }
        return done;
      },
    }),
  ];
}

/** A sensor says who it is by its secret. */
export function sensorAuthenticator(sensors: SensorStore): Authenticator {
  return async (request) => {
    const secret = bearerOf(request);
    const sensor = secret?.startsWith(SECRET_PREFIX) ? await sensors.bySecret(hashOf(secret)) : undefined;
    if (sensor === undefined) {
      return undefined;
    }
    const { id, name, site } = sensor;
    const mine = new Set([site]);
    return { kind: 'sensor', id, name, scopeOf: (permission) => (permission === 'records:deliver' ? mine : undefined) };
  };
}

const SECRET_PREFIX = 'kws_';

/** 256 random bits; only their hash is kept. */
export function newSensorSecret(): { readonly secret: string; readonly hash: string } {
  const secret = `${SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashOf(secret) };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** What to type where the sensor runs: the secret stands in a file, never in the list of processes. */
function commandFor(id: string, hub: string): string {
  return `keyway sensor --interface eth0 --hub ${hub} --id ${id} --secret-file /etc/keyway/sensor.secret`;
}

function actorOf({ id, name }: Principal): Actor {
  return { id, name };
}

const MICROS_PER_SECOND = 1_000_000;

function sensorReply(sensor: Sensor, gaps: number, now: Micros): z.input<typeof SensorReply> {
  const { id, site, name, network, health, clockSkew } = sensor;
  const { state, since } = stateOf(sensor, now);
  const oldest = health?.spoolOldest;
  return {
    id,
    site,
    name,
    network,
    state,
    unknownSince: timeText(since),
    createdAt: isoTime(sensor.createdAt),
    lastRecordAt: timeText(sensor.lastRecordAt),
    lastCanaryAt: timeText(sensor.lastCanaryAt),
    clockSkew: clockSkew === undefined ? null : clockSkew / MICROS_PER_SECOND,
    lag: oldest === undefined ? null : Math.max(0, (now + (clockSkew ?? 0) - oldest) / MICROS_PER_SECOND),
    gaps,
    health: health === undefined ? null : healthReply(health),
    healthAt: timeText(sensor.healthAt),
  };
}

function healthReply({ lost, spoolOldest, ...health }: SensorHealth): z.input<typeof Health> {
  return { ...health, lost: lost ?? null, spoolOldest: timeText(spoolOldest) };
}

function gapReply({ fromTime, toTime, takenAt, ...gap }: RecordedGap): z.input<typeof GapReply> {
  return { ...gap, fromTime: timeText(fromTime), toTime: timeText(toTime), takenAt: isoTime(takenAt) };
}

function timeText(time: Micros | undefined): string | null {
  return time === undefined ? null : isoTime(time);
}
