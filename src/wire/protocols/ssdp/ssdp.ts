import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { type Identity, known, type Observation, type Role } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { LONG_TEXT } from '../../text.ts';

interface Fields {
  readonly method?: string;
  readonly status?: number;
  readonly notification?: string;
  readonly searchTarget?: string;
  readonly uniqueName?: string;
  readonly location?: string;
  readonly server?: string;
  readonly userAgent?: string;
}

/** UPnP Device Architecture 2.0, section 1. */
const OPERATIONS = defineOperations({
  search: ['search', 'discover'],
  alive: ['announce', 'report'],
  update: ['update', 'report'],
  leave: ['leave', 'report'],
  unknown: ['unknown method', 'unknown'],
});

const SEARCH = 'M-SEARCH';
const NOTIFY = 'NOTIFY';
const ANSWER = 'HTTP/1.';
/** Section 1.1.2: every message starts with one of these lines. */
const SEARCH_LINE = bytesOf('M-SEARCH * ');
const NOTIFY_LINE = bytesOf('NOTIFY * ');
const ANSWER_LINE = bytesOf(ANSWER);
const NOTIFICATIONS: ReadonlyMap<string, Operation> = new Map([
  ['ssdp:alive', OPERATIONS.alive],
  ['ssdp:update', OPERATIONS.update],
  ['ssdp:byebye', OPERATIONS.leave],
]);

const MOST_HEADERS = 64;
const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/** Types of device (UPnP Forum) that are one kind of machine. */
const ROLES: readonly (readonly [type: string, role: Exclude<Role, 'unknown'>])[] = [
  ['device:InternetGatewayDevice:', 'router'],
  ['device:WLANAccessPointDevice:', 'router'],
  ['device:Printer:', 'printer'],
  ['device:DigitalSecurityCamera:', 'camera'],
];

const SERVER = 'server';
const ROLE = 'role';

export const ssdp = defineDissector<Fields>({
  name: 'ssdp',
  title: 'SSDP',
  source: 'UPnP Device Architecture 2.0, section 1',
  at: [{ udp: 1900 }],
  operations: OPERATIONS,
  fields: {
    method: 'M-SEARCH or NOTIFY; absent in an answer',
    status: 'Status of an answer',
    notification: 'Kind of notification: ssdp:alive, ssdp:byebye, ssdp:update',
    searchTarget: 'Type of device or service that is searched for or announced',
    uniqueName: 'Unique name of the device or service',
    location: 'Where the description of the device is',
    server: 'System and product of the device, in its maker’s words',
    userAgent: 'System and product of the searcher',
  },

  recognise(reader) {
    if (startsWith(reader, SEARCH_LINE) || startsWith(reader, NOTIFY_LINE)) {
      return 'strong';
    }
    return startsWith(reader, ANSWER_LINE) ? 'weak' : 'no';
  },

  read(reader) {
    const line = readLine(reader);
    const method = line.split(' ', 1)[0] ?? '';
    const answers = line.startsWith(ANSWER);
    if (!answers && method !== SEARCH && method !== NOTIFY && !reader.truncated) {
      return new Malformed('neither a request nor an answer of SSDP');
    }
    const headers = readHeaders(reader);
    return answers ? answerOf(line, headers) : requestOf(method, headers);
  },

  observe({ operation, fields }, context) {
    if (operation === OPERATIONS.leave || fields.method === SEARCH) {
      return NOTHING;
    }
    return observeDevice(fields, context);
  },
});

function bytesOf(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}

function startsWith(reader: Reader, start: readonly number[]): boolean {
  for (let at = 0; at < start.length; at++) {
    if (reader.peek(at) !== start[at]) {
      return false;
    }
  }
  return true;
}

type Headers = ReadonlyMap<string, string>;

function requestOf(method: string, headers: Headers): Reading<Fields> {
  const common = commonOf(headers);
  if (method === SEARCH) {
    const like = common.searchTarget ?? '';
    return { direction: 'request', operation: OPERATIONS.search, like, proves: true, fields: { method, ...common } };
  }
  const notification = headers.get('nts') ?? '';
  const operation = NOTIFICATIONS.get(notification.toLowerCase()) ?? OPERATIONS.unknown;
  return { direction: 'report', operation, fields: { method, notification, ...common } };
}

function answerOf(line: string, headers: Headers): Reading<Fields> {
  const status = Number.parseInt(line.split(' ', 2)[1] ?? '', 10) || 0;
  return { direction: 'response', operation: OPERATIONS.search, fields: { status, ...commonOf(headers) } };
}

function commonOf(headers: Headers): Fields {
  const searchTarget = headers.get('st') ?? headers.get('nt');
  const uniqueName = headers.get('usn');
  const location = headers.get('location');
  const server = headers.get('server');
  const userAgent = headers.get('user-agent');
  return {
    ...(searchTarget === undefined ? {} : { searchTarget }),
    ...(uniqueName === undefined ? {} : { uniqueName }),
    ...(location === undefined ? {} : { location }),
    ...(server === undefined ? {} : { server }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

/** One line without its end; a message whose line does not end is cut off. */
function readLine(reader: Reader): string {
  let length = 0;
  while (length < reader.remaining && reader.peek(length) !== LINE_FEED) {
    length++;
  }
  const ends = length < reader.remaining;
  const bare = length > 0 && reader.peek(length - 1) === CARRIAGE_RETURN ? length - 1 : length;
  const line = reader.text(bare, 'utf-8', LONG_TEXT);
  reader.skip(length - bare + (ends ? 1 : 0));
  reader.truncated ||= !ends;
  return line;
}

/** Header names in lower case; the first of a name counts. An empty line ends them. */
function readHeaders(reader: Reader): Headers {
  const headers = new Map<string, string>();
  while (!reader.truncated && reader.step()) {
    const line = readLine(reader);
    if (line === '') {
      break;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (headers.size < MOST_HEADERS && !headers.has(name)) {
      headers.set(name, line.slice(colon + 1).trim());
    }
  }
  return headers;
}

/** A device repeats itself for each of its services; each fact is told once. */
function observeDevice({ server, searchTarget }: Fields, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  const identity = server === undefined || context.recall(SERVER) === server ? {} : identityOf(server);
  if (Object.keys(identity).length > 0) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'discovery', ...identity });
  }
  if (server !== undefined) {
    context.remember(SERVER, server);
  }
  const role = ROLES.find(([type]) => searchTarget?.includes(type) === true);
  if (role && context.recall(ROLE) !== role[1]) {
    context.remember(ROLE, role[1]);
    const reason = `announces itself as ${searchTarget}`;
    observations.push({ kind: 'role', subject: 'sender', role: role[1], reason, basis: 'discovery' });
  }
  return observations;
}

/** Section 1.2.2: `system/version UPnP/version product/version`; many write it with commas, or without the system. */
function identityOf(server: string): Identity {
  const tokens = server.split(/[\s,]+/);
  const upnp = tokens.findIndex((token) => /^UPnP\/\d/i.test(token));
  if (upnp < 0) {
    return known({ product: server });
  }
  return known({
    os: tokens.slice(0, upnp).join(' ').replace('/', ' '),
    product: tokens
      .slice(upnp + 1)
      .join(' ')
      .replace('/', ' '),
  });
}
