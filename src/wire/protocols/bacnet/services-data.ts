import type { Reader } from '../../reader.ts';
import type { Fields } from './fields.ts';
import { ABSENT, applicationNumber, characters, closes, contextNumber, holds, opens, skipConstructed } from './tags.ts';

/** Clause 12.11: the device object. */
const DEVICE = 8;
/** Application tags, clause 20.2.1.4. */
const UNSIGNED = 2;
const ENUMERATED = 9;
const OBJECT_ID = 12;

/** Properties of the device object that say what it is (clause 21, BACnetPropertyIdentifier). */
const APPLICATION_VERSION = 12;
const FIRMWARE_REVISION = 44;
const LOCATION = 58;
const MODEL_NAME = 70;
const OBJECT_NAME = 77;
const VENDOR_ID = 120;
const VENDOR_NAME = 121;
const SERIAL_NUMBER = 372;

/** Clause 15.5, 15.9: object, property, index, and in an answer the value. All other services begin alike or say less. */
export function readOneProperty(reader: Reader, fields: Fields): void {
  if (!readObject(reader, fields)) {
    return;
  }
  const property = contextNumber(reader, 1);
  if (property === ABSENT) {
    return;
  }
  fields.property = property;
  contextNumber(reader, 2);
  if (fields.objectType === DEVICE && opens(reader, 3)) {
    readValue(reader, fields, property);
  }
}

/** Clauses 15.7.1 and 15.10: of the list only the first object and its first property are kept. */
export function readFirstOfList(reader: Reader, fields: Fields): void {
  if (readObject(reader, fields) && opens(reader, 1)) {
    const property = contextNumber(reader, 0);
    if (property !== ABSENT) {
      fields.property = property;
    }
  }
}

/** Clause 15.7.2: objects, and of each a list of properties with a value or an error. */
export function readSeveralProperties(reader: Reader, fields: Fields): void {
  while (reader.remaining > 0 && reader.step()) {
    const object = contextNumber(reader, 0);
    if (object === ABSENT || !opens(reader, 1)) {
      return;
    }
    if (fields.objectType === undefined) {
      setObject(fields, object);
    }
    if (!readResults(reader, fields, object >>> 22 === DEVICE)) {
      return;
    }
  }
}

function readResults(reader: Reader, fields: Fields, ofDevice: boolean): boolean {
  while (!closes(reader, 1)) {
    const property = contextNumber(reader, 2);
    if (property === ABSENT || !reader.step()) {
      reader.expect(reader.remaining === 0 ? 1 : 0);
      return false;
    }
    fields.property ??= property;
    contextNumber(reader, 3);
    if (opens(reader, 4)) {
      if (ofDevice) {
        readValue(reader, fields, property);
      }
    } else if (!opens(reader, 5)) {
      return false;
    }
    skipConstructed(reader);
  }
  return true;
}

/** Clause 16.10: the device, the longest message it takes, segmentation, vendor. */
export function readIAm(reader: Reader, fields: Fields): void {
  const object = applicationNumber(reader, OBJECT_ID);
  if (object === ABSENT) {
    return;
  }
  setObject(fields, object);
  applicationNumber(reader, UNSIGNED);
  applicationNumber(reader, ENUMERATED);
  const vendorId = applicationNumber(reader, UNSIGNED);
  if (vendorId !== ABSENT) {
    fields.vendorId = vendorId;
  }
}

/** Clause 16.9.2: the device, the object and its name, which is the device's own where both are the same. */
export function readIHave(reader: Reader, fields: Fields): void {
  const device = applicationNumber(reader, OBJECT_ID);
  const object = applicationNumber(reader, OBJECT_ID);
  if (object === ABSENT) {
    return;
  }
  setObject(fields, object);
  if (object === device && object >>> 22 === DEVICE) {
    const name = characters(reader);
    if (name) {
      fields.objectName = name;
    }
  }
}

/** Clauses 16.1 and 16.4: a password is the last parameter. It is never kept. */
export function readControl(reader: Reader, fields: Fields, firstTag: number, passwordTag: number): void {
  for (let tag = firstTag; tag < passwordTag; tag++) {
    contextNumber(reader, tag);
  }
  if (holds(reader, passwordTag)) {
    fields.password = true;
  }
}

/** Services whose first parameter is an object: context tag 0, or an application tag. */
export function readAnyObject(reader: Reader, fields: Fields): void {
  if (!readObject(reader, fields)) {
    const object = applicationNumber(reader, OBJECT_ID);
    if (object !== ABSENT) {
      setObject(fields, object);
    }
  }
}

/** Process, device, then the object in question (clauses 13.6 to 13.9, 13.14). */
export function readMonitored(reader: Reader, fields: Fields, tag: number): void {
  for (let before = 0; before < tag; before++) {
    contextNumber(reader, before);
  }
  const object = contextNumber(reader, tag);
  if (object !== ABSENT) {
    setObject(fields, object);
  }
}

function readObject(reader: Reader, fields: Fields): boolean {
  const object = contextNumber(reader, 0);
  if (object === ABSENT) {
    return false;
  }
  setObject(fields, object);
  return true;
}

/** Clause 20.2.14: ten bits of type, 22 of instance. */
function setObject(fields: Fields, object: number): void {
  fields.objectType = object >>> 22;
  fields.instance = object & 0x3f_ffff;
}

function readValue(reader: Reader, fields: Fields, property: number): void {
  if (property === VENDOR_ID) {
    const vendorId = applicationNumber(reader, UNSIGNED);
    if (vendorId !== ABSENT) {
      fields.vendorId = vendorId;
    }
    return;
  }
  const field = textField(property);
  const text = field && characters(reader);
  if (field && text) {
    fields[field] = text;
  }
}

function textField(
  property: number,
):
  | (keyof Fields &
      (
        | 'vendorName'
        | 'modelName'
        | 'firmwareRevision'
        | 'applicationVersion'
        | 'objectName'
        | 'location'
        | 'serialNumber'
      ))
  | undefined {
  switch (property) {
    case APPLICATION_VERSION:
      return 'applicationVersion';
    case FIRMWARE_REVISION:
      return 'firmwareRevision';
    case LOCATION:
      return 'location';
    case MODEL_NAME:
      return 'modelName';
    case OBJECT_NAME:
      return 'objectName';
    case VENDOR_NAME:
      return 'vendorName';
    case SERIAL_NUMBER:
      return 'serialNumber';
    default:
      return undefined;
  }
}
