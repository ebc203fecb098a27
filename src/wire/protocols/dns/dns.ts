import {
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
} from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import {
  A,
  AAAA,
  DNS_HEADER,
  type DnsAnswer,
  dnsAnswers,
  dnsRefusal,
  isHostQuestion,
  looksLikeDns,
  PTR,
  readDnsMessage,
  reverseAddress,
} from '../../stack/dns-message.ts';

interface Fields {
  readonly id: number;
  readonly opcode: number;
  readonly responseCode?: number;
  readonly name?: string;
  readonly type?: number;
  readonly answers?: readonly DnsAnswer[];
}

/** RFC 6895, section 2.2. */
const OPERATIONS = defineOperations({
  query: ['query', 'discover'],
  transfer: ['transfer zone', 'read'],
  inverseQuery: ['inverse query', 'discover'],
  status: ['server status', 'discover'],
  notify: ['notify of zone change', 'report'],
  update: ['update zone', 'configure'],
  stateful: ['stateful operation', 'session'],
  unknown: ['unknown operation', 'unknown'],
});

const BY_OPCODE: readonly (Operation | undefined)[] = [
  OPERATIONS.query,
  OPERATIONS.inverseQuery,
  OPERATIONS.status,
  undefined,
  OPERATIONS.notify,
  OPERATIONS.update,
  OPERATIONS.stateful,
];

const PORT = 53;
const QUERY = 0;
const UPDATE = 5;
const HIGHEST_OPCODE = 6;
/** IXFR and AXFR (RFC 1995, 5936). */
const ZONE_TRANSFERS: ReadonlySet<number> = new Set([251, 252]);
/** Over TCP the message's length comes first (RFC 1035, section 4.2.2). */
const PREFIX = 2;
/** NetBIOS names, mDNS and LLMNR have the same message. */
const KIN: ReadonlySet<number> = new Set([137, 5353, 5355]);
const SERVES_NAMES = 'serves names';

export const dns = defineDissector<Fields>({
  name: 'dns',
  title: 'DNS',
  source: 'RFC 1035, 2136, 2782, 3596, 6891, 6895',
  at: [{ udp: PORT }, { tcp: PORT }],
  operations: OPERATIONS,
  fields: {
    id: 'Pairs a response with its query',
    opcode: 'Kind of message: 0 query, 4 notify, 5 update',
    responseCode: 'What became of the query, in a response only: 0 no error, 3 no such name',
    name: 'Name that is asked for; in an update the zone',
    type: 'Type of record that is asked for: 1 address, 28 IPv6 address, 12 pointer',
    answers: 'Records of the answer; in an update the records to change',
  },

  cut(reader, context) {
    if (context.transport !== 'tcp') {
      return reader.remaining;
    }
    if (reader.remaining < PREFIX) {
      return MORE;
    }
    const length = reader.u16be();
    return length < DNS_HEADER ? NOT_MINE : PREFIX + length;
  },

  recognise(reader, context) {
    const start = context.transport === 'tcp' ? PREFIX : 0;
    const kin = KIN.has(context.sourcePort) || KIN.has(context.destinationPort);
    if (!kin && isHostQuestion(reader, start)) {
      return 'strong';
    }
    const here = context.sourcePort === PORT || context.destinationPort === PORT;
    const opcode = (reader.peek(start + 2) >> 3) & 15;
    return here && opcode <= HIGHEST_OPCODE && looksLikeDns(reader, start) ? 'weak' : 'no';
  },

  read(reader, context) {
    if (context.transport === 'tcp') {
      reader.limit(reader.u16be());
    }
    const message = readDnsMessage(reader);
    if (message === undefined) {
      return new Malformed('a name that is none');
    }
    const { id, opcode, responseCode, name, type } = message;
    const asked = name === undefined || type === undefined ? undefined : { name, type };
    const transfers = opcode === QUERY && type !== undefined && ZONE_TRANSFERS.has(type);
    const operation = transfers ? OPERATIONS.transfer : (BY_OPCODE[opcode] ?? OPERATIONS.unknown);
    if (!message.response) {
      const changes = opcode === UPDATE ? { answers: dnsAnswers(message, 'authority') } : undefined;
      const fields = { id, opcode, ...asked, ...changes };
      return { direction: 'request', operation, pair: id, like: `${type} ${name}`, proves: true, fields };
    }
    const answers = dnsAnswers(message, 'answer');
    const refused = dnsRefusal(responseCode);
    const fields = { id, opcode, responseCode, ...asked, ...(answers.length > 0 ? { answers } : {}) };
    return { direction: 'response', operation, pair: id, ...(refused === undefined ? {} : { refused }), fields };
  },

  observe({ direction, operation, fields }, context) {
    const answers = direction === 'response' && operation !== OPERATIONS.update ? fields.answers : undefined;
    if (answers === undefined) {
      return NOTHING;
    }
    const observations: Observation[] = answers.flatMap(nameOf);
    if (context.recall(SERVES_NAMES) === undefined) {
      context.remember(SERVES_NAMES, true);
      observations.push({
        kind: 'role',
        subject: 'sender',
        role: 'server',
        reason: 'answers name queries (DNS)',
        basis: 'hint',
      });
    }
    return observations;
  },
});

/** A name that was asked for is no device; the address in the answer may be one, and this is its name. */
function nameOf({ name, type, value }: DnsAnswer): readonly Observation[] {
  if ((type === A || type === AAAA) && value !== undefined) {
    return [{ kind: 'identity', subject: { address: value }, basis: 'stated', name }];
  }
  const address = type === PTR && value !== undefined ? reverseAddress(name) : undefined;
  return address === undefined || value === undefined
    ? NOTHING
    : [{ kind: 'identity', subject: { address }, basis: 'stated', name: value }];
}
