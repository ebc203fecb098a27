import { MOST_ITEMS, type Ndr } from '../../stack/ndr.ts';
import { IDENTITY_TEXT } from '../../text.ts';

/** A value of a process, as plain JSON; `null` where there is none, or none that is read (arrays, currencies). */
export type Value = number | string | boolean | null;

/** MS-OAUT, section 2.2.7: types of variants. */
const EMPTY = 0;
const NULL = 1;
const I2 = 2;
const I4 = 3;
const R4 = 4;
const R8 = 5;
const DATE = 7;
const TEXT = 8;
const ERROR = 10;
const BOOL = 11;
const I1 = 16;
const U1 = 17;
const U2 = 18;
const U4 = 19;
const I8 = 20;
const U8 = 21;
const INT = 22;
const UINT = 23;

/** Sizes of variants count in these. */
const UNIT = 8;
/** What a variant takes beside its value. */
const HEAD = 20;

/**
 * An array of variants (section 2.2.29.1): its size, a pointer for each, then the variants, each of which says its length.
 * False where the last one cannot be read, so that nobody knows where what follows it begins.
 */
export function readVariants(ndr: Ndr, count: number, values: Value[]): boolean {
  ndr.array(count);
  let there = 0;
  ndr.repeat(count, () => {
    there += ndr.pointer() ? 1 : 0;
  });
  return readVariantBodies(ndr, there, values);
}

/** The variants whose pointers stood before. */
export function readVariantBodies(ndr: Ndr, count: number, values: Value[]): boolean {
  let known = true;
  ndr.repeat(count, (index) => {
    known = readVariant(ndr, index === count - 1, values);
  });
  return known;
}

function readVariant(ndr: Ndr, isLast: boolean, values: Value[]): boolean {
  ndr.align(UNIT);
  const { reader } = ndr;
  const start = reader.position;
  const length = ndr.u32() * UNIT;
  ndr.u32();
  const type = ndr.u16();
  reader.skip(6);
  const same = ndr.u32() === type;
  const value = same ? readValue(ndr, type) : undefined;
  if (length < HEAD || reader.position > start + length) {
    ndr.break();
  }
  if (values.length < MOST_ITEMS && !reader.truncated) {
    values.push(value ?? null);
  }
  if (value !== undefined) {
    return true;
  }
  if (!isLast) {
    reader.seek(start + length);
  }
  return false;
}

function readValue(ndr: Ndr, type: number): Value | undefined {
  switch (type) {
    case EMPTY:
    case NULL:
      return null;
    case I2:
      return (ndr.u16() << 16) >> 16;
    case BOOL:
      return ndr.u16() !== 0;
    case U2:
      return ndr.u16();
    case I4:
    case INT:
      return ndr.u32() | 0;
    case U4:
    case UINT:
    case ERROR:
      return ndr.u32();
    case I1:
      return (ndr.u8() << 24) >> 24;
    case U1:
      return ndr.u8();
    case I8:
      return BigInt.asIntN(64, ndr.u64()).toString();
    case U8:
      return ndr.u64().toString();
    case R4:
      return plain(ndr.f32());
    case R8:
    case DATE:
      return plain(ndr.f64());
    case TEXT:
      return readText(ndr);
    default:
      return undefined;
  }
}

/** JSON knows no infinity. */
function plain(value: number): Value {
  return Number.isFinite(value) ? value : String(value);
}

/** Section 2.2.23: number of characters, bytes, number of characters again; no zero at the end. */
function readText(ndr: Ndr): string {
  if (!ndr.pointer()) {
    return '';
  }
  const places = ndr.u32();
  ndr.u32();
  const length = ndr.u32();
  if (length !== places) {
    ndr.break();
  }
  ndr.reader.expect(length * 2);
  const charset = ndr.littleEndian ? 'utf-16le' : 'utf-16be';
  return ndr.reader.truncated ? '' : ndr.reader.text(length * 2, charset, IDENTITY_TEXT);
}
