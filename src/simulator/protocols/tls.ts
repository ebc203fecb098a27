import { ascii, ByteWriter, concat } from '../frames/bytes.ts';
import type { Random } from '../random.ts';
import { BIT_STRING, ber, berInteger, berObjectId, NULL, SEQUENCE, SET, UTF8_STRING } from './ber.ts';

/** TLS 1.3 (RFC 8446) and, for old devices, TLS 1.0 (RFC 2246): the handshake in clear, the rest as noise. */
const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_HELLO_DONE = 14;
const CLIENT_KEY_EXCHANGE = 16;

const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const SIGNATURE_ALGORITHMS = 13;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;

const TLS_1_0 = 0x0301;
const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
const X25519 = 0x001d;
const AES_128_GCM_SHA256 = 0x1301;
const RSA_AES_128_CBC_SHA = 0x002f;
const CIPHERS = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0x009c, 0x002f] as const;
const GROUPS = [X25519, 0x0017, 0x0018] as const;
const SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501] as const;

function record(type: number, version: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(5 + body.length).u8(type).u16be(version).u16be(body.length).raw(body).finish();
}

function handshake(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(4 + body.length).u8(type).u24be(body.length).raw(body).finish();
}

function extension(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(4 + body.length).u16be(type).u16be(body.length).raw(body).finish();
}

/** A list of 16-bit numbers after its length, which takes one byte or two. */
function list(values: readonly number[], lengthBytes: 1 | 2): Uint8Array {
  const writer = new ByteWriter(2 + values.length * 2);
  if (lengthBytes === 1) {
    writer.u8(values.length * 2);
  } else {
    writer.u16be(values.length * 2);
  }
  for (const value of values) {
    writer.u16be(value);
  }
  return writer.finish();
}

export function clientHello(random: Random, serverName: string): Uint8Array {
  const name = ascii(serverName);
  const extensions = concat(
    extension(
      SERVER_NAME,
      new ByteWriter(32)
        .u16be(name.length + 3)
        .u8(0)
        .u16be(name.length)
        .raw(name)
        .finish(),
    ),
    extension(SUPPORTED_GROUPS, list(GROUPS, 2)),
    extension(SIGNATURE_ALGORITHMS, list(SIGNATURES, 2)),
    extension(ALPN, new ByteWriter(16).u16be(9).u8(8).ascii('http/1.1').finish()),
    extension(SUPPORTED_VERSIONS, list([TLS_1_3, TLS_1_2], 1)),
    extension(KEY_SHARE, new ByteWriter(40).u16be(36).u16be(X25519).u16be(32).raw(random.bytes(32)).finish()),
  );
  const body = new ByteWriter(256)
    .u16be(TLS_1_2)
    .raw(random.bytes(32))
    .u8(32)
    .raw(random.bytes(32))
    .raw(list(CIPHERS, 2))
    .raw([1, 0])
    .u16be(extensions.length)
    .raw(extensions);
  return record(HANDSHAKE, TLS_1_0, handshake(CLIENT_HELLO, body.finish()));
}

/** TLS 1.3: from here on everything is encrypted. */
export function serverHello(random: Random, sessionId: Uint8Array): Uint8Array {
  const extensions = concat(
    extension(SUPPORTED_VERSIONS, Uint8Array.of(TLS_1_3 >> 8, TLS_1_3 & 0xff)),
    extension(KEY_SHARE, new ByteWriter(36).u16be(X25519).u16be(32).raw(random.bytes(32)).finish()),
  );
  const body = new ByteWriter(128)
    .u16be(TLS_1_2)
    .raw(random.bytes(32))
    .u8(sessionId.length)
    .raw(sessionId)
    .u16be(AES_128_GCM_SHA256)
    .u8(0)
    .u16be(extensions.length)
    .raw(extensions);
  return concat(
    record(HANDSHAKE, TLS_1_2, handshake(SERVER_HELLO, body.finish())),
    changeCipherSpec(TLS_1_2),
    applicationData(random, 900),
  );
}

const SESSION_ID_AT = 5 + 4 + 2 + 32 + 1;

/** The session id of a client's hello, which the server repeats. */
export function sessionIdOf(hello: Uint8Array): Uint8Array {
  return hello.subarray(SESSION_ID_AT, SESSION_ID_AT + 32);
}

function changeCipherSpec(version: number): Uint8Array {
  return record(CHANGE_CIPHER_SPEC, version, Uint8Array.of(1));
}

export function clientFinished(random: Random): Uint8Array {
  return concat(changeCipherSpec(TLS_1_2), applicationData(random, 53));
}

export function applicationData(random: Random, length: number): Uint8Array {
  return record(APPLICATION_DATA, TLS_1_2, random.bytes(length));
}

/** An old web server: TLS 1.0 with a certificate of its own making. */
export function oldServerHello(random: Random, subject: string): Uint8Array {
  const hello = new ByteWriter(48).u16be(TLS_1_0).raw(random.bytes(32)).u8(0).u16be(RSA_AES_128_CBC_SHA).u8(0).finish();
  const certificate = selfSigned(random, subject);
  const chain = new ByteWriter(6 + certificate.length)
    .u24be(certificate.length + 3)
    .u24be(certificate.length)
    .raw(certificate)
    .finish();
  return concat(
    record(HANDSHAKE, TLS_1_0, handshake(SERVER_HELLO, hello)),
    record(HANDSHAKE, TLS_1_0, handshake(CERTIFICATE, chain)),
    record(HANDSHAKE, TLS_1_0, handshake(SERVER_HELLO_DONE, new Uint8Array(0))),
  );
}

export function oldClientFinished(random: Random): Uint8Array {
  const key = new ByteWriter(130).u16be(128).raw(random.bytes(128)).finish();
  return concat(record(HANDSHAKE, TLS_1_0, handshake(CLIENT_KEY_EXCHANGE, key)), oldServerFinished(random));
}

export function oldServerFinished(random: Random): Uint8Array {
  return concat(changeCipherSpec(TLS_1_0), record(HANDSHAKE, TLS_1_0, random.bytes(48)));
}

export function oldApplicationData(random: Random, length: number): Uint8Array {
  return record(APPLICATION_DATA, TLS_1_0, random.bytes(length));
}

const SHA1_WITH_RSA = '1.2.840.113549.1.1.5';
const RSA = '1.2.840.113549.1.1.1';
const COMMON_NAME = '2.5.4.3';
const UTC_TIME = 0x17;
const KEY_BYTES = 128;

/** X.509 (RFC 5280) with numbers that only look like a key. */
function selfSigned(random: Random, subject: string): Uint8Array {
  const algorithm = ber(SEQUENCE, berObjectId(SHA1_WITH_RSA), ber(NULL));
  const name = ber(SEQUENCE, ber(SET, ber(SEQUENCE, berObjectId(COMMON_NAME), ber(UTF8_STRING, ascii(subject)))));
  const validity = ber(SEQUENCE, ber(UTC_TIME, ascii('140101000000Z')), ber(UTC_TIME, ascii('340101000000Z')));
  const modulus = ber(0x02, Uint8Array.of(0, 0xc1), random.bytes(KEY_BYTES - 1));
  const key = ber(SEQUENCE, modulus, berInteger(65_537));
  const publicKey = ber(SEQUENCE, ber(SEQUENCE, berObjectId(RSA), ber(NULL)), ber(BIT_STRING, Uint8Array.of(0), key));
  const version = ber(0xa0, berInteger(2));
  const body = ber(SEQUENCE, version, berInteger(1), algorithm, name, validity, name, publicKey);
  return ber(SEQUENCE, body, algorithm, ber(BIT_STRING, Uint8Array.of(0), random.bytes(KEY_BYTES)));
}
