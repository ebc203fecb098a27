import type { Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { Effect } from '../../wire/observation.ts';
import type { EventKind, EventState } from '../event.ts';
import type { Severity } from '../findings/finding.ts';
import type { AssetState, KnownAsset, ShownAsset } from '../known-asset.ts';
import type { ConversationState, KnownConversation } from '../known-conversation.ts';
import type { FindingState, KnownFinding } from '../known-finding.ts';

/** One page of a list, and how long the list is. While much is written, the length may be some seconds old. */
export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

export interface Paging {
  readonly offset: number;
  readonly limit: number;
}

export const ORDERS = ['asc', 'desc'] as const;
export type Order = (typeof ORDERS)[number];

export const ASSET_SORTS = [
  'name',
  'role',
  'level',
  'vendor',
  'product',
  'firmware',
  'address',
  'lastSeen',
  'firstSeen',
  'completeness',
  'place',
  'state',
] as const;
export type AssetSort = (typeof ASSET_SORTS)[number];

export const CONVERSATION_SORTS = ['lastSeen', 'firstSeen', 'packets', 'bytes', 'protocol'] as const;
export type ConversationSort = (typeof CONVERSATION_SORTS)[number];

/** What is undefined does not narrow; of several values one must fit. */
export interface AssetFilter {
  readonly site?: string | undefined;
  /** Ids of places; empty: those that stand nowhere. */
  readonly places?: readonly string[] | undefined;
  readonly role?: readonly string[] | undefined;
  readonly level?: number | undefined;
  readonly vendor?: readonly string[] | undefined;
  readonly protocol?: string | undefined;
  readonly state?: readonly AssetState[] | undefined;
  /** Words that must all begin a word of what is shown of it. */
  readonly q?: string | undefined;
  /** Has an open finding at least as grave. */
  readonly severity?: Severity | undefined;
}

export interface ListedAsset {
  readonly id: string;
  readonly site: string;
  readonly name: string | undefined;
  readonly role: string;
  readonly purdueLevel: number | undefined;
  readonly vendor: string | undefined;
  readonly product: string | undefined;
  readonly firmware: string | undefined;
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
  readonly vlan: number | undefined;
  readonly place: Named | undefined;
  readonly state: AssetState;
  readonly completeness: number;
  readonly findings: { readonly count: number; readonly worst: Severity | undefined };
  readonly firstSeen: Micros | undefined;
  readonly lastSeen: Micros | undefined;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** A device as it is named where something else is told. */
export interface Party {
  readonly id: string;
  /** Its name, else its address; undefined where it has neither. */
  readonly name: string | undefined;
  readonly role: string;
}

export interface AssetDetail {
  readonly listed: ListedAsset;
  readonly known: KnownAsset;
  readonly shown: ShownAsset;
  readonly parent: Party | undefined;
  /** The devices that it speaks for, the first ones by name. */
  readonly children: readonly Party[];
  readonly protocols: readonly string[];
}

export interface ConversationFilter {
  readonly asset?: string | undefined;
  readonly site?: string | undefined;
  readonly protocol?: string | undefined;
  readonly effect?: Effect | undefined;
  readonly state?: ConversationState | undefined;
  /** Is accepted or refused with this event. */
  readonly event?: string | undefined;
  readonly q?: string | undefined;
  readonly since?: Micros | undefined;
  readonly until?: Micros | undefined;
}

export interface ListedConversation extends Omit<KnownConversation, 'client' | 'server' | 'news'> {
  readonly client: Party | undefined;
  readonly server: Party | undefined;
}

export interface TrafficDay {
  /** `2026-03-02`. */
  readonly day: string;
  readonly packets: number;
  readonly bytes: number;
}

export interface ConversationDetail {
  readonly conversation: ListedConversation;
  readonly days: readonly TrafficDay[];
}

export interface EventFilter {
  readonly state?: EventState | undefined;
  readonly kind?: EventKind | undefined;
  readonly site?: string | undefined;
  readonly asset?: string | undefined;
}

export interface ListedEvent {
  readonly id: string;
  readonly site: string;
  readonly kind: EventKind;
  readonly state: EventState;
  readonly asset: Party | undefined;
  readonly conversation: ListedConversation | undefined;
  readonly finding: Pick<KnownFinding, 'id' | 'severity' | 'title' | 'filter'> | undefined;
  readonly count: number;
  /** New conversations that are accepted or refused with it. */
  readonly conversations: number;
  readonly before: unknown;
  readonly after: unknown;
  readonly evidence: unknown;
  readonly at: Micros;
  readonly decided: Micros | undefined;
  readonly decidedBy: string | undefined;
  readonly note: string | undefined;
}

export interface FindingFilter {
  readonly severity?: Severity | undefined;
  readonly code?: string | undefined;
  readonly state?: FindingState | undefined;
  readonly site?: string | undefined;
  readonly asset?: string | undefined;
}

export interface ListedFinding extends KnownFinding {
  /** The first ones. */
  readonly assets: readonly Party[];
}

export interface MapFilter {
  readonly site?: string | undefined;
  readonly places?: readonly string[] | undefined;
  readonly protocol?: string | undefined;
  readonly effect?: Effect | undefined;
  readonly since?: Micros | undefined;
  readonly until?: Micros | undefined;
}

export interface PlantMap {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  /** What is not shown because there is too much: at least so many. */
  readonly omitted: { readonly nodes: number; readonly edges: number };
}

export interface MapNode {
  readonly id: string;
  readonly name: string | undefined;
  readonly role: string;
  readonly level: number | undefined;
  readonly address: string | undefined;
  readonly place: Named | undefined;
  readonly state: AssetState;
  readonly severity: Severity | undefined;
}

export interface MapEdge {
  readonly client: string;
  readonly server: string;
  readonly protocols: readonly string[];
  /** The gravest. */
  readonly effect: Effect | undefined;
  readonly packets: number;
  readonly bytes: number;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
}

export const MOST_NODES = 5000;
export const MOST_EDGES = 20_000;

export interface Facet {
  readonly value: string;
  readonly name?: string;
  readonly count: number;
}

export interface Facets {
  readonly roles: readonly Facet[];
  readonly vendors: readonly Facet[];
  readonly protocols: readonly Facet[];
  readonly places: readonly Facet[];
  readonly states: readonly Facet[];
}

export interface Today {
  readonly counts: readonly { readonly kind: EventKind; readonly count: number }[];
  readonly oldest: Micros | undefined;
}

/** What people look at. Whatever is out of scope is not there. */
export interface Listing {
  assets(scope: Scope, filter: AssetFilter, sort: Sorted<AssetSort>): Promise<Listed<ListedAsset>>;
  /** By id, those behind `after`, at most `limit`. */
  assetIds(scope: Scope, filter: AssetFilter, after: string, limit: number): Promise<readonly string[]>;
  asset(scope: Scope, id: string): Promise<AssetDetail | undefined>;
  hasAsset(scope: Scope, id: string): Promise<boolean>;
  conversations(
    scope: Scope,
    filter: ConversationFilter,
    sort: Sorted<ConversationSort>,
  ): Promise<Listed<ListedConversation>>;
  conversation(scope: Scope, id: string): Promise<ConversationDetail | undefined>;
  /** The newest first. */
  events(scope: Scope, filter: EventFilter, paging: Paging): Promise<Listed<ListedEvent>>;
  today(scope: Scope, site: string | undefined): Promise<Today>;
  /** The gravest first, then the newest. */
  findings(scope: Scope, filter: FindingFilter, paging: Paging): Promise<Listed<ListedFinding>>;
  finding(scope: Scope, id: string): Promise<ListedFinding | undefined>;
  map(scope: Scope, filter: MapFilter): Promise<PlantMap>;
  facets(scope: Scope, site: string | undefined): Promise<Facets>;
}

export interface Sorted<Sort> extends Paging {
  readonly sort: Sort;
  readonly order: Order;
}
