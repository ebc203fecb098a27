import { type Context, type CutContext, MORE, NOT_MINE } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { begins, codes, headLength, isDigit, matches, numberAt, valueAt } from '../../stack/message-head.ts';
import { sideOf } from '../../stack/side.ts';

/**
 * Where heads and bodies end (RFC 9112, sections 6 and 7). A head with a short body of known length is one PDU. Any
 * other body follows its head in pieces as they come, which are passed over: nothing waits, and nothing is too long.
 */

/** Longest head, and longest body that is read together with it. */
export const LONGEST_HEAD = 64 * 1024;
export const LONGEST_JOINED_BODY = 64 * 1024;
/** Longest line between chunks: a size with its extension, or a trailer. */
const LONGEST_LINE = 8192;

const LF = 10;
const CR = 13;

/** What the next bytes of a side are. */
export const Stage = {
  head: 0,
  content: 1,
  chunkSize: 2,
  chunk: 3,
  trailer: 4,
  untilClose: 5,
  /** Both sides speak another protocol now. */
  switched: 6,
} as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

/** Memory, by side: what comes next, and how many bytes of it. */
const STAGE = ['http stage 0', 'http stage 1'] as const;
const LEFT = ['http left 0', 'http left 1'] as const;
/** Memory: numbers of the last request and of the last answer, and of the last request that asks for a head only. */
export const REQUESTS = 'http requests';
export const ANSWERS = 'http answers';
export const HEAD_ONLY = 'http head only';

export function stageOf(context: CutContext): Stage {
  return (context.recall(STAGE[sideOf(context)]) ?? Stage.head) as Stage;
}

export function setStage(context: Context, stage: Stage, left: number): void {
  const side = sideOf(context);
  if ((context.recall(STAGE[side]) ?? Stage.head) !== stage) {
    context.remember(STAGE[side], stage);
  }
  context.remember(LEFT[side], left);
}

export function switchProtocols(context: Context): void {
  context.remember(STAGE[0], Stage.switched);
  context.remember(STAGE[1], Stage.switched);
}

export function leftOf(context: CutContext): number {
  return Number(context.recall(LEFT[sideOf(context)]) ?? 0);
}

export function cut(reader: Reader, context: CutContext): number {
  const stage = stageOf(context);
  if (stage === Stage.switched) {
    return NOT_MINE;
  }
  // A head where a body should go on: bytes were lost, or the sender gave up.
  const starts = stage === Stage.head ? 'yes' : startsHead(reader);
  if (starts === 'yes') {
    return cutHead(reader, context);
  }
  if (starts === 'perhaps' && !endsHere(reader, context, stage)) {
    return MORE;
  }
  switch (stage) {
    case Stage.content:
    case Stage.chunk:
      return Math.min(leftOf(context), reader.remaining);
    case Stage.untilClose:
      return reader.remaining;
    case Stage.chunkSize:
      return hexAt(reader, 0) < 0 ? NOT_MINE : cutLine(reader);
    default:
      return cutLine(reader);
  }
}

/** The bytes that are here end the body or the chunk, so no more can be waited for. */
function endsHere(reader: Reader, context: CutContext, stage: Stage): boolean {
  const counted = stage === Stage.content || stage === Stage.chunk;
  return counted && leftOf(context) <= reader.remaining;
}

function cutLine(reader: Reader): number {
  const end = Math.min(reader.remaining, LONGEST_LINE);
  for (let at = 0; at < end; at++) {
    if (reader.peek(at) === LF) {
      return at + 1;
    }
  }
  return end < LONGEST_LINE ? MORE : NOT_MINE;
}

function cutHead(reader: Reader, context: CutContext): number {
  const starts = startsHead(reader);
  if (starts !== 'yes') {
    return starts === 'perhaps' ? MORE : NOT_MINE;
  }
  const head = headLength(reader, LONGEST_HEAD);
  if (head === 0) {
    return reader.remaining < LONGEST_HEAD ? MORE : NOT_MINE;
  }
  const length = bodyLength(reader, head, context);
  return length > 0 && length <= LONGEST_JOINED_BODY ? head + length : head;
}

const CONTENT_LENGTH = codes('content-length');
const TRANSFER_ENCODING = codes('transfer-encoding');
export const UNKNOWN_LENGTH = -1;
export const CHUNKED_LENGTH = -2;

/**
 * Bytes of the body behind a head of that length (RFC 9112, section 6.3); `CHUNKED_LENGTH` where it tells as it goes,
 * `UNKNOWN_LENGTH` where it ends with the connection.
 */
export function bodyLength(reader: Reader, head: number, context: CutContext): number {
  const answer = reader.peek() === 0x48 && reader.peek(4) === 0x2f; // `HTTP/`, where a request has a method
  if (answer && hasNoBody(statusOf(reader), context)) {
    return 0;
  }
  const encoding = valueAt(reader, head, TRANSFER_ENCODING);
  if (encoding > 0 && endsWithChunked(reader, encoding, head)) {
    return CHUNKED_LENGTH;
  }
  const at = valueAt(reader, head, CONTENT_LENGTH);
  if (at < 0) {
    return answer ? UNKNOWN_LENGTH : 0;
  }
  return numberAt(reader, at, head);
}

function hasNoBody(status: number, context: CutContext): boolean {
  if ((status >= 100 && status < 200) || status === 204 || status === 304) {
    return true;
  }
  const asked = context.recall(HEAD_ONLY);
  return asked !== undefined && asked === Number(context.recall(ANSWERS) ?? 0) + 1;
}

/** The three digits of `HTTP/1.1 200 OK`. */
function statusOf(reader: Reader): number {
  return (reader.peek(9) - 0x30) * 100 + (reader.peek(10) - 0x30) * 10 + (reader.peek(11) - 0x30);
}

const CHUNKED = codes('chunked');

function endsWithChunked(reader: Reader, from: number, head: number): boolean {
  for (let at = from; at < head && reader.peek(at) !== LF; at++) {
    if (matches(reader, at, CHUNKED)) {
      return true;
    }
  }
  return false;
}

/** Methods of RFC 9110 and 5789, of WebDAV (4918) and of UPnP, which embedded servers speak too. */
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'CONNECT',
  'TRACE',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'NOTIFY',
].map((method) => codes(`${method} `));
const ANSWER = codes('HTTP/1.');
const CONNECT = METHODS[7];

/** Whether a head starts here; `perhaps` while too few bytes are there to say. */
export function startsHead(reader: Reader): 'yes' | 'no' | 'perhaps' {
  const { remaining } = reader;
  const answer = begins(reader, ANSWER);
  if (answer !== 'no') {
    return answer;
  }
  let best: 'no' | 'perhaps' = 'no';
  for (const method of METHODS) {
    const begun = begins(reader, method);
    if (begun === 'yes') {
      if (remaining === method.length) {
        return 'perhaps';
      }
      return method === CONNECT ? 'yes' : startsTarget(reader, method.length);
    }
    if (begun === 'perhaps') {
      best = 'perhaps';
    }
  }
  return best;
}

/** `/path`, `*`, `http://…`. Other schemes (`rtsp:`, `sip:`) are other protocols with the same methods. */
function startsTarget(reader: Reader, at: number): 'yes' | 'no' {
  const first = reader.peek(at);
  if (first !== 0x2f && first !== 0x2a && first !== 0x68 && first !== 0x48) {
    return 'no';
  }
  // Where the line's end is in sight, it names the protocol.
  const end = Math.min(reader.remaining, LONGEST_SEEN);
  for (let next = at; next < end; next++) {
    if (reader.peek(next) === LF) {
      const version = reader.peek(next - 1) === CR ? next - 9 : next - 8;
      return matches(reader, version, VERSION) ? 'yes' : 'no';
    }
  }
  return 'yes';
}

const LONGEST_SEEN = 4096;
const VERSION = codes('http/1.');

/** Length that a chunk announces in the line that starts here; -1 where it is none. */
export function hexAt(reader: Reader, from: number): number {
  let value = 0;
  let digits = 0;
  for (let at = from; digits < 12; at++, digits++) {
    const digit = hexDigit(reader.peek(at));
    if (digit < 0) {
      break;
    }
    value = value * 16 + digit;
  }
  return digits === 0 ? -1 : value;
}

function hexDigit(code: number): number {
  if (isDigit(code)) {
    return code - 0x30;
  }
  const small = code | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x61 + 10 : -1;
}
