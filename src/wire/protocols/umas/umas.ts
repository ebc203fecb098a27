import { defineDissector, defineOperations, NOTHING, type Operation } from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly session: number;
  readonly functionCode?: number;
  readonly status?: number;
  readonly subfunction?: number;
  readonly cpu?: string;
  readonly firmware?: string;
  readonly project?: string;
  readonly client?: string;
}

/**
 * Public research into Schneider Electric's extension of Modbus. *Download* here means into the controller, as everywhere
 * in Keyway; the functions 0x33 to 0x35 fetch its program.
 */
const OPERATIONS = defineOperations({
  initialise: ['initialise communication', 'session'],
  readId: ['read PLC identification', 'discover'],
  readProject: ['read project information', 'discover'],
  readPlcInfo: ['read PLC information', 'discover'],
  readCard: ['read memory card information', 'discover'],
  repeat: ['repeat', 'session'],
  reserve: ['take reservation', 'session'],
  release: ['release reservation', 'session'],
  keepAlive: ['keep reservation', 'session'],
  readMemory: ['read memory block', 'read'],
  readVariables: ['read variables', 'read'],
  writeVariables: ['write variables', 'write'],
  readRegisters: ['read coils and registers', 'read'],
  writeRegisters: ['write coils and registers', 'write'],
  dictionary: ['read data dictionary', 'discover'],
  beginDownload: ['begin program download', 'program'],
  downloadBlock: ['download program block', 'program'],
  endDownload: ['end program download', 'program'],
  beginUpload: ['begin program upload', 'program'],
  uploadBlock: ['upload program block', 'program'],
  endUpload: ['end program upload', 'program'],
  readMaster: ['read Ethernet master data', 'read'],
  start: ['start PLC', 'control'],
  stop: ['stop PLC', 'control'],
  monitor: ['monitor PLC', 'unknown'],
  check: ['check PLC', 'read'],
  readIo: ['read I/O object', 'read'],
  writeIo: ['write I/O object', 'write'],
  moduleStatus: ['read module status', 'read'],
  answer: ['answer', 'unknown'],
  unknown: ['unknown function', 'unknown'],
});

const READ_ID = 0x02;
const READ_PROJECT = 0x03;
const RESERVE = 0x10;
const RELEASE = 0x11;

const BY_FUNCTION: readonly (Operation | undefined)[] = Object.assign(
  Array.from<Operation | undefined>({ length: 256 }),
  {
    1: OPERATIONS.initialise,
    [READ_ID]: OPERATIONS.readId,
    [READ_PROJECT]: OPERATIONS.readProject,
    4: OPERATIONS.readPlcInfo,
    6: OPERATIONS.readCard,
    10: OPERATIONS.repeat,
    [RESERVE]: OPERATIONS.reserve,
    [RELEASE]: OPERATIONS.release,
    18: OPERATIONS.keepAlive,
    32: OPERATIONS.readMemory,
    34: OPERATIONS.readVariables,
    35: OPERATIONS.writeVariables,
    36: OPERATIONS.readRegisters,
    37: OPERATIONS.writeRegisters,
    38: OPERATIONS.dictionary,
    48: OPERATIONS.beginDownload,
    49: OPERATIONS.downloadBlock,
    50: OPERATIONS.endDownload,
    51: OPERATIONS.beginUpload,
    52: OPERATIONS.uploadBlock,
    53: OPERATIONS.endUpload,
    57: OPERATIONS.readMaster,
    64: OPERATIONS.start,
    65: OPERATIONS.stop,
    80: OPERATIONS.monitor,
    88: OPERATIONS.check,
    112: OPERATIONS.readIo,
    113: OPERATIONS.writeIo,
    115: OPERATIONS.moduleStatus,
  },
);

const ACCEPTED = 0xfe;
const REFUSED = 0xfd;
/** Function of Modbus that carries UMAS. */
const MODBUS_FUNCTION = 90;

export const umas = defineDissector<Fields>({
  name: 'umas',
  title: 'UMAS',
  source: 'No public document: published research and captures',
  at: [{ within: 'modbus', key: MODBUS_FUNCTION }],
  operations: OPERATIONS,
  whole: false,
  fields: {
    session: 'Key of the reservation; 0 without one',
    functionCode: 'What is asked; in an answer, what was asked',
    status: '254 carried out, 253 not, in a response only',
    subfunction: 'Which part of the project information is asked for',
    cpu: 'Name of the controller',
    firmware: 'Firmware version of the controller',
    project: 'Name of the project in the controller',
    client: 'Name under which the client reserves the controller',
  },

  recognise(reader) {
    return reader.remaining >= 2 ? 'weak' : 'no';
  },

  read(reader, context) {
    const { parent } = context;
    const direction = parent?.direction ?? (context.fromClient ? 'request' : 'response');
    const session = reader.u8();
    const code = reader.u8();
    const pair = parent?.pair ?? 0;
    if (direction === 'request') {
      const operation = BY_FUNCTION[code] ?? OPERATIONS.unknown;
      return { direction, operation, pair, like: code, fields: readRequest(reader, session, code) };
    }
    const question = context.question(pair);
    const asked = question?.fields as Fields | undefined;
    const operation = question?.operation ?? OPERATIONS.answer;
    if (code !== ACCEPTED) {
      const refused = code === REFUSED ? 'refused by the controller' : `status ${code}`;
      return { direction, operation, pair, refused, fields: answerFields(session, code, asked) };
    }
    return { direction, operation, pair, fields: readAnswer(reader, answerFields(session, code, asked)) };
  },

  observe({ direction, fields, refused, operation }, context) {
    if (direction === 'request') {
      return fields.client === undefined ? NOTHING : engineer(fields.client);
    }
    if (refused !== undefined) {
      return NOTHING;
    }
    if (fields.cpu !== undefined) {
      return controller(fields);
    }
    // Modes and programs are a controller's; it may never have been asked who it is.
    if (operation.effect === 'unknown' || context.recall(TOLD) === true) {
      return NOTHING;
    }
    context.remember(TOLD, true);
    return [
      { kind: 'role', subject: 'sender', role: 'plc', reason: `answers UMAS ${operation.name}`, basis: 'behaviour' },
    ];
  },
});

const TOLD = 'umas plc';

function readRequest(reader: Reader, session: number, functionCode: number): Fields {
  if (functionCode === READ_PROJECT) {
    return { session, functionCode, subfunction: reader.u8() };
  }
  if (functionCode === RESERVE) {
    reader.skip(4); // a number of the client's own
    return { session, functionCode, client: reader.text(reader.u8(), 'latin-1').trim() };
  }
  return { session, functionCode };
}

function answerFields(session: number, status: number, asked: Fields | undefined): Fields {
  return asked?.functionCode === undefined
    ? { session, status }
    : {
        session,
        functionCode: asked.functionCode,
        status,
        ...(asked.subfunction === undefined ? {} : { subfunction: asked.subfunction }),
      };
}

/** Where the texts stand in an answer, counted from behind the status. */
const ID_FIRMWARE = 8;
const ID_NAME = 22;
const PROJECT_NAME = 38;
const NAME_PART = 0;

function readAnswer(reader: Reader, fields: Fields): Fields {
  const start = reader.position;
  if (fields.functionCode === READ_ID && reader.remaining > ID_NAME) {
    reader.skip(ID_FIRMWARE);
    const minor = reader.u8();
    const major = reader.u8();
    reader.seek(start + ID_NAME);
    const cpu = reader.text(reader.u8(), 'latin-1').trim();
    // The version is two binary-coded bytes.
    return { ...fields, cpu, firmware: `${major.toString(16)}.${minor.toString(16).padStart(2, '0')}` };
  }
  if (fields.functionCode === READ_PROJECT && fields.subfunction === NAME_PART && reader.remaining > PROJECT_NAME) {
    reader.skip(PROJECT_NAME);
    return { ...fields, project: reader.text(reader.u8(), 'latin-1').trim() };
  }
  return fields;
}

function controller({ cpu, firmware }: Fields): readonly Observation[] {
  return [
    { kind: 'identity', subject: 'sender', basis: 'identification', ...known({ product: cpu, firmware }) },
    { kind: 'role', subject: 'sender', role: 'plc', reason: `UMAS names it ${cpu}`, basis: 'identification' },
  ];
}

function engineer(client: string): readonly Observation[] {
  return [
    { kind: 'identity', subject: 'sender', basis: 'announcement', ...known({ name: client }) },
    { kind: 'role', subject: 'sender', role: 'engineering', reason: 'reserves a controller', basis: 'behaviour' },
  ];
}
