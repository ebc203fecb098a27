import { hexText } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import { fromWire, IDENTITY_TEXT } from '../../text.ts';

/** IEC 62056-6-2, section 4.1.5: data types. */
const ARRAY = 1;
const STRUCTURE = 2;
const BIT_STRING = 4;
const OCTET_STRING = 9;
const VISIBLE_STRING = 10;
const UTF8_STRING = 12;
const COMPACT_ARRAY = 19;
const DEEPEST = 32;

/** Bytes of the types of fixed length. */
const FIXED: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [3, 1],
  [5, 4],
  [6, 4],
  [7, 4],
  [13, 1],
  [15, 1],
  [16, 2],
  [17, 1],
  [18, 2],
  [20, 8],
  [21, 8],
  [22, 1],
  [23, 4],
  [24, 8],
  [25, 12],
  [26, 5],
  [27, 4],
  [28, 1],
  [29, 2],
  [30, 4],
  [31, 1],
  [32, 2],
  [33, 4],
  [255, 0],
]);

const LONG_LENGTH = 0x80;
const LONGEST_LENGTH = 4;
const NO_SUCH_LENGTH = 0xffff_ffff;

/** A length or count: one byte, or the number of bytes that hold it (A-XDR). */
export function readLength(reader: Reader): number {
  const first = reader.u8();
  if (first < LONG_LENGTH) {
    return first;
  }
  const bytes = first - LONG_LENGTH;
  if (bytes > LONGEST_LENGTH) {
    return NO_SUCH_LENGTH;
  }
  let length = 0;
  for (let done = 0; done < bytes; done++) {
    length = length * 256 + reader.u8();
  }
  return length;
}

/** Passes over one value, whatever it holds. False where its type is none: nothing behind it can be found then. */
export function skipData(reader: Reader, depth = 0): boolean {
  if (depth > DEEPEST) {
    reader.exhausted = true;
    return false;
  }
  const type = reader.u8();
  const fixed = FIXED.get(type);
  if (fixed !== undefined) {
    reader.skip(fixed);
    return true;
  }
  switch (type) {
    case ARRAY:
    case STRUCTURE:
      return skipItems(reader, depth);
    case BIT_STRING:
      reader.skip(Math.ceil(readLength(reader) / 8));
      return true;
    case OCTET_STRING:
    case VISIBLE_STRING:
    case UTF8_STRING:
      reader.skip(readLength(reader));
      return true;
    case COMPACT_ARRAY:
      if (!skipDescription(reader, depth + 1)) {
        return false;
      }
      reader.skip(readLength(reader));
      return true;
    default:
      return false;
  }
}

function skipItems(reader: Reader, depth: number): boolean {
  let known = true;
  reader.repeat(readLength(reader), () => {
    if (known) {
      known = skipData(reader, depth + 1);
    } else {
      reader.skip(1);
    }
  });
  return known;
}

/** What the items of a compact array are: a type, or several. */
function skipDescription(reader: Reader, depth: number): boolean {
  if (depth > DEEPEST) {
    reader.exhausted = true;
    return false;
  }
  const type = reader.u8();
  if (type === ARRAY) {
    reader.skip(2); // number of items
    return skipDescription(reader, depth + 1);
  }
  let known = true;
  if (type === STRUCTURE) {
    reader.repeat(readLength(reader), () => {
      known = skipDescription(reader, depth + 1) && known;
    });
  }
  return known;
}

/** The value as text, if it is a string; the reader stands behind it. */
export function readText(reader: Reader): string | undefined {
  const type = reader.peek();
  if (type !== OCTET_STRING && type !== VISIBLE_STRING && type !== UTF8_STRING) {
    skipData(reader);
    return undefined;
  }
  reader.skip(1);
  const bytes = reader.take(readLength(reader));
  return bytes.every(isPrintable)
    ? fromWire(bytes, 'latin-1', IDENTITY_TEXT).trim()
    : hexText(bytes.subarray(0, IDENTITY_TEXT / 2));
}

function isPrintable(byte: number): boolean {
  return byte === 0 || (byte >= 0x20 && byte < 0x7f);
}
