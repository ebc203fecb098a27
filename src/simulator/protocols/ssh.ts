import { ascii, ByteWriter, concat } from '../frames/bytes.ts';
import type { Random } from '../random.ts';

/** SSH 2 up to the new keys (RFC 4253, 5656). */
const KEX_INIT = 20;
const NEW_KEYS = 21;
const KEX_ECDH_INIT = 30;
const KEX_ECDH_REPLY = 31;
const BLOCK = 8;
const HOST_KEY = 'ecdsa-sha2-nistp256';
const UNCOMPRESSED = 4;

const LISTS = [
  'curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256',
  'ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256',
  'aes128-ctr,aes256-ctr',
  'aes128-ctr,aes256-ctr',
  'hmac-sha2-256',
  'hmac-sha2-256',
  'none',
  'none',
  '',
  '',
] as const;

export function banner(software: string): Uint8Array {
  return ascii(`SSH-2.0-${software}\r\n`);
}

function packet(payload: Uint8Array): Uint8Array {
  const padding = BLOCK - ((5 + payload.length) % BLOCK) + ((5 + payload.length) % BLOCK > 4 ? BLOCK : 0);
  return new ByteWriter(5 + payload.length + padding)
    .u32be(1 + payload.length + padding)
    .u8(padding)
    .raw(payload)
    .zeros(padding)
    .finish();
}

function text(value: string): Uint8Array {
  return new ByteWriter(4 + value.length).u32be(value.length).ascii(value).finish();
}

function blob(bytes: Uint8Array): Uint8Array {
  return new ByteWriter(4 + bytes.length).u32be(bytes.length).raw(bytes).finish();
}

export function keyExchangeInit(random: Random): Uint8Array {
  return packet(concat(Uint8Array.of(KEX_INIT), random.bytes(16), ...LISTS.map(text), new Uint8Array(5)));
}

export function ecdhInit(random: Random): Uint8Array {
  return packet(concat(Uint8Array.of(KEX_ECDH_INIT), blob(random.bytes(32))));
}

export function ecdhReply(random: Random): Uint8Array {
  const point = concat(Uint8Array.of(UNCOMPRESSED), random.bytes(64));
  const hostKey = concat(text(HOST_KEY), text('nistp256'), blob(point));
  const signature = concat(text(HOST_KEY), blob(concat(positive(random), positive(random))));
  return concat(
    packet(concat(Uint8Array.of(KEX_ECDH_REPLY), blob(hostKey), blob(random.bytes(32)), blob(signature))),
    newKeys(),
  );
}

/** A number of 256 bits whose first bit says that it is not negative. */
function positive(random: Random): Uint8Array {
  return blob(concat(Uint8Array.of(0x42), random.bytes(31)));
}

export function newKeys(): Uint8Array {
  return packet(Uint8Array.of(NEW_KEYS));
}

export function encrypted(random: Random, blocks: number): Uint8Array {
  return random.bytes(blocks * 16 + 32);
}
