import type { Mutable } from '../../../kit/mutable.ts';
import { defineDissector, defineOperations, NOTHING, type Operation, type Reading } from '../../dissector.ts';
import { hexText, ipv6Text, macText } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly messageType: number;
  readonly transactionId?: number;
  readonly relayed?: number;
  readonly clientId?: string;
  readonly clientMac?: string;
  readonly serverId?: string;
  readonly addresses?: readonly string[];
  readonly fullName?: string;
  readonly vendorClass?: string;
  readonly status?: number;
}

/** RFC 8415, section 7.3, and what later documents add. */
const OPERATIONS = defineOperations({
  solicit: ['solicit', 'configure'],
  advertise: ['advertise', 'configure'],
  request: ['request', 'configure'],
  confirm: ['confirm', 'configure'],
  renew: ['renew', 'configure'],
  rebind: ['rebind', 'configure'],
  reply: ['reply', 'configure'],
  release: ['release', 'configure'],
  decline: ['decline', 'configure'],
  reconfigure: ['reconfigure', 'configure'],
  inform: ['information request', 'configure'],
  relay: ['relay', 'configure'],
  leaseQuery: ['lease query', 'discover'],
  unknown: ['unknown message', 'unknown'],
});

const BY_TYPE: readonly (Operation | undefined)[] = [
  undefined,
  OPERATIONS.solicit,
  OPERATIONS.advertise,
  OPERATIONS.request,
  OPERATIONS.confirm,
  OPERATIONS.renew,
  OPERATIONS.rebind,
  OPERATIONS.reply,
  OPERATIONS.release,
  OPERATIONS.decline,
  OPERATIONS.reconfigure,
  OPERATIONS.inform,
  OPERATIONS.relay,
  OPERATIONS.relay,
  OPERATIONS.leaseQuery,
  OPERATIONS.leaseQuery,
  OPERATIONS.leaseQuery,
  OPERATIONS.leaseQuery,
];

const RECONFIGURE = 10;
const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
/** Advertise, reply, relay reply, and the answers to lease queries (RFC 5007, 5460). */
const ANSWERS: ReadonlySet<number> = new Set([2, 7, RELAY_REPLY, 15, 16, 17]);
const HIGHEST_TYPE = 36;
/** Section 7.6: HOP_COUNT_LIMIT. */
const MOST_RELAYS = 8;
const HEADER = 4;
const RELAY_HEADER = 34;
const IPV6 = 16;
const MAC = 6;

/** Options (section 21, RFC 4704). */
const CLIENT_ID = 1;
const SERVER_ID = 2;
const NON_TEMPORARY = 3;
const TEMPORARY = 4;
const ADDRESS = 5;
const RELAY_MESSAGE = 9;
const STATUS = 13;
const VENDOR_CLASS = 16;
const CLIENT_NAME = 39;
const MOST_ADDRESSES = 32;
const PORTS: ReadonlySet<number> = new Set([546, 547]);

/** Section 21.13. */
const STATUSES: readonly string[] = ['success', 'unspecified failure', 'no addresses', 'no binding', 'not on link'];

export const dhcpv6 = defineDissector<Fields>({
  name: 'dhcpv6',
  title: 'DHCPv6',
  source: 'RFC 8415, 4704, 5007',
  at: [{ udp: 546 }, { udp: 547 }],
  operations: OPERATIONS,
  // Options run to the end of the datagram.
  whole: false,
  fields: {
    messageType: 'Kind of message: 1 solicit, 2 advertise, 3 request, 7 reply; of the innermost where relayed',
    transactionId: 'Pairs an answer with its request',
    relayed: 'How many relays have passed the message on',
    clientId: 'DUID of the client, as hex digits',
    clientMac: 'MAC address in the client’s DUID; that of any of its interfaces',
    serverId: 'DUID of the server, as hex digits',
    addresses: 'Addresses that are asked for or leased',
    fullName: 'Full domain name of the client',
    vendorClass: 'Kind of client, in its maker’s words',
    status: 'What became of the request: 0 success, 2 no addresses',
  },

  recognise(reader, context) {
    const type = reader.peek(0);
    const here = PORTS.has(context.sourcePort) || PORTS.has(context.destinationPort);
    if (!here || type === 0 || type > HIGHEST_TYPE) {
      return 'no';
    }
    const header = type === RELAY_FORWARD || type === RELAY_REPLY ? RELAY_HEADER : HEADER;
    const option = (reader.peek(header) << 8) | reader.peek(header + 1);
    const length = (reader.peek(header + 2) << 8) | reader.peek(header + 3);
    const fits = reader.remaining === header || reader.remaining >= header + 4 + length;
    return reader.remaining >= header && option < 256 && fits ? 'weak' : 'no';
  },

  read(reader) {
    return readMessage(reader, 0);
  },

  observe({ direction, operation, fields }) {
    const { clientMac, addresses } = fields;
    if (direction === 'request') {
      return observeClient(fields);
    }
    const observations: Observation[] = [];
    if (operation === OPERATIONS.reply && clientMac !== undefined) {
      for (const address of addresses ?? NOTHING) {
        observations.push({ kind: 'address', mac: clientMac, address, via: 'lease' });
      }
    }
    if (fields.relayed === undefined) {
      const reason = 'gives out addresses (DHCPv6)';
      observations.push({ kind: 'role', subject: 'sender', role: 'server', reason, basis: 'behaviour' });
    }
    return observations;
  },
});

/** Behind a relay only the DUID says which client speaks. */
function observeClient({ relayed, clientMac, fullName }: Fields): readonly Observation[] {
  const subject = relayed === undefined ? 'sender' : clientMac === undefined ? undefined : { mac: clientMac };
  return subject !== undefined && fullName
    ? [{ kind: 'identity', subject, basis: 'announcement', name: fullName }]
    : NOTHING;
}

type Draft = Mutable<Fields>;

function readMessage(reader: Reader, depth: number): Reading<Fields> {
  const messageType = reader.u8();
  const relays = messageType === RELAY_FORWARD || messageType === RELAY_REPLY;
  const draft: Draft = { messageType };
  if (relays) {
    reader.skip(1 + 2 * IPV6); // hops, link and peer address
  } else {
    draft.transactionId = reader.u24be();
  }
  if (depth > 0) {
    draft.relayed = depth;
  }
  const inner = readOptions(reader, draft, depth);
  if (inner !== undefined) {
    return inner;
  }
  return ANSWERS.has(messageType) ? answer(draft) : ask(draft);
}

function answer(fields: Fields): Reading<Fields> {
  const { messageType, transactionId, status } = fields;
  const operation = BY_TYPE[messageType] ?? OPERATIONS.unknown;
  const pair = transactionId === undefined ? undefined : { pair: transactionId };
  const refused = status ? { refused: STATUSES[status] ?? `status ${status}` } : undefined;
  return { direction: 'response', operation, ...pair, ...refused, fields };
}

function ask(fields: Fields): Reading<Fields> {
  const { messageType, transactionId } = fields;
  const operation = BY_TYPE[messageType] ?? OPERATIONS.unknown;
  if (messageType === RECONFIGURE) {
    return { direction: 'report', operation, fields };
  }
  const pair = transactionId === undefined ? undefined : { pair: transactionId };
  return { direction: 'request', operation, ...pair, like: messageType, proves: true, fields };
}

/** Returns what a relay passes on, if that is what this is. */
function readOptions(reader: Reader, draft: Draft, depth: number): Reading<Fields> | undefined {
  let inner: Reading<Fields> | undefined;
  reader.repeatToEnd(() => {
    const code = reader.u16be();
    const length = reader.u16be();
    reader.expect(length);
    const option = reader.sub(length);
    if (code === RELAY_MESSAGE && depth < MOST_RELAYS) {
      inner ??= readMessage(option, depth + 1);
      reader.truncated ||= option.truncated;
    } else {
      readOption(option, code, draft);
    }
  });
  return inner;
}

function readOption(option: Reader, code: number, draft: Draft): void {
  switch (code) {
    case CLIENT_ID: {
      const duid = option.rest();
      const mac = macOf(duid);
      draft.clientId = hexText(duid);
      if (mac !== undefined) {
        draft.clientMac = mac;
      }
      break;
    }
    case SERVER_ID:
      draft.serverId = hexText(option.rest());
      break;
    case NON_TEMPORARY:
    case TEMPORARY:
      readAssociation(option, code, draft);
      break;
    case STATUS:
      draft.status = option.u16be();
      break;
    case VENDOR_CLASS:
      option.skip(4); // enterprise number
      draft.vendorClass = option.text(option.u16be()).trim();
      break;
    case CLIENT_NAME:
      option.skip(1); // flags
      draft.fullName = labels(option);
      break;
    default:
      break;
  }
}

/** Sections 21.4 and 21.5: an identity association holds addresses, each an option of its own. */
function readAssociation(option: Reader, code: number, draft: Draft): void {
  option.skip(code === NON_TEMPORARY ? 12 : 4);
  const addresses = [...(draft.addresses ?? NOTHING)];
  option.repeatToEnd(() => {
    const inner = option.u16be();
    const end = option.u16be() + option.position;
    if (inner === ADDRESS && addresses.length < MOST_ADDRESSES) {
      addresses.push(ipv6Text(option.take(IPV6)));
    } else if (inner === STATUS) {
      draft.status = option.u16be();
    }
    option.seek(end);
  });
  if (addresses.length > 0 && !option.truncated) {
    draft.addresses = addresses;
  }
}

/** Section 11: a DUID made from a link-layer address, with or without a time, of Ethernet. */
function macOf(duid: Uint8Array): string | undefined {
  const ethernet = duid[0] === 0 && duid[2] === 0 && duid[3] === 1;
  if (ethernet && duid[1] === 1 && duid.length === 8 + MAC) {
    return macText(duid, 8);
  }
  return ethernet && duid[1] === 3 && duid.length === 4 + MAC ? macText(duid, 4) : undefined;
}

function labels(option: Reader): string {
  const parts: string[] = [];
  while (option.remaining > 0 && option.step()) {
    const size = option.u8();
    if (size === 0 || size > option.remaining) {
      break;
    }
    parts.push(option.text(size));
  }
  return parts.join('.');
}
