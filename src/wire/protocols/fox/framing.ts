import { MORE, NOT_MINE } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { begins, codes } from '../../stack/message-head.ts';

/**
 * Where a Fox frame ends. It has no length: a line of text, a message in braces, `;;` and a newline. Inside the braces
 * every tuple is a line, but blobs hold any bytes behind a length of their own, so the end cannot be searched for.
 */

/** Longest frame, first line and name that we wait for. A station takes 64 KiB before anyone has signed in. */
const LONGEST = 256 * 1024;
export const LONGEST_LINE = 512;
const LONGEST_NAME = 256;
const DEEPEST = 32;

const LF = 0x0a;
const EQUALS = 0x3d;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_BLOB = 0x5b;
const CLOSE_BLOB = 0x5d;
const SPACE = 0x20;
const MESSAGE = 0x6d;
const BLOB = 0x62;
const OBJECT = 0x6f;

/** `fox `, a letter for the kind of frame, a space. */
const MAGIC = codes('fox ');
const KINDS = codes('sarenkc');
export const SHORTEST_MARK = MAGIC.length + 2;

/** Whether the bytes that are here, however few, begin a frame. */
export function mayStart(reader: Reader): boolean {
  return (
    begins(reader, MAGIC) !== 'no' &&
    (reader.remaining <= 4 || KINDS.includes(reader.peek(4))) &&
    (reader.remaining <= 5 || reader.peek(5) === SPACE)
  );
}

/** Length of the frame that starts here; `MORE` while its end has not come, `NOT_MINE` where it cannot be one. */
export function frameLength(reader: Reader): number {
  const end = mayStart(reader) ? frameEnd(reader) : NOT_MINE;
  return end === MORE && reader.remaining >= LONGEST ? NOT_MINE : end;
}

function frameEnd(reader: Reader): number {
  let at = afterLine(reader, 0, LONGEST_LINE);
  if (at > 0 && reader.peek(at) === OPEN) {
    at = messageEnd(reader, at, 0);
  }
  if (at <= 0) {
    return at;
  }
  return after(reader, after(reader, after(reader, at, SEMICOLON), SEMICOLON), LF);
}

/** Behind one expected byte; `at` may already say that there is nothing more to look at. */
function after(reader: Reader, at: number, expected: number): number {
  if (at <= 0) {
    return at;
  }
  if (at >= reader.remaining) {
    return MORE;
  }
  return reader.peek(at) === expected ? at + 1 : NOT_MINE;
}

/** Behind the newline that ends the line at `from`. */
function afterLine(reader: Reader, from: number, longest: number): number {
  const end = Math.min(reader.remaining, from + longest);
  for (let at = from; at < end; at++) {
    if (reader.peek(at) === LF) {
      return at + 1;
    }
  }
  return reader.remaining < from + longest ? MORE : NOT_MINE;
}

/** Behind the brace that closes the message whose opening brace is at `from`. */
function messageEnd(reader: Reader, from: number, depth: number): number {
  let at = after(reader, from + 1, LF);
  while (at > 0 && at < reader.remaining) {
    if (reader.peek(at) === CLOSE) {
      return at + 1;
    }
    at = tupleEnd(reader, at, depth);
  }
  return at > 0 ? MORE : at;
}

/** Behind the tuple `name=type:value` and its newline. */
export function tupleEnd(reader: Reader, from: number, depth: number): number {
  const type = valueStart(reader, from) - 2;
  if (type < 0) {
    return type + 2;
  }
  switch (reader.peek(type)) {
    case MESSAGE:
      return reader.peek(type + 2) === OPEN && depth < DEEPEST
        ? after(reader, messageEnd(reader, type + 2, depth + 1), LF)
        : afterLine(reader, type + 2, LONGEST);
    case BLOB:
    case OBJECT:
      return blobEnd(reader, type + 2);
    default:
      return afterLine(reader, type + 2, LONGEST);
  }
}

/** Where the value of the tuple at `from` starts, behind `name=`, the letter of its type and a colon. */
export function valueStart(reader: Reader, from: number): number {
  const end = Math.min(reader.remaining, from + LONGEST_NAME);
  for (let at = from; at < end; at++) {
    const letter = reader.peek(at);
    if (letter === EQUALS) {
      return after(reader, at + 2, COLON);
    }
    if (letter < SPACE) {
      return NOT_MINE;
    }
  }
  return reader.remaining < from + LONGEST_NAME ? MORE : NOT_MINE;
}

/** Behind `44[…]` or `bog 61[…]` and its newline; a value without bytes is a line as any other. */
function blobEnd(reader: Reader, from: number): number {
  const end = Math.min(reader.remaining, from + LONGEST_NAME);
  let length = 0;
  for (let at = from; at < end; at++) {
    const letter = reader.peek(at);
    if (letter === LF) {
      return at + 1;
    }
    if (letter === OPEN_BLOB) {
      return length > LONGEST ? NOT_MINE : after(reader, after(reader, at + 1 + length, CLOSE_BLOB), LF);
    }
    length = letter >= 0x30 && letter <= 0x39 ? length * 10 + letter - 0x30 : 0;
  }
  return reader.remaining < from + LONGEST_NAME ? MORE : NOT_MINE;
}
