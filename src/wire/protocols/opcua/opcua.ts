import {
  type Context,
  type Direction,
  defineDissector,
  Malformed,
  MORE,
  NOT_MINE,
  type Operation,
  type Part,
  type Reading,
} from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { readStandardId, readString, skipString } from './binary.ts';
import { type Fields, readService } from './messages.ts';
import { observe } from './observe.ts';
import { isUnprotected, POLICY, policyName, SIGNED, signatureLength, UNPROTECTED } from './security.ts';
import { OPERATIONS, SERVICE_FAULT, SERVICES } from './services.ts';
import { refusalOf } from './status.ts';

/** OPC 10000-6, section 6.7.2: message header, channel id, token id, sequence header. */
const MESSAGE_HEADER = 8;
const SYMMETRIC_HEADERS = 24;
const LONGEST_CHUNK = 1 << 24;

/** Message types as the 24-bit number that their three letters make. */
const HEL = 0x48454c;
const ACK = 0x41434b;
const ERR = 0x455252;
const RHE = 0x524845;
const OPN = 0x4f504e;
const MSG = 0x4d5347;
const CLO = 0x434c4f;
const NAMES: ReadonlyMap<number, string> = new Map([
  [HEL, 'HEL'],
  [ACK, 'ACK'],
  [ERR, 'ERR'],
  [RHE, 'RHE'],
  [OPN, 'OPN'],
  [MSG, 'MSG'],
  [CLO, 'CLO'],
]);
const FINAL = 0x46;
const INTERMEDIATE = 0x43;
const ABORT = 0x41;

/** Request ids are 32 bits, so these pair what has none: the hello, and a channel opened under encryption. */
const HELLO_PAIR = -1;
const CHANNEL_PAIR = -2;
/** All chunks of an encrypted message hide their request id; they come one after the other. */
const HIDDEN_REQUEST = -1;

/** Memory: by direction, that chunks of a message are waiting for the final one. */
const OPEN_CHUNKS = ['opcua chunks of client', 'opcua chunks of server'] as const;

export const opcua = defineDissector<Fields>({
  name: 'opcua',
  title: 'OPC UA (binary)',
  source: 'OPC 10000-6 (mappings) and OPC 10000-4 (services) v1.05',
  at: [{ tcp: 4840 }],
  operations: OPERATIONS,
  fields: {
    messageType: 'Type of the message: HEL, ACK, ERR, RHE, OPN, MSG or CLO',
    serviceId: 'Number of the service, its request or its answer; absent when the message is encrypted',
    channelId: 'The secure channel that the message belongs to',
    requestId: 'Pairs an answer with its request; absent when the message is encrypted',
    securityPolicy: 'Name of the security policy of the channel that is opened',
    securityMode: 'Protection of the channel or endpoint: none, sign, sign and encrypt',
    endpointUrl: 'Address under which the client reaches the server',
    statusCode: 'Result of the service, where it is not good',
    reason: 'What an error message says',
    application: 'Application that the client or server is',
    endpoints: 'Endpoints that the server offers',
    applications: 'Applications that a discovery server knows',
    sessionName: 'Name that the client gives its session',
    userToken: 'How the user signs in: anonymous, user name, certificate or issued token',
    userName: 'Name of the user who signs in',
    passwordProtected: 'Whether the password is encrypted by itself',
    count: 'How many nodes the service works on',
    nodes: 'First nodes that the service works on',
    publishingInterval: 'Milliseconds between notifications, as the server sets it',
    lifetime: 'Publishing intervals without a request after which the subscription ends',
    sentAt: 'Time that the sender states, in microseconds since 1970',
    build: 'Product of the server, where it was read',
  },

  cut(reader) {
    if (reader.remaining < MESSAGE_HEADER) {
      return MORE;
    }
    const type = reader.u24be();
    const chunk = reader.u8();
    const size = reader.u32le();
    return fits(type, chunk, size) ? size : NOT_MINE;
  },

  recognise(reader) {
    const type = reader.u24be();
    const chunk = reader.u8();
    const size = reader.u32le();
    return !reader.truncated && fits(type, chunk, size) ? 'strong' : 'no';
  },

  /** Section 6.7.3: only MSG comes in several chunks. A message of one chunk, which most are, is left alone. */
  part(reader, context) {
    const chunk = reader.peek(3);
    const open = OPEN_CHUNKS[context.fromClient ? 0 : 1];
    if (reader.u24be() !== MSG || (chunk === FINAL && context.recall(open) !== true)) {
      return undefined;
    }
    context.remember(open, chunk === INTERMEDIATE);
    const part = chunkOf(reader, chunk, context);
    // Why a message in clear was given up is itself a message.
    return part.abort && part.key !== HIDDEN_REQUEST ? undefined : part;
  },

  read(reader, context) {
    const type = reader.u24be();
    const chunk = reader.u8();
    const size = reader.u32le();
    if (!fits(type, chunk, size)) {
      return new Malformed('not the header of a message');
    }
    reader.expect(size - MESSAGE_HEADER);
    switch (type) {
      case HEL:
      case ACK:
      case RHE:
        return readGreeting(reader, type);
      case ERR:
        return readError(reader, context);
      case OPN:
        return readOpen(reader, context);
      default:
        return chunk === ABORT
          ? readAbort(reader, context)
          : readMessage(reader, context, type === MSG ? 'MSG' : 'CLO');
    }
  },

  observe,
});

function fits(type: number, chunk: number, size: number): boolean {
  if (size < MESSAGE_HEADER || size > LONGEST_CHUNK || !NAMES.has(type)) {
    return false;
  }
  return chunk === FINAL || (type === MSG && (chunk === INTERMEDIATE || chunk === ABORT));
}

function chunkOf(reader: Reader, chunk: number, context: Context): Part {
  reader.seek(SYMMETRIC_HEADERS);
  const start = startsService(reader);
  const clear = isUnprotected(context) || context.recall(SIGNED) === true || start;
  reader.seek(0);
  const head = reader.take(SYMMETRIC_HEADERS);
  const signature = clear ? signatureLength(context) : 0;
  return {
    key: clear ? requestIdOf(head) : HIDDEN_REQUEST,
    head,
    body: reader.take(Math.max(0, reader.remaining - signature)),
    ...(clear ? { first: start } : {}),
    last: chunk !== INTERMEDIATE,
    abort: chunk === ABORT,
  };
}

function requestIdOf(head: Uint8Array): number {
  return ((head[20] ?? 0) | ((head[21] ?? 0) << 8) | ((head[22] ?? 0) << 16) | ((head[23] ?? 0) << 24)) >>> 0;
}

/** Whether the bytes here are the node id of a service that we know, which chance hardly writes. */
function startsService(reader: Reader): boolean {
  return reader.peek() === 1 && reader.peek(1) === 0 && SERVICES.has(reader.peek(2) | (reader.peek(3) << 8));
}

/** Section 7.1.2: the messages before there is a channel. */
function readGreeting(reader: Reader, type: number): Reading<Fields> {
  if (type === RHE) {
    skipString(reader); // server URI
    const endpointUrl = readString(reader);
    return { direction: 'report', operation: OPERATIONS.reverseHello, fields: { messageType: 'RHE', endpointUrl } };
  }
  reader.skip(20); // version, sizes of buffers, message and chunk count
  if (type === ACK) {
    return { direction: 'response', operation: OPERATIONS.hello, pair: HELLO_PAIR, fields: { messageType: 'ACK' } };
  }
  const fields = { messageType: 'HEL', endpointUrl: readString(reader) };
  return { direction: 'request', operation: OPERATIONS.hello, pair: HELLO_PAIR, proves: true, fields };
}

/** Section 7.1.2.5: the server ends the connection. It answers the hello or a channel, if one is open. */
function readError(reader: Reader, context: Context): Reading<Fields> {
  const statusCode = reader.u32le();
  const reason = readString(reader);
  const refused = refusalOf(statusCode) ?? `status ${statusCode}`;
  const asked = context.question(HELLO_PAIR) ? HELLO_PAIR : CHANNEL_PAIR;
  const question = context.question(asked);
  const operation = question?.operation ?? OPERATIONS.error;
  const fields = { messageType: 'ERR', statusCode, ...(reason ? { reason } : {}) };
  return { direction: 'response', operation, refused, fields, ...(question ? { pair: asked } : {}) };
}

/** Section 6.7.3: instead of the rest of a message, why it will not come. */
function readAbort(reader: Reader, context: Context): Reading<Fields> {
  const channelId = reader.u32le();
  reader.skip(8);
  const requestId = reader.u32le();
  const fields = { messageType: 'MSG', channelId };
  const direction = context.fromClient ? 'request' : 'response';
  if (!isUnprotected(context)) {
    return { direction, operation: OPERATIONS.abort, fields };
  }
  const statusCode = reader.u32le();
  const reason = readString(reader);
  const operation = context.question(requestId)?.operation ?? OPERATIONS.abort;
  const answer = direction === 'response' ? { pair: requestId, refused: refusalOf(statusCode) ?? reason } : {};
  return { direction, operation, ...answer, fields: { ...fields, requestId, statusCode, reason } };
}

/** Section 6.7.2.3: the asymmetric header names the policy; without one the rest is in clear. */
function readOpen(reader: Reader, context: Context): Reading<Fields> | Malformed {
  const channelId = reader.u32le();
  const securityPolicy = policyName(readString(reader));
  skipString(reader); // sender's certificate
  skipString(reader); // thumbprint of the receiver's
  if (!reader.truncated) {
    context.remember(POLICY, securityPolicy);
  }
  const messageType = 'OPN';
  if (securityPolicy !== UNPROTECTED) {
    const direction = context.fromClient ? 'request' : 'response';
    const fields = { messageType, channelId, securityPolicy };
    const proof = channelId === 0 ? { proves: true } : {};
    return { direction, operation: OPERATIONS.openSecureChannel, pair: CHANNEL_PAIR, ...proof, fields };
  }
  reader.skip(4); // sequence number
  const requestId = reader.u32le();
  const read = readBody(reader, context, { messageType, serviceId: 0, channelId, requestId });
  return read instanceof Malformed ? read : { ...read, fields: { ...read.fields, securityPolicy } };
}

function readMessage(reader: Reader, context: Context, messageType: 'MSG' | 'CLO'): Reading<Fields> | Malformed {
  const channelId = reader.u32le();
  reader.skip(8); // token id, sequence number
  const requestId = reader.u32le();
  if (!isUnprotected(context)) {
    if (!startsService(reader)) {
      const direction = context.fromClient ? 'request' : 'response';
      return { direction, operation: OPERATIONS.encrypted, fields: { messageType, channelId } };
    }
    if (context.recall(SIGNED) !== true) {
      context.remember(SIGNED, true);
    }
  }
  return readBody(reader, context, { messageType, serviceId: 0, channelId, requestId });
}

type Header = {
  -readonly [Key in 'messageType' | 'serviceId' | 'channelId' | 'requestId']-?: NonNullable<Fields[Key]>;
};

function readBody(reader: Reader, context: Context, fields: Header): Reading<Fields> | Malformed {
  const serviceId = readStandardId(reader);
  if (serviceId < 0) {
    return reader.truncated
      ? { direction: 'report', operation: OPERATIONS.unknown, fields }
      : new Malformed('no service starts here');
  }
  fields.serviceId = serviceId;
  const service = SERVICES.get(serviceId);
  const pair = fields.requestId;
  if (service === undefined) {
    const direction: Direction = context.fromClient ? 'request' : 'response';
    return { direction, operation: OPERATIONS.unknown, pair, fields };
  }
  const { direction } = service;
  let operation: Operation = service.operation;
  if (serviceId === SERVICE_FAULT) {
    operation = context.question(pair)?.operation ?? operation;
  }
  return readService(reader, context, { direction, operation, fields });
}
