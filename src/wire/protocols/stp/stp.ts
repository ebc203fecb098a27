import type { Mutable } from '../../../kit/mutable.ts';
import { type Context, defineDissector, defineOperations, Malformed, NOTHING } from '../../dissector.ts';
import { macText } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly version: number;
  readonly type: number;
  readonly flags?: number;
  readonly rootPriority?: number;
  readonly rootMac?: string;
  readonly rootPathCost?: number;
  readonly bridgePriority?: number;
  readonly bridgeMac?: string;
  readonly portId?: number;
  readonly messageAge?: number;
  readonly maximumAge?: number;
  readonly helloTime?: number;
  readonly forwardDelay?: number;
  readonly topologyChange?: boolean;
  readonly vlan?: number;
  readonly region?: string;
  readonly revision?: number;
  readonly instances?: number;
}

const OPERATIONS = defineOperations({
  configuration: ['configuration', 'report'],
  rapid: ['rapid configuration', 'report'],
  multiple: ['multiple spanning trees', 'report'],
  topologyChange: ['topology change notification', 'report'],
  unknown: ['unknown type', 'unknown'],
});

/** IEEE 802.1Q, section 14.1 and 14.2; version 4 adds shortest path bridging behind the rest. */
const CONFIGURATION = 0x00;
const RAPID = 0x02;
const TOPOLOGY_CHANGE = 0x80;
const MULTIPLE_VERSION = 3;
const HIGHEST_VERSION = 4;
const TOPOLOGY_CHANGE_FLAG = 0x01;
const MAC = 6;
/** Section 13.8: name, revision and digest of the region, then its cost, bridge and hops. */
const REGION = 64;
const INSTANCE = 16;
const REGION_NAME = 32;
/** Per-VLAN trees (PVST+): an element behind the BPDU names the VLAN. */
const PER_VLAN = 0x00000c010b;
const ORIGINATING_VLAN = 0;
const BEHIND_PADDING = 36;

const SAID = 'said';

export const stp = defineDissector<Fields>({
  name: 'stp',
  title: 'Spanning tree (STP, RSTP, MSTP, PVST+)',
  source: 'IEEE 802.1D-2004, clause 9; IEEE 802.1Q-2018, clauses 13 and 14; Cisco PVST+',
  at: [{ llc: 0x42 }, { snap: PER_VLAN }],
  operations: OPERATIONS,
  fields: {
    version: 'Version: 0 spanning tree, 2 rapid, 3 multiple',
    type: 'Kind of message: 0 configuration, 2 rapid or multiple, 128 topology change notification',
    flags: 'Bits: 1 topology change, 128 its acknowledgement',
    rootPriority: 'Priority of the root, with the number of the tree',
    rootMac: 'MAC address of the root',
    rootPathCost: 'Cost of the path to the root',
    bridgePriority: 'Priority of the sending bridge, with the number of the tree',
    bridgeMac: 'MAC address by which the sending bridge is known',
    portId: 'Port that sent this, with its priority',
    messageAge: 'Age of what the root said, in 1/256 s',
    maximumAge: 'Age at which it is forgotten, in 1/256 s',
    helloTime: 'Time between two messages, in 1/256 s',
    forwardDelay: 'Time that a port waits before it forwards, in 1/256 s',
    topologyChange: 'The network has changed',
    vlan: 'VLAN that the tree is for (PVST+)',
    region: 'Name of the region (MSTP)',
    revision: 'Revision of the region (MSTP)',
    instances: 'How many trees beside the common one the message describes (MSTP)',
  },

  recognise(reader) {
    const version = reader.peek(2);
    const type = reader.peek(3);
    const fits = version <= HIGHEST_VERSION && (type === CONFIGURATION || type === RAPID || type === TOPOLOGY_CHANGE);
    return reader.remaining >= 4 && reader.peek(0) === 0 && reader.peek(1) === 0 && fits ? 'strong' : 'no';
  },

  read(reader) {
    const protocol = reader.u16be();
    const version = reader.u8();
    const type = reader.u8();
    if (protocol !== 0) {
      return new Malformed(`protocol id is ${protocol}, not 0`);
    }
    if (type === TOPOLOGY_CHANGE) {
      const fields = { version, type, topologyChange: true };
      return { direction: 'report', operation: OPERATIONS.topologyChange, fields };
    }
    if (type !== CONFIGURATION && type !== RAPID) {
      return { direction: 'report', operation: OPERATIONS.unknown, fields: { version, type } };
    }
    const draft = readConfiguration(reader, version, type);
    if (type === CONFIGURATION) {
      readVlan(reader, draft);
      return { direction: 'report', operation: OPERATIONS.configuration, fields: draft };
    }
    reader.skip(1); // length of version 1, always 0
    if (version < MULTIPLE_VERSION) {
      readVlan(reader, draft);
      return { direction: 'report', operation: OPERATIONS.rapid, fields: draft };
    }
    readRegion(reader, draft);
    return { direction: 'report', operation: OPERATIONS.multiple, fields: draft };
  },

  observe({ fields }, context) {
    return fields.bridgeMac === undefined || saidBefore(fields, context) ? NOTHING : observeBridge(fields);
  },
});

type Draft = Mutable<Fields>;

function readConfiguration(reader: Reader, version: number, type: number): Draft {
  const flags = reader.u8();
  return {
    version,
    type,
    flags,
    rootPriority: reader.u16be(),
    rootMac: macText(reader.take(MAC)),
    rootPathCost: reader.u32be(),
    bridgePriority: reader.u16be(),
    bridgeMac: macText(reader.take(MAC)),
    portId: reader.u16be(),
    messageAge: reader.u16be(),
    maximumAge: reader.u16be(),
    helloTime: reader.u16be(),
    forwardDelay: reader.u16be(),
    topologyChange: (flags & TOPOLOGY_CHANGE_FLAG) !== 0,
  };
}

/** Padding of the frame is zero as well, so only an element of the right length that is not empty counts. */
function readVlan(reader: Reader, draft: Draft): void {
  const at = BEHIND_PADDING - reader.position;
  const type = (reader.peek(at) << 8) | reader.peek(at + 1);
  const length = (reader.peek(at + 2) << 8) | reader.peek(at + 3);
  if (type === ORIGINATING_VLAN && length === 2 && reader.remaining >= at + 6) {
    draft.vlan = (reader.peek(at + 4) << 8) | reader.peek(at + 5);
  }
}

function readRegion(reader: Reader, draft: Draft): void {
  const length = reader.u16be();
  reader.expect(length);
  if (length < REGION) {
    return;
  }
  reader.skip(1); // format selector
  draft.region = reader.text(REGION_NAME).trim();
  draft.revision = reader.u16be();
  draft.instances = Math.floor((length - REGION) / INSTANCE);
}

/** A bridge repeats itself every two seconds at each of its ports. */
function saidBefore({ bridgeMac, portId }: Fields, context: Context): boolean {
  const said = `${bridgeMac} ${portId}`;
  if (context.recall(SAID) === said) {
    return true;
  }
  context.remember(SAID, said);
  return false;
}

function observeBridge({ bridgeMac = '', portId = 0 }: Fields): readonly Observation[] {
  const reason = 'takes part in the spanning tree';
  return [
    { kind: 'neighbour', subject: 'sender', chassis: bridgeMac, port: `port ${portId & 0xfff}` },
    { kind: 'role', subject: 'sender', role: 'switch', reason, basis: 'announcement' },
  ];
}
