import {
  type Context,
  defineDissector,
  defineOperations,
  type Likeness,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly kind: number;
  readonly command?: number;
  readonly sequence?: number;
  readonly errorCode?: number;
  readonly model?: string;
  readonly modelCode?: number;
}

/** Commands with the numbers of the MC protocol, and those that files are handled with. All others are unknown. */
const OPERATIONS = defineOperations({
  search: ['search', 'discover'],
  readModel: ['read CPU model', 'discover'],
  deviceRead: ['device read', 'read'],
  deviceWrite: ['device write', 'write'],
  remoteRun: ['remote run', 'control'],
  remoteStop: ['remote stop', 'control'],
  remotePause: ['remote pause', 'control'],
  latchClear: ['remote latch clear', 'control'],
  remoteReset: ['remote reset', 'control'],
  unlock: ['remote password unlock', 'authenticate'],
  lock: ['remote password lock', 'authenticate'],
  file: ['file access', 'program'],
  unknown: ['unknown command', 'unknown'],
});

const BY_COMMAND: ReadonlyMap<number, Operation> = new Map([
  [0x0101, OPERATIONS.readModel],
  [0x0121, OPERATIONS.readModel],
  [0x0401, OPERATIONS.deviceRead],
  [0x0403, OPERATIONS.deviceRead],
  [0x0406, OPERATIONS.deviceRead],
  [0x1401, OPERATIONS.deviceWrite],
  [0x1402, OPERATIONS.deviceWrite],
  [0x1406, OPERATIONS.deviceWrite],
  [0x1001, OPERATIONS.remoteRun],
  [0x1002, OPERATIONS.remoteStop],
  [0x1003, OPERATIONS.remotePause],
  [0x1005, OPERATIONS.latchClear],
  [0x1006, OPERATIONS.remoteReset],
  [0x1630, OPERATIONS.unlock],
  [0x1631, OPERATIONS.lock],
]);
/** High byte of the commands that files of the program and the parameters are handled with. */
const FILES = 0x18;

/** First byte of a message; an answer sets the high bit. */
const COMMAND = 0x57;
const SEARCH = 0x5a;
const ANSWER = 0x80;

/** Two bytes of length end this part of the header, and count what follows them. */
const HEADER = 21;
/** From here the second part of the header is as long as its first byte says; the command follows it. */
const INNER = 23;
const SHORTEST = 16;
const LONGEST = 16_384;
const SEARCH_REQUEST = 4;
/** Length of an answer to a search by what was asked for. */
const ADDRESS_ANSWER = 14;
const MODEL_ANSWER = 28;
const MODEL_SEARCH = 0xff;

export const melsoft = defineDissector<Fields>({
  name: 'melsoft',
  title: 'MELSOFT connection',
  source: 'Published research on MELSOFT; command numbers of Mitsubishi Electric SH-080008',
  at: [{ tcp: 5002 }, { tcp: 5007 }, { tcp: 5562 }, { udp: 5006 }, { udp: 5560 }],
  operations: OPERATIONS,
  fields: {
    kind: '87 command, 90 search; an answer has 128 more',
    command: 'What is asked',
    sequence: 'Pairs an answer with its request',
    errorCode: 'Why the controller refuses, in an answer only',
    model: 'Model of the CPU, as the controller states it',
    modelCode: 'Number of the model',
  },

  cut: cutMessage,

  recognise(reader, context): Likeness {
    const total = cutMessage(reader);
    if (total === MORE || total === NOT_MINE || (context.transport === 'udp' && total !== reader.length)) {
      return 'no';
    }
    reader.seek(0);
    const kind = reader.peek(0) & ~ANSWER;
    if (kind === SEARCH) {
      return 'weak';
    }
    const mark = reader.peek(5) === 0x11 && reader.peek(6) === 0x11;
    return mark && reader.length > INNER && reader.peek(INNER) + INNER < total ? 'strong' : 'no';
  },

  read(reader, context) {
    const kind = reader.peek(0);
    if (reader.length > 0 && (kind & ~ANSWER) === SEARCH) {
      return readSearch(reader, kind);
    }
    if (reader.length > 0 && (kind & ~ANSWER) !== COMMAND) {
      return new Malformed(`kind is ${kind}, no command and no search`);
    }
    reader.skip(HEADER - 2);
    reader.limit(reader.u16le());
    return readCommand(reader, kind, context);
  },

  observe(reading, context) {
    const { direction, fields, operation, refused } = reading;
    if (direction === 'request') {
      return operation === OPERATIONS.unlock
        ? [{ kind: 'credential', scheme: 'MELSOFT remote password', secret: 'sent' }]
        : observeClient(context);
    }
    return refused === undefined ? observeServer(fields, context) : NOTHING;
  },
});

function cutMessage(reader: Reader): number {
  const { remaining } = reader;
  if (remaining === 0) {
    return MORE;
  }
  const kind = reader.peek(0);
  if ((kind & ~ANSWER) === SEARCH) {
    return cutSearch(reader, kind);
  }
  if ((kind & ~ANSWER) !== COMMAND) {
    return NOT_MINE;
  }
  if (remaining < HEADER) {
    return MORE;
  }
  const length = reader.peek(HEADER - 2) | (reader.peek(HEADER - 1) << 8);
  return length < SHORTEST || length > LONGEST ? NOT_MINE : HEADER + length;
}

function cutSearch(reader: Reader, kind: number): number {
  if (reader.remaining < SEARCH_REQUEST) {
    return MORE;
  }
  if (reader.peek(1) !== 0 || reader.peek(2) !== 0) {
    return NOT_MINE;
  }
  if (kind === SEARCH) {
    return SEARCH_REQUEST;
  }
  return reader.peek(3) === MODEL_SEARCH ? MODEL_ANSWER : ADDRESS_ANSWER;
}

/** What is looked for follows in one byte; an answer to 0xff has the number of the model, others who asked. */
function readSearch(reader: Reader, kind: number): Reading<Fields> {
  reader.skip(3);
  const wanted = reader.u8();
  const operation = OPERATIONS.search;
  const pair = -1 - wanted;
  if (kind === SEARCH) {
    return { direction: 'request', operation, pair, like: wanted, proves: true, fields: { kind } };
  }
  if (wanted === MODEL_SEARCH) {
    const modelCode = reader.u16le();
    reader.expect(MODEL_ANSWER - SEARCH_REQUEST - 2);
    return { direction: 'response', operation, pair, fields: { kind, modelCode } };
  }
  reader.expect(ADDRESS_ANSWER - SEARCH_REQUEST);
  return { direction: 'response', operation, pair, fields: { kind } };
}

function readCommand(reader: Reader, kind: number, context: Context): Reading<Fields> {
  reader.skip(2);
  const inner = reader.peek();
  reader.skip(2);
  const errorCode = reader.u16le();
  reader.seek(INNER + inner);
  const command = reader.u16be();
  const sequence = reader.u16le();
  reader.skip(2); // number of an open file
  const pair = command * 0x10000 + sequence;
  if ((kind & ANSWER) === 0) {
    const operation = operationOf(command);
    return { direction: 'request', operation, pair, proves: true, fields: { kind, command, sequence } };
  }
  const operation = context.question(pair)?.operation ?? operationOf(command);
  if (errorCode !== 0) {
    const refused = `error 0x${errorCode.toString(16).padStart(4, '0')}`;
    return { direction: 'response', operation, pair, refused, fields: { kind, command, sequence, errorCode } };
  }
  return operation === OPERATIONS.readModel
    ? { direction: 'response', operation, pair, fields: { kind, command, sequence, ...readModel(reader) } }
    : { direction: 'response', operation, pair, fields: { kind, command, sequence } };
}

function operationOf(command: number): Operation {
  return BY_COMMAND.get(command) ?? (command >> 8 === FILES ? OPERATIONS.file : OPERATIONS.unknown);
}

const MODEL = 16;

function readModel(reader: Reader): Pick<Fields, 'model' | 'modelCode'> {
  const model = reader.text(MODEL, 'latin-1').trim();
  return { model, modelCode: reader.u16le() };
}

const CLIENT = 'melsoft.client';
const SERVER = 'melsoft.server';

/** Panels speak it too, so who asks is a programming device only perhaps. */
function observeClient(context: Context): readonly Observation[] {
  if (context.recall(CLIENT) === true) {
    return NOTHING;
  }
  context.remember(CLIENT, true);
  const reason = 'asks as MELSOFT programming software does';
  return [{ kind: 'role', subject: 'sender', role: 'engineering', reason, basis: 'hint' }];
}

function observeServer({ model }: Fields, context: Context): readonly Observation[] {
  const plc = { kind: 'role', subject: 'sender', role: 'plc' } as const;
  if (model) {
    return [
      { kind: 'identity', subject: 'sender', basis: 'identification', ...known({ product: model }) },
      { ...plc, reason: `identifies itself as ${model}`, basis: 'identification' },
    ];
  }
  if (context.recall(SERVER) === true) {
    return NOTHING;
  }
  context.remember(SERVER, true);
  return [{ ...plc, reason: 'answers MELSOFT', basis: 'behaviour' }];
}
