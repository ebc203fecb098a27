import { defineDissector, defineOperations, Malformed, NOTHING } from '../../dissector.ts';
import { type Identity, known, type Observation, type Role, type Subject } from '../../observation.ts';
import {
  A,
  AAAA,
  type DnsAnswer,
  dnsAnswers,
  HINFO,
  looksLikeDns,
  readDnsMessage,
  SRV,
  TXT,
} from '../../stack/dns-message.ts';

interface Fields {
  readonly id: number;
  readonly name?: string;
  readonly type?: number;
  readonly questionCount: number;
  readonly answers?: readonly DnsAnswer[];
}

const OPERATIONS = defineOperations({
  query: ['query', 'discover'],
  probe: ['probe names', 'discover'],
  announce: ['announce', 'report'],
  answer: ['answer', 'discover'],
});

const PORT = 5353;

/** Types of service that only one kind of machine offers (registry "Service Names"). */
const ROLES: ReadonlyMap<string, Exclude<Role, 'unknown'>> = new Map([
  ['_ipp._tcp', 'printer'],
  ['_ipps._tcp', 'printer'],
  ['_printer._tcp', 'printer'],
  ['_pdl-datastream._tcp', 'printer'],
  ['_rtsp._tcp', 'camera'],
  ['_axis-video._tcp', 'camera'],
]);

/** Keys of TXT records whose meaning their services publish: Bonjour printing, device-info, Cast. */
const TXT_KEYS: ReadonlyMap<string, keyof Identity> = new Map([
  ['model', 'product'],
  ['md', 'product'],
  ['ty', 'product'],
  ['manufacturer', 'vendor'],
  ['vendor', 'vendor'],
  ['usb_mfg', 'vendor'],
  ['serialnumber', 'serial'],
  ['firmware', 'firmware'],
  ['fwversion', 'firmware'],
]);

export const mdns = defineDissector<Fields>({
  name: 'mdns',
  title: 'mDNS',
  source: 'RFC 6762 (Multicast DNS), RFC 6763 (service discovery)',
  at: [{ udp: PORT }],
  operations: OPERATIONS,
  fields: {
    id: 'Zero, unless an ordinary resolver asks',
    name: 'Name of the first question',
    type: 'Type of record that the first question asks for',
    questionCount: 'How many questions the message asks',
    answers: 'Records that the sender states; in a probe those that it means to use',
  },

  recognise(reader, context) {
    const here = context.sourcePort === PORT || context.destinationPort === PORT;
    return here && looksLikeDns(reader, 0) ? 'weak' : 'no';
  },

  read(reader, context) {
    const message = readDnsMessage(reader);
    if (message === undefined) {
      return new Malformed('a name that is none');
    }
    const { id, name, type, questionCount } = message;
    const question = name === undefined || type === undefined ? undefined : { name, type };
    if (message.response) {
      const answers = dnsAnswers(message, 'answer', 'additional');
      const fields = { id, ...question, questionCount, answers };
      return context.toMany
        ? { direction: 'report', operation: OPERATIONS.announce, fields }
        : { direction: 'response', operation: OPERATIONS.answer, fields };
    }
    // RFC 6762, section 8.1: a probe says in the authority section which records the sender is about to use.
    const meant = dnsAnswers(message, 'authority');
    const probes = meant.length > 0;
    const operation = probes ? OPERATIONS.probe : OPERATIONS.query;
    const fields = { id, ...question, questionCount, ...(probes ? { answers: meant } : {}) };
    return { direction: 'request', operation, like: `${type} ${name}`, fields };
  },

  observe({ direction, fields }) {
    const { answers } = fields;
    return direction === 'request' || answers === undefined ? NOTHING : observeAnswers(answers);
  },
});

function observeAnswers(answers: readonly DnsAnswer[]): readonly Observation[] {
  const subjects = subjectsOf(answers);
  return answers.flatMap((answer) => {
    const subject = subjects.get(answer.name.toLowerCase()) ?? 'sender';
    return answer.type === SRV ? servicesOf(answer, subject) : identitiesOf(answer, subject);
  });
}

function identitiesOf({ name, type, value, texts }: DnsAnswer, subject: Subject): readonly Observation[] {
  if ((type === A || type === AAAA) && value !== undefined) {
    return [{ kind: 'identity', subject: { address: value }, basis: 'announcement', name }];
  }
  const system = type === HINFO ? { os: texts?.[1]?.trim() } : undefined;
  const identity = type === TXT && texts ? identityOf(texts) : known(system ?? {});
  return Object.keys(identity).length > 0
    ? [{ kind: 'identity', subject, basis: 'announcement', ...identity }]
    : NOTHING;
}

/** Whom the records of a name are about: the host that has the address, where the message says it. */
function subjectsOf(answers: readonly DnsAnswer[]): ReadonlyMap<string, Subject> {
  const subjects = new Map<string, Subject>();
  for (const { name, type, value } of answers) {
    if ((type === A || type === AAAA) && value !== undefined && !subjects.has(name.toLowerCase())) {
      subjects.set(name.toLowerCase(), { address: value });
    }
  }
  for (const { name, type, value } of answers) {
    const host = type === SRV && value !== undefined ? subjects.get(value.toLowerCase()) : undefined;
    if (host) {
      subjects.set(name.toLowerCase(), host);
    }
  }
  return subjects;
}

function servicesOf({ name, port }: DnsAnswer, subject: Subject): readonly Observation[] {
  if (port === undefined) {
    return NOTHING;
  }
  const service = serviceType(name);
  const observations: Observation[] = [
    { kind: 'service', subject, port, ...(service === undefined ? {} : { banner: service }) },
  ];
  const role = ROLES.get(service?.toLowerCase() ?? '');
  if (role) {
    observations.push({ kind: 'role', subject, role, reason: `offers ${service}`, basis: 'announcement' });
  }
  return observations;
}

/** `_ipp._tcp` of `Line 2._ipp._tcp.local` (RFC 6763, section 4.1). */
function serviceType(name: string): string | undefined {
  const labels = name.split('.');
  const at = labels.findIndex((label) => label === '_tcp' || label === '_udp');
  const service = labels[at - 1];
  return service?.startsWith('_') ? `${service}.${labels[at]}` : undefined;
}

function identityOf(texts: readonly string[]): Identity {
  const found: { -readonly [Key in keyof Identity]?: string } = {};
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = equals > 0 ? TXT_KEYS.get(text.slice(0, equals).toLowerCase()) : undefined;
    if (key) {
      found[key] ??= text.slice(equals + 1).trim();
    }
  }
  return known(found);
}
