import { defineDissector, defineOperations, type Operation, type Reading } from '../../dissector.ts';
import { ipv4Text } from '../../format.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly type: number;
  readonly group?: string;
  readonly groups?: readonly string[];
  readonly sources?: number;
}

/** RFC 1112, 2236, 3376; the rest are routing protocols that share the number. */
const OPERATIONS = defineOperations({
  query: ['membership query', 'report'],
  report: ['membership report', 'report'],
  leave: ['leave group', 'report'],
  routing: ['multicast routing', 'report'],
  unknown: ['unknown type', 'unknown'],
});

const QUERY = 0x11;
const REPORT_3 = 0x22;
const BY_TYPE: ReadonlyMap<number, Operation> = new Map([
  [QUERY, OPERATIONS.query],
  [0x12, OPERATIONS.report],
  [0x13, OPERATIONS.routing],
  [0x14, OPERATIONS.routing],
  [0x16, OPERATIONS.report],
  [0x17, OPERATIONS.leave],
  [0x1e, OPERATIONS.routing],
  [0x1f, OPERATIONS.routing],
  [REPORT_3, OPERATIONS.report],
]);

/** A query of version 3 has more than the eight bytes of the others (RFC 3376, section 7.1). */
const SHORT = 8;
const MOST_GROUPS = 32;

export const igmp = defineDissector<Fields>({
  name: 'igmp',
  title: 'IGMP',
  source: 'RFC 1112, 2236, 3376',
  at: [{ ipProtocol: 2 }],
  operations: OPERATIONS,
  // The length alone tells a query of version 3 from one of version 2.
  whole: false,
  fields: {
    type: 'Kind of message: 17 query, 18, 22 and 34 report, 23 leave',
    group: 'Multicast group; 0.0.0.0 in a query about all',
    groups: 'Multicast groups of a report of version 3',
    sources: 'How many senders a query of version 3 names',
  },

  recognise(reader) {
    return reader.remaining >= SHORT && BY_TYPE.has(reader.peek(0)) ? 'strong' : 'no';
  },

  read(reader) {
    const type = reader.u8();
    reader.skip(3); // response time, checksum
    const operation = BY_TYPE.get(type) ?? OPERATIONS.unknown;
    if (type === REPORT_3) {
      return { direction: 'report', operation, fields: { type, groups: readGroups(reader) } };
    }
    const group = ipv4Text(reader.u32be());
    return type === QUERY && reader.remaining > 0
      ? readQuery(reader, group)
      : { direction: 'report', operation, fields: { type, group } };
  },
});

function readQuery(reader: Reader, group: string): Reading<Fields> {
  reader.skip(2); // robustness, interval
  const sources = reader.u16be();
  reader.expect(4 * sources);
  return { direction: 'report', operation: OPERATIONS.query, fields: { type: QUERY, group, sources } };
}

/** RFC 3376, section 4.2.4. */
function readGroups(reader: Reader): readonly string[] {
  const groups: string[] = [];
  reader.skip(2);
  reader.repeat(reader.u16be(), () => {
    reader.skip(1); // kind of record
    const auxiliary = reader.u8() * 4;
    const sources = reader.u16be() * 4;
    const group = ipv4Text(reader.u32be());
    if (groups.length < MOST_GROUPS) {
      groups.push(group);
    }
    reader.skip(sources + auxiliary);
  });
  return groups;
}
