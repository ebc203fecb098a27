import type { Reader } from '../../reader.ts';
import { LONG_TEXT } from '../../text.ts';

/** Clause 20.2.1: tag number in the high four bits, class in bit 3, length or kind in the low three. */
const CONTEXT = 0x08;
const KIND = 0x07;
const EXTENDED = 5;
const OPENING = 6;
const CLOSING = 7;
const LONG_NUMBER = 15;
/** Application tags, clause 20.2.1.4. */
const BOOLEAN = 1;
const CHARACTERS = 7;
const TWO_BYTES = 254;
const FOUR_BYTES = 255;

export const ABSENT = -1;

/** A context-tagged number of up to four bytes; `ABSENT` and not moved where another tag stands. */
export function contextNumber(reader: Reader, tag: number): number {
  return numberBehind(reader, (tag << 4) | CONTEXT);
}

/** An application-tagged number of up to four bytes; `ABSENT` and not moved where another tag stands. */
export function applicationNumber(reader: Reader, tag: number): number {
  return numberBehind(reader, tag << 4);
}

function numberBehind(reader: Reader, mark: number): number {
  const first = reader.peek();
  const length = first & KIND;
  if ((first & ~KIND) !== mark || length === 0 || length > 4 || reader.remaining === 0) {
    return ABSENT;
  }
  reader.skip(1);
  let value = 0;
  for (let done = 0; done < length; done++) {
    value = value * 256 + reader.u8();
  }
  return value;
}

/** Steps over an opening tag; false and not moved where another tag stands. */
export function opens(reader: Reader, tag: number): boolean {
  if (reader.peek() !== ((tag << 4) | CONTEXT | OPENING)) {
    return false;
  }
  reader.skip(1);
  return true;
}

/** Steps over a closing tag; false and not moved where another tag stands. */
export function closes(reader: Reader, tag: number): boolean {
  if (reader.peek() !== ((tag << 4) | CONTEXT | CLOSING)) {
    return false;
  }
  reader.skip(1);
  return true;
}

/** An application-tagged character string (clause 20.2.9); undefined and not moved where another tag stands. */
export function characters(reader: Reader): string | undefined {
  const first = reader.peek();
  if (first >> 4 !== CHARACTERS || first & CONTEXT) {
    return undefined;
  }
  reader.skip(1);
  return charactersOf(reader, dataLength(reader, first & KIND));
}

/** Is there a context-tagged primitive value of that number, however long? */
export function holds(reader: Reader, tag: number): boolean {
  const first = reader.peek();
  return first >> 4 === tag && (first & CONTEXT) !== 0 && (first & KIND) < OPENING;
}

const UCS_2 = 4;
const LATIN_1 = 5;

function charactersOf(reader: Reader, length: number): string | undefined {
  if (length === 0) {
    return undefined;
  }
  const charset = reader.u8();
  const name = charset === UCS_2 ? 'utf-16be' : charset === LATIN_1 ? 'latin-1' : 'utf-8';
  return reader.text(length - 1, name, LONG_TEXT).trim();
}

/** Steps over what is left of a constructed value, up to and with its closing tag; without one, the message was cut. */
export function skipConstructed(reader: Reader): void {
  let depth = 1;
  while (depth > 0 && reader.remaining > 0 && reader.step()) {
    depth += skipTag(reader);
  }
  if (depth > 0) {
    reader.expect(reader.remaining + 1);
  }
}

/** Steps over one tag and its data: 1 if it opens a level, -1 if it closes one. */
function skipTag(reader: Reader): number {
  const first = reader.u8();
  const number = first >> 4 === LONG_NUMBER ? reader.u8() : first >> 4;
  const kind = first & KIND;
  if (first & CONTEXT) {
    if (kind === OPENING) {
      return 1;
    }
    if (kind === CLOSING) {
      return -1;
    }
  } else if (number === BOOLEAN) {
    return 0;
  }
  reader.skip(dataLength(reader, kind));
  return 0;
}

/** Clause 20.2.1.3.1. */
function dataLength(reader: Reader, kind: number): number {
  if (kind !== EXTENDED) {
    return kind;
  }
  const length = reader.u8();
  if (length === TWO_BYTES) {
    return reader.u16be();
  }
  return length === FOUR_BYTES ? reader.u32be() : length;
}
