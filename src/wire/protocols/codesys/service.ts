import { type Context, Malformed } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import type { Fields, Message } from './fields.ts';
import { OPERATIONS, ofService } from './services.ts';
import { readTags } from './tags.ts';

/** What a message in a channel begins with, in the byte order of nearly all controllers. */
const STANDARD = 0xcd55;
const SECURED = 0x7557;
/** Group, service, session and length of the content; newer runtimes have four bytes more. */
const SHORTEST_HEADER = 12;
const ANSWER = 0x80;

/** Records of TLS, if the channel is encrypted. */
const FIRST_RECORD = 0x14;
const LAST_RECORD = 0x17;
const TLS_MAJOR = 3;

/** `asks`: it comes from who opened the channel. */
export function readService(reader: Reader, fields: Fields, asks: boolean, context: Context): Message | Malformed {
  const mark = reader.u16le();
  if (mark !== STANDARD) {
    reader.rest();
    const isSecured = mark === SECURED || isRecord(mark);
    const direction = asks ? 'request' : 'response';
    return { direction, operation: isSecured ? OPERATIONS.secured : OPERATIONS.unknown, fields };
  }
  const header = reader.u16le();
  if (header < SHORTEST_HEADER && !reader.truncated) {
    return new Malformed(`header of a service has ${header} bytes`);
  }
  const flagged = reader.u16le();
  const group = flagged & ~ANSWER;
  const service = reader.u16le();
  reader.skip(4); // the session, which whoever knows it can use
  const length = reader.u32le();
  reader.skip(header - SHORTEST_HEADER);
  reader.limit(length);
  fields.group = group;
  fields.service = service;
  const message: Message = {
    direction: flagged & ANSWER ? 'response' : 'request',
    operation: ofService(group, service),
    fields,
    pair: ((fields.channel ?? 0) * 0x1_0000 + group) * 0x1_0000 + service,
  };
  if (message.direction === 'request') {
    message.proves = true;
    message.like = likeOf(reader, group * 0x1_0000 + service);
    readRequest(reader, message);
  } else if (message.operation === OPERATIONS.login) {
    readLoginAnswer(reader, message, context);
  }
  reader.rest();
  return message;
}

function isRecord(mark: number): boolean {
  const type = mark & 0xff;
  return type >= FIRST_RECORD && type <= LAST_RECORD && mark >> 8 === TLS_MAJOR;
}

/** FNV-1a over what is asked; two lists of variables differ early. */
function likeOf(reader: Reader, service: number): number {
  let hash = 0x811c_9dc5 ^ service;
  const end = Math.min(reader.remaining, 64);
  for (let at = 0; at < end; at++) {
    hash = Math.imul(hash ^ reader.peek(at), 0x0100_0193);
  }
  return hash >>> 0;
}

/** Tags of a login and of a session that is created; the password's own is never read. */
const USER = 0x10;
const RESULT = 0x20;
const CRYPT_TYPE = 0x22;
const CLIENT = 0x41;
const CLIENT_VENDOR = 0x42;
const CLIENT_HOST = 0x43;
const CLIENT_VERSION = 0x44;

function readRequest(reader: Reader, { operation, fields }: Message): void {
  if (operation === OPERATIONS.login) {
    readTags(reader, (tag, value) => {
      if (tag === CRYPT_TYPE) {
        fields.cryptType = value.u32le();
      } else if (tag === USER) {
        fields.user = value.text(value.remaining).trim();
      }
    });
  } else if (operation === OPERATIONS.createSession) {
    readTags(reader, (tag, value) => readClient(fields, tag, value));
  }
}

function readClient(fields: Fields, tag: number, value: Reader): void {
  // Texts of two bytes a character read the same: NUL is dropped.
  if (tag === CLIENT) {
    fields.client = value.text(value.remaining).trim();
  } else if (tag === CLIENT_VENDOR) {
    fields.clientVendor = value.text(value.remaining).trim();
  } else if (tag === CLIENT_HOST) {
    fields.clientHost = value.text(value.remaining).trim();
  } else if (tag === CLIENT_VERSION) {
    fields.clientVersion = value.text(value.remaining).trim();
  }
}

/** A login without a name asks only how the password is to be hidden, so that no answer to it refuses anything. */
function readLoginAnswer(reader: Reader, message: Message, context: Context): void {
  const { fields, pair } = message;
  readTags(reader, (tag, value) => {
    if (tag === RESULT) {
      fields.result = value.u16le();
    }
  });
  const asked = pair === undefined ? undefined : (context.question(pair)?.fields as Fields | undefined);
  if (fields.result !== undefined && fields.result !== 0 && asked?.user !== undefined) {
    message.refused = `result ${fields.result}`;
  }
}
