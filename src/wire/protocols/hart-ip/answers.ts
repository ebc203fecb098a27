import type { Reader } from '../../reader.ts';
import type { Fields } from './fields.ts';
import { packedText } from './packed-text.ts';

export const SUB_DEVICE = 84;
const SUB_DEVICE_LENGTH = 44;

export function readAnswer(data: Reader, fields: Fields, command: number): void {
  switch (command) {
    case 0:
    case 11:
    case 21:
    case 73:
      readIdentity(data, fields);
      return;
    case SUB_DEVICE:
      readSubDevice(data, fields);
      return;
    case 13:
      if (data.remaining >= 6) {
        setText(fields, 'tag', packedText(data.take(6)));
      }
      return;
    case 20:
      if (data.remaining >= 32) {
        setText(fields, 'longTag', data.text(32, 'latin-1').trim());
      }
      return;
    default:
  }
}

function setText(fields: Fields, field: 'tag' | 'longTag', text: string): void {
  if (text) {
    fields[field] = text;
  }
}

/** HCF_SPEC-127, command 0: up to revision 6 the maker is the first byte of the device type, from 7 on it has a place of its own. */
const SHORTEST_IDENTITY = 12;
const FIRST_EXPANDED = 7;
const BRIDGE = 0x04;

function readIdentity(data: Reader, fields: Fields): void {
  if (data.remaining < SHORTEST_IDENTITY || data.u8() !== 254) {
    return;
  }
  const deviceType = data.u16be();
  data.skip(1); // preambles
  const universalRevision = data.u8();
  const deviceRevision = data.u8();
  const softwareRevision = data.u8();
  const hardwareRevision = data.u8() >> 3;
  const bridge = (data.u8() & BRIDGE) !== 0;
  const deviceId = data.u24be();
  let manufacturerId = deviceType >> 8;
  if (universalRevision >= FIRST_EXPANDED && data.remaining >= 7) {
    data.skip(5); // preambles, variables, changes, status
    manufacturerId = data.u16be();
  }
  fields.uniqueId = uniqueIdOf(deviceType, deviceId);
  fields.manufacturerId = manufacturerId;
  fields.deviceType = deviceType;
  fields.deviceId = deviceId;
  fields.universalRevision = universalRevision;
  fields.deviceRevision = deviceRevision;
  fields.softwareRevision = softwareRevision;
  fields.hardwareRevision = hardwareRevision;
  fields.bridge = bridge;
}

/** HCF_SPEC-151, command 84: what a gateway knows of a device behind it. */
function readSubDevice(data: Reader, fields: Fields): void {
  if (data.remaining < SUB_DEVICE_LENGTH) {
    return;
  }
  data.skip(4); // index, card, channel
  const manufacturerId = data.u16be();
  const deviceType = data.u16be();
  const deviceId = data.u24be();
  fields.uniqueId = uniqueIdOf(deviceType, deviceId);
  fields.manufacturerId = manufacturerId;
  fields.deviceType = deviceType;
  fields.deviceId = deviceId;
  fields.universalRevision = data.u8();
  setText(fields, 'longTag', data.text(32, 'latin-1').trim());
}

/** The long address of a device, without the bits of the master: fourteen bits of its type, then its number. */
function uniqueIdOf(deviceType: number, deviceId: number): string {
  return ((deviceType & 0x3fff) * 0x100_0000 + deviceId).toString(16).padStart(10, '0');
}
