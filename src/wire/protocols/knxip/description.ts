import { hexText, macText } from '../../format.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import type { Draft, Fields } from './operations.ts';

/** ISO 22510, section 7.5.4 (description information blocks). */
const DEVICE_INFORMATION = 0x01;
const SERVICE_FAMILIES = 0x02;
const MANUFACTURER_DATA = 0xfe;
const BLOCK_HEADER = 2;
const DEVICE_LENGTH = 52;
const SERIAL = 6;
const MAC = 6;
const FRIENDLY_NAME = 30;
const MOST_FAMILIES = 64;

const TUNNELLING = 4;
const ROUTING = 5;
const MEDIUM_IP = 0x20;
const NO_SERIAL = '0'.repeat(2 * SERIAL);
const NO_MAC = '00:00:00:00:00:00';

/** Makers by the number that KNX Association gave them, which begins each serial number: only those seen most. */
const MAKERS: ReadonlyMap<number, string> = new Map([
  [0x0001, 'Siemens'],
  [0x0002, 'ABB'],
  [0x0004, 'Jung'],
  [0x0005, 'BTicino'],
  [0x0006, 'Berker'],
  [0x0007, 'Busch-Jaeger'],
  [0x0008, 'Gira'],
  [0x0009, 'Hager'],
  [0x000b, 'Legrand'],
  [0x000c, 'Merten'],
  [0x0048, 'Theben'],
  [0x0083, 'MDT'],
  [0x00c5, 'Weinzierl'],
]);

/** `1.1.5`: area, line, device. */
export function individualText(address: number): string {
  return `${address >> 12}.${(address >> 8) & 15}.${address & 255}`;
}

/** `1/2/3`: main, middle, sub group. */
export function groupText(address: number): string {
  return `${address >> 11}/${(address >> 8) & 7}/${address & 255}`;
}

/** Twelve hex digits; the first four are the maker. */
export function readSerial(reader: Reader, fields: Draft['fields']): void {
  const serial = hexText(reader.take(SERIAL));
  if (serial !== NO_SERIAL && !reader.truncated) {
    fields.serial = serial;
    fields.manufacturer = Number.parseInt(serial.slice(0, 4), 16);
  }
}

/** What a server says of itself: blocks of length, type and content. */
export function readDescription(reader: Reader, fields: Draft['fields']): void {
  reader.repeatToEnd(() => {
    const length = reader.u8();
    const type = reader.u8();
    reader.expect(length - BLOCK_HEADER);
    if (length < BLOCK_HEADER) {
      reader.exhausted = true;
      return;
    }
    const block = reader.sub(Math.min(length - BLOCK_HEADER, reader.remaining));
    if (type === DEVICE_INFORMATION && block.remaining >= DEVICE_LENGTH) {
      readDevice(block, fields);
    } else if (type === SERVICE_FAMILIES) {
      fields.families ??= readFamilies(block);
    } else if (type === MANUFACTURER_DATA && block.remaining >= 2) {
      fields.manufacturer ??= block.u16be();
    }
  });
}

function readDevice(block: Reader, fields: Draft['fields']): void {
  fields.medium = block.u8();
  block.skip(1); // programming mode
  fields.individualAddress = individualText(block.u16be());
  block.skip(2); // project and installation
  readSerial(block, fields);
  block.skip(4); // multicast address
  fields.mac = macText(block.take(MAC));
  fields.name = block.text(FRIENDLY_NAME, 'latin-1').trim();
}

function readFamilies(block: Reader): readonly number[] {
  const families: number[] = [];
  while (block.remaining >= 2 && families.length < MOST_FAMILIES) {
    families.push(block.u8());
    block.skip(1); // version
  }
  return families;
}

/** A search is answered by everybody, a description by the one that was asked. */
export function observeDescription(fields: Fields, basis: 'discovery' | 'identification'): readonly Observation[] {
  const observations: Observation[] = [];
  const { name, serial, manufacturer, mac, medium, families = [] } = fields;
  const identity = known({ vendor: makerOf(manufacturer), serial, name });
  if (Object.keys(identity).length > 0) {
    observations.push({ kind: 'identity', subject: 'sender', basis, ...identity });
  }
  if (mac !== undefined && mac !== NO_MAC) {
    observations.push({ kind: 'address', mac, via: 'discovery' });
  }
  const offers = families.includes(TUNNELLING) ? 'tunnels' : families.includes(ROUTING) ? 'routing' : undefined;
  if (offers !== undefined && medium !== undefined && medium !== MEDIUM_IP) {
    const reason = `offers ${offers} to a KNX bus`;
    observations.push({ kind: 'role', subject: 'sender', role: 'gateway', reason, basis });
  }
  return observations;
}

export function makerOf(manufacturer: number | undefined): string | undefined {
  return manufacturer === undefined ? undefined : MAKERS.get(manufacturer);
}
