import type { Reader } from '../../reader.ts';

/** IEEE 1815, clause 9.2: start octets, length, control, two addresses, check octets. */
export const HEADER = 10;
/** The length counts control, addresses and user data, but no check octets. */
export const COUNTED_HEADER = 5;
const BLOCK = 16;
const CRC = 2;
/** Clause 9.2.5: x^16 + x^13 + x^12 + x^11 + x^10 + x^8 + x^6 + x^5 + x^2 + 1, least significant bit first. */
const POLYNOMIAL = 0xa6bc;

const TABLE = Uint16Array.from({ length: 256 }, (_, value) => {
  let crc = value;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
  }
  return crc;
});

/** All of a link frame with this length octet, check octets included. */
export function frameLength(counted: number): number {
  const data = Math.max(0, counted - COUNTED_HEADER);
  return HEADER + data + CRC * Math.ceil(data / BLOCK);
}

/** Whether the two octets behind `length` bytes at `from` check them. */
export function checks(reader: Reader, from: number, length: number): boolean {
  let crc = 0;
  for (let at = from; at < from + length; at++) {
    crc = (crc >> 8) ^ (TABLE[(crc ^ reader.peek(at)) & 0xff] ?? 0);
  }
  crc ^= 0xffff;
  const end = from + length;
  return reader.peek(end) === (crc & 0xff) && reader.peek(end + 1) === crc >> 8;
}

/** The user data of the frame that starts here, without check octets; `undefined` where a block is damaged. */
export function userData(reader: Reader): Uint8Array | undefined {
  const length = Math.max(0, reader.peek(2) - COUNTED_HEADER);
  const data = new Uint8Array(length);
  let from = HEADER;
  for (let done = 0; done < length; done += BLOCK) {
    const size = Math.min(BLOCK, length - done);
    if (!checks(reader, from, size)) {
      return undefined;
    }
    for (let at = 0; at < size; at++) {
      data[done + at] = reader.peek(from + at);
    }
    from += size + CRC;
  }
  return data;
}
