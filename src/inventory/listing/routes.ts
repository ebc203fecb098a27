import { z } from 'zod';
import { fail } from '../../kit/failure.ts';
import { ok } from '../../kit/result.ts';
import type { Scope } from '../../kit/scope.ts';
import { isoTime, type Micros } from '../../kit/time.ts';
import { type PlaceStore, within } from '../../plant/place.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { Timing } from '../conversation.ts';
import { EVENT_KINDS, EVENT_STATES } from '../event.ts';
import { conflictsOf as evidenceConflicts } from '../evidence.ts';
import { SEVERITIES } from '../findings/finding.ts';
import { ASSET_STATES, type KnownAsset } from '../known-asset.ts';
import { CONVERSATION_STATES, EFFECTS, effectRank } from '../known-conversation.ts';
import { FINDING_STATES } from '../known-finding.ts';
import { wiresharkFilter } from './conversation-filter.ts';
import {
  ASSET_SORTS,
  type AssetDetail,
  CONVERSATION_SORTS,
  type ListedAsset,
  type ListedConversation,
  type ListedEvent,
  type ListedFinding,
  type Listing,
  ORDERS,
  type PlantMap,
} from './listing.ts';

export interface ListingParts {
  readonly listing: Listing;
  readonly places: PlaceStore;
}

export function listingRoutes(parts: ListingParts): readonly Route[] {
  return [
    ...assetRoutes(parts),
    ...conversationRoutes(parts),
    ...eventRoutes(parts),
    ...findingRoutes(parts),
    ...mapRoutes(parts),
  ];
}

// ── What may be asked ───────────────────────────────────────────────────────────────────────────────────────────────

const LONGEST_TEXT = 200;
const MOST_LISTED = 200;
const MOST_OFFSET = 10_000_000;

const Text = z.string().max(LONGEST_TEXT);
const paging = {
  offset: z.coerce.number().int().min(0).max(MOST_OFFSET).default(0),
  limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(100),
};
const order = z.enum(ORDERS).default('asc');
/** The same parameter several times: one of the values must fit. */
const several = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).max(50).optional(),
  );
const Time = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text) * 1000)
  .optional();
const Site = Text.optional();
const Id = z.object({ id: Text });

// ── What is answered ────────────────────────────────────────────────────────────────────────────────────────────────

const Party = z.object({ id: z.string(), name: z.string().nullable(), role: z.string() });
const Named = z.object({ id: z.string(), name: z.string() });
const Severity = z.enum(SEVERITIES);
const EffectName = z.enum(EFFECTS as [(typeof EFFECTS)[number]]);

const AssetReply = z.object({
  id: z.string(),
  site: z.string(),
  name: z.string().nullable(),
  role: z.string(),
  purdueLevel: z.number().nullable(),
  vendor: z.string().nullable(),
  product: z.string().nullable(),
  firmware: z.string().nullable(),
  addresses: z.array(z.string()),
  macs: z.array(z.string()),
  vlan: z.number().nullable(),
  place: Named.nullable(),
  state: z.enum(ASSET_STATES),
  completeness: z.number().describe('Share of what should be known, 0 to 1'),
  findings: z.object({ count: z.int(), worst: Severity.nullable() }),
  firstSeen: z.string().nullable(),
  lastSeen: z.string().nullable(),
});

const Span = { firstSeen: z.string(), lastSeen: z.string() };
const AssetDetailReply = AssetReply.extend({
  roleReason: z.string().nullable(),
  orderNumber: z.string().nullable(),
  hardware: z.string().nullable(),
  serial: z.string().nullable(),
  os: z.string().nullable(),
  behind: z.string().nullable(),
  parent: Party.nullable(),
  children: z.array(Party),
  vlans: z.array(z.number()),
  scopes: z.array(z.string()),
  protocols: z.array(z.string()),
  doubtful: z.boolean(),
  completenessWire: z.number().describe('Share of what listening can tell'),
  missing: z.array(z.string()),
  evidence: z.array(
    z.object({
      attribute: z.string(),
      value: z.string(),
      protocol: z.string(),
      basis: z.string(),
      confidence: z.number(),
      frame: z.int(),
      count: z.int(),
      reason: z.string().nullable(),
      ...Span,
    }),
  ),
  conflicts: z.array(z.object({ attribute: z.string(), values: z.array(z.string()) })),
  stated: z.record(z.string(), z.object({ value: z.string(), at: z.string(), by: z.string(), source: z.string() })),
  interfaces: z.array(
    z.object({
      scope: z.string(),
      vlan: z.number().nullable(),
      mac: z.string().nullable(),
      vendor: z.string().nullable(),
      addresses: z.array(z.object({ address: z.string(), ...Span })),
    }),
  ),
  modules: z.array(
    z.object({
      slot: z.number(),
      vendor: z.string().nullable(),
      product: z.string().nullable(),
      orderNumber: z.string().nullable(),
      firmware: z.string().nullable(),
      hardware: z.string().nullable(),
      serial: z.string().nullable(),
      name: z.string().nullable(),
      ...Span,
    }),
  ),
  services: z.array(z.object({ protocol: z.string().nullable(), transport: z.string(), port: z.number(), ...Span })),
  roles: z.array(z.object({ role: z.string(), reason: z.string().nullable(), sightings: z.int() })),
  omitted: z.record(z.string(), z.int()).describe('How much was left out by each limit'),
});

const ConversationReply = z.object({
  id: z.string(),
  site: z.string(),
  scope: z.string(),
  client: Party.nullable(),
  clientAddress: z.string(),
  server: Party.nullable(),
  target: z.string(),
  transport: z.string(),
  port: z.number().nullable(),
  protocol: z.string().nullable(),
  vlan: z.number().nullable(),
  effects: z.array(EffectName),
  effect: EffectName.describe('The gravest'),
  flows: z.number(),
  packets: z.number(),
  bytes: z.number(),
  state: z.enum(CONVERSATION_STATES),
  ...Span,
});

const quantile = z.number();
const ConversationDetailReply = ConversationReply.extend({
  operations: z.array(
    z.object({
      protocol: z.string(),
      name: z.string(),
      effect: EffectName,
      by: z.enum(['client', 'server']),
      count: z.number(),
      errors: z.number(),
    }),
  ),
  timing: z
    .object({
      requests: z.number(),
      unanswered: z.number(),
      responseMs: z.object({ p50: quantile, p99: quantile, p999: quantile, max: quantile }).nullable(),
      periodMs: z.object({ p50: quantile, jitterP99: quantile }).nullable(),
    })
    .nullable(),
  days: z.array(z.object({ day: z.string(), packets: z.number(), bytes: z.number() })),
  filter: z.string().describe('A Wireshark display filter'),
});

const EventReply = z.object({
  id: z.string(),
  site: z.string(),
  kind: z.enum(EVENT_KINDS),
  state: z.enum(EVENT_STATES),
  asset: Party.nullable(),
  conversation: z
    .object({
      id: z.string(),
      client: Party.nullable(),
      clientAddress: z.string(),
      server: Party.nullable(),
      target: z.string(),
      transport: z.string(),
      port: z.number().nullable(),
      protocol: z.string().nullable(),
      filter: z.string().describe('A Wireshark display filter'),
    })
    .nullable(),
  finding: z.object({ id: z.string(), severity: Severity, title: z.string(), filter: z.string() }).nullable(),
  count: z.int().describe('How many of its kind it stands for'),
  conversations: z.int().describe('New conversations that are accepted or refused with it'),
  before: z.unknown(),
  after: z.unknown(),
  evidence: z.unknown(),
  at: z.string(),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable(),
  note: z.string().nullable(),
});

const FindingReply = z.object({
  id: z.string(),
  site: z.string(),
  code: z.string(),
  severity: Severity,
  title: z.string(),
  count: z.number(),
  state: z.enum(FINDING_STATES),
  assets: z.array(Party),
  source: z.string(),
  ...Span,
});
const FindingDetailReply = FindingReply.extend({
  explanation: z.string(),
  filter: z.string(),
  frames: z.array(z.number()),
  note: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
});

const listOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), total: z.int() });

// ── Routes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const AssetFilterQuery = {
  site: Site,
  place: Text.optional().describe('Id of a place, with all below it; `none`: stands nowhere'),
  role: several(Text),
  level: z.coerce.number().min(0).max(5).optional(),
  vendor: several(Text),
  protocol: Text.optional(),
  state: several(z.enum(ASSET_STATES)),
  q: Text.optional().describe('Beginnings of words of its name, vendor, product, serial number, addresses'),
  severity: Severity.optional().describe('Has an open finding at least as grave'),
};

function assetRoutes({ listing, places }: ListingParts): readonly Route[] {
  return [
    defineRoute({
      id: 'inventory.list-assets',
      method: 'GET',
      path: '/assets',
      summary: 'Assets, narrowed and sorted; what is unknown comes after all that is known',
      permission: 'inventory:read',
      query: z.object({ ...AssetFilterQuery, sort: z.enum(ASSET_SORTS).default('name'), order, ...paging }),
      reply: listOf(AssetReply),
      async handle({ scope, query: { sort, order: direction, offset, limit, place, ...filter } }) {
        const { items, total } = await listing.assets(
          scope,
          { ...filter, places: await placesBelow(places, scope, place) },
          { sort, order: direction, offset, limit },
        );
        return ok({ items: items.map(assetReply), total });
      },
    }),
    defineRoute({
      id: 'inventory.get-asset',
      method: 'GET',
      path: '/assets/:id',
      summary: 'All that is known of an asset: what was observed, with evidence, beside what people state',
      permission: 'inventory:read',
      params: Id,
      reply: AssetDetailReply,
      async handle({ scope, params }) {
        const found = await listing.asset(scope, params.id);
        return found === undefined ? noAsset() : ok(detailReply(found));
      },
    }),
    defineRoute({
      id: 'inventory.list-asset-events',
      method: 'GET',
      path: '/assets/:id/events',
      summary: 'What became new or different at an asset, the newest first',
      permission: 'inventory:read',
      params: Id,
      query: z.object(paging),
      reply: listOf(EventReply),
      async handle({ scope, params, query }) {
        if (!(await listing.hasAsset(scope, params.id))) {
          return noAsset();
        }
        const { items, total } = await listing.events(scope, { asset: params.id }, query);
        return ok({ items: items.map(eventReply), total });
      },
    }),
  ];
}

function noAsset() {
  return fail('not-found', 'inventory.no-asset', 'There is no such asset.');
}

function conversationRoutes({ listing }: ListingParts): readonly Route[] {
  return [
    defineRoute({
      id: 'inventory.list-conversations',
      method: 'GET',
      path: '/conversations',
      summary: 'Who talks to whom, in what protocol, doing what',
      permission: 'inventory:read',
      query: z.object({
        asset: Text.optional(),
        site: Site,
        protocol: Text.optional(),
        effect: EffectName.optional(),
        state: z.enum(CONVERSATION_STATES).optional(),
        event: Text.optional().describe('Those that are accepted or refused with this event'),
        q: Text.optional(),
        since: Time,
        until: Time,
        sort: z.enum(CONVERSATION_SORTS).default('lastSeen'),
        order: z.enum(ORDERS).default('desc'),
        ...paging,
      }),
      reply: listOf(ConversationReply),
      async handle({ scope, query: { sort, order: direction, offset, limit, ...filter } }) {
        const { items, total } = await listing.conversations(scope, filter, { sort, order: direction, offset, limit });
        return ok({ items: items.map(conversationReply), total });
      },
    }),
    defineRoute({
      id: 'inventory.get-conversation',
      method: 'GET',
      path: '/conversations/:id',
      summary: 'One conversation with its operations, its timing and its days',
      permission: 'inventory:read',
      params: Id,
      reply: ConversationDetailReply,
      async handle({ scope, params }) {
        const found = await listing.conversation(scope, params.id);
        if (found === undefined) {
          return fail('not-found', 'inventory.no-conversation', 'There is no such conversation.');
        }
        const { conversation, days } = found;
        return ok({
          ...conversationReply(conversation),
          operations: [...conversation.operations],
          timing: timingReply(conversation.timing),
          days: [...days],
          filter: wiresharkFilter(conversation),
        });
      },
    }),
  ];
}

function eventRoutes({ listing }: ListingParts): readonly Route[] {
  return [
    defineRoute({
      id: 'inventory.list-events',
      method: 'GET',
      path: '/events',
      summary: 'What became new or different, the newest first',
      permission: 'inventory:read',
      query: z.object({
        state: z.enum(EVENT_STATES).optional(),
        kind: z.enum(EVENT_KINDS).optional(),
        site: Site,
        asset: Text.optional(),
        ...paging,
      }),
      reply: listOf(EventReply),
      async handle({ scope, query: { offset, limit, ...filter } }) {
        const { items, total } = await listing.events(scope, filter, { offset, limit });
        return ok({ items: items.map(eventReply), total });
      },
    }),
    defineRoute({
      id: 'inventory.today',
      method: 'GET',
      path: '/today',
      summary: 'How much waits for a person, by kind, and since when',
      permission: 'inventory:read',
      query: z.object({ site: Site }),
      reply: z.object({
        counts: z.array(z.object({ kind: z.enum(EVENT_KINDS), count: z.int() })),
        oldest: z.string().nullable(),
      }),
      async handle({ scope, query }) {
        const { counts, oldest } = await listing.today(scope, query.site);
        return ok({ counts: [...counts], oldest: timeText(oldest) });
      },
    }),
  ];
}

function findingRoutes({ listing }: ListingParts): readonly Route[] {
  return [
    defineRoute({
      id: 'inventory.list-findings',
      method: 'GET',
      path: '/findings',
      summary: 'What a person should look at, the gravest first, then the newest',
      permission: 'findings:read',
      query: z.object({
        severity: Severity.optional(),
        code: Text.optional(),
        state: z.enum(FINDING_STATES).optional(),
        site: Site,
        asset: Text.optional(),
        ...paging,
      }),
      reply: listOf(FindingReply),
      async handle({ scope, query: { offset, limit, ...filter } }) {
        const { items, total } = await listing.findings(scope, filter, { offset, limit });
        return ok({ items: items.map(findingReply), total });
      },
    }),
    defineRoute({
      id: 'inventory.get-finding',
      method: 'GET',
      path: '/findings/:id',
      summary: 'One finding with its explanation',
      permission: 'findings:read',
      params: Id,
      reply: FindingDetailReply,
      async handle({ scope, params }) {
        const found = await listing.finding(scope, params.id);
        if (found === undefined) {
          return fail('not-found', 'inventory.no-finding', 'There is no such finding.');
        }
        const { explanation, filter, frames, note, decidedBy, decided } = found;
        return ok({
          ...findingReply(found),
          ...{ explanation, filter, frames: [...frames], note: note ?? null, decidedBy: decidedBy ?? null },
          decidedAt: timeText(decided),
        });
      },
    }),
  ];
}

function mapRoutes({ listing, places }: ListingParts): readonly Route[] {
  return [
    defineRoute({
      id: 'inventory.map',
      method: 'GET',
      path: '/map',
      summary: 'Devices and who talks to whom, as nodes and edges',
      permission: 'inventory:read',
      query: z.object({
        site: Site,
        place: Text.optional(),
        protocol: Text.optional(),
        effect: EffectName.optional(),
        since: Time,
        until: Time,
      }),
      reply: z.object({
        nodes: z.array(
          z.object({
            id: z.string(),
            name: z.string().nullable(),
            address: z.string().nullable(),
            role: z.string(),
            level: z.number().nullable(),
            place: Named.nullable(),
            state: z.enum(ASSET_STATES),
            severity: Severity.nullable(),
          }),
        ),
        edges: z.array(
          z.object({
            client: z.string(),
            server: z.string(),
            protocols: z.array(z.string()),
            effect: EffectName,
            packets: z.number(),
            bytes: z.number(),
            ...Span,
          }),
        ),
        omitted: z.object({ nodes: z.int(), edges: z.int() }),
      }),
      async handle({ scope, query: { place, ...filter } }) {
        return ok(mapReply(await listing.map(scope, { ...filter, places: await placesBelow(places, scope, place) })));
      },
    }),
    defineRoute({
      id: 'inventory.facets',
      method: 'GET',
      path: '/facets',
      summary: 'What occurs in the inventory, with how often',
      permission: 'inventory:read',
      query: z.object({ site: Site }),
      reply: z.object({
        roles: z.array(Facet),
        vendors: z.array(Facet),
        protocols: z.array(Facet),
        places: z.array(Facet),
        states: z.array(Facet),
      }),
      async handle({ scope, query }) {
        const { roles, vendors, protocols, places: standing, states } = await listing.facets(scope, query.site);
        return ok({
          ...{ roles: [...roles], vendors: [...vendors], protocols: [...protocols] },
          ...{ places: [...standing], states: [...states] },
        });
      },
    }),
  ];
}

const Facet = z.object({ value: z.string(), name: z.string().optional(), count: z.int() });

const NOWHERE = 'none';

/** The place and all below it; a place that is not there has no assets. */
export async function placesBelow(
  places: PlaceStore,
  scope: Scope,
  place: string | undefined,
): Promise<readonly string[] | undefined> {
  if (place === undefined) {
    return undefined;
  }
  return place === NOWHERE ? [] : [place, ...within(await places.list(scope), place).map(({ id }) => id)];
}

// ── Replies ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function timeText(time: Micros | undefined): string | null {
  return time === undefined ? null : isoTime(time);
}

function spanText({ firstSeen, lastSeen }: { readonly firstSeen: Micros; readonly lastSeen: Micros }) {
  return { firstSeen: isoTime(firstSeen), lastSeen: isoTime(lastSeen) };
}

function assetReply(asset: ListedAsset) {
  return {
    id: asset.id,
    site: asset.site,
    name: asset.name ?? null,
    role: asset.role,
    purdueLevel: asset.purdueLevel ?? null,
    vendor: asset.vendor ?? null,
    product: asset.product ?? null,
    firmware: asset.firmware ?? null,
    addresses: [...asset.addresses],
    macs: [...asset.macs],
    vlan: asset.vlan ?? null,
    place: asset.place ?? null,
    state: asset.state,
    completeness: asset.completeness,
    findings: { count: asset.findings.count, worst: asset.findings.worst ?? null },
    firstSeen: timeText(asset.firstSeen),
    lastSeen: timeText(asset.lastSeen),
  };
}

function detailReply({ listed, known, shown, parent, children, protocols }: AssetDetail) {
  const { observed } = known;
  return {
    ...assetReply(listed),
    roleReason: shown.roleReason ?? null,
    orderNumber: shown.orderNumber ?? null,
    hardware: shown.hardware ?? null,
    serial: shown.serial ?? null,
    os: shown.os ?? null,
    behind: known.behind ?? null,
    parent: partyReply(parent),
    children: children.map(someParty),
    vlans: [...shown.vlans],
    scopes: [...shown.scopes],
    protocols: [...protocols],
    doubtful: observed.doubtful,
    completenessWire: shown.completeness.wire,
    missing: [...shown.completeness.missing],
    evidence: observed.evidence.map(({ reason, firstSeen, lastSeen, ...value }) => ({
      ...value,
      reason: reason ?? null,
      ...spanText({ firstSeen, lastSeen }),
    })),
    conflicts: conflictsOf(known),
    stated: Object.fromEntries(
      Object.entries(known.stated).map(([name, { value, at, by, source }]) => [
        name,
        { value, at: isoTime(at), by, source },
      ]),
    ),
    interfaces: observed.interfaces.map(({ scope, vlan, mac, vendor, addresses }) => ({
      scope,
      vlan: vlan ?? null,
      mac: mac ?? null,
      vendor: vendor ?? null,
      addresses: addresses.map(({ address, ...span }) => ({ address, ...spanText(span) })),
    })),
    modules: observed.modules.map(moduleReply),
    services: observed.services.map(({ protocol, transport, port, ...span }) => ({
      ...{ protocol: protocol ?? null, transport, port },
      ...spanText(span),
    })),
    roles: observed.roles.map(({ role, reason, sightings }) => ({ role, reason: reason ?? null, sightings })),
    omitted: { ...observed.omitted },
  };
}

function moduleReply({ slot, values, ...span }: KnownAsset['observed']['modules'][number]) {
  const told = new Map(values.map(([name, value]) => [name, value]));
  return {
    slot,
    vendor: told.get('vendor') ?? null,
    product: told.get('product') ?? null,
    orderNumber: told.get('orderNumber') ?? null,
    firmware: told.get('firmware') ?? null,
    hardware: told.get('hardware') ?? null,
    serial: told.get('serial') ?? null,
    name: told.get('name') ?? null,
    ...spanText(span),
  };
}

/** Two different sure values within an hour, told by one protocol. */
function conflictsOf({ observed }: KnownAsset) {
  return evidenceConflicts(
    observed.evidence.map(({ firstSeen, lastSeen, reason: _, ...value }) => ({
      ...value,
      ...{ time: firstSeen, lastTime: lastSeen, port: 0 },
    })),
  ).map(({ attribute, first, second }) => ({ attribute, values: [first.value, second.value] }));
}

function someParty({
  id,
  name,
  role,
}: {
  readonly id: string;
  readonly name: string | undefined;
  readonly role: string;
}) {
  return { id, name: name ?? null, role };
}

function partyReply(
  party: { readonly id: string; readonly name: string | undefined; readonly role: string } | undefined,
) {
  return party === undefined ? null : someParty(party);
}

function conversationReply(conversation: ListedConversation) {
  const { id, site, scope, clientAddress, target, transport, port, protocol, vlan, operations } = conversation;
  const { flows, packets, bytes, state } = conversation;
  const effects = EFFECTS.filter((effect) => operations.some((operation) => operation.effect === effect));
  return {
    ...{ id, site, scope, clientAddress, target, transport, flows, packets, bytes, state },
    client: partyReply(conversation.client),
    server: partyReply(conversation.server),
    port: port === 0 ? null : port,
    protocol: protocol ?? null,
    vlan: vlan ?? null,
    effects: effects.toSorted((a, b) => effectRank(b) - effectRank(a)),
    effect: effects.at(-1) ?? 'unknown',
    ...spanText(conversation),
  };
}

function timingReply(timing: Timing | undefined) {
  if (timing === undefined) {
    return null;
  }
  const { requests, unanswered, response, period } = timing;
  return {
    requests,
    unanswered,
    responseMs:
      response === undefined
        ? null
        : {
            ...{ p50: inMs(response.p50), p99: inMs(response.p99) },
            ...{ p999: inMs(response.p999), max: inMs(response.max) },
          },
    periodMs: period === undefined ? null : { p50: inMs(period.p50), jitterP99: inMs(period.jitterP99) },
  };
}

function inMs(time: Micros): number {
  return Math.round(time) / 1000;
}

function eventReply(event: ListedEvent) {
  const { id, site, kind, state, conversation, finding, count, conversations, before, after, evidence, at, decided } =
    event;
  return {
    ...{ id, site, kind, state, count, conversations },
    asset: partyReply(event.asset),
    conversation: conversation === undefined ? null : talkReply(conversation),
    finding: finding ?? null,
    before: before ?? null,
    after: after ?? null,
    evidence: evidence ?? null,
    at: isoTime(at),
    decidedAt: timeText(decided),
    decidedBy: event.decidedBy ?? null,
    note: event.note ?? null,
  };
}

function talkReply(conversation: ListedConversation) {
  const { id, client, clientAddress, server, target, transport, port, protocol } = conversationReply(conversation);
  return {
    ...{ id, client, clientAddress, server, target, transport, port, protocol },
    filter: wiresharkFilter(conversation),
  };
}

function findingReply(finding: ListedFinding) {
  const { id, site, code, severity, title, count, state, assets, source } = finding;
  return {
    ...{ id, site, code, severity, title, count, state, source },
    assets: assets.map(someParty),
    ...spanText(finding),
  };
}

function mapReply({ nodes, edges, omitted }: PlantMap) {
  return {
    nodes: nodes.map((node) => ({
      ...node,
      name: node.name ?? null,
      address: node.address ?? null,
      level: node.level ?? null,
      place: node.place ?? null,
      severity: node.severity ?? null,
    })),
    edges: edges.map((edge) => ({
      ...edge,
      protocols: [...edge.protocols],
      effect: edge.effect ?? 'unknown',
      ...spanText(edge),
    })),
    omitted,
  };
}
