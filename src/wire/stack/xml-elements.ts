import type { Reader } from '../reader.ts';
import { IDENTITY_TEXT, LONG_TEXT } from '../text.ts';

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const EXCLAMATION = 0x21;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SPACE = 0x20;
const EQUALS = 0x3d;
const LONGEST_NAME = 64;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&amp;', '&'],
]);

/**
 * The start tags of an XML text, one after the other, with the attributes in each and the text behind it: all that a flat
 * message needs.
 * It looks at every byte a fixed number of times, keeps no tree, and knows no entities but the five of XML.
 */
export class Elements {
  /** Local name of the current element. */
  name = '';
  /** The outermost element was closed: nothing is missing. */
  complete = false;
  private readonly reader: Reader;
  private depth = 0;
  /** Where the attributes of the current element start, and where its tag ends. */
  private tagStart = 0;
  private tagEnd = 0;

  constructor(reader: Reader) {
    this.reader = reader;
  }

  /** Moves to the next start tag; false where there is none. */
  next(): boolean {
    const { reader } = this;
    while (!this.complete && reader.step() && this.skipTo(LESS)) {
      const first = reader.peek();
      if (first === QUESTION || first === EXCLAMATION) {
        this.skipTo(GREATER);
      } else if (first === SLASH) {
        this.close();
      } else {
        return this.open();
      }
    }
    return false;
  }

  /** Text between the current start tag and the next tag. */
  text(): string {
    const { reader } = this;
    let length = 0;
    while (length < reader.remaining && reader.peek(length) !== LESS) {
      length++;
    }
    const text = reader.text(length, 'utf-8', LONG_TEXT).trim();
    return plain(text);
  }

  /** Value of an attribute of the current element, under its name with its prefix; empty where it has none. */
  attribute(name: string): string {
    const { reader } = this;
    const after = reader.position;
    reader.seek(this.tagStart);
    let value = '';
    while (value === '' && reader.position < this.tagEnd) {
      value = this.readAttribute(name);
    }
    reader.seek(after);
    return value;
  }

  /** Reads past the next attribute; its value where that is its name. */
  private readAttribute(name: string): string {
    const { reader } = this;
    let written = '';
    while (reader.position < this.tagEnd && !isQuote(reader.peek())) {
      const byte = reader.u8();
      if (byte > SPACE && byte !== EQUALS && written.length < LONGEST_NAME) {
        written += String.fromCharCode(byte);
      }
    }
    const quote = reader.u8();
    let length = 0;
    while (reader.position + length < this.tagEnd && reader.peek(length) !== quote) {
      length++;
    }
    const value = written === name ? plain(reader.text(length, 'utf-8', IDENTITY_TEXT).trim()) : '';
    reader.seek(Math.min(this.tagEnd, written === name ? reader.position + 1 : reader.position + length + 1));
    return value;
  }

  /** Reads to the end of a start tag; a `>` inside an attribute's value does not end it. */
  private open(): boolean {
    const { reader } = this;
    this.name = this.readName();
    this.tagStart = reader.position;
    let quote = 0;
    let last = 0;
    while (reader.remaining > 0) {
      const byte = reader.u8();
      if (quote !== 0) {
        quote = byte === quote ? 0 : quote;
      } else if (byte === GREATER) {
        this.tagEnd = reader.position - 1;
        this.entered(last === SLASH);
        return true;
      } else if (isQuote(byte)) {
        quote = byte;
      }
      last = byte;
    }
    return false;
  }

  private readName(): string {
    const { reader } = this;
    let name = '';
    for (let byte = reader.peek(); byte > SPACE && byte !== GREATER && byte !== SLASH; byte = reader.peek()) {
      reader.skip(1);
      if (byte === COLON) {
        name = ''; // that was the prefix
      } else if (name.length < LONGEST_NAME) {
        name += String.fromCharCode(byte);
      }
    }
    return name;
  }

  private entered(empty: boolean): void {
    this.depth += empty ? 0 : 1;
    this.complete = this.depth === 0;
  }

  private close(): void {
    if (this.skipTo(GREATER)) {
      this.depth--;
      this.complete = this.depth <= 0;
    }
  }

  /** Moves behind the next such byte. */
  private skipTo(byte: number): boolean {
    while (this.reader.remaining > 0) {
      if (this.reader.u8() === byte) {
        return true;
      }
    }
    return false;
  }
}

function isQuote(byte: number): boolean {
  return byte === QUOTE || byte === APOSTROPHE;
}

function plain(text: string): string {
  return text.includes('&') ? text.replaceAll(/&[a-z]{2,4};/g, (entity) => ENTITIES.get(entity) ?? entity) : text;
}
