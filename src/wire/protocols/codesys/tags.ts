import type { Reader } from '../../reader.ts';

/** A tag whose number has this bit holds tags; all others hold data. */
const PARENT = 0x80;
const DEPTH = 4;
/** Numbers have seven bits a byte and are padded with empty bytes, so that what follows them is aligned. */
const LONGEST_NUMBER = 8;

/** Calls `see` for every data tag in the order of the bytes, however deep it stands. */
export function readTags(reader: Reader, see: (tag: number, value: Reader) => void, depth = DEPTH): void {
  reader.repeatToEnd(() => {
    const tag = readNumber(reader);
    const size = readNumber(reader);
    reader.expect(size);
    const value = reader.sub(Math.min(size, reader.remaining));
    if ((tag & PARENT) === 0) {
      see(tag, value);
    } else if (depth > 0) {
      readTags(value, see, depth - 1);
    }
  });
}

function readNumber(reader: Reader): number {
  let number = 0;
  for (let at = 0; at < LONGEST_NUMBER; at++) {
    const byte = reader.u8();
    number += (byte & 0x7f) * 2 ** (7 * at);
    if ((byte & 0x80) === 0) {
      return number;
    }
  }
  return number;
}
