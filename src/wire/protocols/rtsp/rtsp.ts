import type { Mutable } from '../../../kit/mutable.ts';
import { type Context, defineDissector, Malformed, type Reading } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { authorizationOf, realmOf } from '../../stack/authorization.ts';
import { type Head, readHead } from '../../stack/message-head.ts';
import { sideOf } from '../../stack/side.ts';
import { cutText, IDENTITY_TEXT } from '../../text.ts';
import { FIELDS, type Fields } from './fields.ts';
import {
  bodyLength,
  cut,
  DOLLAR,
  headOf,
  isRequest,
  looksLikeMedia,
  MEDIA_HEADER,
  mayStart,
  mediaLength,
  startsAnswer,
} from './framing.ts';
import { observe } from './observe.ts';
import { METHODS, OF_CLIENTS, OPERATIONS } from './operations.ts';

type Message = Mutable<Reading<Fields>>;

const WANTED: ReadonlySet<string> = new Set([
  'cseq',
  'server',
  'user-agent',
  'authorization',
  'www-authenticate',
  'content-type',
  'transport',
  'date',
]);

const SDP = /application\/sdp/i;
const SEARCHED = 8192;
/** RFC 8866, section 5.14. */
const MEDIA_LINE = /^m=(audio|video|application|text|message|image)\b/gm;
const MOST_MEDIA = 8;
/** `rtsp://user:password@camera/`, which no document allows and many programs write. */
const USER_IN_URL = /^(\w{1,16}:\/\/)([^/@\s]{0,512})@/;

/** Memory, by side: frames of media since its last message. */
const MEDIA_FRAMES = ['rtsp media 0', 'rtsp media 1'] as const;
const NO_READING: readonly Reading<Fields>[] = [];

export const rtsp = defineDissector<Fields>({
  name: 'rtsp',
  title: 'RTSP',
  source: 'RFC 2326; RFC 7826',
  at: [{ tcp: 554 }, { tcp: 8554 }],
  operations: OPERATIONS,
  fields: FIELDS,

  cut,

  recognise(reader) {
    if (reader.peek() === DOLLAR) {
      return looksLikeMedia(reader) ? 'weak' : 'no';
    }
    return (reader.remaining > 5 && startsAnswer(reader)) || isRequest(reader) ? 'strong' : 'no';
  },

  read(reader, context) {
    if (reader.peek() === DOLLAR) {
      return readMedia(reader, context);
    }
    if (!mayStart(reader)) {
      return new Malformed('no message starts here');
    }
    const head = headOf(reader);
    const length = head === 0 ? 0 : bodyLength(reader, head);
    const isAnswer = startsAnswer(reader);
    const parts = readHead(reader, WANTED);
    reader.truncated ||= head === 0;
    reader.expect(length);
    const message = isAnswer ? readAnswer(parts, context) : readRequest(parts);
    countMedia(message.fields, context);
    if (SDP.test(message.fields.contentType ?? '')) {
      message.fields.media = mediaOf(reader);
    }
    return message;
  },

  observe,
});

/** Frames of media are counted, not listed: a camera sends hundreds a second. */
function readMedia(reader: Reader, context: Context): readonly Reading<Fields>[] {
  reader.expect(MEDIA_HEADER + (reader.remaining < MEDIA_HEADER ? 0 : mediaLength(reader)));
  if (!reader.truncated) {
    const key = MEDIA_FRAMES[sideOf(context)];
    context.remember(key, Number(context.recall(key) ?? 0) + 1);
  }
  return NO_READING;
}

function countMedia(fields: Fields, context: Context): void {
  const key = MEDIA_FRAMES[sideOf(context)];
  const frames = Number(context.recall(key) ?? 0);
  if (frames > 0) {
    fields.mediaFrames = frames;
    context.remember(key, 0);
  }
}

function readRequest({ startLine, fields: said }: Head): Message {
  const [method = '', target = ''] = startLine.split(' ', 2);
  const url = target.replace(USER_IN_URL, '$1');
  const operation = METHODS.get(method) ?? OPERATIONS.unknown;
  const fields: Fields = { method, url };
  setCommon(fields, said);
  const [, , userInUrl] = USER_IN_URL.exec(target) ?? [];
  if (userInUrl) {
    fields.authorization = 'URL';
    fields.user = userInUrl.split(':', 1)[0] ?? '';
  }
  Object.assign(fields, authorizationOf(said.get('authorization')));
  const message: Message = { direction: 'request', operation, like: method, target: url, fields };
  return withPair(message, said, OF_CLIENTS.has(operation));
}

function readAnswer({ startLine, fields: said }: Head, context: Context): Message {
  const status = Number.parseInt(startLine.slice(9, 12), 10) || 0;
  const fields: Fields = { status };
  setCommon(fields, said);
  const realm = realmOf(said.get('www-authenticate'));
  if (realm) {
    fields.realm = realm;
  }
  const message: Message = withPair({ direction: 'response', operation: OPERATIONS.answer, fields }, said, false);
  if (message.pair !== undefined) {
    message.operation = context.question(message.pair)?.operation ?? OPERATIONS.answer;
  }
  if (status >= 400) {
    message.refused = `${status} ${startLine.slice(13, 13 + 64)}`.trim();
  }
  return message;
}

/** RFC 7826, section 18.20. */
function withPair(message: Message, said: Head['fields'], proves: boolean): Message {
  const sequence = Number.parseInt(said.get('cseq') ?? '', 10);
  if (Number.isSafeInteger(sequence)) {
    message.pair = sequence;
    message.fields.sequence = sequence;
  }
  if (proves) {
    message.proves = true;
  }
  return message;
}

const COMMON: readonly (readonly [string, 'server' | 'userAgent' | 'contentType' | 'transport' | 'date'])[] = [
  ['server', 'server'],
  ['user-agent', 'userAgent'],
  ['content-type', 'contentType'],
  ['transport', 'transport'],
  ['date', 'date'],
];

function setCommon(fields: Fields, said: Head['fields']): void {
  for (const [name, field] of COMMON) {
    const value = said.get(name);
    if (value) {
      fields[field] = cutText(value, IDENTITY_TEXT);
    }
  }
}

/** The kinds of media that a session description lists. */
function mediaOf(reader: Reader): string {
  const start = reader.position;
  const description = reader.text(Math.min(reader.remaining, SEARCHED), 'utf-8', SEARCHED);
  reader.seek(start);
  const kinds = new Set<string>();
  for (const [, kind = ''] of description.matchAll(MEDIA_LINE)) {
    kinds.add(kind);
    if (kinds.size >= MOST_MEDIA) {
      break;
    }
  }
  return [...kinds].join(' ');
}
