import { defineDissector, defineOperations, Malformed, NOTHING } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import {
  A,
  AAAA,
  type DnsAnswer,
  dnsAnswers,
  dnsRefusal,
  looksLikeDns,
  readDnsMessage,
} from '../../stack/dns-message.ts';

interface Fields {
  readonly id: number;
  readonly responseCode?: number;
  readonly name?: string;
  readonly type?: number;
  readonly answers?: readonly DnsAnswer[];
}

const OPERATIONS = defineOperations({
  query: ['query', 'discover'],
  unknown: ['unknown operation', 'unknown'],
});

const PORT = 5355;
const QUERY = 0;

export const llmnr = defineDissector<Fields>({
  name: 'llmnr',
  title: 'LLMNR',
  source: 'RFC 4795',
  at: [{ udp: PORT }],
  operations: OPERATIONS,
  fields: {
    id: 'Pairs a response with its query',
    responseCode: 'What became of the query, in a response only',
    name: 'Name that is asked for',
    type: 'Type of record that is asked for',
    answers: 'Records of the answer',
  },

  recognise(reader, context) {
    const here = context.sourcePort === PORT || context.destinationPort === PORT;
    return here && looksLikeDns(reader, 0) ? 'weak' : 'no';
  },

  read(reader) {
    const message = readDnsMessage(reader);
    if (message === undefined) {
      return new Malformed('a name that is none');
    }
    const { id, opcode, responseCode, name, type } = message;
    const operation = opcode === QUERY ? OPERATIONS.query : OPERATIONS.unknown;
    const question = name === undefined || type === undefined ? undefined : { name, type };
    if (!message.response) {
      const like = `${type} ${name}`;
      return { direction: 'request', operation, pair: id, like, proves: true, fields: { id, ...question } };
    }
    const refused = dnsRefusal(responseCode);
    const fields = { id, responseCode, ...question, answers: dnsAnswers(message, 'answer') };
    return { direction: 'response', operation, pair: id, ...(refused === undefined ? {} : { refused }), fields };
  },

  observe({ direction, fields }) {
    return direction === 'response' && fields.answers !== undefined ? fields.answers.flatMap(nameOf) : NOTHING;
  },
});

/** A host answers for its own name, but nothing hinders another from answering: less than an announcement. */
function nameOf({ name, type, value }: DnsAnswer): readonly Observation[] {
  return (type === A || type === AAAA) && value !== undefined
    ? [{ kind: 'identity', subject: { address: value }, basis: 'discovery', name }]
    : NOTHING;
}
