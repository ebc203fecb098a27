import { ByteWriter, concat } from '../frames/bytes.ts';

/** Basic encoding rules (ITU-T X.690), as SNMP and certificates use them. */
const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const UTF8_STRING = 0x0c;
export const SEQUENCE = 0x30;
export const SET = 0x31;
const OBJECT_ID = 0x06;

const LONG_FORM = 0x80;

export function ber(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  const writer = new ByteWriter(4 + body.length).u8(tag);
  if (body.length < LONG_FORM) {
    writer.u8(body.length);
  } else if (body.length < 0x100) {
    writer.u8(LONG_FORM | 1).u8(body.length);
  } else {
    writer.u8(LONG_FORM | 2).u16be(body.length);
  }
  return writer.raw(body).finish();
}

/** A number from 0 to 2^31 - 1 in the fewest bytes. */
export function berInteger(value: number, tag = INTEGER): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(rest & 0xff);
    rest >>>= 8;
  } while (rest > 0);
  if ((bytes[0] ?? 0) & 0x80) {
    bytes.unshift(0);
  }
  return ber(tag, Uint8Array.from(bytes));
}

export function berObjectId(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) {
      digits.unshift((left & 0x7f) | 0x80);
    }
    bytes.push(...digits);
  }
  return ber(OBJECT_ID, Uint8Array.from(bytes));
}
