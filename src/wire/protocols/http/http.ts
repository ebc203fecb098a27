import {
  type Carried,
  type Context,
  defineDissector,
  Malformed,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { authorizationOf, realmOf } from '../../stack/authorization.ts';
import { fromBase64 } from '../../stack/base64.ts';
import { type Head, headLength, readHead } from '../../stack/message-head.ts';
import { findNtlm } from '../../stack/ntlmssp.ts';
import { cutText, IDENTITY_TEXT } from '../../text.ts';
import type { Fields } from './fields.ts';
import {
  ANSWERS,
  bodyLength,
  CHUNKED_LENGTH,
  cut,
  HEAD_ONLY,
  hexAt,
  LONGEST_HEAD,
  LONGEST_JOINED_BODY,
  leftOf,
  REQUESTS,
  Stage,
  setStage,
  stageOf,
  startsHead,
  switchProtocols,
  UNKNOWN_LENGTH,
} from './framing.ts';
import { formUser, titleOf, WANTED } from './head.ts';
import { observe } from './observe.ts';
import { OPERATIONS, operationOf } from './operations.ts';

const HTML = /html/i;
/** RFC 7303: `text/xml`, `application/xml`, and what ends with `+xml`. */
const XML = /[/+]xml\b/i;
const XML_KEY = 'xml';
const FORM_TYPE = /x-www-form-urlencoded/i;
const SWITCHING_PROTOCOLS = 101;
/** Memory: the body that comes in pieces is a page whose title was not seen yet. */
const PAGE_COMES = 'http page comes';

export const http = defineDissector<Fields>({
  name: 'http',
  title: 'HTTP/1.1',
  source: 'RFC 9110 and 9112; RFC 7617 (basic sign-in)',
  at: [{ tcp: 80 }, { tcp: 8080 }],
  operations: OPERATIONS,
  fields: {
    method: 'What the client asks for',
    target: 'Path or address that it asks for',
    host: 'Name under which the client reaches the server',
    userAgent: 'Program of the client, as it says',
    status: 'Three digits of the answer',
    server: 'Program of the server, as it says',
    contentType: 'Kind of the body',
    location: 'Where the client is sent instead',
    upgrade: 'Protocol that client and server go over to',
    title: 'Title of the page',
    realm: 'What the server asks to sign in to',
    date: 'Time of the server, as it says',
    authorization: 'Scheme by which the user signs in',
    user: 'Name of the user who signs in',
    form: 'Whether a form with a password was sent',
    ntlm: 'What a sign-in by NTLM says in clear',
  },

  cut,

  recognise(reader) {
    return startsHead(reader) === 'yes' ? 'strong' : 'no';
  },

  read(reader, context) {
    const stage = stageOf(context);
    if (stage !== Stage.head && startsHead(reader) !== 'yes') {
      return readPiece(reader, context, stage);
    }
    const starts = startsHead(reader);
    if (starts === 'no') {
      return new Malformed('no request or answer starts here');
    }
    const head = headLength(reader, LONGEST_HEAD);
    if (head === 0) {
      reader.truncated = true;
    }
    const length = head === 0 ? 0 : bodyLength(reader, head, context);
    const parts = readHead(reader, WANTED);
    expectBody(reader, context, length);
    const carries = carriedBy(parts, reader.position, length);
    const reading = parts.startLine.startsWith('HTTP/')
      ? readAnswer(reader, context, parts)
      : readRequest(reader, context, parts);
    return carries === undefined ? reading : { ...reading, carries };
  },

  observe,
});

/** Says what the cutter will meet next. A body that came with its head is over. */
function expectBody(reader: Reader, context: Context, length: number): void {
  if (length === CHUNKED_LENGTH) {
    setStage(context, Stage.chunkSize, 0);
  } else if (length === UNKNOWN_LENGTH) {
    setStage(context, Stage.untilClose, 0);
  } else if (length > LONGEST_JOINED_BODY) {
    setStage(context, Stage.content, length);
  } else {
    reader.expect(length);
    setStage(context, Stage.head, 0);
  }
}

/** Protocols in XML are found in a body that came with its head. */
function carriedBy({ fields: said }: Head, from: number, length: number): readonly Carried[] | undefined {
  const isJoined = length > 0 && length <= LONGEST_JOINED_BODY;
  return isJoined && XML.test(said.get('content-type') ?? '') && !said.has('content-encoding')
    ? [{ from, length, key: XML_KEY }]
    : undefined;
}

const NO_READING: readonly Reading<Fields>[] = [];

/** A piece of a body says nothing, unless it holds the title of a page. */
function readPiece(reader: Reader, context: Context, stage: Stage): readonly Reading<Fields>[] {
  switch (stage) {
    case Stage.chunkSize: {
      const size = hexAt(reader, 0);
      setStage(context, size > 0 ? Stage.chunk : Stage.trailer, size + 2);
      return NO_READING;
    }
    case Stage.trailer:
      if (reader.remaining <= 2) {
        setStage(context, Stage.head, 0);
      }
      return NO_READING;
    case Stage.content:
    case Stage.chunk: {
      const left = leftOf(context) - reader.remaining;
      const next = stage === Stage.chunk ? Stage.chunkSize : Stage.head;
      setStage(context, left > 0 ? stage : next, left);
      return readPage(reader, context);
    }
    default:
      return readPage(reader, context);
  }
}

/** The title of a page that comes in pieces is told once, as a message of its own. */
function readPage(reader: Reader, context: Context): readonly Reading<Fields>[] {
  if (context.recall(PAGE_COMES) !== true) {
    return NO_READING;
  }
  const title = titleOf(reader);
  if (title === undefined) {
    return NO_READING;
  }
  context.remember(PAGE_COMES, false);
  return [{ direction: 'report', operation: OPERATIONS.page, fields: { title } }];
}

function readRequest(reader: Reader, context: Context, { startLine, fields: said }: Head): Reading<Fields> {
  const [method = '', target = ''] = startLine.split(' ', 2);
  const form = FORM_TYPE.test(said.get('content-type') ?? '') ? formUser(reader) : undefined;
  const operation = operationOf(method, target, form !== undefined);
  const pair = Number(context.recall(REQUESTS) ?? 0) + 1;
  context.remember(REQUESTS, pair);
  if (method === 'HEAD') {
    context.remember(HEAD_ONLY, pair);
  }
  const authorization = said.get('authorization') ?? said.get('proxy-authorization');
  const fields: Fields = {
    method,
    target,
    ...text('host', said.get('host')),
    ...text('userAgent', said.get('user-agent')),
    ...text('contentType', said.get('content-type')),
    ...text('upgrade', said.get('upgrade')),
    ...authorizationOf(authorization),
    ...ntlmOf(authorization ?? ''),
    ...(form === undefined ? {} : { form: true, ...form }),
  };
  return { direction: 'request', operation, pair, like: target, proves: true, fields };
}

function readAnswer(reader: Reader, context: Context, { startLine, fields: said }: Head): Reading<Fields> {
  const status = Number.parseInt(startLine.slice(9, 12), 10) || 0;
  const reason = startLine.slice(13, 13 + 64).trim();
  const pair = answered(context, status);
  const question = context.question(pair);
  if (status === SWITCHING_PROTOCOLS || (status < 300 && question?.operation === OPERATIONS.connect && status >= 200)) {
    switchProtocols(context);
  }
  const html = HTML.test(said.get('content-type') ?? '');
  const title = html ? titleOf(reader) : undefined;
  if (html && title === undefined) {
    context.remember(PAGE_COMES, true);
  }
  const wanted = said.get('www-authenticate') ?? said.get('proxy-authenticate') ?? '';
  const fields: Fields = {
    status,
    ...text('server', said.get('server')),
    ...text('contentType', said.get('content-type')),
    ...text('location', said.get('location')),
    ...text('upgrade', said.get('upgrade')),
    ...text('date', said.get('date')),
    ...text('title', title),
    ...text('realm', realmOf(wanted)),
    ...ntlmOf(wanted),
  };
  const operation: Operation = question?.operation ?? OPERATIONS.answer;
  const refused = status >= 400 ? `${status} ${reason}`.trim() : undefined;
  return { direction: 'response', operation, pair, ...(refused === undefined ? {} : { refused }), fields };
}

/** Number of the request that this answers: they come in order. After a hole, the newest one asked. */
function answered(context: Context, status: number): number {
  const next = Number(context.recall(ANSWERS) ?? 0) + 1;
  const asked = Number(context.recall(REQUESTS) ?? 0);
  const pair = context.question(next) === undefined ? asked : next;
  if (status >= 200) {
    context.remember(ANSWERS, pair);
  }
  return pair;
}

function text(name: keyof Fields, value: string | undefined): Partial<Fields> {
  return value ? { [name]: cutText(value, IDENTITY_TEXT) } : {};
}

/** MS-NTHT. */
const NTLM = /^(?:NTLM|Negotiate) ([\w+/]{16,})/i;

function ntlmOf(value: string): Partial<Fields> {
  const token = NTLM.exec(value)?.[1];
  const ntlm = token === undefined ? undefined : findNtlm(fromBase64(token));
  if (ntlm === undefined) {
    return {};
  }
  return { ntlm, ...(ntlm.user ? { user: ntlm.user } : {}) };
}
