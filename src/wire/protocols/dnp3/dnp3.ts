import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  type Direction,
  defineDissector,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type PairKey,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import { Reader } from '../../reader.ts';
import { sideOf } from '../../stack/side.ts';
import {
  AUTHENTICATION_RESPONSE,
  CONFIRM,
  isAnswered,
  OPERATIONS,
  operationOf,
  RESPONSE,
  refusalOf,
  UNSOLICITED,
} from './functions.ts';
import { COUNTED_HEADER, checks, frameLength, HEADER, userData } from './link.ts';
import { type Attribute, type ObjectHeader, readObjects } from './objects.ts';

interface Fields {
  readonly functionCode: number | null;
  readonly sourceAddress: number;
  readonly destinationAddress: number;
  readonly sequence?: number;
  readonly linkFunction?: number;
  readonly iin?: number;
  readonly objects?: readonly ObjectHeader[];
  readonly attributes?: readonly Attribute[];
}

type Message = Mutable<Reading<Fields>>;

const START = 0x05;
const SECOND = 0x64;
/** Header without check octets. Joined segments have it in front, with the start octets exchanged: no frame can. */
const BARE_HEADER = 8;

/** Clause 9.2.4.1: the control octet. */
const FROM_MASTER = 0x80;
const FROM_PRIMARY = 0x40;
const LINK_FUNCTION = 0x0f;
const CONFIRMED_DATA = 3;
const UNCONFIRMED_DATA = 4;
const NOT_SUPPORTED = 15;

/** Clause 8.2: the transport octet. */
const FINAL = 0x80;
const FIRST = 0x40;
const TRANSPORT_SEQUENCE = 0x3f;

const APPLICATION_SEQUENCE = 0x0f;
/** Sequence numbers of unsolicited responses and their confirmations count for themselves. */
const UNSOLICITED_BIT = 0x10;

export const dnp3 = defineDissector<Fields>({
  name: 'dnp3',
  title: 'DNP3',
  source: 'IEEE 1815-2012',
  at: [{ tcp: 20_000 }, { udp: 20_000 }],
  operations: OPERATIONS,
  fields: {
    functionCode: 'Application function; null in a frame of the link layer alone',
    sourceAddress: 'Link address of the sender',
    destinationAddress: 'Link address of the receiver',
    sequence: 'Application sequence number, which an answer repeats',
    linkFunction: 'Function of the link layer, in a frame without user data',
    iin: 'Internal indications of the outstation, first octet high',
    objects: 'Group, variation and number of the objects named; at most 64',
    attributes: 'Texts of device attributes (group 0)',
  },

  cut(reader) {
    const { remaining } = reader;
    const isForeign =
      (remaining > 0 && reader.peek(0) !== START) ||
      (remaining > 1 && reader.peek(1) !== SECOND) ||
      (remaining > 2 && reader.peek(2) < COUNTED_HEADER) ||
      (remaining >= HEADER && !checks(reader, 0, BARE_HEADER));
    if (isForeign) {
      return NOT_MINE;
    }
    return remaining < HEADER ? MORE : frameLength(reader.peek(2));
  },

  part(reader, context) {
    const transport = reader.peek(HEADER);
    if (!hasUserData(reader) || (transport & (FIRST | FINAL)) === (FIRST | FINAL)) {
      return undefined;
    }
    const data = reader.length < frameLength(reader.peek(2)) ? undefined : userData(reader);
    if (!data) {
      return undefined;
    }
    const head = reader.take(BARE_HEADER).slice();
    head[0] = SECOND;
    head[1] = START;
    const key = addressesOf(head);
    const first = (transport & FIRST) !== 0;
    const abort = !follows(context, key, transport);
    return { key, head, body: data.subarray(1), first, last: (transport & FINAL) !== 0, abort };
  },

  recognise(reader) {
    return reader.remaining >= HEADER && startsFrame(reader) && checks(reader, 0, BARE_HEADER) ? 'strong' : 'no';
  },

  read(reader, context) {
    if (reader.peek(0) === SECOND && reader.peek(1) === START) {
      return readJoined(reader, context);
    }
    reader.expect(HEADER);
    if (reader.truncated) {
      return readLink(reader, context);
    }
    if (!startsFrame(reader)) {
      return new Malformed('no start of a link frame');
    }
    if (!checks(reader, 0, BARE_HEADER)) {
      return new Malformed('checksum of the link header is wrong');
    }
    reader.expect(frameLength(reader.peek(2)));
    if (reader.truncated || !hasUserData(reader)) {
      return readLink(reader, context);
    }
    return readFrame(reader, context);
  },

  observe(reading, context) {
    const { direction, fields } = reading;
    if (direction === 'request' || fields.iin === undefined) {
      return NOTHING;
    }
    const isNew = context.recall(fields.sourceAddress) === undefined;
    if (!isNew && !fields.attributes) {
      return NOTHING;
    }
    return observeOutstation(fields, context, isNew);
  },
});

function startsFrame(reader: Reader): boolean {
  return reader.peek(0) === START && reader.peek(1) === SECOND && reader.peek(2) >= COUNTED_HEADER;
}

function hasUserData(reader: Reader): boolean {
  const control = reader.peek(3);
  const code = control & LINK_FUNCTION;
  const isData = (control & FROM_PRIMARY) !== 0 && (code === CONFIRMED_DATA || code === UNCONFIRMED_DATA);
  return isData && reader.peek(2) > COUNTED_HEADER;
}

/** Both addresses as one number, which stays the same whoever sends it only within one direction. */
function addressesOf(head: Uint8Array): number {
  const at = (index: number): number => head[index] ?? 0;
  return ((at(4) | (at(5) << 8)) * 65_536 + (at(6) | (at(7) << 8))) * 2;
}

/** Clause 8.2.3: a segment belongs to the one before it only where its sequence number is the next. */
function follows(context: Context, key: number, transport: number): boolean {
  const memory = `segment ${sideOf(context)} ${key}`;
  const sequence = transport & TRANSPORT_SEQUENCE;
  const fits = (transport & FIRST) !== 0 || context.recall(memory) === sequence;
  context.remember(memory, fits ? (sequence + 1) & TRANSPORT_SEQUENCE : false);
  return fits;
}

function readFrame(reader: Reader, context: Context): Reading<Fields> | Malformed {
  const data = userData(reader);
  if (!data) {
    return new Malformed('checksum of a data block is wrong');
  }
  const transport = data[0] ?? 0;
  if ((transport & FIRST) === 0 || (transport & FINAL) === 0) {
    return readSegment(reader);
  }
  const header = readAddresses(reader);
  const application = Reader.of(data.subarray(1));
  const reading = readApplication(application, header, context);
  reader.rest();
  reader.truncated ||= application.truncated;
  reader.exhausted ||= application.exhausted;
  return reading;
}

function readJoined(reader: Reader, context: Context): Reading<Fields> {
  const header = readAddresses(reader);
  return readApplication(reader, header, context);
}

interface Header {
  readonly control: number;
  readonly destinationAddress: number;
  readonly sourceAddress: number;
}

function readAddresses(reader: Reader): Header {
  reader.skip(3);
  const control = reader.u8();
  const destinationAddress = reader.u16le();
  const sourceAddress = reader.u16le();
  return { control, destinationAddress, sourceAddress };
}

/** A part of a message alone, as a reader without memory sees it. */
function readSegment(reader: Reader): Reading<Fields> {
  const { sourceAddress, destinationAddress } = readAddresses(reader);
  const fields: Fields = { functionCode: null, sourceAddress, destinationAddress };
  return { direction: 'report', operation: OPERATIONS.segment, fields };
}

function readLink(reader: Reader, context: Context): Reading<Fields> {
  const { control, destinationAddress, sourceAddress } = readAddresses(reader);
  const linkFunction = control & LINK_FUNCTION;
  const fields: Fields = { functionCode: null, sourceAddress, destinationAddress, linkFunction };
  const operation = OPERATIONS.link;
  const isPrimary = (control & FROM_PRIMARY) !== 0;
  const [asker, asked] = isPrimary ? [sourceAddress, destinationAddress] : [destinationAddress, sourceAddress];
  const pair = -1 - (asker * 65_536 + asked);
  // Either station may ask; only where the master does is it also the client.
  const proves = ((control & FROM_MASTER) !== 0) === isPrimary;
  if (isPrimary) {
    const isData = linkFunction === CONFIRMED_DATA || linkFunction === UNCONFIRMED_DATA;
    return isData
      ? { direction: 'request', operation, proves, fields }
      : { direction: 'request', operation, proves, pair, like: linkFunction, fields };
  }
  // An acknowledgement of user data answers no question of the link layer.
  if (context.question(pair) === undefined) {
    return { direction: 'report', operation, fields };
  }
  return linkFunction === 1 || linkFunction === NOT_SUPPORTED
    ? { direction: 'response', operation, proves, pair, refused: 'not supported by the link layer', fields }
    : { direction: 'response', operation, proves, pair, fields };
}

function readApplication(reader: Reader, header: Header, context: Context): Reading<Fields> {
  const { control, sourceAddress, destinationAddress } = header;
  const applicationControl = reader.u8();
  const functionCode = reader.u8();
  const sequence = applicationControl & APPLICATION_SEQUENCE;
  const isAnswer = functionCode >= RESPONSE && functionCode <= AUTHENTICATION_RESPONSE;
  const iin = isAnswer ? reader.u16be() : undefined;
  const objects = readObjects(reader, functionCode);
  const direction = directionOf(functionCode, control);
  const pair = pairOf(header, direction, applicationControl);
  const first = objects.headers[0];
  const operation = operationOf(functionCode, first?.group);
  const fields: Fields = {
    functionCode,
    sourceAddress,
    destinationAddress,
    sequence,
    ...(iin === undefined ? {} : { iin }),
    ...(first ? { objects: objects.headers } : {}),
    ...(objects.attributes.length > 0 ? { attributes: objects.attributes } : {}),
  };
  const fromMaster = (control & FROM_MASTER) !== 0;
  const reading: Message = {
    direction,
    operation,
    proves: fromMaster === (direction === 'request') && functionCode !== CONFIRM,
    fields,
  };
  if (direction === 'response') {
    reading.pair = pair;
    reading.operation = askedFor(context, pair, operation);
    const refused = refusalOf(iin ?? 0, objects.status);
    if (refused !== undefined) {
      reading.refused = refused;
    }
  } else if (direction === 'request' && isAnswered(functionCode)) {
    reading.pair = pair;
    reading.like = functionCode * 65_536 + (first ? (first.group << 8) | first.variation : 0);
  }
  return reading;
}

function directionOf(functionCode: number, control: number): Direction {
  if (functionCode === UNSOLICITED) {
    return 'report';
  }
  if (functionCode === RESPONSE || functionCode === AUTHENTICATION_RESPONSE) {
    return 'response';
  }
  return functionCode < RESPONSE || (control & FROM_MASTER) !== 0 ? 'request' : 'report';
}

function pairOf(header: Header, direction: Direction, applicationControl: number): number {
  const [master, outstation] =
    direction === 'request'
      ? [header.sourceAddress, header.destinationAddress]
      : [header.destinationAddress, header.sourceAddress];
  return (master * 65_536 + outstation) * 32 + (applicationControl & (APPLICATION_SEQUENCE | UNSOLICITED_BIT));
}

function askedFor(context: Context, pair: PairKey, otherwise: Operation): Operation {
  return context.question(pair)?.operation ?? otherwise;
}

/** Variations of group 0 that say what the device is (clause 11, device attributes). */
const SOFTWARE = 242;
const HARDWARE = 243;
const NAME = 247;
const SERIAL = 248;
const PRODUCT = 250;
const VENDOR = 252;

/** The outstation heard first in a conversation is the device itself; further ones are behind it. */
const OWN = 'own outstation';

function observeOutstation(fields: Fields, context: Context, isNew: boolean): readonly Observation[] {
  const { sourceAddress, attributes } = fields;
  context.remember(sourceAddress, true);
  const own = context.recall(OWN) ?? sourceAddress;
  if (isNew && own === sourceAddress) {
    context.remember(OWN, sourceAddress);
  }
  const identity = attributes ? identityOf(attributes) : {};
  const basis = 'identification';
  const observations: Observation[] = [];
  if (own !== sourceAddress) {
    const device = `dnp3 ${sourceAddress}`;
    observations.push({ kind: 'behind', subject: 'sender', device, basis, ...identity });
  } else if (Object.keys(identity).length > 0) {
    observations.push({ kind: 'identity', subject: 'sender', basis, ...identity });
  }
  if (isNew && own === sourceAddress) {
    const reason = 'answers as a DNP3 outstation';
    observations.push({ kind: 'role', subject: 'sender', role: 'rtu', reason, basis: 'behaviour' });
  }
  return observations;
}

function identityOf(attributes: readonly Attribute[]): ReturnType<typeof known> {
  const text = (variation: number): string | undefined =>
    attributes.find((attribute) => attribute.variation === variation)?.text.trim();
  return known({
    vendor: text(VENDOR),
    product: text(PRODUCT),
    serial: text(SERIAL),
    firmware: text(SOFTWARE),
    hardware: text(HARDWARE),
    name: text(NAME),
  });
}
