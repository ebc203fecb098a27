import type { Reader } from '../../reader.ts';

/** Identification and maintenance data 0 of a module (IEC 61158-6-10). */
export interface MaintenanceRecord {
  readonly vendorId: number;
  readonly orderNumber: string;
  readonly serial: string;
  readonly hardware: number;
  readonly firmware: string;
}

/** Type of a text among the values of attributes. */
const TEXT = 0x15;
const LONGEST = 256;

/**
 * Finds texts by the number of their attribute, from here to the end. Values nest in objects and structures without a
 * length of their own, so the marks are looked for: a number of two bytes, flags 0, the type, a length of one byte.
 */
export function findTexts(reader: Reader, wanted: ReadonlySet<number>): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  while (reader.remaining > 5 && reader.step()) {
    const attribute = ((reader.peek(0) & 0x7f) << 7) | reader.peek(1);
    const length = reader.peek(4);
    const marked = reader.peek(0) > 0x80 && reader.peek(1) < 0x80 && reader.peek(2) === 0 && reader.peek(3) === TEXT;
    if (marked && wanted.has(attribute) && length < 0x80 && length <= reader.remaining - 5) {
      reader.skip(5);
      found.set(attribute, reader.text(length, 'utf-8', LONGEST).trim());
    } else {
      reader.skip(1);
    }
  }
  return found;
}

/** Block type 0x0020, length 56, version 1.0. */
const MARK: readonly number[] = [0x00, 0x20, 0x00, 0x38, 0x01, 0x00];
const RECORD = 34 + 16;

export function findMaintenanceRecord(reader: Reader): MaintenanceRecord | undefined {
  while (reader.remaining >= MARK.length + RECORD && reader.step()) {
    if (!isMark(reader)) {
      reader.skip(1);
      continue;
    }
    reader.skip(MARK.length);
    const vendorId = reader.u16be();
    const orderNumber = reader.text(20, 'latin-1').trim();
    const serial = reader.text(16, 'latin-1').trim();
    const hardware = reader.u16be();
    const release = String.fromCharCode(reader.u8());
    const firmware = `${release}${reader.u8()}.${reader.u8()}.${reader.u8()}`;
    return { vendorId, orderNumber, serial, hardware, firmware };
  }
  return undefined;
}

function isMark(reader: Reader): boolean {
  for (let at = 0; at < MARK.length; at++) {
    if (reader.peek(at) !== MARK[at]) {
      return false;
    }
  }
  return true;
}
