import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { databases } from '../../test/databases.ts';
import { asset, at, conversation, finding, HOUR, MACS, MORNING, told } from '../../test/sightings.ts';
import { PERMISSIONS } from '../access/permission.ts';
import { createActivityStore } from '../access/store.ts';
import type { Scope } from '../kit/scope.ts';
import { createPlacementStore, createPlaceRuleStore, createPlaceStore } from '../plant/store.ts';
import { createServer } from '../platform/http/server.ts';
import { digest, newId } from '../platform/ids.ts';
import type { Queries, Store } from '../platform/store/store.ts';
import { createChangeStore } from './changes/store.ts';
import { createUndoChange } from './changes/undo-change.ts';
import { createDecide } from './deciding/decide.ts';
import { createDecisionStore } from './deciding/store.ts';
import { createKeepFilters } from './filters/saved-filter.ts';
import { createSavedFilterStore } from './filters/store.ts';
import { createListing } from './listing/store.ts';
import { createPlaceableStore } from './placement/store.ts';
import { recordSightings } from './record-sightings.ts';
import { inventoryRoutes } from './routes.ts';
import type { Sighting } from './sighting.ts';
import { createMemory } from './store.ts';

const PRESS = { evidence: [told('name', 'press-2'), told('vendor', 'Siemens'), told('product', 'CPU 1516F')] };
const HMI = {
  ...at(MACS[1], '10.0.0.2'),
  role: 'hmi' as const,
  purdueLevel: 2,
  evidence: [told('name', 'press-10'), told('vendor', 'Beckhoff')],
};

describe.each(databases)('the routes of the inventory on %s', (_, open) => {
  it('lists assets with what is shown of them', async () => {
    const { record, get, place } = await hub(open);
    await record(asset(PRESS), finding());
    const line = await place('press-2');

    expect(await get('/assets')).toEqual({
      total: 1,
      items: [
        {
          id: expect.any(String),
          site: 'ulm',
          name: 'press-2',
          role: 'plc',
          purdueLevel: null,
          vendor: 'Siemens',
          product: 'CPU 1516F',
          firmware: null,
          addresses: ['10.0.0.1'],
          macs: [MACS[0]],
          vlan: null,
          place: { id: line, name: 'Line' },
          state: 'new',
          completeness: expect.any(Number),
          findings: { count: 1, worst: 'high' },
          firstSeen: '2026-03-02T06:00:00.000000Z',
          lastSeen: '2026-03-02T07:00:00.000000Z',
        },
      ],
    });
  });

  it.each([
    { query: 'sort=name', names: ['press-2', 'press-10', null] },
    { query: 'sort=name&order=desc', names: [null, 'press-10', 'press-2'] },
    { query: 'sort=vendor', names: ['press-10', 'press-2', null] },
    { query: 'sort=address&offset=1&limit=1', names: ['press-10'] },
    { query: 'sort=place', names: ['press-2', 'press-10', null] },
    { query: 'role=hmi&role=plc&sort=name', names: ['press-2', 'press-10'] },
    { query: 'level=2', names: ['press-10'] },
    { query: 'vendor=Siemens', names: ['press-2'] },
    { query: 'protocol=s7comm&sort=name', names: ['press-2', 'press-10'] },
    { query: 'protocol=modbus', names: [] },
    { query: 'state=accepted', names: [] },
    { query: 'severity=medium', names: ['press-2'] },
    { query: 'severity=critical', names: [] },
    { query: 'q=PRESS&sort=name', names: ['press-2', 'press-10'] },
    { query: 'q=siemens%20151', names: ['press-2'] },
    { query: 'q=1516f', names: ['press-2'] },
    { query: 'q=10.0.0.3', names: [null] },
    { query: 'q=0.0.2', names: ['press-10'] },
    { query: 'q=001b1b000002', names: ['press-10'] },
    { query: 'q=nothing', names: [] },
    { query: 'q=%25', names: [] },
    { query: 'site=jena', names: [] },
    { query: 'place=none&sort=name', names: ['press-10', null] },
  ])('narrows and sorts assets by $query', async ({ query, names }) => {
    const { record, get, place } = await hub(open);
    await record(
      asset(PRESS),
      asset(HMI),
      asset({ ...at(MACS[2], '10.0.0.3'), role: 'unknown' }),
      conversation(),
      finding(),
    );
    await place('press-2');

    const { items } = await get(`/assets?${query}`);

    expect(items.map(({ name }: { name: string | null }) => name)).toEqual(names);
  });

  it('tells all of an asset with its evidence', async () => {
    const { record, get } = await hub(open);
    await record(
      asset({
        ...PRESS,
        modules: [{ slot: 1, product: 'DI 32' }],
        services: [{ protocol: 's7comm', transport: 'tcp', port: 102 }],
      }),
      asset({ interfaces: [], behind: 'unit 7', parentEnd: { mac: MACS[0] }, role: 'io' }),
    );
    const [{ id }] = (await get('/assets?role=plc')).items;

    const found = await get(`/assets/${id}`);

    expect(found).toMatchObject({
      name: 'press-2',
      missing: expect.arrayContaining(['asset criticality', 'logging']),
      modules: [{ slot: 1, product: 'DI 32', vendor: null }],
      services: [{ protocol: 's7comm', transport: 'tcp', port: 102, lastSeen: '2026-03-02T07:00:00.000000Z' }],
      interfaces: [{ scope: 'cell-1', mac: MACS[0], addresses: [{ address: '10.0.0.1' }] }],
      children: [{ name: 'unit 7', role: 'io' }],
      stated: {},
      conflicts: [],
    });
    expect(found.evidence).toContainEqual(
      expect.objectContaining({ attribute: 'name', value: 'press-2', protocol: 's7comm', confidence: 0.95, frame: 1 }),
    );
    expect((await get(`/assets/${id}/events`)).items).toMatchObject([
      { kind: 'asset.new', after: { name: 'press-2' } },
    ]);
  });

  it('lists conversations, and tells one with its days and a filter', async () => {
    const { record, get } = await hub(open);
    const write = { protocol: 's7comm', name: 'write', effect: 'write', by: 'client', count: 1, errors: 0 } as const;
    await record(asset(PRESS), asset(HMI), conversation(), conversation({ port: 103, operations: [write], bytes: 5 }));

    const { items, total } = await get('/conversations?sort=bytes&order=asc');
    const detail = await get(`/conversations/${items[0].id}`);

    expect(total).toBe(2);
    expect(
      items.map(({ effect, client }: { effect: string; client: { name: string } }) => [effect, client.name]),
    ).toEqual(
      [
        ['read', 'press-10'],
        ['write', 'press-10'],
      ].toReversed(),
    );
    expect(detail).toMatchObject({
      server: { name: 'press-2', role: 'plc' },
      operations: [{ name: 'write', count: 1 }],
      days: [{ day: '2026-03-02', packets: 10 }],
      filter: 'ip.addr==10.0.0.2 && ip.addr==10.0.0.1 && tcp.port==103',
      timing: null,
    });
  });

  it.each([
    { query: 'effect=write', ports: [103] },
    { query: 'protocol=s7comm&sort=firstSeen&order=asc', ports: [102, 103] },
    { query: 'q=press-10&sort=firstSeen&order=asc', ports: [102, 103] },
    { query: 'q=10.0.0.9', ports: [104] },
    { query: 'state=accepted', ports: [] },
    { query: 'since=2026-03-02T09:30:00Z', ports: [104] },
    { query: 'until=2026-03-02T07:30:00Z', ports: [102] },
  ])('narrows conversations by $query', async ({ query, ports }) => {
    const { record, get } = await hub(open);
    const write = { protocol: 's7comm', name: 'write', effect: 'write', by: 'client', count: 1, errors: 0 } as const;
    const later = (hours: number) => ({ firstSeen: MORNING + hours * HOUR, lastSeen: MORNING + (hours + 1) * HOUR });
    await record(
      ...[asset(PRESS), asset(HMI), conversation()],
      conversation({ port: 103, operations: [write], ...later(2) }),
      conversation({
        port: 104,
        protocol: 'modbus',
        client: undefined,
        server: undefined,
        target: '10.0.0.9',
        ...later(3),
      }),
    );

    const { items, total } = await get(`/conversations?${query}`);

    expect(items.map(({ port }: { port: number }) => port)).toEqual(ports);
    expect(total).toBe(ports.length);
  });

  it('tells what waits today', async () => {
    const { record, get } = await hub(open);
    await record(asset(PRESS), asset(HMI), conversation(), finding());

    expect(await get('/today')).toEqual({
      counts: [
        { kind: 'asset.new', count: 2 },
        { kind: 'finding.new', count: 1 },
      ],
      oldest: '2026-03-02T06:00:00.000000Z',
    });
    expect((await get('/events?kind=finding.new')).items).toMatchObject([
      { finding: { severity: 'high', title: 'A password in clear' }, asset: { name: 'press-2' }, state: 'open' },
    ]);
  });

  it('accepts what is new with all that belongs to it, and undoes that', async () => {
    const { record, get, post, undo } = await hub(open);
    await record(asset(PRESS), asset(HMI), conversation());
    const open_ = (await get('/events?state=open')).items.map(({ id }: { id: string }) => id);

    const { body } = await post('/events/decide', { ids: open_, decision: 'accept', note: 'line 2' });
    const accepted = await get('/assets?state=accepted');
    const talks = await get('/conversations?state=accepted');
    const undone = await undo(body.change);

    expect(accepted.total).toBe(2);
    expect(talks.total).toBe(1);
    expect(undone).toMatchObject({ ok: true, value: { count: 5, kept: 0 } });
    expect((await get('/assets?state=new')).total).toBe(2);
    expect((await get('/conversations?state=new')).total).toBe(1);
    expect((await get('/today')).counts).toEqual([{ kind: 'asset.new', count: 2 }]);
  });

  it('leaves alone on undo what was decided again since', async () => {
    const { record, get, post, undo, activity } = await hub(open);
    await record(asset(PRESS), finding());
    const [{ id }] = (await get('/findings')).items;

    const first = await post('/findings/decide', { ids: [id], state: 'resolved', note: 'patched' });
    await post('/findings/decide', { ids: [id], state: 'accepted', note: 'no' });
    const undone = await undo(first.body.change);

    expect(undone).toMatchObject({ ok: true, value: { count: 1, kept: 1 } });
    expect(await get(`/findings/${id}`)).toMatchObject({ state: 'accepted', note: 'no', decidedBy: 'Ada' });
    expect((await get('/assets')).items).toMatchObject([{ findings: { count: 0, worst: null } }]);
    expect((await activity()).map(({ act }) => act)).toEqual(['change.undo', 'finding.accepted', 'finding.resolved']);
  });

  it('shows and decides nothing out of scope', async () => {
    const { record, get, post, as } = await hub(open);
    await record(asset(PRESS), asset(HMI), conversation(), finding());
    const [{ id }] = (await get('/assets')).items;
    const [event] = (await get('/events')).items;
    as(new Set(['jena']));

    for (const path of ['/assets', '/conversations', '/events', '/findings']) {
      expect(await get(path)).toEqual({ items: [], total: 0 });
    }
    expect(await get('/map')).toMatchObject({ nodes: [], edges: [] });
    expect(await get('/facets')).toMatchObject({ roles: [], protocols: [], states: [] });
    expect((await get('/today')).counts).toEqual([]);
    expect((await get(`/assets/${id}`)).error.code).toBe('inventory.no-asset');
    expect((await post('/events/decide', { ids: [event.id], decision: 'accept' })).status).toBe(404);
  });

  it('draws the map with who talks to nobody', async () => {
    const { record, get } = await hub(open);
    await record(asset(PRESS), asset(HMI), asset(at(MACS[2], '10.0.0.3')), conversation(), conversation({ port: 103 }));

    const { nodes, edges, omitted } = await get('/map');

    expect(nodes.map(({ address }: { address: string }) => address)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(edges).toMatchObject([{ protocols: ['s7comm'], effect: 'read', packets: 20, bytes: 2000 }]);
    expect(omitted).toEqual({ nodes: 0, edges: 0 });
    expect((await get('/map?protocol=modbus')).nodes).toEqual([]);
  });

  it('counts what occurs', async () => {
    const { record, get, place } = await hub(open);
    await record(asset(PRESS), asset(HMI), conversation());
    const line = await place('press-2');

    expect(await get('/facets?site=ulm')).toEqual({
      roles: [
        { value: 'hmi', count: 1 },
        { value: 'plc', count: 1 },
      ],
      vendors: [
        { value: 'Beckhoff', count: 1 },
        { value: 'Siemens', count: 1 },
      ],
      protocols: [{ value: 's7comm', count: 2 }],
      places: [{ value: line, name: 'Line', count: 1 }],
      states: [{ value: 'new', count: 2 }],
    });
  });

  it('keeps filters', async () => {
    const { get, post, remove } = await hub(open);

    const saved = await post('/filters', { name: 'PLCs', view: 'inventory', query: { role: 'plc' } });

    expect((await get('/filters')).items).toMatchObject([{ name: 'PLCs', query: { role: 'plc' }, own: true }]);
    expect(await remove(`/filters/${saved.body.id}`)).toBe(204);
    expect((await get('/filters')).items).toEqual([]);
    expect(await remove(`/filters/${saved.body.id}`)).toBe(404);
  });

  it.each([
    '/assets?limit=201',
    '/assets?sort=id',
    '/assets?state=gone',
    '/conversations?since=yesterday',
    '/assets?offset=-1',
  ])('refuses %s', async (path) => {
    const { get } = await hub(open);

    expect((await get(path)).error.code).toBe('http.invalid');
  });
});

async function hub(open: () => Promise<Store>) {
  const store = await open();
  const storesOn = (db: Queries) => ({
    activity: createActivityStore(db),
    places: createPlaceStore(db),
    placements: createPlacementStore(db),
    rules: createPlaceRuleStore(db),
    placeables: createPlaceableStore(db),
    memory: createMemory(db),
    changes: createChangeStore(db),
    decisions: createDecisionStore(db),
    filters: createSavedFilterStore(db),
  });
  const atomically = <T>(work: (stores: ReturnType<typeof storesOn>) => Promise<T>) =>
    store.write((db) => work(storesOn(db)));
  const read = storesOn(store.read);
  const now = () => MORNING;
  let scope: Scope = 'all';
  const server = await createServer({
    routes: inventoryRoutes({
      ...read,
      listing: createListing(store.read),
      decide: createDecide({ atomically, now, newId }),
      keepFilters: createKeepFilters({ atomically, now, newId }),
      publish: () => undefined,
    }),
    permissions: new Set<string>(PERMISSIONS),
    authenticate: async () => ({ kind: 'person', id: 'ada', name: 'Ada', scopeOf: () => scope }),
    log: pino({ level: 'silent' }),
  });
  const call = async (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) => {
    const reply = await server.inject({ method, url: `/api${path}`, ...(payload && { payload }) });
    return { status: reply.statusCode, body: reply.body === '' ? undefined : reply.json() };
  };
  return {
    record: (...sightings: Sighting[]) =>
      atomically((stores) => recordSightings(stores, { now, newId, digest }, 'ulm', sightings)),
    get: async (path: string) => (await call('GET', path)).body,
    post: (path: string, body?: object) => call('POST', path, body),
    undo: (change: string) => createUndoChange({ atomically, now })({ id: 'ada', name: 'Ada' }, scope, change),
    remove: async (path: string) => (await call('DELETE', path)).status,
    as: (given: Scope) => {
      scope = given;
    },
    activity: () => store.read.selectFrom('activity').select('act').orderBy('sequence', 'desc').execute(),
    /** Puts the asset of this name into the only line. */
    place: (name: string) =>
      store.write(async (db) => {
        const { id } = await db.selectFrom('asset').select('id').where('name', '=', name).executeTakeFirstOrThrow();
        await createPlaceStore(db).add({
          ...PLACE,
          id: 'ulm',
          site: 'ulm',
          parent: undefined,
          kind: 'site',
          name: 'Ulm',
        });
        await createPlaceStore(db).add({
          ...PLACE,
          id: 'line',
          site: 'ulm',
          parent: 'ulm',
          kind: 'line',
          name: 'Line',
        });
        await createPlacementStore(db).put([{ asset: id, site: 'ulm', place: 'line', by: 'hand' }]);
        return 'line';
      }),
  };
}

const PLACE = { priority: undefined, owner: undefined, lossPerHour: undefined };
