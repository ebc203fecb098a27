import type { Reader } from '../reader.ts';
import { LONG_TEXT } from '../text.ts';

/**
 * Heads of HTTP and of protocols that were modelled on it: a start line, header fields, an empty line
 * (RFC 9112, sections 2 to 5; RFC 7826, section 20).
 */
export interface Head {
  readonly startLine: string;
  /** Names in small letters; the first of a name counts. */
  readonly fields: ReadonlyMap<string, string>;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 0x3a;

/** Longer than other texts: an NTLM message in base64. */
const LONGEST_VALUE = 8192;
const MOST_LINES = 256;

/** Bytes of the head with the empty line that ends it; 0 while that has not come in the first `longest` bytes. */
export function headLength(reader: Reader, longest: number): number {
  const end = Math.min(reader.remaining, longest);
  let lineStart = 0;
  for (let at = 0; at < end; at++) {
    if (reader.peek(at) === LF) {
      const empty = at === lineStart || (at === lineStart + 1 && reader.peek(lineStart) === CR);
      if (empty) {
        return at + 1;
      }
      lineStart = at + 1;
    }
  }
  return 0;
}

/** Where the value of a header field starts; -1 where there is no such field. Names are given in small letters. */
export function valueAt(reader: Reader, head: number, name: readonly number[]): number {
  for (let at = 0; at < head; at++) {
    if (reader.peek(at) !== LF) {
      continue;
    }
    const lineStart = at + 1;
    if (matches(reader, lineStart, name) && reader.peek(lineStart + name.length) === COLON) {
      let value = lineStart + name.length + 1;
      while (value < head && (reader.peek(value) === SPACE || reader.peek(value) === TAB)) {
        value++;
      }
      return value;
    }
  }
  return -1;
}

/** The number whose digits start at `at`, inside the head. More than any length can be is as good as the number itself. */
export function numberAt(reader: Reader, at: number, head: number): number {
  let number = 0;
  for (let next = at; next < head && isDigit(reader.peek(next)) && number < 1e14; next++) {
    number = number * 10 + reader.peek(next) - 0x30;
  }
  return number;
}

/** Whether these letters stand at `at`, large or small. They are given small. */
export function matches(reader: Reader, at: number, name: readonly number[]): boolean {
  for (let next = 0; next < name.length; next++) {
    const letter = reader.peek(at + next);
    const small = letter >= 0x41 && letter <= 0x5a ? letter + 0x20 : letter;
    if (small !== name[next]) {
      return false;
    }
  }
  return true;
}

/** Whether these bytes are the first ones; `perhaps` while too few are there to say. */
export function begins(reader: Reader, text: readonly number[]): 'yes' | 'no' | 'perhaps' {
  const end = Math.min(reader.remaining, text.length);
  for (let at = 0; at < end; at++) {
    if (reader.peek(at) !== text[at]) {
      return 'no';
    }
  }
  return end < text.length ? 'perhaps' : 'yes';
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Character codes of a text, for `matches`, `valueAt` and `begins`. */
export function codes(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Reads the head up to and with its empty line, and keeps those fields that are wanted. */
export function readHead(reader: Reader, wanted: ReadonlySet<string>): Head {
  const startLine = readLine(reader, LONG_TEXT);
  const fields = new Map<string, string>();
  for (let line = 0; line < MOST_LINES && reader.step(); line++) {
    const text = readLine(reader, LONGEST_VALUE);
    if (text === '') {
      break;
    }
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(0, colon)).toLowerCase();
    if (wanted.has(name) && !fields.has(name)) {
      fields.set(name, text.slice(colon + 1).trim());
    }
  }
  return { startLine, fields };
}

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
