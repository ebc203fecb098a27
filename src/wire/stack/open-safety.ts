import type { Context } from '../dissector.ts';
import type { Reader } from '../reader.ts';

/**
 * openSAFETY (EPSG DSP 304, section 6) inside process data: nothing says that it is there, nor where. A frame is a first part
 * (address, id, length, time, data, CRC) and a second one like it, which is not looked at.
 */
const HEADER = 4;
const SHORTEST = 11;
const ID_BITS = 0xe0;
/** Ids of process data; services between safety nodes pass too seldom to be sure of. */
const PROCESS_DATA = 0xc0;
/** Longer data have another CRC. */
const LONGEST_DATA = 8;
const POLYNOMIAL = 0x2f;
/** One CRC of eight bits proves little; as many frames at one place, each of another time, do. */
const ENOUGH = 5;
const MEMORY = 'opensafety';

/** Whether the `size` bytes that come next hold an openSAFETY frame, once the conversation has shown where. */
export function holdsOpenSafety(reader: Reader, size: number, context: Context): boolean {
  const known = context.recall(MEMORY);
  if (typeof known === 'number') {
    return fits(reader, known, size);
  }
  const [place = 0, lastTime = -1, times = 0] = Array.isArray(known) ? (known as readonly number[]) : NEVER;
  const at = times > 0 && fits(reader, place, size) ? place : find(reader, size);
  if (at < 0) {
    return false;
  }
  const time = reader.peek(at + 3);
  const seen = at === place ? times + (time === lastTime ? 0 : 1) : 1;
  context.remember(MEMORY, seen >= ENOUGH ? at : [at, time, seen]);
  return seen >= ENOUGH;
}

const NEVER: readonly number[] = [];

function find(reader: Reader, size: number): number {
  for (let at = 0; at + SHORTEST < size; at++) {
    if (fits(reader, at, size)) {
      return at;
    }
  }
  return -1;
}

function fits(reader: Reader, at: number, size: number): boolean {
  const length = reader.peek(at + 2);
  const whole = SHORTEST + 2 * length;
  if ((reader.peek(at + 1) & ID_BITS) !== PROCESS_DATA || length < 1 || length > LONGEST_DATA || at + whole > size) {
    return false;
  }
  let crc = 0;
  for (let next = at; next < at + HEADER + length; next++) {
    crc ^= reader.peek(next);
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 0x80 ? ((crc << 1) ^ POLYNOMIAL) & 0xff : crc << 1;
    }
  }
  return crc === reader.peek(at + HEADER + length);
}
