import type { Reader } from '../../reader.ts';
import { LONG_TEXT } from '../../text.ts';

const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const EXCLAMATION = 0x21;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SPACE = 0x20;
const LONGEST_NAME = 64;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&amp;', '&'],
]);

/**
 * The start tags of an XML text, one after the other, with the text behind each: all that a flat message needs.
 * It looks at every byte a fixed number of times, keeps no tree, and knows no entities but the five of XML.
 */
export class Elements {
  /** Local name of the current element. */
  name = '';
  /** The outermost element was closed: nothing is missing. */
  complete = false;
  private readonly reader: Reader;
  private depth = 0;

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
    return text.includes('&') ? text.replaceAll(/&[a-z]{2,4};/g, (entity) => ENTITIES.get(entity) ?? entity) : text;
  }

  /** Reads to the end of a start tag; a `>` inside an attribute's value does not end it. */
  private open(): boolean {
    const { reader } = this;
    this.name = this.readName();
    let quote = 0;
    let last = 0;
    while (reader.remaining > 0) {
      const byte = reader.u8();
      if (quote !== 0) {
        quote = byte === quote ? 0 : quote;
      } else if (byte === GREATER) {
        this.entered(last === SLASH);
        return true;
      } else if (byte === QUOTE || byte === APOSTROPHE) {
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
