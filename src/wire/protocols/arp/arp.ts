import { defineDissector, defineOperations, NOTHING, type Operation, type Reading } from '../../dissector.ts';
import { hexText, ipv4Text, macText } from '../../format.ts';
import type { AddressObservation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly operation: number;
  readonly hardwareType: number;
  readonly protocolType: number;
  readonly senderMac?: string;
  readonly senderAddress?: string;
  readonly targetMac?: string;
  readonly targetAddress?: string;
}

/** The registry "ARP Parameters" (RFC 826, 903, 1931, 2390), and the two kinds of request that RFC 5227 adds. */
const OPERATIONS = defineOperations({
  request: ['request', 'discover'],
  reply: ['reply', 'discover'],
  probe: ['probe an address', 'discover'],
  announcement: ['announce an address', 'report'],
  reverseRequest: ['reverse request', 'discover'],
  reverseReply: ['reverse reply', 'discover'],
  dynamicReverse: ['dynamic reverse resolution', 'configure'],
  inverseRequest: ['inverse request', 'discover'],
  inverseReply: ['inverse reply', 'discover'],
  negativeReply: ['negative reply', 'discover'],
  unknown: ['unknown operation', 'unknown'],
});

const REQUEST = 1;
const REPLY = 2;
const NEGATIVE_REPLY = 10;
/** ARP, RARP, DRARP (reply and error) and InARP replies, and the negative one. */
const ANSWERS: ReadonlySet<number> = new Set([REPLY, 4, 6, 7, 9, NEGATIVE_REPLY]);

const BY_NUMBER: readonly (Operation | undefined)[] = [
  undefined,
  OPERATIONS.request,
  OPERATIONS.reply,
  OPERATIONS.reverseRequest,
  OPERATIONS.reverseReply,
  OPERATIONS.dynamicReverse,
  OPERATIONS.dynamicReverse,
  OPERATIONS.dynamicReverse,
  OPERATIONS.inverseRequest,
  OPERATIONS.inverseReply,
  OPERATIONS.negativeReply,
];

const HEADER = 8;
const MAC = 6;
const IPV4 = 4;
const IPV4_TYPE = 0x0800;
const NO_ADDRESS = '0.0.0.0';
const NO_MAC = '00:00:00:00:00:00';

export const arp = defineDissector<Fields>({
  name: 'arp',
  title: 'ARP',
  source: 'RFC 826, 903 (RARP), 2390 (InARP), 5227 (address conflict detection)',
  at: [{ ethertype: 0x0806 }, { ethertype: 0x8035 }],
  operations: OPERATIONS,
  fields: {
    operation: 'Number of the operation: 1 request, 2 reply',
    hardwareType: 'Kind of network: 1 is Ethernet',
    protocolType: 'EtherType of the protocol whose addresses are resolved',
    senderMac: 'MAC address that the sender states for itself; plain hex digits where it is not Ethernet',
    senderAddress: 'IPv4 address that the sender states for itself; 0.0.0.0 in a probe',
    targetMac: 'MAC address of the target; zero where it is asked for',
    targetAddress: 'IPv4 address that is asked for or answered',
  },

  recognise(reader) {
    const hardwareLength = reader.peek(4);
    const protocolLength = reader.peek(5);
    const operation = (reader.peek(6) << 8) | reader.peek(7);
    if (reader.remaining < HEADER || operation === 0) {
      return 'no';
    }
    return hardwareLength === MAC && protocolLength === IPV4 ? 'strong' : 'weak';
  },

  read(reader) {
    const hardwareType = reader.u16be();
    const protocolType = reader.u16be();
    const hardwareLength = reader.u8();
    const protocolLength = reader.u8();
    const operation = reader.u16be();
    reader.limit(2 * (hardwareLength + protocolLength)); // what follows is padding of the frame
    if (protocolLength === IPV4 && protocolType === IPV4_TYPE) {
      return readIpv4(reader, hardwareType, hardwareLength, operation);
    }
    reader.skip(2 * (hardwareLength + protocolLength));
    const known = BY_NUMBER[operation] ?? OPERATIONS.unknown;
    return { direction: directionOf(operation), operation: known, fields: { operation, hardwareType, protocolType } };
  },

  observe({ operation, fields }) {
    const { senderMac, senderAddress, targetMac, targetAddress } = fields;
    switch (operation) {
      case OPERATIONS.probe:
        return belong(senderMac, targetAddress, 'probe');
      case OPERATIONS.announcement:
        return belong(senderMac, senderAddress, 'announcement');
      case OPERATIONS.request:
      case OPERATIONS.inverseRequest:
        return belong(senderMac, senderAddress, 'request');
      case OPERATIONS.reply:
      case OPERATIONS.inverseReply:
        return belong(senderMac, senderAddress, 'reply');
      // A RARP server tells the target which address it has.
      case OPERATIONS.reverseReply:
        return belong(targetMac, targetAddress, 'lease');
      default:
        return NOTHING;
    }
  },
});

function readIpv4(reader: Reader, hardwareType: number, hardwareLength: number, operation: number): Reading<Fields> {
  const senderMac = hardwareText(reader.take(hardwareLength));
  const sender = reader.u32be();
  const targetMac = hardwareText(reader.take(hardwareLength));
  const target = reader.u32be();
  const fields: Fields = {
    operation,
    hardwareType,
    protocolType: IPV4_TYPE,
    senderMac,
    senderAddress: ipv4Text(sender),
    targetMac,
    targetAddress: ipv4Text(target),
  };
  // RFC 5227, section 3: an announcement is a request or a reply in which sender and target address are the same.
  if ((operation === REQUEST || operation === REPLY) && sender === target && sender !== 0) {
    return { direction: 'report', operation: OPERATIONS.announcement, fields };
  }
  if (operation === REQUEST) {
    // RFC 5227, section 2.1.1: a probe asks for the address that the sender means to use.
    const asked = sender === 0 ? OPERATIONS.probe : OPERATIONS.request;
    return { direction: 'request', operation: asked, pair: target, like: target, proves: true, fields };
  }
  const known = BY_NUMBER[operation] ?? OPERATIONS.unknown;
  const direction = directionOf(operation);
  if (operation === REPLY) {
    return { direction, operation: known, pair: sender, fields };
  }
  if (operation === NEGATIVE_REPLY) {
    return { direction, operation: known, refused: 'no such address', fields };
  }
  return { direction, operation: known, fields };
}

function hardwareText(bytes: Uint8Array): string {
  return bytes.length === MAC ? macText(bytes) : hexText(bytes);
}

function directionOf(operation: number): 'request' | 'response' {
  return ANSWERS.has(operation) ? 'response' : 'request';
}

function belong(
  mac: string | undefined,
  address: string | undefined,
  via: AddressObservation['via'],
): readonly AddressObservation[] {
  const given = mac?.length === NO_MAC.length && mac !== NO_MAC && address !== undefined && address !== NO_ADDRESS;
  if (!given) {
    return NOTHING;
  }
  return [{ kind: 'address', mac, address, via }];
}
