import type { Mutable } from '../../../kit/mutable.ts';
import { type Context, defineDissector, defineOperations, Malformed, NOTHING, type Reading } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { BROKEN, HEADER, readLength, readNumber, SIMULATED, startsApdu } from '../../stack/iec61850.ts';

interface Fields {
  readonly appId: number;
  readonly gocbRef?: string;
  readonly timeAllowedToLive?: number;
  readonly datSet?: string;
  readonly goId?: string | undefined;
  readonly stateTime?: number;
  readonly stNum?: number;
  readonly sqNum?: number;
  readonly simulation?: boolean;
  readonly confRev?: number;
  readonly needsCommissioning?: boolean;
  readonly entries?: number;
}

type State = Mutable<Fields>;

const OPERATIONS = defineOperations({
  change: ['publish new state', 'report'],
  repeat: ['repeat state', 'report'],
  simulate: ['publish simulated state', 'report'],
  manage: ['ask for references', 'discover'],
});

/** IEC 61850-8-1, annex A: the APDUs, and the elements of a GOOSE PDU. */
const MANAGEMENT = 0x60;
const GOOSE = 0x61;
const CONTROL_BLOCK = 0x80;
const TIME_TO_LIVE = 0x81;
const DATA_SET = 0x82;
const GOOSE_ID = 0x83;
const STATE_TIME = 0x84;
const STATE_NUMBER = 0x85;
const SEQUENCE_NUMBER = 0x86;
const SIMULATION = 0x87;
const CONFIGURATION = 0x88;
const NEEDS_COMMISSIONING = 0x89;
const ENTRIES = 0x8a;
const UTC_TIME = 8;
/** A VisibleString129 of edition 2, and some more. */
const LONGEST_NAME = 160;
const MICROS_PER_SECOND = 1e6;
const FRACTIONS = 2 ** 24;
const MICROS_PER_MILLISECOND = 1000;

export const goose = defineDissector<Fields>({
  name: 'goose',
  title: 'GOOSE',
  source: 'IEC 61850-8-1 edition 2, section 18 and annexes A and C',
  at: [{ ethertype: 0x88b8 }],
  operations: OPERATIONS,
  fields: {
    appId: 'Application id, by which receivers filter',
    gocbRef: 'Control block that publishes, with its logical device',
    timeAllowedToLive: 'Milliseconds until the next message must have come',
    datSet: 'Data set whose values are published',
    goId: 'Name of the message as configured',
    stateTime: 'When the state changed, by the clock of the publisher, in microseconds since 1970',
    stNum: 'Number of the state: a change of any value counts it up',
    sqNum: 'Repetition of the state: 0 for a change',
    simulation: 'The message comes from test equipment, or from a publisher that is being tested',
    confRev: 'Revision of the configuration of the data set',
    needsCommissioning: 'The publisher says that its configuration is not complete',
    entries: 'Values in the data set',
  },

  recognise(reader) {
    return startsApdu(reader, GOOSE) || startsApdu(reader, MANAGEMENT) ? 'strong' : 'no';
  },

  read(reader) {
    const appId = reader.u16be();
    const length = reader.u16be();
    const simulated = (reader.u16be() & SIMULATED) !== 0;
    reader.skip(2);
    const tag = reader.u8();
    const size = readLength(reader);
    if (reader.truncated) {
      return { direction: 'report', operation: OPERATIONS.repeat, fields: { appId } };
    }
    if (length < HEADER || size === BROKEN || (tag !== GOOSE && tag !== MANAGEMENT)) {
      return new Malformed('header is followed by no GOOSE or management PDU of definite length');
    }
    // The element's own length decides: that of the header is off by a few octets in devices that work.
    reader.limit(size);
    return tag === GOOSE
      ? readState(reader, appId, simulated, reader.position + size)
      : { direction: 'report', operation: OPERATIONS.manage, fields: { appId } };
  },

  observe,
});

function readState(reader: Reader, appId: number, simulated: boolean, end: number): Reading<Fields> | Malformed {
  const state: State = {
    appId,
    gocbRef: '',
    timeAllowedToLive: 0,
    datSet: '',
    goId: undefined,
    stateTime: 0,
    stNum: -1,
    sqNum: -1,
    simulation: simulated,
    confRev: 0,
    needsCommissioning: false,
    entries: 0,
  };
  let before = 0;
  // The elements come in the order of their tags, so that there are no more of them than there are tags.
  while (reader.remaining > 0 && !reader.truncated) {
    const tag = reader.u8();
    const length = readLength(reader);
    if (!reader.truncated && (tag <= before || length === BROKEN || reader.position + length > end)) {
      return new Malformed('element out of order, or longer than the PDU');
    }
    before = tag;
    const next = reader.position + length;
    readElement(reader, state, tag, length);
    reader.seek(next);
  }
  if (!reader.truncated && (state.stNum === -1 || state.sqNum === -1)) {
    return new Malformed('state number or sequence number is missing');
  }
  const operation = state.simulation ? OPERATIONS.simulate : state.sqNum === 0 ? OPERATIONS.change : OPERATIONS.repeat;
  return { direction: 'report', operation, fields: state };
}

function readElement(reader: Reader, state: State, tag: number, length: number): void {
  switch (tag) {
    case CONTROL_BLOCK:
      state.gocbRef = reader.text(length, 'utf-8', LONGEST_NAME);
      return;
    case TIME_TO_LIVE:
      state.timeAllowedToLive = readNumber(reader, length);
      return;
    case DATA_SET:
      state.datSet = reader.text(length, 'utf-8', LONGEST_NAME);
      return;
    case GOOSE_ID:
      state.goId = reader.text(length, 'utf-8', LONGEST_NAME);
      return;
    case STATE_TIME:
      state.stateTime = length === UTC_TIME ? readTime(reader) : 0;
      return;
    case STATE_NUMBER:
      state.stNum = readNumber(reader, length);
      return;
    case SEQUENCE_NUMBER:
      state.sqNum = readNumber(reader, length);
      return;
    case SIMULATION:
      state.simulation = readNumber(reader, length) !== 0 || state.simulation === true;
      return;
    case CONFIGURATION:
      state.confRev = readNumber(reader, length);
      return;
    case NEEDS_COMMISSIONING:
      state.needsCommissioning = readNumber(reader, length) !== 0;
      return;
    case ENTRIES:
      state.entries = readNumber(reader, length);
      return;
    default:
  }
}

/** Section 8.1.3.6: seconds, a binary fraction of 24 bits, and a quality that says nothing here. */
function readTime(reader: Reader): number {
  const seconds = reader.u32be();
  return seconds * MICROS_PER_SECOND + Math.floor((reader.u24be() * MICROS_PER_SECOND) / FRACTIONS);
}

/** What a publisher promises, once for each of its control blocks. What is simulated tells nothing of the plant. */
function observe(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { appId, stNum, timeAllowedToLive = 0, simulation = true } = reading.fields;
  if (stNum === undefined || simulation || context.recall(appId) === true) {
    return NOTHING;
  }
  context.remember(appId, true);
  const observations: Observation[] = [
    { kind: 'role', subject: 'sender', role: 'rtu', reason: 'publishes GOOSE', basis: 'hint' },
  ];
  if (timeAllowedToLive > 0) {
    // A publisher says how long its word holds, not how often it repeats it; it must repeat within that time.
    const period = timeAllowedToLive * MICROS_PER_MILLISECOND;
    observations.push({ kind: 'cycle', period, timeout: period });
  }
  return observations;
}
