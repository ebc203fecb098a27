import {
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { macText } from '../../format.ts';
import type { Observation, Subject } from '../../observation.ts';
import { Reader } from '../../reader.ts';
import {
  type DnsMessage,
  looksLikeDns,
  NETBIOS_SUFFIX,
  netbiosAddresses,
  netbiosName,
  readDnsMessage,
} from '../../stack/dns-message.ts';

interface Fields {
  readonly id: number;
  readonly opcode: number;
  readonly responseCode?: number;
  readonly name?: string;
  readonly suffix?: number;
  readonly type?: number;
  readonly group?: boolean;
  readonly addresses?: readonly string[];
  readonly names?: readonly NodeName[];
  readonly unitId?: string;
}

/** One of the names that a node says it has. */
interface NodeName {
  readonly name: string;
  readonly suffix: number;
  readonly group: boolean;
}

/** RFC 1002, section 4.2.1.1; 15 is Windows' registration of a host with several addresses. */
const OPERATIONS = defineOperations({
  query: ['name query', 'discover'],
  status: ['node status query', 'discover'],
  registration: ['name registration', 'configure'],
  release: ['name release', 'configure'],
  wait: ['wait for acknowledgement', 'session'],
  refresh: ['name refresh', 'configure'],
  unknown: ['unknown operation', 'unknown'],
});

const BY_OPCODE: readonly (Operation | undefined)[] = Object.assign(new Array<Operation | undefined>(16), {
  0: OPERATIONS.query,
  5: OPERATIONS.registration,
  6: OPERATIONS.release,
  7: OPERATIONS.wait,
  8: OPERATIONS.refresh,
  9: OPERATIONS.refresh,
  15: OPERATIONS.registration,
});

/** Sections 4.2.3 to 4.2.14. */
const REFUSALS: ReadonlyMap<number, string> = new Map([
  [1, 'format error'],
  [2, 'server failure'],
  [3, 'no such name'],
  [4, 'unsupported request'],
  [5, 'refused'],
  [6, 'name is owned by another node'],
  [7, 'name is in conflict'],
]);

const PORT = 137;
const ADDRESSES = 0x20;
const NODE_STATUS = 0x21;
const GROUP = 0x8000;
const MAC = 6;
const NO_MAC = '00:00:00:00:00:00';

export const nbns = defineDissector<Fields>({
  name: 'nbns',
  title: 'NetBIOS name service',
  source: 'RFC 1001, 1002; suffixes as Windows uses them',
  at: [{ udp: PORT }],
  operations: OPERATIONS,
  fields: {
    id: 'Pairs a response with its request',
    opcode: 'Kind of message: 0 query, 5 registration, 6 release, 8 refresh',
    responseCode: 'What became of the request, in a response only',
    name: 'NetBIOS name that the message is about, without the suffix',
    suffix: 'Sixteenth byte of the name, the kind of service: 0 workstation, 32 file server, 28 domain controllers',
    type: 'Type of record that is asked for: 32 addresses, 33 node status',
    group: 'The name is shared by a group',
    addresses: 'Addresses that have the name',
    names: 'Names that the node has, in a node status response only',
    unitId: 'MAC address that the node states, in a node status response only',
  },

  recognise(reader, context) {
    const here = context.sourcePort === PORT || context.destinationPort === PORT;
    const opcode = (reader.peek(2) >> 3) & 15;
    return here && BY_OPCODE[opcode] !== undefined && looksLikeDns(reader, 0) ? 'weak' : 'no';
  },

  read(reader) {
    const message = readDnsMessage(reader, 'netbios');
    if (message === undefined) {
      return new Malformed('a name that is none');
    }
    const { id, opcode, response } = message;
    const record = message.records[0];
    const encoded = message.name ?? record?.name;
    const type = message.type ?? record?.type;
    const fields: Fields = {
      id,
      opcode,
      ...(response ? { responseCode: message.responseCode } : {}),
      ...(encoded === undefined ? {} : netbiosName(encoded)),
      ...(type === undefined ? {} : { type }),
      ...dataOf(message),
    };
    const status = type === NODE_STATUS && opcode === 0;
    const operation = status ? OPERATIONS.status : (BY_OPCODE[opcode] ?? OPERATIONS.unknown);
    return response ? answer(fields, operation, message.responseCode) : ask(fields, operation);
  },

  observe({ direction, operation, fields, refused }) {
    if (refused !== undefined) {
      return NOTHING;
    }
    if (fields.names) {
      return direction === 'response' ? observeNode(fields.names, fields.unitId) : NOTHING;
    }
    const claims = operation === OPERATIONS.registration || operation === OPERATIONS.refresh;
    if (direction === 'request') {
      return claims ? observeName(fields, 'announcement') : NOTHING;
    }
    return operation === OPERATIONS.query ? observeName(fields, 'discovery') : NOTHING;
  },
});

function ask(fields: Fields, operation: Operation): Reading<Fields> {
  const like = `${fields.suffix} ${fields.name}`;
  return { direction: 'request', operation, pair: fields.id, like, proves: true, fields };
}

function answer(fields: Fields, operation: Operation, responseCode: number): Reading<Fields> {
  const refused = responseCode === 0 ? undefined : (REFUSALS.get(responseCode) ?? `response code ${responseCode}`);
  return { direction: 'response', operation, pair: fields.id, ...(refused === undefined ? {} : { refused }), fields };
}

/** What the first record with data says: addresses of a name (section 4.2.1.3), or a node's status (4.2.18). */
function dataOf(message: DnsMessage): Partial<Fields> | undefined {
  const record = message.records.find(({ data }) => data !== undefined && data.length > 0);
  if (record?.data === undefined) {
    return undefined;
  }
  if (record.type === ADDRESSES) {
    const group = ((record.data[0] ?? 0) & (GROUP >> 8)) !== 0;
    return { group, addresses: netbiosAddresses(record.data) };
  }
  return record.type === NODE_STATUS ? nodeStatus(Reader.of(record.data)) : undefined;
}

function nodeStatus(reader: Reader): Partial<Fields> {
  const names: NodeName[] = [];
  reader.repeat(reader.u8(), () => {
    const name = reader.text(15, 'latin-1').trimEnd();
    names.push({ name, suffix: reader.u8(), group: (reader.u16be() & GROUP) !== 0 });
  });
  return { names, unitId: macText(reader.take(MAC)) };
}

function observeName(fields: Fields, basis: 'announcement' | 'discovery'): readonly Observation[] {
  const { name, suffix, group, addresses } = fields;
  if (name === undefined || suffix === undefined || addresses === undefined) {
    return NOTHING;
  }
  return addresses.flatMap((address) => {
    const subject = { address };
    const about = { name, suffix, group: group === true };
    return [
      ...(ownName(about) ? [{ kind: 'identity', subject, basis, name } as const] : NOTHING),
      ...roleOf(about, subject),
    ];
  });
}

function observeNode(names: readonly NodeName[], unitId: string | undefined): readonly Observation[] {
  const observations: Observation[] = [];
  const own = names.find(ownName);
  if (own) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', name: own.name });
  }
  if (unitId !== undefined && unitId !== NO_MAC) {
    observations.push({ kind: 'address', mac: unitId, via: 'discovery' });
  }
  return [...observations, ...names.flatMap((name) => roleOf(name, 'sender')).slice(0, 1)];
}

/** A name that belongs to one machine, and not to a user, group or domain. */
function ownName({ suffix, group }: NodeName): boolean {
  return !group && (suffix === NETBIOS_SUFFIX.workstation || suffix === NETBIOS_SUFFIX.fileServer);
}

/** Only domain controllers own these names. */
function roleOf({ suffix, group }: NodeName, subject: Subject): readonly Observation[] {
  const controls =
    (group && suffix === NETBIOS_SUFFIX.domainControllers) || (!group && suffix === NETBIOS_SUFFIX.domainMasterBrowser);
  const reason = 'holds a domain controller’s NetBIOS name';
  return controls ? [{ kind: 'role', subject, role: 'server', reason, basis: 'announcement' }] : NOTHING;
}
