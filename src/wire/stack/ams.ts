import type { Reader } from '../reader.ts';

/** AMS net id: six bytes, written like an address. They need not be one. */
export function readNetId(reader: Reader): string {
  return `${reader.u8()}.${reader.u8()}.${reader.u8()}.${reader.u8()}.${reader.u8()}.${reader.u8()}`;
}
