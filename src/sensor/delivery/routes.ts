import type { Readable } from 'node:stream';
import { z } from 'zod';
import { IDENTITY_ATTRIBUTES } from '../../inventory/evidence.ts';
import { SEVERITIES } from '../../inventory/findings/finding.ts';
import { MODULE_TEXTS, type Sighting } from '../../inventory/sighting.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Topic } from '../../platform/bus/bus.ts';
import type { Principal } from '../../platform/http/principal.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { type Basis, CONFIDENCE, type Effect, type Role } from '../../wire/observation.ts';
import { noSensor } from '../register-sensors.ts';
import type { Sensor, SensorStore } from '../sensor.ts';
import { type Gap, RECORD_CLASSES, type SensorHealth } from './record.ts';
import type { Content, Delivery, ReadRecord, TakeRecords } from './take-records.ts';

/** Bytes of one delivery. */
const DELIVERY_LIMIT = 4_194_304;
const DELIVERIES_PER_MINUTE = 6000;
/** What may change where something is sighted. */
const SIGHTED: readonly Topic[] = ['sensors', 'assets', 'conversations', 'events', 'findings'];
/** Records of one delivery, and bytes of one of them. */
const MOST_RECORDS = 2000;
const MOST_LINE = 262_144;
const MOST_ITEMS = 1024;

/** Whatever hostile names a packet carried: PostgreSQL knows no NUL. */
const Text = z
  .string()
  .max(4096)
  .transform((text) => text.replaceAll('\0', '').toWellFormed());
const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Time = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const Vlan = z.number().int().min(0).max(4095);
const Port = z.number().int().min(0).max(65_535);
const listOf = <T extends z.ZodType>(item: T) => z.array(item).max(MOST_ITEMS);

const ROLES = {
  ...{ plc: 1, rtu: 1, io: 1, drive: 1, robot: 1, safety: 1, hmi: 1, engineering: 1, historian: 1, scada: 1 },
  ...{ gateway: 1, switch: 1, router: 1, firewall: 1, server: 1, workstation: 1, printer: 1, camera: 1, phone: 1 },
  ...{ clock: 1, unknown: 1 },
} as const satisfies Record<Role, 1>;

const EFFECTS = {
  ...{ read: 1, write: 1, control: 1, program: 1, firmware: 1, configure: 1, authenticate: 1, discover: 1 },
  ...{ report: 1, session: 1, unknown: 1 },
} as const satisfies Record<Effect, 1>;

const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>) => Object.keys(table) as Key[];

const End = z.object({
  mac: Text.optional(),
  address: Text.optional(),
  vlan: Vlan.optional(),
  behind: Text.optional(),
});

const Placed = { scope: z.string().max(4096), firstSeen: Time, lastSeen: Time };

const ModuleTexts = Object.fromEntries(MODULE_TEXTS.map((name) => [name, Text.optional()])) as Record<
  (typeof MODULE_TEXTS)[number],
  z.ZodOptional<typeof Text>
>;

const Asset = z.object({
  ...Placed,
  kind: z.literal('asset'),
  interfaces: listOf(
    z.object({
      mac: Text.optional(),
      addresses: listOf(Text),
      vlan: Vlan.optional(),
      vendor: Text.optional(),
      shared: z.boolean().optional(),
    }),
  ),
  role: z.enum(keysOf(ROLES)),
  roleReason: Text.optional(),
  purdueLevel: z.number().min(0).max(5).optional(),
  evidence: listOf(
    z.object({
      attribute: z.enum([...IDENTITY_ATTRIBUTES, 'role']),
      value: Text,
      protocol: Text,
      basis: z.enum([...keysOf<Basis>(CONFIDENCE), 'mac-prefix']),
      confidence: z.number().min(0).max(1),
      frame: Count,
      firstSeen: Time,
      lastSeen: Time,
      count: Count,
      reason: Text.optional(),
    }),
  ),
  modules: listOf(z.object({ slot: z.number().int(), ...ModuleTexts })),
  services: listOf(z.object({ protocol: Text.optional(), transport: Text, port: Port })),
  behind: Text.optional(),
  parentEnd: End.optional(),
  known: listOf(Text),
  doubtful: z.boolean(),
});

const Quantiles = z.object({ p50: z.number(), p99: z.number(), p999: z.number(), max: z.number() });

const Conversation = z.object({
  ...Placed,
  kind: z.literal('conversation'),
  client: End.optional(),
  server: End.optional(),
  clientAddress: Text,
  target: Text,
  transport: Text,
  port: Port,
  protocol: Text.optional(),
  vlan: Vlan.optional(),
  flows: Count,
  packets: Count,
  bytes: Count,
  operations: listOf(
    z.object({
      protocol: Text,
      name: Text,
      effect: z.enum(keysOf(EFFECTS)),
      by: z.enum(['client', 'server']),
      count: Count,
      errors: Count,
    }),
  ),
  timing: z
    .object({
      requests: Count,
      unanswered: Count,
      response: Quantiles.optional(),
      period: z.object({ p50: z.number(), jitterP99: z.number() }).optional(),
    })
    .transform(({ response, period, ...counts }) => ({ ...counts, response, period }))
    .optional(),
});

const Finding = z.object({
  ...Placed,
  kind: z.literal('finding'),
  code: Text,
  severity: z.enum(SEVERITIES),
  title: Text,
  explanation: Text,
  filter: Text,
  frames: listOf(Count),
  count: Count,
  assets: listOf(End),
  source: Text,
});

const GapPayload = z
  .object({
    from: Count,
    to: Count,
    class: z.enum([...RECORD_CLASSES, 'all']),
    reason: z.enum(['spool-full', 'too-old', 'damaged', 'capture']),
    records: Count,
    packets: Count,
    fromTime: Time.optional(),
    toTime: Time.optional(),
  })
  .transform((gap): Gap => ({ ...gap, fromTime: gap.fromTime, toTime: gap.toTime }));

const HealthPayload = z
  .object({
    version: Text,
    interface: Text,
    cpu: z.number().min(0),
    memory: Count,
    packets: Count,
    decoded: Count,
    filtered: Count,
    dropped: Count,
    lost: Count.optional(),
    limits: z.record(z.string().regex(/^[a-zA-Z]{1,64}$/u), Count),
    spoolBytes: Count,
    spoolRecords: Count,
    spoolOldest: Time.optional(),
    restarts: Count,
  })
  .transform((health): SensorHealth => ({ ...health, lost: health.lost, spoolOldest: health.spoolOldest }));

const HealthOrCanary = z.union([z.object({ canary: Count }), HealthPayload]);

const Head = z.object({ epoch: z.string().regex(/^[\w-]{1,64}$/u), sentAt: Time.optional() });

const Line = z.object({
  sequence: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  class: z.enum(RECORD_CLASSES),
  time: Time,
  payload: z.unknown(),
});

export interface DeliveryRouteParts {
  readonly sensors: SensorStore;
  readonly takeRecords: TakeRecords;
  publish(topic: Topic): void;
}

export function deliveryRoutes({ sensors, takeRecords, publish }: DeliveryRouteParts): readonly Route[] {
  return [
    defineRoute({
      id: 'sensor.deliver',
      method: 'POST',
      path: '/sensors/:id/records',
      summary: 'A sensor delivers records (NDJSON); the answer says up to which one they are in the database',
      permission: 'records:deliver',
      params: z.object({ id: z.string().min(1).max(64) }),
      body: 'stream',
      bodyLimit: DELIVERY_LIMIT,
      perMinute: DELIVERIES_PER_MINUTE,
      reply: z.object({
        through: z.number(),
        missing: z.object({ from: z.number(), to: z.number() }).optional(),
      }),
      async handle({ principal, params: { id }, request }) {
        const sensor = isItself(principal, id) ? await sensors.find('all', id) : undefined;
        if (sensor === undefined) {
          return noSensor(id);
        }
        const delivery = readDelivery(await bodyText(request.raw), sensor);
        if (!delivery.ok) {
          return delivery;
        }
        const { through, missing, taken } = await takeRecords(sensor, delivery.value);
        if (taken > 0) {
          for (const topic of SIGHTED) {
            publish(topic);
          }
        }
        return ok({ through, ...(missing === undefined ? {} : { missing }) });
      },
    }),
  ];
}

async function bodyText(body: Readable): Promise<Result<string, Failure>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > DELIVERY_LIMIT) {
      return fail('too-large', 'sensor.delivery-too-large', `A delivery may have ${DELIVERY_LIMIT} bytes at most.`);
    }
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks).toString('utf8'));
}

function isItself({ kind, id }: Principal, sensor: string): boolean {
  return kind === 'sensor' && id === sensor;
}

/**
 * What a sensor sent: a line that names its epoch, then a line for each record. A line that is no record fails the whole; a record
 * whose content is not understood is taken and counts as a gap, so that one of them never holds up all that follow.
 */
export function readDelivery(text: Result<string, Failure>, { network, name }: Sensor): Result<Delivery, Failure> {
  if (!text.ok) {
    return text;
  }
  const [first = '', ...lines] = text.value.split('\n').filter((line) => line !== '');
  const head = Head.safeParse(jsonOf(first));
  if (!head.success) {
    return badLine(1);
  }
  if (lines.length > MOST_RECORDS) {
    return fail('too-large', 'sensor.delivery-too-large', `A delivery may have ${MOST_RECORDS} records at most.`);
  }
  const records: ReadRecord[] = [];
  for (const [at, line] of lines.entries()) {
    const parsed = Line.safeParse(line.length > MOST_LINE ? undefined : jsonOf(line));
    if (!parsed.success) {
      return badLine(at + 2);
    }
    const { sequence, class: kind, time, payload } = parsed.data;
    records.push({ sequence, class: kind, time, payload, content: contentOf(parsed.data, network, name) });
  }
  return ok({ epoch: head.data.epoch, sentAt: head.data.sentAt, records });
}

/** The sensor's word on where it listens does not count: the hub knows. */
function contentOf({ class: kind, payload }: z.output<typeof Line>, scope: string, source: string): Content {
  switch (kind) {
    case 'identity':
      return sightingOf(Asset.safeParse(payload), { scope });
    case 'flow':
      return sightingOf(Conversation.safeParse(payload), { scope });
    case 'finding':
      return sightingOf(Finding.safeParse(payload), { scope, source });
    case 'gap': {
      const gap = GapPayload.safeParse(payload);
      return gap.success ? { kind: 'gap', gap: gap.data } : UNREADABLE;
    }
    case 'health': {
      const said = HealthOrCanary.safeParse(payload);
      if (!said.success) {
        return UNREADABLE;
      }
      return 'canary' in said.data ? { kind: 'canary' } : { kind: 'health', health: said.data };
    }
    default:
      return UNREADABLE;
  }
}

const UNREADABLE: Content = { kind: 'unreadable' };

function sightingOf(
  parsed: z.ZodSafeParseResult<Sighting>,
  ours: { readonly scope: string; readonly source?: string },
): Content {
  return parsed.success ? { kind: 'sighting', sighting: { ...parsed.data, ...ours } } : UNREADABLE;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function badLine(line: number): Result<never, Failure> {
  return fail('invalid', 'sensor.delivery', `Line ${line} is not what a sensor sends.`);
}
