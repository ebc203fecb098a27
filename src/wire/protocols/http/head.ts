import type { Reader } from '../../reader.ts';
import { IDENTITY_TEXT, LONG_TEXT } from '../../text.ts';

/** A start line and those header fields that are looked at (RFC 9112, sections 2 to 5). */
export interface Head {
  readonly startLine: string;
  readonly fields: ReadonlyMap<string, string>;
}

const WANTED: ReadonlySet<string> = new Set([
  'host',
  'server',
  'user-agent',
  'authorization',
  'proxy-authorization',
  'www-authenticate',
  'proxy-authenticate',
  'content-type',
  'content-disposition',
  'date',
  'upgrade',
  'location',
]);
/** Longer than other texts: an NTLM message in base64. */
const LONGEST_VALUE = 8192;
const MOST_LINES = 256;

/** Reads the head up to and with its empty line. */
export function readHead(reader: Reader): Head {
  const startLine = readLine(reader, LONG_TEXT);
  const fields = new Map<string, string>();
  for (let line = 0; line < MOST_LINES && reader.step(); line++) {
    const text = readLine(reader, LONGEST_VALUE);
    if (text === '') {
      break;
    }
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(0, colon)).toLowerCase();
    if (WANTED.has(name) && !fields.has(name)) {
      fields.set(name, text.slice(colon + 1).trim());
    }
  }
  return { startLine, fields };
}

const LF = 10;

/** A line without its end. One that does not end marks the message truncated. */
function readLine(reader: Reader, limit: number): string {
  let length = 0;
  while (length < reader.remaining && reader.peek(length) !== LF) {
    length++;
  }
  const text = reader.text(length, 'latin-1', limit);
  reader.u8();
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

const TITLE = /<title[^>]{0,64}>([^<]{1,512})/i;
const SEARCHED = 16 * 1024;

/** The title of a page, where its first bytes hold one. */
export function titleOf(reader: Reader): string | undefined {
  const start = reader.position;
  const page = reader.text(Math.min(reader.remaining, SEARCHED), 'utf-8', SEARCHED);
  reader.seek(start);
  const title = TITLE.exec(page)?.[1]?.replace(/\s+/g, ' ').trim().slice(0, IDENTITY_TEXT);
  return title || undefined;
}

const USER_FIELD = /(?:^|&)(?:user|username|user_name|login|userid|uid|name|j_username)=([^&]{1,256})/i;
const PASSWORD_FIELD = /(?:^|&)[\w.-]{0,32}(?:pass|passwd|password|pwd)[\w.-]{0,32}=/i;
const FORM = 4096;

/** Who signs in with a form; undefined where the form has no password. Its value is never kept. */
export function formUser(reader: Reader): { readonly user?: string } | undefined {
  const start = reader.position;
  const form = reader.text(Math.min(reader.remaining, FORM), 'latin-1', FORM);
  reader.seek(start);
  if (!PASSWORD_FIELD.test(form)) {
    return undefined;
  }
  const user = USER_FIELD.exec(form)?.[1];
  return user === undefined ? {} : { user: unescapeForm(user) };
}

function unescapeForm(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
