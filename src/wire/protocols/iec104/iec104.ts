import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  type Direction,
  defineDissector,
  type Likeness,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { sideOf } from '../../stack/side.ts';
import { isFile, isMonitored, OPERATIONS, qualifierOffset, READ, typeOf } from './types.ts';

interface Fields {
  readonly frameType: 'I' | 'S' | 'U';
  readonly typeId?: number;
  readonly cause?: number;
  readonly commonAddress?: number;
  readonly originator?: number;
  readonly objects?: number;
  readonly objectAddress?: number;
  readonly select?: boolean;
  readonly test?: boolean;
  readonly function?: number;
}

type Message = Mutable<Reading<Fields>>;
type AsduFields = Mutable<Fields>;

/** IEC 60870-5-104, clause 5: start, length of what follows, four control octets. */
const START = 0x68;
const PREFIX = 2;
const CONTROL = 4;
const HEADER = PREFIX + CONTROL;
const LONGEST = 253;
/** Type, qualifier, cause, originator, common address; then object addresses of three octets. */
const ASDU_HEADER = 6;
const OBJECT_ADDRESS = 3;

const SUPERVISORY = 1;
const UNNUMBERED = 3;

const START_ACT = 0x07;
const START_CON = 0x0b;
const STOP_ACT = 0x13;
const STOP_CON = 0x23;
const TEST_ACT = 0x43;
const TEST_CON = 0x83;

/** IEC 60870-5-101, clause 7.2.3. */
const CAUSE = 0x3f;
const NEGATIVE = 0x40;
const TEST = 0x80;
const REQUESTED = 5;
const ACTIVATION = 6;
const ACTIVATION_CONFIRMATION = 7;
const DEACTIVATION = 8;
const DEACTIVATION_CONFIRMATION = 9;
const ACTIVATION_TERMINATION = 10;
const UNKNOWN_TYPE = 44;
const UNKNOWN_OBJECT = 47;

const ERRORS: ReadonlyMap<number, string> = new Map([
  [44, 'unknown type'],
  [45, 'unknown cause'],
  [46, 'unknown common address'],
  [47, 'unknown object address'],
]);

/** One structure for all objects, which then have consecutive addresses. */
const IN_SEQUENCE = 0x80;
const COUNT = 0x7f;
const SELECT = 0x80;
const ALL_STATIONS = 0xffff;

export const iec104 = defineDissector<Fields>({
  name: 'iec104',
  title: 'IEC 60870-5-104',
  source: 'IEC 60870-5-104:2006; IEC 60870-5-101:2003',
  at: [{ tcp: 2404 }],
  operations: OPERATIONS,
  fields: {
    frameType: 'I information, S acknowledgement, U control of the connection',
    typeId: 'What the ASDU holds; I frames only',
    cause: 'Cause of transmission, without its test and negative bits',
    commonAddress: 'The station, or part of one, spoken of; 65535 all',
    originator: 'Which controlling station asked; 0 where unused',
    objects: 'Number of information objects',
    objectAddress: 'Address of the first information object',
    select: 'The command only selects; another one executes',
    test: 'Sent for a test',
    function: 'First control octet of a U frame',
  },

  cut(reader) {
    const { remaining } = reader;
    if (remaining > 0 && reader.peek(0) !== START) {
      return NOT_MINE;
    }
    const length = reader.peek(1);
    if (remaining > 1 && (length < CONTROL || length > LONGEST)) {
      return NOT_MINE;
    }
    if (remaining < HEADER) {
      return MORE;
    }
    return fits(reader) ? PREFIX + length : NOT_MINE;
  },

  recognise(reader) {
    const length = reader.peek(1);
    if (reader.remaining < HEADER || reader.peek(0) !== START || length < CONTROL || length > LONGEST) {
      return 'no';
    }
    if (!fits(reader)) {
      return 'no';
    }
    switch (reader.peek(2) & 3) {
      case UNNUMBERED:
        return 'strong';
      case SUPERVISORY:
        return 'weak';
      default:
        return likenessOfAsdu(reader, length - CONTROL);
    }
  },

  read(reader, context) {
    const start = reader.u8();
    const length = reader.u8();
    if (start !== START && !reader.truncated) {
      return new Malformed('does not start with 0x68');
    }
    if (length < CONTROL && !reader.truncated) {
      return new Malformed('length lacks the control octets');
    }
    reader.limit(length);
    const control = reader.peek(0);
    if (reader.remaining >= CONTROL && !fits(reader, -PREFIX, length)) {
      return new Malformed('control octets do not fit their frame type');
    }
    reader.skip(CONTROL);
    if ((control & 1) === 0) {
      return readAsdu(reader, context);
    }
    return (control & 3) === SUPERVISORY
      ? { direction: 'report', operation: OPERATIONS.acknowledge, fields: { frameType: 'S' } }
      : readUnnumbered(control, context);
  },

  observe(reading, context) {
    const { direction, fields } = reading;
    const { commonAddress = 0 } = fields;
    const isStation = direction === 'response' || isMonitored(fields.typeId ?? 0);
    const isSingle = commonAddress > 0 && commonAddress < ALL_STATIONS;
    if (!isStation || !isSingle || direction === 'request' || context.recall(commonAddress) !== undefined) {
      return NOTHING;
    }
    // A station that says it does not know the address has none of that name.
    return (fields.cause ?? 0) >= UNKNOWN_TYPE ? NOTHING : observeStation(commonAddress, context);
  },
});

/** Clause 5.1: bits of the control octets that are fixed, by frame type. */
function fits(reader: Reader, from = 0, length = reader.peek(1)): boolean {
  const first = reader.peek(from + PREFIX);
  const second = reader.peek(from + PREFIX + 1);
  const third = reader.peek(from + PREFIX + 2);
  if ((third & 1) !== 0) {
    return false;
  }
  if ((first & 1) === 0) {
    return true;
  }
  if (length !== CONTROL || second !== 0) {
    return false;
  }
  if ((first & 3) === SUPERVISORY) {
    return first === SUPERVISORY;
  }
  return operationOfUnnumbered(first) !== undefined && third === 0 && reader.peek(from + PREFIX + 3) === 0;
}

/** Strong where the length is what type and number of objects make it. */
function likenessOfAsdu(reader: Reader, length: number): Likeness {
  if (reader.remaining < HEADER + ASDU_HEADER || length < ASDU_HEADER + OBJECT_ADDRESS) {
    return 'no';
  }
  const type = typeOf(reader.peek(HEADER));
  const cause = reader.peek(HEADER + 2) & CAUSE;
  const count = reader.peek(HEADER + 1);
  if (!type || cause === 0 || cause > UNKNOWN_OBJECT) {
    return 'no';
  }
  if (type.size < 0) {
    return 'weak';
  }
  return (count & COUNT) > 0 && length - ASDU_HEADER === lengthOfObjects(count, type.size) ? 'strong' : 'no';
}

function lengthOfObjects(qualifier: number, size: number): number {
  const count = qualifier & COUNT;
  return (qualifier & IN_SEQUENCE) === 0 ? count * (OBJECT_ADDRESS + size) : OBJECT_ADDRESS + count * size;
}

function operationOfUnnumbered(control: number): Operation | undefined {
  switch (control) {
    case START_ACT:
    case START_CON:
      return OPERATIONS.startTransfer;
    case STOP_ACT:
    case STOP_CON:
      return OPERATIONS.stopTransfer;
    case TEST_ACT:
    case TEST_CON:
      return OPERATIONS.testFrame;
    default:
      return undefined;
  }
}

function readUnnumbered(control: number, context: Context): Reading<Fields> {
  const asks = control === START_ACT || control === STOP_ACT || control === TEST_ACT;
  const operation = operationOfUnnumbered(control) ?? OPERATIONS.unknown;
  // Either station may test, and both may do so at once.
  const asker = asks ? sideOf(context) : 1 - sideOf(context);
  const act = asks ? control : control === START_CON ? START_ACT : control === STOP_CON ? STOP_ACT : TEST_ACT;
  return {
    direction: asks ? 'request' : 'response',
    operation,
    proves: act !== TEST_ACT,
    pair: -(act * 2 + asker),
    fields: { frameType: 'U', function: control },
  };
}

function readAsdu(reader: Reader, context: Context): Reading<Fields> {
  const typeId = reader.u8();
  const qualifier = reader.u8();
  const reason = reader.u8();
  const originator = reader.u8();
  const commonAddress = reader.u16le();
  const count = qualifier & COUNT;
  const type = typeOf(typeId);
  if (type) {
    reader.expect(type.size < 0 ? OBJECT_ADDRESS : lengthOfObjects(qualifier, type.size));
  }
  const objectAddress = count > 0 ? reader.u24le() : 0;
  const cause = reason & CAUSE;
  const fields: AsduFields = {
    frameType: 'I',
    typeId,
    cause,
    commonAddress,
    originator,
    objects: count,
    objectAddress,
  };
  if ((reason & TEST) !== 0) {
    fields.test = true;
  }
  const offset = qualifierOffset(typeId);
  if (offset !== undefined && (reader.peek(offset) & SELECT) !== 0) {
    fields.select = true;
  }
  reader.rest();
  const reading: Message = {
    direction: 'report',
    operation: type?.operation ?? OPERATIONS.unknown,
    proves: false,
    fields,
  };
  aim(reading, { typeId, cause, commonAddress, objectAddress }, context);
  if (reading.direction === 'response') {
    const refused = ERRORS.get(cause) ?? ((reason & NEGATIVE) === 0 ? undefined : 'not carried out');
    if (refused !== undefined) {
      reading.refused = refused;
    }
  }
  return reading;
}

interface Address {
  readonly typeId: number;
  readonly cause: number;
  readonly commonAddress: number;
  readonly objectAddress: number;
}

/** Direction and pair: activation, its confirmation, its termination; a read and the value it asked for. */
function aim(reading: Message, address: Address, context: Context): void {
  const { typeId, cause } = address;
  if (isMonitored(typeId) && cause < UNKNOWN_TYPE) {
    const pair = pairOf(READ, address.commonAddress, address.objectAddress);
    if (cause === REQUESTED && context.question(pair) !== undefined) {
      reading.direction = 'response';
      reading.operation = OPERATIONS.read;
      reading.pair = pair;
    }
    return;
  }
  if (isFile(typeId) && cause < UNKNOWN_TYPE) {
    reading.direction = context.fromClient ? 'request' : 'report';
    return;
  }
  reading.direction = directionOf(cause, context);
  reading.proves = reading.direction !== 'report' && cause !== REQUESTED && typeOf(typeId) !== undefined;
  if (reading.direction === 'request') {
    reading.pair = pairOf(typeId, address.commonAddress, address.objectAddress);
    reading.like = reading.pair;
  } else if (reading.direction === 'response' && cause !== ACTIVATION_TERMINATION) {
    reading.pair = answeredBy(address, context);
  }
}

function directionOf(cause: number, context: Context): Direction {
  switch (cause) {
    case ACTIVATION:
    case DEACTIVATION:
      return 'request';
    case ACTIVATION_CONFIRMATION:
    case DEACTIVATION_CONFIRMATION:
    case ACTIVATION_TERMINATION:
      return 'response';
    case REQUESTED:
      return context.fromClient ? 'request' : 'report';
    default:
      return cause >= UNKNOWN_TYPE && cause <= UNKNOWN_OBJECT ? 'response' : 'report';
  }
}

function pairOf(typeId: number, commonAddress: number, objectAddress: number): number {
  return (typeId * 65_536 + commonAddress) * 0x100_0000 + objectAddress;
}

/** A question to all stations is answered by each under its own address. */
function answeredBy({ typeId, commonAddress, objectAddress }: Address, context: Context): number {
  const own = pairOf(typeId, commonAddress, objectAddress);
  const all = pairOf(typeId, ALL_STATIONS, objectAddress);
  return context.question(own) === undefined && context.question(all) !== undefined ? all : own;
}

/** The station heard first in a connection is the device itself; further ones are behind it. */
const OWN = 'own station';

function observeStation(commonAddress: number, context: Context): readonly Observation[] {
  context.remember(commonAddress, true);
  if (context.recall(OWN) === undefined) {
    context.remember(OWN, commonAddress);
    const reason = 'answers as an IEC 60870-5-104 station';
    return [{ kind: 'role', subject: 'sender', role: 'rtu', reason, basis: 'behaviour' }];
  }
  const device = `station ${commonAddress}`;
  return [{ kind: 'behind', subject: 'sender', device, basis: 'identification' }];
}
