import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly phase: number;
  readonly telegram?: number;
  readonly number?: number;
  readonly channel?: number;
  readonly cycle?: number;
  readonly version?: number;
  readonly devices?: readonly number[];
  readonly device?: number;
  readonly element?: number;
  readonly parameter?: string;
}

type Draft = Mutable<Fields>;

const OPERATIONS = defineOperations({
  find: ['find devices', 'discover'],
  changePhase: ['change communication phase', 'control'],
  initialise: ['initialise', 'session'],
  cyclic: ['cyclic data', 'report'],
  openParameter: ['open parameter', 'session'],
  readParameter: ['read parameter', 'read'],
  writeParameter: ['write parameter', 'configure'],
  unknown: ['unknown phase', 'unknown'],
});

/** IEC 61158-4-19, section 5.3 (header): telegram type, phase, CRC. */
const CHANNEL = 0x80;
const FROM_DEVICES = 0x40;
const CYCLE_VALID = 0x20;
const NUMBER_BITS = 0x0f;
const NEW_PHASE = 0x80;
const PHASE_BITS = 0x0f;
const CYCLE_BITS = 0x07;
const CYCLE_SHIFT = 4;
const LAST_PHASE = 4;

/** Phase 0: every device puts its address behind those before it, and counts itself. */
const MOST_DEVICES = 511;
const ADDRESS_BITS = 0x01ff;
const NO_DEVICE = 0xffff;

/** Phases 1 and 2: a service channel of each device, always at the same place. Later it is wherever it was configured. */
const LAST_WITH_CHANNELS = 2;
const CHANNELS = 128;
const CHANNEL_SIZE = 6;
const WRITE = 0x02;
const ELEMENT_SHIFT = 3;
const ELEMENT_BITS = 0x07;
const NAME_OF_PARAMETER = 1;
/** A control word and the parameter that the channel was opened for, as one number. */
const CONTROL_RANGE = 0x1_0000;

const MASTER_SAID = 'master';

export const sercos = defineDissector<Fields>({
  name: 'sercos',
  title: 'Sercos III',
  source: 'IEC 61158-4-19 and -6-19 (type 19)',
  at: [{ ethertype: 0x88cd }],
  operations: OPERATIONS,
  fields: {
    telegram: '0 of the master (MDT), 1 of the devices (AT); absent where a service channel is told',
    number: 'Number of the telegram within the cycle',
    channel: '0 primary, 1 secondary direction of the ring',
    phase: 'Communication phase: 0 finds devices, 1 to 3 initialise, 4 operates',
    cycle: 'Number of the cycle, where it is valid',
    version: 'Version and options of the communication, as the master wishes',
    devices: 'Addresses of the devices in their order along the line',
    device: 'Place of the device whose service channel is used',
    element: 'Part of the parameter: 1 its number, 2 name, 3 attribute, 4 unit, 5 minimum, 6 maximum, 7 value',
    parameter: 'Parameter as manuals write it, such as S-0-1044.0.0',
  },
  // Process data have no length of their own.
  whole: false,

  recognise(reader) {
    const phase = reader.peek(1) & PHASE_BITS;
    return reader.remaining >= 6 && phase <= LAST_PHASE ? 'strong' : 'no';
  },

  read(reader, context) {
    const type = reader.u8();
    const phaseField = reader.u8();
    reader.skip(4); // CRC
    const phase = phaseField & PHASE_BITS;
    const telegram = (type & FROM_DEVICES) === 0 ? 0 : 1;
    const number = type & NUMBER_BITS;
    const fields: Draft = { phase, telegram, number, channel: (type & CHANNEL) === 0 ? 0 : 1 };
    if (type & CYCLE_VALID) {
      fields.cycle = (phaseField >> CYCLE_SHIFT) & CYCLE_BITS;
    }
    const changes = (phaseField & NEW_PHASE) !== 0;
    const reading = {
      direction: 'report',
      operation: changes ? OPERATIONS.changePhase : ofPhase(phase),
      fields,
    } as const;
    if (changes || phase > LAST_WITH_CHANNELS) {
      return reading;
    }
    if (phase === 0) {
      readDevices(reader, fields);
      return reading;
    }
    return telegram === 0 ? [reading, ...readChannels(reader, { phase, number }, context)] : reading;
  },

  observe({ operation, fields }, context) {
    const observations: Observation[] = [];
    if (!context.recall(MASTER_SAID)) {
      context.remember(MASTER_SAID, true);
      // Whoever has devices behind it would else pass for a gateway to them.
      const reason = 'is master of a Sercos ring';
      observations.push({ kind: 'role', subject: 'sender', role: 'plc', reason, basis: 'announcement' });
    }
    if (operation === OPERATIONS.find && fields.devices !== undefined) {
      observeDevices(fields.devices, observations, context);
    }
    return observations.length > 0 ? observations : NOTHING;
  },
});

function ofPhase(phase: number): Operation {
  if (phase > LAST_PHASE) {
    return OPERATIONS.unknown;
  }
  return phase === 0 ? OPERATIONS.find : phase === LAST_PHASE ? OPERATIONS.cyclic : OPERATIONS.initialise;
}

function readDevices(reader: Reader, fields: Draft): void {
  if (fields.number !== 0) {
    return;
  }
  if (fields.telegram === 0) {
    fields.version = reader.u32le();
    return;
  }
  const devices: number[] = [];
  const count = Math.min(reader.u16le() - 1, MOST_DEVICES);
  reader.repeat(count, () => {
    const address = reader.u16le();
    if (address !== NO_DEVICE) {
      devices.push(address & ADDRESS_BITS);
    }
  });
  fields.devices = devices;
}

interface Telegram {
  readonly phase: number;
  readonly number: number;
}

/** A master repeats a step in every cycle until the device has taken it: only what is new is told. */
function readChannels(reader: Reader, { phase, number }: Telegram, context: Context): readonly Reading<Fields>[] {
  const readings: Reading<Fields>[] = [];
  const known = context.recall(number);
  const before = Array.isArray(known) ? (known as readonly number[]) : NEVER;
  let now: number[] | undefined;
  for (let at = 0; at < CHANNELS && reader.remaining >= CHANNEL_SIZE; at++) {
    const control = reader.u16le();
    const information = reader.u32le();
    const state = before[at] ?? 0;
    if (state % CONTROL_RANGE === control) {
      continue;
    }
    const element = (control >> ELEMENT_SHIFT) & ELEMENT_BITS;
    const parameter = element === NAME_OF_PARAMETER ? information : Math.floor(state / CONTROL_RANGE);
    now ??= Array.from({ length: CHANNELS }, (_, index) => before[index] ?? 0);
    now[at] = parameter * CONTROL_RANGE + control;
    if (element !== 0) {
      readings.push(stepOf(phase, number * CHANNELS + at, control, parameter));
    }
  }
  if (now !== undefined) {
    context.remember(number, now);
  }
  return readings;
}

const NEVER: readonly number[] = [];

function stepOf(phase: number, device: number, control: number, parameter: number): Reading<Fields> {
  const element = (control >> ELEMENT_SHIFT) & ELEMENT_BITS;
  const writes = (control & WRITE) !== 0;
  const operation =
    element === NAME_OF_PARAMETER
      ? OPERATIONS.openParameter
      : writes
        ? OPERATIONS.writeParameter
        : OPERATIONS.readParameter;
  const fields: Draft = { phase, device, element };
  // 0 is a parameter, too; but one whose opening was not seen has no name.
  if (parameter !== 0) {
    fields.parameter = parameterText(parameter);
  }
  const target = `device ${device}`;
  return { direction: 'request', operation, fields, target, like: parameter * ELEMENT_BITS + element };
}

/** Standard or product parameter, set, number; then structure instance and element. */
function parameterText(parameter: number): string {
  const kind = (parameter & 0x8000) === 0 ? 'S' : 'P';
  const set = (parameter >> 12) & 7;
  const number = String(parameter & 0x0fff).padStart(4, '0');
  return `${kind}-${set}-${number}.${parameter >>> 24}.${(parameter >> 16) & 0xff}`;
}

/** The devices have no address of their own: the frames are the master's, who sends them through all. */
function observeDevices(devices: readonly number[], observations: Observation[], context: Context): void {
  for (const address of devices) {
    const device = `sercos ${address}`;
    if (!context.recall(device)) {
      context.remember(device, true);
      observations.push({ kind: 'behind', subject: 'sender', device, basis: 'announcement' });
    }
  }
}
