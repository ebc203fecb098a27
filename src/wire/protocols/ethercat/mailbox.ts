import type { Context, Operation } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { abortText } from '../../stack/cia301.ts';
import { type Draft, OPERATIONS } from './operations.ts';

/** ETG.1000.6, section 5.6: the mailbox header, and what a mailbox holds. */
const HEADER = 6;
const ERROR = 0;
const COE = 3;
const FOE = 4;
const SOE = 5;
const TYPE_BITS = 0x0f;
/** AoE, EoE, CoE, FoE, SoE and the vendor's own. */
const TYPES: ReadonlySet<number> = new Set([1, 2, COE, FOE, SOE, 15]);
const COUNTER_RESERVED = 0x80;
const CHANNEL_BITS = 0x3f;

/** Section 5.6.1 (CoE): services, and the reserved bits of their header. */
const COE_HEADER = 2;
const COE_RESERVED = 0x0e00;
const EMERGENCY = 1;
const SDO_REQUEST = 2;
const SDO_RESPONSE = 3;
const SDO_INFORMATION = 8;
const ABORT = 4;
const EXPEDITED = 0x02;
const COMPLETE_SIZE = 4;
const LONGEST_FOE_NAME = 256;

/** CiA 301: command specifiers of questions and of answers. */
const ASKED: readonly Operation[] = [
  OPERATIONS.writeObject,
  OPERATIONS.writeObject,
  OPERATIONS.readObject,
  OPERATIONS.readObject,
];
const ANSWERED: readonly Operation[] = [
  OPERATIONS.readObject,
  OPERATIONS.writeObject,
  OPERATIONS.readObject,
  OPERATIONS.writeObject,
];
const SEGMENT_ASKED: ReadonlySet<number> = new Set([0, 3]);
const SEGMENT_ANSWERED: ReadonlySet<number> = new Set([0, 1]);

/** ETG.1000.6, section 5.8 (FoE). */
const FOE_OPERATIONS: readonly Operation[] = [
  OPERATIONS.mailbox,
  OPERATIONS.readFile,
  OPERATIONS.writeFile,
  OPERATIONS.writeFile,
  OPERATIONS.fileStatus,
  OPERATIONS.fileStatus,
  OPERATIONS.fileStatus,
];
const FOE_DATA = 3;
const FOE_ERROR = 5;
const FOE_NAMED = 2;

/** IEC 61800-7 (SoE): the low three bits are the operation, bit 4 is the error flag. */
const SOE_OPERATIONS: readonly Operation[] = [
  OPERATIONS.mailbox,
  OPERATIONS.readDrive,
  OPERATIONS.readDrive,
  OPERATIONS.writeDrive,
  OPERATIONS.writeDrive,
  OPERATIONS.driveNotice,
  OPERATIONS.emergency,
  OPERATIONS.mailbox,
];
const SOE_CODE_BITS = 0x07;
const SOE_ERROR = 0x10;

/** Objects that say what the device is (ETG.1000.6, section 5.6.7.4). */
const TEXT_OBJECTS: ReadonlySet<number> = new Set([0x1008, 0x1009, 0x100a]);
const IDENTITY_OBJECT = 0x1018;

/** Memory of a conversation: what was last asked of a station. Above every station address. */
const LAST_TRANSFER = 0x1_0000;

/** The next `length` bytes hold a mailbox message: marks that process data hardly shows together. */
export function isMailbox(reader: Reader, length: number): boolean {
  const mailboxLength = reader.peek(0) | (reader.peek(1) << 8);
  const type = reader.peek(5);
  if (length < HEADER || mailboxLength === 0 || mailboxLength + HEADER > length) {
    return false;
  }
  if ((type & COUNTER_RESERVED) !== 0 || (reader.peek(4) & CHANNEL_BITS) !== 0 || !TYPES.has(type & TYPE_BITS)) {
    return false;
  }
  // ETG.1000.6: to and from a master the address is 0; another number is a station that speaks to a station.
  const fromMaster = (reader.peek(2) | reader.peek(3)) === 0;
  return fromMaster && ((type & TYPE_BITS) !== COE || isCoe(reader, mailboxLength));
}

function isCoe(reader: Reader, length: number): boolean {
  const header = reader.peek(HEADER) | (reader.peek(HEADER + 1) << 8);
  const service = header >> 12;
  return length >= COE_HEADER && (header & COE_RESERVED) === 0 && service >= EMERGENCY && service <= SDO_INFORMATION;
}

/** Reads a mailbox message; `fromDevice`: it was fetched from a device. */
export function readMailbox(reader: Reader, reading: Draft, context: Context, fromDevice: boolean): void {
  const length = reader.u16le();
  reader.skip(3);
  const type = reader.u8() & TYPE_BITS;
  reader.expect(length);
  const body = reader.sub(Math.min(length, reader.remaining));
  reading.fields.mailboxType = type;
  reading.operation = OPERATIONS.mailbox;
  if (type === COE) {
    readCoe(body, reading, context);
  } else if (type === FOE) {
    readFoe(body, reading, fromDevice);
  } else if (type === SOE) {
    readSoe(body, reading);
  } else if (type === ERROR) {
    reading.operation = OPERATIONS.mailboxError;
  }
  if (body.truncated) {
    reader.truncated = true;
  }
}

function readCoe(reader: Reader, reading: Draft, context: Context): void {
  const service = reader.u16le() >> 12;
  reading.fields.service = service;
  if (service === SDO_REQUEST || service === SDO_RESPONSE) {
    readSdo(reader, reading, context);
  } else if (service === SDO_INFORMATION) {
    reading.operation = OPERATIONS.listObjects;
  } else if (service === EMERGENCY) {
    reading.operation = OPERATIONS.emergency;
    reading.fields.code = reader.u16le();
  } else if (service > SDO_RESPONSE && service < SDO_INFORMATION) {
    reading.operation = OPERATIONS.mailboxData;
  }
}

function readSdo(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  const command = reader.u8();
  const specifier = command >> 5;
  const asked = fields.service === SDO_REQUEST;
  if (specifier === ABORT) {
    readAbort(reader, reading, context);
    return;
  }
  reading.operation = (asked ? ASKED : ANSWERED)[specifier] ?? OPERATIONS.mailbox;
  const station = LAST_TRANSFER + (fields.address ?? 0);
  if (asked) {
    context.remember(station, reading.operation === OPERATIONS.writeObject);
  }
  if ((asked ? SEGMENT_ASKED : SEGMENT_ANSWERED).has(specifier)) {
    return;
  }
  fields.object = reader.u16le();
  fields.subIndex = reader.u8();
  if (!asked && reading.operation === OPERATIONS.readObject) {
    readValue(reader, fields, command);
  }
}

function readAbort(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  fields.object = reader.u16le();
  fields.subIndex = reader.u8();
  const code = reader.u32le();
  fields.code = code;
  const wrote = context.recall(LAST_TRANSFER + (fields.address ?? 0));
  reading.operation =
    wrote === undefined ? OPERATIONS.abort : wrote === true ? OPERATIONS.writeObject : OPERATIONS.readObject;
  reading.refused = abortText(code);
}

/** Values are kept of the objects that say what the device is; all others are the plant's own. */
function readValue(reader: Reader, fields: Draft['fields'], command: number): void {
  const object = fields.object ?? 0;
  if (object !== IDENTITY_OBJECT && !TEXT_OBJECTS.has(object)) {
    return;
  }
  const expedited = (command & EXPEDITED) !== 0;
  const size = expedited ? COMPLETE_SIZE - ((command >> 2) & 3) : reader.u32le();
  const here = Math.min(size, reader.remaining);
  fields.value = object === IDENTITY_OBJECT && size === COMPLETE_SIZE ? reader.u32le() : reader.text(here, 'latin-1');
}

function readFoe(reader: Reader, reading: Draft, fromDevice: boolean): void {
  const { fields } = reading;
  const code = reader.u8();
  reader.skip(1);
  const number = reader.u32le();
  fields.service = code;
  reading.operation = FOE_OPERATIONS[code] ?? OPERATIONS.mailbox;
  if (code > 0 && code <= FOE_NAMED) {
    fields.file = reader.text(Math.min(reader.remaining, LONGEST_FOE_NAME));
  } else if (code === FOE_DATA) {
    reading.operation = fromDevice ? OPERATIONS.readFile : OPERATIONS.writeFile;
  } else if (code === FOE_ERROR) {
    fields.code = number;
    reading.refused = `file error 0x${number.toString(16)}`;
  }
}

function readSoe(reader: Reader, reading: Draft): void {
  const { fields } = reading;
  const flags = reader.u8();
  const code = flags & SOE_CODE_BITS;
  reader.skip(1);
  fields.service = code;
  fields.object = reader.u16le();
  reading.operation = SOE_OPERATIONS[code] ?? OPERATIONS.mailbox;
  if ((flags & SOE_ERROR) !== 0) {
    reading.refused = 'drive refused';
  }
}
