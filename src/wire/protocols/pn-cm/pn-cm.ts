import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { type Identity, known, type Observation } from '../../observation.ts';
import { profinetVendor } from '../../stack/profinet.ts';
import { type Cycle, type Module, type RecordPlace, readBlocks, type Said } from './blocks.ts';
import type { SafetyPlace } from './safety.ts';

interface Fields extends Readonly<Omit<Said, 'records' | 'cycles' | 'modules' | 'safety' | 'blocks'>> {
  readonly opnum: number;
  readonly status?: number;
  readonly blocks: readonly number[];
  readonly records?: readonly RecordPlace[];
  readonly cycles?: readonly Cycle[];
  readonly modules?: readonly Module[];
  readonly safety?: readonly SafetyPlace[];
}

/** IEC 61158-6-10, section 4.10.3: the calls, by their numbers. */
const OPERATIONS = defineOperations({
  connect: ['connect', 'session'],
  release: ['release', 'session'],
  read: ['read record', 'read'],
  readIdentification: ['read identification', 'discover'],
  write: ['write record', 'configure'],
  control: ['control connection', 'session'],
  unknown: ['unknown call', 'unknown'],
});

const CONNECT = 0;
const RELEASE = 1;
const READ = 2;
const WRITE = 3;
const CONTROL = 4;
const READ_IMPLICIT = 5;

/** Section 5.2.4 (control command). */
const RELEASE_COMMAND = 4;

/** Section 5.2.7 (indices): identification and maintenance, and where there is any. */
const FIRST_IDENTIFICATION = 0xaff0;
const LAST_IDENTIFICATION = 0xafff;
const IDENTIFICATION_FILTER = 0xf840;

/** A supervisor, not a controller (section 5.2.2.1, AR type). */
const SUPERVISOR = 6;
/** An expected module is a number of the maker's; 0 is an empty slot. */
const EMPTY = 0;

/** The first byte of a status, and two of the errors most seen with it (section 5.2.6). */
const CALLS: ReadonlyMap<number, string> = new Map([
  [0xdb, 'connect'],
  [0xdc, 'release'],
  [0xdd, 'control'],
  [0xde, 'read'],
  [0xdf, 'write'],
]);
const ACCESS_ERRORS: ReadonlyMap<number, string> = new Map([
  [0xb0, 'invalid index'],
  [0xb1, 'wrong length'],
  [0xb2, 'invalid slot or subslot'],
  [0xb4, 'invalid area'],
  [0xb5, 'not possible in this state'],
  [0xb6, 'access denied'],
  [0xb7, 'invalid range'],
  [0xb8, 'invalid parameter'],
  [0xc2, 'resource busy'],
  [0xc3, 'resource unavailable'],
]);
const RECORD_ERRORS = 0x80;

export const pnCm = defineDissector<Fields>({
  name: 'pn_cm',
  title: 'PROFINET IO context management',
  source: 'IEC 61158-6-10, sections 4.10 and 5.2; PROFIBUS guideline identification & maintenance functions',
  at: [
    { within: 'dcerpc', key: 'dea00001-6c97-11d1-8271-00a02442df7d' },
    { within: 'dcerpc', key: 'dea00002-6c97-11d1-8271-00a02442df7d' },
    { within: 'dcerpc', key: 'dea00003-6c97-11d1-8271-00a02442df7d' },
    { within: 'dcerpc', key: 'dea00004-6c97-11d1-8271-00a02442df7d' },
  ],
  operations: OPERATIONS,
  fields: {
    opnum: '0 connect, 1 release, 2 read, 3 write, 4 control, 5 read without a connection',
    status: 'Why the call was refused, in a response; 0 where it was not',
    blocks: 'Types of the blocks in their order',
    arType: 'Kind of connection: 1 and 16 of a controller, 6 of a supervisor',
    arUuid: 'The connection, which cyclic data and alarms belong to',
    initiatorMac: 'MAC address of the controller that connects',
    stationName: 'Name of the controller that connects',
    vendorId: 'Maker of the controller that connects, or of the module that identifies itself',
    deviceId: 'Kind of the controller that connects, as numbered by its maker',
    controlCommand: 'Bits: 1 end of parameters, 2 application ready, 4 release, 8 done',
    records: 'Slot, subslot and index of what is read or written',
    cycles: 'Cyclic connections asked for, with period and time-out in microseconds',
    modules: 'Modules by slot: expected in a connect, found in an answer',
    safety: 'Submodules that are given PROFIsafe parameters, with the safety addresses of host and device',
    orderNumber: 'Order number of the module, from I&M0',
    serial: 'Serial number of the module, from I&M0',
    hardware: 'Hardware revision of the module, from I&M0',
    firmware: 'Software revision of the module, from I&M0',
    tag: 'What the module does in the plant, from I&M1',
    location: 'Where the module is, from I&M1',
  },

  recognise(_reader, { parent, key }) {
    return parent !== undefined && key !== undefined ? 'strong' : 'no';
  },

  read(reader, context) {
    const call = context.parent?.fields as { readonly littleEndian?: unknown; readonly opnum?: unknown } | undefined;
    const littleEndian = call?.littleEndian !== false;
    const response = context.parent ? context.parent.direction === 'response' : !context.fromClient;
    const first = littleEndian ? reader.u32le() : reader.u32be(); // status, or the room for the answer
    const length = littleEndian ? reader.u32le() : reader.u32be();
    reader.skip(8); // the array's size and offset
    const count = littleEndian ? reader.u32le() : reader.u32be();
    if (!reader.truncated && count < length) {
      return new Malformed('array shorter than its content');
    }
    reader.limit(length);
    const said: Said = { blocks: [] };
    readBlocks(reader, said);
    return readingOf(opnumOf(call?.opnum, said), response ? first : undefined, said, context);
  },

  observe(reading, context) {
    const { fields, direction, refused, pair } = reading;
    if (refused !== undefined) {
      return NOTHING;
    }
    if (direction === 'request') {
      return fields.opnum === CONNECT ? observeConnect(fields) : NOTHING;
    }
    if (fields.opnum === WRITE) {
      return pair === undefined ? NOTHING : observeSafety(context.question(pair)?.fields as Fields | undefined);
    }
    return fields.opnum === CONNECT ? observeConnected(fields) : observeAnswer(fields);
  },
});

function readingOf(opnum: number, status: number | undefined, said: Said, context: Context): Reading<Fields> {
  const record = said.records?.[0];
  const operation = operationOf(opnum, said.records ?? []);
  const fields: Fields = status === undefined ? { opnum, ...said } : { opnum, status, ...said };
  const pair = context.parent?.pair;
  const common = {
    operation,
    fields,
    ...(pair === undefined ? {} : { pair }),
    ...(record === undefined ? {} : { target: `slot ${record.slot}/${record.subslot}` }),
  };
  if (status === undefined) {
    const like = record === undefined ? opnum : (record.slot * 0x10000 + record.subslot) * 0x10000 + record.index;
    return { direction: 'request', ...common, like };
  }
  return status === 0
    ? { direction: 'response', ...common }
    : { direction: 'response', ...common, refused: refusalText(status) };
}

/** The header of a datagram names the call; over a connection the blocks tell where the question was not seen. */
function opnumOf(opnum: unknown, said: Said): number {
  if (typeof opnum === 'number') {
    return opnum;
  }
  if (said.controlCommand !== undefined) {
    return said.controlCommand & RELEASE_COMMAND ? RELEASE : CONTROL;
  }
  if (said.records !== undefined) {
    return said.blocks.some((type) => (type & 0xff) === 8) ? WRITE : READ;
  }
  return said.arType === undefined ? -1 : CONNECT;
}

function operationOf(opnum: number, records: readonly RecordPlace[]): Operation {
  switch (opnum) {
    case CONNECT:
      return OPERATIONS.connect;
    case RELEASE:
      return OPERATIONS.release;
    case READ:
    case READ_IMPLICIT:
      return records[0] && isIdentification(records[0].index) ? OPERATIONS.readIdentification : OPERATIONS.read;
    case WRITE:
      return OPERATIONS.write;
    case CONTROL:
      return OPERATIONS.control;
    default:
      return OPERATIONS.unknown;
  }
}

function isIdentification(index: number): boolean {
  return (index >= FIRST_IDENTIFICATION && index <= LAST_IDENTIFICATION) || index === IDENTIFICATION_FILTER;
}

function refusalText(status: number): string {
  const call = CALLS.get(status >>> 24);
  const records = ((status >>> 16) & 0xff) === RECORD_ERRORS;
  const error = records ? ACCESS_ERRORS.get((status >>> 8) & 0xff) : undefined;
  return error ?? `${call ?? 'call'} refused, PROFINET status 0x${status.toString(16).padStart(8, '0')}`;
}

/** A connect says who asks, what is expected in which slot, and how often data will be sent. */
function observeConnect(fields: Fields): readonly Observation[] {
  const observations: Observation[] = [];
  const identity = known({ vendor: profinetVendor(fields.vendorId), name: fields.stationName });
  if (identity.vendor ?? identity.name) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', ...identity });
  }
  if (fields.initiatorMac !== undefined) {
    observations.push({ kind: 'address', mac: fields.initiatorMac, via: 'discovery' });
  }
  observations.push({
    kind: 'role',
    subject: 'sender',
    basis: 'announcement',
    ...(fields.arType === SUPERVISOR
      ? { role: 'engineering', reason: 'connects to a PROFINET device as supervisor' }
      : { role: 'plc', reason: 'connects to a PROFINET device as controller' }),
  });
  for (const { period, timeout } of fields.cycles ?? []) {
    observations.push({ kind: 'cycle', period, timeout });
  }
  return [...observations, ...observeModules(fields.modules ?? [], 'receiver')];
}

function observeConnected(fields: Fields): readonly Observation[] {
  return fields.arType === undefined
    ? NOTHING
    : [
        {
          kind: 'role',
          subject: 'sender',
          role: 'io',
          reason: 'accepts a PROFINET connection as device',
          basis: 'announcement',
        },
      ];
}

/** Both are parts of a safety function: the device that took the parameters, and the controller that gave them. */
function observeSafety(asked: Fields | undefined): readonly Observation[] {
  const [place] = asked?.safety ?? [];
  if (place === undefined) {
    return NOTHING;
  }
  const { slot, subslot, source, destination } = place;
  const safety = { kind: 'role', role: 'safety', basis: 'announcement' } as const;
  const addresses = `safety addresses ${source} and ${destination}`;
  return [
    { ...safety, subject: 'sender', reason: `takes PROFIsafe parameters in slot ${slot}/${subslot}, ${addresses}` },
    { ...safety, subject: 'receiver', reason: `gives PROFIsafe parameters, ${addresses}` },
  ];
}

function observeAnswer(fields: Fields): readonly Observation[] {
  const observations: Observation[] = [...observeModules(fields.modules ?? [], 'sender')];
  const slot = fields.records?.[0]?.slot ?? 0;
  const { orderNumber, serial, hardware, firmware } = fields;
  if (orderNumber !== undefined) {
    const vendor = profinetVendor(fields.vendorId);
    const identity: Identity = known({ vendor, orderNumber, serial, hardware, firmware });
    observations.push(
      slot === 0
        ? { kind: 'identity', subject: 'sender', basis: 'identification', ...identity }
        : { kind: 'module', subject: 'sender', slot, basis: 'identification', ...identity },
    );
  }
  return observations;
}

function observeModules(modules: readonly Module[], subject: 'sender' | 'receiver'): readonly Observation[] {
  const basis = subject === 'sender' ? 'identification' : 'stated';
  return modules
    .filter(({ moduleIdent }) => moduleIdent !== EMPTY)
    .map(({ slot, moduleIdent }) => ({
      kind: 'module',
      subject,
      slot,
      basis,
      product: `module 0x${moduleIdent.toString(16).padStart(8, '0')}`,
    }));
}
