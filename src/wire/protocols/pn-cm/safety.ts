import type { Reader } from '../../reader.ts';

/** A submodule that takes part in PROFIsafe, with the safety addresses of its host and its own. */
export interface SafetyPlace {
  readonly slot: number;
  readonly subslot: number;
  readonly source: number;
  readonly destination: number;
}

/** IEC 61784-3-3, section 8.1 (F-parameters): two bytes of flags, two addresses, watchdog, then the CRC of all. */
const PLAIN = 10;
const WITH_CRC_OF_PARAMETERS = 14;
const RESERVED_FLAG = 0x80;
const BLOCK_ID_SHIFT = 3;
const BLOCK_ID_BITS = 0x07;
const VERSION_SHIFT = 6;
const VERSION_2 = 1;
const CRC_OF_PARAMETERS_AT = 8;
const POLYNOMIAL = 0x4eab;

/** The record's index is the maker's choice: only that its CRC fits tells these parameters from others. */
export function readSafety(record: Reader): { readonly source: number; readonly destination: number } | undefined {
  const { length } = record;
  if (length !== PLAIN && length !== WITH_CRC_OF_PARAMETERS) {
    return undefined;
  }
  const reserved = record.peek() & RESERVED_FLAG;
  const version = record.peek(1) >> VERSION_SHIFT;
  const blockId = (record.peek(1) >> BLOCK_ID_SHIFT) & BLOCK_ID_BITS;
  const expected = length === PLAIN ? 0 : 1;
  if (reserved !== 0 || version !== VERSION_2 || blockId !== expected || !checks(record, length)) {
    return undefined;
  }
  record.skip(2);
  const source = record.u16be();
  const destination = record.u16be();
  return source === 0 || destination === 0 ? undefined : { source, destination };
}

/** The CRC of the device's own parameters stands behind the others, but is reckoned first. */
function checks(record: Reader, length: number): boolean {
  let crc = 0;
  for (let at = CRC_OF_PARAMETERS_AT; at < length - 2; at++) {
    crc = next(crc, record.peek(at));
  }
  for (let at = 0; at < CRC_OF_PARAMETERS_AT; at++) {
    crc = next(crc, record.peek(at));
  }
  return crc === ((record.peek(length - 2) << 8) | record.peek(length - 1));
}

function next(crc: number, byte: number): number {
  let rest = crc ^ (byte << 8);
  for (let bit = 0; bit < 8; bit++) {
    rest = rest & 0x8000 ? ((rest << 1) ^ POLYNOMIAL) & 0xffff : rest << 1;
  }
  return rest;
}
