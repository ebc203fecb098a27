import type { Micros } from '../kit/time.ts';
import type { AssetKey } from './asset-key.ts';
import type { StatedAsset } from './documents.ts';
import type { EventKind, InventoryEvent } from './event.ts';
import type { KnownAsset } from './known-asset.ts';
import type { DayShare, KnownConversation } from './known-conversation.ts';
import type { KnownFinding } from './known-finding.ts';

/** What the hub remembers of its sites, for whoever adds to it. Everything comes and goes in batches. */
export interface Memory {
  /** Who is recognised by these keys. */
  owners(site: string, keys: readonly AssetKey[]): Promise<ReadonlyMap<AssetKey, KeyOwner>>;
  /** All keys by which these assets are recognised. */
  keysOf(assets: readonly string[]): Promise<readonly OwnedKey[]>;
  assets(ids: readonly string[]): Promise<ReadonlyMap<string, KnownAsset>>;
  /** All of a site that somebody said something of. */
  stated(site: string): Promise<readonly StatedAsset[]>;
  conversations(ids: readonly string[]): Promise<ReadonlyMap<string, KnownConversation>>;
  findings(ids: readonly string[]): Promise<ReadonlyMap<string, KnownFinding>>;
  /** Of these assets: the open event that asks about each. */
  news(assets: readonly string[]): Promise<ReadonlyMap<string, string>>;

  /**
   * `before`: as it was read, undefined where it is new. Gives the ids of those that are shown differently now: the others are
   * written faster.
   */
  putAssets(assets: readonly AssetChange[]): Promise<readonly string[]>;
  putKeys(site: string, keys: readonly OwnedKey[]): Promise<void>;
  putConversations(conversations: readonly ConversationChange[]): Promise<void>;
  addDays(days: readonly ConversationDay[]): Promise<void>;
  putFindings(findings: readonly KnownFinding[], about: readonly { finding: string; asset: string }[]): Promise<void>;
  /** Who speaks these protocols; known ones may be named again. */
  addProtocols(site: string, protocols: readonly { protocol: string; asset: string }[]): Promise<void>;
  /** All that was about `from` is about `to`; the asset `from` is no more. */
  absorb(moves: readonly { readonly from: string; readonly to: string }[]): Promise<void>;
  /** Counts the open findings of these assets anew. */
  countFindings(assets: readonly string[]): Promise<void>;

  /** How many events are open at this site, and how many of each kind it learned of since. */
  openEvents(site: string, since: Micros): Promise<OpenEvents>;
  /** Of these topics: the open event of each. */
  openTopics(site: string, topics: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Those with an id that is already there are added to it: counts add up. */
  putEvents(events: readonly InventoryEvent[]): Promise<void>;
}

export interface AssetChange {
  readonly before: KnownAsset | undefined;
  readonly after: KnownAsset;
}

export interface ConversationChange {
  readonly before: KnownConversation | undefined;
  readonly after: KnownConversation;
}

export interface KeyOwner {
  readonly asset: string;
  readonly seen: Micros;
}

export interface OwnedKey extends KeyOwner {
  readonly key: AssetKey;
}

export interface ConversationDay extends DayShare {
  readonly conversation: string;
}

export interface OpenEvents {
  readonly open: number;
  readonly recent: ReadonlyMap<EventKind, number>;
}
