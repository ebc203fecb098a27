import {
  type Carried,
  type Direction,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { type Identity, known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly transactionId: number;
  readonly unitId: number;
  readonly functionCode: number;
  readonly subfunction?: number;
  readonly exceptionCode?: number;
  readonly address?: number;
  readonly count?: number;
  readonly value?: number;
  readonly objects?: readonly DeviceObject[];
  readonly serverId?: string;
}

interface DeviceObject {
  readonly id: number;
  readonly value: string;
}

/** Modbus Application Protocol v1.1b3, section 5.1, with what each function does to the process. */
const OPERATIONS = defineOperations({
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

const BY_FUNCTION: readonly (Operation | undefined)[] = Object.assign(new Array<Operation | undefined>(128), {
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
});

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

const HEADER = 7;
const LONGEST_PDU = 260;
const EXCEPTION_BIT = 0x80;
const DIAGNOSTICS = 8;
const REPORT_SERVER_ID = 17;
const ENCAPSULATED_INTERFACE = 43;
const UMAS = 90;
const READ_DEVICE_IDENTIFICATION = 14;
/** Unit ids by which a device on TCP means itself (Messaging Implementation Guide, section 4.4.2). */
const OWN_UNITS: ReadonlySet<number> = new Set([0, 255]);
/** Basic and regular identification objects (section 6.21). */
const VENDOR_NAME = 0;
const PRODUCT_CODE = 1;
const REVISION = 2;
const PRODUCT_NAME = 4;
const MODEL_NAME = 5;

export const modbus = defineDissector<Fields>({
  name: 'modbus',
  title: 'Modbus/TCP',
  source: 'Modbus Messaging on TCP/IP Implementation Guide v1.0b; Modbus Application Protocol v1.1b3',
  at: [{ tcp: 502 }, { udp: 502 }],
  operations: OPERATIONS,
  fields: {
    transactionId: 'Pairs a response with its request',
    unitId: 'The device behind a gateway; 255 or 0 when there is none',
    functionCode: 'The operation, without the exception bit',
    subfunction: 'Diagnostics and encapsulated transport only: what exactly is asked',
    exceptionCode: 'Why the device refused, in a response only',
    address: 'First coil or register, counted from 0, in a request only',
    count: 'How many coils or registers, in a request only',
    value: 'Value written to a single coil or register',
    objects: 'Identification objects by number, in a response only',
    serverId: 'Text of a report server id response',
  },

  cut(reader) {
    if (reader.remaining < HEADER) {
      return MORE;
    }
    reader.skip(2);
    const protocolId = reader.u16be();
    const length = reader.u16be();
    return protocolId !== 0 || length < 2 || length > LONGEST_PDU ? NOT_MINE : 6 + length;
  },

  recognise(reader) {
    const protocolId = (reader.peek(2) << 8) | reader.peek(3);
    const length = (reader.peek(4) << 8) | reader.peek(5);
    const functionCode = reader.peek(7) & ~EXCEPTION_BIT;
    const fits = protocolId === 0 && length >= 2 && length <= LONGEST_PDU && functionCode > 0;
    return reader.remaining > HEADER && fits ? 'weak' : 'no';
  },

  read(reader, context) {
    const transactionId = reader.u16be();
    const protocolId = reader.u16be();
    reader.limit(reader.u16be());
    const unitId = reader.u8();
    const code = reader.u8();
    if (protocolId !== 0) {
      return new Malformed(`protocol id is ${protocolId}, not 0`);
    }
    const functionCode = code & ~EXCEPTION_BIT;
    const direction = context.fromClient ? 'request' : 'response';
    const pair = transactionId * 256 + unitId;
    const header = { transactionId, unitId, functionCode };
    const operation = BY_FUNCTION[functionCode] ?? OPERATIONS.unknown;
    if (code & EXCEPTION_BIT) {
      const exceptionCode = reader.u8();
      const refused = EXCEPTIONS.get(exceptionCode) ?? `exception ${exceptionCode}`;
      return { direction: 'response', operation, pair, refused, fields: { ...header, exceptionCode } };
    }
    return readFunction(reader, header, direction, operation);
  },

  observe({ direction, fields, refused }, context) {
    if (direction === 'request' || refused !== undefined) {
      return NOTHING;
    }
    const behind = !OWN_UNITS.has(fields.unitId);
    if (fields.objects === undefined && (!behind || context.recall(fields.unitId) === true)) {
      return NOTHING;
    }
    context.remember(fields.unitId, true);
    const identity = fields.objects ? identityOf(fields.objects) : {};
    const device = `unit ${fields.unitId}`;
    const observation: Observation = behind
      ? { kind: 'behind', subject: 'sender', basis: 'identification', device, ...identity }
      : { kind: 'identity', subject: 'sender', basis: 'identification', ...identity };
    return [observation];
  },
});

type Header = Pick<Fields, 'transactionId' | 'unitId' | 'functionCode'>;

function readFunction(reader: Reader, header: Header, direction: Direction, operation: Operation): Reading<Fields> {
  const pair = header.transactionId * 256 + header.unitId;
  const target = OWN_UNITS.has(header.unitId) ? undefined : `unit ${header.unitId}`;
  const common = { direction, operation, pair, ...(target === undefined ? {} : { target }) };
  switch (header.functionCode) {
    case DIAGNOSTICS: {
      const subfunction = reader.u16be();
      return { ...common, operation: diagnosticsOf(subfunction), fields: { ...header, subfunction } };
    }
    case ENCAPSULATED_INTERFACE:
      return { ...common, ...readEncapsulated(reader, header, direction) };
    case UMAS: {
      const carries: readonly Carried[] = [{ bytes: reader.rest(), key: UMAS }];
      return { ...common, fields: header, carries };
    }
    case REPORT_SERVER_ID:
      return direction === 'request'
        ? { ...common, fields: header }
        : { ...common, fields: { ...header, serverId: reader.text(reader.u8()).trim() } };
    default:
      return direction === 'request' ? readRequest(reader, header, common) : readAnswer(reader, header, common);
  }
}

type Common = Omit<Reading<Fields>, 'fields'>;

/** Sections 6.1 to 6.18: what a request for bits and registers says after its function code. */
function readRequest(reader: Reader, header: Header, common: Common): Reading<Fields> {
  const { functionCode } = header;
  if (functionCode >= 1 && functionCode <= 4) {
    const address = reader.u16be();
    const count = reader.u16be();
    return { ...common, like: address * 0x10000 + count, fields: { ...header, address, count } };
  }
  if (functionCode === 5 || functionCode === 6) {
    const address = reader.u16be();
    return { ...common, like: address, fields: { ...header, address, value: reader.u16be() } };
  }
  if (functionCode === 15 || functionCode === 16) {
    const address = reader.u16be();
    const count = reader.u16be();
    reader.expect(reader.u8());
    return { ...common, like: address * 0x10000 + count, fields: { ...header, address, count } };
  }
  if (functionCode === 22 || functionCode === 24) {
    const address = reader.u16be();
    return { ...common, like: address, fields: { ...header, address } };
  }
  return { ...common, fields: header };
}

function readAnswer(reader: Reader, header: Header, common: Common): Reading<Fields> {
  const { functionCode } = header;
  if ((functionCode >= 1 && functionCode <= 4) || functionCode === 23 || functionCode === 20) {
    reader.expect(reader.u8());
  } else if (functionCode === 5 || functionCode === 6 || functionCode === 15 || functionCode === 16) {
    reader.skip(4);
  }
  return { ...common, fields: header };
}

function diagnosticsOf(subfunction: number): Operation {
  if (subfunction === CHANGE_DELIMITER) {
    return OPERATIONS.configureDiagnostics;
  }
  return CONTROL_SUBFUNCTIONS.has(subfunction) ? OPERATIONS.controlDiagnostics : OPERATIONS.readDiagnostics;
}

/** Section 6.21: only the MEI type that reads the device identification is public. */
function readEncapsulated(
  reader: Reader,
  header: Header,
  direction: Direction,
): Pick<Reading<Fields>, 'operation' | 'fields'> {
  const subfunction = reader.u8();
  const fields = { ...header, subfunction };
  if (subfunction !== READ_DEVICE_IDENTIFICATION) {
    return { operation: OPERATIONS.encapsulatedTransport, fields };
  }
  const operation = OPERATIONS.readDeviceIdentification;
  if (direction === 'request') {
    reader.skip(2);
    return { operation, fields };
  }
  reader.skip(4); // code, conformity, more follows, next object
  const objects: DeviceObject[] = [];
  reader.repeat(reader.u8(), () => {
    objects.push({ id: reader.u8(), value: reader.text(reader.u8()).trim() });
  });
  return { operation, fields: { ...fields, objects } };
}

function identityOf(objects: readonly DeviceObject[]): Identity {
  const value = (id: number) => objects.find((object) => object.id === id)?.value || undefined;
  const vendor = value(VENDOR_NAME);
  const product = value(MODEL_NAME) ?? value(PRODUCT_NAME) ?? value(PRODUCT_CODE);
  const orderNumber = value(PRODUCT_CODE);
  const firmware = value(REVISION);
  return known({ vendor, product, orderNumber, firmware });
}
