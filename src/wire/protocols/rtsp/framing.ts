import { MORE, NOT_MINE } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { begins, codes, headLength, matches, numberAt, valueAt } from '../../stack/message-head.ts';

/**
 * A stream holds messages, a head with a body of announced length, and between them frames of the media themselves: a dollar
 * sign, a channel, a length, bytes (RFC 7826, sections 14 and 20).
 */
export const DOLLAR = 0x24;
export const MEDIA_HEADER = 4;

const LONGEST_HEAD = 16 * 1024;
const LONGEST_METHOD = 16;
/** Where the line's end must be in sight for the version in it to be looked for. */
const LONGEST_LINE = 4096;

const SPACE = 0x20;
const LF = 0x0a;
const CR = 0x0d;
const UNDERSCORE = 0x5f;
const RTP_VERSION = 2;

const ANSWER = codes('RTSP/');
const VERSION = codes(' rtsp/');
const SCHEME = codes('rtsp');
const CONTENT_LENGTH = codes('content-length');

/** A message or a frame of media starts here, as far as its bytes have come. */
export function mayStart(reader: Reader): boolean {
  return reader.peek() === DOLLAR || startsAnswer(reader) || startsRequest(reader);
}

export function startsAnswer(reader: Reader): boolean {
  return begins(reader, ANSWER) !== 'no';
}

/** A word in capitals, then what it is aimed at; where the end of the line is in sight, the version before it. */
function startsRequest(reader: Reader): boolean {
  const length = methodLength(reader);
  if (length === reader.remaining) {
    return length <= LONGEST_METHOD;
  }
  if (length === 0 || length > LONGEST_METHOD || reader.peek(length) !== SPACE) {
    return false;
  }
  const end = Math.min(reader.remaining, LONGEST_LINE);
  for (let at = length; at < end; at++) {
    if (reader.peek(at) === LF) {
      return namesVersion(reader, at);
    }
  }
  return end < LONGEST_LINE;
}

function namesVersion(reader: Reader, lineEnd: number): boolean {
  const end = reader.peek(lineEnd - 1) === CR ? lineEnd - 1 : lineEnd;
  return end > 9 && matches(reader, end - 9, VERSION);
}

/** A request whose line names the protocol, or is aimed at an address of its scheme. */
export function isRequest(reader: Reader): boolean {
  const length = methodLength(reader);
  if (length === reader.remaining || !startsRequest(reader)) {
    return false;
  }
  const end = Math.min(reader.remaining, LONGEST_LINE);
  for (let at = length; at < end; at++) {
    if (reader.peek(at) === LF) {
      return true;
    }
  }
  return matches(reader, length + 1, SCHEME);
}

function methodLength(reader: Reader): number {
  let length = 0;
  while (length < reader.remaining && length <= LONGEST_METHOD && isCapital(reader.peek(length))) {
    length++;
  }
  return length;
}

function isCapital(letter: number): boolean {
  return (letter >= 0x41 && letter <= 0x5a) || letter === UNDERSCORE;
}

export function cut(reader: Reader): number {
  if (reader.remaining === 0) {
    return MORE;
  }
  if (reader.peek() === DOLLAR) {
    return reader.remaining < MEDIA_HEADER ? MORE : MEDIA_HEADER + mediaLength(reader);
  }
  if (!mayStart(reader)) {
    return NOT_MINE;
  }
  const head = headLength(reader, LONGEST_HEAD);
  if (head === 0) {
    return reader.remaining < LONGEST_HEAD ? MORE : NOT_MINE;
  }
  return head + bodyLength(reader, head);
}

export function mediaLength(reader: Reader): number {
  return (reader.peek(2) << 8) | reader.peek(3);
}

/** Where frames of media go on without a message: small channels, a packet of RTP or RTCP. */
export function looksLikeMedia(reader: Reader): boolean {
  return (
    reader.peek() === DOLLAR &&
    reader.remaining >= MEDIA_HEADER + 1 &&
    mediaLength(reader) >= 8 &&
    reader.peek(MEDIA_HEADER) >> 6 === RTP_VERSION
  );
}

/** Bytes of the head with the empty line that ends it; 0 while that has not come. */
export function headOf(reader: Reader): number {
  return headLength(reader, LONGEST_HEAD);
}

/** A message without the field has no body (RFC 7826, section 18.17). */
export function bodyLength(reader: Reader, head: number): number {
  const at = valueAt(reader, head, CONTENT_LENGTH);
  return at < 0 ? 0 : numberAt(reader, at, head);
}
