import type { Mutable } from '../../../kit/mutable.ts';
import { defineDissector, defineOperations, Malformed, NOTHING, type Operation } from '../../dissector.ts';
import { ipv4Text } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { sideOf } from '../../stack/side.ts';

interface Advertised {
  readonly type: number;
  readonly id: string;
  readonly router: string;
  readonly age: number;
}

interface Fields {
  readonly version: number;
  readonly messageType: number;
  readonly routerId: string;
  readonly area: string;
  readonly authentication?: number;
  readonly instance?: number;
  readonly interfaceId?: number;
  readonly networkMask?: string;
  readonly helloInterval?: number;
  readonly deadInterval?: number;
  readonly priority?: number;
  readonly designatedRouter?: string;
  readonly backupRouter?: string;
  readonly neighbours?: readonly string[];
  readonly mtu?: number;
  readonly sequence?: number;
  readonly count?: number;
  readonly advertisements?: readonly Advertised[];
}

type Draft = Mutable<Fields>;

const OPERATIONS = defineOperations({
  hello: ['hello', 'report'],
  description: ['describe database', 'report'],
  request: ['request link state', 'report'],
  update: ['update link state', 'report'],
  acknowledge: ['acknowledge link state', 'report'],
  unknown: ['unknown type', 'unknown'],
});

/** RFC 2328, section A.3; RFC 5340, section A.3. */
const HELLO = 1;
const DESCRIPTION = 2;
const REQUEST = 3;
const UPDATE = 4;
const ACKNOWLEDGE = 5;
const BY_TYPE: readonly (Operation | undefined)[] = [
  undefined,
  OPERATIONS.hello,
  OPERATIONS.description,
  OPERATIONS.request,
  OPERATIONS.update,
  OPERATIONS.acknowledge,
];
const VERSION_2 = 2;
const VERSION_3 = 3;
const HEADER_2 = 24;
const HEADER_3 = 16;
const LENGTH_ENDS = 4;
/** RFC 2328, appendix D: a password that everybody can read. */
const SIMPLE_PASSWORD = 1;
const ADVERTISEMENT = 20;
const MOST = 64;
const SAID = 'said';

export const ospf = defineDissector<Fields>({
  name: 'ospf',
  title: 'OSPF, versions 2 and 3',
  source: 'RFC 2328, appendix A; RFC 5340, appendix A',
  at: [{ ipProtocol: 89 }],
  operations: OPERATIONS,
  fields: {
    version: 'Version: 2 for IPv4, 3 for IPv6',
    messageType: 'Kind of message: 1 hello, 2 description, 3 request, 4 update, 5 acknowledgement',
    routerId: 'Number by which the sending router is known, written as an address',
    area: 'Area of the link',
    authentication: 'How version 2 is authenticated: 0 not, 1 password in clear, 2 cryptographic',
    instance: 'Instance on the link, in version 3',
    interfaceId: 'Number of the interface that sent this, in version 3',
    networkMask: 'Mask of the link, in version 2',
    helloInterval: 'Seconds between two hellos',
    deadInterval: 'Seconds of silence after which a router counts as gone',
    priority: 'How eager the router is to be the designated one; 0 never',
    designatedRouter: 'Router that speaks for the link; zeros where none is chosen yet',
    backupRouter: 'Router that takes over from it',
    neighbours: 'Routers that the sender hears on this link',
    mtu: 'Largest packet of the interface',
    sequence: 'Number of the description',
    count: 'How many link states the message holds or asks for',
    advertisements: 'Link states: kind, id, router that vouches for it, and age in seconds (3600 withdraws it)',
  },

  recognise(reader) {
    const version = reader.peek(0);
    const type = reader.peek(1);
    const length = (reader.peek(2) << 8) | reader.peek(3);
    const fits = length >= headerOf(version) && length <= reader.remaining;
    return (version === VERSION_2 || version === VERSION_3) && BY_TYPE[type] && fits ? 'strong' : 'no';
  },

  read(reader) {
    const version = reader.u8();
    const messageType = reader.u8();
    const length = reader.u16be();
    const header = headerOf(version);
    if (header === 0 && !reader.truncated) {
      return new Malformed(`version is ${version}`);
    }
    if (length < header && !reader.truncated) {
      return new Malformed('shorter than its header');
    }
    reader.limit(length - LENGTH_ENDS);
    const fields: Draft = { version, messageType, routerId: ipv4Text(reader.u32be()), area: ipv4Text(reader.u32be()) };
    reader.skip(2); // checksum
    if (version === VERSION_2) {
      fields.authentication = reader.u16be();
      reader.skip(8); // password or key
    } else {
      fields.instance = reader.u8();
      reader.skip(1); // reserved
    }
    readBody(reader, fields);
    return { direction: 'report', operation: BY_TYPE[messageType] ?? OPERATIONS.unknown, fields };
  },

  observe({ fields }, context) {
    const { version, routerId, interfaceId, authentication } = fields;
    const said = `${SAID} ${sideOf(context)}`;
    if (context.recall(said) === routerId) {
      return NOTHING;
    }
    context.remember(said, routerId);
    const reason = `takes part in routing (OSPF ${version})`;
    const observations: Observation[] = [
      { kind: 'role', subject: 'sender', role: 'router', reason, basis: 'announcement' },
    ];
    if (interfaceId !== undefined) {
      observations.push({ kind: 'neighbour', subject: 'sender', chassis: routerId, port: `interface ${interfaceId}` });
    }
    if (authentication === SIMPLE_PASSWORD) {
      observations.push({ kind: 'credential', scheme: 'OSPF password', secret: 'sent' });
    }
    return observations;
  },
});

function headerOf(version: number): number {
  return version === VERSION_2 ? HEADER_2 : version === VERSION_3 ? HEADER_3 : 0;
}

function readBody(reader: Reader, fields: Draft): void {
  switch (fields.messageType) {
    case HELLO:
      readHello(reader, fields);
      return;
    case DESCRIPTION:
      readDescription(reader, fields);
      return;
    case REQUEST:
      readList(reader, fields, requested);
      return;
    case UPDATE:
      readUpdate(reader, fields);
      return;
    case ACKNOWLEDGE:
      readList(reader, fields, advertised);
      return;
    default:
  }
}

function readHello(reader: Reader, fields: Draft): void {
  if (fields.version === VERSION_2) {
    fields.networkMask = ipv4Text(reader.u32be());
    fields.helloInterval = reader.u16be();
    reader.skip(1); // options
    fields.priority = reader.u8();
    fields.deadInterval = reader.u32be();
  } else {
    fields.interfaceId = reader.u32be();
    fields.priority = reader.u8();
    reader.skip(3); // options
    fields.helloInterval = reader.u16be();
    fields.deadInterval = reader.u16be();
  }
  fields.designatedRouter = ipv4Text(reader.u32be());
  fields.backupRouter = ipv4Text(reader.u32be());
  const neighbours: string[] = [];
  reader.repeatToEnd(() => {
    const neighbour = reader.u32be();
    if (neighbours.length < MOST) {
      neighbours.push(ipv4Text(neighbour));
    }
  });
  fields.neighbours = neighbours;
}

function readDescription(reader: Reader, fields: Draft): void {
  if (fields.version === VERSION_2) {
    fields.mtu = reader.u16be();
    reader.skip(2); // options, flags
  } else {
    reader.skip(4); // options
    fields.mtu = reader.u16be();
    reader.skip(2); // flags
  }
  fields.sequence = reader.u32be();
  readList(reader, fields, advertised);
}

function readList(reader: Reader, fields: Draft, read: (reader: Reader, version: number) => Advertised): void {
  const list: Advertised[] = [];
  let count = 0;
  reader.repeatToEnd(() => {
    const one = read(reader, fields.version);
    count++;
    if (list.length < MOST) {
      list.push(one);
    }
  });
  fields.count = count;
  fields.advertisements = list;
}

function readUpdate(reader: Reader, fields: Draft): void {
  const list: Advertised[] = [];
  fields.count = reader.u32be();
  reader.repeat(fields.count, () => {
    const length = (reader.peek(ADVERTISEMENT - 2) << 8) | reader.peek(ADVERTISEMENT - 1);
    const one = advertised(reader, fields.version);
    reader.expect(length - ADVERTISEMENT);
    reader.skip(Math.max(0, length - ADVERTISEMENT));
    if (list.length < MOST) {
      list.push(one);
    }
  });
  fields.advertisements = list;
}

/** RFC 2328, section A.4.1; in version 3 the options are part of the kind (RFC 5340, section A.4.2). */
function advertised(reader: Reader, version: number): Advertised {
  const age = reader.u16be();
  const type = version === VERSION_2 ? reader.u16be() & 0xff : reader.u16be();
  const id = ipv4Text(reader.u32be());
  const router = ipv4Text(reader.u32be());
  reader.skip(8); // sequence, checksum, length
  return { type, id, router, age };
}

function requested(reader: Reader): Advertised {
  const type = reader.u32be();
  return { type, id: ipv4Text(reader.u32be()), router: ipv4Text(reader.u32be()), age: 0 };
}
