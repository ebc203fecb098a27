import type { Reader } from '../reader.ts';

/** What GOOSE and sampled values have in common: the header of IEC 61850-8-1, annex C, and elements of BER (X.690). */

/** Application id, length, two reserved words. */
export const HEADER = 8;
/** First bit of the first reserved word: the message is from test equipment. */
export const SIMULATED = 0x8000;
export const BROKEN = -1;

const LONG_FORM = 0x80;
const LONGEST_LENGTH = 3;
/** Four octets and the zero before a value whose first bit is set. */
const LONGEST_NUMBER = 5;

/**
 * Length octets of an element; `BROKEN` for the indefinite form and for more than a frame can hold. Allocates nothing,
 * which a cursor of `ber.ts` would: these messages come by the thousand each second.
 */
export function readLength(reader: Reader): number {
  const first = reader.u8();
  if (first < LONG_FORM) {
    return first;
  }
  const octets = first & ~LONG_FORM;
  if (octets === 0 || octets > LONGEST_LENGTH) {
    return BROKEN;
  }
  let length = 0;
  for (let next = 0; next < octets; next++) {
    length = length * 256 + reader.u8();
  }
  return length;
}

/** An unsigned number of `length` octets. A longer one than the standard allows is read by its last octets. */
export function readNumber(reader: Reader, length: number): number {
  reader.skip(Math.max(0, length - LONGEST_NUMBER));
  let value = 0;
  for (let next = Math.min(length, LONGEST_NUMBER); next > 0; next--) {
    value = value * 256 + reader.u8();
  }
  return value;
}

/** The frame holds an APDU of this tag. The length of the header is no mark: devices count it from different places. */
export function startsApdu(reader: Reader, tag: number): boolean {
  const length = (reader.peek(2) << 8) | reader.peek(3);
  return reader.remaining > HEADER + 1 && length >= HEADER && reader.peek(HEADER) === tag;
}
