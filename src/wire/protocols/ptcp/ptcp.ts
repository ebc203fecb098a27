import type { Mutable } from '../../../kit/mutable.ts';
import { type Context, defineDissector, defineOperations, NOTHING, type Operation } from '../../dissector.ts';
import { macText, uuidText } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { isPtcpFrame } from '../../stack/profinet.ts';

interface Fields {
  readonly frameId: number;
  readonly sequence?: number;
  readonly delay?: number;
  readonly masterMac?: string;
  readonly subdomain?: string;
  readonly epoch?: number;
  readonly seconds?: number;
  readonly nanoseconds?: number;
  readonly priority1?: number;
  readonly priority2?: number;
  readonly clockClass?: number;
  readonly clockAccuracy?: number;
  readonly portMac?: string;
  readonly receiveDelay?: number;
  readonly transmitDelay?: number;
}

type Draft = Mutable<Fields>;

const OPERATIONS = defineOperations({
  synchronise: ['synchronise clocks', 'report'],
  followUp: ['follow up synchronisation', 'report'],
  announce: ['announce clock master', 'report'],
  askDelay: ['ask line delay', 'report'],
  tellDelay: ['tell line delay', 'report'],
  unknown: ['unknown message', 'unknown'],
});

const DELAY_REQUEST = 0xff40;

/** IEC 61158-6-10, section 4.2.1: frame ids of PTCP; where there are two, the second is for time of day. */
const BY_FRAME: ReadonlyMap<number, Operation> = new Map([
  [0x0020, OPERATIONS.synchronise],
  [0x0021, OPERATIONS.synchronise],
  [0x0080, OPERATIONS.synchronise],
  [0x0081, OPERATIONS.synchronise],
  [0xff00, OPERATIONS.announce],
  [0xff01, OPERATIONS.announce],
  [0xff20, OPERATIONS.followUp],
  [0xff21, OPERATIONS.followUp],
  [DELAY_REQUEST, OPERATIONS.askDelay],
  [0xff41, OPERATIONS.tellDelay],
  [0xff42, OPERATIONS.tellDelay],
  [0xff43, OPERATIONS.tellDelay],
]);

/** Section 4.4: reserved, coarse delay, sequence, fine delay, delay; then elements of seven bits type and nine bits length. */
const RESERVED = 8;
const COARSE_UNIT = 10;
const LENGTH_BITS = 0x1ff;
const TYPE_SHIFT = 9;
const END = 0;
const SUBDOMAIN = 1;
const TIME = 2;
const MASTER = 4;
const PORT_PARAMETER = 5;
const DELAY_PARAMETER = 6;
const MAC = 6;
const UUID = 16;
const TIME_LENGTH = 10;
const MASTER_LENGTH = 4;
const PORT_PARAMETER_LENGTH = 10;

const SAID = 'port';

export const ptcp = defineDissector<Fields>({
  name: 'ptcp',
  title: 'PROFINET clock synchronisation (PTCP)',
  source: 'IEC 61158-6-10, sections 4.2 (frame ids), 4.4 (precision transparent clock protocol)',
  at: [{ within: 'pn_rt' }],
  operations: OPERATIONS,
  fields: {
    frameId: 'What the frame holds, such as 0x0080 synchronisation, 0xFF00 announcement, 0xFF40 line delay asked',
    sequence: 'Number of the message',
    delay: 'Nanoseconds on the way so far, or between question and answer; a follow-up corrects them',
    masterMac: 'MAC address of the clock master',
    subdomain: 'Those that share one clock',
    epoch: 'Epoch that the seconds belong to',
    seconds: 'Time of the master: seconds of the epoch',
    nanoseconds: 'Time of the master: nanoseconds of the second',
    priority1: 'Bits: 1 to 7 kind of master (1 primary, 2 secondary), 8 to 56 level, 128 active',
    priority2: 'Second priority of the master; the lowest is the best',
    clockClass: 'How good the clock of the master is',
    clockAccuracy: 'How accurate the clock of the master is',
    portMac: 'MAC address of the port that asks for the line delay',
    receiveDelay: 'Nanoseconds that the answering port takes to receive',
    transmitDelay: 'Nanoseconds that the answering port takes to send',
  },

  recognise(reader) {
    return reader.remaining >= 2 && isPtcpFrame((reader.peek(0) << 8) | reader.peek(1)) ? 'strong' : 'no';
  },

  read(reader) {
    const frameId = reader.u16be();
    const operation = BY_FRAME.get(frameId);
    if (!operation) {
      return { direction: 'report', operation: OPERATIONS.unknown, fields: { frameId } };
    }
    reader.skip(RESERVED);
    const coarse = reader.u32be();
    const fields: Draft = { frameId, sequence: reader.u16be() };
    const fine = reader.u8();
    reader.skip(1);
    const delay = reader.i32be();
    if (operation === OPERATIONS.synchronise) {
      fields.delay = coarse * COARSE_UNIT + fine + delay;
    } else if (operation !== OPERATIONS.announce) {
      fields.delay = delay;
    }
    for (let ended = false; !ended && !reader.truncated && reader.step(); ) {
      const head = reader.u16be();
      const type = head >> TYPE_SHIFT;
      ended = type === END;
      if (!ended) {
        readElement(reader, fields, type, head & LENGTH_BITS);
      }
    }
    return { direction: 'report', operation, fields };
  },

  observe({ fields }, context) {
    return fields.frameId === DELAY_REQUEST ? observePort(fields, context) : observeMaster(fields, context);
  },
});

function readElement(reader: Reader, fields: Draft, type: number, length: number): void {
  reader.expect(length);
  const end = reader.position + length;
  if (type === SUBDOMAIN && length >= MAC + UUID) {
    fields.masterMac = macText(reader.take(MAC));
    fields.subdomain = uuidText(reader.take(UUID), false);
  } else if (type === TIME && length >= TIME_LENGTH) {
    fields.epoch = reader.u16be();
    fields.seconds = reader.u32be();
    fields.nanoseconds = reader.u32be();
  } else if (type === MASTER && length >= MASTER_LENGTH) {
    fields.priority1 = reader.u8();
    fields.priority2 = reader.u8();
    fields.clockClass = reader.u8();
    fields.clockAccuracy = reader.u8();
  } else if (type === PORT_PARAMETER && length >= PORT_PARAMETER_LENGTH) {
    reader.skip(2); // alignment
    fields.receiveDelay = reader.u32be();
    fields.transmitDelay = reader.u32be();
  } else if (type === DELAY_PARAMETER && length >= MAC) {
    fields.portMac = macText(reader.take(MAC));
  }
  reader.seek(end);
}

/** An answer repeats the port of who asked: only a question tells a port of the sender. */
function observePort({ portMac }: Fields, context: Context): readonly Observation[] {
  if (portMac === undefined || context.recall(SAID) === portMac) {
    return NOTHING;
  }
  context.remember(SAID, portMac);
  return [{ kind: 'neighbour', subject: 'sender', chassis: portMac, port: `port ${portMac}` }];
}

/** Mostly a controller keeps the clock of its devices: less a clock than what else it is. */
function observeMaster({ masterMac, subdomain }: Fields, context: Context): readonly Observation[] {
  if (masterMac === undefined || context.recall(masterMac)) {
    return NOTHING;
  }
  context.remember(masterMac, true);
  const reason = `clock master of PROFINET subdomain ${subdomain}`;
  return [{ kind: 'role', subject: { mac: masterMac }, role: 'clock', reason, basis: 'hint' }];
}
