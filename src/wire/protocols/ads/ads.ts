import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type ReadingDraft,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { readNetId } from '../../stack/ams.ts';

interface Fields {
  readonly commandId: number;
  readonly stateFlags: number;
  readonly invokeId: number;
  readonly targetNetId: string;
  readonly targetPort: number;
  readonly sourceNetId: string;
  readonly sourcePort: number;
  readonly errorCode?: number;
  readonly indexGroup?: number;
  readonly indexOffset?: number;
  readonly length?: number;
  readonly result?: number;
  readonly adsState?: number;
  readonly deviceState?: number;
  readonly deviceName?: string;
  readonly version?: string;
}

type Message = ReadingDraft<Fields>;

/** Beckhoff Information System, "ADS commands" and "Specification of the system service". */
const OPERATIONS = defineOperations({
  readDeviceInfo: ['read device info', 'discover'],
  read: ['read', 'read'],
  readFile: ['read file', 'program'],
  write: ['write', 'write'],
  writeFile: ['write file', 'program'],
  releaseHandle: ['release handle', 'session'],
  configure: ['change system settings', 'configure'],
  startProcess: ['start process', 'control'],
  readState: ['read state', 'read'],
  writeControl: ['write control', 'control'],
  addNotification: ['add device notification', 'session'],
  deleteNotification: ['delete device notification', 'session'],
  notification: ['device notification', 'report'],
  readWrite: ['read and write', 'write'],
  getHandle: ['get handle by name', 'read'],
  readByName: ['read value by name', 'read'],
  readSymbols: ['read symbol information', 'discover'],
  sumRead: ['sum read', 'read'],
  sumWrite: ['sum write', 'write'],
  sumNotifications: ['sum of notifications', 'session'],
  readRegistry: ['read registry', 'read'],
  findFile: ['find file', 'read'],
  openFile: ['open file', 'program'],
  changeFile: ['delete or rename file', 'program'],
  router: ['local router message', 'session'],
  unknown: ['unknown command', 'unknown'],
});

const READ_DEVICE_INFO = 1;
const READ = 2;
const WRITE = 3;
const READ_STATE = 4;
const WRITE_CONTROL = 5;
const ADD_NOTIFICATION = 6;
const DELETE_NOTIFICATION = 7;
const NOTIFICATION = 8;
const READ_WRITE = 9;

const BY_COMMAND: readonly (Operation | undefined)[] = [
  undefined,
  OPERATIONS.readDeviceInfo,
  OPERATIONS.read,
  OPERATIONS.write,
  OPERATIONS.readState,
  OPERATIONS.writeControl,
  OPERATIONS.addNotification,
  OPERATIONS.deleteNotification,
  OPERATIONS.notification,
  OPERATIONS.readWrite,
];

/** Index groups of symbols and sums that every ADS device may have. What a group means depends on the command. */
const READ_WRITE_GROUPS: ReadonlyMap<number, Operation> = new Map([
  [0xf003, OPERATIONS.getHandle],
  [0xf004, OPERATIONS.readByName],
  [0xf007, OPERATIONS.readSymbols],
  [0xf008, OPERATIONS.readSymbols],
  [0xf009, OPERATIONS.readSymbols],
  [0xf00a, OPERATIONS.readSymbols],
  [0xf00e, OPERATIONS.readSymbols],
  [0xf010, OPERATIONS.readSymbols],
  [0xf011, OPERATIONS.readSymbols],
  [0xf080, OPERATIONS.sumRead],
  [0xf081, OPERATIONS.sumWrite],
  [0xf082, OPERATIONS.readWrite],
  [0xf083, OPERATIONS.sumRead],
  [0xf084, OPERATIONS.sumRead],
  [0xf085, OPERATIONS.sumNotifications],
  [0xf086, OPERATIONS.sumNotifications],
]);
const RELEASE_HANDLE = 0xf006;
/** Symbol tables, their sizes and the data types, by plain reads. */
const SYMBOL_TABLES: ReadonlySet<number> = new Set([0xf00b, 0xf00c, 0xf00e, 0xf00f]);

/** Groups of the system service: old and new file functions, registry, time, processes. */
const SYSTEM_SERVICE = 10_000;
const REGISTRY = 200;
const START_PROCESS = 500;
const OPEN_FILES: ReadonlySet<number> = new Set([100, 101, 102, 103, 120]);
const READ_FILES: ReadonlySet<number> = new Set([122, 126, 128]);
const WRITE_FILES: ReadonlySet<number> = new Set([123, 127, 129]);
const CHANGE_FILES: ReadonlySet<number> = new Set([131, 132, 138, 139]);
const FIND_FILE = 133;
/** Closing, seeking and asking where a file stands. */
const FILE_SESSIONS: ReadonlySet<number> = new Set([104, 121, 124, 125, 130]);

/** AMS ports of the runtimes that execute a program: TwinCAT 2 and 3. */
const FIRST_PLC_PORT = 800;
const LAST_PLC_PORT = 899;

/** Beckhoff Information System, "ADS return codes". */
const RESULTS: ReadonlyMap<number, string> = new Map([
  [0x006, 'target port not found'],
  [0x007, 'target machine not found'],
  [0x008, 'unknown command'],
  [0x009, 'bad task'],
  [0x00d, 'port not connected'],
  [0x012, 'port disabled'],
  [0x01a, 'TCP send error'],
  [0x01b, 'host unreachable'],
  [0x01d, 'TLS send error'],
  [0x01e, 'access denied'],
  [0x700, 'device error'],
  [0x701, 'service not supported'],
  [0x702, 'invalid index group'],
  [0x703, 'invalid index offset'],
  [0x704, 'reading or writing not permitted'],
  [0x705, 'invalid size'],
  [0x706, 'invalid data'],
  [0x707, 'device not ready'],
  [0x708, 'device busy'],
  [0x709, 'invalid context'],
  [0x70a, 'out of memory'],
  [0x70b, 'invalid parameter'],
  [0x70c, 'not found'],
  [0x70d, 'syntax error'],
  [0x70e, 'incompatible'],
  [0x70f, 'already exists'],
  [0x710, 'symbol not found'],
  [0x711, 'symbol version invalid'],
  [0x712, 'server in invalid state'],
  [0x714, 'notification handle invalid'],
  [0x719, 'device timed out'],
  [0x723, 'access denied'],
]);

const TCP_HEADER = 6;
const AMS_HEADER = 32;
/** Flags of AMS/TCP: 0 for commands, the others between a program and the router of its own machine. */
const LOCAL_FLAGS: ReadonlySet<number> = new Set([0x0001, 0x1000, 0x1001, 0x1002]);
const LONGEST_LOCAL = 1024;
const LONGEST = 0x400_0000;
const RESPONSE = 0x0001;
const ADS_COMMAND = 0x0004;
const NAME_LENGTH = 16;

export const ads = defineDissector<Fields>({
  name: 'ads',
  title: 'ADS/AMS',
  source: 'Beckhoff Information System: TwinCAT ADS, AMS/TCP specification',
  at: [{ tcp: 48898 }],
  operations: OPERATIONS,
  fields: {
    commandId: 'Command',
    stateFlags: 'Bit 0 a response, bit 2 an ADS command',
    invokeId: 'Pairs a response with its request',
    targetNetId: 'AMS net id of the receiver',
    targetPort: 'AMS port of the receiver',
    sourceNetId: 'AMS net id of the sender',
    sourcePort: 'AMS port of the sender',
    errorCode: 'Why the message was not delivered',
    indexGroup: 'What is read or written, in a request only',
    indexOffset: 'Where in the group, in a request only',
    length: 'Bytes to read or to write, in a request only',
    result: '0, or why the device refused, in a response only',
    adsState: 'State of the device, or the state that is asked for: 5 run, 6 stop, 15 configuration',
    deviceState: 'State of the device in its own words',
    deviceName: 'Name of the device, in a response only',
    version: 'Version of the device, in a response only',
  },

  cut(reader) {
    if (reader.remaining < TCP_HEADER) {
      return MORE;
    }
    const flags = reader.u16le();
    const length = reader.u32le();
    if (flags === 0) {
      return length >= AMS_HEADER && length <= LONGEST ? TCP_HEADER + length : NOT_MINE;
    }
    return LOCAL_FLAGS.has(flags) && length <= LONGEST_LOCAL ? TCP_HEADER + length : NOT_MINE;
  },

  recognise(reader) {
    if (reader.remaining < TCP_HEADER + AMS_HEADER || reader.u16le() !== 0) {
      return 'no';
    }
    const length = reader.u32le();
    reader.skip(16);
    const command = reader.u16le();
    const flags = reader.u16le();
    const fits = reader.u32le() === length - AMS_HEADER && command <= READ_WRITE;
    return fits && (flags & ADS_COMMAND) !== 0 ? 'strong' : 'no';
  },

  read(reader, context) {
    const flags = reader.u16le();
    const length = reader.u32le();
    reader.limit(length);
    if (flags !== 0) {
      return LOCAL_FLAGS.has(flags) || reader.truncated
        ? { direction: 'request', operation: OPERATIONS.router, fields: NO_FIELDS }
        : new Malformed(`AMS/TCP flags are ${flags}`);
    }
    return readAms(reader, context);
  },

  observe(reading, context) {
    const { direction, fields, refused } = reading;
    if (direction !== 'response' || refused !== undefined) {
      return NOTHING;
    }
    const key = `${fields.sourceNetId}:${fields.sourcePort}`;
    if (fields.deviceName === undefined && context.recall(key) === true) {
      return NOTHING;
    }
    context.remember(key, true);
    return observeDevice(fields);
  },
});

/** Between a program and its own router there is no AMS header. */
const NO_FIELDS: Fields = {
  commandId: 0,
  stateFlags: 0,
  invokeId: 0,
  targetNetId: '',
  targetPort: 0,
  sourceNetId: '',
  sourcePort: 0,
};

function readAms(reader: Reader, context: Context): Message {
  const targetNetId = readNetId(reader);
  const targetPort = reader.u16le();
  const sourceNetId = readNetId(reader);
  const sourcePort = reader.u16le();
  const commandId = reader.u16le();
  const stateFlags = reader.u16le();
  reader.expect(reader.u32le() + 8);
  const errorCode = reader.u32le();
  const invokeId = reader.u32le();
  const fields: Mutable<Fields> = { commandId, stateFlags, invokeId, targetNetId, targetPort, sourceNetId, sourcePort };
  let operation = BY_COMMAND[commandId] ?? OPERATIONS.unknown;
  if (commandId === NOTIFICATION) {
    return { direction: 'report', operation, fields };
  }
  const isAnswer = (stateFlags & RESPONSE) !== 0;
  // The asking program counts its questions; a machine may have several of them.
  const pair = invokeId * 0x1_0000 + (isAnswer ? targetPort : sourcePort);
  if (isAnswer) {
    // The answer does not repeat which group was meant.
    operation = context.question(pair)?.operation ?? operation;
  }
  const message: Message = { direction: isAnswer ? 'response' : 'request', operation, pair, fields };
  if (errorCode !== 0) {
    fields.errorCode = errorCode;
    message.refused = RESULTS.get(errorCode) ?? `error ${errorCode}`;
  } else if (isAnswer) {
    readAnswer(reader, message);
  } else {
    message.target = `port ${targetPort}`;
    readRequest(reader, message);
  }
  return message;
}

function readRequest(reader: Reader, message: Message): void {
  const { fields } = message;
  switch (fields.commandId) {
    case READ:
    case WRITE:
    case ADD_NOTIFICATION:
    case READ_WRITE: {
      const group = reader.u32le();
      const offset = reader.u32le();
      fields.indexGroup = group;
      fields.indexOffset = offset;
      fields.length = reader.u32le();
      message.like = (group & 0x1f_ffff) * 0x1_0000_0000 + offset;
      message.operation = operationOf(fields, message.operation);
      readTail(reader, fields);
      break;
    }
    case WRITE_CONTROL:
      fields.adsState = reader.u16le();
      fields.deviceState = reader.u16le();
      reader.expect(reader.u32le());
      message.like = fields.adsState;
      break;
    case DELETE_NOTIFICATION:
      reader.skip(4);
      break;
    default: // device info and state have no parameters
  }
}

/** What follows group, offset and length: data, how much of it, or how often a notification is wanted. */
function readTail(reader: Reader, { commandId, length = 0 }: Fields): void {
  if (commandId === WRITE) {
    reader.expect(length);
  } else if (commandId === READ_WRITE) {
    reader.expect(reader.u32le());
  } else if (commandId === ADD_NOTIFICATION) {
    reader.skip(28); // mode, delays, reserved
  }
}

function operationOf({ commandId, targetPort, indexGroup = 0 }: Fields, operation: Operation): Operation {
  if (commandId === ADD_NOTIFICATION) {
    return operation;
  }
  if (targetPort === SYSTEM_SERVICE) {
    return systemOperation(commandId, indexGroup, operation);
  }
  if (commandId === READ_WRITE) {
    return READ_WRITE_GROUPS.get(indexGroup) ?? operation;
  }
  if (commandId === WRITE) {
    return indexGroup === RELEASE_HANDLE ? OPERATIONS.releaseHandle : operation;
  }
  return SYMBOL_TABLES.has(indexGroup) ? OPERATIONS.readSymbols : operation;
}

function systemOperation(commandId: number, group: number, operation: Operation): Operation {
  if (FILE_SESSIONS.has(group)) {
    return OPERATIONS.releaseHandle;
  }
  if (OPEN_FILES.has(group)) {
    return OPERATIONS.openFile;
  }
  if (READ_FILES.has(group)) {
    return OPERATIONS.readFile;
  }
  if (WRITE_FILES.has(group)) {
    return OPERATIONS.writeFile;
  }
  if (CHANGE_FILES.has(group)) {
    return OPERATIONS.changeFile;
  }
  if (group === FIND_FILE) {
    return OPERATIONS.findFile;
  }
  if (commandId === WRITE) {
    return group === START_PROCESS ? OPERATIONS.startProcess : OPERATIONS.configure;
  }
  return group === REGISTRY ? OPERATIONS.readRegistry : operation;
}

function readAnswer(reader: Reader, message: Message): void {
  const { fields } = message;
  const result = reader.u32le();
  fields.result = result;
  if (result !== 0) {
    message.refused = RESULTS.get(result) ?? `error ${result}`;
    return;
  }
  switch (fields.commandId) {
    case READ_DEVICE_INFO:
      fields.version = `${reader.u8()}.${reader.u8()}.${reader.u16le()}`;
      reader.expect(NAME_LENGTH);
      // What stands behind the NUL is left over from something else.
      fields.deviceName = reader.sub(NAME_LENGTH).textZ('latin-1').trim();
      break;
    case READ:
    case READ_WRITE:
      reader.expect(reader.u32le());
      break;
    case READ_STATE:
      fields.adsState = reader.u16le();
      fields.deviceState = reader.u16le();
      break;
    case ADD_NOTIFICATION:
      reader.skip(4);
      break;
    default: // a result and nothing else
  }
}

/** A machine's own net id ends in 1.1; others are devices that it speaks for (field bus masters, boxes, virtual ones). */
function observeDevice({ sourceNetId, sourcePort, deviceName, version }: Fields): readonly Observation[] {
  const identity = known({ product: deviceName, firmware: version });
  const observations: Observation[] = [];
  if (!sourceNetId.endsWith('.1.1')) {
    observations.push({
      kind: 'behind',
      subject: 'sender',
      device: `ams ${sourceNetId}`,
      basis: 'identification',
      ...identity,
    });
  } else if (deviceName !== undefined) {
    // Every server of the machine has a name and version of its own; those of the system service are the machine's.
    const basis = sourcePort === SYSTEM_SERVICE ? 'identification' : 'hint';
    observations.push({ kind: 'identity', subject: 'sender', basis, ...identity });
  }
  if (sourcePort >= FIRST_PLC_PORT && sourcePort <= LAST_PLC_PORT) {
    const reason = `answers on AMS port ${sourcePort}, a PLC runtime`;
    observations.push({ kind: 'role', subject: 'sender', role: 'plc', reason, basis: 'behaviour' });
  }
  return observations.length > 0 ? observations : NOTHING;
}
