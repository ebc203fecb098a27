import type { Mutable } from '../../../kit/mutable.ts';
import type { Micros } from '../../../kit/time.ts';
import {
  type Context,
  type Direction,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type PairKey,
  type Reading,
} from '../../dissector.ts';
import { hexText } from '../../format.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly version: number;
  readonly messageType: number;
  readonly domain?: number;
  readonly subdomain?: string;
  readonly sequence: number;
  readonly clockIdentity: string;
  readonly port: number;
  readonly flags: number;
  readonly time?: Micros;
  readonly utcOffset?: number;
  readonly grandmaster?: string;
  readonly clockClass?: number;
  readonly clockAccuracy?: number;
  readonly priority1?: number;
  readonly priority2?: number;
  readonly stepsRemoved?: number;
  readonly timeSource?: number;
  readonly managementId?: number;
  readonly description?: ClockDescription;
}

interface ClockDescription {
  readonly product: string;
  readonly revision: string;
  readonly name: string;
}

const OPERATIONS = defineOperations({
  sync: ['sync', 'report'],
  delayRequest: ['delay measurement', 'report'],
  peerDelayRequest: ['peer delay measurement', 'report'],
  followUp: ['follow up', 'report'],
  peerDelayFollowUp: ['peer delay follow up', 'report'],
  announce: ['announce', 'report'],
  signaling: ['signaling', 'session'],
  managementGet: ['management get', 'read'],
  managementSet: ['management set', 'configure'],
  managementCommand: ['management command', 'control'],
  managementUnknown: ['management of unknown kind', 'unknown'],
});

/** Message types (IEEE 1588-2019, table 36). */
const SYNC = 0x0;
const DELAY_REQUEST = 0x1;
const PEER_DELAY_REQUEST = 0x2;
const PEER_DELAY_RESPONSE = 0x3;
const FOLLOW_UP = 0x8;
const DELAY_RESPONSE = 0x9;
const PEER_DELAY_FOLLOW_UP = 0xa;
const ANNOUNCE = 0xb;
const SIGNALING = 0xc;
const MANAGEMENT = 0xd;

/** By message type: what it is, and how long it is at least (section 13). */
const TYPES: readonly (readonly [operation: Operation, direction: Direction, length: number] | undefined)[] =
  Object.assign(Array.from<undefined>({ length: 16 }), {
    [SYNC]: [OPERATIONS.sync, 'report', 44],
    [DELAY_REQUEST]: [OPERATIONS.delayRequest, 'request', 44],
    [PEER_DELAY_REQUEST]: [OPERATIONS.peerDelayRequest, 'request', 54],
    [PEER_DELAY_RESPONSE]: [OPERATIONS.peerDelayRequest, 'response', 54],
    [FOLLOW_UP]: [OPERATIONS.followUp, 'report', 44],
    [DELAY_RESPONSE]: [OPERATIONS.delayRequest, 'response', 54],
    [PEER_DELAY_FOLLOW_UP]: [OPERATIONS.peerDelayFollowUp, 'report', 54],
    [ANNOUNCE]: [OPERATIONS.announce, 'report', 64],
    [SIGNALING]: [OPERATIONS.signaling, 'report', 44],
    [MANAGEMENT]: [OPERATIONS.managementUnknown, 'request', 48],
  } as const);

/** Actions of management messages (table 57). */
const GET = 0;
const SET = 1;
const RESPONSE = 2;
const COMMAND = 3;
const ACKNOWLEDGE = 4;
/** Management TLVs (table 52) and the one management id that says who the clock is (table 59). */
const TLV_MANAGEMENT = 1;
const TLV_MANAGEMENT_ERROR = 2;
const CLOCK_DESCRIPTION = 1;
/** Table 109. */
const MANAGEMENT_ERRORS: readonly string[] = [
  '',
  'response too big',
  'no such id',
  'wrong length',
  'wrong value',
  'not settable',
  'not supported',
];

/** Flags (table 37). */
const TWO_STEP = 0x0200;
const PTP_TIMESCALE = 0x0008;
/** Clock classes that follow, or lately followed, a primary reference (table 4). */
const REFERENCED: ReadonlySet<number> = new Set([6, 7, 13, 14]);

const VERSION_1 = 1;
const VERSION_2 = 2;
const PORT_IDENTITY = 10;

/** Version 1: IEEE 1588-2002, annex D. */
const V1_HEADER = 40;
const V1_SUBDOMAIN = 16;
const V1_LENGTHS: readonly number[] = [124, 124, 52, 60, 60];
const V1_TYPES = [SYNC, DELAY_REQUEST, FOLLOW_UP, DELAY_RESPONSE, MANAGEMENT] as const;

export const ptp = defineDissector<Fields>({
  name: 'ptp',
  title: 'PTP',
  source: 'IEEE 1588-2019; IEEE 1588-2002',
  at: [{ ethertype: 0x88f7 }, { udp: 319 }, { udp: 320 }],
  operations: OPERATIONS,
  fields: {
    version: '1 or 2',
    messageType: 'Kind of message, in the numbers of version 2',
    domain: 'Version 2: which of several times on one network',
    subdomain: 'Version 1: which of several times on one network',
    sequence: 'Counts the messages of a kind, and pairs an answer with its question',
    clockIdentity: 'The clock that sends, in hex',
    port: 'Number of its port',
    flags: 'As on the wire',
    time: 'Time of the clock, in microseconds since 1970 of its own scale',
    utcOffset: 'Seconds that the clock is ahead of UTC',
    grandmaster: 'The clock that all follow, in hex',
    clockClass: 'What the grandmaster follows: 6 a primary reference, 248 nothing',
    clockAccuracy: 'Code for how exact the grandmaster is',
    priority1: 'Smaller wins the election of the grandmaster',
    priority2: 'Decides between clocks that are alike',
    stepsRemoved: 'Clocks between the sender and the grandmaster',
    timeSource: 'What kind of reference the grandmaster follows: 0x20 GNSS',
    managementId: 'What a management message is about',
    description: 'What the clock says about itself, in a management answer',
  },

  recognise(reader, { transport }) {
    if (reader.remaining >= V1_HEADER && reader.peek() === 0 && reader.peek(1) === VERSION_1) {
      return reader.peek(2) === 0 && reader.peek(32) < V1_TYPES.length ? 'weak' : 'no';
    }
    const length = (reader.peek(2) << 8) | reader.peek(3);
    const type = TYPES[reader.peek() & 15];
    if (type === undefined || (reader.peek(1) & 15) !== VERSION_2 || length < type[2] || length > reader.remaining) {
      return 'no';
    }
    return transport === 'ethernet' || length === reader.remaining ? 'strong' : 'weak';
  },

  read(reader, context) {
    const first = reader.u8();
    const second = reader.u8();
    if (first === 0 && second === VERSION_1) {
      return readVersion1(reader);
    }
    const type = TYPES[first & 15];
    const length = reader.u16be();
    if (reader.truncated) {
      return { direction: 'report', operation: OPERATIONS.sync, fields: EMPTY };
    }
    if (type === undefined || (second & 15) !== VERSION_2) {
      return new Malformed('no type or version of PTP');
    }
    if (length < type[2]) {
      return new Malformed(`length ${length}, at least ${type[2]}`);
    }
    reader.limit(length - 4);
    const [operation, direction] = type;
    return readVersion2(reader, first & 15, { direction, operation, fields: EMPTY }, context);
  },

  observe({ fields, refused }, context) {
    switch (fields.messageType) {
      case SYNC:
      case FOLLOW_UP:
        return fields.time === undefined ? NOTHING : observeTime(fields, context);
      case ANNOUNCE:
        return observeAnnounce(fields, context);
      case MANAGEMENT:
        return fields.description === undefined || refused !== undefined ? NOTHING : [identityOf(fields.description)];
      default:
        return NOTHING;
    }
  },
});

const EMPTY: Fields = { version: VERSION_2, messageType: SYNC, sequence: 0, clockIdentity: '', port: 0, flags: 0 };

type DraftFields = Mutable<Fields>;
type Draft = Mutable<Reading<Fields>>;

/** Section 13.3, then what follows the header of each type. */
function readVersion2(reader: Reader, messageType: number, reading: Draft, context: Context): Reading<Fields> {
  const domain = reader.u8();
  reader.skip(1);
  const flags = reader.u16be();
  reader.skip(12); // correction, type specific
  const portIdentity = reader.take(PORT_IDENTITY);
  const sequence = reader.u16be();
  reader.skip(2);
  const clockIdentity = hexText(portIdentity.subarray(0, 8));
  const port = ((portIdentity[8] ?? 0) << 8) | (portIdentity[9] ?? 0);
  const fields: DraftFields = { version: VERSION_2, messageType, domain, sequence, clockIdentity, port, flags };
  reading.fields = fields;
  switch (messageType) {
    case SYNC:
      // A two-step clock sends the time in the message that follows.
      if ((flags & TWO_STEP) === 0) {
        fields.time = readTime(reader);
      } else {
        reader.skip(10);
      }
      break;
    case FOLLOW_UP:
      fields.time = readTime(reader);
      break;
    case DELAY_REQUEST:
    case PEER_DELAY_REQUEST:
      reader.skip(10);
      reading.pair = pairOf(portIdentity, sequence);
      reading.like = messageType;
      break;
    case DELAY_RESPONSE:
    case PEER_DELAY_RESPONSE:
      reader.skip(10);
      reading.pair = pairOf(reader.take(PORT_IDENTITY), sequence);
      break;
    case ANNOUNCE:
      readAnnounce(reader, fields);
      break;
    case MANAGEMENT:
      readManagement(reader, reading, fields, portIdentity);
      if (reading.direction === 'response') {
        // The answers to a set and to a get are alike.
        reading.operation = context.question(reading.pair ?? 0)?.operation ?? reading.operation;
      }
      break;
    default:
  }
  return reading;
}

/** Seconds in 48 bits, then nanoseconds (section 5.3.3). */
function readTime(reader: Reader): Micros {
  const seconds = reader.u16be() * 2 ** 32 + reader.u32be();
  return seconds * 1e6 + Math.floor(reader.u32be() / 1000);
}

/** Sequence and a hash of the port that asked: a question and its answer share both. */
function pairOf(portIdentity: Uint8Array, sequence: number): PairKey {
  let hash = 0x811c9dc5;
  for (const octet of portIdentity) {
    hash = Math.imul(hash ^ octet, 0x01000193);
  }
  return (hash >>> 0) * 0x10000 + sequence;
}

/** Section 13.5. */
function readAnnounce(reader: Reader, fields: DraftFields): void {
  reader.skip(10);
  fields.utcOffset = reader.i16be();
  reader.skip(1);
  fields.priority1 = reader.u8();
  fields.clockClass = reader.u8();
  fields.clockAccuracy = reader.u8();
  reader.skip(2);
  fields.priority2 = reader.u8();
  fields.grandmaster = hexText(reader.take(8));
  fields.stepsRemoved = reader.u16be();
  fields.timeSource = reader.u8();
}

/** Section 15.4. An answer names the port that asked as its target. */
function readManagement(reader: Reader, reading: Draft, fields: DraftFields, portIdentity: Uint8Array): void {
  const target = reader.take(PORT_IDENTITY);
  reader.skip(2);
  const action = reader.u8() & 15;
  reader.skip(1);
  reading.operation = managementOf(action);
  const answers = action === RESPONSE || action === ACKNOWLEDGE;
  reading.direction = answers ? 'response' : 'request';
  reading.pair = pairOf(answers ? target : portIdentity, fields.sequence);
  if (reader.remaining < 6) {
    return;
  }
  const type = reader.u16be();
  const length = reader.u16be();
  reader.expect(length);
  if (type === TLV_MANAGEMENT) {
    fields.managementId = reader.u16be();
    if (!answers) {
      reading.like = fields.managementId;
    } else if (fields.managementId === CLOCK_DESCRIPTION) {
      fields.description = readDescription(reader);
    }
  } else if (type === TLV_MANAGEMENT_ERROR) {
    const error = reader.u16be();
    fields.managementId = reader.u16be();
    reading.refused = MANAGEMENT_ERRORS[error] || `error ${error}`;
  }
}

function managementOf(action: number): Operation {
  switch (action) {
    case GET:
      return OPERATIONS.managementGet;
    case SET:
      return OPERATIONS.managementSet;
    case COMMAND:
    case ACKNOWLEDGE:
      return OPERATIONS.managementCommand;
    default:
      return OPERATIONS.managementUnknown;
  }
}

/** Section 15.5.3.1.2. */
function readDescription(reader: Reader): ClockDescription {
  reader.skip(2);
  reader.skip(reader.u8()); // physical layer
  reader.skip(reader.u16be());
  reader.skip(2);
  reader.skip(reader.u16be()); // protocol address
  reader.skip(4);
  const product = reader.text(reader.u8());
  const revision = reader.text(reader.u8());
  return { product, revision, name: reader.text(reader.u8()).trim() };
}

function readVersion1(reader: Reader): Reading<Fields> | Malformed {
  reader.skip(2);
  const subdomain = reader.text(V1_SUBDOMAIN);
  reader.skip(2);
  const clockIdentity = hexText(reader.take(6));
  const port = reader.u16be();
  const sequence = reader.u16be();
  const control = reader.u8();
  reader.skip(1);
  const flags = reader.u16be();
  reader.skip(4);
  const messageType = V1_TYPES[control];
  const type = messageType === undefined ? undefined : TYPES[messageType];
  if (messageType === undefined || type === undefined) {
    return reader.truncated
      ? { direction: 'report', operation: OPERATIONS.sync, fields: EMPTY }
      : new Malformed(`control ${control}`);
  }
  reader.expect((V1_LENGTHS[control] ?? V1_HEADER) - V1_HEADER);
  const fields: DraftFields = { version: VERSION_1, messageType, subdomain, sequence, clockIdentity, port, flags };
  if (messageType === SYNC || messageType === DELAY_REQUEST) {
    reader.skip(10); // origin time, epoch
    fields.utcOffset = reader.i16be();
    reader.skip(2);
    fields.grandmaster = hexText(reader.take(6));
  }
  return { direction: 'report', operation: type[0], fields };
}

/** The time of a clock is told once after each announcement, which says how far its scale is from UTC. */
function observeTime({ domain = 0, time = 0 }: Fields, context: Context): readonly Observation[] {
  const ahead = context.recall(domain);
  if (typeof ahead !== 'number') {
    return NOTHING;
  }
  context.remember(domain, true);
  return [{ kind: 'clock', stated: time - ahead * 1e6, source: `PTP domain ${domain}` }];
}

function observeAnnounce(fields: Fields, context: Context): readonly Observation[] {
  const { domain = 0, flags, utcOffset = 0, clockIdentity, grandmaster = '', stepsRemoved, clockClass = 0 } = fields;
  // Without this flag the scale is the clock's own, and its distance from UTC unknown.
  if ((flags & PTP_TIMESCALE) !== 0) {
    context.remember(domain, utcOffset);
  }
  const key = `grandmaster ${domain}`;
  if (stepsRemoved !== 0 || grandmaster !== clockIdentity || context.recall(key) === grandmaster) {
    return NOTHING;
  }
  context.remember(key, grandmaster);
  const basis = REFERENCED.has(clockClass) ? 'behaviour' : 'hint';
  const reason = `grandmaster of PTP domain ${domain}, clock class ${clockClass}`;
  return [{ kind: 'role', subject: 'sender', role: 'clock', reason, basis }];
}

/** `maker;model;serial` and `hardware;firmware;software` (section 15.5.3.1.2). */
function identityOf({ product, revision, name }: ClockDescription): Observation {
  const [vendor, model, serial] = product.split(';', 3).map((part) => part.trim());
  const [hardware, firmware] = revision.split(';', 3).map((part) => part.trim());
  const identity = known({ vendor, product: model, serial, hardware, firmware, name });
  return { kind: 'identity', subject: 'sender', basis: 'identification', ...identity };
}
