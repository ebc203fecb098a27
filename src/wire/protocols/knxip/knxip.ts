import { type Context, defineDissector, Malformed, MORE, NOT_MINE, NOTHING, type Operation } from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { individualText, makerOf, observeDescription, readDescription, readSerial } from './description.ts';
import { type Draft, type Fields, OPERATIONS, operationOf } from './operations.ts';
import { DATA_INDICATION, readTelegram } from './telegram.ts';

const PORT = 3671;
/** ISO 22510, section 7.3: header of six bytes, version 1.0, service type, length of the whole. */
const HEADER = 6;
const VERSION = 0x10;

const SEARCH = 0x0201;
const SEARCH_ANSWER = 0x0202;
const DESCRIBE = 0x0203;
const DESCRIBE_ANSWER = 0x0204;
const CONNECT = 0x0205;
const CONNECT_ANSWER = 0x0206;
const STATE = 0x0207;
const STATE_ANSWER = 0x0208;
const DISCONNECT = 0x0209;
const DISCONNECT_ANSWER = 0x020a;
const SEARCH_EXTENDED = 0x020b;
const SEARCH_EXTENDED_ANSWER = 0x020c;
const CONFIGURATION = 0x0310;
const CONFIGURATION_ACK = 0x0311;
const TUNNELLING = 0x0420;
const TUNNELLING_ACK = 0x0421;
const FEATURE_GET = 0x0422;
const FEATURE_ANSWER = 0x0423;
const FEATURE_SET = 0x0424;
const FEATURE_INFO = 0x0425;
const ROUTING = 0x0530;
const ROUTING_LOST = 0x0531;
const ROUTING_BUSY = 0x0532;
const ROUTING_SYSTEM = 0x0533;
const DIAGNOSE = 0x0740;
const DIAGNOSE_ANSWER = 0x0741;
const CONFIGURE_REMOTELY = 0x0742;
const RESET_REMOTELY = 0x0743;
const SECURED = 0x0950;
const SESSION_REQUEST = 0x0951;
const SESSION_ANSWER = 0x0952;
const SESSION_AUTHENTICATE = 0x0953;
const SESSION_STATUS = 0x0954;
const TIMER = 0x0955;

const LAST_OF_CORE = SEARCH_EXTENDED_ANSWER;
/** Where the serial number stands: behind session and sequence, behind the timer. */
const SEQUENCE = 6;
const SECURE_SESSION = 2;
const PUBLIC_KEY = 32;
const CODE = 16;
const TUNNEL_CONNECTION = 4;
const SAID = 'said';

/** Section 7.8: what a status other than 0 means. */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [0x01, 'host protocol not supported'],
  [0x02, 'version not supported'],
  [0x04, 'sequence number out of order'],
  [0x0f, 'error'],
  [0x21, 'no such connection'],
  [0x22, 'connection type not supported'],
  [0x23, 'connection option not supported'],
  [0x24, 'no more connections'],
  [0x25, 'no more addresses'],
  [0x26, 'error in the data connection'],
  [0x27, 'error in the KNX connection'],
  [0x28, 'not authorised'],
  [0x29, 'tunnelling layer not supported'],
]);

export const knxip = defineDissector<Fields>({
  name: 'knxip',
  title: 'KNXnet/IP',
  source: 'ISO 22510 (KNXnet/IP); KNX standard 3/6/3 (cEMI), 3/7/3 (interface objects), 3/8 (KNXnet/IP)',
  at: [{ udp: PORT }, { tcp: PORT }],
  operations: OPERATIONS,
  fields: {
    serviceType: 'Kind of message, such as 0x0205 connect, 0x0420 tunnelling, 0x0530 routing, 0x0950 secured',
    channel: 'Connection between client and server',
    sequence: 'Number of the message within the connection',
    status: 'Why a server refused; 0 where it did not. For a secure session what became of it',
    connectionType:
      'Kind of connection: 3 device management, 4 tunnelling, 6 logging, 7 configuration, 8 object server',
    messageCode: 'Kind of cEMI message, such as 0x11 send, 0x29 heard on the bus, 0x2E sent, 0xFC read property',
    source: 'KNX address of the device that sends the telegram',
    destination: 'Group (1/2/3) or device (1.2.3) that the telegram is for',
    service: 'Service of the telegram, such as 0x000 read group, 0x080 write group, 0x280 write memory',
    objectType: 'Interface object of the server, by type',
    objectInstance: 'Which of several objects: by instance in the server, by index in a bus device',
    property: 'Property of the object',
    memoryAddress: 'First byte of the memory that is read or written',
    feature: 'Feature of the tunnel',
    session: 'Secure session; 0 for messages to a multicast group',
    lost: 'Telegrams that a router lost',
    waitTime: 'Milliseconds that a busy router asks others to wait',
    medium: 'Medium behind the server: 2 twisted pair, 4 power line, 16 radio, 32 IP',
    individualAddress: 'KNX address of the server, or the one that it gave the client',
    name: 'Friendly name of the server',
    serial: 'KNX serial number of the sender',
    manufacturer: 'Maker, as numbered by KNX Association',
    mac: 'MAC address of the server',
    families: 'Services that the server offers: 2 core, 3 device management, 4 tunnelling, 5 routing, 9 secure',
  },

  cut(reader) {
    if (reader.remaining < HEADER) {
      return mayStart(reader) ? MORE : NOT_MINE;
    }
    return fits(reader) ? lengthOf(reader) : NOT_MINE;
  },

  recognise(reader, context) {
    if (reader.remaining < HEADER || !fits(reader) || !isKnown((reader.peek(2) << 8) | reader.peek(3))) {
      return 'no';
    }
    const length = lengthOf(reader);
    if (length === reader.remaining) {
      return 'strong';
    }
    return context.transport === 'tcp' ? 'weak' : 'no';
  },

  read(reader, context) {
    if (reader.remaining >= HEADER && !fits(reader)) {
      return new Malformed('not the header of a message');
    }
    reader.skip(2); // length of the header, version
    const serviceType = reader.u16be();
    reader.limit(reader.u16be() - HEADER);
    const draft: Draft = { direction: 'report', operation: OPERATIONS.unknown, fields: { serviceType } };
    if (serviceType <= LAST_OF_CORE) {
      readCore(reader, draft, context);
    } else if (serviceType < ROUTING) {
      readConnection(reader, draft, context);
    } else if (serviceType < SECURED) {
      readOther(reader, draft);
    } else {
      readSecure(reader, draft, context);
    }
    return draft;
  },

  observe({ direction, fields, refused }, context) {
    switch (fields.serviceType) {
      case SEARCH_ANSWER:
      case SEARCH_EXTENDED_ANSWER:
      case DIAGNOSE_ANSWER:
        return observeDescription(fields, 'discovery');
      case DESCRIBE_ANSWER:
        return observeDescription(fields, 'identification');
      case CONFIGURATION:
        return direction === 'response' && refused === undefined ? observeProperty(fields) : NOTHING;
      case TUNNELLING:
        return fields.messageCode === DATA_INDICATION ? observeBusDevice(fields, context) : NOTHING;
      case SECURED:
      case TIMER:
        return observeSecured(fields, context);
      default:
        return NOTHING;
    }
  },
});

function mayStart(reader: Reader): boolean {
  const { remaining } = reader;
  return (remaining < 1 || reader.peek() === HEADER) && (remaining < 2 || reader.peek(1) === VERSION);
}

function lengthOf(reader: Reader): number {
  return (reader.peek(4) << 8) | reader.peek(5);
}

function fits(reader: Reader): boolean {
  return mayStart(reader) && lengthOf(reader) >= HEADER;
}

function isKnown(serviceType: number): boolean {
  return (
    (serviceType >= SEARCH && serviceType <= LAST_OF_CORE) ||
    serviceType === CONFIGURATION ||
    serviceType === CONFIGURATION_ACK ||
    (serviceType >= TUNNELLING && serviceType <= FEATURE_INFO) ||
    (serviceType >= ROUTING && serviceType <= ROUTING_SYSTEM) ||
    (serviceType >= DIAGNOSE && serviceType <= RESET_REMOTELY) ||
    (serviceType >= SECURED && serviceType <= TIMER)
  );
}

/** Section 7.5: discovery, and connections opened, asked after and closed. */
function readCore(reader: Reader, draft: Draft, context: Context): void {
  const { serviceType } = draft.fields;
  switch (serviceType) {
    case SEARCH:
    case SEARCH_EXTENDED:
      ask(draft, OPERATIONS.search, context);
      skipBlock(reader);
      break;
    case DESCRIBE:
      ask(draft, OPERATIONS.describe, context);
      skipBlock(reader);
      break;
    case SEARCH_ANSWER:
    case SEARCH_EXTENDED_ANSWER:
      answer(draft, OPERATIONS.search, serviceType - 1);
      skipBlock(reader);
      readDescription(reader, draft.fields);
      break;
    case DESCRIBE_ANSWER:
      answer(draft, OPERATIONS.describe, DESCRIBE);
      readDescription(reader, draft.fields);
      break;
    case CONNECT:
      ask(draft, OPERATIONS.connect, context);
      skipBlock(reader);
      skipBlock(reader);
      reader.expect(2);
      draft.fields.connectionType = reader.peek(1);
      skipBlock(reader);
      break;
    case CONNECT_ANSWER:
      readConnected(reader, draft);
      break;
    case STATE:
    case DISCONNECT:
      draft.fields.channel = reader.u8();
      reader.skip(1);
      skipBlock(reader);
      ask(draft, serviceType === STATE ? OPERATIONS.connectionState : OPERATIONS.disconnect, context);
      break;
    case STATE_ANSWER:
    case DISCONNECT_ANSWER:
      draft.fields.channel = reader.u8();
      answer(draft, serviceType === STATE_ANSWER ? OPERATIONS.connectionState : OPERATIONS.disconnect, serviceType - 1);
      readStatus(reader, draft);
      break;
    default:
  }
}

/** A server that refuses may leave out where its data would go. */
function readConnected(reader: Reader, draft: Draft): void {
  const channel = reader.u8();
  answer(draft, OPERATIONS.connect, CONNECT);
  draft.fields.channel = channel;
  readStatus(reader, draft);
  if (draft.refused !== undefined) {
    return;
  }
  skipBlock(reader);
  const length = reader.u8();
  const connectionType = reader.u8();
  reader.expect(length - 2);
  draft.fields.connectionType = connectionType;
  if (connectionType === TUNNEL_CONNECTION && length >= 4) {
    draft.fields.individualAddress = individualText(reader.u16be());
  }
}

/** Sections 8 and 9: four bytes of the connection, then a cEMI message or a feature. */
function readConnection(reader: Reader, draft: Draft, context: Context): void {
  const { fields } = draft;
  const { serviceType } = fields;
  reader.expect(4);
  reader.skip(1); // length of this header
  fields.channel = reader.u8();
  fields.sequence = reader.u8();
  switch (serviceType) {
    case CONFIGURATION:
    case TUNNELLING:
      reader.skip(1);
      readTelegram(reader, draft, false);
      concludeTelegram(draft, context);
      break;
    case CONFIGURATION_ACK:
    case TUNNELLING_ACK:
      readAcknowledgement(reader, draft, context);
      break;
    case FEATURE_GET:
    case FEATURE_SET:
      draft.direction = 'request';
      readFeature(reader, draft, serviceType === FEATURE_GET ? OPERATIONS.getFeature : OPERATIONS.setFeature);
      break;
    case FEATURE_ANSWER:
      readFeature(reader, draft, OPERATIONS.getFeature);
      draft.direction = 'response';
      draft.operation = context.question(draft.pair ?? 0)?.operation ?? draft.operation;
      break;
    case FEATURE_INFO:
      readFeature(reader, draft, OPERATIONS.tellFeature);
      break;
    default:
  }
}

/** Over TCP nobody acknowledges. A question to the server itself has its own answer. */
function concludeTelegram(draft: Draft, context: Context): void {
  if (draft.direction === 'request') {
    draft.proves = true;
    if (context.transport === 'udp') {
      draft.pair ??= messagePair(draft.fields, draft.fields.serviceType);
    }
  } else if (draft.direction === 'response' && draft.pair !== undefined) {
    draft.operation = context.question(draft.pair)?.operation ?? draft.operation;
  }
}

/** Each side acknowledges what the other sent; only what a client asked for is a question. */
function readAcknowledgement(reader: Reader, draft: Draft, context: Context): void {
  const pair = messagePair(draft.fields, draft.fields.serviceType - 1);
  const asked = context.fromClient ? undefined : context.question(pair);
  draft.operation = asked?.operation ?? OPERATIONS.acknowledge;
  if (asked) {
    draft.direction = 'response';
    draft.pair = pair;
  }
  readStatus(reader, draft);
}

function readFeature(reader: Reader, draft: Draft, operation: Operation): void {
  reader.skip(1);
  const feature = reader.u8();
  const status = reader.u8();
  draft.operation = operation;
  draft.fields.feature = feature;
  if (draft.fields.serviceType === FEATURE_ANSWER) {
    draft.fields.status = status;
  }
  if (draft.fields.serviceType !== FEATURE_INFO) {
    draft.pair = (draft.fields.channel ?? 0) * 0x1_0000 + feature * 0x100_0000 + FEATURE_GET;
  }
}

/** Sections 10 and 11: routing to a multicast group, and configuration from afar. */
function readOther(reader: Reader, draft: Draft): void {
  const { fields } = draft;
  switch (fields.serviceType) {
    case ROUTING:
    case ROUTING_SYSTEM:
      readTelegram(reader, draft, true);
      break;
    case ROUTING_LOST:
      draft.operation = OPERATIONS.lost;
      reader.skip(2); // length of the block, state
      fields.lost = reader.u16be();
      break;
    case ROUTING_BUSY:
      draft.operation = OPERATIONS.busy;
      reader.skip(2); // length of the block, state
      fields.waitTime = reader.u16be();
      reader.skip(2); // control
      break;
    case DIAGNOSE:
      draft.direction = 'request';
      draft.operation = OPERATIONS.diagnose;
      skipBlock(reader);
      skipBlock(reader); // selector
      break;
    case DIAGNOSE_ANSWER:
      draft.direction = 'response';
      draft.operation = OPERATIONS.diagnose;
      skipBlock(reader);
      readDescription(reader, fields);
      break;
    case CONFIGURE_REMOTELY:
    case RESET_REMOTELY:
      draft.direction = 'request';
      draft.operation = fields.serviceType === RESET_REMOTELY ? OPERATIONS.resetRemotely : OPERATIONS.configureRemotely;
      break;
    default:
  }
}

/** AN159 (KNX IP Secure): what is inside a wrapper nobody can see. */
function readSecure(reader: Reader, draft: Draft, context: Context): void {
  const { fields } = draft;
  switch (fields.serviceType) {
    case SECURED:
      draft.operation = OPERATIONS.secured;
      fields.session = reader.u16be();
      draft.direction = context.toMany ? 'report' : context.fromClient ? 'request' : 'response';
      reader.skip(SEQUENCE);
      readSerial(reader, fields);
      reader.skip(2); // tag
      reader.expect(HEADER + CODE);
      break;
    case SESSION_REQUEST:
      ask(draft, OPERATIONS.openSession, context);
      skipBlock(reader);
      reader.skip(PUBLIC_KEY);
      break;
    case SESSION_ANSWER:
      answer(draft, OPERATIONS.openSession, SESSION_REQUEST);
      fields.session = reader.u16be();
      reader.expect(PUBLIC_KEY + CODE);
      break;
    case SESSION_AUTHENTICATE:
      draft.direction = 'request';
      draft.operation = OPERATIONS.authenticate;
      reader.expect(SECURE_SESSION + CODE);
      break;
    case SESSION_STATUS:
      draft.operation = OPERATIONS.sessionStatus;
      fields.status = reader.u8();
      reader.expect(1);
      break;
    case TIMER:
      draft.operation = OPERATIONS.synchroniseTimers;
      reader.skip(SEQUENCE);
      readSerial(reader, fields);
      reader.skip(2); // tag
      reader.expect(CODE);
      break;
    default:
  }
}

/** Who searches a multicast group is answered elsewhere: by each server, to the address that the question names. */
function ask(draft: Draft, operation: Operation, context: Context): void {
  const { serviceType, channel = 0 } = draft.fields;
  draft.direction = 'request';
  draft.operation = operation;
  draft.like = serviceType + channel * 0x1_0000;
  if (!context.toMany) {
    draft.pair = draft.like;
    draft.proves = true;
  }
}

function answer(draft: Draft, operation: Operation, question: number): void {
  draft.direction = 'response';
  draft.operation = operation;
  draft.pair = question + (draft.fields.channel ?? 0) * 0x1_0000;
}

function messagePair({ channel = 0, sequence = 0 }: Fields, serviceType: number): number {
  return serviceType + channel * 0x1_0000 + sequence * 0x100_0000;
}

function readStatus(reader: Reader, draft: Draft): void {
  const status = reader.u8();
  draft.fields.status = status;
  if (status !== 0 && !reader.truncated) {
    draft.refused = ERRORS.get(status) ?? `status ${status}`;
  }
}

/** An endpoint, a selector and other blocks begin with their length. */
function skipBlock(reader: Reader): void {
  reader.skip(Math.max(1, reader.peek()));
}

function observeProperty(fields: Fields): readonly Observation[] {
  const identity = known({ vendor: makerOf(fields.manufacturer), serial: fields.serial });
  return Object.keys(identity).length === 0
    ? NOTHING
    : [{ kind: 'identity', subject: 'sender', basis: 'identification', ...identity }];
}

/** Devices of the bus have no address on this network: the server speaks for those that answer. */
function observeBusDevice({ source = '', service = -1 }: Fields, context: Context): readonly Observation[] {
  const said = operationOf(service);
  if ((said !== OPERATIONS.answerGroup && said !== OPERATIONS.answer) || context.recall(source)) {
    return NOTHING;
  }
  context.remember(source, true);
  return [{ kind: 'behind', subject: 'sender', device: `knx ${source}`, basis: 'behaviour' }];
}

/** The serial number stands in clear in every secured message. */
function observeSecured({ serviceType, serial = '', manufacturer }: Fields, context: Context): readonly Observation[] {
  if (context.recall(SAID + serial)) {
    return NOTHING;
  }
  context.remember(SAID + serial, true);
  const observations: Observation[] = [];
  if (serial !== '') {
    const identity = known({ vendor: makerOf(manufacturer), serial });
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', ...identity });
  }
  if (serviceType === SECURED) {
    const subject = context.fromClient && !context.toMany ? 'receiver' : 'sender';
    observations.push({ kind: 'service', subject, protection: 'encrypted' });
  }
  return observations;
}
