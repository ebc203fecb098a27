import {
  type ExpressionBuilder,
  type Insertable,
  type OnConflictDatabase,
  type OnConflictTables,
  type Selectable,
  sql,
} from 'kysely';
import { isoTime, microsOf } from '../kit/time.ts';
import type { Queries } from '../platform/store/store.ts';
import type { Tables } from '../platform/store/tables.ts';
import type { EventKind, InventoryEvent } from './event.ts';
import { type AssetState, type KnownAsset, type ShownAsset, shownOf } from './known-asset.ts';
import { type ConversationState, effectBit, effectRank, type KnownConversation } from './known-conversation.ts';
import { type FindingState, type KnownFinding, severityOfRank, severityRank } from './known-finding.ts';
import type { KeyOwner, Memory } from './memory.ts';
import { searchWords } from './search-words.ts';
import { addressSortKey, sortKey, UNKNOWN_KEY, UNKNOWN_LEVEL } from './sort-key.ts';

/** Ids or keys in one statement. */
const PER_LOOKUP = 500;
/** Values in one statement: SQLite takes 32,766 of them, PostgreSQL 65,535. */
const MOST_VALUES = 16_000;

export function createMemory(db: Queries): Memory {
  return {
    async owners(site, keys) {
      const rows = await looked(keys, (some) =>
        db
          .selectFrom('asset_key')
          .select(['key', 'asset', 'seen'])
          .where('site', '=', site)
          .where('key', 'in', [...some])
          .execute(),
      );
      return new Map(rows.map(({ key, asset, seen }) => [key, { asset, seen: microsOf(seen) } satisfies KeyOwner]));
    },

    async keysOf(assets) {
      const rows = await looked(assets, (some) =>
        db
          .selectFrom('asset_key')
          .select(['key', 'asset', 'seen'])
          .where('asset', 'in', [...some])
          .orderBy('key')
          .execute(),
      );
      return rows.map(({ key, asset, seen }) => ({ key, asset, seen: microsOf(seen) }));
    },

    async assets(ids) {
      const rows = await looked(ids, (some) =>
        db
          .selectFrom('asset')
          .selectAll()
          .where('id', 'in', [...some])
          .execute(),
      );
      return new Map(rows.map((row) => [row.id, assetOf(row)]));
    },

    async stated(site) {
      const rows = await db
        .selectFrom('asset')
        .select(['id', 'stated'])
        .where('site', '=', site)
        .where('stated', '<>', sql.lit('{}'))
        .orderBy('id')
        .execute();
      return rows.map(({ id, stated }) => ({ id, stated: JSON.parse(stated) }));
    },

    async conversations(ids) {
      const rows = await looked(ids, (some) =>
        db
          .selectFrom('conversation')
          .selectAll()
          .where('id', 'in', [...some])
          .execute(),
      );
      return new Map(rows.map((row) => [row.id, conversationOf(row)]));
    },

    async findings(ids) {
      const rows = await looked(ids, (some) =>
        db
          .selectFrom('finding')
          .selectAll()
          .where('id', 'in', [...some])
          .execute(),
      );
      return new Map(rows.map((row) => [row.id, findingOf(row)]));
    },

    async news(assets) {
      const rows = await looked(assets, (some) =>
        db
          .selectFrom('asset')
          .select(['id', 'news'])
          .where('id', 'in', [...some])
          .where('news', 'is not', null)
          .execute(),
      );
      return new Map(rows.flatMap(({ id, news }) => (news === null ? [] : [[id, news] as const])));
    },

    async putAssets(assets) {
      const shown: AssetRow[] = [];
      const touched: AssetRow[] = [];
      const words: { asset: string; shown: ShownAsset; isNew: boolean }[] = [];
      for (const { before, after } of assets) {
        const shownAfter = shownOf(after);
        const row = assetRow(after, shownAfter);
        const rowBefore = before === undefined ? undefined : assetRow(before, shownOf(before));
        if (rowBefore !== undefined && isShownTheSame(rowBefore, row)) {
          touched.push(row);
          continue;
        }
        shown.push(row);
        words.push({ asset: after.id, shown: shownAfter, isNew: before === undefined });
      }
      await putAssetRows(db, shown);
      await touchAssetRows(db, touched);
      await putWords(db, words);
      return shown.map(({ id }) => id);
    },

    async putKeys(site, keys) {
      const rows = keys
        .map(({ key, asset, seen }) => ({ site, key, asset, seen: isoTime(seen) }))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1));
      await written(rows, (some) =>
        db
          .insertInto('asset_key')
          .values([...some])
          .onConflict((conflict) =>
            conflict.columns(['site', 'key']).doUpdateSet((row) => ({
              asset: row.ref('excluded.asset'),
              seen: row.ref('excluded.seen'),
            })),
          )
          .execute(),
      );
    },

    async putConversations(conversations) {
      const moved = conversations.filter(({ before, after }) => before === undefined || isElsewhere(before, after));
      await written(rowsOf(moved), (some) =>
        db
          .insertInto('conversation')
          .values([...some])
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet((row) => ({
              client: row.ref('excluded.client'),
              server: row.ref('excluded.server'),
              gravest: row.ref('excluded.gravest'),
              first_seen: row.ref('excluded.first_seen'),
              ...counted(row),
            })),
          )
          .execute(),
      );
      const all = new Set(moved);
      await written(rowsOf(conversations.filter((one) => !all.has(one))), (some) =>
        db
          .insertInto('conversation')
          .values([...some])
          .onConflict((conflict) => conflict.column('id').doUpdateSet((row) => counted(row)))
          .execute(),
      );
    },

    async addDays(days) {
      const rows = days
        .map(({ conversation, day, packets, bytes }) => ({
          conversation,
          day: isoTime(day).slice(0, 'YYYY-MM-DD'.length),
          packets,
          bytes,
        }))
        .toSorted((a, b) =>
          a.conversation === b.conversation ? (a.day < b.day ? -1 : 1) : a.conversation < b.conversation ? -1 : 1,
        );
      await written(rows, (some) =>
        db
          .insertInto('conversation_day')
          .values([...some])
          .onConflict((conflict) =>
            conflict.columns(['conversation', 'day']).doUpdateSet((row) => ({
              packets: row('conversation_day.packets', '+', row.ref('excluded.packets')),
              bytes: row('conversation_day.bytes', '+', row.ref('excluded.bytes')),
            })),
          )
          .execute(),
      );
    },

    async putFindings(findings, about) {
      const rows = findings.map(findingRow).toSorted(byId);
      await written(rows, (some) =>
        db
          .insertInto('finding')
          .values([...some])
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet((row) => ({
              severity: row.ref('excluded.severity'),
              title: row.ref('excluded.title'),
              explanation: row.ref('excluded.explanation'),
              filter: row.ref('excluded.filter'),
              frames: row.ref('excluded.frames'),
              count: row.ref('excluded.count'),
              source: row.ref('excluded.source'),
              state: row.ref('excluded.state'),
              first_seen: row.ref('excluded.first_seen'),
              last_seen: row.ref('excluded.last_seen'),
            })),
          )
          .execute(),
      );
      await written(about, (some) =>
        db
          .insertInto('finding_asset')
          .values([...some])
          .onConflict((conflict) => conflict.columns(['finding', 'asset']).doNothing())
          .execute(),
      );
    },

    async addProtocols(site, protocols) {
      const rows = protocols.map(({ protocol, asset }) => ({ protocol, asset, site }));
      await written(rows, (some) =>
        db
          .insertInto('asset_protocol')
          .values([...some])
          .onConflict((conflict) => conflict.columns(['protocol', 'asset']).doNothing())
          .execute(),
      );
    },

    async absorb(moves) {
      for (const { from, to } of moves) {
        await absorbOne(db, from, to);
      }
    },

    async countFindings(assets) {
      await countFindings(db, assets);
    },

    async openEvents(site, since) {
      const open = await db
        .selectFrom('event')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('site', '=', site)
        .where('state', '=', 'open')
        .executeTakeFirst();
      const recent = await db
        .selectFrom('event')
        .select(['kind', ({ fn }) => fn.countAll<number>().as('count')])
        .where('site', '=', site)
        .where('state', '=', 'open')
        .where('recorded', '>=', isoTime(since))
        .groupBy('kind')
        .orderBy('kind')
        .execute();
      return { open: open?.count ?? 0, recent: new Map(recent.map(({ kind, count }) => [kind as EventKind, count])) };
    },

    async openTopics(site, topics) {
      const rows = await looked(topics, (some) =>
        db
          .selectFrom('event')
          .select(['id', 'topic'])
          .where('topic', 'in', [...some])
          .where('site', '=', site)
          .where('state', '=', 'open')
          .orderBy('id')
          .execute(),
      );
      return new Map(rows.flatMap(({ id, topic }) => (topic === null ? [] : [[topic, id]])));
    },

    async putEvents(events) {
      await written(events.map(eventRow), (some) =>
        db
          .insertInto('event')
          .values([...some])
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet((row) => ({
              count: row
                .case()
                .when('event.state', '=', row.ref('excluded.state'))
                .then(row('event.count', '+', row.ref('excluded.count')))
                .else(row.ref('excluded.count'))
                .end(),
              state: row.ref('excluded.state'),
              decided: null,
              decided_by: null,
              note: null,
            })),
          )
          .execute(),
      );
    },
  };
}

// ── Assets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type AssetRow = Selectable<Tables['asset']>;

function assetRow(asset: KnownAsset, shown: ShownAsset): AssetRow {
  const { observed } = asset;
  const address = shown.addresses[0] ?? shown.macs[0];
  const name = shown.name ?? asset.behind;
  return {
    id: asset.id,
    site: asset.site,
    scope: asset.scope,
    name: shown.name ?? null,
    // Those without a name come last, in the order of their addresses, which are shown in its place.
    name_key: name === undefined ? `${UNKNOWN_KEY}${addressSortKey(address)}` : sortKey(name),
    role: shown.role,
    role_reason: shown.roleReason ?? null,
    level: shown.purdueLevel ?? UNKNOWN_LEVEL,
    vendor: shown.vendor ?? null,
    vendor_key: sortKey(shown.vendor),
    product: shown.product ?? null,
    product_key: sortKey(shown.product),
    order_number: shown.orderNumber ?? null,
    firmware: shown.firmware ?? null,
    firmware_key: sortKey(shown.firmware),
    hardware: shown.hardware ?? null,
    serial: shown.serial ?? null,
    os: shown.os ?? null,
    address: address ?? null,
    address_key: addressSortKey(address),
    addresses: JSON.stringify(shown.addresses),
    macs: JSON.stringify(shown.macs),
    vlans: JSON.stringify(shown.vlans),
    scopes: JSON.stringify(shown.scopes),
    parent: asset.parent ?? null,
    behind: asset.behind ?? null,
    state: asset.state,
    completeness: shown.completeness.overall,
    completeness_wire: shown.completeness.wire,
    findings: asset.findings,
    worst: asset.worst,
    doubtful: observed.doubtful ? 1 : 0,
    news: asset.news ?? null,
    stated: JSON.stringify(asset.stated),
    first_seen: observed.firstSeen === undefined ? '' : isoTime(observed.firstSeen),
    last_seen: observed.lastSeen === undefined ? '' : isoTime(observed.lastSeen),
    observed: JSON.stringify(observed),
  };
}

export function assetOf(row: AssetRow): KnownAsset {
  const observed = JSON.parse(row.observed);
  return {
    id: row.id,
    site: row.site,
    scope: row.scope,
    parent: row.parent ?? undefined,
    behind: row.behind ?? undefined,
    state: row.state as AssetState,
    news: row.news ?? undefined,
    stated: JSON.parse(row.stated),
    observed: { ...observed, firstSeen: observed.firstSeen, lastSeen: observed.lastSeen },
    findings: row.findings,
    worst: row.worst,
  };
}

/** Columns that change with every sighting: none of them has an index but the last. */
const TOUCHED = ['observed', 'last_seen'] as const;

function isShownTheSame(one: AssetRow, other: AssetRow): boolean {
  return (Object.keys(one) as (keyof AssetRow)[]).every(
    (name) => TOUCHED.some((touched) => touched === name) || one[name] === other[name],
  );
}

async function putAssetRows(db: Queries, rows: readonly AssetRow[]): Promise<void> {
  await written(rows.toSorted(byId), (some) =>
    db
      .insertInto('asset')
      .values([...some])
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet((row) =>
            Object.fromEntries(
              (Object.keys(some[0] ?? {}) as (keyof AssetRow)[])
                .filter((name) => name !== 'id')
                .map((name) => [name, row.ref(`excluded.${name}`)]),
            ),
          ),
      )
      .execute(),
  );
}

async function touchAssetRows(db: Queries, rows: readonly AssetRow[]): Promise<void> {
  await written(rows.toSorted(byId), (some) =>
    db
      .insertInto('asset')
      .values([...some])
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((row) => ({
          observed: row.ref('excluded.observed'),
          last_seen: row.ref('excluded.last_seen'),
        })),
      )
      .execute(),
  );
}

async function putWords(
  db: Queries,
  assets: readonly { readonly asset: string; readonly shown: ShownAsset; readonly isNew: boolean }[],
): Promise<void> {
  const known = assets.filter(({ isNew }) => !isNew).map(({ asset }) => asset);
  await looked(known, async (some) => {
    await db
      .deleteFrom('search_token')
      .where('asset', 'in', [...some])
      .execute();
    return [];
  });
  const rows = assets
    .flatMap(({ asset, shown }) => searchWords(shown).map((token) => ({ token, asset })))
    .toSorted((a, b) => (a.token === b.token ? (a.asset < b.asset ? -1 : 1) : a.token < b.token ? -1 : 1));
  await written(rows, (some) =>
    db
      .insertInto('search_token')
      .values([...some])
      .onConflict((conflict) => conflict.columns(['token', 'asset']).doNothing())
      .execute(),
  );
}

async function absorbOne(db: Queries, from: string, to: string): Promise<void> {
  await db.updateTable('conversation').set({ client: to }).where('client', '=', from).execute();
  await db.updateTable('conversation').set({ server: to }).where('server', '=', from).execute();
  await db.updateTable('asset').set({ parent: to }).where('parent', '=', from).execute();
  await db.updateTable('event').set({ asset: to }).where('asset', '=', from).execute();
  const gone = await db.selectFrom('asset').select('news').where('id', '=', from).executeTakeFirst();
  const heir = await db.selectFrom('asset').select('news').where('id', '=', to).executeTakeFirst();
  const news = gone?.news ?? undefined;
  if (news !== undefined && news !== heir?.news) {
    await db
      .updateTable('conversation')
      .set({ news: heir?.news ?? null })
      .where('news', '=', news)
      .execute();
    await db
      .updateTable('event')
      .set({ state: 'noted' })
      .where('id', '=', news)
      .where('count', '=', 1)
      .where('state', '=', 'open')
      .execute();
  }
  await db
    .insertInto('finding_asset')
    .columns(['finding', 'asset'])
    .expression(
      db
        .selectFrom('finding_asset')
        .select(['finding', ({ val }) => val(to).as('asset')])
        .where('asset', '=', from)
        .where('finding', 'not in', db.selectFrom('finding_asset').select('finding').where('asset', '=', to)),
    )
    .execute();
  await db.deleteFrom('finding_asset').where('asset', '=', from).execute();
  await db
    .insertInto('asset_protocol')
    .columns(['protocol', 'asset', 'site'])
    .expression(
      db
        .selectFrom('asset_protocol')
        .select(['protocol', ({ val }) => val(to).as('asset'), 'site'])
        .where('asset', '=', from)
        .where('protocol', 'not in', db.selectFrom('asset_protocol').select('protocol').where('asset', '=', to)),
    )
    .execute();
  await db.deleteFrom('asset_protocol').where('asset', '=', from).execute();
  const standing = await db.selectFrom('placement').select('asset').where('asset', '=', to).executeTakeFirst();
  if (standing === undefined) {
    await db.updateTable('placement').set({ asset: to }).where('asset', '=', from).execute();
  }
  await db.deleteFrom('placement').where('asset', '=', from).execute();
  await db.deleteFrom('search_token').where('asset', '=', from).execute();
  await db.deleteFrom('asset_key').where('asset', '=', from).execute();
  await db.deleteFrom('asset').where('id', '=', from).execute();
}

export async function countFindings(db: Queries, assets: readonly string[]): Promise<void> {
  const counts = await looked(assets, (some) =>
    db
      .selectFrom('finding_asset')
      .innerJoin('finding', 'finding.id', 'finding_asset.finding')
      .select(['asset', ({ fn }) => fn.countAll<number>().as('count'), ({ fn }) => fn.max('severity').as('worst')])
      .where('asset', 'in', [...some])
      .where('state', '=', 'open')
      .groupBy('asset')
      .execute(),
  );
  const byAsset = new Map(counts.map((count) => [count.asset, count]));
  const groups = new Map<string, { findings: number; worst: number; ids: string[] }>();
  for (const asset of assets) {
    const { count = 0, worst = 0 } = byAsset.get(asset) ?? {};
    const group = groups.get(`${count} ${worst}`) ?? { findings: count, worst: worst ?? 0, ids: [] };
    group.ids.push(asset);
    groups.set(`${count} ${worst}`, group);
  }
  for (const { findings, worst, ids } of groups.values()) {
    await looked(ids, async (some) => {
      await db
        .updateTable('asset')
        .set({ findings, worst })
        .where('id', 'in', [...some])
        .execute();
      return [];
    });
  }
}

// ── Conversations, findings, events ─────────────────────────────────────────────────────────────────────────────────

type ConversationRow = Selectable<Tables['conversation']>;

function conversationRow(conversation: KnownConversation): ConversationRow {
  const { operations, timing, firstSeen, lastSeen } = conversation;
  return {
    id: conversation.id,
    site: conversation.site,
    scope: conversation.scope,
    client: conversation.client ?? null,
    server: conversation.server ?? null,
    client_address: conversation.clientAddress,
    target: conversation.target,
    transport: conversation.transport,
    port: conversation.port,
    protocol: conversation.protocol ?? '',
    vlan: conversation.vlan ?? null,
    flows: conversation.flows,
    packets: conversation.packets,
    bytes: conversation.bytes,
    effects: operations.reduce((bits, { effect }) => bits | effectBit(effect), 0),
    gravest: operations.reduce((rank, { effect }) => Math.max(rank, effectRank(effect)), 0),
    operations: JSON.stringify(operations),
    timing: timing === undefined ? null : JSON.stringify(timing),
    state: conversation.state,
    news: conversation.news ?? null,
    first_seen: isoTime(firstSeen),
    last_seen: isoTime(lastSeen),
  };
}

export function conversationOf(row: ConversationRow): KnownConversation {
  return {
    id: row.id,
    site: row.site,
    scope: row.scope,
    client: row.client ?? undefined,
    server: row.server ?? undefined,
    clientAddress: row.client_address,
    target: row.target,
    transport: row.transport,
    port: row.port,
    protocol: row.protocol === '' ? undefined : row.protocol,
    vlan: row.vlan ?? undefined,
    flows: row.flows,
    packets: row.packets,
    bytes: row.bytes,
    operations: JSON.parse(row.operations),
    timing: row.timing === null ? undefined : JSON.parse(row.timing),
    state: row.state as ConversationState,
    news: row.news ?? undefined,
    firstSeen: microsOf(row.first_seen),
    lastSeen: microsOf(row.last_seen),
  };
}

function rowsOf(conversations: readonly { readonly after: KnownConversation }[]): readonly ConversationRow[] {
  return conversations.map(({ after }) => conversationRow(after)).toSorted(byId);
}

/** Columns with an index differ that a sighting of a known conversation leaves as they are: they are written only then. */
function isElsewhere(before: KnownConversation, after: KnownConversation): boolean {
  return (
    before.client !== after.client ||
    before.server !== after.server ||
    before.firstSeen !== after.firstSeen ||
    before.operations.length !== after.operations.length
  );
}

function counted(row: ExpressionBuilder<OnConflictDatabase<Tables, 'conversation'>, OnConflictTables<'conversation'>>) {
  return {
    flows: row.ref('excluded.flows'),
    packets: row.ref('excluded.packets'),
    bytes: row.ref('excluded.bytes'),
    effects: row.ref('excluded.effects'),
    operations: row.ref('excluded.operations'),
    timing: row.ref('excluded.timing'),
    last_seen: row.ref('excluded.last_seen'),
  };
}

type FindingRow = Selectable<Tables['finding']>;

function findingRow(finding: KnownFinding): FindingRow {
  return {
    id: finding.id,
    site: finding.site,
    scope: finding.scope,
    code: finding.code,
    severity: severityRank(finding.severity),
    title: finding.title,
    explanation: finding.explanation,
    filter: finding.filter,
    frames: JSON.stringify(finding.frames),
    count: finding.count,
    source: finding.source,
    state: finding.state,
    decided: finding.decided === undefined ? null : isoTime(finding.decided),
    decided_by: finding.decidedBy ?? null,
    note: finding.note ?? null,
    first_seen: isoTime(finding.firstSeen),
    last_seen: isoTime(finding.lastSeen),
  };
}

export function findingOf(row: FindingRow): KnownFinding {
  return {
    id: row.id,
    site: row.site,
    scope: row.scope,
    code: row.code,
    severity: severityOfRank(row.severity) ?? 'info',
    title: row.title,
    explanation: row.explanation,
    filter: row.filter,
    frames: JSON.parse(row.frames),
    count: row.count,
    source: row.source,
    state: row.state as FindingState,
    decided: row.decided === null ? undefined : microsOf(row.decided),
    decidedBy: row.decided_by ?? undefined,
    note: row.note ?? undefined,
    firstSeen: microsOf(row.first_seen),
    lastSeen: microsOf(row.last_seen),
  };
}

function eventRow(event: InventoryEvent): Insertable<Tables['event']> {
  return {
    id: event.id,
    site: event.site,
    kind: event.kind,
    state: event.state,
    asset: event.asset ?? null,
    conversation: event.conversation ?? null,
    finding: event.finding ?? null,
    topic: event.topic ?? null,
    count: event.count,
    before: jsonOf(event.before),
    after: jsonOf(event.after),
    evidence: jsonOf(event.evidence),
    at: isoTime(event.at),
    recorded: isoTime(event.recorded),
    decided: event.decided === undefined ? null : isoTime(event.decided),
    decided_by: event.decidedBy ?? null,
    note: event.note ?? null,
  };
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

// ── Batches ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Asks for so many at a time. */
export async function looked<Found>(
  ids: readonly string[],
  ask: (some: readonly string[]) => Promise<readonly Found[]>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < ids.length; at += PER_LOOKUP) {
    for (const row of await ask(ids.slice(at, at + PER_LOOKUP))) {
      found.push(row);
    }
  }
  return found;
}

/** Writes as many rows at a time as a statement can hold. */
async function written<Row extends object>(
  rows: readonly Row[],
  write: (some: readonly Row[]) => Promise<unknown>,
): Promise<void> {
  const perStatement = Math.floor(MOST_VALUES / Math.max(1, Object.keys(rows[0] ?? {}).length));
  for (let at = 0; at < rows.length; at += perStatement) {
    await write(rows.slice(at, at + perStatement));
  }
}

function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return one.id < other.id ? -1 : 1;
}
