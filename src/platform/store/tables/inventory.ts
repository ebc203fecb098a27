export interface InventoryTables {
  asset: AssetRow;
  asset_key: AssetKeyRow;
  asset_protocol: AssetProtocolRow;
  search_token: SearchTokenRow;
  conversation: ConversationRow;
  conversation_day: ConversationDayRow;
  event: EventRow;
  finding: FindingRow;
  finding_asset: FindingAssetRow;
  saved_filter: SavedFilterRow;
  change_set: ChangeSetRow;
  change_item: ChangeItemRow;
}

/**
 * A device. Columns hold what is shown: what a person stated, else what was observed. A column that ends in `_key` is the same in the
 * form that lists are sorted by, with `UNKNOWN_KEY` where nothing is known.
 */
interface AssetRow {
  readonly id: string;
  readonly site: string;
  /** Where it was seen first: a sensor or the network of a capture. Empty: only documented. */
  readonly scope: string;
  readonly name: string | null;
  readonly name_key: string;
  readonly role: string;
  readonly role_reason: string | null;
  /** Purdue level; `UNKNOWN_LEVEL` where it is not known. */
  readonly level: number;
  readonly vendor: string | null;
  readonly vendor_key: string;
  readonly product: string | null;
  readonly product_key: string;
  readonly order_number: string | null;
  readonly firmware: string | null;
  readonly firmware_key: string;
  readonly hardware: string | null;
  readonly serial: string | null;
  readonly os: string | null;
  /** Its newest address, or its MAC. */
  readonly address: string | null;
  readonly address_key: string;
  /** JSON lists of text and of numbers. */
  readonly addresses: string;
  readonly macs: string;
  readonly vlans: string;
  /** JSON list of the scopes in which it was seen. */
  readonly scopes: string;
  /** The device that speaks for it, and what it is called there. */
  readonly parent: string | null;
  readonly behind: string | null;
  /** `new`, `accepted`, `refused`, `documented` (never seen). */
  readonly state: string;
  /** Shares from 0 to 1. */
  readonly completeness: number;
  readonly completeness_wire: number;
  /** Open findings about it, and the rank of the worst: 0 none, 1 info to 5 critical. */
  readonly findings: number;
  readonly worst: number;
  readonly doubtful: number;
  /** The open event that asks whether it may be there. */
  readonly news: string | null;
  /** JSON of `StatedAttributes`. */
  readonly stated: string;
  /** Empty where it was never seen. */
  readonly first_seen: string;
  readonly last_seen: string;
  /** JSON of `ObservedAsset`. It is long, so it stands last. */
  readonly observed: string;
}

/** By what a device is recognised: `m|scope|vlan|mac`, `i|scope|vlan|address`, `s|vendor|serial`, `b|…` behind another. */
interface AssetKeyRow {
  readonly site: string;
  readonly key: string;
  readonly asset: string;
  /** When the device was last seen with it: who has it later keeps it. */
  readonly seen: string;
}

interface AssetProtocolRow {
  readonly protocol: string;
  readonly asset: string;
  readonly site: string;
}

/** Words by which an asset is found. */
interface SearchTokenRow {
  readonly token: string;
  readonly asset: string;
}

interface ConversationRow {
  readonly id: string;
  readonly site: string;
  readonly scope: string;
  readonly client: string | null;
  readonly server: string | null;
  readonly client_address: string;
  readonly target: string;
  readonly transport: string;
  readonly port: number;
  readonly protocol: string;
  readonly vlan: number | null;
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  /** One bit for each effect of its operations, and the rank of the gravest. */
  readonly effects: number;
  readonly gravest: number;
  readonly state: string;
  readonly news: string | null;
  readonly first_seen: string;
  readonly last_seen: string;
  /** JSON lists and objects. */
  readonly operations: string;
  readonly timing: string | null;
}

interface ConversationDayRow {
  readonly conversation: string;
  /** `2026-03-02`. */
  readonly day: string;
  readonly packets: number;
  readonly bytes: number;
}

interface EventRow {
  readonly id: string;
  readonly site: string;
  readonly kind: string;
  /** `open`, `accepted`, `refused`, `noted`. */
  readonly state: string;
  readonly asset: string | null;
  readonly conversation: string | null;
  readonly finding: string | null;
  /** Of what is open, one has it. */
  readonly topic: string | null;
  /** How many of its kind it stands for. */
  readonly count: number;
  /** JSON. */
  readonly before: string | null;
  readonly after: string | null;
  readonly evidence: string | null;
  /** When it happened, and when the hub learned of it. */
  readonly at: string;
  readonly recorded: string;
  readonly decided: string | null;
  readonly decided_by: string | null;
  readonly note: string | null;
}

interface FindingRow {
  readonly id: string;
  readonly site: string;
  readonly scope: string;
  readonly code: string;
  /** 1 info to 5 critical. */
  readonly severity: number;
  readonly title: string;
  readonly explanation: string;
  readonly filter: string;
  readonly frames: string;
  readonly count: number;
  readonly source: string;
  /** `open`, `accepted`, `resolved`. */
  readonly state: string;
  readonly decided: string | null;
  readonly decided_by: string | null;
  readonly note: string | null;
  readonly first_seen: string;
  readonly last_seen: string;
}

interface FindingAssetRow {
  readonly finding: string;
  readonly asset: string;
}

/** A view that a person keeps. */
interface SavedFilterRow {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  /** `assets`, `conversations`, `findings`, `map`. */
  readonly view: string;
  /** JSON of the query. */
  readonly query: string;
  readonly shared: number;
  readonly created: string;
}

/** What one act of a person changed, so that it can be undone. */
interface ChangeSetRow {
  readonly id: string;
  readonly site: string | null;
  readonly at: string;
  readonly actor: string;
  readonly actor_name: string;
  readonly title: string;
  readonly undone: string | null;
  readonly undone_by: string | null;
}

interface ChangeItemRow {
  readonly change: string;
  readonly position: number;
  /** `asset`, `placement`, `event`, `conversation`, `finding`. */
  readonly entity: string;
  readonly subject: string;
  /** JSON of the columns concerned; null: there was none, or there is none any more. */
  readonly before: string | null;
  readonly after: string | null;
}
