import type { Mutable } from '../../../kit/mutable.ts';
import {
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { hexText, ipv4Text, macText } from '../../format.ts';
import { type Identity, known, type Observation, type Role, type Subject } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly transactionId: number;
  readonly messageType?: number;
  readonly clientMac?: string;
  readonly clientAddress?: string;
  readonly yourAddress?: string;
  readonly relayAddress?: string;
  readonly requestedAddress?: string;
  readonly serverAddress?: string;
  readonly leaseTime?: number;
  readonly routers?: readonly string[];
  readonly hostName?: string;
  readonly fullName?: string;
  readonly vendorClass?: string;
  readonly clientId?: string;
  readonly parameters?: readonly number[];
  readonly message?: string;
}

/** RFC 2132, section 9.6, RFC 3203, 4388 and 6926. */
const OPERATIONS = defineOperations({
  bootRequest: ['BOOTP request', 'configure'],
  bootReply: ['BOOTP reply', 'configure'],
  discover: ['discover', 'configure'],
  offer: ['offer', 'configure'],
  request: ['request', 'configure'],
  decline: ['decline', 'configure'],
  acknowledge: ['acknowledge', 'configure'],
  refuse: ['refuse', 'configure'],
  release: ['release', 'configure'],
  inform: ['inform', 'configure'],
  forceRenew: ['force renewal', 'configure'],
  leaseQuery: ['lease query', 'discover'],
  leaseAnswer: ['lease answer', 'discover'],
  unknown: ['unknown message', 'unknown'],
});

const BY_TYPE: readonly (Operation | undefined)[] = [
  undefined,
  OPERATIONS.discover,
  OPERATIONS.offer,
  OPERATIONS.request,
  OPERATIONS.decline,
  OPERATIONS.acknowledge,
  OPERATIONS.refuse,
  OPERATIONS.release,
  OPERATIONS.inform,
  OPERATIONS.forceRenew,
  OPERATIONS.leaseQuery,
  OPERATIONS.leaseAnswer,
  OPERATIONS.leaseAnswer,
  OPERATIONS.leaseAnswer,
];

/** Server, client, and the server of network booting (PXE). */
const PORTS: ReadonlySet<number> = new Set([67, 68, 4011]);
const BOOT_REQUEST = 1;
const BOOT_REPLY = 2;
const FIXED_PART = 236;
/** RFC 951, section 3: what BOOTP has in the place of options; each maker fills it as it likes. */
const VENDOR_AREA = 64;
const SERVER_NAME = 44;
const SERVER_NAME_LENGTH = 64;
const FILE_LENGTH = 128;
const MAGIC_COOKIE = 0x63825363;
const ETHERNET = 1;
const IEEE_802 = 6;
const MAC = 6;
const HARDWARE_ADDRESS = 16;
const NO_MAC = '00:00:00:00:00:00';

/** RFC 2132, 4702. */
const PAD = 0;
const ROUTER = 3;
const HOST_NAME = 12;
const REQUESTED_ADDRESS = 50;
const LEASE_TIME = 51;
const OVERLOAD = 52;
const MESSAGE_TYPE = 53;
const SERVER_ID = 54;
const PARAMETERS = 55;
const MESSAGE = 56;
const VENDOR_CLASS = 60;
const CLIENT_ID = 61;
const CLIENT_NAME = 81;
const END = 255;
const MOST_ROUTERS = 8;
/** RFC 4702, section 2.1: the name is in the form of DNS, not text. */
const IN_WIRE_FORM = 4;

/** What a vendor class says of the client: beginnings that their makers document. */
const CLASSES: readonly {
  readonly starts: string;
  readonly identity: Identity;
  readonly role?: Exclude<Role, 'unknown'>;
}[] = [
  { starts: 'MSFT', identity: { os: 'Windows' }, role: 'workstation' },
  { starts: 'android-dhcp', identity: { os: 'Android' } },
  { starts: 'Cisco Systems, Inc. IP Phone', identity: { vendor: 'Cisco' }, role: 'phone' },
  { starts: 'Hewlett-Packard JetDirect', identity: { vendor: 'Hewlett-Packard' }, role: 'printer' },
  { starts: 'Hewlett-Packard LaserJet', identity: { vendor: 'Hewlett-Packard' }, role: 'printer' },
];

export const dhcp = defineDissector<Fields>({
  name: 'dhcp',
  title: 'DHCP and BOOTP',
  source: 'RFC 951, 2131, 2132, 3396, 4702',
  at: [{ udp: 67 }, { udp: 68 }, { udp: 4011 }],
  operations: OPERATIONS,
  fields: {
    transactionId: 'Pairs an answer with its request',
    messageType: 'Kind of message: 1 discover, 2 offer, 3 request, 5 acknowledge; absent in BOOTP',
    clientMac: 'MAC address of the client, whom the message is about',
    clientAddress: 'Address that the client has',
    yourAddress: 'Address that the server gives the client',
    relayAddress: 'Address of the relay that passed the message on',
    requestedAddress: 'Address that the client wishes for',
    serverAddress: 'Address by which the server identifies itself',
    leaseTime: 'How long the lease lasts, in seconds',
    routers: 'Routers that the server names',
    hostName: 'Name of the client, as it or the server says',
    fullName: 'Full domain name of the client',
    vendorClass: 'Kind of client, in its maker’s words',
    clientId: 'What the client identifies itself by, as hex digits',
    parameters: 'Options that the client asks for, in its order',
    message: 'Why the server refused',
  },

  recognise(reader, context) {
    const operation = reader.peek(0);
    const fits = (operation === BOOT_REQUEST || operation === BOOT_REPLY) && reader.peek(2) <= HARDWARE_ADDRESS;
    // The standard leaves nobody a choice of port; some finders of devices borrow the form on others.
    const here = PORTS.has(context.sourcePort) || PORTS.has(context.destinationPort);
    if (!here || !fits || reader.remaining < FIXED_PART) {
      return 'no';
    }
    const high = (reader.peek(FIXED_PART) << 8) | reader.peek(FIXED_PART + 1);
    const low = (reader.peek(FIXED_PART + 2) << 8) | reader.peek(FIXED_PART + 3);
    return high === MAGIC_COOKIE >>> 16 && low === (MAGIC_COOKIE & 0xffff) ? 'strong' : 'weak';
  },

  read(reader) {
    const operation = reader.u8();
    const hardwareType = reader.u8();
    const hardwareLength = reader.u8();
    reader.skip(1); // hops
    const transactionId = reader.u32be();
    reader.skip(4); // seconds, flags
    const clientAddress = reader.u32be();
    const yourAddress = reader.u32be();
    reader.skip(4); // next server
    const relayAddress = reader.u32be();
    const hardware = reader.take(HARDWARE_ADDRESS);
    if (operation > BOOT_REPLY) {
      return new Malformed(`operation is ${operation}, neither request nor reply`);
    }
    const ethernet = (hardwareType === ETHERNET || hardwareType === IEEE_802) && hardwareLength === MAC;
    const options = readOptions(reader);
    const messageType = options.messageType;
    const fields: Fields = {
      transactionId,
      ...(messageType === undefined ? {} : { messageType }),
      ...(ethernet ? { clientMac: macText(hardware) } : {}),
      ...(clientAddress === 0 ? {} : { clientAddress: ipv4Text(clientAddress) }),
      ...(yourAddress === 0 ? {} : { yourAddress: ipv4Text(yourAddress) }),
      ...(relayAddress === 0 ? {} : { relayAddress: ipv4Text(relayAddress) }),
      ...options,
    };
    return operation === BOOT_REQUEST ? ask(fields) : answer(fields);
  },

  observe({ direction, operation, fields }) {
    const { clientMac } = fields;
    if (clientMac === undefined || clientMac === NO_MAC) {
      return direction === 'response' ? observeServer(fields) : NOTHING;
    }
    if (direction === 'request') {
      return observeClient(fields, { mac: clientMac });
    }
    const leased = operation === OPERATIONS.acknowledge || operation === OPERATIONS.bootReply;
    const address = leased ? fields.yourAddress : undefined;
    const lease: readonly Observation[] =
      address === undefined ? NOTHING : [{ kind: 'address', mac: clientMac, address, via: 'lease' }];
    return [...lease, ...observeServer(fields)];
  },
});

function ask(fields: Fields): Reading<Fields> {
  const { messageType } = fields;
  const operation = messageType === undefined ? OPERATIONS.bootRequest : (BY_TYPE[messageType] ?? OPERATIONS.unknown);
  const like = messageType ?? 0;
  return { direction: 'request', operation, pair: pairOf(fields), like, proves: true, fields };
}

function answer(fields: Fields): Reading<Fields> {
  const { messageType } = fields;
  const operation = messageType === undefined ? OPERATIONS.bootReply : (BY_TYPE[messageType] ?? OPERATIONS.unknown);
  const pair = pairOf(fields);
  return operation === OPERATIONS.refuse
    ? { direction: 'response', operation, pair, refused: fields.message || 'lease refused', fields }
    : { direction: 'response', operation, pair, fields };
}

function pairOf({ transactionId, clientMac }: Fields): string {
  return `${transactionId} ${clientMac}`;
}

type Options = Partial<Mutable<Fields>>;

/** Options end with their own mark; a message that lacks it is cut off (RFC 2131, section 4.1). */
function readOptions(reader: Reader): Options {
  const options: Options = {};
  reader.seek(FIXED_PART);
  if (reader.u32be() !== MAGIC_COOKIE) {
    reader.expect(VENDOR_AREA - 4);
    return options;
  }
  const overload = readList(reader, options, true);
  const end = reader.position;
  if (overload & 2) {
    reader.seek(SERVER_NAME);
    readList(reader.sub(SERVER_NAME_LENGTH), options, false);
  }
  if (overload & 1) {
    reader.seek(SERVER_NAME + SERVER_NAME_LENGTH);
    readList(reader.sub(FILE_LENGTH), options, false);
  }
  reader.seek(end);
  return options;
}

/** Returns which of the two other areas hold options as well (RFC 2132, section 9.3). */
function readList(reader: Reader, options: Options, must: boolean): number {
  let overload = 0;
  while (reader.step()) {
    if (reader.remaining === 0 && !must) {
      break;
    }
    const code = reader.u8();
    if (code === PAD && !reader.truncated) {
      continue;
    }
    if (code === END || reader.truncated) {
      break;
    }
    const length = reader.u8();
    reader.expect(length);
    const next = reader.position + length;
    if (code === OVERLOAD) {
      overload = reader.peek();
    } else {
      readOption(reader, code, length, options);
    }
    reader.seek(next);
  }
  return overload;
}

function readOption(reader: Reader, code: number, length: number, options: Options): void {
  switch (code) {
    case MESSAGE_TYPE:
      options.messageType = reader.u8();
      break;
    case ROUTER:
      options.routers = addresses(reader.take(length));
      break;
    case HOST_NAME:
      options.hostName = reader.text(length).trim();
      break;
    case REQUESTED_ADDRESS:
      options.requestedAddress = ipv4Text(reader.u32be());
      break;
    case LEASE_TIME:
      options.leaseTime = reader.u32be();
      break;
    case SERVER_ID:
      options.serverAddress = ipv4Text(reader.u32be());
      break;
    case PARAMETERS:
      options.parameters = [...reader.take(length)];
      break;
    case MESSAGE:
      options.message = reader.text(length).trim();
      break;
    case VENDOR_CLASS:
      options.vendorClass = reader.text(length).trim();
      break;
    case CLIENT_ID:
      options.clientId = hexText(reader.take(length));
      break;
    case CLIENT_NAME:
      options.fullName = clientName(reader, length);
      break;
    default:
      break;
  }
}

function addresses(bytes: Uint8Array): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at + 4 <= bytes.length && texts.length < MOST_ROUTERS; at += 4) {
    texts.push(bytes.subarray(at, at + 4).join('.'));
  }
  return texts;
}

/** RFC 4702, section 2: flags, two bytes without meaning, then the name as text or as labels. */
function clientName(reader: Reader, length: number): string {
  const end = reader.position + length;
  const labels = (reader.u8() & IN_WIRE_FORM) !== 0;
  reader.skip(2);
  if (!labels) {
    return reader.text(end - reader.position).trim();
  }
  const parts: string[] = [];
  while (reader.position < end && reader.step()) {
    const size = reader.u8();
    if (size === 0 || size > end - reader.position) {
      break;
    }
    parts.push(reader.text(size));
  }
  return parts.join('.');
}

/** The client speaks for itself, also where a relay passes its words on. */
function observeClient(fields: Fields, subject: Subject): readonly Observation[] {
  const observations: Observation[] = [];
  const name = fields.hostName || fields.fullName;
  if (name) {
    observations.push({ kind: 'identity', subject, basis: 'announcement', name });
  }
  const vendorClass = fields.vendorClass;
  const made = vendorClass ? CLASSES.find(({ starts }) => vendorClass.startsWith(starts)) : undefined;
  if (made) {
    observations.push({ kind: 'identity', subject, basis: 'banner', ...known({ ...made.identity }) });
  }
  if (made?.role) {
    const reason = `DHCP vendor class “${made.starts}”`;
    // Panels with Windows CE have the same class as workstations.
    const basis = made.role === 'workstation' ? 'hint' : 'banner';
    observations.push({ kind: 'role', subject, role: made.role, reason, basis });
  }
  if (fields.clientAddress !== undefined && fields.clientMac !== undefined) {
    observations.push({ kind: 'address', mac: fields.clientMac, address: fields.clientAddress, via: 'request' });
  }
  return [...observations, ...observeRelay(fields)];
}

function observeServer(fields: Fields): readonly Observation[] {
  const observations: Observation[] = [];
  if (fields.serverAddress !== undefined) {
    const subject = { address: fields.serverAddress };
    const reason = 'gives out addresses (DHCP)';
    observations.push({ kind: 'role', subject, role: 'server', reason, basis: 'behaviour' });
  }
  for (const address of fields.routers ?? NOTHING) {
    const reason = 'named as router by DHCP';
    observations.push({ kind: 'role', subject: { address }, role: 'router', reason, basis: 'stated' });
  }
  return [...observations, ...observeRelay(fields)];
}

function observeRelay({ relayAddress }: Fields): readonly Observation[] {
  if (relayAddress === undefined) {
    return NOTHING;
  }
  const subject = { address: relayAddress };
  return [{ kind: 'role', subject, role: 'router', reason: 'relays DHCP', basis: 'behaviour' }];
}
