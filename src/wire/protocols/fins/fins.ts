import {
  type Context,
  defineDissector,
  Malformed,
  NOTHING,
  type Operation,
  type PairKey,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import {
  BY_CODE,
  CLOCK_READ,
  CLOCK_WRITE,
  CONNECTION_DATA,
  CONTROLLER_DATA,
  CONTROLLER_STATUS,
  MEMORY_TRANSFER,
  OPERATIONS,
  PARAMETER_TRANSFER,
  refusalOf,
} from './commands.ts';

interface Fields {
  readonly commandCode: number;
  readonly serviceId: number;
  readonly destination: number;
  readonly source: number;
  readonly endCode?: number;
  readonly area?: number;
  readonly address?: number;
  readonly bit?: number;
  readonly count?: number;
  readonly parameter?: number;
  readonly model?: string;
  readonly version?: string;
  readonly units?: readonly Unit[];
  readonly status?: string;
  readonly mode?: string;
  readonly clock?: string;
}

interface Unit {
  readonly address: number;
  readonly model: string;
}

const COMMAND = 12;
/** W342, section 5-1-2: bits of the information control field. */
const RESPONSE = 0x40;
const NO_RESPONSE = 0x01;
const UNUSED_BITS = 0x3e;
/** Frames cross at most seven networks. */
const MOST_GATEWAYS = 7;

export const fins = defineDissector<Fields>({
  name: 'fins',
  title: 'FINS',
  source: 'Omron W342, Communications Commands Reference Manual, section 5',
  at: [{ udp: 9600 }, { within: 'fins_tcp' }],
  whole: false,
  operations: OPERATIONS,
  fields: {
    commandCode: 'Main and sub request code',
    serviceId: 'Pairs a response with its request',
    destination: 'Network, node and unit of the receiver, a byte each',
    source: 'Network, node and unit of the sender, a byte each',
    endCode: 'Result, in a response only; 0 is success',
    area: 'Code of the memory area, in a request',
    address: 'First word in the memory area',
    bit: 'Bit within the first word',
    count: 'How many items are read or written',
    parameter: 'What part of the controller data is asked for, or which way a file goes',
    model: 'Model of the controller',
    version: 'Version of the controller',
    units: 'Units of the controller by their unit address',
    status: 'Operating status that the controller states',
    mode: 'Operating mode that the controller states',
    clock: 'Time that is stated or set, in the local time of the controller',
  },

  recognise(reader) {
    const control = reader.peek(0);
    const command = (reader.peek(10) << 8) | reader.peek(11);
    const header = (control & UNUSED_BITS) === 0 && control >= 0x80 && reader.peek(1) === 0;
    const fits = header && reader.peek(2) <= MOST_GATEWAYS && reader.length >= COMMAND;
    const answers = (control & RESPONSE) !== 0;
    return fits && BY_CODE.has(command) && (!answers || reader.length >= COMMAND + 2) ? 'weak' : 'no';
  },

  read(reader, context) {
    const control = reader.u8();
    reader.skip(2); // reserved, gateways still allowed
    const destination = reader.u24be();
    const source = reader.u24be();
    const serviceId = reader.u8();
    const commandCode = reader.u16be();
    if ((control & UNUSED_BITS) !== 0) {
      return new Malformed('information control field has bits that are not defined');
    }
    const header = { commandCode, serviceId, destination, source };
    return control & RESPONSE
      ? readResponse(reader, header, context)
      : readRequest(reader, header, (control & NO_RESPONSE) !== 0);
  },

  observe(reading, context) {
    const { direction, fields, operation } = reading;
    if (direction !== 'response') {
      return observeRequest(operation, fields);
    }
    const observations = reading.refused === undefined ? statementsOf(fields) : [];
    const behind = observeBehind(fields, context);
    return observations.length + behind.length > 0 ? [...observations, ...behind] : observeServer(reading, context);
  },
});

interface Header {
  readonly commandCode: number;
  readonly serviceId: number;
  readonly destination: number;
  readonly source: number;
}

/** Nodes are no part of it: node 0 means the one addressed, which answers with its own number. The asking unit stays. */
function pairOf(commandCode: number, serviceId: number, asker: number): PairKey {
  return ((asker & 0xff) * 0x10000 + commandCode) * 0x100 + serviceId;
}

/** Commands whose request begins with an area, a word, a bit and a number of items. */
const MEMORY_COMMANDS: ReadonlySet<number> = new Set([0x0101, 0x0102, 0x0103]);
const PARAMETER_AREA_COMMANDS: ReadonlySet<number> = new Set([0x0201, 0x0202, 0x0203]);
const TO_CONTROLLER = 1;

function readRequest(reader: Reader, header: Header, unanswered: boolean): Reading<Fields> {
  const { commandCode, serviceId, destination, source } = header;
  const operation = BY_CODE.get(commandCode) ?? OPERATIONS.unknown;
  const direction = 'request';
  const pair = unanswered ? undefined : pairOf(commandCode, serviceId, source);
  if (MEMORY_COMMANDS.has(commandCode)) {
    const area = reader.u8();
    const address = reader.u16be();
    const bit = reader.u8();
    const count = reader.u16be();
    const like = (area * 0x10000 + address) * 0x10000 + count;
    const fields = { commandCode, serviceId, destination, source, area, address, bit, count };
    if (pair !== undefined && !isBehind(destination, source)) {
      return { direction, operation, pair, like, proves: true, fields };
    }
    return { direction, operation, ...pairing(pair), like, ...targetOf(destination, source), proves: true, fields };
  }
  const said = readParameters(reader, commandCode);
  return {
    direction,
    operation: transferOf(operation, said.parameter),
    ...pairing(pair),
    ...targetOf(destination, source),
    proves: true,
    fields: { ...header, ...said },
  };
}

function pairing(pair: PairKey | undefined): { readonly pair?: PairKey } {
  return pair === undefined ? {} : { pair };
}

/** A node of another network is behind the one who is asked. Network 0 is the local one. */
function isBehind(node: number, peer: number): boolean {
  return node >> 16 !== 0 && node >> 16 !== peer >> 16;
}

function targetOf(destination: number, source: number): { readonly target?: string } {
  return isBehind(destination, source) ? { target: addressText(destination) } : {};
}

function addressText(address: number): string {
  return `fins ${address >> 16}.${(address >> 8) & 0xff}.${address & 0xff}`;
}

function readParameters(reader: Reader, commandCode: number): Partial<Fields> {
  if (PARAMETER_AREA_COMMANDS.has(commandCode)) {
    return { area: reader.u16be(), address: reader.u16be(), count: reader.u16be() & 0x7fff };
  }
  switch (commandCode) {
    case CONTROLLER_DATA:
      return reader.remaining > 0 ? { parameter: reader.u8() } : {};
    case MEMORY_TRANSFER:
    case PARAMETER_TRANSFER:
      return { parameter: reader.u16be() };
    case CLOCK_WRITE:
      return readClock(reader);
    default:
      return {};
  }
}

function transferOf(operation: Operation, parameter: number | undefined): Operation {
  if (parameter !== TO_CONTROLLER) {
    return operation;
  }
  if (operation === OPERATIONS.memoryToFile) {
    return OPERATIONS.fileToMemory;
  }
  return operation === OPERATIONS.parametersToFile ? OPERATIONS.fileToParameters : operation;
}

function readResponse(reader: Reader, header: Header, context: Context): Reading<Fields> {
  const { commandCode, serviceId, destination, source } = header;
  const pair = pairOf(commandCode, serviceId, destination);
  const question = context.question(pair);
  const operation = question?.operation ?? BY_CODE.get(commandCode) ?? OPERATIONS.unknown;
  const endCode = reader.u16be();
  const refused = refusalOf(endCode);
  if (refused !== undefined) {
    const fields = { commandCode, serviceId, destination, source, endCode };
    return { direction: 'response', operation, pair, refused, fields };
  }
  const statement = STATEMENTS.get(commandCode)?.(reader);
  const fields =
    statement === undefined
      ? { commandCode, serviceId, destination, source, endCode }
      : { commandCode, serviceId, destination, source, endCode, ...statement };
  return { direction: 'response', operation, pair, fields };
}

const STATEMENTS: ReadonlyMap<number, (reader: Reader) => Partial<Fields>> = new Map([
  [CONTROLLER_DATA, readControllerData],
  [CONNECTION_DATA, readConnectionData],
  [CONTROLLER_STATUS, readStatus],
  [CLOCK_READ, readClock],
]);

const NAME = 20;

/** Section 5-3-17. The second half, asked for alone, has no names: what begins with no letter is none. */
function readControllerData(reader: Reader): Partial<Fields> {
  if (reader.remaining < 2 * NAME || !isPrintable(reader.peek())) {
    return {};
  }
  const model = reader.text(NAME, 'latin-1').trim();
  const version = reader.sub(NAME).textZ('latin-1').trim();
  return { model, version };
}

function isPrintable(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

/** Section 5-3-18: a number whose high bit says that these are the last, then address and model of each unit. */
function readConnectionData(reader: Reader): Partial<Fields> {
  const units: Unit[] = [];
  reader.repeat(reader.u8() & 0x7f, () => {
    units.push({ address: reader.u8(), model: reader.text(NAME, 'latin-1').trim() });
  });
  return { units };
}

const STATUSES: ReadonlyMap<number, string> = new Map([
  [0x00, 'stop'],
  [0x01, 'run'],
  [0x80, 'standby'],
]);
const MODES: ReadonlyMap<number, string> = new Map([
  [0, 'PROGRAM'],
  [1, 'DEBUG'],
  [2, 'MONITOR'],
  [4, 'RUN'],
]);

function readStatus(reader: Reader): Partial<Fields> {
  const status = reader.u8();
  const mode = reader.u8();
  return { status: STATUSES.get(status) ?? `status ${status}`, mode: MODES.get(mode) ?? `mode ${mode}` };
}

/** Two decimal digits a byte: year, month, day, hour, minute; second and weekday may be left out when it is set. */
function readClock(reader: Reader): Partial<Fields> {
  const digits = [reader.u8(), reader.u8(), reader.u8(), reader.u8(), reader.u8(), reader.peek()].map(decimal);
  reader.rest();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits;
  // Two digits below 98 are of this century (section 5-3-23).
  const time = Date.UTC(year < 98 ? 2000 + year : 1900 + year, month - 1, day, hour, minute, second);
  const exists = month >= 1 && month <= 12 && new Date(time).getUTCDate() === day;
  return exists ? { clock: new Date(time).toISOString().slice(0, -5) } : {};
}

/** NaN where it is no pair of decimal digits. */
function decimal(byte: number): number {
  const high = byte >> 4;
  const low = byte & 0x0f;
  return high > 9 || low > 9 ? Number.NaN : high * 10 + low;
}

function observeRequest(operation: Operation, { clock }: Fields): readonly Observation[] {
  if (operation === OPERATIONS.programProtect || operation === OPERATIONS.programUnprotect) {
    return [{ kind: 'credential', scheme: 'FINS program password', secret: 'sent' }];
  }
  return clock === undefined ? NOTHING : [clockOf(clock)];
}

function clockOf(clock: string): Observation {
  return { kind: 'clock', stated: Date.parse(`${clock}Z`) * 1000, source: 'FINS clock' };
}

const PLC = { kind: 'role', subject: 'sender', role: 'plc' } as const;

/** What the answering device says of itself; a device in another network is told as one behind the sender. */
function statementsOf({ model, version, units = [], clock, source, destination }: Fields): readonly Observation[] {
  if (isBehind(source, destination)) {
    return NOTHING;
  }
  const observations: Observation[] = [];
  if (model) {
    const identity = known({ product: model, firmware: version });
    observations.push(
      { kind: 'identity', subject: 'sender', basis: 'identification', ...identity },
      { ...PLC, reason: `identifies itself as ${model}`, basis: 'identification' },
    );
  }
  for (const unit of units) {
    const product = known({ product: unit.model });
    observations.push({ kind: 'module', subject: 'sender', slot: unit.address, basis: 'identification', ...product });
  }
  if (clock !== undefined) {
    observations.push(clockOf(clock));
  }
  return observations;
}

function observeBehind({ source, destination, model, version }: Fields, context: Context): readonly Observation[] {
  if (!isBehind(source, destination) || (model === undefined && context.recall(source) === true)) {
    return NOTHING;
  }
  context.remember(source, true);
  const identity = known({ product: model, firmware: version });
  return [{ kind: 'behind', subject: 'sender', device: addressText(source), basis: 'identification', ...identity }];
}

const SERVER = 'fins.server';

function observeServer({ operation, refused }: Reading<Fields>, context: Context): readonly Observation[] {
  if (refused !== undefined || context.recall(SERVER) === true) {
    return NOTHING;
  }
  context.remember(SERVER, true);
  return [{ ...PLC, reason: `answers FINS (${operation.name})`, basis: 'behaviour' }];
}
