import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { hexText, ipv4Text, ipv6Text } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { programIn, vendorIdText } from './vendor-ids.ts';

interface Fields {
  readonly initiatorSpi: string;
  readonly responderSpi: string;
  readonly version: number;
  readonly exchangeType: number;
  readonly flags: number;
  readonly messageId: number;
  readonly encrypted: boolean;
  readonly payloads: readonly number[];
  readonly vendorIds?: readonly string[];
  readonly notifications?: readonly number[];
  readonly identity?: string;
}

type Draft = Mutable<Fields> & { vendorIds?: string[]; notifications?: number[] };

/** RFC 2408, section 3.1; RFC 7296, section 3.1; the rest in the registry of IANA. */
const OPERATIONS = defineOperations({
  base: ['base exchange', 'session'],
  main: ['main mode', 'session'],
  authenticationOnly: ['authentication only', 'authenticate'],
  aggressive: ['aggressive mode', 'session'],
  informational: ['informational', 'session'],
  transaction: ['transaction', 'session'],
  quick: ['quick mode', 'session'],
  newGroup: ['new group', 'session'],
  init: ['start association', 'session'],
  auth: ['authenticate', 'authenticate'],
  child: ['create child association', 'session'],
  resume: ['resume association', 'session'],
  intermediate: ['intermediate exchange', 'session'],
  followUp: ['follow-up key exchange', 'session'],
  unknown: ['unknown exchange', 'unknown'],
});

const AGGRESSIVE = 4;
const INFORMATIONAL_1 = 5;
const INIT = 34;
const BY_EXCHANGE: ReadonlyMap<number, Operation> = new Map([
  [1, OPERATIONS.base],
  [2, OPERATIONS.main],
  [3, OPERATIONS.authenticationOnly],
  [AGGRESSIVE, OPERATIONS.aggressive],
  [INFORMATIONAL_1, OPERATIONS.informational],
  [6, OPERATIONS.transaction],
  [32, OPERATIONS.quick],
  [33, OPERATIONS.newGroup],
  [INIT, OPERATIONS.init],
  [35, OPERATIONS.auth],
  [36, OPERATIONS.child],
  [37, OPERATIONS.informational],
  [38, OPERATIONS.resume],
  [43, OPERATIONS.intermediate],
  [44, OPERATIONS.followUp],
]);

const HEADER = 28;
const SPI = 8;
const VERSION_AT = 17;
const EXCHANGE_AT = 18;
const FLAGS_AT = 19;
const LENGTH_AT = 24;
/** Flags of version 1, and the flag of an answer in version 2; the other bits are zero. */
const ENCRYPTED_1 = 0x01;
const UNUSED_1 = 0xf8;
const RESPONSE_2 = 0x20;
const UNUSED_2 = 0xc7;

const PAYLOAD_HEADER = 4;
const IDENTIFICATION_1 = 5;
const NOTIFICATION_1 = 11;
const VENDOR_ID_1 = 13;
const NOTIFICATION_2 = 41;
const VENDOR_ID_2 = 43;
const ENCRYPTED_2 = 46;
const ENCRYPTED_FRAGMENT_2 = 53;
const MOST = 32;
/** RFC 7296, section 3.10.1: lower ones are errors. */
const FIRST_STATUS = 16_384;
const ERRORS: ReadonlyMap<number, string> = new Map([
  [5, 'invalid major version'],
  [7, 'invalid syntax'],
  [14, 'no proposal chosen'],
  [17, 'invalid key exchange payload'],
  [24, 'authentication failed'],
]);

/** RFC 3948: IKE has four zero bytes before it here, so that it can be told from ESP. */
const TRAVERSAL = 4500;
const MARKER = 4;
const NEGOTIATED = 'negotiated';
const SAID = 'said';

export const isakmp = defineDissector<Fields>({
  name: 'isakmp',
  title: 'IKE (ISAKMP), versions 1 and 2',
  source: 'RFC 2408, 2409, 7296, 3947 and 3948',
  at: [{ udp: 500 }, { udp: TRAVERSAL }],
  operations: OPERATIONS,
  fields: {
    initiatorSpi: 'Number that the initiator gave the association',
    responderSpi: 'Number that the responder gave it; zeros in the first message',
    version: 'Major version: 1 or 2',
    exchangeType: 'Kind of exchange: 2 main mode, 4 aggressive mode, 32 quick mode; 34 to 37 in version 2',
    flags: 'Bits; version 1: 1 encrypted; version 2: 8 from the initiator, 32 answer',
    messageId: 'Number of the exchange within the association',
    encrypted: 'What the message holds is encrypted, as a whole or from some payload on',
    payloads: 'Kinds of payload that can be seen, in their order',
    vendorIds: 'Programs and extensions that the sender names: known names, texts, else hex digits',
    notifications: 'Kinds of notification; below 16384 they are errors',
    identity: 'Who the sender says it is; in clear in aggressive mode only',
  },

  recognise(reader, context) {
    const at = isZero(reader) ? MARKER : 0;
    const length = reader.remaining - at;
    if (headerFits(reader, at)) {
      const announced = numberAt(reader, at + LENGTH_AT);
      return announced === length ? 'strong' : announced > length ? 'weak' : 'no';
    }
    return at === 0 && isTraversal(context) && context.recall(NEGOTIATED) ? 'weak' : 'no';
  },

  read(reader, context) {
    const marked = isZero(reader);
    // What the association protects is counted, not listed.
    if (!marked && isTraversal(context) && !headerFits(reader, 0)) {
      return NOTHING;
    }
    reader.skip(marked ? MARKER : 0);
    const initiator = reader.take(SPI);
    const responder = reader.take(SPI);
    const next = reader.u8();
    const version = reader.u8() >> 4;
    const exchangeType = reader.u8();
    const flags = reader.u8();
    const messageId = reader.u32be();
    const length = reader.u32be();
    if (version !== 1 && version !== 2 && !reader.truncated) {
      return new Malformed(`version is ${version}`);
    }
    if (length < HEADER && !reader.truncated) {
      return new Malformed('shorter than its header');
    }
    reader.limit(length - HEADER);
    context.remember(NEGOTIATED, true);
    const fields: Draft = {
      initiatorSpi: hexText(initiator),
      responderSpi: hexText(responder),
      version,
      exchangeType,
      flags,
      messageId,
      encrypted: version === 1 && (flags & ENCRYPTED_1) !== 0,
      payloads: NOTHING,
    };
    if (!fields.encrypted && !readPayloads(reader, next, fields)) {
      return new Malformed('a payload shorter than its header');
    }
    const operation = BY_EXCHANGE.get(exchangeType) ?? OPERATIONS.unknown;
    return version === 1 ? readingOf1(operation, fields, context) : readingOf2(operation, fields);
  },

  observe({ direction, fields }, context) {
    const { version, exchangeType, identity } = fields;
    if (version === 1 && exchangeType === AGGRESSIVE && direction === 'request' && identity !== undefined) {
      return [{ kind: 'credential', scheme: 'IKE aggressive mode', user: identity, secret: 'protected' }];
    }
    if (direction !== 'response' || context.recall(SAID)) {
      return NOTHING;
    }
    context.remember(SAID, true);
    return observeService(fields);
  },
});

function isTraversal({ sourcePort, destinationPort }: Context): boolean {
  return sourcePort === TRAVERSAL || destinationPort === TRAVERSAL;
}

function numberAt(reader: Reader, at: number): number {
  const high = (reader.peek(at) << 24) | (reader.peek(at + 1) << 16);
  return (high | (reader.peek(at + 2) << 8) | reader.peek(at + 3)) >>> 0;
}

/** The marker: no association has zeros in its number there but one in four billions. */
function isZero(reader: Reader): boolean {
  return reader.remaining >= MARKER && numberAt(reader, 0) === 0;
}

function headerFits(reader: Reader, at: number): boolean {
  const version = reader.peek(at + VERSION_AT) >> 4;
  const unused = version === 1 ? UNUSED_1 : version === 2 ? UNUSED_2 : -1;
  const flags = reader.peek(at + FLAGS_AT);
  const isNumbered = numberAt(reader, at) !== 0 || numberAt(reader, at + 4) !== 0;
  return (
    reader.remaining - at >= HEADER &&
    isNumbered &&
    (flags & unused) === 0 &&
    unused > 0 &&
    BY_EXCHANGE.has(reader.peek(at + EXCHANGE_AT))
  );
}

/** False where a payload cannot be. */
function readPayloads(reader: Reader, first: number, fields: Draft): boolean {
  const payloads: number[] = [];
  fields.payloads = payloads;
  for (let type = first; type !== 0 && reader.step(); ) {
    if (payloads.length < MOST) {
      payloads.push(type);
    }
    const next = reader.u8();
    reader.skip(1); // reserved
    const length = reader.u16be() - PAYLOAD_HEADER;
    if (length < 0 || reader.truncated) {
      return reader.truncated;
    }
    reader.expect(length);
    if (type === ENCRYPTED_2 || type === ENCRYPTED_FRAGMENT_2) {
      fields.encrypted = true;
      return true;
    }
    readPayload(reader.sub(length), type, fields);
    type = next;
  }
  return true;
}

function readPayload(body: Reader, type: number, fields: Draft): void {
  switch (type) {
    case IDENTIFICATION_1:
      fields.identity = identityIn(body);
      return;
    case VENDOR_ID_1:
    case VENDOR_ID_2:
      fields.vendorIds ??= [];
      if (fields.vendorIds.length < MOST) {
        fields.vendorIds.push(vendorIdText(body.rest()));
      }
      return;
    case NOTIFICATION_1:
    case NOTIFICATION_2:
      fields.notifications ??= [];
      if (fields.notifications.length < MOST) {
        fields.notifications.push(notificationIn(body, type));
      }
      return;
    default:
  }
}

function notificationIn(body: Reader, type: number): number {
  body.skip(type === NOTIFICATION_1 ? 6 : 2); // domain, protocol, length of the SPI
  return body.u16be();
}

/** RFC 2407, section 4.6.2. */
function identityIn(body: Reader): string {
  const kind = body.u8();
  body.skip(3); // protocol, port
  switch (kind) {
    case 1:
      return ipv4Text(body.u32be());
    case 2:
    case 3:
      return body.text(body.remaining).trim();
    case 5:
      return ipv6Text(body.take(16));
    default:
      return hexText(body.take(Math.min(body.remaining, MOST)));
  }
}

/** Nothing in version 1 says which message answers which, so nothing is paired. */
function readingOf1(operation: Operation, fields: Fields, { fromClient }: Context): Reading<Fields> {
  const { exchangeType, responderSpi } = fields;
  if (exchangeType === INFORMATIONAL_1) {
    return { direction: 'report', operation, fields };
  }
  const opens = Number(`0x${responderSpi}`) === 0;
  return opens || fromClient
    ? { direction: 'request', operation, fields, ...(opens ? { proves: true } : {}) }
    : { direction: 'response', operation, fields };
}

function readingOf2(operation: Operation, fields: Fields): Reading<Fields> {
  const { exchangeType, flags, messageId, initiatorSpi, notifications } = fields;
  // Several associations between the same two have the same message ids.
  const pair = Number.parseInt(initiatorSpi.slice(-5), 16) * 0x1_0000_0000 + messageId;
  if ((flags & RESPONSE_2) === 0) {
    const proves = exchangeType === INIT;
    return { direction: 'request', operation, fields, pair, like: pair, ...(proves ? { proves } : {}) };
  }
  const error = notifications?.find((type) => type < FIRST_STATUS);
  const refused = error === undefined ? {} : { refused: ERRORS.get(error) ?? `notification ${error}` };
  return { direction: 'response', operation, fields, pair, ...refused };
}

function observeService({ version, vendorIds = [] }: Fields): readonly Observation[] {
  const banner = programIn(vendorIds);
  const said = banner === undefined ? {} : { banner };
  return [{ kind: 'service', subject: 'sender', protection: 'encrypted', version: `IKE ${version}`, ...said }];
}
