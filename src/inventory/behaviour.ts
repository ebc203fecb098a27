import type { Effect } from '../wire/observation.ts';
import { isPublic, subnetOf } from './address.ts';
import type { ConversationRecord } from './conversation-record.ts';
import type { Evidence } from './evidence.ts';
import type { Counter } from './flow-record.ts';
import { kindOf } from './protocol-kinds.ts';
import type { Device, Resolution } from './resolution/device.ts';
import { type Behaviour, type Judgement, judgeRole } from './role.ts';

interface Doing {
  serves: Set<string>;
  reports: Set<string>;
  obeys: Set<string>;
  asks: Set<string>;
  reads: Set<Device>;
  writes: Set<Device>;
  engineers: Set<Device>;
  meets: Set<Device>;
  answersIt: boolean;
  feedsDatabase: boolean;
  isClient: boolean;
}

const ENGINEERING: ReadonlySet<Effect> = new Set(['program', 'firmware', 'configure']);
const CHANGES: ReadonlySet<Effect> = new Set(['write', 'control']);
const READS: ReadonlySet<Effect> = new Set(['read', 'report']);
/** SQL Server, Oracle, MySQL, PostgreSQL, InfluxDB, MongoDB. */
const DATABASE_PORTS: ReadonlySet<number> = new Set([1433, 1521, 3306, 5432, 8086, 27_017]);
/** Ports of system services below this number say that somebody serves them. */
const SYSTEM_PORTS = 1024;

/** Judges the role of every device: first what they serve, then whom they meet. */
export function judgeRoles(
  resolution: Resolution,
  conversations: Iterable<ConversationRecord>,
  textsOf: (device: Device) => { readonly texts: readonly string[]; readonly roles: readonly Evidence[] },
): ReadonlyMap<Device, Judgement> {
  const doings = new Map(resolution.devices.map((device) => [device, newDoing()]));
  for (const conversation of conversations) {
    const client = conversation.client && resolution.deviceOf.get(conversation.client);
    const server = conversation.server && resolution.deviceOf.get(conversation.server);
    if (client !== undefined && client !== server) {
      note(conversation, client, server, doings);
    }
  }
  const judge = (device: Device, doing: Doing, plant: (other: Device) => boolean) => {
    const { texts, roles } = textsOf(device);
    return judgeRole({ texts, stated: roles, ...behaviourOf(device, doing, plant) });
  };
  const first = new Map<Device, Judgement>();
  for (const [device, doing] of doings) {
    first.set(
      device,
      judge(device, doing, () => false),
    );
  }
  const isPlant = (device: Device) => (first.get(device)?.level ?? UNKNOWN_LEVEL) <= 2;
  const final = new Map<Device, Judgement>();
  for (const [device, doing] of doings) {
    final.set(device, judge(device, doing, isPlant));
  }
  return final;
}

const UNKNOWN_LEVEL = 9;

function newDoing(): Doing {
  return {
    serves: new Set(),
    reports: new Set(),
    obeys: new Set(),
    asks: new Set(),
    reads: new Set(),
    writes: new Set(),
    engineers: new Set(),
    meets: new Set(),
    answersIt: false,
    feedsDatabase: false,
    isClient: false,
  };
}

function note(
  record: ConversationRecord,
  client: Device,
  server: Device | undefined,
  doings: ReadonlyMap<Device, Doing>,
): void {
  const ours = doings.get(client);
  const theirs = server && doings.get(server);
  if (ours === undefined) {
    return;
  }
  noteReports(record.byClient, ours);
  if (server === undefined || theirs === undefined) {
    return;
  }
  ours.meets.add(server);
  theirs.meets.add(client);
  ours.isClient = true;
  ours.feedsDatabase ||= record.opened > 0 && DATABASE_PORTS.has(record.port);
  noteReports(record.byServer, theirs);
  const field = [...record.byClient, ...record.byServer].some(({ protocol }) => kindOf(protocol) !== undefined);
  if (!field) {
    theirs.answersIt ||= record.port > 0 && record.port < SYSTEM_PORTS && record.opened > 0;
  }
  for (const counter of record.byClient) {
    noteRequest(counter, ours, theirs, server);
  }
}

function noteReports(counters: readonly Counter[], doing: Doing): void {
  for (const { reports, protocol } of counters) {
    if (reports > 0) {
      doing.reports.add(protocol);
    }
  }
}

/** What was refused, or never answered, shows nothing about the server. */
function noteRequest(counter: Counter, ours: Doing, theirs: Doing, server: Device): void {
  const { effect } = counter.operation;
  const done = counter.responses - counter.refused;
  if (counter.responses > 0) {
    theirs.serves.add(counter.protocol);
  }
  const kind = kindOf(counter.protocol);
  if (kind !== 'controller' && kind !== 'station') {
    return;
  }
  if (counter.requests > 0) {
    ours.asks.add(effect);
  }
  if (READS.has(effect) && done > 0) {
    ours.reads.add(server);
  } else if (CHANGES.has(effect) && done > 0) {
    ours.writes.add(server);
  } else if (ENGINEERING.has(effect) && counter.requests > 0) {
    ours.engineers.add(server);
  }
  if (done > 0) {
    theirs.obeys.add(effect);
  }
}

function behaviourOf(
  device: Device,
  doing: Doing,
  isPlant: (device: Device) => boolean,
): Omit<Behaviour, 'stated' | 'texts'> {
  const met = [...doing.meets].filter(isPlant);
  const own = new Set(segmentsOf(device));
  const controllers = new Set([...doing.reads, ...doing.writes, ...doing.engineers]);
  return {
    serves: doing.serves,
    reports: doing.reports,
    obeys: doing.obeys,
    asks: doing.asks,
    reads: doing.reads.size,
    writes: doing.writes.size,
    engineers: doing.engineers.size,
    cells: cellsOf(controllers),
    children: device.children.size,
    meetsPlant: met.length > 0,
    sharesSegment: met.some((other) => segmentsOf(other).some((segment) => own.has(segment))),
    meetsInternet: [...doing.meets].some(({ interfaces }) =>
      interfaces.some(({ addresses }) => addresses.some(isPublic)),
    ),
    answersIt: doing.answersIt,
    feedsDatabase: doing.feedsDatabase,
    isClient: doing.isClient,
  };
}

/** Subnets and VLANs that a device is in. */
function segmentsOf({ interfaces }: Device): string[] {
  return interfaces.flatMap(({ scope, addresses }) => addresses.map((address) => `${scope}|${subnetOf(address)}`));
}

function cellsOf(devices: ReadonlySet<Device>): number {
  const cells = new Set<string>();
  for (const { interfaces } of devices) {
    const [first] = interfaces;
    const address = first?.addresses[0];
    if (first !== undefined && address !== undefined) {
      cells.add(`${first.scope}|${subnetOf(address)}`);
    }
  }
  return cells.size;
}
