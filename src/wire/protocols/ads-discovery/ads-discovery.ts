import type { Mutable } from '../../../kit/mutable.ts';
import { defineDissector, defineOperations, Malformed, NOTHING, type Operation } from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { readNetId } from '../../stack/ams.ts';

interface Fields {
  readonly service: number;
  readonly invokeId: number;
  readonly netId: string;
  readonly port: number;
  readonly status?: number;
  readonly host?: string;
  readonly version?: string;
  readonly os?: string;
  readonly routeName?: string;
  readonly routeNetId?: string;
  readonly user?: string;
  readonly secret?: 'sent' | 'default' | 'none';
}

/** Public research and the behaviour of open-source routers; Beckhoff documents what it does, not its bytes. */
const OPERATIONS = defineOperations({
  identify: ['identify', 'discover'],
  addRoute: ['add route', 'configure'],
  deleteRoute: ['delete route', 'configure'],
  unknown: ['unknown service', 'unknown'],
});

const MAGIC = 0x71146603;
const RESPONSE_BIT = 0x8000_0000;
const IDENTIFY = 1;
const ADD_ROUTE = 6;
const DELETE_ROUTE = 7;
const BY_SERVICE: ReadonlyMap<number, Operation> = new Map([
  [IDENTIFY, OPERATIONS.identify],
  [ADD_ROUTE, OPERATIONS.addRoute],
  [DELETE_ROUTE, OPERATIONS.deleteRoute],
]);

const STATUS_TAG = 1;
const PASSWORD_TAG = 2;
const VERSION_TAG = 3;
const OS_TAG = 4;
const HOST_TAG = 5;
const NET_ID_TAG = 7;
const ROUTE_NAME_TAG = 12;
const USER_TAG = 13;
const HEADER = 24;
const MOST_TAGS = 64;
/** What the manuals of the first devices print. */
const DEFAULT_PASSWORD = '1';

/** Platform ids of Windows (OSVERSIONINFO). */
const WINDOWS_NT = 2;
const WINDOWS_CE = 3;

export const adsDiscovery = defineDissector<Fields>({
  name: 'ads_discovery',
  title: 'ADS discovery',
  source: 'No public document of the bytes: published research, open-source routers and captures',
  at: [{ udp: 48899 }],
  operations: OPERATIONS,
  fields: {
    service: 'What is asked: 1 identify, 6 add route',
    invokeId: 'Number of the request, often 0',
    netId: 'AMS net id of the sender',
    port: 'AMS port of the sender',
    status: '0, or why the route was not added, in a response only',
    host: 'Name or address of the sender; of the machine that a new route leads to',
    version: 'Version of TwinCAT, in a response only',
    os: 'Operating system, in a response only',
    routeName: 'Name of a new route',
    routeNetId: 'AMS net id that a new route leads to',
    user: 'User that adds a route',
    secret: 'Whether a password came with it; never the password',
  },

  recognise(reader) {
    return reader.remaining >= HEADER && reader.u32le() === MAGIC ? 'strong' : 'no';
  },

  read(reader) {
    const magic = reader.u32le();
    const invokeId = reader.u32le();
    const code = reader.u32le();
    if (magic !== MAGIC) {
      return reader.truncated
        ? { direction: 'request', operation: OPERATIONS.unknown, fields: { service: 0, invokeId, netId: '', port: 0 } }
        : new Malformed('the first four bytes are not those of ADS discovery');
    }
    const isAnswer = code >= RESPONSE_BIT;
    const service = isAnswer ? code - RESPONSE_BIT : code;
    const fields: Mutable<Fields> = { service, invokeId, netId: readNetId(reader), port: reader.u16le() };
    readTags(reader, fields);
    const operation = BY_SERVICE.get(service) ?? OPERATIONS.unknown;
    const pair = service * 0x1_0000_0000 + invokeId;
    if (!isAnswer) {
      return { direction: 'request', operation, pair, fields };
    }
    return fields.status === undefined || fields.status === 0
      ? { direction: 'response', operation, pair, fields }
      : { direction: 'response', operation, pair, fields, refused: `status ${fields.status}` };
  },

  observe({ direction, fields }) {
    if (direction === 'request') {
      return fields.service === ADD_ROUTE ? observeRoute(fields) : NOTHING;
    }
    if (fields.service !== IDENTIFY) {
      return NOTHING;
    }
    const { host, version, os } = fields;
    const identity = known({ name: host, firmware: version, os });
    return [{ kind: 'identity', subject: 'sender', basis: 'discovery', ...identity }];
  },
});

function readTags(reader: Reader, fields: Mutable<Fields>): void {
  const count = reader.u32le();
  for (let tag = 0; tag < count && tag < MOST_TAGS && !reader.truncated; tag++) {
    const id = reader.u16le();
    const length = reader.u16le();
    reader.expect(length);
    const end = reader.position + length;
    readTag(reader, id, length, fields);
    reader.seek(end);
  }
}

function readTag(reader: Reader, id: number, length: number, fields: Mutable<Fields>): void {
  switch (id) {
    case STATUS_TAG:
      if (length >= 4) {
        fields.status = reader.u32le();
      }
      break;
    case PASSWORD_TAG: {
      const password = reader.text(length, 'latin-1');
      fields.secret = password === '' ? 'none' : password === DEFAULT_PASSWORD ? 'default' : 'sent';
      break;
    }
    case VERSION_TAG:
      if (length >= 4) {
        fields.version = `${reader.u8()}.${reader.u8()}.${reader.u16le()}`;
      }
      break;
    case OS_TAG:
      if (length >= 20) {
        fields.os = readOs(reader);
      }
      break;
    case HOST_TAG:
      fields.host = reader.text(length).trim();
      break;
    case NET_ID_TAG:
      if (length >= 6) {
        fields.routeNetId = readNetId(reader);
      }
      break;
    case ROUTE_NAME_TAG:
      fields.routeName = reader.text(length).trim();
      break;
    case USER_TAG:
      fields.user = reader.text(length).trim();
      break;
    default: // options, fingerprints
  }
}

/** Size, version, build and platform, as Windows states them; other systems fill in what they like. */
function readOs(reader: Reader): string {
  reader.skip(4);
  const major = reader.u32le();
  const minor = reader.u32le();
  const build = reader.u32le();
  const platform = reader.u32le();
  const version = build === 0 ? `${major}.${minor}` : `${major}.${minor}.${build}`;
  if (platform === WINDOWS_NT) {
    return `Windows NT ${version}`;
  }
  return platform === WINDOWS_CE ? `Windows CE ${version}` : version;
}

function observeRoute({ user, secret = 'none' }: Fields): readonly Observation[] {
  return [
    { kind: 'credential', scheme: 'ADS route', secret, ...(user ? { user } : {}) },
    { kind: 'role', subject: 'sender', role: 'engineering', reason: 'adds an ADS route', basis: 'behaviour' },
  ];
}
