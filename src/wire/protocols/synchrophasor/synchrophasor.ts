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
import { LONG_TEXT } from '../../text.ts';
import { readStations, type Station } from './configuration.ts';
import { isSound } from './crc.ts';

interface Fields {
  readonly frameType: number;
  readonly version: number;
  readonly idCode: number;
  readonly seconds: number;
  readonly fraction: number;
  readonly status?: number;
  readonly command?: number;
  readonly text?: string;
  readonly part?: number;
  readonly timeBase?: number;
  readonly stations?: readonly Station[];
  readonly dataRate?: number;
}

type Draft = ReadingDraft<Fields>;

const OPERATIONS = defineOperations({
  data: ['data', 'report'],
  header: ['read header', 'discover'],
  configuration1: ['read configuration 1', 'discover'],
  configuration2: ['read configuration 2', 'discover'],
  configuration3: ['read configuration 3', 'discover'],
  stop: ['stop data', 'session'],
  start: ['start data', 'session'],
  extended: ['extended command', 'unknown'],
  unknown: ['unknown command', 'unknown'],
});

/** IEEE C37.118.2, table 2: the header; the check sum closes each frame. */
const SYNC = 0xaa;
const HEADER = 14;
const CHECK = 2;
const SIZE_END = 4;
const LEAST = HEADER + CHECK;
const FRACTION_BITS = 0x00ff_ffff;
const RESERVED_BIT = 0x80;
const HIGHEST_VERSION = 3;
const VERSION_BITS = 0x0f;

const DATA = 0;
const HEADER_FRAME = 1;
const COMMAND = 4;
const CONFIGURATION_3 = 5;

const PAIRS = 8;
const TCP_PORT = 4712;
const UDP_PORT = 4713;
/** Section 6.2.5, table 15. */
const COMMANDS: readonly (Operation | undefined)[] = [
  undefined,
  OPERATIONS.stop,
  OPERATIONS.start,
  OPERATIONS.header,
  OPERATIONS.configuration1,
  OPERATIONS.configuration2,
  OPERATIONS.configuration3,
  undefined,
  OPERATIONS.extended,
];
/** The frame that answers a command, by its number. */
const ANSWERS: readonly (number | undefined)[] = [undefined, undefined, undefined, HEADER_FRAME, 2, 3, CONFIGURATION_3];
/** What a frame answers, by its type. */
const ANSWERED: readonly Operation[] = [
  OPERATIONS.data,
  OPERATIONS.header,
  OPERATIONS.configuration1,
  OPERATIONS.configuration2,
  OPERATIONS.unknown,
  OPERATIONS.configuration3,
];
/** Table 11: a configuration 3 of one frame. */
const ONLY_PART = 0;

const MICROSECONDS = 1_000_000;
const ROLE_SAID = 'role';

export const synchrophasor = defineDissector<Fields>({
  name: 'synchrophasor',
  title: 'Synchrophasors (IEEE C37.118)',
  source: 'IEEE C37.118.2-2011, section 6; IEEE C37.118-2005',
  at: [{ tcp: TCP_PORT }, { udp: UDP_PORT }],
  operations: OPERATIONS,
  fields: {
    frameType: 'Kind of frame: 0 data, 1 header, 2 configuration 1, 3 configuration 2, 4 command, 5 configuration 3',
    version: 'Version of the standard: 1 of 2005, 2 of 2011',
    idCode: 'Number of the stream; in a command, of the stream it is for',
    seconds: 'Seconds since 1970, UTC',
    fraction: 'Fraction of the second, in units of the time base',
    status: 'Bits of the first station: 0x8000 and 0x4000 data error, 0x2000 not in step with UTC, 0x0800 triggered',
    command: 'Number of the command',
    text: 'Description, as written by people',
    part: 'Which part of a configuration 3 this is: 0 the only one, 65535 the last',
    timeBase: 'Units in a second',
    stations: 'Stations in the stream, with the names of their first channels',
    dataRate: 'Frames in a second; negative: seconds between two frames',
  },

  cut(reader) {
    if (reader.remaining > 0 && !begins(reader)) {
      return NOT_MINE;
    }
    return reader.remaining < SIZE_END ? MORE : sizeOf(reader) < LEAST ? NOT_MINE : sizeOf(reader);
  },

  recognise(reader, context) {
    if (reader.remaining < SIZE_END || !begins(reader) || sizeOf(reader) < LEAST) {
      return 'no';
    }
    const size = sizeOf(reader);
    if (size <= reader.remaining) {
      return isSound(reader, size) ? 'strong' : onPort(context) ? 'weak' : 'no';
    }
    // A datagram holds its frame whole; of a stream, more may come.
    return context.transport === 'tcp' ? 'weak' : 'no';
  },

  read(reader, context) {
    const sync = reader.u8();
    const kind = reader.u8();
    const size = reader.u16be();
    const frameType = kind >> 4;
    if (!reader.truncated && (sync !== SYNC || frameType > CONFIGURATION_3 || size < LEAST)) {
      return new Malformed('no synchronisation word, or a size that no frame has');
    }
    reader.limit(size - SIZE_END);
    const idCode = reader.u16be();
    const seconds = reader.u32be();
    const fraction = reader.u32be() & FRACTION_BITS;
    const reading: Draft = {
      direction: 'report',
      operation: OPERATIONS.data,
      fields: { frameType, version: kind & VERSION_BITS, idCode, seconds, fraction },
    };
    if (frameType === DATA) {
      if (reader.remaining > CHECK) {
        reading.fields.status = reader.u16be();
      }
    } else if (frameType === COMMAND) {
      readCommand(reader, reading);
    } else {
      readDescription(reader, reading, context);
    }
    reader.expect(CHECK);
    return reading;
  },

  observe(reading, context) {
    const { stations } = reading.fields;
    if (stations) {
      return describe(reading.fields, stations, context);
    }
    const role = reading.direction === 'request' ? 'scada' : 'rtu';
    if ((reading.fields.frameType !== COMMAND && reading.fields.frameType !== DATA) || context.recall(role)) {
      return NOTHING;
    }
    context.remember(role, true);
    return role === 'scada'
      ? [{ kind: 'role', subject: 'sender', role, reason: 'asks for synchrophasors', basis: 'hint' }]
      : context.recall(ROLE_SAID)
        ? NOTHING
        : [{ kind: 'role', subject: 'sender', role, reason: 'sends synchrophasors', basis: 'hint' }];
  },
});

function readCommand(reader: Reader, reading: Draft): void {
  const command = reader.u16be();
  const { fields } = reading;
  const answer = ANSWERS[command];
  fields.command = command;
  reading.direction = 'request';
  reading.operation = COMMANDS[command] ?? OPERATIONS.unknown;
  reading.proves = true;
  reading.like = command;
  if (answer !== undefined) {
    reading.pair = fields.idCode * PAIRS + answer;
  }
}

function readDescription(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  const pair = fields.idCode * PAIRS + fields.frameType;
  reading.operation = ANSWERED[fields.frameType] ?? OPERATIONS.unknown;
  // Configurations are also sent unasked, when they change or at intervals.
  if (context.question(pair)) {
    reading.direction = 'response';
    reading.pair = pair;
  }
  if (fields.frameType === HEADER_FRAME) {
    fields.text = reader.text(Math.max(0, reader.remaining - CHECK), 'utf-8', LONG_TEXT);
    return;
  }
  const free = fields.frameType === CONFIGURATION_3;
  if (free) {
    fields.part = reader.u16be();
    if (fields.part !== ONLY_PART) {
      // A later part begins in the midst of a station.
      reader.skip(Math.max(0, reader.remaining - CHECK));
      return;
    }
  }
  // The high byte is flags, all reserved.
  fields.timeBase = reader.u32be() & FRACTION_BITS;
  fields.stations = readStations(reader, reader.u16be(), free);
  fields.dataRate = reader.i16be();
}

/** What a configuration says, once in a conversation for each stream: of one station the sender itself, of several those behind it. */
function describe(fields: Fields, stations: readonly Station[], context: Context): readonly Observation[] {
  const key = fields.idCode * PAIRS + fields.frameType;
  if (context.recall(key) !== undefined) {
    return NOTHING;
  }
  context.remember(key, true);
  context.remember(ROLE_SAID, true);
  const observations: Observation[] = clock(fields);
  const [only] = stations;
  if (only && stations.length === 1) {
    observations.push(
      { kind: 'identity', subject: 'sender', ...known({ name: only.name }), basis: 'identification' },
      { kind: 'role', subject: 'sender', role: 'rtu', reason: 'measures synchrophasors', basis: 'behaviour' },
    );
    return observations;
  }
  for (const { idCode, name } of stations) {
    observations.push({
      kind: 'behind',
      subject: 'sender',
      device: `pmu ${idCode}`,
      ...known({ name }),
      basis: 'stated',
    });
  }
  if (stations.length > 0) {
    const reason = `concentrates synchrophasors of ${stations.length} stations`;
    observations.push({ kind: 'role', subject: 'sender', role: 'gateway', reason, basis: 'behaviour' });
  }
  return observations;
}

function clock({ seconds, fraction, timeBase }: Fields): Observation[] {
  if (!timeBase) {
    return [];
  }
  const stated = seconds * MICROSECONDS + Math.round((fraction * MICROSECONDS) / timeBase);
  return [{ kind: 'clock', stated, source: 'IEEE C37.118' }];
}

function begins(reader: Reader): boolean {
  if (reader.peek(0) !== SYNC) {
    return false;
  }
  const kind = reader.peek(1);
  const version = kind & VERSION_BITS;
  const fits = (kind & RESERVED_BIT) === 0 && kind >> 4 <= CONFIGURATION_3;
  return reader.remaining === 1 || (fits && version > 0 && version <= HIGHEST_VERSION);
}

function sizeOf(reader: Reader): number {
  return (reader.peek(2) << 8) | reader.peek(3);
}

function onPort({ sourcePort, destinationPort }: Context): boolean {
  return [sourcePort, destinationPort].some((port) => port === TCP_PORT || port === UDP_PORT);
}
