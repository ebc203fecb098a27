import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  Malformed,
  NOTHING,
  type Operation,
  type PairKey,
  type Reading,
} from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { type CipIdentity, readIdentity, readIdentityAttribute } from '../../stack/cip-identity.ts';
import { readForwardOpen, readForwardOpenAnswer } from './connection.ts';
import type { Fields } from './fields.ts';
import { observeAnswer } from './observations.ts';
import { type Path, readPath } from './path.ts';
import {
  CONNECTION_MANAGER,
  EXECUTE_PCCC,
  FORWARD_CLOSE,
  FORWARD_OPEN,
  GENERAL_STATUS,
  GET_ATTRIBUTE_LIST,
  GET_ATTRIBUTE_SINGLE,
  GET_ATTRIBUTES_ALL,
  IDENTITY,
  LARGE_FORWARD_OPEN,
  MULTIPLE_SERVICES,
  OPERATIONS,
  operationOf,
  PCCC,
  UNCONNECTED_SEND,
  WALL_CLOCK,
} from './services.ts';

type Service = Mutable<Reading<Fields>>;

const RESPONSE_BIT = 0x80;
const PARTIAL_TRANSFER = 0x06;
const EMBEDDED_SERVICE_ERROR = 0x1e;
/** Envelopes within envelopes: no honest sender goes beyond two. */
const DEEPEST = 4;
const MOST_SERVICES = 1024;
/** Embedded services that are paired one by one; the engine holds only so many open questions. */
const MOST_PAIRED = 40;

export const cip = defineDissector<Fields>({
  name: 'cip',
  title: 'Common Industrial Protocol',
  source: 'CIP Networks Library volume 1; Rockwell 1756-PM020 (Logix 5000 Data Access)',
  at: [{ within: 'enip' }],
  operations: OPERATIONS,
  whole: false,
  fields: {
    serviceCode: 'Service, without the response bit',
    generalStatus: '0, or why the service was not carried out, in a response only',
    extendedStatus: 'First word of the additional status',
    classId: 'Class of the object that is asked; in a response, that was asked',
    instance: 'Instance of that class; 0 is the class itself',
    attribute: 'Attribute of that instance',
    member: 'First member or index of the path',
    connectionPoint: 'First connection point of a connection path',
    tag: 'Symbolic name of what is asked',
    route: 'Ports and links through which the message goes on; 1/N is slot N of the backplane',
    safety: 'The connection is a safety connection',
    services: 'How many services a multiple service packet holds',
    connection: 'What the parties to a connection agree on, in a forward open, a forward close and their responses',
    identity: 'What the device or module says it is, in a response only',
    clock: 'Time of the device in microseconds since 1970, in a response only',
  },

  recognise(reader) {
    const code = reader.peek();
    if (reader.remaining < 2) {
      return 'no';
    }
    if (code & RESPONSE_BIT) {
      return reader.remaining >= 4 && reader.peek(1) === 0 ? 'weak' : 'no';
    }
    return code !== 0 && 2 + reader.peek(1) * 2 <= reader.remaining ? 'weak' : 'no';
  },

  read(reader, context) {
    const service = readService(reader, context, placeOf(context));
    if (!isEnvelope(service)) {
      return service;
    }
    const readings = [service];
    return addEmbedded(reader, context, { service, readings, depth: 1 }) ?? readings;
  },

  observe(reading, context) {
    return reading.direction === 'response' ? observeAnswer(reading, context) : NOTHING;
  },
});

/** What the envelope says about a service: the key it is paired by, and the way it goes on from the device. */
interface Place {
  readonly pair: PairKey | undefined;
  readonly route: string | undefined;
}

interface EnvelopeFields {
  readonly connectionId?: number;
  readonly sequence?: number;
}

/**
 * Outside a connection the sender context pairs, in one the sequence count. The two directions of a connection have ids of
 * their own: what a forward open taught ties them together. Without it the sequence count has to do.
 */
function placeOf(context: Context): Place {
  const { parent } = context;
  const { connectionId, sequence } = (parent?.fields ?? NO_FIELDS) as EnvelopeFields;
  if (connectionId === undefined || sequence === undefined) {
    const pair = parent?.pair;
    // Negative, so that a sender context is never taken for a sequence count.
    return { pair: typeof pair === 'number' ? -1 - pair : pair, route: undefined };
  }
  const asked = parent?.direction === 'response' ? context.recall(-1 - connectionId) : connectionId;
  const route = typeof asked === 'number' ? context.recall(asked) : undefined;
  if (typeof asked !== 'number' || typeof route !== 'string') {
    return { pair: sequence, route: undefined };
  }
  return { pair: asked * 0x1_0000 + sequence, route: route || undefined };
}

const NO_FIELDS: EnvelopeFields = {};

function readService(reader: Reader, context: Context, place: Place): Service {
  const code = reader.u8();
  return code & RESPONSE_BIT
    ? readResponse(reader, code & ~RESPONSE_BIT, context, place)
    : readRequest(reader, code, place);
}

function readRequest(reader: Reader, serviceCode: number, place: Place): Service {
  const fields: Fields = { serviceCode };
  readPath(reader, reader.u8(), fields);
  if (place.route !== undefined) {
    fields.route = place.route;
  }
  const operation = operationOf(serviceCode, fields.classId, fields.tag !== undefined);
  const service: Service = { direction: 'request', operation, proves: true, like: likeOf(fields), fields };
  setPlace(service, place.pair, fields.route);
  if (fields.classId === CONNECTION_MANAGER) {
    readConnectionRequest(reader, serviceCode, service);
  } else if (fields.classId === PCCC && serviceCode === EXECUTE_PCCC) {
    service.carries = [{ bytes: reader.rest(), key: PCCC }];
  }
  return service;
}

function setPlace(service: Service, pair: PairKey | undefined, route: string | undefined): void {
  if (pair !== undefined) {
    service.pair = pair;
  }
  if (route !== undefined) {
    service.target = route.startsWith('1/') && !route.includes(',') ? `slot ${route.slice(2)}` : `route ${route}`;
  }
}

function likeOf({ tag, classId = 0, instance = 0, attribute = 0 }: Fields): number | string {
  return tag ?? classId * 0x10_0000_0000 + (instance & 0xfff_ffff) * 0x100 + (attribute & 0xff);
}

function readConnectionRequest(reader: Reader, serviceCode: number, service: Service): void {
  const { fields } = service;
  if (serviceCode === FORWARD_OPEN || serviceCode === LARGE_FORWARD_OPEN) {
    const path: Path = {};
    fields.connection = readForwardOpen(reader, serviceCode === LARGE_FORWARD_OPEN, path);
    if (path.route !== undefined) {
      fields.route = path.route;
      setPlace(service, service.pair, path.route);
    }
    if (path.connectionPoint !== undefined) {
      fields.connectionPoint = path.connectionPoint;
    }
    if (path.safety) {
      fields.safety = true;
    }
  } else if (serviceCode === FORWARD_CLOSE) {
    reader.skip(2);
    fields.connection = { serial: reader.u16le(), vendorId: reader.u16le(), originator: reader.u32le() };
    const words = reader.u8();
    reader.skip(1);
    readPath(reader, words, {});
  }
}

function readResponse(reader: Reader, serviceCode: number, context: Context, place: Place): Service {
  reader.skip(1);
  const generalStatus = reader.u8();
  const words = reader.u8();
  const fields: Fields = { serviceCode, generalStatus };
  if (words > 0) {
    reader.expect(words * 2);
    fields.extendedStatus = reader.u16le();
    reader.skip(words * 2 - 2);
  }
  const question = place.pair === undefined ? undefined : context.question(place.pair);
  const operation = operationOfAnswer(question, fields, place);
  const service: Service = { direction: 'response', operation, fields };
  setPlace(service, place.pair, fields.route);
  if (generalStatus === 0 || generalStatus === PARTIAL_TRANSFER) {
    readAnswerData(reader, service, context);
  } else if (generalStatus !== EMBEDDED_SERVICE_ERROR) {
    service.refused = GENERAL_STATUS.get(generalStatus) ?? `general status ${generalStatus}`;
  }
  return service;
}

/** An answer does not repeat what was asked: the question tells, if it was seen and fits. */
function operationOfAnswer(question: Reading | undefined, fields: Fields, place: Place): Operation {
  const asked = question?.fields as Fields | undefined;
  const { serviceCode } = fields;
  // A router on the way refuses in its own name what it could not deliver.
  if (!question || !asked || (asked.serviceCode !== serviceCode && serviceCode !== UNCONNECTED_SEND)) {
    if (place.route !== undefined) {
      fields.route = place.route;
    }
    return operationOf(serviceCode, guessedClass(serviceCode), false);
  }
  if (asked.classId !== undefined) {
    fields.classId = asked.classId;
  }
  if (asked.instance !== undefined) {
    fields.instance = asked.instance;
  }
  if (asked.attribute !== undefined) {
    fields.attribute = asked.attribute;
  }
  if (asked.tag !== undefined) {
    fields.tag = asked.tag;
  }
  if (asked.route !== undefined) {
    fields.route = asked.route;
  }
  if (asked.safety) {
    fields.safety = true;
  }
  if (asked.connection !== undefined) {
    fields.connection = asked.connection;
  }
  return question.operation;
}

/** Codes that only the connection manager uses. */
function guessedClass(serviceCode: number): number | undefined {
  return serviceCode === FORWARD_OPEN || serviceCode === LARGE_FORWARD_OPEN ? CONNECTION_MANAGER : undefined;
}

function readAnswerData(reader: Reader, service: Service, context: Context): void {
  const { fields } = service;
  const { serviceCode, classId } = fields;
  if (service.operation === OPERATIONS.forwardOpen || service.operation === OPERATIONS.largeForwardOpen) {
    fields.connection = readForwardOpenAnswer(reader, fields.connection);
    const { otId = 0, toId = 0 } = fields.connection;
    if (!reader.truncated) {
      context.remember(otId, fields.route ?? '');
      context.remember(-1 - toId, otId);
    }
  } else if (classId === IDENTITY && fields.instance !== 0) {
    readIdentityAnswer(reader, fields);
  } else if (classId === WALL_CLOCK && serviceCode === GET_ATTRIBUTE_LIST) {
    readClock(reader, fields);
  } else if (serviceCode === EXECUTE_PCCC && (classId === PCCC || (classId === undefined && isPcccAnswer(reader)))) {
    service.carries = [{ bytes: reader.rest(), key: PCCC }];
  }
}

function readIdentityAnswer(reader: Reader, fields: Fields): void {
  const { serviceCode, attribute = 0 } = fields;
  if (serviceCode === GET_ATTRIBUTES_ALL) {
    fields.identity = readIdentity(reader);
    return;
  }
  const identity: CipIdentity = {};
  if (serviceCode === GET_ATTRIBUTE_SINGLE) {
    readIdentityAttribute(reader, attribute, identity);
  } else if (serviceCode === GET_ATTRIBUTE_LIST) {
    readIdentityList(reader, identity);
  }
  if (Object.keys(identity).length > 0) {
    fields.identity = identity;
  }
}

/** Appendix: number, status and value of each attribute. A value of unknown length ends what can be read. */
function readIdentityList(reader: Reader, identity: CipIdentity): void {
  let readable = true;
  for (let left = reader.u16le(); left > 0 && readable && !reader.truncated && reader.step(); left--) {
    const attribute = reader.u16le();
    const status = reader.u16le();
    readable = status !== 0 || readIdentityAttribute(reader, attribute, identity);
  }
}

/** WallClockTime (Rockwell 1756-RM003): the time that can be set, and the time in UTC. */
const CLOCK_ATTRIBUTES: ReadonlySet<number> = new Set([6, 11]);

function readClock(reader: Reader, fields: Fields): void {
  const count = reader.u16le();
  if (count > 0 && CLOCK_ATTRIBUTES.has(reader.u16le()) && reader.u16le() === 0) {
    fields.clock = Number(reader.u64le());
  }
}

/** Length of the requester id, and the response bit of the PCCC command behind it. */
function isPcccAnswer(reader: Reader): boolean {
  return reader.remaining >= 11 && reader.peek() === 7 && (reader.peek(7) & 0x40) !== 0;
}

/** A service that holds others; the readings so far end with it, and what it holds comes behind it. */
interface Envelope {
  readonly service: Service;
  readonly readings: Service[];
  readonly depth: number;
}

function isEnvelope({ operation, fields }: Service): boolean {
  return fields.serviceCode === MULTIPLE_SERVICES || operation === OPERATIONS.unconnectedSend;
}

function addEmbedded(reader: Reader, context: Context, envelope: Envelope): Malformed | undefined {
  const { direction, fields } = envelope.service;
  if (envelope.depth > DEEPEST) {
    return new Malformed('envelopes nested too deep');
  }
  if (fields.serviceCode === MULTIPLE_SERVICES) {
    const answered = fields.generalStatus === 0 || fields.generalStatus === EMBEDDED_SERVICE_ERROR;
    return direction === 'request' || answered ? addServices(reader, context, envelope) : undefined;
  }
  return direction === 'request' ? addUnconnected(reader, context, envelope) : undefined;
}

/** Appendix: a count, then for each service its distance from the count. */
function addServices(reader: Reader, context: Context, envelope: Envelope): Malformed | undefined {
  const { pair, fields } = envelope.service;
  const start = reader.position;
  const count = reader.u16le();
  if (count > MOST_SERVICES) {
    return new Malformed(`${count} services in one message`);
  }
  fields.services = count;
  reader.expect(count * 2);
  for (let index = 0; index < count && !reader.truncated; index++) {
    reader.seek(start + 2 + index * 2);
    const from = reader.u16le();
    const to = index === count - 1 ? reader.length - start : reader.u16le();
    if (from < 2 + count * 2 || to < from) {
      return new Malformed('offset of an embedded service out of order');
    }
    reader.seek(start + from);
    const key = pair === undefined || index >= MOST_PAIRED ? undefined : `${pair}/${index}`;
    reader.expect(to - from);
    const part = reader.sub(to - from);
    const malformed = addOne(part, context, envelope, { pair: key, route: fields.route });
    reader.truncated ||= part.truncated;
    if (malformed) {
      return malformed;
    }
  }
  return undefined;
}

/** Section 3-5.5.4: the message, padded, then the route it takes. Its answer comes back bare: it has the envelope's key. */
function addUnconnected(reader: Reader, context: Context, envelope: Envelope): Malformed | undefined {
  const { service } = envelope;
  reader.skip(2); // priority, time-out
  const length = reader.u16le();
  const start = reader.position;
  reader.skip(length + (length & 1));
  const words = reader.u8();
  reader.skip(1);
  const path: Path = {};
  readPath(reader, words, path);
  if (reader.truncated) {
    return undefined;
  }
  const { pair } = service;
  delete service.pair;
  if (path.route !== undefined) {
    service.fields.route = path.route;
    setPlace(service, undefined, path.route);
  }
  reader.seek(start);
  const part = reader.sub(length);
  const malformed = addOne(part, context, envelope, { pair, route: path.route });
  reader.truncated ||= part.truncated;
  return malformed;
}

function addOne(part: Reader, context: Context, { readings, depth }: Envelope, place: Place): Malformed | undefined {
  const service = readService(part, context, place);
  readings.push(service);
  const malformed = isEnvelope(service)
    ? addEmbedded(part, context, { service, readings, depth: depth + 1 })
    : undefined;
  return malformed;
}
