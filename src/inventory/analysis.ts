import type { Micros } from '../kit/time.ts';
import type { Asset, AssetId, Module, Service } from './asset.ts';
import { judgeRoles } from './behaviour.ts';
import { completenessOf } from './completeness.ts';
import type { Conversation } from './conversation.ts';
import { ConversationRecord, NamedConversation, Unpacked } from './conversation-record.ts';
import type { ConversationTable } from './conversation-table.ts';
import { type Child, type Endpoint, scopeOf } from './endpoint.ts';
import { best, conflictsOf, type Evidence, IDENTITY_ATTRIBUTES, MAC_PREFIX_CONFIDENCE } from './evidence.ts';
import { least, most } from './extremes.ts';
import type { Finding } from './findings/finding.ts';
import { findings as judgeFindings } from './findings/index.ts';
import type { CaptureCoverage, Heard } from './heard.ts';
import { ItemByItem, type Series } from './item-by-item.ts';
import type { InventoryLimitName, LimitCounter } from './limits.ts';
import type { VendorOfMac } from './mac-vendors.ts';
import type { Device, Resolution } from './resolution/device.ts';
import { resolve } from './resolution/resolve.ts';
import type { Judgement } from './role.ts';
import { settle } from './settle.ts';
import { proposeZones, type Zone } from './zones.ts';

/** What listening found out. */
export interface Analysis {
  /** Undefined where nothing was captured. */
  readonly firstSeen: Micros | undefined;
  readonly lastSeen: Micros | undefined;
  readonly assets: readonly Asset[];
  /** In the order in which they began. Each time that somebody goes through them, they are unpacked anew. */
  readonly conversations: Series<Conversation>;
  readonly zones: readonly Zone[];
  readonly findings: readonly Finding[];
  /** How often each limit was reached. */
  readonly limits: ReadonlyMap<InventoryLimitName, number>;
}

export function analyse(heard: Heard, vendorOfMac: VendorOfMac, coverage?: CaptureCoverage): Analysis {
  settle(heard);
  const endpoints = heard.endpoints.values();
  const resolution = resolve(endpoints, [...heard.facts.claims.values()], heard.limits);
  const table = heard.conversations;
  const rows = believedRows(table, heard.limits);
  const evidenceOf = new Map(
    resolution.devices.map((device) => [device, evidenceOfDevice(device, vendorOfMac, heard.limits)]),
  );
  const judgements = judgeRoles(resolution, recordsOf(table, rows), (device) => {
    const evidence = evidenceOf.get(device) ?? [];
    return { texts: textsOf(evidence), roles: evidence.filter(({ attribute }) => attribute === 'role') };
  });
  const ids = numbered(resolution.devices);
  const conversations = conversationsOf(table, rows, resolution, ids);
  const assets = assetsOf({ heard, resolution, ids, evidenceOf, judgements, conversations, vendorOfMac });
  const zones = proposeZones(assets, conversations);
  const { reached } = heard.limits;
  const silent = heard.firstSeen > heard.lastSeen;
  const partial = {
    firstSeen: silent ? undefined : heard.firstSeen,
    lastSeen: silent ? undefined : heard.lastSeen,
    assets,
    zones,
    limits: reached,
  };
  const findings = judgeFindings({ ...partial, heard, resolution, ids, coverage }, conversations);
  return { ...partial, conversations, findings };
}

// ── Assets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export type Ids = ReadonlyMap<Device, AssetId>;

/** Assets are numbered in the order in which they were first seen. */
function numbered(devices: readonly Device[]): Ids {
  const sorted = devices.toSorted(
    (a, b) => firstOf(a) - firstOf(b) || orderOf(a) - orderOf(b) || (a.key < b.key ? -1 : 1),
  );
  return new Map(sorted.map((device, at) => [device, `a${at + 1}` as AssetId]));
}

function firstOf(device: Device): number {
  return least(device.endpoints, ({ firstSeen }) => firstSeen);
}

function orderOf(device: Device): number {
  return least(device.endpoints, ({ order }) => order);
}

function firstFrameOf(device: Device): number {
  return least(device.endpoints, ({ firstFrame }) => firstFrame);
}

function evidenceOfDevice(device: Device, vendorOfMac: VendorOfMac, limits: LimitCounter): Evidence[] {
  const said = [...device.endpoints, ...device.mentioned].flatMap(({ evidence }) => evidence);
  const evidence = [...said, ...(device.itself?.evidence ?? [])];
  const own = new Set(device.interfaces.map(({ mac }) => mac));
  const known = new Set<string>();
  for (const endpoint of device.endpoints) {
    const maker = endpoint.mac === undefined ? undefined : vendorOfMac(endpoint.mac);
    if (maker?.automation && own.has(endpoint.mac) && !known.has(maker.vendor)) {
      known.add(maker.vendor);
      evidence.push({
        attribute: 'vendor',
        value: maker.vendor,
        protocol: 'mac prefix',
        basis: 'mac-prefix',
        confidence: MAC_PREFIX_CONFIDENCE,
        frame: endpoint.firstFrame,
        time: endpoint.firstSeen,
        lastTime: endpoint.lastSeen,
        count: 1,
        port: 0,
      });
    }
  }
  return mostBelieved(evidence.toSorted(byBelief), limits);
}

/** Each value once, and of each attribute so many values as one endpoint may have. */
function mostBelieved(sorted: readonly Evidence[], limits: LimitCounter): Evidence[] {
  const counts = new Map<Evidence['attribute'], number>();
  const seen = new Set<string>();
  return sorted.filter(({ attribute, value, protocol, basis }) => {
    const key = `${attribute}|${protocol}|${basis}|${value}`;
    if (seen.has(key)) {
      return false;
    }
    seen.add(key);
    const count = counts.get(attribute) ?? 0;
    counts.set(attribute, count + 1);
    return limits.allows('valuesPerAttribute', count);
  });
}

function byBelief(one: Evidence, other: Evidence): number {
  return (
    (one.attribute < other.attribute ? -1 : one.attribute > other.attribute ? 1 : 0) ||
    other.confidence - one.confidence ||
    one.frame - other.frame ||
    (one.value < other.value ? -1 : one.value > other.value ? 1 : 0)
  );
}

function textsOf(evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence.filter(
    ({ attribute }) => attribute === 'product' || attribute === 'orderNumber' || attribute === 'os',
  );
}

interface Material {
  readonly heard: Heard;
  readonly resolution: Resolution;
  readonly ids: Ids;
  readonly evidenceOf: ReadonlyMap<Device, readonly Evidence[]>;
  readonly judgements: ReadonlyMap<Device, Judgement>;
  readonly conversations: Iterable<Conversation>;
  readonly vendorOfMac: VendorOfMac;
}

interface Activity {
  readonly services: Map<string, Service>;
  readonly protocols: Set<string>;
  /** Sign-ins seen, and whether it sends its log somewhere. */
  accounts: number;
  logs: boolean;
}

function newActivity(): Activity {
  return { services: new Map(), protocols: new Set(), accounts: 0, logs: false };
}

function assetsOf(material: Material): readonly Asset[] {
  const { ids, heard } = material;
  const activities = activitiesOf(material.conversations, heard.limits);
  for (const { server } of heard.facts.credentials.values()) {
    const device = server && material.resolution.deviceOf.get(server);
    const activity = device && activities.get(ids.get(device) ?? ('' as AssetId));
    if (activity !== undefined) {
      activity.accounts++;
    }
  }
  const assets: Asset[] = [];
  for (const [device, id] of ids) {
    const activity = activities.get(id) ?? newActivity();
    const parent = assetOf(device, id, activity, material);
    assets.push(parent);
    let number = 0;
    for (const child of device.children.values()) {
      assets.push(childOf(child, parent, ++number));
    }
  }
  return assets;
}

function assetOf(device: Device, id: AssetId, activity: Activity, material: Material): Asset {
  const evidence = material.evidenceOf.get(device) ?? [];
  const judgement = material.judgements.get(device);
  const role = judgement?.role ?? 'unknown';
  const interfaces = device.interfaces.map(({ mac, addresses, vlan }) => ({
    mac,
    addresses,
    vlan,
    vendor: mac === undefined ? undefined : material.vendorOfMac(mac)?.vendor,
  }));
  const all = [...activity.services.values()];
  const isNamed = ({ transport, port }: Service) =>
    all.some((one) => one.protocol !== undefined && one.transport === transport && one.port === port);
  const services = all
    .filter((service) => service.protocol !== undefined || !isNamed(service))
    .toSorted((a, b) => (a.transport < b.transport ? -1 : a.transport > b.transport ? 1 : 0) || a.port - b.port);
  const identity = identityOf(evidence);
  const known = { role, interfaces, services, parent: undefined, evidence, ...identity };
  const protocols = [...activity.protocols];
  return {
    id,
    ...known,
    roleReason: role === 'unknown' ? undefined : judgement?.reason,
    purdueLevel: judgement?.level,
    modules: modulesOf(device),
    behind: undefined,
    conflicts: conflictsOf(evidence),
    completeness: completenessOf({ ...known, protocols, accounts: activity.accounts, logs: activity.logs }),
    firstSeen: firstOf(device),
    lastSeen: most(device.endpoints, ({ lastSeen }) => lastSeen),
    firstFrame: firstFrameOf(device),
    packets: device.endpoints.reduce((sum, { packets }) => sum + packets, 0),
    doubtful: device.doubtful,
  };
}

function childOf(child: Child, parent: Asset, number: number): Asset {
  const identity = identityOf(child.evidence);
  const role = best(child.evidence, 'role');
  const known = {
    role: (role?.value ?? 'unknown') as Asset['role'],
    interfaces: [],
    services: [],
    parent: parent.id,
    evidence: child.evidence.toSorted(byBelief),
    ...identity,
  };
  return {
    id: `${parent.id}.${number}` as AssetId,
    ...known,
    roleReason: role?.reason,
    purdueLevel: undefined,
    modules: [],
    behind: child.device,
    conflicts: conflictsOf(child.evidence),
    completeness: completenessOf({ ...known, protocols: [child.protocol], accounts: 0, logs: false }),
    firstSeen: child.firstSeen,
    lastSeen: child.lastSeen,
    firstFrame: child.frame,
    packets: 0,
    doubtful: false,
  };
}

type Named = Partial<Record<(typeof IDENTITY_ATTRIBUTES)[number], string>>;

function identityOf(evidence: readonly Evidence[]): Named {
  const identity: Named = {};
  for (const attribute of IDENTITY_ATTRIBUTES) {
    const found = best(evidence, attribute);
    if (found !== undefined) {
      identity[attribute] = found.value;
    }
  }
  return identity;
}

function modulesOf(device: Device): readonly Module[] {
  const bySlot = new Map<number, Evidence[]>();
  for (const { modules } of [...device.endpoints, ...device.mentioned]) {
    for (const [slot, evidence] of modules ?? []) {
      bySlot.set(slot, [...(bySlot.get(slot) ?? []), ...evidence]);
    }
  }
  return [...bySlot].toSorted(([a], [b]) => a - b).map(([slot, evidence]) => ({ slot, ...identityOf(evidence) }));
}

/** Ephemeral ports: where nobody knows who asked, such a port is no service. */
const EPHEMERAL = 49_152;

function activitiesOf(conversations: Iterable<Conversation>, limits: LimitCounter): Map<AssetId, Activity> {
  const activities = new Map<AssetId, Activity>();
  const at = (id: AssetId): Activity => {
    const known = activities.get(id) ?? newActivity();
    activities.set(id, known);
    return known;
  };
  for (const conversation of conversations) {
    const { client, server, protocol, transport, port } = conversation;
    if (client !== undefined && protocol !== undefined) {
      at(client).protocols.add(protocol);
      at(client).logs ||= LOGGING.has(protocol);
    }
    if (server === undefined) {
      continue;
    }
    const { services, protocols } = at(server);
    if (protocol !== undefined) {
      protocols.add(protocol);
    }
    const key = `${transport} ${port} ${protocol ?? ''}`;
    if (isService(conversation) && (services.has(key) || limits.allows('servicesPerAsset', services.size))) {
      services.set(key, { protocol, transport, port });
    }
  }
  return activities;
}

const LOGGING: ReadonlySet<string> = new Set(['syslog']);

function isService({ transport, port, protocol, clientRule, opened, oneSided, rejected }: Conversation): boolean {
  if (port === 0 || (transport !== 'tcp' && transport !== 'udp')) {
    return false;
  }
  if (transport === 'tcp' && opened === 0 && (rejected > 0 || oneSided)) {
    return false;
  }
  return clientRule !== 'first' || (protocol !== undefined && port < EPHEMERAL);
}

// ── Conversations ───────────────────────────────────────────────────────────────────────────────────────────────────

/** All conversations in the order in which they began, and a few only of those that invented senders began. */
function believedRows(table: ConversationTable, limits: LimitCounter): Uint32Array {
  let strangers = 0;
  return table
    .inOrder()
    .filter(
      (row) =>
        table.answered(row) ||
        table.client(row)?.candidate !== true ||
        limits.allows('strangersConversations', strangers++),
    );
}

function* recordsOf(table: ConversationTable, rows: Uint32Array): Generator<ConversationRecord> {
  for (const row of rows) {
    yield new ConversationRecord(table, row);
  }
}

/** Conversations between addresses become conversations between assets; those of the same parties are joined. */
function conversationsOf(
  table: ConversationTable,
  rows: Uint32Array,
  resolution: Resolution,
  ids: Ids,
): Series<Conversation> {
  const { deviceOf } = resolution;
  const byIndex: (AssetId | undefined)[] = [];
  for (const [endpoint, device] of deviceOf) {
    byIndex[endpoint.index] = ids.get(device);
  }
  const idOf = (endpoint: Endpoint | undefined) => endpoint && byIndex[endpoint.index];
  const byAddress = addressIndex(ids);
  const parties = {
    // A question to all is answered to the asker alone, who does not send in that flow.
    clientOf: ({ clientEnd, vlan, clientAddress }: ConversationRecord) =>
      clientEnd === undefined ? byAddress.get(`${scopeOf(vlan)}|${clientAddress}`) : idOf(clientEnd),
    serverOf: ({ serverEnd }: ConversationRecord) => idOf(serverEnd),
    targetOf: ({ serverEnd, vlan, target }: ConversationRecord) =>
      idOf(serverEnd) === undefined ? byAddress.get(`${scopeOf(vlan)}|${target}`) : undefined,
  };
  const joined = new Map<string, number>();
  const kept = rows.filter((row) => {
    const clientEnd = table.client(row);
    const serverEnd = table.server(row);
    if (isShared(clientEnd, resolution) || isShared(serverEnd, resolution)) {
      const to = idOf(serverEnd) ?? `>${table.target(row)}`;
      const where = `${table.transport(row)}${table.carrier(row)}|${table.vlan(row) ?? ''}|${table.port(row)}`;
      const key = `${idOf(clientEnd) ?? table.clientAddress(row)}|${to}|${where}|${table.protocol(row) ?? ''}`;
      const known = joined.get(key);
      if (known !== undefined) {
        table.merge(known, row);
        return false;
      }
      joined.set(key, row);
    }
    return true;
  });
  const unpacked = new Unpacked(table);
  return new ItemByItem(kept, (row) => new NamedConversation(table, row, parties, unpacked));
}

/** The end's device has other endpoints too, so another record may be of the same parties. */
function isShared(endpoint: Endpoint | undefined, { deviceOf }: Resolution): boolean {
  const device = endpoint && deviceOf.get(endpoint);
  return device !== undefined && device.endpoints.length > 1;
}

function addressIndex(ids: Ids): ReadonlyMap<string, AssetId> {
  const index = new Map<string, AssetId>();
  for (const [device, id] of ids) {
    for (const { scope, mac, addresses } of device.interfaces) {
      for (const address of mac === undefined ? addresses : [mac, ...addresses]) {
        index.set(`${scope}|${address}`, index.get(`${scope}|${address}`) ?? id);
      }
    }
  }
  return index;
}
