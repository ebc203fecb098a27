import type { Reader } from '../../reader.ts';
import type { Fields } from './fields.ts';

/** Versions of the name service whose identification is laid out as read here. */
const VERSIONS: readonly number[] = [0x0103, 0x0400];

/** What a node says of itself to whoever looks for nodes: lengths, numbers, then the texts, each with a NUL behind it. */
export function readIdentification(reader: Reader, fields: Fields, version: number): void {
  if (!VERSIONS.includes(version)) {
    reader.rest();
    return;
  }
  reader.skip(4); // channels, byte order, place of the parent in the address
  const parent = reader.u16le();
  const node = reader.u16le();
  const device = reader.u16le();
  const vendor = reader.u16le();
  fields.targetType = reader.u32le();
  fields.targetId = reader.u32le();
  fields.targetVersion = versionText(reader.u32le());
  reader.skip(4); // flags
  const serial = reader.u8();
  reader.skip(11); // length of the maker's own data, kind of block driver, reserved
  reader.skip(parent);
  fields.nodeName = readName(reader, node);
  fields.deviceName = readName(reader, device);
  fields.vendorName = readName(reader, vendor);
  const number = reader.text(serial, 'latin-1').trim();
  if (number) {
    fields.serial = number;
  }
}

function readName(reader: Reader, length: number): string {
  const name = reader.text(length * 2, 'utf-16le').trim();
  reader.skip(2);
  return name;
}

function versionText(version: number): string {
  return `${version >>> 24}.${(version >>> 16) & 255}.${(version >>> 8) & 255}.${version & 255}`;
}
