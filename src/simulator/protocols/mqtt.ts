import { ByteWriter } from '../frames/bytes.ts';

/** MQTT 3.1.1 (OASIS standard). */
const CONNECT = 0x10;
const CONNACK = 0x20;
const PUBLISH_AT_LEAST_ONCE = 0x32;
const PUBACK = 0x40;
const PING_REQUEST = 0xc0;
const PING_RESPONSE = 0xd0;
const LEVEL = 4;
const CLEAN_SESSION = 0x02;
const HAS_USER = 0x80;
const HAS_PASSWORD = 0x40;
const KEEP_ALIVE = 60;

function packet(type: number, body: Uint8Array): Uint8Array {
  const writer = new ByteWriter(4 + body.length).u8(type);
  let rest = body.length;
  do {
    const digit = rest & 0x7f;
    rest >>= 7;
    writer.u8(rest > 0 ? digit | 0x80 : digit);
  } while (rest > 0);
  return writer.raw(body).finish();
}

function text(writer: ByteWriter, value: string): ByteWriter {
  return writer.u16be(value.length).ascii(value);
}

export function connect(login: { readonly id: string; readonly user: string; readonly password: string }): Uint8Array {
  const body = text(new ByteWriter(64), 'MQTT')
    .u8(LEVEL)
    .u8(CLEAN_SESSION | HAS_USER | HAS_PASSWORD)
    .u16be(KEEP_ALIVE);
  for (const part of [login.id, login.user, login.password]) {
    text(body, part);
  }
  return packet(CONNECT, body.finish());
}

export const CONNECTED: Uint8Array = Uint8Array.of(CONNACK, 2, 0, 0);
export const PING: Uint8Array = Uint8Array.of(PING_REQUEST, 0);
export const PONG: Uint8Array = Uint8Array.of(PING_RESPONSE, 0);

export function publish(id: number, topic: string, content: string): Uint8Array {
  const body = text(new ByteWriter(128), topic).u16be(id).ascii(content);
  return packet(PUBLISH_AT_LEAST_ONCE, body.finish());
}

export function acknowledge(id: number): Uint8Array {
  return new ByteWriter(4).u8(PUBACK).u8(2).u16be(id).finish();
}
