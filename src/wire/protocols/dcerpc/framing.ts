import type { Part } from '../../dissector.ts';
import { uuidText } from '../../format.ts';
import type { Reader } from '../../reader.ts';

/** C706, section 12.6.1: what the first byte says. */
export const CONNECTION = 5;
export const DATAGRAM = 4;
/** Marks the first byte of the head that `part` gives to a message put together, as no length in it counts any more. */
export const JOINED = 0x80;
/** Beside it: a part was encrypted, so the whole is. */
export const JOINED_ENCRYPTED = 0x40;

export const CONNECTION_HEADER = 16;
const CALL_HEADER = 24;
export const DATAGRAM_HEADER = 80;
export const UUID = 16;
export const AUTH_HEADER = 8;
export const LITTLE_ENDIAN = 0x10;

/** C706, section 12.6.4: types of PDU; the last is RTS of MS-RPCH. */
export const REQUEST = 0;
export const RESPONSE = 2;
export const FAULT = 3;
const LAST_DATAGRAM_TYPE = 10;
const LAST_TYPE = 20;

const FIRST_FRAGMENT = 0x01;
const LAST_FRAGMENT = 0x02;
const WHOLE = FIRST_FRAGMENT | LAST_FRAGMENT;
export const HAS_OBJECT = 0x80;
const DATAGRAM_LAST = 0x02;
const DATAGRAM_FRAGMENT = 0x04;

/** MS-RPCE, section 2.2.1.1.8: the stub is encrypted. */
export const PRIVACY = 6;

/** A head of the connection-oriented protocol: version 5.0 or 5.1, a known type, a byte order, sizes that fit. */
export function isConnection(reader: Reader): boolean {
  if (reader.peek(0) !== CONNECTION || reader.peek(1) > 1 || reader.peek(2) > LAST_TYPE || !hasFormat(reader, 4)) {
    return false;
  }
  const length = fragmentLength(reader);
  const auth = authLength(reader);
  return reader.peek(7) === 0 && length >= CONNECTION_HEADER && auth + CONNECTION_HEADER <= length;
}

export function isDatagram(reader: Reader): boolean {
  return (
    reader.peek(0) === DATAGRAM && reader.peek(1) <= LAST_DATAGRAM_TYPE && reader.peek(3) <= 3 && hasFormat(reader, 4)
  );
}

/** Data representation: ASCII or EBCDIC in either byte order, one of four floating-point formats, a zero. */
function hasFormat(reader: Reader, at: number): boolean {
  return (reader.peek(at) & 0xee) === 0 && reader.peek(at + 1) <= 3 && reader.peek(at + 2) === 0;
}

function isLittleEndian(reader: Reader): boolean {
  return (reader.peek(4) & LITTLE_ENDIAN) !== 0;
}

function peek16(reader: Reader, at: number): number {
  return isLittleEndian(reader)
    ? reader.peek(at) | (reader.peek(at + 1) << 8)
    : (reader.peek(at) << 8) | reader.peek(at + 1);
}

function peek32(reader: Reader, at: number): number {
  const [low, high] = isLittleEndian(reader) ? [at, at + 2] : [at + 2, at];
  return ((peek16(reader, high) << 16) | peek16(reader, low)) >>> 0;
}

export function fragmentLength(reader: Reader): number {
  return peek16(reader, 8);
}

function authLength(reader: Reader): number {
  return peek16(reader, 10);
}

export function datagramBody(reader: Reader): number {
  return peek16(reader, 74);
}

/** Requests, responses and faults may come in fragments; each has its own trailer, which the whole lacks. */
export function connectionPart(reader: Reader): Part | undefined {
  const type = reader.peek(2);
  const flags = reader.peek(3);
  const length = fragmentLength(reader);
  if ((type !== REQUEST && type !== RESPONSE && type !== FAULT) || (flags & WHOLE) === WHOLE) {
    return undefined;
  }
  const headLength = CALL_HEADER + (type === REQUEST && flags & HAS_OBJECT ? UUID : 0);
  const auth = authLength(reader);
  const trailer = auth === 0 ? 0 : auth + AUTH_HEADER;
  if (reader.remaining < length || length < headLength + trailer) {
    return undefined;
  }
  const encrypted = trailer > 0 && reader.peek(length - trailer + 1) === PRIVACY;
  const padding = trailer > 0 ? reader.peek(length - trailer + 2) : 0;
  const key = peek32(reader, 12);
  const head = joinedHead(reader, headLength, encrypted ? JOINED | JOINED_ENCRYPTED : JOINED);
  const body = reader.take(length - headLength - trailer - padding);
  return {
    key,
    head,
    body,
    first: (flags & FIRST_FRAGMENT) !== 0,
    last: (flags & LAST_FRAGMENT) !== 0,
  };
}

export function datagramPart(reader: Reader): Part | undefined {
  const flags = reader.peek(2);
  const length = datagramBody(reader);
  if (!(flags & DATAGRAM_FRAGMENT) || reader.remaining < DATAGRAM_HEADER + length) {
    return undefined;
  }
  const first = peek16(reader, 76) === 0;
  const sequence = peek32(reader, 64);
  const head = joinedHead(reader, DATAGRAM_HEADER, JOINED);
  const activity = uuidText(head.subarray(40, 40 + UUID), isLittleEndian(reader));
  return {
    key: `${activity}/${sequence}`,
    head,
    body: reader.take(length),
    first,
    last: (flags & DATAGRAM_LAST) !== 0,
  };
}

/** A copy of a head that says of itself that it stands before a message put together. */
function joinedHead(reader: Reader, length: number, mark: number): Uint8Array {
  const head = reader.take(length).slice();
  head[0] = (head[0] ?? 0) | mark;
  return head;
}
