import type { Reader } from '../reader.ts';

/** Type and length, of two bytes each; the length counts them too. */
const HEADER = 4;

/**
 * Hands on the elements of a message between switches (DTP, UDLD) up to the padding of the frame, which is behind the last one.
 * False where one is shorter than its header.
 */
export function readElements(reader: Reader, read: (element: Reader, type: number) => void): boolean {
  let fits = true;
  while (reader.remaining >= HEADER && reader.peek(1) !== 0 && reader.step()) {
    const type = reader.u16be();
    const length = reader.u16be() - HEADER;
    fits &&= length >= 0;
    reader.expect(length);
    read(reader.sub(length), type);
  }
  return fits;
}
