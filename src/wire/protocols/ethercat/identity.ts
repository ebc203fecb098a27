import { type Identity, known } from '../../observation.ts';
import type { Fields } from './operations.ts';

/** Vendor ids that the EtherCAT Technology Group gave out, of makers that are often met. */
const VENDORS: ReadonlyMap<number, string> = new Map([
  [0x02, 'Beckhoff'],
  [0x1d, 'Festo'],
  [0x21, 'WAGO'],
  [0x83, 'Omron'],
  [0x9a, 'Elmo Motion Control'],
  [0x0539, 'Yaskawa'],
  [0x066f, 'Panasonic'],
]);

/** Beckhoff numbers its terminals and couplers so that the order number can be read from the code. */
const BECKHOFF_SERIES: ReadonlyMap<number, string> = new Map([
  [0x2c52, 'EK'],
  [0x3052, 'EL'],
]);

/** ETG.2010, table 2: words of the EEPROM. Object 0x1018 holds the same values in its sub-indices 1 to 4. */
const EEPROM_VENDOR = 0x08;
const EEPROM_PRODUCT = 0x0a;
const EEPROM_REVISION = 0x0c;
const EEPROM_SERIAL = 0x0e;
const PART_OF_WORD: ReadonlyMap<number, number> = new Map([
  [EEPROM_VENDOR, 1],
  [EEPROM_PRODUCT, 2],
  [EEPROM_REVISION, 3],
  [EEPROM_SERIAL, 4],
]);
const LONG_VALUE = 2;
const IDENTITY_OBJECT = 0x1018;

/** What an answer says of the device that gave it; undefined where it says nothing. */
export function identityOf(fields: Fields): Identity | undefined {
  if (fields.word !== undefined) {
    const first = part(PART_OF_WORD.get(fields.word), fields.value);
    const second = part(PART_OF_WORD.get(fields.word + LONG_VALUE), fields.next);
    return first || second ? { ...first, ...second } : undefined;
  }
  const { object, value } = fields;
  if (object === IDENTITY_OBJECT) {
    return part(fields.subIndex, value);
  }
  if (typeof value !== 'string') {
    return undefined;
  }
  const text = value.trim();
  if (object === 0x1008) {
    return known({ product: text });
  }
  if (object === 0x1009) {
    return known({ hardware: text });
  }
  return object === 0x100a ? known({ firmware: text }) : undefined;
}

function part(number: number | undefined, value: number | string | undefined): Identity | undefined {
  if (typeof value !== 'number' || value === 0) {
    return undefined;
  }
  switch (number) {
    case 1:
      return { vendor: VENDORS.get(value) ?? `EtherCAT vendor ${hex(value)}` };
    case 2:
      return { orderNumber: orderNumber(value) };
    case 3:
      return { hardware: `revision ${hex(value)}` };
    case 4:
      return { serial: String(value) };
    default:
      return undefined;
  }
}

function orderNumber(code: number): string {
  const series = BECKHOFF_SERIES.get(code & 0xffff);
  return series ? `${series}${code >>> 16}` : hex(code);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
