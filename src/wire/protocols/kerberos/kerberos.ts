import type { Mutable } from '../../../kit/mutable.ts';
import type { Micros } from '../../../kit/time.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type PairKey,
  type Reading,
} from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import { Ber, berSpan, Tag } from '../../stack/ber.ts';

interface Fields {
  readonly messageType: number;
  readonly realm?: string;
  readonly user?: string;
  readonly service?: string;
  readonly host?: string;
  readonly errorCode?: number;
  readonly serverTime?: Micros;
}

const OPERATIONS = defineOperations({
  authenticate: ['authenticate', 'authenticate'],
  ticket: ['get service ticket', 'authenticate'],
  use: ['use ticket', 'authenticate'],
  error: ['error', 'authenticate'],
  protected: ['protected message', 'session'],
});

/** Message types, which are the application tags too (RFC 4120, section 5.10). */
const AS_REQUEST = 10;
const AS_REPLY = 11;
const TGS_REQUEST = 12;
const TGS_REPLY = 13;
const AP_REQUEST = 14;
const AP_REPLY = 15;
const SAFE = 20;
const PRIVATE = 21;
const CREDENTIALS = 22;
const ERROR = 30;
const APPLICATION = 0x60;
const NUMBER_BITS = 0x1f;

const BY_TYPE: ReadonlyMap<number, Operation> = new Map([
  [AS_REQUEST, OPERATIONS.authenticate],
  [AS_REPLY, OPERATIONS.authenticate],
  [TGS_REQUEST, OPERATIONS.ticket],
  [TGS_REPLY, OPERATIONS.ticket],
  [AP_REQUEST, OPERATIONS.use],
  [AP_REPLY, OPERATIONS.use],
  [SAFE, OPERATIONS.protected],
  [PRIVATE, OPERATIONS.protected],
  [CREDENTIALS, OPERATIONS.protected],
  [ERROR, OPERATIONS.error],
]);

/** RFC 4120, section 7.5.9. */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [1, 'client expired'],
  [2, 'service expired'],
  [6, 'client unknown'],
  [7, 'service unknown'],
  [12, 'not allowed by policy'],
  [14, 'encryption not supported'],
  [18, 'client locked'],
  [23, 'password expired'],
  [24, 'wrong password'],
  [29, 'service not available'],
  [31, 'integrity check failed'],
  [32, 'ticket expired'],
  [37, 'clocks differ too much'],
  [41, 'message modified'],
  [52, 'answer too long for a datagram'],
  [60, 'generic error'],
  [68, 'wrong realm'],
]);
/** The usual first answer: it names what the client has to encrypt, and refuses nothing. */
const PREAUTHENTICATION_REQUIRED = 25;

/** RFC 4120, section 7.5.3: a NetBIOS name, 15 characters and a kind. */
const NETBIOS = 20;
const NETBIOS_LENGTH = 15;
const MOST_COMPONENTS = 8;

/** Explicit tags [0] to [11]. */
const CONTEXT = 0xa0;

const HEADER = 4;
const LONGEST = 0x10000;
const ONE_AT_A_TIME: PairKey = 0;

export const kerberos = defineDissector<Fields>({
  name: 'kerberos',
  title: 'Kerberos',
  source: 'RFC 4120',
  at: [{ udp: 88 }, { tcp: 88 }],
  operations: OPERATIONS,
  fields: {
    messageType: '10 to 13 asking the domain for tickets, 14 and 15 using one, 30 error',
    realm: 'Domain',
    user: 'Who signs in',
    service: 'What the ticket is for',
    host: 'NetBIOS name of the machine that asks',
    errorCode: 'Why no ticket was given',
    serverTime: 'Time of the server, in an error only, in microseconds since 1970',
  },

  /** In a stream a length stands before each message (RFC 4120, section 7.2.2); it starts with a 0, a message does not. */
  cut(reader) {
    if (reader.remaining === 0) {
      return MORE;
    }
    if (reader.peek() !== 0) {
      return BY_TYPE.has(typeOf(reader.peek())) ? berSpan(reader) : NOT_MINE;
    }
    if (reader.remaining <= HEADER) {
      return MORE;
    }
    const length = reader.u32be();
    return length < 2 || length > LONGEST || !BY_TYPE.has(typeOf(reader.peek())) ? NOT_MINE : HEADER + length;
  },

  recognise(reader) {
    const start = reader.peek() === 0 ? HEADER : 0;
    const tag = reader.peek(start);
    const long = reader.peek(start + 1);
    const inner = start + 2 + (long >= 0x80 ? long & 0x7f : 0);
    return BY_TYPE.has(typeOf(tag)) && reader.peek(inner) === Tag.sequence ? 'strong' : 'no';
  },

  read(reader, context) {
    if (reader.peek() === 0) {
      reader.limit(reader.u32be());
    }
    const outer = Ber.of(reader, 0);
    outer.next();
    const messageType = typeOf(outer.tag);
    const operation = BY_TYPE.get(messageType);
    if (operation === undefined) {
      reader.truncated ||= outer.tag === 0;
      return reader.truncated
        ? { direction: 'report', operation: OPERATIONS.error, fields: { messageType } }
        : new Malformed('no message of Kerberos');
    }
    const fields: DraftFields = { messageType };
    const body = outer.children().expect(Tag.sequence).children();
    readBody(body, messageType, fields);
    return outer.problem === undefined ? readingOf(operation, fields, context) : new Malformed(outer.problem);
  },

  observe({ fields }, context) {
    const { messageType, user, host } = fields;
    switch (messageType) {
      case AS_REQUEST:
        return observeRequest(user, host, context);
      case AS_REPLY:
      case TGS_REPLY:
      case ERROR:
        return observeServer(fields, context);
      default:
        return NOTHING;
    }
  },
});

type DraftFields = Mutable<Fields>;

function typeOf(tag: number): number {
  return (tag & ~NUMBER_BITS) === APPLICATION ? tag & NUMBER_BITS : 0;
}

function readingOf(operation: Operation, fields: Fields, context: Context): Reading<Fields> {
  const asked = context.question(ONE_AT_A_TIME);
  switch (fields.messageType) {
    case AS_REQUEST:
    case TGS_REQUEST:
    case AP_REQUEST: {
      const like = fields.service ?? '';
      return { direction: 'request', operation, fields, pair: ONE_AT_A_TIME, like, proves: true };
    }
    case ERROR: {
      const { errorCode = 0 } = fields;
      const said = {
        direction: 'response',
        operation: asked?.operation ?? operation,
        fields,
        pair: ONE_AT_A_TIME,
      } as const;
      return errorCode === PREAUTHENTICATION_REQUIRED
        ? said
        : { ...said, refused: ERRORS.get(errorCode) ?? `error ${errorCode}` };
    }
    case AS_REPLY:
    case TGS_REPLY:
    case AP_REPLY:
      return { direction: 'response', operation: asked?.operation ?? operation, fields, pair: ONE_AT_A_TIME };
    default:
      return { direction: 'report', operation, fields };
  }
}

/** Every member has an explicit tag, so that any of them may be absent. */
function readBody(body: Ber, messageType: number, fields: DraftFields): void {
  switch (messageType) {
    case AS_REQUEST:
    case TGS_REQUEST:
      readRequest(body, fields);
      break;
    case AS_REPLY:
    case TGS_REPLY:
      readReply(body, fields);
      break;
    case ERROR:
      readError(body, fields);
      break;
    default:
  }
}

/** Section 5.4.1: version in [1], the body in [4]. */
function readRequest(message: Ber, fields: DraftFields): void {
  message.expect(CONTEXT + 1);
  while (message.next()) {
    if (message.tag === CONTEXT + 4) {
      readRequestBody(message.children().expect(Tag.sequence).children(), fields);
    }
  }
}

function readRequestBody(body: Ber, fields: DraftFields): void {
  while (body.next()) {
    switch (body.tag - CONTEXT) {
      case 1:
        fields.user = principalIn(body);
        break;
      case 2:
        fields.realm = body.children().expect(Tag.generalString).text();
        break;
      case 3:
        fields.service = principalIn(body);
        break;
      case 9:
        readAddresses(body.children().expect(Tag.sequence).children(), fields);
        break;
      default:
    }
  }
}

/** Section 5.4.2. */
function readReply(message: Ber, fields: DraftFields): void {
  message.expect(CONTEXT);
  while (message.next()) {
    switch (message.tag - CONTEXT) {
      case 3:
        fields.realm = message.children().expect(Tag.generalString).text();
        break;
      case 4:
        fields.user = principalIn(message);
        break;
      case 5:
        fields.service = serviceOfTicket(message);
        break;
      default:
    }
  }
}

/** Section 5.9.1. */
function readError(message: Ber, fields: DraftFields): void {
  message.expect(CONTEXT);
  while (message.next()) {
    switch (message.tag - CONTEXT) {
      case 4: {
        const time = message.children().expect(Tag.generalizedTime).time();
        if (time !== undefined) {
          fields.serverTime = time;
        }
        break;
      }
      case 5:
        fields.serverTime = (fields.serverTime ?? 0) + message.children().expect(Tag.integer).integer();
        break;
      case 6:
        fields.errorCode = message.children().expect(Tag.integer).integer();
        break;
      case 8:
        fields.user = principalIn(message);
        break;
      case 9:
        fields.realm = message.children().expect(Tag.generalString).text();
        break;
      case 10:
        fields.service = principalIn(message);
        break;
      default:
    }
  }
}

/** Components joined as people write them: `cifs/server.plant.example` (section 5.2.2). */
function principalIn(tagged: Ber): string {
  const principal = tagged.children().expect(Tag.sequence).children();
  principal.expect(CONTEXT);
  const components = principal
    .expect(CONTEXT + 1)
    .children()
    .expect(Tag.sequence)
    .children();
  const names: string[] = [];
  while (names.length < MOST_COMPONENTS && components.next()) {
    names.push(components.text());
  }
  return names.join('/');
}

/** Section 5.3. */
function serviceOfTicket(tagged: Ber): string {
  const ticket = tagged
    .children()
    .expect(APPLICATION + 1)
    .children()
    .expect(Tag.sequence)
    .children();
  ticket.expect(CONTEXT);
  ticket.expect(CONTEXT + 1);
  return principalIn(ticket.expect(CONTEXT + 2));
}

/** Section 5.2.5; Windows sends its NetBIOS name here. */
function readAddresses(addresses: Ber, fields: DraftFields): void {
  while (addresses.next()) {
    const address = addresses.children();
    const type = address.expect(CONTEXT).children().expect(Tag.integer).integer();
    const name = address
      .expect(CONTEXT + 1)
      .children()
      .expect(Tag.octetString);
    if (type === NETBIOS) {
      fields.host = name.text().slice(0, NETBIOS_LENGTH).trim();
    }
  }
}

function observeRequest(user: string | undefined, host: string | undefined, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  if (user && context.recall('user') !== user) {
    context.remember('user', user);
    observations.push({ kind: 'credential', scheme: 'Kerberos', user, secret: 'protected' });
  }
  if (host && context.recall('host') !== host) {
    context.remember('host', host);
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', name: host });
  }
  return observations;
}

function observeServer({ serverTime }: Fields, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  if (serverTime !== undefined) {
    observations.push({ kind: 'clock', stated: serverTime, source: 'Kerberos' });
  }
  if (context.recall('server') === undefined) {
    context.remember('server', true);
    const reason = 'gives out Kerberos tickets';
    observations.push({ kind: 'role', subject: 'sender', role: 'server', reason, basis: 'behaviour' });
  }
  return observations;
}
