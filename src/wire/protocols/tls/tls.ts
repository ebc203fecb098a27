import {
  type Context,
  type Direction,
  defineDissector,
  defineOperations,
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
import { sideOf } from '../../stack/side.ts';
import { type DistinguishedName, nameText, readCertificate } from '../../stack/x509.ts';
import { ja3, ja4 } from './fingerprint.ts';
import { readClientHello, readServerHello, versionText } from './hello.ts';

interface Fields {
  readonly contentType: number;
  readonly handshakeType?: number;
  readonly version?: string;
  readonly serverName?: string;
  readonly alpn?: string;
  readonly cipherSuite?: number;
  readonly cipherSuites?: number;
  readonly ja3?: string;
  readonly ja4?: string;
  readonly certificates?: readonly CertificateField[];
  readonly alert?: string;
}

interface CertificateField {
  readonly subject: string;
  readonly issuer: string;
  readonly commonName?: string;
  readonly serial: string;
  /** Microseconds since 1970. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly names: readonly string[];
  readonly selfSigned: boolean;
}

/** RFC 8446, appendix B.3, and what earlier versions have besides (RFC 5246, section 7.4). */
const OPERATIONS = defineOperations({
  helloRequest: ['hello request', 'session'],
  clientHello: ['client hello', 'session'],
  serverHello: ['server hello', 'session'],
  sessionTicket: ['new session ticket', 'session'],
  encryptedExtensions: ['encrypted extensions', 'session'],
  certificate: ['certificate', 'session'],
  serverKeyExchange: ['server key exchange', 'session'],
  certificateRequest: ['certificate request', 'session'],
  serverHelloDone: ['server hello done', 'session'],
  certificateVerify: ['certificate verify', 'session'],
  clientKeyExchange: ['client key exchange', 'session'],
  finished: ['finished', 'session'],
  certificateStatus: ['certificate status', 'session'],
  otherHandshake: ['other handshake message', 'session'],
  encryptedHandshake: ['encrypted handshake message', 'session'],
  changeCipherSpec: ['change cipher spec', 'session'],
  alert: ['alert', 'session'],
  heartbeat: ['heartbeat', 'session'],
  applicationData: ['application data', 'session'],
});

const BY_TYPE: ReadonlyMap<number, Operation> = new Map([
  [0, OPERATIONS.helloRequest],
  [1, OPERATIONS.clientHello],
  [2, OPERATIONS.serverHello],
  [4, OPERATIONS.sessionTicket],
  [5, OPERATIONS.otherHandshake],
  [6, OPERATIONS.otherHandshake],
  [8, OPERATIONS.encryptedExtensions],
  [11, OPERATIONS.certificate],
  [12, OPERATIONS.serverKeyExchange],
  [13, OPERATIONS.certificateRequest],
  [14, OPERATIONS.serverHelloDone],
  [15, OPERATIONS.certificateVerify],
  [16, OPERATIONS.clientKeyExchange],
  [20, OPERATIONS.finished],
  [21, OPERATIONS.otherHandshake],
  [22, OPERATIONS.certificateStatus],
  [23, OPERATIONS.otherHandshake],
  [24, OPERATIONS.otherHandshake],
  [25, OPERATIONS.otherHandshake],
  [67, OPERATIONS.otherHandshake],
]);

/** RFC 8446, section 5.1; the longest record is that of TLS 1.2 with compression (RFC 5246, section 6.2.3). */
const RECORD_HEADER = 5;
const LONGEST_RECORD = 0x4000 + 2048;
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEARTBEAT = 24;

const HANDSHAKE_HEADER = 4;
/** Longest handshake message believed: a chain of certificates stays far below. */
const LONGEST_HANDSHAKE = 0x2_0000;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const MOST_CERTIFICATES = 8;
const VERSION_1_3 = 0x0304;

/** Memory, by side: it encrypts from here on; its application data was told; what is missing of a handshake message. */
const ENCRYPTS = ['tls encrypts 0', 'tls encrypts 1'] as const;
const TOLD_DATA = ['tls told data 0', 'tls told data 1'] as const;
const MISSING = ['tls missing 0', 'tls missing 1'] as const;
/** Memory: protection and version of the service were told. */
const TOLD_SERVICE = 'tls told service';
const HELLO_PAIR = 1;

/** RFC 8446, section 6; the older ones from RFC 5246. */
const ALERTS: ReadonlyMap<number, string> = new Map([
  [0, 'close notify'],
  [10, 'unexpected message'],
  [20, 'bad record MAC'],
  [22, 'record overflow'],
  [40, 'handshake failure'],
  [42, 'bad certificate'],
  [43, 'unsupported certificate'],
  [44, 'certificate revoked'],
  [45, 'certificate expired'],
  [46, 'certificate unknown'],
  [47, 'illegal parameter'],
  [48, 'unknown CA'],
  [49, 'access denied'],
  [50, 'decode error'],
  [51, 'decrypt error'],
  [70, 'protocol version'],
  [71, 'insufficient security'],
  [80, 'internal error'],
  [86, 'inappropriate fallback'],
  [90, 'user canceled'],
  [100, 'no renegotiation'],
  [109, 'missing extension'],
  [112, 'unrecognized name'],
  [116, 'certificate required'],
  [120, 'no application protocol'],
]);
const FATAL = 2;

export const tls = defineDissector<Fields>({
  name: 'tls',
  title: 'TLS',
  source: 'RFC 8446 (1.3), RFC 5246 (1.2), RFC 5280 (certificates); JA3, JA4',
  at: [{ tcp: 443 }, { tcp: 8883 }, { tcp: 2221 }],
  operations: OPERATIONS,
  fields: {
    contentType: 'Type of the record: 20 change cipher spec, 21 alert, 22 handshake, 23 application data',
    handshakeType: 'Type of the handshake message',
    version: 'Highest version that the client offers, or the one that the server chose',
    serverName: 'Name under which the client asks for the server',
    alpn: 'Protocols inside that the client offers, or the one that the server chose',
    cipherSuite: 'Cipher suite that the server chose',
    cipherSuites: 'How many cipher suites the client offers',
    ja3: 'JA3 fingerprint of the client',
    ja4: 'JA4 fingerprint of the client',
    certificates: 'Chain of certificates, the own one first',
    alert: 'What the alert says',
  },

  cut(reader) {
    const { remaining } = reader;
    const type = reader.peek();
    if (remaining > 0 && (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT || (remaining > 1 && reader.peek(1) !== 3))) {
      return NOT_MINE;
    }
    if (remaining < RECORD_HEADER) {
      return MORE;
    }
    return fits(reader, 0) ? RECORD_HEADER + lengthAt(reader, 0) : NOT_MINE;
  },

  recognise(reader) {
    if (reader.remaining <= RECORD_HEADER || !fits(reader, 0)) {
      return 'no';
    }
    const next = RECORD_HEADER + lengthAt(reader, 0);
    if (reader.remaining >= next + RECORD_HEADER && !fits(reader, next)) {
      return 'no';
    }
    switch (reader.peek()) {
      case HANDSHAKE:
        return BY_TYPE.has(reader.peek(RECORD_HEADER)) && reader.peek(RECORD_HEADER + 1) < 2 ? 'strong' : 'weak';
      case CHANGE_CIPHER_SPEC:
        return reader.peek(RECORD_HEADER) === 1 ? 'strong' : 'no';
      default:
        return 'strong';
    }
  },

  /** A handshake message may go over several records, and a record may hold several messages (section 5.1). */
  part(reader, context) {
    if (reader.peek() !== HANDSHAKE || isEncrypted(reader, context)) {
      return undefined;
    }
    const side = sideOf(context);
    const before = missing(context, side);
    const after = walk(reader, before);
    if (after === undefined) {
      context.remember(MISSING[side], 0);
      return undefined;
    }
    if (before !== 0 || after !== 0) {
      context.remember(MISSING[side], after);
      return partOf(reader, before === 0, after === 0);
    }
    return undefined;
  },

  read(reader, context) {
    if (reader.remaining >= RECORD_HEADER && !fits(reader, 0)) {
      return new Malformed('not the header of a record');
    }
    const contentType = reader.u8();
    reader.skip(2); // version of the record layer, which TLS 1.3 gives out as 1.2
    reader.expect(reader.u16be());
    switch (contentType) {
      case CHANGE_CIPHER_SPEC:
        context.remember(ENCRYPTS[sideOf(context)], true);
        return { direction: 'report', operation: OPERATIONS.changeCipherSpec, fields: { contentType } };
      case ALERT:
        return readAlert(reader, context);
      case HANDSHAKE:
        return readHandshake(reader, context);
      case HEARTBEAT:
        return { direction: 'report', operation: OPERATIONS.heartbeat, fields: { contentType } };
      default:
        return readData(context);
    }
  },

  observe(reading, context) {
    const { operation, fields } = reading;
    switch (operation) {
      case OPERATIONS.clientHello:
        return fields.serverName === undefined
          ? NOTHING
          : [{ kind: 'service', subject: 'receiver', requestedName: fields.serverName }];
      case OPERATIONS.serverHello:
        context.remember(TOLD_SERVICE, true);
        return [{ kind: 'service', subject: 'sender', protection: 'encrypted', ...versionOf(fields) }];
      case OPERATIONS.certificate:
        return observeCertificate(fields);
      case OPERATIONS.applicationData:
        return observeData(context);
      default:
        return NOTHING;
    }
  },
});

function fits(reader: Reader, at: number): boolean {
  const type = reader.peek(at);
  const length = lengthAt(reader, at);
  const short = length === 0 && type !== APPLICATION_DATA;
  const version = reader.peek(at + 1) === 3 && reader.peek(at + 2) <= 4;
  return type >= CHANGE_CIPHER_SPEC && type <= HEARTBEAT && version && length <= LONGEST_RECORD && !short;
}

function lengthAt(reader: Reader, at: number): number {
  return (reader.peek(at + 3) << 8) | reader.peek(at + 4);
}

/** After a change of cipher all is encrypted, but for the second greeting that a TLS 1.3 server may ask for. */
function isEncrypted(reader: Reader, context: Context): boolean {
  if (context.recall(ENCRYPTS[sideOf(context)]) !== true) {
    return false;
  }
  const type = reader.peek(RECORD_HEADER);
  const hello = type === CLIENT_HELLO || type === SERVER_HELLO;
  return !hello || reader.peek(RECORD_HEADER + 1) !== 0 || reader.peek(RECORD_HEADER + 4) !== 3;
}

/**
 * Bytes that the open handshake message lacks. Below 0: its header too is incomplete, of which the number keeps up to
 * three bytes: -(count + 4 * their value).
 */
function missing(context: Context, side: 0 | 1): number {
  return Number(context.recall(MISSING[side]) ?? 0);
}

/** What is missing behind this record; undefined where no handshake message can be in it. */
function walk(reader: Reader, before: number): number | undefined {
  const end = Math.min(reader.remaining, RECORD_HEADER + lengthAt(reader, 0));
  let at = RECORD_HEADER + Math.max(0, before);
  let held = before < 0 ? -before & 3 : 0;
  let header = before < 0 ? -before >>> 2 : 0;
  while (at < end) {
    while (held < HANDSHAKE_HEADER && at < end) {
      header = header * 256 + reader.peek(at++);
      held++;
    }
    if (held < HANDSHAKE_HEADER) {
      return -(held + 4 * header);
    }
    const length = header % 0x100_0000;
    if (!BY_TYPE.has(Math.floor(header / 0x100_0000)) || length > LONGEST_HANDSHAKE || !reader.step()) {
      return undefined;
    }
    at += length;
    held = 0;
    header = 0;
  }
  return at - end;
}

function partOf(reader: Reader, first: boolean, last: boolean): Part {
  const head = reader.take(RECORD_HEADER);
  return { key: HANDSHAKE, head, body: reader.rest(), first, last };
}

function readHandshake(reader: Reader, context: Context): Reading<Fields> | readonly Reading<Fields>[] {
  reader.seek(0);
  if (isEncrypted(reader, context) || !BY_TYPE.has(reader.peek(RECORD_HEADER))) {
    return { direction: 'report', operation: OPERATIONS.encryptedHandshake, fields: { contentType: HANDSHAKE } };
  }
  reader.seek(RECORD_HEADER);
  const readings: Reading<Fields>[] = [];
  reader.repeatToEnd(() => {
    const handshakeType = reader.u8();
    const length = reader.u24be();
    reader.expect(length);
    const body = reader.sub(length);
    readings.push(readMessage(body, context, handshakeType));
    reader.truncated ||= body.truncated;
  });
  if (readings.length === 0) {
    reader.truncated = true;
  }
  return readings;
}

function readMessage(body: Reader, context: Context, handshakeType: number): Reading<Fields> {
  const contentType = HANDSHAKE;
  const operation = BY_TYPE.get(handshakeType) ?? OPERATIONS.otherHandshake;
  const direction: Direction = context.fromClient ? 'request' : 'response';
  switch (handshakeType) {
    case CLIENT_HELLO:
      return {
        direction: 'request',
        operation,
        pair: HELLO_PAIR,
        proves: true,
        fields: { contentType, handshakeType, ...readOffer(body) },
      };
    case SERVER_HELLO: {
      const { version, cipher, alpn } = readServerHello(body);
      if (version >= VERSION_1_3) {
        // Whatever the server says next in a handshake record is a greeting again, or encrypted.
        context.remember(ENCRYPTS[sideOf(context)], true);
      }
      const chosen = { version: versionText(version), cipherSuite: cipher, ...(alpn === undefined ? {} : { alpn }) };
      const fields = { contentType, handshakeType, ...chosen };
      return { direction: 'response', operation, pair: HELLO_PAIR, proves: true, fields };
    }
    case CERTIFICATE:
      return { direction, operation, fields: { contentType, handshakeType, certificates: readChain(body) } };
    default:
      return { direction, operation, fields: { contentType, handshakeType } };
  }
}

function readOffer(body: Reader): Partial<Fields> {
  const hello = readClientHello(body);
  const { serverName, alpn, versions } = hello;
  const highest = Math.max(hello.version, ...versions.filter((version) => version <= VERSION_1_3));
  return {
    version: versionText(highest),
    ...(serverName === undefined ? {} : { serverName }),
    ...(alpn.length > 0 ? { alpn: alpn.join(' ') } : {}),
    cipherSuites: hello.ciphers.length,
    ...(body.truncated ? {} : { ja3: ja3(hello), ja4: ja4(hello) }),
  };
}

/** RFC 5246, section 7.4.2: the sender's certificate, then those that vouch for it. */
function readChain(body: Reader): readonly CertificateField[] {
  const chain: CertificateField[] = [];
  body.limit(body.u24be());
  body.repeatToEnd(() => {
    const length = body.u24be();
    body.expect(length);
    const bytes = body.take(length);
    const certificate = chain.length < MOST_CERTIFICATES ? readCertificate(bytes) : undefined;
    if (certificate !== undefined) {
      const { subject, issuer, ...said } = certificate;
      chain.push({ subject: nameText(subject), issuer: nameText(issuer), ...commonName(subject), ...said });
    }
  });
  return chain;
}

function commonName({ commonName: name }: DistinguishedName): { readonly commonName?: string } {
  return name === undefined ? {} : { commonName: name };
}

/** Section 6. An encrypted alert is longer than its two bytes. */
function readAlert(reader: Reader, context: Context): Reading<Fields> {
  const contentType = ALERT;
  if (reader.remaining !== 2) {
    if (reader.remaining < 2) {
      reader.skip(2);
    }
    return { direction: 'report', operation: OPERATIONS.alert, fields: { contentType } };
  }
  const level = reader.u8();
  const code = reader.u8();
  const alert = ALERTS.get(code) ?? `alert ${code}`;
  const fields = { contentType, alert };
  if (level !== FATAL || context.question(HELLO_PAIR) === undefined) {
    return { direction: 'report', operation: OPERATIONS.alert, fields };
  }
  return { direction: 'response', operation: OPERATIONS.clientHello, pair: HELLO_PAIR, refused: alert, fields };
}

const NO_READING: readonly Reading<Fields>[] = [];

/** Data is told once for each side: what it holds and how often it comes is not known. */
function readData(context: Context): Reading<Fields> | readonly Reading<Fields>[] {
  const told = TOLD_DATA[sideOf(context)];
  if (context.recall(told) === true) {
    return NO_READING;
  }
  context.remember(told, true);
  return { direction: 'report', operation: OPERATIONS.applicationData, fields: { contentType: APPLICATION_DATA } };
}

function versionOf({ version }: Fields): { readonly version?: string } {
  return version === undefined ? {} : { version };
}

/** Without its greeting only that something is encrypted is known: TLS 1.3 gives itself out as 1.2 in each record. */
function observeData(context: Context): readonly Observation[] {
  if (context.recall(TOLD_SERVICE) === true) {
    return NOTHING;
  }
  context.remember(TOLD_SERVICE, true);
  const subject = context.fromClient ? 'receiver' : 'sender';
  return [{ kind: 'service', subject, protection: 'encrypted' }];
}

function observeCertificate({ certificates }: Fields): readonly Observation[] {
  const name = certificates?.[0]?.commonName ?? certificates?.[0]?.names[0];
  return name ? [{ kind: 'identity', subject: 'sender', basis: 'stated', ...known({ name }) }] : NOTHING;
}
