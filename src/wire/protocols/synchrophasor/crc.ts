import type { Reader } from '../../reader.ts';

/** CRC-CCITT of IEEE C37.118.2, annex B: x¹⁶ + x¹² + x⁵ + 1, from all ones, most significant bit first. */
const POLYNOMIAL = 0x1021;
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) {
    crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
  }
  return crc;
});

/** The next `length` bytes end with their own check sum. */
export function isSound(reader: Reader, length: number): boolean {
  const end = length - 2;
  let crc = 0xffff;
  for (let at = 0; at < end; at++) {
    crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ reader.peek(at)] ?? 0);
  }
  return crc === ((reader.peek(end) << 8) | reader.peek(end + 1));
}
