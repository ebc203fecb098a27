import type { Mutable } from '../../../kit/mutable.ts';
import {
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation, type Role } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { Elements } from '../../stack/xml-elements.ts';

interface Fields {
  readonly action: string;
  readonly messageId?: string;
  readonly relatesTo?: string;
  readonly endpoint?: string;
  readonly types?: readonly string[];
  readonly scopes?: readonly string[];
  readonly addresses?: readonly string[];
}

/** OASIS WS-Discovery 1.1, section 4 to 6; the names end the URI of the action in each version. */
const OPERATIONS = defineOperations({
  hello: ['announce', 'report'],
  bye: ['leave', 'report'],
  probe: ['search', 'discover'],
  resolve: ['resolve', 'discover'],
  unknown: ['unknown action', 'unknown'],
});

const REQUESTS: ReadonlyMap<string, Operation> = new Map([
  ['Probe', OPERATIONS.probe],
  ['Resolve', OPERATIONS.resolve],
]);
const RESPONSES: ReadonlyMap<string, Operation> = new Map([
  ['ProbeMatches', OPERATIONS.probe],
  ['ResolveMatches', OPERATIONS.resolve],
]);
const REPORTS: ReadonlyMap<string, Operation> = new Map([
  ['Hello', OPERATIONS.hello],
  ['Bye', OPERATIONS.bye],
]);

const MOST_VALUES = 32;
const ENVELOPE = 'Envelope';
/** How many letters match once one does not. */
const OTHER_NAME = ENVELOPE.length + 1;
const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const SPACE = 0x20;
const BYTE_ORDER_MARK = 0xef;

/** Local names of types that are one kind of machine: ONVIF, DPWS printing. */
const ROLES: ReadonlyMap<string, Exclude<Role, 'unknown'>> = new Map([
  ['NetworkVideoTransmitter', 'camera'],
  ['PrintDeviceType', 'printer'],
  ['PrinterServiceType', 'printer'],
]);
/** ONVIF Core Specification, section 7.3.2.2: scopes that describe the device. */
const ONVIF_NAME = 'onvif://www.onvif.org/name/';
const ONVIF_HARDWARE = 'onvif://www.onvif.org/hardware/';

export const wsDiscovery = defineDissector<Fields>({
  name: 'ws_discovery',
  title: 'WS-Discovery',
  source: 'OASIS WS-Discovery 1.1; ONVIF Core Specification, section 7.3',
  at: [{ udp: 3702 }],
  operations: OPERATIONS,
  fields: {
    action: 'What the message is: Probe, ProbeMatches, Resolve, ResolveMatches, Hello, Bye',
    messageId: 'Pairs an answer with its question',
    relatesTo: 'The question that this answers',
    endpoint: 'Unique name of the device',
    types: 'Types of device that are searched for or announced',
    scopes: 'Scopes that the device belongs to: place, name, hardware',
    addresses: 'Where the device is reached',
  },

  recognise(reader, context) {
    // SOAP in a datagram is hardly anything else, and answers come from any port.
    return context.transport === 'udp' && startsWithEnvelope(reader) ? 'strong' : 'no';
  },

  read(reader) {
    const elements = new Elements(reader);
    const draft: Draft = { action: '' };
    let first = true;
    let parent = '';
    while (elements.next()) {
      if (first && elements.name !== ENVELOPE) {
        return new Malformed('no SOAP envelope');
      }
      first = false;
      readElement(elements, parent, draft);
      parent = elements.name;
    }
    reader.truncated ||= !elements.complete;
    return classify(draft);
  },

  observe({ direction, operation, fields }) {
    return direction === 'request' || operation === OPERATIONS.bye ? NOTHING : observeDevice(fields);
  },
});

/** The first tag that is no declaration is an `Envelope`, with or without a prefix. */
function startsWithEnvelope(reader: Reader): boolean {
  let at = reader.peek(0) === BYTE_ORDER_MARK ? 3 : 0;
  if (reader.peek(at) !== LESS) {
    return false;
  }
  while (at < reader.remaining && (reader.peek(at) !== LESS || reader.peek(at + 1) === QUESTION)) {
    at++;
  }
  let matched = 0;
  for (at++; at < reader.remaining; at++) {
    const byte = reader.peek(at);
    if (byte <= SPACE || byte === GREATER || byte === SLASH) {
      break;
    }
    matched = byte === COLON ? 0 : byte === ENVELOPE.charCodeAt(matched) ? matched + 1 : OTHER_NAME;
  }
  return matched === ENVELOPE.length;
}

type Draft = Mutable<Fields>;

/** The first of each kind counts. */
function readElement(elements: Elements, parent: string, draft: Draft): void {
  switch (elements.name) {
    case 'Action':
      draft.action ||= lastSegment(elements.text());
      break;
    case 'MessageID':
      draft.messageId ??= elements.text();
      break;
    case 'RelatesTo':
      draft.relatesTo ??= elements.text();
      break;
    case 'Address':
      if (parent === 'EndpointReference') {
        draft.endpoint ??= elements.text();
      }
      break;
    case 'Types':
      draft.types ??= list(elements.text());
      break;
    case 'Scopes':
      draft.scopes ??= list(elements.text());
      break;
    case 'XAddrs':
      draft.addresses ??= list(elements.text());
      break;
    default:
      break;
  }
}

function classify(fields: Fields): Reading<Fields> {
  const { action, messageId, relatesTo } = fields;
  const request = REQUESTS.get(action);
  if (request) {
    const pair = messageId === undefined ? undefined : { pair: messageId };
    return { direction: 'request', operation: request, ...pair, proves: true, fields };
  }
  const response = RESPONSES.get(action);
  if (response) {
    const pair = relatesTo === undefined ? undefined : { pair: relatesTo };
    return { direction: 'response', operation: response, ...pair, fields };
  }
  return { direction: 'report', operation: REPORTS.get(action) ?? OPERATIONS.unknown, fields };
}

function lastSegment(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

function list(text: string): readonly string[] {
  return text.split(/\s+/).filter(Boolean).slice(0, MOST_VALUES);
}

function observeDevice({ types, scopes }: Fields): readonly Observation[] {
  const observations: Observation[] = [];
  const identity = known({ name: scoped(scopes, ONVIF_NAME), product: scoped(scopes, ONVIF_HARDWARE) });
  if (Object.keys(identity).length > 0) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'discovery', ...identity });
  }
  for (const type of types ?? NOTHING) {
    const role = ROLES.get(type.slice(type.indexOf(':') + 1));
    if (role) {
      const reason = `announces itself as ${type} (WS-Discovery)`;
      observations.push({ kind: 'role', subject: 'sender', role, reason, basis: 'discovery' });
      break;
    }
  }
  return observations;
}

/** The rest of the scope that starts so; `%20` stands for a space. */
function scoped(scopes: readonly string[] | undefined, start: string): string | undefined {
  const scope = scopes?.find((candidate) => candidate.startsWith(start));
  return scope?.slice(start.length).replaceAll('%20', ' ').trim();
}
