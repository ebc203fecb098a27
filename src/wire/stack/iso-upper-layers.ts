import type { Reader } from '../reader.ts';

/**
 * The upper layers of OSI between the transport connection and an application such as MMS: session (ISO 8327-1),
 * presentation (ISO 8823-1) and the association service (ACSE, ISO 8650-1). Nothing here is kept or allocated: what
 * counts is where the application's PDU starts.
 */

/** No PDU of an application is in this message: it is about the session only, or breaks the rules. */
export const NO_USER_DATA = -1;

/** ISO 8327-1, section 8.3: session PDUs, and the parameters that hold user data. */
const DATA = 0x01;
const REFUSE = 0x0c;
const CONNECT = 0x0d;
const ACCEPT = 0x0e;
const USER_DATA = 0xc1;
const EXTENDED_USER_DATA = 0xc2;
const LONG_LENGTH = 0xff;

/** ISO 8823-1, section 8: presentation PDUs and what is in them. */
const CONNECT_PPDU = 0x31;
const REFUSE_PPDU = 0x30;
const NORMAL_MODE = 0xa2;
const SIMPLY_ENCODED = 0x60;
const FULLY_ENCODED = 0x61;
const VALUE_LIST = 0x30;

/** Both a presentation value and an EXTERNAL of ACSE hold their value in one of these. */
const ONE_ASN1_TYPE = 0xa0;
const OCTET_ALIGNED = 0x81;

/** ISO 8650-1, section 9: request and response of an association. */
const ASSOCIATE_REQUEST = 0x60;
const ASSOCIATE_RESPONSE = 0x61;
const USER_INFORMATION = 0xbe;
const EXTERNAL = 0x28;

/** X.690, section 8.1.3. */
const LONG_FORM = 0x80;
const LONGEST_LENGTH = 4;
const BROKEN = -1;

/** The first bytes are those of a session PDU that can hold an application's PDU. */
export function startsSession(reader: Reader): boolean {
  const type = reader.peek();
  return type === DATA ? reader.peek(1) <= 4 && reader.peek(2 + reader.peek(1)) === DATA : isSetUp(type);
}

/**
 * Moves to the application's PDU, from the start of a session PDU, and returns its position; what is announced and not
 * there marks the reader truncated.
 */
export function findUserData(reader: Reader): number {
  const type = reader.u8();
  if (type === DATA) {
    // Give tokens, then the data itself (section 8.3.11): both without parameters, as a rule.
    reader.skip(reader.u8());
    if (reader.u8() !== DATA) {
      return NO_USER_DATA;
    }
    reader.skip(reader.u8());
    return enterPresentation(reader, Number.POSITIVE_INFINITY, false);
  }
  return isSetUp(type) ? findInSetUp(reader) : NO_USER_DATA;
}

function isSetUp(type: number): boolean {
  return type === CONNECT || type === ACCEPT || type === REFUSE;
}

function findInSetUp(reader: Reader): number {
  const length = sessionLength(reader);
  const end = reader.position + length;
  reader.expect(length);
  while (reader.position < end && reader.remaining > 0 && reader.step()) {
    const parameter = reader.u8();
    const size = sessionLength(reader);
    const next = reader.position + size;
    if (next > end) {
      return NO_USER_DATA;
    }
    if (parameter === USER_DATA || parameter === EXTENDED_USER_DATA) {
      return enterPresentation(reader, next, true);
    }
    reader.seek(next);
  }
  return NO_USER_DATA;
}

/** Section 8.2.5: one octet, or three. */
function sessionLength(reader: Reader): number {
  const length = reader.u8();
  return length === LONG_LENGTH ? reader.u16be() : length;
}

function enterPresentation(reader: Reader, end: number, associates: boolean): number {
  const tag = reader.peek();
  let inner = end;
  if (tag === CONNECT_PPDU) {
    inner = enter(reader, inner, CONNECT_PPDU);
    inner = enter(reader, inner, NORMAL_MODE);
  } else if (tag === REFUSE_PPDU) {
    inner = enter(reader, inner, REFUSE_PPDU);
  }
  inner = enter(reader, inner, FULLY_ENCODED, SIMPLY_ENCODED);
  if (reader.peek() === VALUE_LIST) {
    // Fully encoded. What is simply encoded is the value itself, and none of ours begins like a list.
    inner = enter(reader, inner, VALUE_LIST);
    inner = enter(reader, inner, ONE_ASN1_TYPE, OCTET_ALIGNED);
  }
  if (associates) {
    inner = enter(reader, inner, ASSOCIATE_REQUEST, ASSOCIATE_RESPONSE);
    inner = enter(reader, inner, USER_INFORMATION);
    inner = enter(reader, inner, EXTERNAL);
    inner = enter(reader, inner, ONE_ASN1_TYPE, OCTET_ALIGNED);
  }
  return inner === BROKEN ? NO_USER_DATA : reader.position;
}

/**
 * Goes on to the element of this tag (or the other), and into it. Returns where it ends; `BROKEN` where there is none
 * before `end`. One of indefinite length ends with what holds it, as far as we care.
 */
function enter(reader: Reader, end: number, tag: number, other = tag): number {
  while (end !== BROKEN && reader.position < end && reader.remaining > 0 && reader.step()) {
    const found = reader.u8();
    const length = elementLength(reader, end);
    const last = reader.position + length;
    if (length === BROKEN || last > end) {
      return BROKEN;
    }
    if (found === tag || found === other) {
      reader.expect(last === Number.POSITIVE_INFINITY ? 0 : length);
      return last;
    }
    // Beyond the message where its length is indefinite: nothing of ours is behind such an element.
    reader.skip(length);
  }
  return BROKEN;
}

function elementLength(reader: Reader, end: number): number {
  const first = reader.u8();
  if (first < LONG_FORM) {
    return first;
  }
  const octets = first & ~LONG_FORM;
  if (octets === 0) {
    return end - reader.position;
  }
  if (octets > LONGEST_LENGTH) {
    return BROKEN;
  }
  let length = 0;
  for (let next = 0; next < octets; next++) {
    length = length * 256 + reader.u8();
  }
  return length;
}
