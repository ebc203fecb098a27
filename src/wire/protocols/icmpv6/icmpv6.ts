import type { Mutable } from '../../../kit/mutable.ts';
import { defineDissector, defineOperations, Malformed, type Operation, type Reading } from '../../dissector.ts';
import { ipv6Text, macText } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly type: number;
  readonly code: number;
  readonly identifier?: number;
  readonly sequence?: number;
  readonly target?: string;
  readonly senderMac?: string;
  readonly targetMac?: string;
  readonly solicited?: boolean;
  readonly routerLifetime?: number;
  readonly prefixes?: readonly string[];
  readonly destination?: string;
  readonly groups?: readonly string[];
  readonly quotedProtocol?: number;
  readonly quotedSource?: string;
  readonly quotedDestination?: string;
}

/** The registry "ICMPv6 Parameters". */
const OPERATIONS = defineOperations({
  unreachable: ['destination unreachable', 'report'],
  tooBig: ['packet too big', 'report'],
  timeExceeded: ['time exceeded', 'report'],
  parameterProblem: ['parameter problem', 'report'],
  echo: ['echo', 'discover'],
  listenerQuery: ['multicast listener query', 'report'],
  listenerReport: ['multicast listener report', 'report'],
  listenerDone: ['multicast listener done', 'report'],
  routerSolicitation: ['router solicitation', 'discover'],
  routerAdvertisement: ['router advertisement', 'report'],
  neighbour: ['neighbour solicitation', 'discover'],
  announcement: ['neighbour announcement', 'report'],
  redirect: ['redirect', 'configure'],
  nodeInformation: ['node information', 'discover'],
  unknown: ['unknown type', 'unknown'],
});

const PARAMETER_PROBLEM = 4;
const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;
const LISTENER_QUERY = 130;
const LISTENER_REPORT = 131;
const LISTENER_DONE = 132;
const ROUTER_SOLICITATION = 133;
const ROUTER_ADVERTISEMENT = 134;
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
const REDIRECT = 137;
const NODE_QUERY = 139;
const NODE_ANSWER = 140;
const LISTENER_REPORT_2 = 143;

const ERRORS: readonly (Operation | undefined)[] = [
  undefined,
  OPERATIONS.unreachable,
  OPERATIONS.tooBig,
  OPERATIONS.timeExceeded,
  OPERATIONS.parameterProblem,
];

/** RFC 4861, section 4.6. */
const SOURCE_LINK_ADDRESS = 1;
const TARGET_LINK_ADDRESS = 2;
const PREFIX = 3;
const SOLICITED = 0x40000000;
const IPV6 = 16;
const MAC = 6;
const MOST = 16;
const UNSPECIFIED = '::';
const IN_TRANSIT = 0;
const SAID = 'role';

export const icmpv6 = defineDissector<Fields>({
  name: 'icmpv6',
  title: 'ICMPv6',
  source: 'RFC 4443, 4861 (neighbour discovery), 2710 and 3810 (multicast listeners)',
  at: [{ ipProtocol: 58 }],
  operations: OPERATIONS,
  // Options and quoted packets run to the end of the packet.
  whole: false,
  fields: {
    type: 'Kind of message: 1 unreachable, 128 and 129 echo, 134 router, 135 and 136 neighbour',
    code: 'What exactly, within the type',
    identifier: 'Names the asking program, in an echo',
    sequence: 'Pairs an echo with its answer',
    target: 'Address that is asked for, answered or redirected to',
    senderMac: 'MAC address that the sender states for itself',
    targetMac: 'MAC address of the target',
    solicited: 'The advertisement answers a question',
    routerLifetime: 'How long the router serves as the default one, in seconds',
    prefixes: 'Networks that the router announces',
    destination: 'Address that is redirected',
    groups: 'Multicast groups',
    quotedProtocol: 'In an error: protocol of the packet that could not be delivered',
    quotedSource: 'In an error: who sent that packet',
    quotedDestination: 'In an error: whom it was for',
  },

  recognise(reader) {
    return reader.remaining >= 8 ? 'strong' : 'weak';
  },

  read(reader) {
    const type = reader.u8();
    const code = reader.u8();
    reader.skip(2); // checksum
    const head = { type, code };
    if (type <= PARAMETER_PROBLEM) {
      reader.skip(4);
      const operation = ERRORS[type] ?? OPERATIONS.unknown;
      return { direction: 'report', operation, fields: { ...head, ...quoted(reader) } };
    }
    switch (type) {
      case ECHO_REQUEST:
      case ECHO_REPLY:
        return readEcho(reader, head);
      case LISTENER_QUERY:
      case LISTENER_REPORT:
      case LISTENER_DONE:
      case LISTENER_REPORT_2:
        return readListeners(reader, head);
      case NODE_QUERY:
      case NODE_ANSWER:
        reader.skip(12);
        return { direction: answers(type), operation: OPERATIONS.nodeInformation, fields: head };
      default:
        return type >= ROUTER_SOLICITATION && type <= REDIRECT
          ? readDiscovery(reader, head)
          : { direction: 'report', operation: OPERATIONS.unknown, fields: head };
    }
  },

  observe({ operation, fields }, context) {
    const reason = routing(operation, fields);
    const role: Observation[] = [];
    if (reason !== undefined && context.recall(SAID) !== true) {
      context.remember(SAID, true);
      role.push({ kind: 'role', subject: 'sender', role: 'router', reason, basis: 'behaviour' });
    }
    const address = addressOf(operation, fields, context.toMany);
    return address ? [...role, address] : role;
  },
});

type Head = Pick<Fields, 'type' | 'code'>;
type Draft = Mutable<Fields>;

function answers(type: number): 'request' | 'response' {
  return type === ECHO_REPLY || type === NODE_ANSWER ? 'response' : 'request';
}

function readEcho(reader: Reader, { type, code }: Head): Reading<Fields> {
  const identifier = reader.u16be();
  const sequence = reader.u16be();
  const pair = identifier * 0x10000 + sequence;
  const fields = { type, code, identifier, sequence };
  const operation = OPERATIONS.echo;
  return type === ECHO_REQUEST
    ? { direction: 'request', operation, pair, like: identifier, proves: true, fields }
    : { direction: 'response', operation, pair, fields };
}

/** RFC 4861, sections 4.1 to 4.5: a fixed part for each type, then options. */
function readDiscovery(reader: Reader, head: Head): Reading<Fields> | Malformed {
  const draft: Draft = { type: head.type, code: head.code };
  readFixedPart(reader, draft);
  if (!readOptions(reader, draft)) {
    return new Malformed('an option of no length');
  }
  const { type, target } = draft;
  switch (type) {
    case ROUTER_SOLICITATION:
      return { direction: 'request', operation: OPERATIONS.routerSolicitation, proves: true, fields: draft };
    case ROUTER_ADVERTISEMENT:
      return { direction: 'report', operation: OPERATIONS.routerAdvertisement, fields: draft };
    case NEIGHBOUR_SOLICITATION: {
      const asked = target ?? UNSPECIFIED;
      const operation = OPERATIONS.neighbour;
      return { direction: 'request', operation, pair: asked, like: asked, proves: true, fields: draft };
    }
    case NEIGHBOUR_ADVERTISEMENT:
      return draft.solicited
        ? { direction: 'response', operation: OPERATIONS.neighbour, pair: target ?? UNSPECIFIED, fields: draft }
        : { direction: 'report', operation: OPERATIONS.announcement, fields: draft };
    default:
      return { direction: 'report', operation: OPERATIONS.redirect, fields: draft };
  }
}

function readFixedPart(reader: Reader, draft: Draft): void {
  if (draft.type === ROUTER_ADVERTISEMENT) {
    reader.skip(2); // hop limit, flags
    draft.routerLifetime = reader.u16be();
    reader.skip(8); // reachable time, retransmission
    return;
  }
  const flags = reader.u32be();
  if (draft.type === ROUTER_SOLICITATION) {
    return;
  }
  if (draft.type === NEIGHBOUR_ADVERTISEMENT) {
    draft.solicited = (flags & SOLICITED) !== 0;
  }
  draft.target = ipv6Text(reader.take(IPV6));
  if (draft.type === REDIRECT) {
    draft.destination = ipv6Text(reader.take(IPV6));
  }
}

/** Each option's length counts units of eight bytes, its own header included; zero is forbidden. */
function readOptions(reader: Reader, draft: Draft): boolean {
  const prefixes: string[] = [];
  while (reader.remaining > 0 && reader.step()) {
    const type = reader.u8();
    const length = reader.u8() * 8 - 2;
    if (length < 0) {
      return reader.truncated;
    }
    reader.expect(length);
    const option = reader.sub(length);
    if (type === SOURCE_LINK_ADDRESS && length === MAC) {
      draft.senderMac = macText(option.rest());
    } else if (type === TARGET_LINK_ADDRESS && length === MAC) {
      draft.targetMac = macText(option.rest());
    } else if (type === PREFIX && prefixes.length < MOST) {
      const bits = option.u8();
      option.skip(13); // flags, lifetimes, reserved
      prefixes.push(`${ipv6Text(option.take(IPV6))}/${bits}`);
    }
  }
  if (prefixes.length > 0) {
    draft.prefixes = prefixes;
  }
  return true;
}

/** RFC 2710, section 3, and RFC 3810, section 5.2. */
function readListeners(reader: Reader, head: Head): Reading<Fields> {
  const operation =
    head.type === LISTENER_QUERY
      ? OPERATIONS.listenerQuery
      : head.type === LISTENER_DONE
        ? OPERATIONS.listenerDone
        : OPERATIONS.listenerReport;
  const groups: string[] = [];
  if (head.type !== LISTENER_REPORT_2) {
    reader.skip(4); // maximum response delay, reserved
    groups.push(ipv6Text(reader.take(IPV6)));
    return { direction: 'report', operation, fields: { ...head, groups } };
  }
  reader.skip(2);
  reader.repeat(reader.u16be(), () => {
    reader.skip(1); // kind of record
    const auxiliary = reader.u8() * 4;
    const sources = reader.u16be() * IPV6;
    const group = ipv6Text(reader.take(IPV6));
    if (groups.length < MOST) {
      groups.push(group);
    }
    reader.skip(sources + auxiliary);
  });
  return { direction: 'report', operation, fields: { ...head, groups } };
}

/** RFC 4443, section 3: as much of the packet as fits; its fixed header is enough to know whom it was for. */
function quoted(reader: Reader): Partial<Fields> {
  reader.skip(6);
  const quotedProtocol = reader.u8();
  reader.skip(1); // hop limit
  return { quotedProtocol, quotedSource: ipv6Text(reader.take(IPV6)), quotedDestination: ipv6Text(reader.take(IPV6)) };
}

function routing(operation: Operation, fields: Fields): string | undefined {
  switch (operation) {
    case OPERATIONS.routerAdvertisement:
      return fields.routerLifetime === 0 ? undefined : 'advertises itself as router (ICMPv6)';
    case OPERATIONS.redirect:
      return 'redirects traffic (ICMPv6)';
    case OPERATIONS.timeExceeded:
      return fields.code === IN_TRANSIT ? 'forwards packets (ICMPv6 time exceeded)' : undefined;
    default:
      return undefined;
  }
}

/** The sender of a solicitation is named by the packet's header; the target of an advertisement is in the message. */
function addressOf(operation: Operation, fields: Fields, toMany: boolean): Observation | undefined {
  const { type, target, senderMac, targetMac } = fields;
  if (type === NEIGHBOUR_ADVERTISEMENT && target !== undefined) {
    const via = operation === OPERATIONS.announcement ? 'announcement' : 'reply';
    return { kind: 'address', address: target, via, ...(targetMac === undefined ? {} : { mac: targetMac }) };
  }
  if (type !== NEIGHBOUR_SOLICITATION || target === undefined) {
    return undefined;
  }
  if (senderMac !== undefined) {
    return { kind: 'address', mac: senderMac, via: 'request' };
  }
  // RFC 4862, section 5.4.2: whoever has no address yet asks all, and states no MAC address.
  return toMany ? { kind: 'address', address: target, via: 'probe' } : undefined;
}
