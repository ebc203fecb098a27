import type { LeftOut } from '../captures/packet-filter.ts';
import { isoTime, type Micros } from '../kit/time.ts';
import type { Analysis } from './analysis.ts';
import type { Asset } from './asset.ts';
import type { Conversation, Quantiles, Timing } from './conversation.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './findings/finding.ts';
import { ItemByItem } from './item-by-item.ts';
import { ALL_LIMITS } from './limits.ts';
import type { Zone } from './zones.ts';

/** What is known of one capture file, from whoever opened it. */
export interface CaptureFacts {
  readonly path: string;
  readonly packets: number;
  readonly bytes: number;
  readonly firstSeen: Micros | undefined;
  readonly lastSeen: Micros | undefined;
  /** Packets that the capturing program itself says it lost. */
  readonly lost: number;
  readonly damage: { readonly offset: number; readonly reason: string } | undefined;
}

/** The engine's packet counters: packets = decoded + filtered + dropped. */
export interface PacketCounters {
  readonly packets: number;
  readonly decoded: number;
  readonly filtered: number;
  readonly dropped: number;
  readonly truncated: number;
  readonly malformed: number;
  readonly duplicates: number;
}

export interface RunFacts {
  /** Keyway's own version. */
  readonly version: string;
  readonly captures: readonly CaptureFacts[];
  readonly counters: PacketCounters;
  /** Undefined where the user wanted everything. */
  readonly leftOut: LeftOut | undefined;
  /** The user ended the run early. */
  readonly stopped: boolean;
  /** How often each limit of engine and inventory was reached. */
  readonly limits: ReadonlyMap<string, number>;
}

/** `analyze --json`: keys in a fixed order, unknown values null, the same bytes for the same input. */
export function toAnalysisReport(analysis: Analysis, run: RunFacts) {
  return {
    keyway: run.version,
    captures: run.captures.map(captureJson),
    counters: countersJson(run.counters),
    filter: run.leftOut === undefined ? null : filterJson(run.leftOut),
    partial: run.stopped,
    assets: new ItemByItem(analysis.assets, assetJson),
    conversations: new ItemByItem(analysis.conversations, conversationJson),
    zones: new ItemByItem(analysis.zones, zoneJson),
    findings: new ItemByItem(analysis.findings, findingJson),
    limits: [...run.limits]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([limit, count]) => ({ limit, reached: count, everyday: ALL_LIMITS[limit]?.everyday === true })),
  };
}

export type AnalysisReport = ReturnType<typeof toAnalysisReport>;

/** The same with every list made. */
export function toAnalysisJson(analysis: Analysis, run: RunFacts) {
  const report = toAnalysisReport(analysis, run);
  const { assets, conversations, zones, findings } = report;
  return {
    ...report,
    ...{ assets: [...assets], conversations: [...conversations], zones: [...zones], findings: [...findings] },
  };
}

/** Items of a list that are written together: one text for everything may be longer than a text can be. */
const ITEMS_PER_PIECE = 1000;

/** The analysis as JSON text, piece by piece. */
export function* analysisJsonText(analysis: AnalysisReport): Generator<string> {
  let separator = '{';
  for (const [key, value] of Object.entries(analysis)) {
    yield `${separator}${JSON.stringify(key)}:`;
    separator = ',';
    if (value instanceof ItemByItem || Array.isArray(value)) {
      yield* listText(value);
    } else {
      yield JSON.stringify(value);
    }
  }
  yield '}\n';
}

function* listText(list: Iterable<unknown>): Generator<string> {
  let pieces: string[] = [];
  let separator = '[';
  for (const item of list) {
    pieces.push(separator, JSON.stringify(item));
    separator = ',';
    if (pieces.length >= ITEMS_PER_PIECE * 2) {
      yield pieces.join('');
      pieces = [];
    }
  }
  yield `${pieces.join('')}${separator === '[' ? '[]' : ']'}`;
}

export type AnalysisJson = ReturnType<typeof toAnalysisJson>;

function captureJson({ path, packets, bytes, firstSeen, lastSeen, lost, damage }: CaptureFacts) {
  const seen = { firstSeen: timeJson(firstSeen), lastSeen: timeJson(lastSeen) };
  return { path, packets, bytes, ...seen, lost, damage: damage ?? null };
}

function countersJson(counters: PacketCounters) {
  const { packets, decoded, filtered, dropped, truncated, malformed, duplicates } = counters;
  return { packets, decoded, filtered, dropped, truncated, malformed, duplicates };
}

function filterJson({ packets, since, until, only }: LeftOut) {
  return { since: since ?? null, until: until ?? null, only, leftOut: packets };
}

function assetJson(asset: Asset) {
  return {
    id: asset.id,
    name: asset.name ?? null,
    role: asset.role,
    roleReason: asset.roleReason ?? null,
    purdueLevel: asset.purdueLevel ?? null,
    vendor: asset.vendor ?? null,
    product: asset.product ?? null,
    orderNumber: asset.orderNumber ?? null,
    firmware: asset.firmware ?? null,
    hardware: asset.hardware ?? null,
    serial: asset.serial ?? null,
    os: asset.os ?? null,
    interfaces: asset.interfaces.map(({ mac, addresses, vlan, vendor }) => ({
      mac: mac ?? null,
      addresses,
      vlan: vlan ?? null,
      vendor: vendor ?? null,
    })),
    modules: asset.modules.map((module) => ({
      slot: module.slot,
      vendor: module.vendor ?? null,
      product: module.product ?? null,
      orderNumber: module.orderNumber ?? null,
      firmware: module.firmware ?? null,
      hardware: module.hardware ?? null,
      serial: module.serial ?? null,
      name: module.name ?? null,
    })),
    services: asset.services.map(({ protocol, transport, port }) => ({ protocol: protocol ?? null, transport, port })),
    parent: asset.parent ?? null,
    behind: asset.behind ?? null,
    completeness: asset.completeness,
    doubtful: asset.doubtful,
    evidence: asset.evidence.map(evidenceJson),
    firstSeen: timeJson(asset.firstSeen),
    lastSeen: timeJson(asset.lastSeen),
  };
}

function evidenceJson(evidence: Evidence) {
  const { attribute, value, protocol, frame, confidence, reason, time, count } = evidence;
  const seen = { frame, time: timeJson(time), count, confidence };
  return { attribute, value, protocol, ...seen, ...(reason === undefined ? {} : { reason }) };
}

function conversationJson(conversation: Conversation) {
  const { timing } = conversation;
  return {
    client: conversation.client ?? null,
    server: conversation.server ?? null,
    clientAddress: conversation.clientAddress,
    target: conversation.target,
    targetAsset: conversation.targetAsset ?? null,
    transport: conversation.transport === 'ip' ? ipProtocol(conversation.carrier) : conversation.transport,
    port: conversation.port === 0 ? null : conversation.port,
    protocol: conversation.protocol ?? null,
    carrier: conversation.carrier,
    vlan: conversation.vlan ?? null,
    clientRule: conversation.clientRule,
    flows: conversation.flows,
    packets: conversation.packets,
    bytes: conversation.bytes,
    firstSeen: timeJson(conversation.firstSeen),
    lastSeen: timeJson(conversation.lastSeen),
    operations: conversation.operations.map(({ name, effect, count, errors, protocol, by }) => ({
      name,
      effect,
      count,
      errors,
      protocol,
      by,
    })),
    timing: timing === undefined ? null : timingJson(timing),
  };
}

function timingJson({ requests, unanswered, response, period }: Timing) {
  return {
    requests,
    unanswered,
    responseMs: response === undefined ? null : quantilesJson(response),
    periodMs: period === undefined ? null : { p50: inMs(period.p50), jitterP99: inMs(period.jitterP99) },
  };
}

function quantilesJson({ p50, p99, p999, max }: Quantiles) {
  return { p50: inMs(p50), p99: inMs(p99), p999: inMs(p999), max: inMs(max) };
}

function zoneJson({ id, name, assets, reasons }: Zone) {
  return { id, name, assets, reasons };
}

function findingJson(finding: Finding) {
  const { code, severity, title, assets, explanation, filter, frames, firstSeen, lastSeen, count } = finding;
  const seen = { firstSeen: timeJson(firstSeen), lastSeen: timeJson(lastSeen) };
  return { code, severity, title, assets, explanation, filter, frames, ...seen, count };
}

function timeJson(time: Micros | undefined): string | null {
  return time === undefined ? null : isoTime(time);
}

/** Milliseconds with the microseconds that a capture has. */
function inMs(time: Micros): number {
  return Math.round(time) / 1000;
}

/** Names of IP protocols (IANA registry) that a plant may meet; others by number. */
const IP_PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipip'],
  [41, 'ipv6'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'icmpv6'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [103, 'pim'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [132, 'sctp'],
]);

function ipProtocol(carrier: number): string {
  return IP_PROTOCOLS.get(carrier) ?? `ip ${carrier}`;
}
