import { defineDissector, defineOperations, NOTHING, type Operation, type Reading } from '../../dissector.ts';
import { ipv4Text } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly type: number;
  readonly code: number;
  readonly identifier?: number;
  readonly sequence?: number;
  readonly gateway?: string;
  readonly quotedProtocol?: number;
  readonly quotedSource?: string;
  readonly quotedDestination?: string;
  readonly quotedSourcePort?: number;
  readonly quotedDestinationPort?: number;
}

/** The registry "ICMP Parameters". */
const OPERATIONS = defineOperations({
  echo: ['echo', 'discover'],
  unreachable: ['destination unreachable', 'report'],
  quench: ['source quench', 'control'],
  redirect: ['redirect', 'configure'],
  routerAdvertisement: ['router advertisement', 'report'],
  routerSolicitation: ['router solicitation', 'discover'],
  timeExceeded: ['time exceeded', 'report'],
  parameterProblem: ['parameter problem', 'report'],
  timestamp: ['timestamp', 'discover'],
  information: ['information', 'discover'],
  addressMask: ['address mask', 'discover'],
  traceroute: ['traceroute', 'discover'],
  extendedEcho: ['extended echo', 'discover'],
  unknown: ['unknown type', 'unknown'],
});

const BY_TYPE: readonly (Operation | undefined)[] = Object.assign(new Array<Operation | undefined>(44), {
  0: OPERATIONS.echo,
  3: OPERATIONS.unreachable,
  4: OPERATIONS.quench,
  5: OPERATIONS.redirect,
  8: OPERATIONS.echo,
  9: OPERATIONS.routerAdvertisement,
  10: OPERATIONS.routerSolicitation,
  11: OPERATIONS.timeExceeded,
  12: OPERATIONS.parameterProblem,
  13: OPERATIONS.timestamp,
  14: OPERATIONS.timestamp,
  15: OPERATIONS.information,
  16: OPERATIONS.information,
  17: OPERATIONS.addressMask,
  18: OPERATIONS.addressMask,
  30: OPERATIONS.traceroute,
  42: OPERATIONS.extendedEcho,
  43: OPERATIONS.extendedEcho,
});

const HIGHEST_TYPE = 43;
const UNREACHABLE = 3;
const QUENCH = 4;
const REDIRECT = 5;
const ROUTER_SOLICITATION = 10;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;
/** Types of questions; the answers have identifier and sequence of theirs. */
const QUESTIONS: ReadonlySet<number> = new Set([8, 13, 15, 17, 42]);
const ANSWERS: ReadonlySet<number> = new Set([0, 14, 16, 18, 43]);
/** RFC 792: time to live exceeded in transit, which only routers say. */
const IN_TRANSIT = 0;
const TCP = 6;
const UDP = 17;
const SAID = 'role';

export const icmp = defineDissector<Fields>({
  name: 'icmp',
  title: 'ICMP',
  source: 'RFC 792, 950, 1256, 1812, 8335',
  at: [{ ipProtocol: 1 }],
  operations: OPERATIONS,
  // Echoes carry whatever the sender likes, and errors quote as much as they like.
  whole: false,
  fields: {
    type: 'Kind of message: 0 and 8 echo, 3 unreachable, 5 redirect, 11 time exceeded',
    code: 'What exactly, within the type: 1 host and 3 port unreachable',
    identifier: 'Names the asking program, in echo, timestamp and address mask',
    sequence: 'Pairs an answer with its question',
    gateway: 'Router that a redirect names',
    quotedProtocol: 'In an error: protocol of the packet that could not be delivered',
    quotedSource: 'In an error: who sent that packet',
    quotedDestination: 'In an error: whom it was for',
    quotedSourcePort: 'In an error: its source port',
    quotedDestinationPort: 'In an error: its destination port',
  },

  recognise(reader) {
    return reader.remaining >= 8 && reader.peek(0) <= HIGHEST_TYPE ? 'strong' : 'weak';
  },

  read(reader) {
    const type = reader.u8();
    const code = reader.u8();
    reader.skip(2); // checksum
    const operation = BY_TYPE[type] ?? OPERATIONS.unknown;
    if (QUESTIONS.has(type) || ANSWERS.has(type)) {
      const identifier = reader.u16be();
      const sequence = reader.u16be();
      const pair = identifier * 0x10000 + sequence;
      const fields = { type, code, identifier, sequence };
      return QUESTIONS.has(type)
        ? { direction: 'request', operation, pair, like: identifier, proves: true, fields }
        : { direction: 'response', operation, pair, fields };
    }
    if (type === ROUTER_SOLICITATION) {
      reader.skip(4);
      return { direction: 'request', operation, proves: true, fields: { type, code } };
    }
    return readReport(reader, operation, { type, code });
  },

  observe({ operation, fields }, context) {
    const reason = routing(operation, fields.code);
    if (reason === undefined || context.recall(SAID) === true) {
      return NOTHING;
    }
    context.remember(SAID, true);
    const role = 'router';
    const observations: Observation[] = [{ kind: 'role', subject: 'sender', role, reason, basis: 'behaviour' }];
    if (fields.gateway !== undefined) {
      const subject = { address: fields.gateway };
      observations.push({ kind: 'role', subject, role, reason: 'named as router by a redirect', basis: 'stated' });
    }
    return observations;
  },
});

type Head = Pick<Fields, 'type' | 'code'>;

function readReport(reader: Reader, operation: Operation, head: Head): Reading<Fields> {
  switch (head.type) {
    case UNREACHABLE:
    case QUENCH:
    case TIME_EXCEEDED:
    case PARAMETER_PROBLEM:
      reader.skip(4);
      return { direction: 'report', operation, fields: { ...head, ...quoted(reader) } };
    case REDIRECT: {
      const gateway = ipv4Text(reader.u32be());
      return { direction: 'report', operation, fields: { ...head, gateway, ...quoted(reader) } };
    }
    default:
      reader.skip(4);
      return { direction: 'report', operation, fields: head };
  }
}

/** RFC 792: the header of the packet that the error is about, and at least eight bytes of what it held. */
function quoted(reader: Reader): Partial<Fields> {
  const start = reader.position;
  const length = (reader.u8() & 15) * 4;
  reader.skip(8);
  const quotedProtocol = reader.u8();
  reader.skip(2); // checksum
  const quotedSource = ipv4Text(reader.u32be());
  const quotedDestination = ipv4Text(reader.u32be());
  const packet = { quotedProtocol, quotedSource, quotedDestination };
  const ports = quotedProtocol === TCP || quotedProtocol === UDP;
  if (!ports || length < 20 || reader.truncated || reader.remaining < length - 20 + 4) {
    return packet;
  }
  reader.seek(start + length);
  return { ...packet, quotedSourcePort: reader.u16be(), quotedDestinationPort: reader.u16be() };
}

function routing(operation: Operation, code: number): string | undefined {
  switch (operation) {
    case OPERATIONS.routerAdvertisement:
      return 'advertises itself as router (ICMP)';
    case OPERATIONS.redirect:
      return 'redirects traffic (ICMP)';
    case OPERATIONS.timeExceeded:
      return code === IN_TRANSIT ? 'forwards packets (ICMP time exceeded)' : undefined;
    default:
      return undefined;
  }
}
