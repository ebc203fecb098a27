import type { Mutable } from '../../kit/mutable.ts';
import { type Context, type Direction, defineOperations, NOTHING, type Operation, type Reading } from '../dissector.ts';
import { type Identity, known, type Observation } from '../observation.ts';
import type { Reader } from '../reader.ts';

/** What Modbus says from the unit on, the same over TCP and over a serial line. */
export interface PduFields {
  readonly unitId: number;
  readonly functionCode: number;
  readonly subfunction?: number;
  readonly exceptionCode?: number;
  readonly address?: number;
  readonly count?: number;
  readonly writeAddress?: number;
  readonly writeCount?: number;
  readonly value?: number;
  readonly objects?: readonly DeviceObject[];
  readonly serverId?: string;
}

export const PDU_FIELDS: { readonly [Field in keyof Required<PduFields>]: string } = {
  unitId: 'The device behind a gateway; 255 or 0 when there is none',
  functionCode: 'The operation, without the exception bit',
  subfunction: 'Diagnostics and encapsulated transport only: what exactly is asked',
  exceptionCode: 'Why the device refused, in a response only',
  address: 'First coil or register, counted from 0, in a request only',
  count: 'How many coils or registers, in a request only',
  writeAddress: 'First register written by a read and write request',
  writeCount: 'How many registers a read and write request writes',
  value: 'Value written to a single coil or register',
  objects: 'Identification objects by number, in a response only',
  serverId: 'Text of a report server id response',
};

interface DeviceObject {
  readonly id: number;
  readonly value: string;
}

export type Message<Fields> = Mutable<Reading<Mutable<Fields>>>;
type PduMessage = Message<PduFields>;

/** Modbus Application Protocol v1.1b3, section 5.1, with what each function does to the process. */
export const OPERATIONS = defineOperations({
  readCoils: ['read coils', 'read'],
  readDiscreteInputs: ['read discrete inputs', 'read'],
  readHoldingRegisters: ['read holding registers', 'read'],
  readInputRegisters: ['read input registers', 'read'],
  writeSingleCoil: ['write single coil', 'write'],
  writeSingleRegister: ['write single register', 'write'],
  readExceptionStatus: ['read exception status', 'read'],
  readDiagnostics: ['read diagnostic counters', 'read'],
  controlDiagnostics: ['restart or silence communications', 'control'],
  configureDiagnostics: ['change ASCII input delimiter', 'configure'],
  readEventCounter: ['read communication event counter', 'read'],
  readEventLog: ['read communication event log', 'read'],
  writeCoils: ['write multiple coils', 'write'],
  writeRegisters: ['write multiple registers', 'write'],
  reportServerId: ['report server id', 'discover'],
  readFileRecord: ['read file record', 'read'],
  writeFileRecord: ['write file record', 'write'],
  maskWriteRegister: ['mask write register', 'write'],
  readWriteRegisters: ['read and write multiple registers', 'write'],
  readFifoQueue: ['read FIFO queue', 'read'],
  readDeviceIdentification: ['read device identification', 'discover'],
  encapsulatedTransport: ['encapsulated interface transport', 'unknown'],
  umas: ['UMAS', 'unknown'],
  unknown: ['unknown function', 'unknown'],
});

const BY_FUNCTION: readonly (Operation | undefined)[] = Object.assign(
  Array.from<Operation | undefined>({ length: 128 }),
  {
    1: OPERATIONS.readCoils,
    2: OPERATIONS.readDiscreteInputs,
    3: OPERATIONS.readHoldingRegisters,
    4: OPERATIONS.readInputRegisters,
    5: OPERATIONS.writeSingleCoil,
    6: OPERATIONS.writeSingleRegister,
    7: OPERATIONS.readExceptionStatus,
    8: OPERATIONS.readDiagnostics,
    11: OPERATIONS.readEventCounter,
    12: OPERATIONS.readEventLog,
    15: OPERATIONS.writeCoils,
    16: OPERATIONS.writeRegisters,
    17: OPERATIONS.reportServerId,
    20: OPERATIONS.readFileRecord,
    21: OPERATIONS.writeFileRecord,
    22: OPERATIONS.maskWriteRegister,
    23: OPERATIONS.readWriteRegisters,
    24: OPERATIONS.readFifoQueue,
    43: OPERATIONS.encapsulatedTransport,
    90: OPERATIONS.umas,
  },
);

/** Section 6.8: sub-functions that change how the device communicates. */
const CONTROL_SUBFUNCTIONS: ReadonlySet<number> = new Set([1, 4, 10, 20]);
const CHANGE_DELIMITER = 3;

/** Section 7. */
const EXCEPTIONS: ReadonlyMap<number, string> = new Map([
  [1, 'illegal function'],
  [2, 'illegal data address'],
  [3, 'illegal data value'],
  [4, 'server device failure'],
  [5, 'acknowledge'],
  [6, 'server device busy'],
  [8, 'memory parity error'],
  [10, 'gateway path unavailable'],
  [11, 'gateway target device failed to respond'],
]);

export const EXCEPTION_BIT = 0x80;
/** Unit, function, address and count or value. */
const REQUEST = 6;
const DIAGNOSTICS = 8;
const REPORT_SERVER_ID = 17;
const ENCAPSULATED_INTERFACE = 43;
export const UMAS = 90;
const READ_DEVICE_IDENTIFICATION = 14;
/** Unit ids by which a device on TCP means itself (Messaging Implementation Guide, section 4.4.2). */
const OWN_UNITS: ReadonlySet<number> = new Set([0, 255]);
const UNITS = Array.from({ length: 256 }, (_, unit) => `unit ${unit}`);
/** Basic and regular identification objects (section 6.21). */
const VENDOR_NAME = 0;
const PRODUCT_CODE = 1;
const REVISION = 2;
const PRODUCT_NAME = 4;
const MODEL_NAME = 5;

/**
 * Reads what follows the unit: `length` bytes with it. Who asks stands in the bytes where questions and answers differ in
 * length; otherwise the conversation knows (`fromClient`).
 */
export function readPdu(reader: Reader, reading: PduMessage, length: number, fromClient: boolean): void {
  const { fields } = reading;
  const code = reader.u8();
  const functionCode = code & ~EXCEPTION_BIT;
  const told = code & EXCEPTION_BIT ? 'response' : directionOf(functionCode, length, reader);
  reading.direction = told ?? (fromClient ? 'request' : 'response');
  reading.proves = told !== undefined;
  reading.operation = BY_FUNCTION[functionCode] ?? OPERATIONS.unknown;
  fields.functionCode = functionCode;
  if (!OWN_UNITS.has(fields.unitId)) {
    reading.target = UNITS[fields.unitId] as string;
  }
  if (code & EXCEPTION_BIT) {
    const exceptionCode = reader.u8();
    fields.exceptionCode = exceptionCode;
    reading.refused = EXCEPTIONS.get(exceptionCode) ?? `exception ${exceptionCode}`;
  } else if (reading.direction === 'request') {
    readRequest(reader, reading);
  } else {
    readAnswer(reader, reading);
  }
}

/** Devices behind a gateway are told once, as soon as they answer; identification always. */
export function observeUnit(reading: Reading<PduFields>, context: Context): readonly Observation[] {
  const { direction, fields, refused } = reading;
  if (direction === 'request' || refused !== undefined) {
    return NOTHING;
  }
  const behind = !OWN_UNITS.has(fields.unitId);
  const named = fields.objects !== undefined || fields.serverId;
  if (!named && (!behind || context.recall(fields.unitId) === true)) {
    return NOTHING;
  }
  context.remember(fields.unitId, true);
  const identity = fields.objects ? identityOf(fields.objects) : known({ product: fields.serverId });
  // What a server id says is up to its maker, often no more than a number.
  const basis = fields.serverId ? 'hint' : 'identification';
  const device = `unit ${fields.unitId}`;
  return [
    behind
      ? { kind: 'behind', subject: 'sender', basis, device, ...identity }
      : { kind: 'identity', subject: 'sender', basis, ...identity },
  ];
}

/** Requests and answers of these functions have different lengths, so that most of them tell who asks. */
function directionOf(functionCode: number, length: number, reader: Reader): Direction | undefined {
  if (functionCode >= 1 && functionCode <= 4) {
    const asks = length === REQUEST;
    const answers = length === 3 + reader.peek();
    return asks === answers ? undefined : asks ? 'request' : 'response';
  }
  if (functionCode === 15 || functionCode === 16) {
    const asks = length === REQUEST + 1 + reader.peek(4);
    const answers = length === REQUEST;
    return asks === answers ? undefined : asks ? 'request' : 'response';
  }
  return undefined;
}

/** Sections 6.1 to 6.21: what a request says after its function code. */
function readRequest(reader: Reader, reading: PduMessage): void {
  const { fields } = reading;
  switch (fields.functionCode) {
    case 1:
    case 2:
    case 3:
    case 4:
      readRange(reader, reading);
      break;
    case 5:
    case 6:
      reading.like = fields.address = reader.u16be();
      fields.value = reader.u16be();
      break;
    case 15:
    case 16:
      readRange(reader, reading);
      reader.expect(reader.u8());
      break;
    case 20:
    case 21:
      reader.expect(reader.u8());
      break;
    case 22:
      reading.like = fields.address = reader.u16be();
      reader.skip(4); // and mask, or mask
      break;
    case 23:
      readRange(reader, reading);
      fields.writeAddress = reader.u16be();
      fields.writeCount = reader.u16be();
      reader.expect(reader.u8());
      break;
    case 24:
      reading.like = fields.address = reader.u16be();
      break;
    default:
      readSpecial(reader, reading);
  }
}

function readRange(reader: Reader, reading: PduMessage): void {
  const address = reader.u16be();
  const count = reader.u16be();
  reading.like = address * 0x10000 + count;
  reading.fields.address = address;
  reading.fields.count = count;
}

function readAnswer(reader: Reader, reading: PduMessage): void {
  switch (reading.fields.functionCode) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 12:
    case 20:
    case 21:
    case 23:
      reader.expect(reader.u8());
      break;
    case 5:
    case 6:
    case 11:
    case 15:
    case 16:
      reader.skip(4);
      break;
    case 7:
      reader.skip(1);
      break;
    case 22:
      reader.skip(6);
      break;
    case 24:
      reader.expect(reader.u16be());
      break;
    case REPORT_SERVER_ID:
      reading.fields.serverId = printable(reader.text(reader.u8(), 'latin-1'));
      break;
    default:
      readSpecial(reader, reading);
  }
}

/** Functions whose questions and answers begin alike. */
function readSpecial(reader: Reader, reading: PduMessage): void {
  const { fields } = reading;
  switch (fields.functionCode) {
    case DIAGNOSTICS:
      fields.subfunction = reader.u16be();
      reading.operation = diagnosticsOf(fields.subfunction);
      break;
    case ENCAPSULATED_INTERFACE:
      readEncapsulated(reader, reading);
      break;
    case UMAS:
      reading.carries = [{ bytes: reader.rest(), key: UMAS }];
      break;
    default: // nothing that we know of
  }
}

/** Section 6.13: a text is followed by a run indicator and whatever the maker likes. */
function printable(text: string): string {
  let end = 0;
  while (end < text.length && text.charCodeAt(end) >= 0x20 && text.charCodeAt(end) < 0x7f) {
    end++;
  }
  return end < SHORTEST_NAME ? '' : text.slice(0, end).trim();
}

const SHORTEST_NAME = 3;

function diagnosticsOf(subfunction: number): Operation {
  if (subfunction === CHANGE_DELIMITER) {
    return OPERATIONS.configureDiagnostics;
  }
  return CONTROL_SUBFUNCTIONS.has(subfunction) ? OPERATIONS.controlDiagnostics : OPERATIONS.readDiagnostics;
}

/** Section 6.21: only the MEI type that reads the device identification is public. */
function readEncapsulated(reader: Reader, reading: PduMessage): void {
  const { direction, fields } = reading;
  fields.subfunction = reader.u8();
  if (fields.subfunction !== READ_DEVICE_IDENTIFICATION) {
    return;
  }
  reading.operation = OPERATIONS.readDeviceIdentification;
  if (direction === 'request') {
    reader.skip(2);
    return;
  }
  reader.skip(4); // code, conformity, more follows, next object
  const objects: DeviceObject[] = [];
  reader.repeat(reader.u8(), () => {
    objects.push({ id: reader.u8(), value: reader.text(reader.u8()).trim() });
  });
  fields.objects = objects;
}

function identityOf(objects: readonly DeviceObject[]): Identity {
  const value = (id: number) => objects.find((object) => object.id === id)?.value || undefined;
  const vendor = value(VENDOR_NAME);
  const product = value(MODEL_NAME) ?? value(PRODUCT_NAME) ?? value(PRODUCT_CODE);
  const orderNumber = value(PRODUCT_CODE);
  const firmware = value(REVISION);
  return known({ vendor, product, orderNumber, firmware });
}
