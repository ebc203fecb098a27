import type { Reader } from '../../reader.ts';
import { IDENTITY_TEXT } from '../../text.ts';
import { hasValues } from './functions.ts';

export interface ObjectHeader {
  readonly group: number;
  readonly variation: number;
  /** Absent: all objects of the group. */
  readonly count?: number;
}

/** Text of a device attribute (group 0); the variation says which. */
export interface Attribute {
  readonly variation: number;
  readonly text: string;
}

export interface Objects {
  readonly headers: ObjectHeader[];
  readonly attributes: Attribute[];
  /** The first control status that is not success; only an answer has one. */
  status: number;
}

const MOST_HEADERS = 64;
const MOST_ATTRIBUTES = 32;

const ATTRIBUTES = 0;
const VISIBLE_STRING = 1;
const CONTROL_STATUS = 0x7f;
/** Octet strings: the variation is their length. */
const STRINGS: ReadonlySet<number> = new Set([110, 111, 112, 113]);
const CONTROLS: ReadonlySet<number> = new Set([12, 41]);

/** IEEE 1815, annex A: octets of one object by group; place in the list = variation, 0 = not known here. */
const SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [1, [0, 0, 1]],
  [2, [0, 1, 7, 3]],
  [3, [0, 0, 1]],
  [4, [0, 1, 7, 3]],
  [10, [0, 0, 1]],
  [11, [0, 1, 7]],
  [12, [0, 11, 11]],
  [13, [0, 1, 7]],
  [20, [0, 5, 3, 5, 3, 4, 2, 4, 2]],
  [21, [0, 5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2]],
  [22, [0, 5, 3, 5, 3, 11, 9, 11, 9]],
  [23, [0, 5, 3, 5, 3, 11, 9, 11, 9]],
  [30, [0, 5, 3, 4, 2, 5, 9]],
  [31, [0, 5, 3, 11, 9, 4, 2, 5, 9]],
  [32, [0, 5, 3, 11, 9, 5, 9, 11, 15]],
  [33, [0, 5, 3, 11, 9, 5, 9, 11, 15]],
  [34, [0, 2, 4, 4]],
  [40, [0, 5, 3, 5, 9]],
  [41, [0, 5, 3, 5, 9]],
  [42, [0, 5, 3, 11, 9, 5, 9, 11, 15]],
  [43, [0, 5, 3, 11, 9, 5, 9, 11, 15]],
  [50, [0, 6, 10, 6, 11]],
  [51, [0, 6, 6]],
  [52, [0, 2, 2]],
  [101, [0, 2, 4, 8]],
  [102, [0, 1]],
]);

/** Objects of one or two bits, packed into octets: objects in an octet by group and variation. */
const PACKED: ReadonlyMap<number, number> = new Map([
  [(1 << 8) | 1, 8],
  [(3 << 8) | 1, 4],
  [(10 << 8) | 1, 8],
  [(12 << 8) | 3, 8],
  [(80 << 8) | 1, 8],
]);

/** Octets of an index or of a size in front of each object, by prefix code (clause 4.2.2.7.3.2). */
const PREFIXES: readonly number[] = [0, 1, 2, 4, 1, 2, 4, 0];
const SIZE_PREFIX = 4;
const RESERVED_PREFIX = 7;

const UNKNOWN = -1;

/**
 * Reads object headers, walking over the values between them. Stops, without complaint, behind an object whose size
 * it does not know.
 */
export function readObjects(reader: Reader, functionCode: number): Objects {
  const objects: Objects = { headers: [], attributes: [], status: 0 };
  const withValues = hasValues(functionCode);
  let isKnown = true;
  while (isKnown && reader.remaining > 0 && reader.step()) {
    isKnown = readHeader(reader, objects, withValues);
  }
  return objects;
}

function readHeader(reader: Reader, objects: Objects, withValues: boolean): boolean {
  const group = reader.u8();
  const variation = reader.u8();
  const qualifier = reader.u8();
  const prefix = (qualifier >> 4) & 7;
  const count = readRange(reader, qualifier & 15);
  if (objects.headers.length < MOST_HEADERS && !reader.truncated) {
    objects.headers.push(count === UNKNOWN || count === 0 ? { group, variation } : { group, variation, count });
  }
  if (count === UNKNOWN || prefix === RESERVED_PREFIX || reader.truncated) {
    return (qualifier & 15) === ALL;
  }
  if (prefix >= SIZE_PREFIX) {
    skipSized(reader, count, PREFIXES[prefix] ?? 0);
    return true;
  }
  const indexLength = PREFIXES[prefix] ?? 0;
  if (!withValues) {
    reader.skip(count * indexLength);
    return true;
  }
  return group === ATTRIBUTES
    ? readAttributes(reader, objects, variation, { count, indexLength })
    : skipValues(reader, objects, (group << 8) | variation, { count, indexLength });
}

const ALL = 6;

/** Clause 4.2.2.7.3.3: how many objects the header names; `UNKNOWN` for all of them and for reserved codes. */
function readRange(reader: Reader, code: number): number {
  switch (code) {
    case 0:
    case 3:
      return span(reader.u8(), reader.u8());
    case 1:
    case 4:
      return span(reader.u16le(), reader.u16le());
    case 2:
    case 5:
      return span(reader.u32le(), reader.u32le());
    case 7:
    case 11:
      return reader.u8();
    case 8:
      return reader.u16le();
    case 9:
      return reader.u32le();
    default:
      return UNKNOWN;
  }
}

function span(start: number, stop: number): number {
  return Math.max(0, stop - start + 1);
}

function skipSized(reader: Reader, count: number, sizeLength: number): void {
  reader.repeat(count, () => {
    const size = sizeLength === 1 ? reader.u8() : sizeLength === 2 ? reader.u16le() : reader.u32le();
    reader.skip(size);
  });
}

interface Listed {
  readonly count: number;
  readonly indexLength: number;
}

/** Clause 11, group 0: data type, length, value. */
function readAttributes(reader: Reader, objects: Objects, variation: number, { count, indexLength }: Listed): boolean {
  reader.repeat(count, () => {
    reader.skip(indexLength);
    const type = reader.u8();
    const length = reader.u8();
    if (type === VISIBLE_STRING && objects.attributes.length < MOST_ATTRIBUTES) {
      objects.attributes.push({ variation, text: reader.text(length, 'latin-1', IDENTITY_TEXT) });
    } else {
      reader.skip(length);
    }
  });
  return true;
}

function skipValues(reader: Reader, objects: Objects, key: number, { count, indexLength }: Listed): boolean {
  const perOctet = PACKED.get(key);
  if (perOctet !== undefined) {
    reader.skip(indexLength * count + Math.ceil(count / perOctet));
    return true;
  }
  const group = key >> 8;
  const variation = key & 0xff;
  const size = STRINGS.has(group) ? variation : (SIZES.get(group)?.[variation] ?? 0);
  if (size === 0) {
    return false;
  }
  if (CONTROLS.has(group)) {
    reader.repeat(count, () => {
      reader.skip(indexLength + size - 1);
      const status = reader.u8() & CONTROL_STATUS;
      objects.status ||= status;
    });
  } else {
    reader.skip(count * (indexLength + size));
  }
  return true;
}
