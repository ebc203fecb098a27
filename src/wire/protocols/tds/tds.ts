import {
  defineDissector,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type Part,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { findNtlm, observeNtlm } from '../../stack/ntlmssp.ts';
import { IDENTITY_TEXT } from '../../text.ts';
import { observeBrowser, readBrowser, recogniseBrowser } from './browser.ts';
import { type Draft, type Fields, OPERATIONS } from './common.ts';

const SERVER_PORT = 1433;
const BROWSER_PORT = 1434;

/** MS-TDS, section 2.2.3.1: type, status, length, process, number, window. */
const HEADER = 8;
const LONGEST = 0x7fff;
const LAST = 1;
const STATUS_BITS = 0x1f;

const BATCH = 1;
const CALL = 3;
const ANSWER = 4;
const BULK_LOAD = 7;
const LOGIN = 16;
const SSPI = 17;
const PRELOGIN = 18;

const BY_TYPE: ReadonlyMap<number, Operation> = new Map([
  [BATCH, OPERATIONS.batch],
  [2, OPERATIONS.login],
  [CALL, OPERATIONS.call],
  [ANSWER, OPERATIONS.answer],
  [6, OPERATIONS.attention],
  [BULK_LOAD, OPERATIONS.bulkLoad],
  [8, OPERATIONS.login],
  [14, OPERATIONS.transaction],
  [LOGIN, OPERATIONS.login],
  [SSPI, OPERATIONS.login],
  [PRELOGIN, OPERATIONS.prelogin],
]);

/** One question at a time in a connection. */
const PAIR = 0;
const ATTENTION = 6;

/** RFC 8446, section 5.1: records that go bare once both sides agreed to encrypt. */
const FIRST_RECORD = 20;
const LAST_RECORD = 23;
const RECORD_HEADER = 5;
const LONGEST_RECORD = 0x4800;

/** Section 2.2.6.5: options before the login. */
const VERSION_OPTION = 0;
const ENCRYPTION_OPTION = 1;
const END_OF_OPTIONS = 0xff;
const MOST_OPTIONS = 32;
const ENCRYPTION_ON = 1;
const ENCRYPTION_REQUIRED = 3;

/** Section 2.2.7: tokens of an answer that come before any row. */
const RETURN_STATUS = 0x79;
const ERROR = 0xaa;
const INFO = 0xab;
const LOGIN_ACK = 0xad;
const ENVIRONMENT = 0xe3;
const SSPI_TOKEN = 0xed;
const DONE: ReadonlySet<number> = new Set([0xfd, 0xfe, 0xff]);
const DONE_LENGTH = 12;
const MOST_TOKENS = 256;

/** Section 2.2.6.6: a number in place of a procedure's name. */
const NUMBERED = 0xffff;
const NO_BYTES = new Uint8Array(0);

export const tds = defineDissector<Fields>({
  name: 'tds',
  title: 'SQL Server (TDS)',
  source: 'MS-TDS; MC-SQLR for the browser service',
  at: [{ tcp: SERVER_PORT }, { udp: BROWSER_PORT }],
  operations: OPERATIONS,
  fields: {
    type: 'Type of the packet: 1 batch, 3 call, 4 answer, 16 login, 18 before the login; of the browser where UDP',
    version: 'Version of the client library, or of the server in an answer',
    encryption: '0 login only, 1 all, 2 not supported, 3 required',
    host: 'Name of the client, as it says',
    user: 'Who logs in',
    application: 'The program that logs in, as it says',
    server: 'The name under which the server is asked for, or its own in an answer',
    library: 'The library that the program uses',
    database: 'The database that is asked for',
    passwordSent: 'A password was sent, hidden so that anybody can read it',
    ntlm: 'What the NTLM message says: names, domain, user, system',
    product: 'The server as it names itself',
    procedure: 'Name or number of the procedure that is called',
    error: "Number of the server's error",
    message: "Text of the server's error",
    instance: 'The instance that the browser service is asked for',
    instances: 'Instances with server, version and port, from the browser service',
  },

  cut(reader, { transport, recall }) {
    if (transport === 'udp') {
      return reader.remaining;
    }
    if (reader.remaining < HEADER) {
      return MORE;
    }
    if (BY_TYPE.has(reader.peek(0))) {
      return isPacket(reader) ? packetLength(reader) : NOT_MINE;
    }
    return isRecord(reader) && recall(PRELOGIN) === true ? RECORD_HEADER + recordLength(reader) : NOT_MINE;
  },

  part(reader, { transport }) {
    return transport === 'udp' || !isPacket(reader) ? undefined : partOf(reader);
  },

  recognise(reader, { transport, sourcePort, destinationPort }) {
    const at = transport === 'udp' ? BROWSER_PORT : SERVER_PORT;
    const ownPort = sourcePort === at || destinationPort === at;
    if (transport === 'udp') {
      return recogniseBrowser(reader, ownPort);
    }
    if (reader.remaining < HEADER || !isPacket(reader)) {
      return 'no';
    }
    if (reader.peek(0) === PRELOGIN && startsOptions(reader)) {
      return 'strong';
    }
    // A header alone resembles too much (ISO on TCP, for one) to be looked for on other ports.
    return ownPort ? 'weak' : 'no';
  },

  read(reader, context) {
    if (context.transport === 'udp') {
      return readBrowser(reader);
    }
    const type = reader.u8();
    if (type >= FIRST_RECORD && type <= LAST_RECORD) {
      reader.skip(2);
      reader.limit(reader.u16be());
      return encrypted(type, context.fromClient);
    }
    reader.skip(1);
    const length = reader.u16be();
    reader.skip(4);
    // A message put together has no length of its own.
    if (length !== 0 || reader.truncated) {
      reader.limit(length - HEADER);
    }
    const operation = BY_TYPE.get(type);
    if (operation === undefined) {
      return new Malformed(`packet type ${type}`);
    }
    if (type === PRELOGIN) {
      context.remember(PRELOGIN, true);
    }
    if (type === PRELOGIN && isRecordAt(reader)) {
      reader.rest();
      return encrypted(type, context.fromClient);
    }
    return type === ANSWER
      ? readAnswer(reader, context.question(PAIR)?.operation)
      : readRequest(reader, type, operation);
  },

  observe({ direction, operation, fields }) {
    if (operation === OPERATIONS.browse) {
      return observeBrowser(fields.instances ?? []);
    }
    return direction === 'request' ? observeClient(fields) : observeServer(operation, fields);
  },
});

function isPacket(reader: Reader): boolean {
  const length = packetLength(reader);
  return (
    BY_TYPE.has(reader.peek(0)) &&
    reader.peek(1) <= STATUS_BITS &&
    length >= HEADER &&
    length <= LONGEST &&
    reader.peek(7) === 0
  );
}

/** The first option is the version, six bytes long. */
function startsOptions(reader: Reader): boolean {
  return reader.peek(HEADER) === VERSION_OPTION && reader.peek(HEADER + 3) === 0 && reader.peek(HEADER + 4) === 6;
}

function packetLength(reader: Reader): number {
  return (reader.peek(2) << 8) | reader.peek(3);
}

function isRecord(reader: Reader): boolean {
  const type = reader.peek(0);
  return type >= FIRST_RECORD && type <= LAST_RECORD && reader.peek(1) === 3 && recordLength(reader) <= LONGEST_RECORD;
}

function recordLength(reader: Reader): number {
  return (reader.peek(3) << 8) | reader.peek(4);
}

/** Rows fill any number of packets: only the first of a round of numbers is kept, as all we read stands at the start. */
function partOf(reader: Reader): Part | undefined {
  const type = reader.peek(0);
  const last = (reader.peek(1) & LAST) !== 0;
  const length = packetLength(reader);
  const number = reader.peek(6);
  if ((last && number <= 1) || reader.remaining < length) {
    return undefined;
  }
  const head = reader.take(HEADER).slice();
  head[2] = 0;
  head[3] = 0;
  const body = reader.take(length - HEADER);
  const rows = type === ANSWER || type === BULK_LOAD;
  return { key: type, head, body: rows && number !== 1 ? NO_BYTES : body, last };
}

function encrypted(type: number, fromClient: boolean): Reading<Fields> {
  return { direction: fromClient ? 'request' : 'response', operation: OPERATIONS.encrypted, fields: { type } };
}

function readRequest(reader: Reader, type: number, operation: Operation): Reading<Fields> {
  const fields: Draft = { type };
  if (type === PRELOGIN) {
    readOptions(reader, fields);
  } else if (type === LOGIN) {
    readLogin(reader, fields);
  } else if (type === SSPI) {
    setNtlm(fields, reader.rest());
  } else if (type === CALL) {
    readCall(reader, fields);
  }
  const request = { direction: 'request', operation, proves: true, fields } as const;
  return type === ATTENTION ? request : { ...request, pair: PAIR };
}

/** TLS is set up, by both sides, inside packets of the type that agrees on it. */
function isRecordAt(reader: Reader): boolean {
  return reader.peek(0) >= FIRST_RECORD && reader.peek(0) <= LAST_RECORD && reader.peek(1) === 3;
}

function readOptions(reader: Reader, fields: Draft): void {
  const start = reader.position;
  let option = reader.u8();
  for (let done = 0; option !== END_OF_OPTIONS && done < MOST_OPTIONS && !reader.truncated; done++) {
    const at = start + reader.u16be();
    const length = reader.u16be();
    const back = reader.position;
    if (at + length <= reader.length) {
      reader.seek(at);
      readOption(reader, option, length, fields);
      reader.seek(back);
    }
    option = reader.u8();
  }
}

function readOption(reader: Reader, option: number, length: number, fields: Draft): void {
  if (option === VERSION_OPTION && length >= 4) {
    fields.version = `${reader.u8()}.${reader.u8()}.${reader.u16be()}`;
  } else if (option === ENCRYPTION_OPTION && length >= 1) {
    fields.encryption = reader.u8();
  }
}

/** Section 2.2.6.4: places and lengths of texts behind 36 bytes of numbers. */
function readLogin(reader: Reader, fields: Draft): void {
  const start = reader.position;
  reader.expect(reader.u32le() - 4);
  reader.skip(32); // versions, sizes, process, flags, time zone, language
  const place = (): Place => ({ at: start + reader.u16le(), length: reader.u16le() });
  const host = place();
  const user = place();
  const password = place();
  const application = place();
  const server = place();
  place(); // extension
  const library = place();
  place(); // language
  const database = place();
  reader.skip(6); // MAC address, as the client says
  const token = place();
  setText(reader, fields, 'host', host);
  setText(reader, fields, 'user', user);
  fields.passwordSent = password.length > 0;
  setText(reader, fields, 'application', application);
  setText(reader, fields, 'server', server);
  setText(reader, fields, 'library', library);
  setText(reader, fields, 'database', database);
  if (token.length > 0 && token.at + token.length <= reader.length) {
    reader.seek(token.at);
    setNtlm(fields, reader.take(token.length));
  }
}

interface Place {
  readonly at: number;
  /** In characters. */
  readonly length: number;
}

type TextField = 'host' | 'user' | 'application' | 'server' | 'library' | 'database';

function setText(reader: Reader, fields: Draft, name: TextField, { at, length }: Place): void {
  if (length > 0 && at + length * 2 <= reader.length) {
    reader.seek(at);
    fields[name] = reader.text(length * 2, 'utf-16le').trim();
  }
}

function setNtlm(fields: Draft, token: Uint8Array): void {
  const ntlm = findNtlm(token);
  if (ntlm !== undefined) {
    fields.ntlm = ntlm;
  }
}

/** Section 2.2.6.6: headers for all requests since version 7.2, then the procedure. */
function readCall(reader: Reader, fields: Draft): void {
  reader.skip(Math.max(0, reader.u32le() - 4));
  const length = reader.u16le();
  fields.procedure = length === NUMBERED ? reader.u16le() : reader.text(length * 2, 'utf-16le');
}

function readAnswer(reader: Reader, asked: Operation | undefined): Reading<Fields> {
  const fields: Draft = { type: ANSWER };
  const operation = asked ?? OPERATIONS.answer;
  // No token is 0, and the first option is.
  if (reader.remaining > 0 && reader.peek(0) === VERSION_OPTION) {
    readOptions(reader, fields);
    return { direction: 'response', operation: OPERATIONS.prelogin, pair: PAIR, fields };
  }
  for (let done = 0; done < MOST_TOKENS && reader.remaining > 0 && readToken(reader, fields); done++) {
    // Each token moves the reader on.
  }
  const answer: Reading<Fields> = { direction: 'response', operation, pair: PAIR, fields };
  return fields.error === undefined ? answer : { ...answer, refused: fields.message ?? `error ${fields.error}` };
}

/** False where rows begin, or a token whose length only its columns tell. */
function readToken(reader: Reader, fields: Draft): boolean {
  const token = reader.u8();
  if (DONE.has(token)) {
    reader.skip(DONE_LENGTH);
    return true;
  }
  if (token === RETURN_STATUS) {
    reader.skip(4);
    return true;
  }
  if (token !== ERROR && token !== INFO && token !== LOGIN_ACK && token !== ENVIRONMENT && token !== SSPI_TOKEN) {
    return false;
  }
  const length = reader.u16le();
  reader.expect(length);
  const body = reader.sub(length);
  if (token === ERROR || token === INFO) {
    readMessage(body, token, fields);
  } else if (token === LOGIN_ACK) {
    readLoginAck(body, fields);
  } else if (token === SSPI_TOKEN) {
    setNtlm(fields, body.rest());
  }
  return true;
}

/** Section 2.2.7.10: number, state, class, text and the server's name. */
function readMessage(body: Reader, token: number, fields: Draft): void {
  const number = body.u32le();
  body.skip(2);
  const message = body.text(body.u16le() * 2, 'utf-16le', IDENTITY_TEXT);
  const server = body.text(body.u8() * 2, 'utf-16le').trim();
  if (server !== '') {
    fields.server = server;
  }
  if (token === ERROR && fields.error === undefined) {
    fields.error = number;
    fields.message = message;
  }
}

/** Section 2.2.7.14. */
function readLoginAck(body: Reader, fields: Draft): void {
  body.skip(5); // interface, version of the protocol
  fields.product = body.text(body.u8() * 2, 'utf-16le').trim();
  fields.version = `${body.u8()}.${body.u8()}.${body.u16be()}`;
}

function observeClient(fields: Fields): readonly Observation[] {
  if (fields.type === SSPI) {
    return observeNtlm(fields.ntlm, 'NTLM over TDS');
  }
  if (fields.type !== LOGIN) {
    return NOTHING;
  }
  const observations: Observation[] = [...observeNtlm(fields.ntlm, 'NTLM over TDS')];
  if (fields.host) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', name: fields.host });
  }
  if (fields.server) {
    observations.push({ kind: 'service', subject: 'receiver', requestedName: fields.server });
  }
  if (fields.user) {
    const secret = fields.passwordSent ? 'sent' : 'none';
    observations.push({ kind: 'credential', scheme: 'SQL Server', user: fields.user, secret });
  }
  return observations;
}

function observeServer(operation: Operation, fields: Fields): readonly Observation[] {
  const observations: Observation[] = [...observeNtlm(fields.ntlm, 'NTLM over TDS')];
  if (fields.encryption !== undefined) {
    const all = fields.encryption === ENCRYPTION_ON || fields.encryption === ENCRYPTION_REQUIRED;
    const version = fields.version === undefined ? {} : { version: `SQL Server ${fields.version}` };
    observations.push({ kind: 'service', subject: 'sender', protection: all ? 'encrypted' : 'none', ...version });
  }
  if (fields.product !== undefined) {
    observations.push(...observeProduct(fields));
  } else if (operation === OPERATIONS.login && fields.server !== undefined) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'banner', name: hostOf(fields.server) });
  }
  return observations;
}

function observeProduct(fields: Fields): readonly Observation[] {
  const name = fields.server === undefined ? undefined : hostOf(fields.server);
  const banner = `${fields.product ?? ''} ${fields.version ?? ''}`.trim();
  return [
    { kind: 'identity', subject: 'sender', basis: 'banner', ...known({ name }) },
    { kind: 'service', subject: 'sender', banner },
    { kind: 'role', subject: 'sender', role: 'server', reason: `serves ${banner}`, basis: 'banner' },
  ];
}

/** `HOST\INSTANCE`. */
function hostOf(server: string): string {
  const end = server.indexOf('\\');
  return end < 0 ? server : server.slice(0, end);
}
