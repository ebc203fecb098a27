import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Sighting } from '../../inventory/sighting.ts';
import { readSighting } from '../../inventory/sighting-reader.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Topic } from '../../platform/bus/bus.ts';
import type { Principal } from '../../platform/http/principal.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { noSensor } from '../register-sensors.ts';
import type { Sensor, SensorStore } from '../sensor.ts';
import { type Gap, RECORD_CLASSES, type RecordClass, type SensorHealth } from './record.ts';
import type { Content, Delivery, ReadRecord, TakeRecords } from './take-records.ts';

/** Bytes of one delivery. */
const DELIVERY_LIMIT = 4_194_304;
const DELIVERIES_PER_MINUTE = 6000;
/** What may change where something is sighted. */
const SIGHTED: readonly Topic[] = ['sensors', 'assets', 'conversations', 'events', 'findings'];
/** Records of one delivery, and bytes of one of them. */
const MOST_RECORDS = 2000;
const MOST_LINE = 262_144;

/** Whatever hostile names a packet carried: PostgreSQL knows no NUL. */
const Text = z
  .string()
  .max(4096)
  .transform((text) => text.replaceAll('\0', '').toWellFormed());
const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Time = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
/** What a record of these classes tells of. */
const SIGHTINGS: Readonly<Partial<Record<RecordClass, Sighting['kind']>>> = {
  identity: 'asset',
  flow: 'conversation',
  finding: 'finding',
};

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
    case 'flow':
    case 'finding': {
      const read = readSighting(payload);
      return read.ok && read.value.kind === SIGHTINGS[kind]
        ? { kind: 'sighting', sighting: { ...read.value, ...(kind === 'finding' ? { scope, source } : { scope }) } }
        : UNREADABLE;
    }
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
