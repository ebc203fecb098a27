import type { Reader } from '../../reader.ts';
import { cutText, IDENTITY_TEXT } from '../../text.ts';

/** Header fields that are looked at. */
export const WANTED: ReadonlySet<string> = new Set([
  'host',
  'server',
  'user-agent',
  'authorization',
  'proxy-authorization',
  'www-authenticate',
  'proxy-authenticate',
  'content-type',
  'content-encoding',
  'content-disposition',
  'date',
  'upgrade',
  'location',
]);

const TITLE = /<title[^>]{0,64}>([^<]{1,512})/i;
const SEARCHED = 16 * 1024;

/** The title of a page, where its first bytes hold one. */
export function titleOf(reader: Reader): string | undefined {
  const start = reader.position;
  const page = reader.text(Math.min(reader.remaining, SEARCHED), 'utf-8', SEARCHED);
  reader.seek(start);
  const title = TITLE.exec(page)?.[1]?.replace(/\s+/g, ' ').trim();
  return title ? cutText(title, IDENTITY_TEXT) : undefined;
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
