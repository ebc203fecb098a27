import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  type Direction,
  defineDissector,
  Malformed,
  NOTHING,
  type Operation,
  type PairKey,
  type Part,
  type Reading,
} from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { sideOf } from '../../stack/side.ts';
import { FIELDS, type Fields } from './fields.ts';
import {
  enterMstp,
  isLink,
  LINK_HEADER,
  LINK_IPV6,
  linkFits,
  linkLength,
  mstpFits,
  npduFits,
  npduOffset,
  Route,
  readNetworkMessage,
  readNpdu,
  readOriginator,
} from './network.ts';
import { observations } from './observe.ts';
import { abortText, errorText, rejectText } from './reasons.ts';
import { confirmed, OPERATIONS, ofLink, ofNetwork, unconfirmed } from './services.ts';
import {
  readAnyObject,
  readControl,
  readFirstOfList,
  readIAm,
  readIHave,
  readMonitored,
  readOneProperty,
  readSeveralProperties,
} from './services-data.ts';
import { ABSENT, applicationNumber, opens, skipConstructed } from './tags.ts';

/** Clause 20.1: type of the APDU in the high four bits. */
const CONFIRMED = 0;
const UNCONFIRMED = 1;
const SIMPLE_ACK = 2;
const COMPLEX_ACK = 3;
const SEGMENT_ACK = 4;
const ERROR = 5;
const REJECT = 6;
const ABORT = 7;
const SEGMENTED = 0x08;
const MORE_FOLLOWS = 0x04;
/** Of an abort: it comes from the one who answers. */
const FROM_SERVER = 0x01;
const ENUMERATED = 9;
/** Above every key of an invoke id. */
const LINK_PAIR = 2 ** 50;
const ROUTER_PAIR = 2 ** 50 + 1;
const SEGMENTS_MEMORY = 2 ** 40;

/** Wireshark's organisation code and type of Cimetrics frames: MS/TP seen by a bridge. */
const CIMETRICS_MSTP = 0x001090_0001;

type Message = Mutable<Reading<Fields>>;

export const bacnet = defineDissector<Fields>({
  name: 'bacnet',
  title: 'BACnet',
  source: 'ANSI/ASHRAE 135-2020, clauses 5, 6, 13 to 21, annexes J and U',
  at: [{ udp: 47_808 }, { llc: 0x82 }, { snap: CIMETRICS_MSTP }],
  operations: OPERATIONS,
  fields: FIELDS,

  recognise(reader, context) {
    if (context.transport !== 'udp') {
      return npduFits(reader) || mstpFits(reader) ? 'weak' : 'no';
    }
    if (!linkFits(reader) || linkLength(reader) < LINK_HEADER) {
      return 'no';
    }
    const holdsNpdu = npduOffset(reader.peek() === LINK_IPV6, reader.peek(1)) > 0;
    return holdsNpdu && linkLength(reader) === reader.remaining ? 'strong' : 'weak';
  },

  part(reader, context) {
    const fields: Fields = { pduType: null };
    const from = enter(reader, fields);
    if (from === undefined || !readNpdu(reader, fields, ROUTE) || ROUTE.networkMessage) {
      return undefined;
    }
    const kind = reader.peek() >> 4;
    return (kind === CONFIRMED || kind === COMPLEX_ACK) && reader.peek() & SEGMENTED
      ? segment(reader, kind, from, context)
      : undefined;
  },

  read(reader, context) {
    const fields: Fields = { pduType: null };
    const message: Message = { direction: 'report', operation: OPERATIONS.unknown, fields };
    if (!isLink(reader.peek())) {
      return readNetworkLayer(reader, message, context) ?? message;
    }
    const length = linkLength(reader);
    const missing = length - reader.remaining;
    if (reader.remaining >= LINK_HEADER && (!linkFits(reader) || length < LINK_HEADER)) {
      return new Malformed('not a function of the link layer');
    }
    fields.linkFunction = reader.peek(1);
    reader.limit(missing > 0 ? reader.remaining : Math.max(length, LINK_HEADER));
    if (npduOffset(reader.peek() === LINK_IPV6, fields.linkFunction) === 0) {
      readLink(reader, message, context);
    } else {
      const malformed = readNetworkLayer(reader, message, context);
      if (malformed) {
        return malformed;
      }
    }
    if (missing > 0 && !(endsItself(fields) && reader.remaining === 0)) {
      reader.expect(reader.remaining + 1);
    }
    return message;
  },

  observe(reading, context) {
    return reading.direction === 'request' && !reading.fields.password ? NOTHING : observations(reading, context);
  },
});

function readNetworkLayer(reader: Reader, message: Message, context: Context): Malformed | undefined {
  const { fields } = message;
  if (enter(reader, fields) === undefined) {
    message.operation = OPERATIONS.token;
    return undefined;
  }
  if (!readNpdu(reader, fields, ROUTE)) {
    return new Malformed('not a network layer header');
  }
  if (ROUTE.networkMessage) {
    readNetwork(reader, message);
  } else {
    readApdu(reader, message, context);
  }
  if (fields.destination !== undefined && message.direction === 'request') {
    message.target = fields.destination;
  }
  return undefined;
}

/** Filled anew by every message, read before the next. */
const ROUTE = new Route();

/** Moves to the NPDU and says where it starts; undefined where there is none. */
function enter(reader: Reader, fields: Fields): number | undefined {
  const first = reader.peek();
  if (isLink(first)) {
    const code = reader.peek(1);
    const offset = npduOffset(first === LINK_IPV6, code);
    if (offset === 0) {
      return undefined;
    }
    reader.skip(LINK_HEADER);
    readOriginator(reader, first === LINK_IPV6, code, fields);
    reader.seek(offset);
    return offset;
  }
  if (!npduFits(reader) && mstpFits(reader)) {
    return enterMstp(reader) ? reader.position : undefined;
  }
  return 0;
}

/** Clause 5.2.1. The whole is read as an APDU that was never segmented, straight behind its NPDU header. */
function segment(reader: Reader, kind: number, from: number, context: Context): Part | undefined {
  const apdu = reader.position;
  const last = (reader.u8() & MORE_FOLLOWS) === 0;
  const sizes = kind === CONFIRMED ? reader.u8() : 0;
  const invokeId = reader.u8();
  const sequence = reader.u8();
  reader.skip(1); // window
  const service = reader.u8();
  const body = reader.rest();
  if (reader.truncated) {
    return undefined;
  }
  const key = (pairOf(kind === CONFIRMED, invokeId) * 2 + (kind === CONFIRMED ? 1 : 0)) * 2 + sideOf(context);
  const before = context.recall(SEGMENTS_MEMORY + (key % SEGMENTS_MEMORY));
  context.remember(SEGMENTS_MEMORY + (key % SEGMENTS_MEMORY), sequence);
  reader.seek(from);
  const header = reader.take(apdu - from);
  const head = kind === CONFIRMED ? [kind << 4, sizes, invokeId, service] : [kind << 4, invokeId, service];
  const again = sequence !== 0 && before === sequence;
  return {
    key,
    head: Uint8Array.from([...header, ...head]),
    body: again ? body.subarray(0, 0) : body,
    first: sequence === 0 && before !== 255,
    last,
  };
}

/** Clause 21: services whose error says more than class and code. */
const LONG_ERRORS: ReadonlySet<number> = new Set([8, 9, 10, 16, 18, 22, 30]);

/** APDUs of a fixed form are whole when it is filled: there are senders whose link layer states too great a length. */
function endsItself({ pduType, service = 0 }: Fields): boolean {
  switch (pduType) {
    case SIMPLE_ACK:
    case SEGMENT_ACK:
    case REJECT:
    case ABORT:
      return true;
    case ERROR:
      return !LONG_ERRORS.has(service);
    default:
      return false;
  }
}

const LINK_RESULT = 0;
/** Acknowledgements that hold a table. */
const BROADCAST_TABLE = 3;
const FOREIGN_DEVICES = 7;

function readLink(reader: Reader, message: Message, context: Context): void {
  const ipv6 = reader.peek() === LINK_IPV6;
  const code = reader.peek(1);
  reader.skip(LINK_HEADER);
  message.operation = ofLink(ipv6, code);
  message.direction = 'request';
  if (code === LINK_RESULT) {
    reader.skip(ipv6 ? 3 : 0); // virtual address
    const result = reader.u16be();
    message.direction = 'response';
    if (result !== 0) {
      message.refused = `result 0x${result.toString(16).padStart(4, '0')}`;
    }
  } else if (!ipv6 && (code === BROADCAST_TABLE || code === FOREIGN_DEVICES)) {
    message.direction = 'response';
  }
  if (message.operation === OPERATIONS.secureLink || message.operation === OPERATIONS.unknown) {
    return;
  }
  message.pair = LINK_PAIR;
  if (message.direction === 'response') {
    message.operation = context.question(LINK_PAIR)?.operation ?? message.operation;
  }
}

const NETWORK_QUESTIONS: ReadonlySet<number> = new Set([0x00, 0x06, 0x08, 0x09, 0x0c, 0x12]);

function readNetwork(reader: Reader, message: Message): void {
  const type = readNetworkMessage(reader, message.fields);
  message.operation = ofNetwork(type);
  message.direction = NETWORK_QUESTIONS.has(type) ? 'request' : 'report';
  if (type === 0x06 || type === 0x07) {
    message.direction = type === 0x06 ? 'request' : 'response';
    message.pair = ROUTER_PAIR;
  }
}

function readApdu(reader: Reader, message: Message, context: Context): void {
  const first = reader.u8();
  const { fields } = message;
  fields.pduType = first >> 4;
  switch (fields.pduType) {
    case CONFIRMED:
      readConfirmed(reader, message, first);
      return;
    case UNCONFIRMED:
      readUnconfirmed(reader, message);
      return;
    case SIMPLE_ACK:
    case COMPLEX_ACK:
      readAck(reader, message, first);
      return;
    case SEGMENT_ACK:
      fields.invokeId = reader.u8();
      reader.skip(2); // sequence, window
      message.operation = OPERATIONS.segmentAck;
      return;
    case ERROR:
      readError(reader, message);
      return;
    case REJECT:
    case ABORT:
      readRefusal(reader, message, first, context);
      return;
    default:
  }
}

/** Services by which a device reports on its own: they do not show who opened the conversation. */
const REPORTS: ReadonlySet<Operation> = new Set([
  OPERATIONS.covNotification,
  OPERATIONS.eventNotification,
  OPERATIONS.auditNotification,
  OPERATIONS.textMessage,
  OPERATIONS.privateTransfer,
  OPERATIONS.unknown,
]);

function readConfirmed(reader: Reader, message: Message, first: number): void {
  const { fields } = message;
  reader.skip(1); // sizes that are accepted
  const invokeId = reader.u8();
  if (first & SEGMENTED) {
    reader.skip(2); // sequence, window
  }
  const service = reader.u8();
  fields.service = service;
  fields.invokeId = invokeId;
  message.direction = 'request';
  message.operation = confirmed(service);
  message.pair = pairOf(true, invokeId);
  if (ROUTE.source === 0 && !REPORTS.has(message.operation)) {
    message.proves = true;
  }
  if (first & SEGMENTED) {
    return;
  }
  const start = reader.position;
  readConfirmedBody(reader, fields, service);
  message.like = likeOf(reader, fields, service, start);
}

/** The object and property are all there is to a reading; anything else is told apart by its bytes. */
function likeOf(reader: Reader, fields: Fields, service: number, start: number): number {
  const { objectType = 0, instance = 0, property = 0 } = fields;
  if (service === 12 && ROUTE.destination === 0) {
    return (objectType * 0x40_0000 + instance) * 0x10_0000 + (property & 0xf_ffff);
  }
  reader.seek(start);
  let hash = 0x811c_9dc5 ^ ROUTE.destination ^ service;
  for (let left = reader.remaining, at = 0; at < left; at++) {
    hash = Math.imul(hash ^ reader.peek(at), 0x0100_0193);
  }
  return hash >>> 0;
}

function readConfirmedBody(reader: Reader, fields: Fields, service: number): void {
  switch (service) {
    case 8:
    case 9:
    case 12:
    case 15:
    case 26:
      readOneProperty(reader, fields);
      return;
    case 14:
    case 16:
      readFirstOfList(reader, fields);
      return;
    case 17:
      readControl(reader, fields, 0, 2);
      return;
    case 20:
      readControl(reader, fields, 0, 1);
      return;
    case 0:
    case 5:
    case 28:
      readMonitored(reader, fields, 1);
      return;
    case 1:
    case 2:
      readMonitored(reader, fields, 2);
      return;
    case 6:
    case 7:
    case 11:
      readAnyObject(reader, fields);
      return;
    default:
  }
}

function readUnconfirmed(reader: Reader, message: Message): void {
  const { fields } = message;
  const service = reader.u8();
  fields.service = service;
  message.operation = unconfirmed(service);
  message.direction = directionOf(message.operation);
  switch (service) {
    case 0:
      readIAm(reader, fields);
      return;
    case 1:
      readIHave(reader, fields);
      return;
    case 2:
    case 3:
      readMonitored(reader, fields, 2);
      return;
    default:
  }
}

const UNCONFIRMED_QUESTIONS: ReadonlySet<Operation> = new Set([
  OPERATIONS.whoIs,
  OPERATIONS.whoHas,
  OPERATIONS.whoAmI,
  OPERATIONS.youAre,
  OPERATIONS.timeSynchronization,
  OPERATIONS.writeGroup,
  OPERATIONS.privateTransfer,
]);

function directionOf(operation: Operation): Direction {
  return UNCONFIRMED_QUESTIONS.has(operation) ? 'request' : 'report';
}

function readAck(reader: Reader, message: Message, first: number): void {
  const { fields } = message;
  const invokeId = reader.u8();
  if (first & SEGMENTED && fields.pduType === COMPLEX_ACK) {
    reader.skip(2); // sequence, window
  }
  const service = reader.u8();
  fields.service = service;
  fields.invokeId = invokeId;
  message.direction = 'response';
  message.operation = confirmed(service);
  message.pair = pairOf(false, invokeId);
  if (fields.pduType === SIMPLE_ACK || first & SEGMENTED) {
    return;
  }
  if (service === 12 || service === 26) {
    readOneProperty(reader, fields);
  } else if (service === 14) {
    readSeveralProperties(reader, fields);
  } else if (service === 10) {
    readAnyObject(reader, fields);
  }
}

/** Clause 20.1.7: class and code; some services wrap them in an error of their own. */
function readError(reader: Reader, message: Message): void {
  const { fields } = message;
  const invokeId = reader.u8();
  const service = reader.u8();
  fields.service = service;
  fields.invokeId = invokeId;
  message.direction = 'response';
  message.operation = confirmed(service);
  message.pair = pairOf(false, invokeId);
  const wrapped = opens(reader, 0);
  const errorClass = applicationNumber(reader, ENUMERATED);
  const code = applicationNumber(reader, ENUMERATED);
  if (wrapped) {
    skipConstructed(reader);
  }
  if (errorClass === ABSENT || code === ABSENT) {
    message.refused = 'error';
    reader.expect(reader.remaining + 1);
  } else {
    message.refused = errorText(errorClass, code);
  }
}

/** Clauses 20.1.8 and 20.1.9: they do not repeat the service. */
function readRefusal(reader: Reader, message: Message, first: number, context: Context): void {
  const { fields } = message;
  const rejects = fields.pduType === REJECT;
  const invokeId = reader.u8();
  const reason = reader.u8();
  fields.invokeId = invokeId;
  message.operation = rejects ? OPERATIONS.reject : OPERATIONS.abort;
  if (!rejects && !(first & FROM_SERVER)) {
    return;
  }
  const pair = pairOf(false, invokeId);
  message.direction = 'response';
  message.pair = pair;
  message.operation = context.question(pair)?.operation ?? message.operation;
  message.refused = rejects ? rejectText(reason) : abortText(reason);
}

/** Asker and answerer behind routers have the same invoke id at the same time: their addresses belong to the key. */
function pairOf(asks: boolean, invokeId: number): PairKey & number {
  const { source, destination } = ROUTE;
  const mixed = asks ? Math.imul(source, 31) ^ destination : Math.imul(destination, 31) ^ source;
  return (mixed >>> 0) * 256 + invokeId;
}
