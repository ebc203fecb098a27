import type { Micros } from '../kit/time.ts';
import { isIpv4, isLinkLocal } from './address.ts';
import { plain } from './evidence.ts';
import type { Severity } from './findings/finding.ts';
import { addressesOf, bestValue, type KnownAsset, type ObservedAsset } from './known-asset.ts';
import type { KnownConversation } from './known-conversation.ts';
import { type KnownFinding, severityRank } from './known-finding.ts';

/** Something that is new or different, and that a person may accept or refuse. */
export interface InventoryEvent {
  readonly id: string;
  readonly site: string;
  readonly kind: EventKind;
  readonly state: EventState;
  readonly asset: string | undefined;
  readonly conversation: string | undefined;
  readonly finding: string | undefined;
  /** While it is open, news of the same topic is added to it. */
  readonly topic: string | undefined;
  /** How many of its kind it stands for: in a crowd many are told as one. */
  readonly count: number;
  readonly before: unknown;
  readonly after: unknown;
  readonly evidence: unknown;
  /** When it happened, and when the hub learned of it. */
  readonly at: Micros;
  readonly recorded: Micros;
  readonly decided: Micros | undefined;
  readonly decidedBy: string | undefined;
  readonly note: string | undefined;
}

export const EVENT_KINDS = [
  'asset.new',
  /** A device that was documented before it was seen. */
  'asset.seen',
  'asset.returned',
  'conversation.new',
  'firmware.changed',
  'address.changed',
  'name.changed',
  'identity.changed',
  'service.new',
  /** An operation that changes program or firmware was seen for the first time. */
  'program',
  'finding.new',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** `noted`: what it tells was decided otherwise, or asks for no decision. */
export const EVENT_STATES = ['open', 'accepted', 'refused', 'noted'] as const;
export type EventState = (typeof EVENT_STATES)[number];

/** An event before it has a number and a place. */
export interface News {
  readonly kind: EventKind;
  readonly at: Micros;
  readonly asset?: string | undefined;
  readonly conversation?: string | undefined;
  readonly finding?: string | undefined;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly evidence?: unknown;
  /** Open, unless it asks for no decision. */
  readonly state?: EventState;
  /** How a person calls what it is about: shown where many are told as one. */
  readonly label?: string;
  readonly topic?: string | undefined;
}

/** What one party newly does in one protocol is one question, to however many others it talks. */
export function talkNews(conversation: KnownConversation): News {
  const { id, client, server, clientAddress, target, transport, port, protocol, firstSeen } = conversation;
  return {
    kind: 'conversation.new',
    at: firstSeen,
    conversation: id,
    asset: client ?? server,
    after: { client: clientAddress, target, transport, port, protocol: protocol ?? null },
    label: `${clientAddress} to ${target}`,
    topic: JSON.stringify(['talk', client ?? clientAddress, protocol ?? '']),
  };
}

/** A person is asked about findings from here on; lower ones are listed and ask nobody. */
const LEAST_ASKED: Severity = 'medium';

export function findingNews(
  finding: Pick<KnownFinding, 'id' | 'code' | 'severity' | 'title' | 'firstSeen'>,
  asset: string | undefined,
): News {
  const { id, code, severity, title, firstSeen } = finding;
  return {
    kind: 'finding.new',
    at: firstSeen,
    finding: id,
    asset,
    after: { code, severity, title },
    label: title,
    state: severityRank(severity) >= severityRank(LEAST_ASKED) ? 'open' : 'noted',
  };
}

/** So long a device is away before its return is worth telling. */
export const AWAY: Micros = 30 * 86_400_000_000;

const IDENTITY = ['vendor', 'product', 'orderNumber', 'serial', 'hardware', 'os'] as const;

/** What a sighting, by itself `seen`, changed in what was known of an asset. */
export function changesOf(known: KnownAsset, after: ObservedAsset, seen: ObservedAsset): readonly News[] {
  const before = known.observed;
  const { firstSeen = 0, lastSeen = 0 } = seen;
  if (before.sightings === 0) {
    return [];
  }
  const news: News[] = [];
  const tell = (kind: EventKind, was: unknown, is: unknown, evidence?: unknown) =>
    news.push({ kind, at: lastSeen, asset: known.id, before: was, after: is, evidence });
  if (before.lastSeen !== undefined && firstSeen - before.lastSeen > AWAY) {
    news.push({ kind: 'asset.returned', at: firstSeen, asset: known.id, before: { lastSeen: before.lastSeen } });
  }
  for (const [kind, attribute] of [
    ['firmware.changed', 'firmware'],
    ['name.changed', 'name'],
  ] as const) {
    const was = bestValue(before.evidence, attribute);
    const is = bestValue(after.evidence, attribute);
    if (was !== undefined && is !== undefined && plain(was.value) !== plain(is.value)) {
      tell(kind, { [attribute]: was.value }, { [attribute]: is.value }, is);
    }
  }
  const changed = IDENTITY.flatMap((attribute) => {
    const was = bestValue(before.evidence, attribute);
    const is = bestValue(after.evidence, attribute);
    return was !== undefined && is !== undefined && plain(was.value) !== plain(is.value) ? [{ was, is }] : [];
  });
  if (changed.length > 0) {
    const values = (side: 'was' | 'is') =>
      Object.fromEntries(changed.map((change) => [change[side].attribute, change[side].value]));
    tell(
      'identity.changed',
      values('was'),
      values('is'),
      changed.map(({ is }) => is),
    );
  }
  news.push(...addressNews(known.id, before, seen));
  if (known.state !== 'new') {
    news.push(...serviceNews(known.id, before, after, lastSeen));
  }
  return news;
}

/** A device that had an IPv4 address is later seen with another one. */
function addressNews(asset: string, before: ObservedAsset, seen: ObservedAsset): readonly News[] {
  const isPlain = (address: string) => isIpv4(address) && !isLinkLocal(address);
  const had = addressesOf(before).filter(isPlain);
  const all = new Set(had);
  const added = addressesOf(seen).filter((address) => isPlain(address) && !all.has(address));
  const isLater = (seen.firstSeen ?? 0) >= (before.firstSeen ?? 0);
  return had.length === 0 || added.length === 0 || !isLater
    ? []
    : [
        {
          kind: 'address.changed',
          at: seen.firstSeen ?? 0,
          asset,
          before: { addresses: had },
          after: { addresses: added },
        },
      ];
}

function serviceNews(asset: string, before: ObservedAsset, after: ObservedAsset, at: Micros): readonly News[] {
  const had = new Set(before.services.map(({ transport, port }) => `${transport} ${port}`));
  const added = after.services.filter(({ transport, port }) => !had.has(`${transport} ${port}`));
  const services = added.map(({ protocol, transport, port }) => ({ protocol: protocol ?? null, transport, port }));
  return services.length === 0 ? [] : [{ kind: 'service.new', at, asset, after: { services } }];
}

/** So many events of one kind a minute and site are told one by one, and so many are open at once; the others are told as one. */
export const MOST_EVENTS_PER_MINUTE = 200;
export const MOST_OPEN_EVENTS = 10_000;
/** So many of a crowd are named. */
export const MOST_LABELS = 20;
