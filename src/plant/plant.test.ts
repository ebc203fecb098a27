import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { databases } from '../../test/databases.ts';
import { createActivityStore } from '../access/store.ts';
import { inScope, type Scope } from '../kit/scope.ts';
import { createServer } from '../platform/http/server.ts';
import type { Queries, Store } from '../platform/store/store.ts';
import { createManagePlaces } from './manage-places.ts';
import { createPlaceAssets, placeByRules } from './place-assets.ts';
import { plantRoutes } from './routes.ts';
import type { Placeable, PlaceableStore } from './rule.ts';
import { createPlacementStore, createPlaceRuleStore, createPlaceStore } from './store.ts';

describe.each(databases)('the plant on %s', (_, open) => {
  it('lists a site with its parts, the whole first', async () => {
    const { site, line, call } = await plant(open);
    await call('POST', '/plant/places', { kind: 'cell', parent: line, name: 'Cell 1', priority: 2, owner: 'Ada' });

    const { body } = await call('GET', '/plant');

    expect(body.places.map(({ kind, name }: { kind: string; name: string }) => [kind, name])).toEqual([
      ['site', 'Ulm'],
      ['line', 'Press line'],
      ['cell', 'Cell 1'],
    ]);
    expect(body.places[2]).toMatchObject({ site, parent: line, priority: 2, owner: 'Ada', lossPerHour: null });
  });

  it.each([
    { name: 'a cell without a parent', place: { kind: 'cell', parent: null, name: 'x' }, status: 400 },
    { name: 'a line in a line', place: { kind: 'line', parent: 'line', name: 'x' }, status: 400 },
    { name: 'a site in a site', place: { kind: 'site', parent: 'site', name: 'x' }, status: 400 },
    { name: 'a name that is taken', place: { kind: 'area', parent: 'site', name: 'Press line' }, status: 409 },
    { name: 'a parent that is not there', place: { kind: 'area', parent: 'gone', name: 'x' }, status: 404 },
    { name: 'priority 6', place: { kind: 'area', parent: 'site', name: 'x', priority: 6 }, status: 400 },
    { name: 'an unknown field', place: { kind: 'area', parent: 'site', name: 'x', id: 'y' }, status: 400 },
  ])('refuses $name', async ({ place, status }) => {
    const { site, line, call } = await plant(open);
    const parent = { site, line, gone: 'gone' }[place.parent ?? ''] ?? null;

    expect((await call('POST', '/plant/places', { ...place, parent })).status).toBe(status);
    expect((await call('GET', '/plant')).body.places).toHaveLength(2);
  });

  it('previews how many assets rules would move, and then moves as many', async () => {
    const { site, line, call } = await plant(open);
    const rules = [
      { kind: 'subnet', pattern: '10.0.0.0/24', place: line },
      { kind: 'name', pattern: 'hmi*', place: site },
    ];

    const preview = await call('POST', `/plant/rules/preview?site=${site}`, rules);
    const untouched = await call('GET', '/plant');
    const set = await call('PUT', `/plant/rules?site=${site}`, rules);
    const again = await call('PUT', `/plant/rules?site=${site}`, rules);

    expect(preview.body).toEqual({
      moves: 3,
      byHand: 0,
      between: [
        { from: null, to: line, assets: 2 },
        { from: null, to: site, assets: 1 },
      ],
    });
    expect(untouched.body.places[0].assetsWithin).toBe(0);
    expect(set.body).toEqual(preview.body);
    expect(again.body).toMatchObject({ moves: 0 });
    expect((await call('GET', '/plant')).body.places).toMatchObject([
      { assets: 1, assetsWithin: 3 },
      { assets: 2, assetsWithin: 2 },
    ]);
    expect((await call('GET', `/plant/rules?site=${site}`)).body).toEqual(rules);
  });

  it('lets the hand win until it is taken back', async () => {
    const { site, line, call } = await plant(open);
    await call('PUT', `/plant/rules?site=${site}`, [{ kind: 'subnet', pattern: '10.0.0.0/24', place: line }]);

    expect((await call('POST', '/plant/assign', { assets: ['plc-1', 'hmi-1'], place: site })).body).toEqual({
      count: 2,
    });
    const rerun = await call('PUT', `/plant/rules?site=${site}`, [{ kind: 'name', pattern: 'plc*', place: line }]);
    const byHand = await call('GET', '/plant');
    await call('POST', '/plant/assign', { assets: ['plc-1', 'hmi-1'], place: null });
    const byRule = await call('GET', '/plant');

    expect(rerun.body).toMatchObject({ moves: 0, byHand: 2 });
    expect(byHand.body.places).toMatchObject([{ assets: 2 }, { assets: 1 }]);
    expect(byRule.body.places).toMatchObject([{ assets: 0 }, { assets: 2 }]);
  });

  it('puts a new asset where the rules say, and leaves others alone', async () => {
    const { site, line, call, assets, placeNew } = await plant(open);
    await call('PUT', `/plant/rules?site=${site}`, [{ kind: 'vlan', pattern: '7', place: line }]);
    assets.push({ ...asset('late', site), vlans: [7] });

    await placeNew(site, ['late', 'plc-1']);

    expect((await call('GET', '/plant')).body.places[1].assets).toBe(1);
  });

  it.each([
    { contents: 'keep', status: 409, left: ['Ulm', 'Press line', 'Cell 1'], rules: 2 },
    { contents: 'move-up', status: 204, left: ['Ulm', 'Cell 1'], rules: 2 },
    { contents: 'remove', status: 204, left: ['Ulm'], rules: 0 },
  ])('does as it is told with what is in a place that goes: $contents', async ({ contents, status, left, rules }) => {
    const { site, line, call } = await plant(open);
    const cell = (await call('POST', '/plant/places', { kind: 'cell', parent: line, name: 'Cell 1' })).body.id;
    await call('PUT', `/plant/rules?site=${site}`, [
      { kind: 'name', pattern: 'plc-1', place: line },
      { kind: 'name', pattern: 'plc-2', place: cell },
    ]);
    await call('POST', '/plant/assign', { assets: ['hmi-1'], place: line });

    const removed = await call('DELETE', `/plant/places/${line}?contents=${contents}`);
    const { places } = (await call('GET', '/plant')).body;

    expect(removed.status).toBe(status);
    expect(places.map(({ name }: { name: string }) => name)).toEqual(left);
    expect(places[0].assetsWithin).toBe(contents === 'remove' ? 0 : 3);
    expect((await call('GET', `/plant/rules?site=${site}`)).body).toHaveLength(rules);
  });

  it('keeps a site that has assets', async () => {
    const { site, call } = await plant(open);

    const removed = await call('DELETE', `/plant/places/${site}?contents=remove`);

    expect(removed).toMatchObject({ status: 409, body: { error: { code: 'plant.site-in-use' } } });
  });

  it('shows and changes nothing of another site', async () => {
    const { site, line, call, as } = await plant(open);
    const own = (await call('POST', '/plant/places', { kind: 'site', name: 'Graz' })).body.id;
    as(new Set([own]));

    expect((await call('GET', '/plant')).body.places).toHaveLength(1);
    for (const [method, path, body] of [
      ['PATCH', `/plant/places/${line}`, { name: 'x' }],
      ['DELETE', `/plant/places/${line}`, undefined],
      ['PUT', `/plant/rules?site=${site}`, []],
      ['POST', `/plant/rules/preview?site=${site}`, []],
      ['POST', '/plant/assign', { assets: ['plc-1'], place: own }],
      ['POST', '/plant/places', { kind: 'area', parent: site, name: 'x' }],
    ] as const) {
      expect((await call(method, path, body)).status, `${method} ${path}`).toBe(404);
    }
    expect((await call('GET', `/plant/rules?site=${site}`)).body).toEqual([]);
    expect((await call('POST', '/plant/places', { kind: 'site', name: 'Linz' })).status).toBe(403);
  });

  it('assigns nobody to a place of another site', async () => {
    const { call } = await plant(open);
    const other = (await call('POST', '/plant/places', { kind: 'site', name: 'Graz' })).body.id;

    expect((await call('POST', '/plant/assign', { assets: ['plc-1'], place: other })).status).toBe(400);
  });

  it('writes each act into the record', async () => {
    const { site, line, call, store } = await plant(open);
    await call('PATCH', `/plant/places/${line}`, { priority: 1 });
    await call('POST', '/plant/assign', { assets: ['plc-1'], place: line });
    await call('DELETE', `/plant/places/${line}?contents=remove`);

    const acts = await createActivityStore(store.read).list(new Set([site]), { limit: 10 });

    expect(acts.map(({ act, actor }) => `${act} by ${actor.name}`)).toEqual([
      'place.remove by Ada',
      'asset.assign by Ada',
      'place.change by Ada',
      'place.add by Ada',
      'place.add by Ada',
    ]);
  });
});

function asset(id: string, site: string): Placeable {
  return { id, site, names: [id], addresses: [], vlans: [], sensors: [] };
}

/** A site with a line and three assets, and a person who may everything. */
async function plant(open: () => Promise<Store>) {
  const store = await open();
  const assets: Placeable[] = [];
  const placeables: PlaceableStore = {
    page: async (scope, site, after, limit) =>
      assets.filter((one) => inScope(scope, one.site) && one.site === site && one.id > (after ?? '')).slice(0, limit),
    some: async (scope, ids) => assets.filter((one) => inScope(scope, one.site) && ids.includes(one.id)),
  };
  const storesOn = (db: Queries) => ({
    places: createPlaceStore(db),
    rules: createPlaceRuleStore(db),
    placements: createPlacementStore(db),
    activity: createActivityStore(db),
    placeables,
  });
  const atomically = <T>(work: (stores: ReturnType<typeof storesOn>) => Promise<T>) =>
    store.write((db) => work(storesOn(db)));
  const read = storesOn(store.read);
  let ids = 0;
  let scope: Scope = 'all';
  const server = await createServer({
    routes: plantRoutes({
      ...read,
      managePlaces: createManagePlaces({ atomically, now: () => 0, newId: () => `p${++ids}` }),
      placeAssets: createPlaceAssets({ atomically, read, now: () => 0 }),
      publish: () => undefined,
    }),
    permissions: new Set(['plant:read', 'plant:edit', 'inventory:edit']),
    authenticate: async () => ({ kind: 'person', id: 'ada', name: 'Ada', scopeOf: () => scope }),
    log: pino({ level: 'silent' }),
  });
  const call = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload?: object) => {
    const reply = await server.inject({ method, url: `/api${path}`, ...(payload && { payload }) });
    return { status: reply.statusCode, body: reply.body === '' ? undefined : reply.json() };
  };
  const site: string = (await call('POST', '/plant/places', { kind: 'site', name: 'Ulm' })).body.id;
  const line: string = (await call('POST', '/plant/places', { kind: 'line', parent: site, name: 'Press line' })).body
    .id;
  assets.push(
    { ...asset('hmi-1', site), names: ['HMI-1'] },
    { ...asset('plc-1', site), addresses: ['10.0.0.1'] },
    { ...asset('plc-2', site), addresses: ['10.0.0.2'] },
  );
  return {
    store,
    site,
    line,
    assets,
    call,
    as: (given: Scope) => {
      scope = given;
    },
    placeNew: (at: string, news: readonly string[]) => atomically((stores) => placeByRules(stores, at, news)),
  };
}
