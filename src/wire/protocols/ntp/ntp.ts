import type { Micros } from '../../../kit/time.ts';
import {
  type Context,
  type Direction,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { ipv4Text } from '../../format.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { LONG_TEXT } from '../../text.ts';

interface Fields {
  readonly version: number;
  readonly mode: number;
  readonly leap?: number;
  readonly stratum?: number;
  readonly reference?: string;
  readonly transmitTime?: Micros;
  readonly opcode?: number;
  readonly association?: number;
  readonly variables?: string;
  readonly implementation?: number;
  readonly requestCode?: number;
}

const OPERATIONS = defineOperations({
  time: ['time', 'read'],
  peer: ['peer synchronisation', 'report'],
  broadcast: ['broadcast time', 'report'],
  readStatus: ['read status', 'read'],
  readVariables: ['read variables', 'read'],
  writeVariables: ['write variables', 'configure'],
  readClock: ['read clock variables', 'read'],
  writeClock: ['write clock variables', 'configure'],
  setTrap: ['set trap', 'configure'],
  trap: ['trap', 'report'],
  configure: ['configure at run time', 'configure'],
  saveConfiguration: ['save configuration', 'configure'],
  readClients: ['read clients', 'read'],
  readList: ['read ordered list', 'read'],
  requestNonce: ['request nonce', 'read'],
  unsetTrap: ['unset trap', 'configure'],
  privateRead: ['private read', 'read'],
  privateConfigure: ['private configuration', 'configure'],
  unknown: ['unknown request', 'unknown'],
});

/** Modes (RFC 5905, section 7.3); 0 was used by clients of version 1 and is a client still. */
const SYMMETRIC_ACTIVE = 1;
const SYMMETRIC_PASSIVE = 2;
const SERVER = 4;
const BROADCAST = 5;
const CONTROL = 6;
const PRIVATE = 7;

/** Control messages (RFC 9327, section 3). */
const CONTROLS: ReadonlyMap<number, Operation> = new Map([
  [1, OPERATIONS.readStatus],
  [2, OPERATIONS.readVariables],
  [3, OPERATIONS.writeVariables],
  [4, OPERATIONS.readClock],
  [5, OPERATIONS.writeClock],
  [6, OPERATIONS.setTrap],
  [7, OPERATIONS.trap],
  [8, OPERATIONS.configure],
  [9, OPERATIONS.saveConfiguration],
  [10, OPERATIONS.readClients],
  [11, OPERATIONS.readList],
  [12, OPERATIONS.requestNonce],
  [31, OPERATIONS.unsetTrap],
]);
const TRAP = 7;
const CONTROL_ERRORS: readonly string[] = [
  'unspecified error',
  'authentication failure',
  'invalid format',
  'invalid operation',
  'unknown association',
  'unknown variable',
  'invalid value',
  'administratively prohibited',
];

/** Mode 7 of the reference implementation, whose requests are its own (ntpdc). */
const PRIVATE_READS: ReadonlySet<number> = new Set([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 20, 28, 29, 34, 35, 36, 38, 39, 42, 43, 44,
]);
const PRIVATE_CHANGES: ReadonlySet<number> = new Set([
  10, 11, 12, 13, 14, 15, 17, 18, 19, 21, 22, 23, 24, 25, 26, 27, 30, 31, 32, 33, 37, 41, 45,
]);

const PRIVATE_ERRORS: ReadonlyMap<number, string> = new Map([
  [1, 'other implementation'],
  [2, 'unknown request'],
  [3, 'invalid format'],
  [4, 'no data'],
  [7, 'authentication failure'],
]);

const HEADER = 48;
const CONTROL_HEADER = 12;
const PRIVATE_HEADER = 8;
const NEWEST = 4;
const UNSYNCHRONISED = 16;
const LEAP_UNKNOWN = 3;
const RESPONSE_BIT = 0x80;
const ERROR_BIT = 0x40;

/** Kiss codes by which a server turns a client away (RFC 5905, section 7.4). */
const KISSES: ReadonlyMap<string, string> = new Map([
  ['DENY', 'access denied'],
  ['RSTR', 'access denied by policy'],
  ['RATE', 'asked too often'],
]);

/** Seconds from 1900 to 1970, and in an era of 2^32 seconds: times below half an era belong to the next. */
const FROM_1900 = 2_208_988_800;
const ERA = 2 ** 32;

export const ntp = defineDissector<Fields>({
  name: 'ntp',
  title: 'NTP',
  source: 'RFC 5905; RFC 9327 (control messages); RFC 4330 (SNTP)',
  at: [{ udp: 123 }],
  operations: OPERATIONS,
  whole: false, // extension fields and authenticators follow the header without being announced
  fields: {
    version: 'Version of the protocol',
    mode: '1 and 2 between peers, 3 client, 4 server, 5 broadcast, 6 control, 7 private',
    leap: 'Leap second to come; 3 says that the clock is not synchronised',
    stratum: 'Distance from a reference clock; 0 unknown or refused, 16 not synchronised',
    reference: 'What the clock follows: a kind of reference clock, or the address of a server',
    transmitTime: 'When the sender says it sent this, in microseconds since 1970',
    opcode: 'Control messages: the operation',
    association: 'Control messages: which peer is meant, 0 for the daemon itself',
    variables: 'Control messages: variables in an answer, as sent',
    implementation: 'Private messages: whose numbering it is',
    requestCode: 'Private messages: the operation',
  },

  recognise(reader) {
    const first = reader.peek();
    const version = (first >> 3) & 7;
    const mode = first & 7;
    if (version === 0 || version > NEWEST) {
      return 'no';
    }
    if (mode === CONTROL) {
      return reader.remaining >= CONTROL_HEADER && CONTROLS.has(reader.peek(1) & 31) ? 'weak' : 'no';
    }
    if (mode === PRIVATE) {
      return reader.remaining >= PRIVATE_HEADER ? 'weak' : 'no';
    }
    return reader.remaining >= HEADER && reader.peek(1) <= UNSYNCHRONISED ? 'weak' : 'no';
  },

  read(reader) {
    const first = reader.u8();
    const version = (first >> 3) & 7;
    const mode = first & 7;
    if (!reader.truncated && (version === 0 || version > NEWEST)) {
      return new Malformed(`version ${version}`);
    }
    if (mode === CONTROL) {
      return readControl(reader, version);
    }
    return mode === PRIVATE ? readPrivate(reader, version, first) : readTime(reader, version, first);
  },

  observe(reading, context) {
    const { mode } = reading.fields;
    if (mode === SERVER || mode === BROADCAST || mode === SYMMETRIC_ACTIVE || mode === SYMMETRIC_PASSIVE) {
      return reading.refused === undefined ? observeTime(reading.fields, context) : NOTHING;
    }
    return mode === CONTROL && reading.direction === 'response' ? observeVariables(reading.fields) : NOTHING;
  },
});

/** RFC 5905, section 7.3. */
function readTime(reader: Reader, version: number, first: number): Reading<Fields> {
  const mode = first & 7;
  const leap = first >> 6;
  const stratum = reader.u8();
  reader.skip(10); // poll, precision, root delay and dispersion
  const reference = reader.u32be();
  reader.skip(8);
  const asked = readStamp(reader);
  reader.skip(8);
  const seconds = reader.u32be();
  const fraction = reader.u32be();
  const transmitTime = microsOf(seconds, fraction);
  const fields = { version, mode, leap, stratum, reference: referenceText(reference, stratum), transmitTime };
  switch (mode) {
    case SYMMETRIC_ACTIVE:
    case SYMMETRIC_PASSIVE:
      return { direction: 'report', operation: OPERATIONS.peer, fields };
    case BROADCAST:
      return { direction: 'report', operation: OPERATIONS.broadcast, fields };
    case SERVER: {
      const reading: Reading<Fields> = { direction: 'response', operation: OPERATIONS.time, fields, pair: asked };
      const refused = stratum === 0 ? KISSES.get(fields.reference) : undefined;
      return refused === undefined ? reading : { ...reading, refused };
    }
    default: {
      const pair = pairOf(seconds, fraction);
      return { direction: 'request', operation: OPERATIONS.time, fields, pair, like: 0, proves: true };
    }
  }
}

function readStamp(reader: Reader): number {
  const seconds = reader.u32be();
  return pairOf(seconds, reader.u32be());
}

/** An answer repeats the time stamp of its question; 53 of the 64 bits are enough to tell them apart. */
function pairOf(seconds: number, fraction: number): number {
  return seconds * 0x200000 + (fraction >>> 11);
}

function microsOf(seconds: number, fraction: number): Micros {
  if (seconds === 0 && fraction === 0) {
    return 0;
  }
  const era = seconds >= ERA / 2 ? 0 : ERA;
  return (seconds + era - FROM_1900) * 1e6 + Math.floor((fraction * 1e6) / ERA);
}

/** Four letters from a reference clock, in refusals and before the first answer, else the server's IPv4 address (or a hash of its IPv6 address). */
function referenceText(reference: number, stratum: number): string {
  if (stratum > 1 && stratum < UNSYNCHRONISED) {
    return ipv4Text(reference);
  }
  let text = '';
  for (let shift = 24; shift >= 0; shift -= 8) {
    const letter = (reference >>> shift) & 255;
    if (letter >= 0x20 && letter < 0x7f) {
      text += String.fromCharCode(letter);
    }
  }
  return text;
}

/** RFC 9327, section 2. */
function readControl(reader: Reader, version: number): Reading<Fields> {
  const flags = reader.u8();
  const opcode = flags & 31;
  const pair = reader.u16be();
  const status = reader.u16be();
  const association = reader.u16be();
  reader.skip(2);
  const count = reader.u16be();
  reader.expect(count);
  const operation = CONTROLS.get(opcode) ?? OPERATIONS.unknown;
  const fields = { version, mode: CONTROL, opcode, association };
  if ((flags & RESPONSE_BIT) === 0) {
    return { direction: 'request', operation, fields, pair, like: opcode * 0x10000 + association, proves: true };
  }
  if ((flags & ERROR_BIT) !== 0) {
    const refused = CONTROL_ERRORS[status >> 8] ?? `error ${status >> 8}`;
    return { direction: 'response', operation, fields, pair, refused };
  }
  const direction: Direction = opcode === TRAP ? 'report' : 'response';
  const variables = reader.text(count, 'utf-8', LONG_TEXT);
  const all = { ...fields, variables };
  return opcode === TRAP ? { direction, operation, fields: all } : { direction, operation, fields: all, pair };
}

function readPrivate(reader: Reader, version: number, first: number): Reading<Fields> {
  const pair = reader.u8() & 0x7f;
  const implementation = reader.u8();
  const requestCode = reader.u8();
  const errorAndItems = reader.u16be();
  const items = errorAndItems & 0xfff;
  reader.expect(2 + items * (((reader.peek() << 8) | reader.peek(1)) & 0xfff));
  const fields = { version, mode: PRIVATE, implementation, requestCode };
  const operation = privateOperation(requestCode);
  if ((first & RESPONSE_BIT) === 0) {
    return { direction: 'request', operation, fields, pair, like: requestCode, proves: true };
  }
  const error = errorAndItems >> 12;
  const reading: Reading<Fields> = { direction: 'response', operation, fields, pair };
  return error === 0 ? reading : { ...reading, refused: PRIVATE_ERRORS.get(error) ?? `error ${error}` };
}

function privateOperation(requestCode: number): Operation {
  if (PRIVATE_READS.has(requestCode)) {
    return OPERATIONS.privateRead;
  }
  return PRIVATE_CHANGES.has(requestCode) ? OPERATIONS.privateConfigure : OPERATIONS.unknown;
}

function observeTime(fields: Fields, context: Context): readonly Observation[] {
  const { stratum = 0, mode, leap, reference, transmitTime = 0 } = fields;
  if (stratum === 0 || stratum >= UNSYNCHRONISED || leap === LEAP_UNKNOWN || transmitTime === 0) {
    return NOTHING;
  }
  const clock: Observation = { kind: 'clock', stated: transmitTime, source: `NTP stratum ${stratum}` };
  const served = mode === SERVER || mode === BROADCAST;
  if (!served || context.recall('clock') !== undefined) {
    return [clock];
  }
  context.remember('clock', true);
  // A domain controller or a switch also answers; who holds a reference clock is made to.
  const basis = stratum === 1 ? 'behaviour' : 'hint';
  const reason =
    stratum === 1
      ? `serves time over NTP from a reference clock (${reference})`
      : `serves time over NTP, stratum ${stratum}`;
  return [clock, { kind: 'role', subject: 'sender', role: 'clock', reason, basis }];
}

/** System variables of RFC 9327, section 4: `version="…", processor="…", system="Linux/5.10"`. */
function observeVariables({ variables }: Fields): readonly Observation[] {
  if (variables === undefined) {
    return NOTHING;
  }
  const banner = /\bversion="([^"]+)"/.exec(variables)?.[1];
  const os = /\bsystem="([^"]+)"/.exec(variables)?.[1];
  const observations: Observation[] = [];
  if (banner !== undefined) {
    observations.push({ kind: 'service', subject: 'sender', banner });
  }
  if (os !== undefined) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'banner', ...known({ os }) });
  }
  return observations;
}
