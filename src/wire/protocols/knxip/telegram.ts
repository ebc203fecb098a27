import type { Reader } from '../../reader.ts';
import { groupText, individualText, readSerial } from './description.ts';
import { type Draft, OPERATIONS, operationOf, serviceOf } from './operations.ts';

/** KNX 3/6/3 (cEMI): message codes. */
const DATA_REQUEST = 0x11;
const DATA_CONFIRMATION = 0x2e;
export const DATA_INDICATION = 0x29;
const RAW_REQUEST = 0x10;
const RAW_CONFIRMATION = 0x2f;
const RAW_INDICATION = 0x2d;
const BUS_MONITOR = 0x2b;
const POLL_REQUEST = 0x13;
const POLL_CONFIRMATION = 0x25;
const INDIVIDUAL_REQUEST = 0x4a;
const INDIVIDUAL_INDICATION = 0x94;
const CONNECTED_REQUEST = 0x41;
const CONNECTED_INDICATION = 0x89;
const PROPERTY_READ = 0xfc;
const PROPERTY_READ_ANSWER = 0xfb;
const PROPERTY_WRITE = 0xf6;
const PROPERTY_WRITE_ANSWER = 0xf5;
const PROPERTY_INFO = 0xf7;
const FUNCTION_CALL = 0xf8;
const FUNCTION_READ = 0xf9;
const FUNCTION_ANSWER = 0xfa;
const RESET = 0xf1;
const RESET_DONE = 0xf0;

/** A question to the server itself and its answer name the same property, whatever their sequence numbers. */
const MANAGEMENT_PAIR = 2 ** 40;
const RESET_PAIR = MANAGEMENT_PAIR - 1;

const NOT_CONFIRMED = 0x01;
const GROUP_ADDRESS = 0x80;
/** The transport layer's byte: control instead of data; below, the upper two bits of the service. */
const CONTROL = 0x80;
const SERVICE_HIGH = 0x03;
const MEMORY_SERVICES = new Set([0x200, 0x240, 0x280]);
const PROPERTY_SERVICES = new Set([0x3d5, 0x3d6, 0x3d7, 0x3d8, 0x3d9]);

/** Properties of the device object (KNX 3/7/3). */
const DEVICE_OBJECT = 0;
const SERIAL_NUMBER = 11;
const MANUFACTURER = 12;
const SERIAL_LENGTH = 6;

/** KNX 3/6/3, section 4.1.7.3.7: why a property could not be read or written. */
const PROPERTY_ERRORS: readonly string[] = [
  'unspecified error',
  'out of range',
  'above the maximum',
  'below the minimum',
  'void memory',
  'read only',
  'illegal command',
  'no such property',
  'type conflict',
  'no such element',
  'value not supported',
];

/** Reads a cEMI message: a telegram of the bus, or the management of the server itself. */
export function readTelegram(reader: Reader, draft: Draft, routed: boolean): void {
  const code = reader.u8();
  draft.fields.messageCode = code;
  switch (code) {
    case PROPERTY_READ:
    case PROPERTY_READ_ANSWER:
    case PROPERTY_WRITE:
    case PROPERTY_WRITE_ANSWER:
    case PROPERTY_INFO:
    case FUNCTION_CALL:
    case FUNCTION_READ:
    case FUNCTION_ANSWER:
      readManagement(reader, draft, code);
      break;
    case RESET:
    case RESET_DONE:
      draft.direction = code === RESET ? 'request' : 'response';
      draft.operation = OPERATIONS.reset;
      draft.pair = RESET_PAIR;
      break;
    default:
      reader.skip(reader.u8()); // additional information
      readFrame(reader, draft, code, routed);
  }
}

function readFrame(reader: Reader, draft: Draft, code: number, routed: boolean): void {
  switch (code) {
    case DATA_REQUEST:
    case INDIVIDUAL_REQUEST:
    case CONNECTED_REQUEST:
      draft.direction = 'request';
      readData(reader, draft, code === DATA_REQUEST);
      draft.target = draft.fields.destination ?? '';
      break;
    case DATA_INDICATION:
    case INDIVIDUAL_INDICATION:
    case CONNECTED_INDICATION:
      readData(reader, draft, code === DATA_INDICATION);
      // To a router's multicast group a telegram is an order; a tunnel only tells its client what happened on the bus.
      draft.operation = routed ? draft.operation : OPERATIONS.telegram;
      break;
    case DATA_CONFIRMATION:
      if (reader.peek() & NOT_CONFIRMED) {
        draft.refused = 'not confirmed on the bus';
      }
      readData(reader, draft, true);
      draft.operation = OPERATIONS.sent;
      break;
    case RAW_REQUEST:
    case POLL_REQUEST:
      draft.direction = 'request';
      draft.operation = code === POLL_REQUEST ? OPERATIONS.poll : OPERATIONS.rawTelegram;
      break;
    case RAW_CONFIRMATION:
      draft.operation = OPERATIONS.sent;
      break;
    case RAW_INDICATION:
    case BUS_MONITOR:
    case POLL_CONFIRMATION:
      draft.operation = OPERATIONS.telegram;
      break;
    default:
  }
}

/** Control fields, addresses, length, then the transport layer's byte and the service (3/6/3, section 4.1.5). */
function readData(reader: Reader, draft: Draft, addressed: boolean): void {
  const { fields } = draft;
  reader.skip(1); // first control field
  const toGroup = (reader.u8() & GROUP_ADDRESS) !== 0;
  const source = reader.u16be();
  const destination = reader.u16be();
  const length = reader.u8();
  reader.limit(length + 1);
  const transport = reader.u8();
  let code = -1;
  if (addressed) {
    fields.source = individualText(source);
    fields.destination = toGroup ? groupText(destination) : individualText(destination);
  }
  if (transport & CONTROL) {
    draft.operation = OPERATIONS.transport;
  } else if (length > 0) {
    code = ((transport & SERVICE_HIGH) << 8) | reader.u8();
    fields.service = serviceOf(code);
    draft.operation = operationOf(code);
    readService(reader, fields);
  }
  draft.like = destination * 0x400 + (fields.service ?? 0);
}

function readService(reader: Reader, fields: Draft['fields']): void {
  const { service = 0 } = fields;
  if (MEMORY_SERVICES.has(service)) {
    fields.memoryAddress = reader.u16be();
  } else if (PROPERTY_SERVICES.has(service)) {
    fields.objectInstance = reader.u8();
    fields.property = reader.u8();
  }
}

/** Section 4.1.7: object type, instance and property; then count and start, or what a function is given. */
function readManagement(reader: Reader, draft: Draft, code: number): void {
  const { fields } = draft;
  const objectType = reader.u16be();
  const objectInstance = reader.u8();
  const property = reader.u8();
  fields.objectType = objectType;
  fields.objectInstance = objectInstance;
  fields.property = property;
  draft.like = MANAGEMENT_PAIR + (objectType * 0x100 + objectInstance) * 0x100 + property;
  draft.pair = draft.like;
  draft.target = `object ${objectType} property ${property}`;
  draft.operation =
    code === PROPERTY_READ || code === PROPERTY_READ_ANSWER ? OPERATIONS.readProperty : OPERATIONS.writeProperty;
  switch (code) {
    case PROPERTY_READ:
    case PROPERTY_WRITE:
      draft.direction = 'request';
      reader.expect(2);
      break;
    case PROPERTY_READ_ANSWER:
    case PROPERTY_WRITE_ANSWER:
      draft.direction = 'response';
      readPropertyAnswer(reader, draft, code === PROPERTY_READ_ANSWER);
      break;
    case PROPERTY_INFO:
      draft.operation = OPERATIONS.tellProperty;
      break;
    case FUNCTION_CALL:
    case FUNCTION_READ:
      draft.direction = 'request';
      draft.operation = code === FUNCTION_CALL ? OPERATIONS.callFunction : OPERATIONS.readFunction;
      break;
    default:
      // Only its question says whether the function was called or asked after.
      draft.direction = 'response';
      draft.operation = OPERATIONS.unknown;
  }
}

function readPropertyAnswer(reader: Reader, draft: Draft, carriesValue: boolean): void {
  const { fields } = draft;
  const count = reader.u16be() >> 12;
  if (count === 0) {
    const error = reader.u8();
    draft.refused = PROPERTY_ERRORS[error] ?? `error ${error}`;
  } else if (carriesValue && fields.objectType === DEVICE_OBJECT) {
    if (fields.property === SERIAL_NUMBER && reader.remaining >= SERIAL_LENGTH) {
      readSerial(reader, fields);
    } else if (fields.property === MANUFACTURER) {
      fields.manufacturer = reader.u16be();
    }
  }
}
