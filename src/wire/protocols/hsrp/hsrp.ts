import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
} from '../../dissector.ts';
import { ipv4Text, ipv6Text } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly version: number;
  readonly opcode?: number;
  readonly state?: string;
  readonly group?: number;
  readonly priority?: number;
  readonly helloTime?: number;
  readonly holdTime?: number;
  readonly virtualAddress?: string;
  readonly authentication?: string;
  readonly activeGroups?: number;
  readonly passiveGroups?: number;
}

type Draft = Mutable<Fields>;

const OPERATIONS = defineOperations({
  hello: ['hello', 'report'],
  takeOver: ['take over', 'report'],
  resign: ['resign', 'report'],
  advertise: ['advertise groups', 'report'],
  unknown: ['unknown message', 'unknown'],
});

const BY_OPCODE: readonly Operation[] = [
  OPERATIONS.hello,
  OPERATIONS.takeOver,
  OPERATIONS.resign,
  OPERATIONS.advertise,
];
const ADVERTISE = 3;
/** RFC 2281, section 5.1. */
const HEADER_1 = 20;
const PASSWORD = 8;
const ACTIVE = 'active';
const STATES_1: ReadonlyMap<number, string> = new Map([
  [0, 'initial'],
  [1, 'learn'],
  [2, 'listen'],
  [4, 'speak'],
  [8, 'standby'],
  [16, ACTIVE],
]);
const SECOND = 1000;

/** Version 2 is a list of elements; each says its length behind its first two bytes. */
const GROUP_STATE = 1;
const INTERFACE_STATE = 2;
const TEXT_PASSWORD = 3;
const DIGEST = 4;
const GROUP_STATE_LENGTH = 40;
const INTERFACE_STATE_LENGTH = 4;
const IPV6 = 6;
const STATES_2 = ['disabled', 'initial', 'learn', 'listen', 'speak', 'standby', ACTIVE];

/** What every router sends where nobody set a password. */
const DEFAULT_PASSWORD = 'cisco';
const SAID = 'said';

export const hsrp = defineDissector<Fields>({
  name: 'hsrp',
  title: 'HSRP, versions 1 and 2',
  source: 'RFC 2281 (version 1); Cisco, "HSRP Version 2" (version 2)',
  at: [{ udp: 1985 }, { udp: 2029 }],
  operations: OPERATIONS,
  // Elements run to the end of the datagram.
  whole: false,
  fields: {
    version: 'Version of the protocol',
    opcode: 'Kind of message: 0 hello, 1 take over, 2 resign, 3 advertise',
    state: 'What the sender is in the group: active holds the virtual address, standby waits for it',
    group: 'Number of the group on the link',
    priority: 'How eager the sender is to become active',
    helloTime: 'Time between two hellos, in ms',
    holdTime: 'Time of silence after which another one takes over, in ms',
    virtualAddress: 'Address of the virtual router, which the active one holds beside its own',
    authentication: 'How the message is authenticated: default or password (both in clear), digest',
    activeGroups: 'Groups of the interface in which the sender is active',
    passiveGroups: 'Groups of the interface in which it is not',
  },

  recognise(reader) {
    const first = reader.peek(0);
    const second = reader.peek(1);
    // The eighth byte is reserved in every message, and is the function code of a Modbus message that begins like this.
    const isVersion1 = first === 0 && second <= ADVERTISE && STATES_1.has(reader.peek(2)) && reader.peek(7) === 0;
    const isVersion2 = first === GROUP_STATE && second === GROUP_STATE_LENGTH && reader.peek(2) === 2;
    const isInterface = first === INTERFACE_STATE && second === INTERFACE_STATE_LENGTH;
    return (isVersion1 && reader.remaining >= 8) || isVersion2 || isInterface ? 'weak' : 'no';
  },

  read(reader) {
    return reader.peek(0) === 0 ? readVersion1(reader) : readVersion2(reader);
  },

  observe({ operation, fields }, context) {
    return saidBefore(fields, context) ? NOTHING : observeRouter(operation, fields);
  },
});

function readVersion1(reader: Reader) {
  const fields: Draft = { version: reader.u8() + 1, opcode: reader.u8() };
  const operation = BY_OPCODE[fields.opcode ?? -1] ?? OPERATIONS.unknown;
  if (operation === OPERATIONS.advertise) {
    reader.skip(6); // type, length, state, reserved
    fields.activeGroups = reader.u16be();
    fields.passiveGroups = reader.u16be();
    reader.skip(4); // reserved
    return { direction: 'report', operation, fields } as const;
  }
  reader.expect(HEADER_1 - 2);
  const state = reader.u8();
  fields.state = STATES_1.get(state) ?? `${state}`;
  fields.helloTime = reader.u8() * SECOND;
  fields.holdTime = reader.u8() * SECOND;
  fields.priority = reader.u8();
  fields.group = reader.u8();
  reader.skip(1); // reserved
  fields.authentication = kindOfPassword(reader);
  fields.virtualAddress = ipv4Text(reader.u32be());
  // A digest may follow in an element of version 2.
  readElements(reader, fields);
  return { direction: 'report', operation, fields } as const;
}

function readVersion2(reader: Reader) {
  const fields: Draft = { version: 2 };
  if (!readElements(reader, fields)) {
    return new Malformed('an element shorter than its content');
  }
  if (fields.opcode === undefined && fields.activeGroups === undefined) {
    // Nothing came that says what this is for.
    reader.expect(reader.remaining + 1);
  }
  const operation =
    fields.opcode === undefined ? OPERATIONS.advertise : (BY_OPCODE[fields.opcode] ?? OPERATIONS.unknown);
  return { direction: 'report', operation, fields } as const;
}

function readElements(reader: Reader, fields: Draft): boolean {
  let fits = true;
  reader.repeatToEnd(() => {
    const type = reader.u8();
    const length = reader.u8();
    reader.expect(length);
    const element = reader.sub(length);
    switch (type) {
      case GROUP_STATE:
        readGroupState(element, fields);
        break;
      case INTERFACE_STATE:
        fields.activeGroups = element.u16be();
        fields.passiveGroups = element.u16be();
        break;
      case TEXT_PASSWORD:
        fields.authentication = kindOfPassword(element);
        break;
      case DIGEST:
        fields.authentication = 'digest';
        break;
      default:
    }
    fits &&= !element.truncated || reader.truncated;
  });
  return fits;
}

function readGroupState(element: Reader, fields: Draft): void {
  fields.version = element.u8();
  fields.opcode = element.u8();
  const state = element.u8();
  fields.state = STATES_2[state] ?? `${state}`;
  const family = element.u8();
  fields.group = element.u16be();
  element.skip(6); // identifier
  fields.priority = element.u32be();
  fields.helloTime = element.u32be();
  fields.holdTime = element.u32be();
  const address = element.take(16);
  fields.virtualAddress = family === IPV6 ? ipv6Text(address) : ipv4Of(address);
}

function ipv4Of(bytes: Uint8Array): string {
  return `${bytes[0] ?? 0}.${bytes[1] ?? 0}.${bytes[2] ?? 0}.${bytes[3] ?? 0}`;
}

/** The password itself is not kept. */
function kindOfPassword(reader: Reader): string {
  const password = reader.text(PASSWORD, 'latin-1');
  return password === '' ? 'none' : password === DEFAULT_PASSWORD ? 'default' : 'password';
}

function saidBefore({ opcode, group, state, virtualAddress }: Fields, context: Context): boolean {
  const key = `${SAID} ${group}`;
  const said = `${opcode} ${state} ${virtualAddress}`;
  if (context.recall(key) === said) {
    return true;
  }
  context.remember(key, said);
  return false;
}

function observeRouter(operation: Operation, fields: Fields): readonly Observation[] {
  const { version, group, state, virtualAddress, authentication } = fields;
  const reason = 'takes part in a virtual router (HSRP)';
  const observations: Observation[] = [
    { kind: 'role', subject: 'sender', role: 'router', reason, basis: 'announcement' },
  ];
  const holds = operation === OPERATIONS.hello && state === ACTIVE;
  if (holds && group !== undefined && virtualAddress !== undefined && isSet(virtualAddress)) {
    const mac = virtualMac(version, group, virtualAddress);
    observations.push({ kind: 'address', mac, address: virtualAddress, via: 'announcement' });
  }
  if (authentication === 'password') {
    observations.push({ kind: 'credential', scheme: 'HSRP password', secret: 'sent' });
  }
  return observations;
}

function isSet(address: string): boolean {
  return address !== '0.0.0.0' && address !== '::';
}

/** The group is the last byte in version 1, the last twelve bits in version 2. */
function virtualMac(version: number, group: number, address: string): string {
  const prefix = version === 1 ? '00000c07ac' : address.includes(':') ? '000573a0' : '00000c9f';
  const digits = version === 1 ? 2 : 4;
  const filler = version === 1 || address.includes(':') ? 0 : 0xf000;
  const tail = ((group & (version === 1 ? 0xff : 0xfff)) | filler).toString(16).padStart(digits, '0');
  return `${prefix}${tail}`.replaceAll(/(..)(?!$)/g, '$1:');
}
