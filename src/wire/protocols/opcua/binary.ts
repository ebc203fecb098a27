import { uuidText } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import type { Charset } from '../../text.ts';

/** The binary encoding of OPC 10000-6, section 5.2: only what messages are read for; the rest is skipped. */

const UTF8: Charset = 'utf-8';
const MOST_DEPTH = 16;

/** Section 5.2.2.4. A null string is empty here. */
export function readString(reader: Reader, limit?: number): string {
  const length = reader.i32le();
  return length > 0 ? reader.text(length, UTF8, limit) : '';
}

/** Skips a string, byte string or XML element and gives its length. */
export function skipString(reader: Reader): number {
  const length = Math.max(0, reader.i32le());
  reader.skip(length);
  return length;
}

/** Calls `read` for each element of an array, of which a null one has none. Gives the announced length. */
export function readArray(reader: Reader, read: (index: number) => void): number {
  const length = Math.max(0, reader.i32le());
  reader.repeat(length, read);
  return length;
}

/** Section 5.2.2.9, with the flags of an expanded node id. */
const NAMESPACE_URI = 0x80;
const SERVER_INDEX = 0x40;
const ENCODING = 0x3f;
const TWO_BYTE = 0;
const FOUR_BYTE = 1;
const NUMERIC = 2;
const STRING = 3;
const GUID = 4;
const OPAQUE = 5;

/** The number of a node id of namespace 0, which all of the standard's own types have; -1 for any other. */
export function readStandardId(reader: Reader): number {
  const encoding = reader.u8();
  let id = -1;
  let namespace = 0;
  switch (encoding & ENCODING) {
    case TWO_BYTE:
      id = reader.u8();
      break;
    case FOUR_BYTE:
      namespace = reader.u8();
      id = reader.u16le();
      break;
    case NUMERIC:
      namespace = reader.u16le();
      id = reader.u32le();
      break;
    case GUID:
      reader.skip(18);
      break;
    default:
      reader.skip(2);
      skipString(reader);
  }
  if (encoding & NAMESPACE_URI) {
    skipString(reader);
  }
  if (encoding & SERVER_INDEX) {
    reader.skip(4);
  }
  return namespace === 0 ? id : -1;
}

/** As OPC 10000-6, section 5.3.1.10 writes it: `ns=2;s=Boiler.Temperature`. */
export function readNodeId(reader: Reader): string {
  switch (reader.u8() & ENCODING) {
    case TWO_BYTE:
      return `i=${reader.u8()}`;
    case FOUR_BYTE:
      return `${namespaceText(reader.u8())}i=${reader.u16le()}`;
    case NUMERIC:
      return `${namespaceText(reader.u16le())}i=${reader.u32le()}`;
    case STRING:
      return `${namespaceText(reader.u16le())}s=${readString(reader)}`;
    case GUID:
      return `${namespaceText(reader.u16le())}g=${uuidText(reader.take(16), true)}`;
    case OPAQUE:
      return `${namespaceText(reader.u16le())}b=${skipString(reader)} bytes`;
    default:
      reader.truncated = true;
      return '';
  }
}

function namespaceText(namespace: number): string {
  return namespace === 0 ? '' : `ns=${namespace};`;
}

/** Section 5.2.2.14: text only, without its locale. */
export function readLocalizedText(reader: Reader): string {
  const mask = reader.u8();
  if (mask & 1) {
    skipString(reader);
  }
  return mask & 2 ? readString(reader) : '';
}

/** Section 5.2.2.15: gives the type of the body, where the body is binary, and a reader over it. */
export function readExtensionObject(reader: Reader): { readonly type: number; readonly body: Reader } {
  const type = readStandardId(reader);
  const encoding = reader.u8();
  const length = encoding === 0 ? 0 : Math.max(0, reader.i32le());
  reader.expect(length);
  return { type: encoding === 1 ? type : -1, body: reader.sub(length) };
}

/** Microseconds since 1970 from 100 ns since 1601 (section 5.2.2.5); 0 where no time is stated. */
export function readTime(reader: Reader): number {
  const low = reader.u32le();
  const high = reader.i32le();
  return low === 0 && high === 0 ? 0 : Math.round((high * 0x1_0000_0000 + low) / 10 - SECONDS_1601_TO_1970 * 1e6);
}

const SECONDS_1601_TO_1970 = 11_644_473_600;

/** Section 5.2.2.12. */
export function skipDiagnosticInfo(reader: Reader, depth = 0): void {
  const mask = reader.u8();
  for (let bit = 0x01; bit <= 0x08; bit <<= 1) {
    if (mask & bit) {
      reader.skip(4);
    }
  }
  if (mask & 0x10) {
    skipString(reader);
  }
  if (mask & 0x20) {
    reader.skip(4);
  }
  if (mask & 0x40) {
    if (depth >= MOST_DEPTH) {
      reader.exhausted = true;
      return;
    }
    skipDiagnosticInfo(reader, depth + 1);
  }
}

/** Built-in types (section 5.1.2). */
const TEXT_VALUE = 12;
const TIME_VALUE = 13;
const EXTENSION_VALUE = 22;

/** What a value read is: text and structures are kept, of other scalars only that they are there. */
export interface Value {
  readonly text?: string;
  readonly time?: number;
  readonly structure?: { readonly type: number; readonly body: Reader };
}

const OTHER_VALUE: Value = {};

/** Section 5.2.2.17. `undefined`: a value whose end is not known here (arrays, variants in variants). */
export function readDataValue(reader: Reader): Value | undefined {
  const mask = reader.u8();
  const value = mask & 0x01 ? readScalar(reader) : OTHER_VALUE;
  if (value === undefined) {
    return undefined;
  }
  if (mask & 0x02) {
    reader.skip(4); // status
  }
  if (mask & 0x04) {
    reader.skip(8); // source time
  }
  if (mask & 0x10) {
    reader.skip(2);
  }
  if (mask & 0x08) {
    reader.skip(8); // server time
  }
  if (mask & 0x20) {
    reader.skip(2);
  }
  return value;
}

/** Bytes that each built-in type takes, where that is fixed. */
const FIXED: readonly number[] = [0, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 0, 16, 0, 0, 0, 0, 4];

function readScalar(reader: Reader): Value | undefined {
  const type = reader.u8();
  if (type === TEXT_VALUE) {
    return { text: readString(reader) };
  }
  if (type === TIME_VALUE) {
    return { time: readTime(reader) };
  }
  if (type === EXTENSION_VALUE) {
    return { structure: readExtensionObject(reader) };
  }
  const fixed = FIXED[type];
  if (fixed) {
    reader.skip(fixed);
    return OTHER_VALUE;
  }
  switch (type) {
    case 0:
      return OTHER_VALUE;
    case 15: // byte string
    case 16: // XML
      skipString(reader);
      return OTHER_VALUE;
    case 17: // node id
    case 18: // expanded node id
      readStandardId(reader);
      return OTHER_VALUE;
    case 20: // qualified name
      reader.skip(2);
      return { text: readString(reader) };
    case 21:
      return { text: readLocalizedText(reader) };
    default:
      return undefined;
  }
}
