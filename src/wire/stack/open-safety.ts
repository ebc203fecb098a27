import type { Context } from '../dissector.ts';
import type { Reader } from '../reader.ts';

/**
 * openSAFETY (EPSG DSP 304, section 6) inside other data: nothing says that it is there, nor where. A frame is a first part
 * (address, id, length, time, data, CRC) and a second one like it, of which only the room is looked at.
 */
const HEADER = 4;
const HEADERS = 9;
const ID_BITS = 0xe0;
export const MANAGEMENT = 0xa0;
export const PROCESS_DATA = 0xc0;
export const SERVICE = 0xe0;

/** Up to eight bytes of data have a CRC of eight bits, longer ones one of two of sixteen. */
const LONGEST_OF_SHORT_CRC = 8;
const LONGEST = 254;
const SHORT_CRC = 0x2f;
const LONG_CRC = 0x5935;
const OTHER_LONG_CRC = 0x755b;

/** A CRC of eight bits proves little; as many frames at one place, each of another time, do. */
const ENOUGH = 5;
const MEMORY = 'opensafety';
const NEVER: readonly number[] = [];

/** Whether the `size` bytes that come next hold process data of openSAFETY, once the conversation has shown where. */
export function holdsOpenSafety(reader: Reader, size: number, context: Context): boolean {
  const known = context.recall(MEMORY);
  if (typeof known === 'number') {
    return isProcessData(reader, known, size);
  }
  const [place = 0, lastTime = -1, times = 0] = Array.isArray(known) ? (known as readonly number[]) : NEVER;
  const at = times > 0 && isProcessData(reader, place, size) ? place : findProcessData(reader, size);
  if (at < 0) {
    return false;
  }
  const time = reader.peek(at + 3);
  const seen = at === place ? times + (time === lastTime ? 0 : 1) : 1;
  context.remember(MEMORY, seen >= ENOUGH ? at : [at, time, seen]);
  return seen >= ENOUGH;
}

/** So many bytes may be checked to find a frame: data in which one could start anywhere would be checked again from each place. */
const MOST_CHECKED = 64 * 1024;

function findProcessData(reader: Reader, size: number): number {
  let checked = 0;
  for (let at = 0; at + HEADERS < size && checked < MOST_CHECKED; at++) {
    if (openSafetyKind(reader, at) === PROCESS_DATA) {
      if (frameLength(reader, at, size) > 0) {
        return at;
      }
      checked += HEADER + reader.peek(at + 2);
    }
  }
  return -1;
}

function isProcessData(reader: Reader, at: number, size: number): boolean {
  return openSafetyKind(reader, at) === PROCESS_DATA && frameLength(reader, at, size) > 0;
}

/** Kind of a frame by its id. */
export function openSafetyKind(reader: Reader, at: number): number {
  return reader.peek(at + 1) & ID_BITS;
}

/** Length of the frame that starts `at` bytes from here within the next `size` bytes; 0 where none does. */
export function frameLength(reader: Reader, at: number, size: number): number {
  const kind = openSafetyKind(reader, at);
  const data = reader.peek(at + 2);
  const checks = data > LONGEST_OF_SHORT_CRC ? 2 : 1;
  const length = HEADERS + 2 * (data + checks);
  const isKind = kind === PROCESS_DATA || kind === SERVICE || kind === MANAGEMENT;
  if (!isKind || data < 1 || data > LONGEST || at + length > size) {
    return 0;
  }
  return checksFit(reader, at, HEADER + data, checks) ? length : 0;
}

function checksFit(reader: Reader, at: number, covered: number, checks: number): boolean {
  const said = reader.peek(at + covered);
  if (checks === 1) {
    return shortCrcOf(reader, at, covered) === said;
  }
  const long = said | (reader.peek(at + covered + 1) << 8);
  return longCrcOf(reader, at, covered, LONG_CRCS) === long || longCrcOf(reader, at, covered, OTHER_LONG_CRCS) === long;
}

function shortCrcOf(reader: Reader, at: number, covered: number): number {
  let crc = 0;
  for (let next = at; next < at + covered; next++) {
    crc = SHORT_CRCS[crc ^ reader.peek(next)] as number;
  }
  return crc;
}

function longCrcOf(reader: Reader, at: number, covered: number, table: Uint16Array): number {
  let crc = 0;
  for (let next = at; next < at + covered; next++) {
    crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ reader.peek(next)] as number);
  }
  return crc;
}

/** What each byte makes of a CRC that was 0, high bit first. */
function crcTable(polynomial: number, width: 8 | 16): Uint16Array {
  const top = 1 << (width - 1);
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & top ? (crc << 1) ^ polynomial : crc << 1;
    }
    return crc & (2 * top - 1);
  });
}

const SHORT_CRCS = crcTable(SHORT_CRC, 8);
const LONG_CRCS = crcTable(LONG_CRC, 16);
const OTHER_LONG_CRCS = crcTable(OTHER_LONG_CRC, 16);
