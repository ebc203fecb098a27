import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  type CutContext,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly user?: string;
  readonly routingToken?: string;
  readonly requestedProtocols?: number;
  readonly selectedProtocol?: number;
  readonly failure?: number;
  readonly clientName?: string;
  readonly clientBuild?: number;
  readonly version?: string;
  readonly keyboardLayout?: number;
}

/** MS-RDPBCGR, section 1.3.1.1: the phases of a connection that are in clear. */
const OPERATIONS = defineOperations({
  connect: ['connect', 'session'],
  settings: ['exchange settings', 'session'],
  channel: ['open channels', 'session'],
  data: ['remote control', 'session'],
  disconnect: ['disconnect', 'session'],
});

/** RFC 1006 and X.224, section 13: header of the packet, then kinds of TPDU. */
const TPKT_VERSION = 3;
const TPKT_HEADER = 4;
const SHORTEST = 7;
const CONNECT_REQUEST = 0xe0;
const CONNECT_CONFIRM = 0xd0;
const DISCONNECT_REQUEST = 0x80;
const DATA = 0xf0;
const CONNECT_HEADER = 7;

/** MS-RDPBCGR, sections 2.2.1.1.1, 2.2.1.2.1 and 2.2.1.2.2. */
const NEGOTIATION = 8;
const NEGOTIATION_REQUEST = 1;
const NEGOTIATION_RESPONSE = 2;
const NEGOTIATION_FAILURE = 3;
const COOKIE = 'Cookie: mstshash=';
const COOKIE_START = [0x43, 0x6f, 0x6f, 0x6b, 0x69, 0x65, 0x3a, 0x20]; // `Cookie: `
const FAILURES: ReadonlyMap<number, string> = new Map([
  [1, 'TLS required by server'],
  [2, 'TLS not allowed by server'],
  [3, 'no certificate on server'],
  [4, 'inconsistent flags'],
  [5, 'CredSSP required by server'],
  [6, 'TLS with user authentication required by server'],
]);
const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [0, 'standard RDP security'],
  [1, 'TLS'],
  [2, 'CredSSP'],
  [4, 'RDSTLS'],
  [8, 'CredSSP with early authorization'],
  [16, 'Entra'],
]);

/** T.125, section 7, and MS-RDPBCGR, section 2.2.1.3: settings inside of the first messages, as GCC user data. */
const MCS_CONNECT_INITIAL = 0x7f65;
const MCS_CONNECT_RESPONSE = 0x7f66;
const CLIENT_KEY = [0x44, 0x75, 0x63, 0x61]; // `Duca`
const CLIENT_CORE = 0xc001;
const MCS_DISCONNECT = 8;
const MCS_SEND_REQUEST = 25;
const MCS_SEND_INDICATION = 26;
const FARTHEST_KEY = 512;

/** Section 2.2.1.3.2. */
const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0008_0001, '4.0'],
  [0x0008_0004, '5.0 to 8.1'],
  [0x0008_0005, '10.0'],
  [0x0008_0006, '10.1'],
  [0x0008_0007, '10.2'],
  [0x0008_0008, '10.3'],
  [0x0008_0009, '10.4'],
  [0x0008_000a, '10.5'],
  [0x0008_000b, '10.6'],
  [0x0008_000c, '10.7'],
  [0x0008_000d, '10.8'],
  [0x0008_000e, '10.9'],
  [0x0008_000f, '10.10'],
  [0x0008_0010, '10.11'],
  [0x0008_0011, '10.12'],
]);
const CLIENT_NAME = 32;

const CONNECT_PAIR = 1;
const SETTINGS_PAIR = 2;
/** Memory: settings were exchanged in clear, so fast-path packets may follow; the sides whose data was told. */
const IN_CLEAR = 'rdp in clear';
const TOLD = ['rdp told server', 'rdp told client'] as const;

export const rdp = defineDissector<Fields>({
  name: 'rdp',
  title: 'Remote Desktop',
  source: 'MS-RDPBCGR; ITU-T T.125; RFC 1006',
  at: [{ tcp: 3389 }],
  operations: OPERATIONS,
  fields: {
    user: 'Name of the user that the client asks for, cut to nine characters by some clients',
    routingToken: 'What a load balancer goes by',
    requestedProtocols: 'Bits of the protections that the client offers: 1 TLS, 2 CredSSP',
    selectedProtocol: 'Protection that the server chose: 0 none of these, 1 TLS, 2 CredSSP',
    failure: 'Why the server chose none',
    clientName: 'Name of the computer that the user sits at',
    clientBuild: 'Build number of the client',
    version: 'Version of the protocol that the client speaks',
    keyboardLayout: 'Language and layout of the keyboard, by its Windows number',
  },

  cut(reader, context) {
    if (reader.remaining < TPKT_HEADER) {
      const starts = reader.remaining === 0 || reader.peek() === TPKT_VERSION || context.recall(IN_CLEAR) === true;
      return starts ? MORE : NOT_MINE;
    }
    if (reader.peek() === TPKT_VERSION && reader.peek(1) === 0) {
      const length = (reader.peek(2) << 8) | reader.peek(3);
      return length >= SHORTEST ? length : NOT_MINE;
    }
    return cutFastPath(reader, context);
  },

  recognise(reader, context) {
    const length = (reader.peek(2) << 8) | reader.peek(3);
    const header = reader.peek(4);
    const code = reader.peek(5) & 0xf0;
    const framed = reader.peek() === TPKT_VERSION && reader.peek(1) === 0 && header + TPKT_HEADER + 1 === length;
    if (!framed || (code !== CONNECT_REQUEST && code !== CONNECT_CONFIRM)) {
      return 'no';
    }
    if (startsCookie(reader) || negotiates(reader, length, code)) {
      return 'strong';
    }
    const own = context.sourcePort === 3389 || context.destinationPort === 3389;
    return own && header === CONNECT_HEADER - 1 ? 'weak' : 'no';
  },

  read(reader, context) {
    if (reader.peek() !== TPKT_VERSION && context.recall(IN_CLEAR) === true) {
      return tellData(context);
    }
    const version = reader.u8();
    reader.skip(1);
    const length = reader.u16be();
    if (!reader.truncated && (version !== TPKT_VERSION || length < SHORTEST)) {
      return new Malformed('not the header of a packet');
    }
    reader.expect(length - TPKT_HEADER);
    const header = reader.u8();
    const code = reader.u8() & 0xf0;
    switch (code) {
      case CONNECT_REQUEST:
        return readRequest(reader, header - 1);
      case CONNECT_CONFIRM:
        return readConfirm(reader, header - 1);
      case DISCONNECT_REQUEST:
        return { direction: 'report', operation: OPERATIONS.disconnect, fields: {} };
      case DATA:
        reader.skip(1);
        return readData(reader, context);
      default:
        return reader.truncated
          ? { direction: 'report', operation: OPERATIONS.connect, fields: {} }
          : new Malformed('unknown kind of TPDU');
    }
  },

  observe({ operation, direction, fields, refused }) {
    switch (operation) {
      case OPERATIONS.connect:
        return direction === 'request' ? observeUser(fields) : observeProtection(fields, refused);
      case OPERATIONS.settings:
        return fields.clientName
          ? [{ kind: 'identity', subject: 'sender', basis: 'announcement', name: fields.clientName }]
          : NOTHING;
      default:
        return NOTHING;
    }
  },
});

/** Section 2.2.8.1.2: input and pictures, shorter than with all the headers. Only where the session is in clear. */
function cutFastPath(reader: Reader, context: CutContext): number {
  if (context.recall(IN_CLEAR) !== true || (reader.peek() & 3) !== 0) {
    return NOT_MINE;
  }
  const first = reader.peek(1);
  const length = first < 0x80 ? first : ((first & 0x7f) << 8) | reader.peek(2);
  return length >= TPKT_HEADER ? length : NOT_MINE;
}

function startsCookie(reader: Reader): boolean {
  for (const [at, byte] of COOKIE_START.entries()) {
    if (reader.peek(TPKT_HEADER + CONNECT_HEADER + at) !== byte) {
      return false;
    }
  }
  return true;
}

/** The last eight bytes: kind, flags, and their own length. */
function negotiates(reader: Reader, length: number, code: number): boolean {
  const at = length - NEGOTIATION;
  const kind = reader.peek(at);
  const fits =
    code === CONNECT_REQUEST
      ? kind === NEGOTIATION_REQUEST
      : kind === NEGOTIATION_RESPONSE || kind === NEGOTIATION_FAILURE;
  const room = at >= TPKT_HEADER + CONNECT_HEADER && reader.remaining >= length;
  return room && fits && reader.peek(at + 2) === NEGOTIATION && reader.peek(at + 3) === 0;
}

/** Section 2.2.1.1: a cookie or token in a line, then what the client can do. */
function readRequest(reader: Reader, length: number): Reading<Fields> {
  reader.limit(Math.max(0, length));
  reader.skip(CONNECT_HEADER - 2); // references and class
  const fields: Mutable<Fields> = {};
  if (reader.remaining > NEGOTIATION || startsLine(reader)) {
    const line = readLine(reader);
    if (line.startsWith(COOKIE)) {
      fields.user = line.slice(COOKIE.length);
    } else if (line) {
      fields.routingToken = line;
    }
  }
  if (reader.peek() === NEGOTIATION_REQUEST && reader.remaining >= NEGOTIATION) {
    reader.skip(4);
    fields.requestedProtocols = reader.u32le();
  }
  return { direction: 'request', operation: OPERATIONS.connect, pair: CONNECT_PAIR, proves: true, fields };
}

function startsLine(reader: Reader): boolean {
  return reader.remaining > 0 && reader.peek() >= 0x20;
}

const CR = 13;

function readLine(reader: Reader): string {
  let length = 0;
  while (length < reader.remaining && reader.peek(length) !== CR) {
    length++;
  }
  const line = reader.text(length, 'latin-1');
  reader.skip(Math.min(2, reader.remaining));
  return line;
}

function readConfirm(reader: Reader, length: number): Reading<Fields> {
  reader.limit(Math.max(0, length));
  reader.skip(CONNECT_HEADER - 2);
  const common = { direction: 'response' as const, operation: OPERATIONS.connect, pair: CONNECT_PAIR, proves: true };
  const kind = reader.remaining >= NEGOTIATION ? reader.u8() : 0;
  if (kind === 0) {
    return { ...common, fields: { selectedProtocol: 0 } };
  }
  reader.skip(3);
  const value = reader.u32le();
  if (kind === NEGOTIATION_FAILURE) {
    return { ...common, refused: FAILURES.get(value) ?? `failure ${value}`, fields: { failure: value } };
  }
  return { ...common, fields: { selectedProtocol: value } };
}

function readData(reader: Reader, context: Context): Reading<Fields> | readonly Reading<Fields>[] {
  const tag = (reader.peek() << 8) | reader.peek(1);
  if (tag === MCS_CONNECT_INITIAL) {
    context.remember(IN_CLEAR, true);
    const fields = readSettings(reader);
    return { direction: 'request', operation: OPERATIONS.settings, pair: SETTINGS_PAIR, proves: true, fields };
  }
  if (tag === MCS_CONNECT_RESPONSE) {
    context.remember(IN_CLEAR, true);
    return { direction: 'response', operation: OPERATIONS.settings, pair: SETTINGS_PAIR, fields: {} };
  }
  const kind = reader.peek() >> 2;
  if (kind === MCS_SEND_REQUEST || kind === MCS_SEND_INDICATION) {
    return tellData(context);
  }
  const operation: Operation = kind === MCS_DISCONNECT ? OPERATIONS.disconnect : OPERATIONS.channel;
  return { direction: context.fromClient ? 'request' : 'response', operation, fields: {} };
}

/** Finds the client's core data behind the key that GCC puts before user data (T.124, section 8.7). */
function readSettings(reader: Reader): Fields {
  const start = reader.position;
  const end = Math.min(reader.remaining, FARTHEST_KEY);
  for (let at = 0; at < end; at++) {
    if (CLIENT_KEY.every((byte, offset) => reader.peek(at + offset) === byte)) {
      reader.seek(start + at + CLIENT_KEY.length);
      reader.skip(reader.peek() < 0x80 ? 1 : 2);
      return readCore(reader);
    }
  }
  return {};
}

function readCore(reader: Reader): Fields {
  if (reader.u16le() !== CLIENT_CORE) {
    return {};
  }
  reader.expect(reader.u16le() - 4);
  const version = reader.u32le();
  reader.skip(8); // size of the screen, colours
  const keyboardLayout = reader.u32le();
  const clientBuild = reader.u32le();
  const name = reader.text(CLIENT_NAME, 'utf-16le');
  return {
    ...(name ? { clientName: name } : {}),
    clientBuild,
    version: VERSIONS.get(version) ?? `0x${version.toString(16)}`,
    keyboardLayout,
  };
}

const NO_READING: readonly Reading<Fields>[] = [];

function tellData(context: Context): Reading<Fields> | readonly Reading<Fields>[] {
  const told = TOLD[context.fromClient ? 1 : 0];
  if (context.recall(told) === true) {
    return NO_READING;
  }
  context.remember(told, true);
  return { direction: context.fromClient ? 'request' : 'report', operation: OPERATIONS.data, fields: {} };
}

function observeUser({ user }: Fields): readonly Observation[] {
  return user ? [{ kind: 'credential', scheme: 'RDP', user, secret: 'protected' }] : NOTHING;
}

function observeProtection({ selectedProtocol }: Fields, refused: string | undefined): readonly Observation[] {
  if (selectedProtocol === undefined || refused !== undefined) {
    return NOTHING;
  }
  const version = PROTOCOLS.get(selectedProtocol) ?? `protocol ${selectedProtocol}`;
  const protection = selectedProtocol === 0 ? {} : { protection: 'encrypted' as const };
  return [{ kind: 'service', subject: 'sender', ...protection, version }];
}
