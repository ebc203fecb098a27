import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation, type RoleObservation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { findMaintenanceRecord, findTexts, type MaintenanceRecord } from './attributes.ts';

interface Fields {
  readonly version: number;
  readonly opcode?: number;
  readonly functionCode?: number;
  readonly sequence?: number;
  readonly sessionId?: number;
  readonly objectId?: number;
  readonly returnValue?: number;
  readonly deviceText?: string;
  readonly hostName?: string;
  readonly maintenance?: MaintenanceRecord;
}

/** Effects where they are known; what is done to objects of the program is `program`. */
const OPERATIONS = defineOperations({
  explore: ['explore objects', 'discover'],
  create: ['create object', 'session'],
  createProgram: ['create program object', 'program'],
  delete: ['delete object', 'session'],
  deleteProgram: ['delete program object', 'program'],
  setVariable: ['set variable', 'write'],
  setVariables: ['set variables', 'write'],
  setOwn: ['set own session or subscription', 'session'],
  setMode: ['request operating state', 'control'],
  getVariable: ['get variable', 'read'],
  getVariables: ['get variables', 'read'],
  getStreamed: ['get variable in parts', 'read'],
  getLink: ['get link', 'read'],
  addLink: ['add link', 'unknown'],
  removeLink: ['remove link', 'unknown'],
  beginSequence: ['begin sequence', 'session'],
  endSequence: ['end sequence', 'session'],
  invoke: ['invoke', 'control'],
  notification: ['notification', 'report'],
  systemEvent: ['system event', 'report'],
  keepAlive: ['keep alive', 'session'],
  unknown: ['unknown function', 'unknown'],
});

const EXPLORE = 0x04bb;
const CREATE = 0x04ca;
const DELETE = 0x04d4;
const SET_VARIABLE = 0x04f2;
const SET_VARIABLES = 0x0542;
const GET_STREAMED = 0x0586;

const BY_FUNCTION: ReadonlyMap<number, Operation> = new Map([
  [EXPLORE, OPERATIONS.explore],
  [CREATE, OPERATIONS.create],
  [DELETE, OPERATIONS.delete],
  [SET_VARIABLE, OPERATIONS.setVariable],
  [0x04fc, OPERATIONS.getVariable],
  [0x0506, OPERATIONS.addLink],
  [0x051a, OPERATIONS.removeLink],
  [0x0524, OPERATIONS.getLink],
  [SET_VARIABLES, OPERATIONS.setVariables],
  [0x054c, OPERATIONS.getVariables],
  [0x0556, OPERATIONS.beginSequence],
  [0x0560, OPERATIONS.endSequence],
  [0x056b, OPERATIONS.invoke],
  [GET_STREAMED, OPERATIONS.getStreamed],
]);

const PROTOCOL_ID = 0x72;
const HEADER = 4;
const TRAILER = 4;
/** Version of session set-up, of sessions, and of sessions whose messages have a digest. */
const FIRST_VERSION = 1;
const LAST_VERSION = 3;
const DIGEST_VERSION = 3;
const SYSTEM_EVENT = 0xfe;
const KEEP_ALIVE = 0xff;
const DIGEST = 32;

const REQUEST = 0x31;
const RESPONSE = 0x32;
const NOTIFICATION = 0x33;
/** Some controllers answer with this opcode. */
const SHORT_RESPONSE = 0x02;

export const s7commPlus = defineDissector<Fields>({
  name: 's7comm_plus',
  title: 'S7 communication plus',
  source: 'Published research on S7comm-plus (S7-1200, S7-1500)',
  at: [{ within: 'cotp' }],
  operations: OPERATIONS,
  fields: {
    version: '1 session set-up, 2 session, 3 session with a digest in each message, 254 system event, 255 keep alive',
    opcode: '49 request, 50 or 2 response, 51 notification',
    functionCode: 'The function, in a request and its response',
    sequence: 'Pairs a response with its request',
    sessionId: 'Number of the session, in a request only',
    objectId: 'The object that is created under, deleted, set or subscribed to',
    returnValue: 'Low 16 bits of the result; negative where the request was refused',
    deviceText: 'Order number and firmware, as the controller states them',
    hostName: 'Name of the client, when it sets up a session',
    maintenance: 'Identification and maintenance data of a module',
  },

  part(reader) {
    const version = reader.peek(1);
    if (version < FIRST_VERSION || version > LAST_VERSION) {
      return undefined;
    }
    const length = (reader.peek(2) << 8) | reader.peek(3);
    // Only the last part of a message has a trailer.
    const last = reader.length >= HEADER + length + TRAILER;
    const head = reader.take(HEADER + digestLength(reader, version, HEADER));
    return { key: 0, head, body: reader.rest(), last };
  },

  recognise(reader) {
    const version = reader.peek(1);
    const length = (reader.peek(2) << 8) | reader.peek(3);
    if (reader.peek(0) !== PROTOCOL_ID || reader.length < HEADER) {
      return 'no';
    }
    const known = (version >= FIRST_VERSION && version <= LAST_VERSION) || version >= SYSTEM_EVENT;
    return known && reader.length >= HEADER + (version === KEEP_ALIVE ? 0 : length) ? 'strong' : 'no';
  },

  read(reader, context) {
    const protocolId = reader.u8();
    const version = reader.u8();
    const length = reader.u16be();
    if (protocolId !== PROTOCOL_ID && !reader.truncated) {
      return new Malformed(`protocol id is ${protocolId}, not 114`);
    }
    if (version === KEEP_ALIVE) {
      return { direction: 'report', operation: OPERATIONS.keepAlive, fields: { version } };
    }
    if (version === SYSTEM_EVENT) {
      reader.limit(length);
      return { direction: 'report', operation: OPERATIONS.systemEvent, fields: { version } };
    }
    // Of a message that was joined, the length counts the last part only.
    reader.expect(length + TRAILER);
    reader.skip(digestLength(reader, version, 0));
    return readMessage(reader, version, context);
  },

  observe(reading, context) {
    const { operation, direction, fields } = reading;
    if (direction === 'request') {
      return operation === OPERATIONS.create ? observeClient(fields, context) : NOTHING;
    }
    const server = direction === 'response' && fields.returnValue !== undefined && fields.returnValue >= 0;
    return server ? observeServer(fields, context) : NOTHING;
  },
});

/** Length of the digest, its own length included. */
function digestLength(reader: Reader, version: number, at: number): number {
  return version === DIGEST_VERSION && reader.peek(at) === DIGEST ? DIGEST + 1 : 0;
}

function readMessage(reader: Reader, version: number, context: Context): Reading<Fields> {
  const opcode = reader.u8();
  if (opcode === NOTIFICATION) {
    const objectId = reader.u32be();
    return { direction: 'report', operation: OPERATIONS.notification, fields: { version, opcode, objectId } };
  }
  if (opcode !== REQUEST && opcode !== RESPONSE && opcode !== SHORT_RESPONSE) {
    return { direction: 'report', operation: OPERATIONS.unknown, fields: { version, opcode } };
  }
  reader.skip(2);
  const functionCode = reader.u16be();
  reader.skip(2);
  const sequence = reader.u16be();
  const operation = BY_FUNCTION.get(functionCode) ?? OPERATIONS.unknown;
  if (opcode === REQUEST) {
    return readRequest(reader, { version, opcode, functionCode, sequence }, operation);
  }
  // What was set or created stands in the question only.
  return readResponse(
    reader,
    { version, opcode, functionCode, sequence },
    context.question(sequence)?.operation ?? operation,
  );
}

interface Base {
  readonly version: number;
  readonly opcode: number;
  readonly functionCode: number;
  readonly sequence: number;
}

function readResponse(reader: Reader, base: Base, operation: Operation): Reading<Fields> {
  const { functionCode, sequence: pair } = base;
  reader.skip(1); // transport flags
  const returnValue = result(reader);
  if (returnValue < 0) {
    return {
      direction: 'response',
      operation,
      pair,
      refused: `error ${returnValue}`,
      fields: { ...base, returnValue },
    };
  }
  const statement = readStatement(reader, functionCode);
  const fields = statement === undefined ? { ...base, returnValue } : { ...base, returnValue, ...statement };
  return { direction: 'response', operation, pair, fields };
}

/** Functions whose request begins with the object it is about. */
const ABOUT_OBJECT: ReadonlySet<number> = new Set([EXPLORE, CREATE, DELETE, SET_VARIABLE, SET_VARIABLES]);

function readRequest(reader: Reader, base: Base, operation: Operation): Reading<Fields> {
  const { version, opcode, functionCode, sequence } = base;
  const sessionId = reader.u32be();
  reader.skip(1); // transport flags
  const common = { direction: 'request', pair: sequence, proves: true } as const;
  if (!ABOUT_OBJECT.has(functionCode)) {
    return { ...common, operation, fields: { version, opcode, functionCode, sequence, sessionId } };
  }
  const objectId = reader.u32be();
  const done = operationOn(reader, operation, objectId, sessionId);
  const fields = { version, opcode, functionCode, sequence, sessionId, objectId };
  return done === OPERATIONS.create
    ? { ...common, operation: done, fields: { ...fields, ...readClient(reader) } }
    : { ...common, operation: done, fields };
}

/** Objects that every controller has. */
const PROGRAM = 3;
const HARDWARE_CONFIGURATION = 4;
const EXECUTION_UNIT = 52;
const OPERATING_STATE_REQUEST = 2167;

function operationOn(reader: Reader, operation: Operation, objectId: number, sessionId: number): Operation {
  switch (operation) {
    case OPERATIONS.create:
      return objectId === PROGRAM || objectId === HARDWARE_CONFIGURATION ? OPERATIONS.createProgram : operation;
    case OPERATIONS.delete:
      return isBlock(objectId) ? OPERATIONS.deleteProgram : operation;
    case OPERATIONS.setVariable:
      if (objectId === EXECUTION_UNIT && attributeAhead(reader) === OPERATING_STATE_REQUEST) {
        return OPERATIONS.setMode;
      }
      return isOwn(objectId, sessionId) ? OPERATIONS.setOwn : operation;
    case OPERATIONS.setVariables:
      return isOwn(objectId, sessionId) ? OPERATIONS.setOwn : operation;
    default:
      return operation;
  }
}

/** Sessions and what clients create in them have numbers of their own; so have blocks and data of the program. */
function isOwn(objectId: number, sessionId: number): boolean {
  return objectId === sessionId || objectId >>> 28 === 7;
}

function isBlock(objectId: number): boolean {
  return objectId >>> 24 === 0x8a;
}

/** The attribute that a request to set one variable names: after a count, seven bits a byte. */
function attributeAhead(reader: Reader): number {
  let value = 0;
  for (let at = 1; at <= 5; at++) {
    const byte = reader.peek(at);
    value = value * 0x80 + (byte & 0x7f);
    if (byte < 0x80) {
      return value;
    }
  }
  return value;
}

const RESULT = 9;

/** A 64-bit number, seven bits a byte, eight in a ninth; its low 16 bits say whether the request failed. */
function result(reader: Reader): number {
  let value = 0;
  for (let read = 1; read <= RESULT; read++) {
    const byte = reader.u8();
    if (read === RESULT) {
      value = (value << 8) | byte;
      break;
    }
    value = (value << 7) | (byte & 0x7f);
    if (byte < 0x80) {
      break;
    }
  }
  return (value << 16) >> 16;
}

/** Attribute of a session: the machine of the client. */
const HOST = 298;
/** Order number and firmware of the controller, in what it answers to a new session. */
const DEVICE = 319;
const CLIENT_TEXTS: ReadonlySet<number> = new Set([HOST]);
const DEVICE_TEXTS: ReadonlySet<number> = new Set([DEVICE]);

function readClient(reader: Reader): Pick<Fields, 'hostName'> {
  const hostName = findTexts(reader, CLIENT_TEXTS).get(HOST);
  return hostName ? { hostName } : {};
}

function readStatement(reader: Reader, functionCode: number): Pick<Fields, 'deviceText' | 'maintenance'> | undefined {
  if (functionCode === CREATE) {
    const deviceText = findTexts(reader, DEVICE_TEXTS).get(DEVICE);
    return deviceText ? { deviceText } : undefined;
  }
  const maintenance = functionCode === GET_STREAMED ? findMaintenanceRecord(reader) : undefined;
  return maintenance === undefined ? undefined : { maintenance };
}

const ENGINEERING_ACCESS = 'SIMATIC-ROOT-ES';
const PANEL_ACCESS = 'SIMATIC-ROOT-HMI';
/** What panels send that have no name of their own. */
const PANEL_HOSTS: ReadonlySet<string> = new Set(['HMI HOST', 'YourHost']);
/** Engineering software puts a number behind the machine's name, another one in each session. */
const SESSION_NUMBER = /_\d{6,}$/;

function observeClient({ hostName }: Fields, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  if (hostName !== undefined && !PANEL_HOSTS.has(hostName)) {
    const name = hostName.replace(SESSION_NUMBER, '');
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', name });
  }
  const called = context.recall('cotp.calledTsap');
  if (called === ENGINEERING_ACCESS) {
    const reason = 'calls the access point for engineering';
    observations.push({ kind: 'role', subject: 'sender', role: 'engineering', reason, basis: 'behaviour' });
  } else if (called === PANEL_ACCESS) {
    const reason = 'calls the access point for operator panels';
    observations.push({ kind: 'role', subject: 'sender', role: 'hmi', reason, basis: 'behaviour' });
  }
  return observations;
}

const SIEMENS = 42;

function observeServer(fields: Fields, context: Context): readonly Observation[] {
  const { deviceText, maintenance } = fields;
  if (maintenance !== undefined) {
    const { vendorId, orderNumber, serial, hardware, firmware } = maintenance;
    const vendor = vendorId === SIEMENS ? 'Siemens' : undefined;
    const identity = known({ vendor, orderNumber, serial, hardware: String(hardware), firmware });
    return [{ kind: 'identity', subject: 'sender', basis: 'identification', ...identity }];
  }
  if (deviceText === undefined) {
    return context.recall(SERVER) === undefined ? [roleOf(context, 'behaviour', 'answers S7 plus')] : NOTHING;
  }
  const [, orderNumber = '', firmware = ''] = deviceText.split(';');
  const identity = known({ orderNumber: orderNumber.trim(), firmware: firmware.trim() });
  const reason = `identifies itself as ${orderNumber.trim()}`;
  return [
    { kind: 'identity', subject: 'sender', basis: 'identification', ...identity },
    roleOf(context, 'identification', reason),
  ];
}

const SERVER = 's7comm_plus.server';

function roleOf(context: Context, basis: RoleObservation['basis'], reason: string): RoleObservation {
  context.remember(SERVER, true);
  return { kind: 'role', subject: 'sender', role: 'plc', reason, basis };
}
