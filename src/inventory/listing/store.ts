import { type ExpressionBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { inScope, type Scope } from '../../kit/scope.ts';
import { isoTime, microsOf } from '../../kit/time.ts';
import type { Queries } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { EventKind, EventState } from '../event.ts';
import type { AssetState } from '../known-asset.ts';
import { shownOf } from '../known-asset.ts';
import { effectBit, effectOfRank, effectRank } from '../known-conversation.ts';
import { severityOfRank, severityRank } from '../known-finding.ts';
import { wantedWords } from '../search-words.ts';
import { addressSortKey, UNKNOWN_LEVEL } from '../sort-key.ts';
import { assetOf, conversationOf, findingOf, looked } from '../store.ts';
import { Kept } from './counts.ts';
import {
  type AssetFilter,
  type AssetSort,
  type ConversationFilter,
  type ConversationSort,
  type EventFilter,
  type Facet,
  type Facets,
  type FindingFilter,
  type ListedAsset,
  type ListedConversation,
  type ListedEvent,
  type ListedFinding,
  type Listing,
  type MapEdge,
  type MapFilter,
  type MapNode,
  MOST_EDGES,
  MOST_NODES,
  type Party,
  type PlantMap,
  type Sorted,
  type Today,
} from './listing.ts';

export function createListing(db: Queries): Listing {
  const now = () => performance.now();
  const counts = new Kept<number>(now);
  const facets = new Kept<Facets>(now);
  const maps = new Kept<PlantMap>(now);
  const keyOf = (what: string, scope: Scope, filter: unknown) =>
    JSON.stringify([what, scope === 'all' ? scope : [...scope].toSorted(), filter]);
  return {
    async assets(scope, filter, sorted) {
      const words = await searchFor(db, filter.q);
      const narrowed = (query: Assets) => filterAssets(query, scope, filter, words);
      const total = await counts.get(keyOf('assets', scope, filter), () =>
        countOf(narrowed(db.selectFrom('asset') as Assets)),
      );
      const ids = await assetPage(db, narrowed, sorted);
      return { items: await listedAssets(db, ids), total };
    },

    async assetIds(scope, filter, after, limit) {
      const narrowed = filterAssets(db.selectFrom('asset') as Assets, scope, filter, await searchFor(db, filter.q));
      const rows = await narrowed
        .select('asset.id')
        .where('asset.id', '>', after)
        .orderBy('asset.id')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },

    async asset(scope, id) {
      const row = await db.selectFrom('asset').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined || !inScope(scope, row.site)) {
        return undefined;
      }
      const known = assetOf(row);
      const [listed] = await listedAssets(db, [id]);
      const children = await db
        .selectFrom('asset')
        .select('id')
        .where('parent', '=', id)
        .orderBy('name_key')
        .orderBy('id')
        .limit(MOST_NAMED)
        .execute();
      const parties = await partiesOf(db, [
        ...children.map((child) => child.id),
        ...(known.parent === undefined ? [] : [known.parent]),
      ]);
      const protocols = await db
        .selectFrom('asset_protocol')
        .select('protocol')
        .where('asset', '=', id)
        .orderBy('protocol')
        .limit(MOST_NAMED)
        .execute();
      return listed === undefined
        ? undefined
        : {
            listed,
            known,
            shown: shownOf(known),
            parent: known.parent === undefined ? undefined : parties.get(known.parent),
            children: children.flatMap((child) => parties.get(child.id) ?? []),
            protocols: protocols.map(({ protocol }) => protocol),
          };
    },

    async hasAsset(scope, id) {
      const row = await db.selectFrom('asset').select('site').where('id', '=', id).executeTakeFirst();
      return row !== undefined && inScope(scope, row.site);
    },

    async conversations(scope, filter, { sort, order, offset, limit }) {
      const found = await searchConversations(db, scope, filter.q);
      const narrowed = (query: Conversations) => filterConversations(query, scope, filter, found);
      const total = await counts.get(keyOf('conversations', scope, filter), () =>
        countOf(narrowed(db.selectFrom('conversation') as Conversations)),
      );
      const column = CONVERSATION_COLUMNS[sort];
      const rows = await narrowed(db.selectFrom('conversation') as Conversations)
        .select('conversation.id')
        .orderBy(`conversation.${column}`, order)
        .orderBy('conversation.id', order)
        .limit(limit)
        .offset(offset)
        .execute();
      return {
        items: await listedConversations(
          db,
          rows.map(({ id }) => id),
        ),
        total,
      };
    },

    async conversation(scope, id) {
      const [conversation] = await listedConversations(db, [id]);
      if (conversation === undefined || !inScope(scope, conversation.site)) {
        return undefined;
      }
      const days = await db
        .selectFrom('conversation_day')
        .select(['day', 'packets', 'bytes'])
        .where('conversation', '=', id)
        .orderBy('day', 'desc')
        .limit(MOST_DAYS)
        .execute();
      return { conversation, days: days.toReversed() };
    },

    async events(scope, filter, { offset, limit }) {
      const narrowed = (query: Events) => filterEvents(query, scope, filter);
      const total = await counts.get(keyOf('events', scope, filter), () =>
        countOf(narrowed(db.selectFrom('event') as Events)),
      );
      const rows = await narrowed(db.selectFrom('event') as Events)
        .selectAll('event')
        .orderBy('event.at', 'desc')
        .orderBy('event.id', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return { items: await listedEvents(db, rows), total };
    },

    today: (scope, site) => todayOf(db, scope, site),

    async findings(scope, filter, { offset, limit }) {
      const narrowed = (query: Findings) => filterFindings(query, scope, filter);
      const total = await counts.get(keyOf('findings', scope, filter), () =>
        countOf(narrowed(db.selectFrom('finding') as Findings)),
      );
      const rows = await narrowed(db.selectFrom('finding') as Findings)
        .selectAll('finding')
        .orderBy('finding.severity', 'desc')
        .orderBy('finding.last_seen', 'desc')
        .orderBy('finding.id', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return { items: await listedFindings(db, rows), total };
    },

    async finding(scope, id) {
      const row = await db.selectFrom('finding').selectAll().where('id', '=', id).executeTakeFirst();
      const [finding] = row === undefined || !inScope(scope, row.site) ? [] : await listedFindings(db, [row]);
      return finding;
    },

    map: (scope, filter) => maps.get(keyOf('map', scope, filter), () => mapOf(db, scope, filter)),

    facets: (scope, site) => facets.get(keyOf('facets', scope, site), () => facetsOf(db, scope, site)),
  };
}

/** Devices named beside another thing. */
const MOST_NAMED = 200;
const MOST_DAYS = 400;

type Assets = SelectQueryBuilder<Tables, 'asset', object>;
type Conversations = SelectQueryBuilder<Tables, 'conversation', object>;
type Events = SelectQueryBuilder<Tables, 'event', object>;
type Findings = SelectQueryBuilder<Tables, 'finding', object>;

async function countOf(query: Assets | Conversations | Events | Findings): Promise<number> {
  const row = await (query as Assets).select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirst();
  return row?.count ?? 0;
}

// ── Search ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What was searched for: few assets by their ids, or a word that many have, which is looked for asset by asset. */
interface Wanted {
  readonly few: readonly string[] | undefined;
  readonly words: readonly string[];
}

/** Up to here the assets that have a word are named one by one. */
const FEW = 1000;

async function searchFor(db: Queries, q: string | undefined): Promise<Wanted | undefined> {
  const words = q === undefined ? [] : wantedWords(q);
  if (words.length === 0) {
    return undefined;
  }
  for (const word of words) {
    const rows = await db
      .selectFrom('search_token')
      .select('asset')
      .where('token', '>=', word)
      .where('token', '<', `${word}${LAST_CHARACTER}`)
      .limit(FEW * 2)
      .execute();
    if (rows.length < FEW * 2) {
      return { few: [...new Set(rows.map(({ asset }) => asset))], words: words.filter((other) => other !== word) };
    }
  }
  return { few: undefined, words };
}

const LAST_CHARACTER = '\u{10ffff}';

function hasWord(word: string) {
  return ({ exists, selectFrom, ref }: ExpressionBuilder<Tables, 'asset'>) =>
    exists(
      selectFrom('search_token')
        .select('search_token.asset')
        .where('search_token.asset', '=', ref('asset.id'))
        .where('search_token.token', '>=', word)
        .where('search_token.token', '<', `${word}${LAST_CHARACTER}`),
    );
}

/** Addresses and protocols as they are written, and the parties whose words begin so. */
interface FoundParties {
  readonly text: string;
  readonly assets: readonly string[];
}

const MOST_PARTIES = 300;

async function searchConversations(
  db: Queries,
  scope: Scope,
  q: string | undefined,
): Promise<FoundParties | undefined> {
  const text = q?.trim().toLowerCase() ?? '';
  const wanted = await searchFor(db, q);
  if (wanted === undefined) {
    return undefined;
  }
  const rows = await filterAssets(db.selectFrom('asset') as Assets, scope, {}, wanted)
    .select('asset.id')
    .orderBy('asset.id')
    .limit(MOST_PARTIES)
    .execute();
  return { text, assets: rows.map(({ id }) => id) };
}

// ── Assets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const ASSET_COLUMNS = {
  name: 'name_key',
  role: 'role',
  level: 'level',
  vendor: 'vendor_key',
  product: 'product_key',
  firmware: 'firmware_key',
  address: 'address_key',
  lastSeen: 'last_seen',
  firstSeen: 'first_seen',
  completeness: 'completeness',
  state: 'state',
} as const satisfies Record<Exclude<AssetSort, 'place'>, keyof Tables['asset']>;

function filterAssets(given: Assets, scope: Scope, filter: AssetFilter, wanted: Wanted | undefined): Assets {
  let query = given;
  if (scope !== 'all') {
    query = query.where('asset.site', 'in', listOf(scope));
  }
  if (filter.site !== undefined) {
    query = query.where('asset.site', '=', filter.site);
  }
  if (filter.role !== undefined) {
    query = query.where('asset.role', 'in', [...filter.role]);
  }
  if (filter.level !== undefined) {
    query = query.where('asset.level', '=', filter.level);
  }
  if (filter.vendor !== undefined) {
    query = query.where('asset.vendor', 'in', [...filter.vendor]);
  }
  if (filter.state !== undefined) {
    query = query.where('asset.state', 'in', [...filter.state]);
  }
  if (filter.severity !== undefined) {
    query = query.where('asset.worst', '>=', severityRank(filter.severity));
  }
  const { protocol, places } = filter;
  if (protocol !== undefined) {
    query = query.where(({ exists, selectFrom, ref }) =>
      exists(
        selectFrom('asset_protocol')
          .select('asset_protocol.asset')
          .where('asset_protocol.protocol', '=', protocol)
          .where('asset_protocol.asset', '=', ref('asset.id')),
      ),
    );
  }
  if (places !== undefined) {
    query = query.where(standsAt(places));
  }
  if (wanted?.few !== undefined) {
    query = query.where('asset.id', 'in', listOf(wanted.few));
  }
  for (const word of wanted?.words ?? []) {
    query = query.where(hasWord(word));
  }
  return query;
}

/** Empty: nowhere. */
function standsAt(places: readonly string[]) {
  return ({ exists, not, selectFrom, ref }: ExpressionBuilder<Tables, 'asset'>) => {
    const placed = selectFrom('placement').select('placement.asset').where('placement.asset', '=', ref('asset.id'));
    return places.length === 0 ? not(exists(placed)) : exists(placed.where('placement.place', 'in', [...places]));
  };
}

/** `in ()` is no SQL: a value that no row has stands for none. */
function listOf(values: Iterable<string>): string[] {
  const all = [...values];
  return all.length === 0 ? [''] : all;
}

async function assetPage(
  db: Queries,
  narrowed: (query: Assets) => Assets,
  { sort, order, offset, limit }: Sorted<AssetSort>,
): Promise<readonly string[]> {
  const query = narrowed(db.selectFrom('asset') as Assets);
  const sorted =
    sort === 'place'
      ? (query
          .leftJoin('placement', 'placement.asset', 'asset.id')
          .leftJoin('place', 'place.id', 'placement.place')
          .orderBy('place.name', (column) =>
            order === 'asc' ? column.asc().nullsLast() : column.desc().nullsLast(),
          ) as unknown as Assets)
      : query.orderBy(`asset.${ASSET_COLUMNS[sort]}`, order);
  const rows = await sorted.select('asset.id').orderBy('asset.id', order).limit(limit).offset(offset).execute();
  return rows.map(({ id }) => id);
}

async function listedAssets(db: Queries, ids: readonly string[]): Promise<readonly ListedAsset[]> {
  const rows = await looked(ids, (some) =>
    db
      .selectFrom('asset')
      .leftJoin('placement', 'placement.asset', 'asset.id')
      .leftJoin('place', 'place.id', 'placement.place')
      .select([
        'asset.id',
        'asset.site',
        'asset.name',
        'asset.behind',
        'role',
        'level',
        'vendor',
        'product',
        'firmware',
        'addresses',
        'macs',
        'vlans',
        'state',
        'completeness',
        'findings',
        'worst',
        'first_seen',
        'last_seen',
        'place.id as place_id',
        'place.name as place_name',
      ])
      .where('asset.id', 'in', [...some])
      .execute(),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (row === undefined) {
      return [];
    }
    const [vlan] = JSON.parse(row.vlans) as number[];
    return {
      id,
      site: row.site,
      name: row.name ?? row.behind ?? undefined,
      role: row.role,
      purdueLevel: levelOf(row.level),
      vendor: row.vendor ?? undefined,
      product: row.product ?? undefined,
      firmware: row.firmware ?? undefined,
      addresses: JSON.parse(row.addresses),
      macs: JSON.parse(row.macs),
      vlan,
      place: row.place_id === null || row.place_name === null ? undefined : { id: row.place_id, name: row.place_name },
      state: row.state as AssetState,
      completeness: row.completeness,
      findings: { count: row.findings, worst: severityOfRank(row.worst) },
      firstSeen: timeOf(row.first_seen),
      lastSeen: timeOf(row.last_seen),
    };
  });
}

async function partiesOf(db: Queries, ids: readonly string[]): Promise<ReadonlyMap<string, Party>> {
  const rows = await looked([...new Set(ids)], (some) =>
    db
      .selectFrom('asset')
      .select(['id', 'name', 'address', 'behind', 'role'])
      .where('id', 'in', [...some])
      .execute(),
  );
  return new Map(
    rows.map(({ id, name, address, behind, role }) => [id, { id, name: name ?? address ?? behind ?? undefined, role }]),
  );
}

function levelOf(level: number): number | undefined {
  return level === UNKNOWN_LEVEL ? undefined : level;
}

function timeOf(iso: string | null): number | undefined {
  return iso === null || iso === '' ? undefined : microsOf(iso);
}

// ── Conversations ───────────────────────────────────────────────────────────────────────────────────────────────────

const CONVERSATION_COLUMNS = {
  lastSeen: 'last_seen',
  firstSeen: 'first_seen',
  packets: 'packets',
  bytes: 'bytes',
  protocol: 'protocol',
} as const satisfies Record<ConversationSort, keyof Tables['conversation']>;

function filterConversations(
  given: Conversations,
  scope: Scope,
  filter: ConversationFilter,
  found: FoundParties | undefined,
): Conversations {
  let query = given;
  if (scope !== 'all') {
    query = query.where('conversation.site', 'in', listOf(scope));
  }
  const { asset, site, protocol, effect, state, event, since, until } = filter;
  if (event !== undefined) {
    query = query.where('conversation.news', '=', event);
  }
  if (site !== undefined) {
    query = query.where('conversation.site', '=', site);
  }
  if (asset !== undefined) {
    query = query.where(({ eb, selectFrom }) =>
      eb(
        'conversation.id',
        'in',
        selectFrom('conversation as one')
          .select('one.id')
          .where('one.client', '=', asset)
          .union(selectFrom('conversation as other').select('other.id').where('other.server', '=', asset)),
      ),
    );
  }
  if (protocol !== undefined) {
    query = query.where('conversation.protocol', '=', protocol);
  }
  if (effect !== undefined) {
    // The gravest effect is at least as grave: this has an index, and grave ones are few.
    query = query
      .where('conversation.gravest', '>=', effectRank(effect))
      .where(sql<SqlBool>`(conversation.effects & ${sql.lit(effectBit(effect))}) <> 0`);
  }
  if (state !== undefined) {
    query = query.where('conversation.state', '=', state);
  }
  if (since !== undefined) {
    query = query.where('conversation.last_seen', '>=', isoTime(since));
  }
  if (until !== undefined) {
    query = query.where('conversation.first_seen', '<=', isoTime(until));
  }
  return found === undefined ? query : query.where(isOf(found));
}

function isOf({ text, assets }: FoundParties) {
  return ({ eb, selectFrom }: ExpressionBuilder<Tables, 'conversation'>) => {
    const parties = listOf(assets);
    return eb(
      'conversation.id',
      'in',
      selectFrom('conversation as a')
        .select('a.id')
        .where('a.client', 'in', parties)
        .union(selectFrom('conversation as b').select('b.id').where('b.server', 'in', parties))
        .union(selectFrom('conversation as c').select('c.id').where('c.protocol', '=', text))
        .union(selectFrom('conversation as d').select('d.id').where('d.target', '=', text))
        .union(selectFrom('conversation as e').select('e.id').where('e.client_address', '=', text)),
    );
  };
}

async function listedConversations(db: Queries, ids: readonly string[]): Promise<readonly ListedConversation[]> {
  const rows = await looked(ids, (some) =>
    db
      .selectFrom('conversation')
      .selectAll()
      .where('id', 'in', [...some])
      .execute(),
  );
  const parties = await partiesOf(
    db,
    rows.flatMap(({ client, server }) => [client, server].filter((id) => id !== null)),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (row === undefined) {
      return [];
    }
    const { client, server, news: _, ...known } = conversationOf(row);
    return { ...known, client: partyOf(parties, client), server: partyOf(parties, server) };
  });
}

function partyOf(parties: ReadonlyMap<string, Party>, id: string | undefined): Party | undefined {
  return id === undefined ? undefined : parties.get(id);
}

// ── Events and findings ─────────────────────────────────────────────────────────────────────────────────────────────

function filterEvents(given: Events, scope: Scope, { state, kind, site, asset }: EventFilter): Events {
  let query = given;
  if (scope !== 'all') {
    query = query.where('event.site', 'in', listOf(scope));
  }
  if (state !== undefined) {
    query = query.where('event.state', '=', state);
  }
  if (kind !== undefined) {
    query = query.where('event.kind', '=', kind);
  }
  if (site !== undefined) {
    query = query.where('event.site', '=', site);
  }
  return asset === undefined ? query : query.where('event.asset', '=', asset);
}

async function listedEvents(
  db: Queries,
  rows: readonly {
    readonly [Name in keyof Tables['event']]: Tables['event'][Name];
  }[],
): Promise<readonly ListedEvent[]> {
  const parties = await partiesOf(
    db,
    rows.flatMap(({ asset }) => asset ?? []),
  );
  const talks = await looked(
    rows.flatMap(({ id, state }) => (state === 'open' ? id : [])),
    (some) =>
      db
        .selectFrom('conversation')
        .select(['news', ({ fn }) => fn.countAll<number>().as('count')])
        .where('news', 'in', [...some])
        .groupBy('news')
        .execute(),
  );
  const talksByEvent = new Map(talks.map(({ news, count }) => [news, count]));
  const conversations = await listedConversations(
    db,
    rows.flatMap(({ conversation }) => conversation ?? []),
  );
  const conversationById = new Map(conversations.map((one) => [one.id, one]));
  const findings = await looked(
    rows.flatMap(({ finding }) => finding ?? []),
    (some) =>
      db
        .selectFrom('finding')
        .select(['id', 'severity', 'title', 'filter'])
        .where('id', 'in', [...some])
        .execute(),
  );
  const findingById = new Map(
    findings.map(({ id, severity, title, filter }) => [
      id,
      { id, severity: severityOfRank(severity) ?? 'info', title, filter } as const,
    ]),
  );
  return rows.map((row) => ({
    id: row.id,
    site: row.site,
    kind: row.kind as EventKind,
    state: row.state as EventState,
    asset: partyOf(parties, row.asset ?? undefined),
    conversation: row.conversation === null ? undefined : conversationById.get(row.conversation),
    finding: row.finding === null ? undefined : findingById.get(row.finding),
    count: row.count,
    conversations: talksByEvent.get(row.id) ?? 0,
    before: parsedOf(row.before),
    after: parsedOf(row.after),
    evidence: parsedOf(row.evidence),
    at: microsOf(row.at),
    decided: timeOf(row.decided),
    decidedBy: row.decided_by ?? undefined,
    note: row.note ?? undefined,
  }));
}

function parsedOf(json: string | null): unknown {
  return json === null ? undefined : JSON.parse(json);
}

async function todayOf(db: Queries, scope: Scope, site: string | undefined): Promise<Today> {
  const open = filterEvents(db.selectFrom('event') as Events, scope, { state: 'open', site });
  const rows = await open
    .select(['event.kind', ({ fn }) => fn.countAll<number>().as('count'), ({ fn }) => fn.min('event.at').as('oldest')])
    .groupBy('event.kind')
    .orderBy('event.kind')
    .execute();
  const oldest = rows.map((row) => row.oldest).toSorted()[0];
  return {
    counts: rows.map(({ kind, count }) => ({ kind: kind as EventKind, count: Number(count) })),
    oldest: oldest === undefined ? undefined : microsOf(oldest),
  };
}

function filterFindings(given: Findings, scope: Scope, filter: FindingFilter): Findings {
  let query = given;
  if (scope !== 'all') {
    query = query.where('finding.site', 'in', listOf(scope));
  }
  const { severity, code, state, site, asset } = filter;
  if (severity !== undefined) {
    query = query.where('finding.severity', '=', severityRank(severity));
  }
  if (code !== undefined) {
    query = query.where('finding.code', '=', code);
  }
  if (state !== undefined) {
    query = query.where('finding.state', '=', state);
  }
  if (site !== undefined) {
    query = query.where('finding.site', '=', site);
  }
  return asset === undefined
    ? query
    : query.where('finding.id', 'in', ({ selectFrom }) =>
        selectFrom('finding_asset').select('finding_asset.finding').where('finding_asset.asset', '=', asset),
      );
}

async function listedFindings(
  db: Queries,
  rows: readonly Parameters<typeof findingOf>[0][],
): Promise<readonly ListedFinding[]> {
  const links = await looked(
    rows.map(({ id }) => id),
    (some) =>
      db
        .selectFrom('finding_asset')
        .selectAll()
        .where('finding', 'in', [...some])
        .orderBy('finding')
        .orderBy('asset')
        .limit(some.length * MOST_NAMED)
        .execute(),
  );
  const parties = await partiesOf(
    db,
    links.map(({ asset }) => asset),
  );
  const about = new Map<string, Party[]>();
  for (const { finding, asset } of links) {
    const party = parties.get(asset);
    if (party !== undefined) {
      about.set(finding, [...(about.get(finding) ?? []), party]);
    }
  }
  return rows.map((row) => ({ ...findingOf(row), assets: (about.get(row.id) ?? []).slice(0, MOST_NAMED) }));
}

// ── Map and facets ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Conversations that are looked at for a map, those with most bytes: what is asked for often must not stop all others. */
const MOST_LOOKED_AT = 60_000;

async function mapOf(db: Queries, scope: Scope, filter: MapFilter): Promise<PlantMap> {
  const { places, ...rest } = filter;
  let query = filterConversations(db.selectFrom('conversation') as Conversations, scope, rest, undefined)
    .where('conversation.client', 'is not', null)
    .where('conversation.server', 'is not', null);
  if (places !== undefined) {
    query = query.where(({ or, eb, selectFrom }) => {
      const there = selectFrom('placement').select('placement.asset').where('placement.place', 'in', listOf(places));
      return or([eb('conversation.client', 'in', there), eb('conversation.server', 'in', there)]);
    });
  }
  const rows = await query
    .select(['client', 'server', 'protocol', 'gravest', 'packets', 'bytes', 'first_seen', 'last_seen'])
    .orderBy('conversation.bytes', 'desc')
    .orderBy('conversation.id', 'desc')
    .limit(MOST_LOOKED_AT)
    .execute();
  const edges = new Map<string, Edge>();
  for (const { client, server, ...row } of rows) {
    if (client !== null && server !== null && client !== server) {
      const key = `${client} ${server}`;
      const known = edges.get(key);
      if (known === undefined) {
        edges.set(key, { client, server, ...row, protocols: new Set([row.protocol]) });
      } else {
        addTo(known, row);
      }
    }
  }
  return await drawn(db, [...edges.values()], scope, filter);
}

interface Edge {
  readonly client: string;
  readonly server: string;
  readonly protocols: Set<string>;
  gravest: number;
  packets: number;
  bytes: number;
  first_seen: string;
  last_seen: string;
}

function addTo(edge: Edge, more: Omit<Edge, 'client' | 'server' | 'protocols'> & { readonly protocol: string }): void {
  edge.protocols.add(more.protocol);
  edge.gravest = Math.max(edge.gravest, more.gravest);
  edge.packets += more.packets;
  edge.bytes += more.bytes;
  edge.first_seen = edge.first_seen < more.first_seen ? edge.first_seen : more.first_seen;
  edge.last_seen = edge.last_seen > more.last_seen ? edge.last_seen : more.last_seen;
}

/** The gravest first, then those with most bytes; with the nodes at their ends as long as there is room. */
async function drawn(db: Queries, edges: readonly Edge[], scope: Scope, filter: MapFilter): Promise<PlantMap> {
  const sorted = edges.toSorted((a, b) => b.gravest - a.gravest || b.bytes - a.bytes || (a.client < b.client ? -1 : 1));
  const ids = new Set<string>();
  const kept: Edge[] = [];
  for (const edge of sorted) {
    const more = Number(!ids.has(edge.client)) + Number(!ids.has(edge.server));
    if (kept.length < MOST_EDGES && ids.size + more <= MOST_NODES) {
      ids.add(edge.client);
      ids.add(edge.server);
      kept.push(edge);
    }
  }
  const isWhole =
    filter.protocol === undefined &&
    filter.effect === undefined &&
    filter.since === undefined &&
    filter.until === undefined;
  const narrowed = filterAssets(
    db.selectFrom('asset') as Assets,
    scope,
    { site: filter.site, places: filter.places },
    undefined,
  );
  const all = isWhole ? await countOf(narrowed) : ids.size;
  if (isWhole && ids.size < MOST_NODES) {
    // Who talks to nobody is a part of the plant too.
    const silent = await narrowed.select('asset.id').orderBy('asset.id').limit(MOST_NODES).execute();
    for (const { id } of silent) {
      if (ids.size < MOST_NODES) {
        ids.add(id);
      }
    }
  }
  return {
    nodes: await nodesOf(db, [...ids]),
    edges: kept.map(edgeOf),
    omitted: { nodes: Math.max(0, all - ids.size), edges: edges.length - kept.length },
  };
}

function edgeOf({ client, server, protocols, gravest, packets, bytes, first_seen, last_seen }: Edge): MapEdge {
  return {
    client,
    server,
    protocols: [...protocols].filter((protocol) => protocol !== '').toSorted(),
    effect: effectOfRank(gravest),
    packets,
    bytes,
    firstSeen: microsOf(first_seen),
    lastSeen: microsOf(last_seen),
  };
}

async function nodesOf(db: Queries, ids: readonly string[]): Promise<readonly MapNode[]> {
  const rows = await looked(ids, (some) =>
    db
      .selectFrom('asset')
      .leftJoin('placement', 'placement.asset', 'asset.id')
      .leftJoin('place', 'place.id', 'placement.place')
      .select(['asset.id', 'asset.name', 'behind', 'role', 'level', 'address', 'state', 'worst'])
      .select(['place.id as place_id', 'place.name as place_name'])
      .where('asset.id', 'in', [...some])
      .execute(),
  );
  return rows
    .map((row) => ({
      id: row.id,
      name: row.name ?? row.address ?? row.behind ?? undefined,
      role: row.role,
      level: levelOf(row.level),
      address: row.address ?? undefined,
      place: row.place_id === null || row.place_name === null ? undefined : { id: row.place_id, name: row.place_name },
      state: row.state as AssetState,
      severity: severityOfRank(row.worst),
    }))
    .toSorted((a, b) => (addressSortKey(a.address) < addressSortKey(b.address) ? -1 : 1));
}

/** Values of one facet that are named; the most frequent ones. */
const MOST_VALUES = 200;

async function facetsOf(db: Queries, scope: Scope, site: string | undefined): Promise<Facets> {
  const assets = () => filterAssets(db.selectFrom('asset') as Assets, scope, { site }, undefined);
  const by = async (column: 'role' | 'vendor' | 'state'): Promise<readonly Facet[]> => {
    const rows = await assets()
      .select([`asset.${column} as value`, ({ fn }) => fn.countAll<number>().as('count')])
      .groupBy(`asset.${column}`)
      .execute();
    return mostFrequent(rows.flatMap(({ value, count }) => (value === null ? [] : [{ value, count }])));
  };
  let protocols = db
    .selectFrom('asset_protocol')
    .select(['protocol as value', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('protocol');
  let places = db
    .selectFrom('placement')
    .innerJoin('place', 'place.id', 'placement.place')
    .select(['place.id as value', 'place.name', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy(['place.id', 'place.name']);
  if (scope !== 'all') {
    protocols = protocols.where('site', 'in', listOf(scope));
    places = places.where('placement.site', 'in', listOf(scope));
  }
  if (site !== undefined) {
    protocols = protocols.where('site', '=', site);
    places = places.where('placement.site', '=', site);
  }
  return {
    roles: await by('role'),
    vendors: await by('vendor'),
    protocols: mostFrequent(await protocols.execute()),
    places: mostFrequent(await places.execute()),
    states: await by('state'),
  };
}

function mostFrequent(facets: readonly Facet[]): readonly Facet[] {
  return facets.toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, MOST_VALUES);
}
