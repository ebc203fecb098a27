import { leftOutText } from '../captures/packet-filter.ts';
import type { Analysis } from './analysis.ts';
import type { Asset } from './asset.ts';
import type { Conversation } from './conversation.ts';
import { Greatest } from './extremes.ts';
import type { Finding, Severity } from './findings/finding.ts';
import { ALL_LIMITS } from './limits.ts';
import type { RunFacts } from './report.ts';

/** What a person reads first, as sentences and rows; how they are drawn is the terminal's business. */
export interface Summary {
  readonly headline: string;
  readonly remarks: readonly string[];
  /** Findings of one kind and severity stand together. */
  readonly findings: readonly FindingRow[];
  readonly assets: readonly (readonly string[])[];
  /** The busiest ones, and how many there are. */
  readonly conversations: readonly (readonly string[])[];
  readonly conversationCount: number;
  readonly zones: readonly { readonly name: string; readonly size: number; readonly reason: string }[];
}

export interface FindingRow {
  readonly severity: Severity;
  readonly title: string;
  readonly count: number;
  /** The assets concerned. */
  readonly where: string;
}

export const ASSET_TITLES = ['asset', 'role', 'level', 'maker and product', 'firmware', 'address'] as const;
export const CONVERSATION_TITLES = ['client', 'server', 'protocol', 'does', 'packets', 'answers in', 'every'] as const;

/** Assets named in one row. */
const NAMED = 4;
const WORST_FIRST: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

export function summarise(analysis: Analysis, run: RunFacts): Summary {
  const { assets, conversations, zones, findings } = analysis;
  const names = new Map(assets.map((asset) => [asset.id as string, nameOf(asset)]));
  return {
    headline: headlineOf(analysis, run),
    remarks: remarksOf(run),
    findings: findingRows(findings, names),
    assets: assets
      .toSorted((a, b) => (a.purdueLevel ?? 9) - (b.purdueLevel ?? 9) || b.packets - a.packets)
      .map(assetRow),
    conversations: busiest(conversations).items.map((conversation) => conversationRow(conversation, names)),
    conversationCount: conversations.length,
    zones: zones.map(({ name, assets: inside, reasons }) => ({ name, size: inside.length, reason: reasons[0] ?? '' })),
  };
}

/** Conversations that a summary may show. */
const MOST_CONVERSATIONS = 100;

function busiest(conversations: Iterable<Conversation>): Greatest<Conversation> {
  const found = new Greatest<Conversation>(MOST_CONVERSATIONS);
  for (const conversation of conversations) {
    found.add(conversation, conversation.packets);
  }
  return found;
}

function findingRows(findings: readonly Finding[], names: ReadonlyMap<string, string>): readonly FindingRow[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.title}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  const rows = [...groups.values()].map((group) => {
    const [{ severity, title } = { severity: 'info' as const, title: '' }] = group;
    const concerned = [...new Set(group.flatMap(({ assets }) => assets.map((id) => names.get(id) ?? id)))];
    const more = concerned.length > NAMED ? ` +${concerned.length - NAMED}` : '';
    return { severity, title, count: group.length, where: concerned.slice(0, NAMED).join(', ') + more };
  });
  return rows.toSorted((a, b) => WORST_FIRST.indexOf(a.severity) - WORST_FIRST.indexOf(b.severity));
}

function headlineOf(
  { assets, conversations, firstSeen, lastSeen }: Analysis,
  { captures, counters, leftOut }: RunFacts,
): string {
  const bytes = captures.reduce((sum, capture) => sum + capture.bytes, 0);
  const span =
    firstSeen === undefined || lastSeen === undefined ? '' : ` over ${durationText((lastSeen - firstSeen) / 1e6)}`;
  const looked = leftOut === undefined ? '' : `${(counters.packets - leftOut.packets).toLocaleString('en')} of `;
  return (
    `${looked}${count(counters.packets, 'packet')}, ${bytesText(bytes)}${span}: ` +
    `${count(assets.length, 'asset')}, ${count(conversations.length, 'conversation')}`
  );
}

/** What this capture cannot show, and what was set aside. */
function remarksOf({ limits, counters, leftOut, stopped }: RunFacts): readonly string[] {
  const remarks: string[] = [];
  if (stopped) {
    remarks.push('stopped before the end: this is what was found so far');
  }
  if (leftOut !== undefined) {
    remarks.push(leftOutText(leftOut));
  }
  const add = (number: number, one: string, many: string) => {
    if (number > 0) {
      remarks.push(number === 1 ? `1 ${one}` : `${number.toLocaleString('en')} ${many}`);
    }
  };
  add(
    counters.filtered - (leftOut?.packets ?? 0),
    'packet was not looked at (its link type is not read)',
    'packets were not looked at (their link types are not read)',
  );
  add(counters.dropped, 'packet was lost to a limit', 'packets were lost to a limit');
  add(counters.truncated, 'packet lacks bytes that it announces', 'packets lack bytes that they announce');
  add(counters.malformed, 'packet breaks the rules of its protocol', 'packets break the rules of their protocol');
  add(counters.duplicates, 'packet was captured twice', 'packets were captured twice');
  for (const [limit, times] of limits) {
    if (ALL_LIMITS[limit]?.everyday) {
      continue;
    }
    add(times, `time the limit «${limit}» was reached`, `times the limit «${limit}» was reached`);
  }
  return remarks;
}

function nameOf(asset: Asset): string {
  const address = asset.interfaces.flatMap(({ addresses }) => addresses)[0] ?? asset.interfaces[0]?.mac;
  return asset.name ?? address ?? asset.behind ?? asset.id;
}

function assetRow(asset: Asset): readonly string[] {
  const { vendor, product, orderNumber, firmware, purdueLevel, interfaces, parent } = asset;
  const maker = [vendor, product ?? orderNumber].filter((text) => text !== undefined).join(' ');
  const addresses = interfaces.flatMap((one) => (one.addresses.length > 0 ? one.addresses : one.mac ? [one.mac] : []));
  const [first = parent === undefined ? '' : `behind ${parent}`] = addresses;
  const more = addresses.length > 1 ? ` +${addresses.length - 1}` : '';
  return [nameOf(asset), asset.role, purdueLevel?.toString() ?? '', maker, firmware ?? '', first + more];
}

function conversationRow(conversation: Conversation, names: ReadonlyMap<string, string>): readonly string[] {
  const { client, server, target, port, protocol, transport, operations, timing, packets } = conversation;
  const counts = new Map<string, number>();
  for (const operation of operations) {
    counts.set(operation.name, (counts.get(operation.name) ?? 0) + operation.count);
  }
  const busiest = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 2);
  const others = counts.size > 2 ? ` +${counts.size - 2}` : '';
  return [
    names.get(client ?? '') ?? conversation.clientAddress,
    names.get(server ?? '') ?? target,
    protocol ?? (port === 0 ? transport : `${transport} ${port}`),
    busiest.map(([name, times]) => `${name} ×${times.toLocaleString('en')}`).join(', ') + others,
    packets.toLocaleString('en'),
    timing?.response ? timeText(timing.response.p50) : '',
    timing?.period ? timeText(timing.period.p50) : '',
  ];
}

function timeText(micros: number): string {
  if (micros < 1000) {
    return `${Math.round(micros)} µs`;
  }
  return micros < 999_500 ? `${rounded(micros / 1000)} ms` : `${rounded(micros / 1e6)} s`;
}

/** Three significant digits, never an exponent. */
function rounded(number: number): string {
  return number >= 100 ? String(Math.round(number)) : number.toPrecision(3);
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : size.toPrecision(3)} ${units[unit]}`;
}

function durationText(seconds: number): string {
  if (seconds < 120) {
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
