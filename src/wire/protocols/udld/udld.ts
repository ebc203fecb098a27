import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { readElements } from '../../stack/switch-elements.ts';

interface Fields {
  readonly version: number;
  readonly opcode: number;
  readonly flags: number;
  readonly deviceId?: string;
  readonly portId?: string;
  readonly deviceName?: string;
  readonly heard?: readonly string[];
  readonly messageInterval?: number;
  readonly timeoutInterval?: number;
  readonly sequence?: number;
}

type Draft = Mutable<Fields>;

/** RFC 5171, section 2. */
const OPERATIONS = defineOperations({
  probe: ['probe', 'report'],
  echo: ['echo', 'report'],
  flush: ['flush', 'report'],
  unknown: ['unknown message', 'unknown'],
});

const BY_OPCODE: readonly (Operation | undefined)[] = [undefined, OPERATIONS.probe, OPERATIONS.echo, OPERATIONS.flush];
const VERSION = 1;
const HEADER = 4;
const DEVICE_ID = 1;
const PORT_ID = 2;
const ECHO = 3;
const MESSAGE_INTERVAL = 4;
const TIMEOUT_INTERVAL = 5;
const DEVICE_NAME = 6;
const SEQUENCE = 7;
const MOST = 32;
const SAID = 'said';

export const udld = defineDissector<Fields>({
  name: 'udld',
  title: 'Unidirectional Link Detection',
  source: 'RFC 5171',
  at: [{ snap: 0x00000c0111 }],
  operations: OPERATIONS,
  // Elements run to the end of the frame.
  whole: false,
  fields: {
    version: 'Version of the protocol',
    opcode: 'Kind of message: 1 probe, 2 echo, 3 flush',
    flags: 'Bits: 1 wants to be probed, 2 wants to be put in step',
    deviceId: 'What the device identifies itself by',
    portId: 'The port that sent this',
    deviceName: 'Name of the device',
    heard: 'Devices and ports that the sender hears at this port',
    messageInterval: 'Seconds between two probes',
    timeoutInterval: 'Seconds to wait for an echo',
    sequence: 'Number of the message',
  },

  recognise(reader) {
    const first = reader.peek(0);
    const type = (reader.peek(HEADER) << 8) | reader.peek(HEADER + 1);
    return first >> 5 === VERSION && BY_OPCODE[first & 31] && type >= DEVICE_ID && type <= SEQUENCE ? 'strong' : 'no';
  },

  read(reader) {
    const first = reader.u8();
    const fields: Draft = { version: first >> 5, opcode: first & 31, flags: reader.u8() };
    reader.skip(2); // checksum
    const fits = readElements(reader, (element, type) => readElement(element, type, fields));
    const operation = BY_OPCODE[fields.opcode] ?? OPERATIONS.unknown;
    return fits ? { direction: 'report', operation, fields } : new Malformed('an element shorter than its header');
  },

  observe({ fields }, context) {
    return saidBefore(fields, context) ? NOTHING : observeSwitch(fields);
  },
});

function readElement(element: Reader, type: number, fields: Draft): void {
  switch (type) {
    case DEVICE_ID:
      fields.deviceId ??= element.text(element.remaining).trim();
      break;
    case PORT_ID:
      fields.portId ??= element.text(element.remaining).trim();
      break;
    case ECHO:
      fields.heard ??= heardIn(element);
      break;
    case MESSAGE_INTERVAL:
      fields.messageInterval ??= element.u8();
      break;
    case TIMEOUT_INTERVAL:
      fields.timeoutInterval ??= element.u8();
      break;
    case DEVICE_NAME:
      fields.deviceName ??= element.text(element.remaining).trim();
      break;
    case SEQUENCE:
      fields.sequence ??= element.u32be();
      break;
    default:
  }
}

/** Pairs of device and port, each text behind its length. */
function heardIn(element: Reader): readonly string[] {
  const heard: string[] = [];
  element.repeat(element.u32be(), () => {
    const device = element.text(element.u16be()).trim();
    const port = element.text(element.u16be()).trim();
    if (heard.length < MOST) {
      heard.push(`${device} ${port}`);
    }
  });
  return heard;
}

function saidBefore({ deviceId, portId, deviceName }: Fields, context: Context): boolean {
  const said = `${deviceId}\n${portId}\n${deviceName}`;
  if (context.recall(SAID) === said) {
    return true;
  }
  context.remember(SAID, said);
  return false;
}

function observeSwitch({ deviceId, portId, deviceName }: Fields): readonly Observation[] {
  const reason = 'watches its links (UDLD)';
  const observations: Observation[] = [
    { kind: 'role', subject: 'sender', role: 'switch', reason, basis: 'announcement' },
  ];
  if (deviceId && portId) {
    observations.push({ kind: 'neighbour', subject: 'sender', chassis: deviceId, port: portId });
  }
  const identity = known({ name: deviceName });
  if (identity.name) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', ...identity });
  }
  return observations;
}
