import { type Identity, known, type Role } from '../observation.ts';
import type { Reader } from '../reader.ts';
import { CIP_VENDORS } from './cip-vendors.ts';

/** What a CIP device says about itself: the identity object (CIP volume 1, section 5-2), or a part of it. */
export interface CipIdentity {
  vendorId?: number;
  deviceType?: number;
  productCode?: number;
  revision?: string;
  status?: number;
  serial?: string;
  product?: string;
}

/** Attributes 1 to 7 in their order, as "get attributes all" and the list identity item give them. */
export function readIdentity(reader: Reader): CipIdentity {
  const identity: CipIdentity = {};
  for (let attribute = 1; attribute <= LAST_ATTRIBUTE; attribute++) {
    readIdentityAttribute(reader, attribute, identity);
  }
  return identity;
}

const LAST_ATTRIBUTE = 7;

/** One attribute; false for one whose length is not known here, so that nothing after it can be read. */
export function readIdentityAttribute(reader: Reader, attribute: number, identity: CipIdentity): boolean {
  switch (attribute) {
    case 1:
      identity.vendorId = reader.u16le();
      return true;
    case 2:
      identity.deviceType = reader.u16le();
      return true;
    case 3:
      identity.productCode = reader.u16le();
      return true;
    case 4:
      identity.revision = `${reader.u8()}.${String(reader.u8()).padStart(3, '0')}`;
      return true;
    case 5:
      identity.status = reader.u16le();
      return true;
    case 6:
      identity.serial = cipSerial(reader.u32le());
      return true;
    case 7:
      identity.product = reader.text(reader.u8(), 'latin-1').trim();
      return true;
    default:
      return false;
  }
}

/** Serial numbers are printed on the devices in hexadecimal; 0 means that there is none. */
export function cipSerial(serial: number): string {
  return serial === 0 ? '' : serial.toString(16).toUpperCase().padStart(8, '0');
}

export function identityOf(identity: CipIdentity): Identity {
  return known({
    vendor: identity.vendorId === undefined ? undefined : CIP_VENDORS.get(identity.vendorId),
    product: identity.product,
    firmware: identity.revision,
    serial: identity.serial,
  });
}

/** Device profiles that tell the role (CIP volume 1, chapter 6). A communications adapter tells none: it may head a rack. */
export function roleOf(deviceType: number | undefined): Exclude<Role, 'unknown'> | undefined {
  return deviceType === undefined ? undefined : ROLES.get(deviceType);
}

const ROLES: ReadonlyMap<number, Exclude<Role, 'unknown'>> = new Map([
  [0x02, 'drive'], // AC drive
  [0x07, 'io'], // general purpose discrete I/O
  [0x0e, 'plc'],
  [0x10, 'drive'], // position controller
  [0x13, 'drive'], // DC drive
  [0x17, 'drive'], // soft starter
  [0x18, 'hmi'],
  [0x1b, 'io'], // pneumatic valves
  [0x23, 'safety'], // discrete I/O
  [0x25, 'drive'], // CIP Motion
  [0x28, 'gateway'], // Modbus devices
  [0x29, 'gateway'], // Modbus translator
  [0x2a, 'safety'], // analog I/O
  [0x2c, 'switch'],
  [0x2d, 'safety'], // CIP Motion safety drive
  [0x2e, 'safety'], // safety drive
]);
