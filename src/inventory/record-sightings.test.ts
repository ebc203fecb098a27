import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { databases, type OpenStore } from '../../test/databases.ts';
import { asset, at, conversation, DAY, finding, HOUR, MACS, MORNING, SERVICES, told } from '../../test/sightings.ts';
import { digest, newId } from '../platform/ids.ts';
import { differencesOf } from './differences/difference.ts';
import { type KnownAsset, NEVER_SEEN, shownOf } from './known-asset.ts';
import { createRecordSightings } from './record-sightings.ts';
import type { Sighting } from './sighting.ts';
import { assetOf, conversationOf, createMemory, findingOf } from './store.ts';

async function hub(open: OpenStore) {
  const store = await open();
  let now = MORNING;
  const record = createRecordSightings((work) => store.write((db) => work({ memory: createMemory(db) })), {
    now: () => now,
    newId,
    digest,
  });
  return {
    record: (...sightings: Sighting[]) => record('ulm', sightings),
    document: (...all: Record<string, string>[]) =>
      store.write((db) =>
        createMemory(db).putAssets(all.map((said) => ({ before: undefined, after: documented('ulm', said) }))),
      ),
    documentAt: (site: string, ...all: Record<string, string>[]) =>
      store.write((db) =>
        createMemory(db).putAssets(all.map((said) => ({ before: undefined, after: documented(site, said) }))),
      ),
    recordAt: (site: string, ...sightings: Sighting[]) => record(site, sightings),
    later: (time: number) => {
      now += time;
    },
    assets: async (site = 'ulm') => {
      const rows = await store.read.selectFrom('asset').selectAll().where('site', '=', site).orderBy('id').execute();
      return rows.map(assetOf);
    },
    conversations: async () =>
      (await store.read.selectFrom('conversation').selectAll().orderBy('id').execute()).map(conversationOf),
    findings: async () => (await store.read.selectFrom('finding').selectAll().orderBy('id').execute()).map(findingOf),
    events: async (kind?: string) => {
      const rows = await store.read.selectFrom('event').selectAll().orderBy('id').execute();
      return rows
        .filter((row) => kind === undefined || row.kind === kind)
        .map(({ kind: is, state, before, after, count }) => ({
          kind: is,
          state,
          count,
          before: before === null ? null : JSON.parse(before),
          after: after === null ? null : JSON.parse(after),
        }));
    },
    eventStates: async (kind: string) => {
      const rows = await store.read.selectFrom('event').selectAll().where('kind', '=', kind).orderBy('id').execute();
      return rows.map(({ state }) => state);
    },
    decideAll: () =>
      store.write(async (db) => {
        await db.updateTable('asset').set({ state: 'accepted', news: null }).execute();
        await db.updateTable('event').set({ state: 'accepted' }).execute();
      }),
    days: () => store.read.selectFrom('conversation_day').selectAll().orderBy('day').execute(),
  };
}

function documented(site: string, said: Readonly<Record<string, string>>): KnownAsset {
  const stated = Object.entries(said).map(([name, value]) => [name, { value, at: 0, by: 'Ada', source: 'list.csv' }]);
  return {
    ...{ id: newId(), site, scope: '', parent: undefined, behind: undefined, state: 'documented', news: undefined },
    ...{ stated: Object.fromEntries(stated), observed: NEVER_SEEN, findings: 0, worst: 0 },
  };
}

describe.each(databases)('recording sightings on %s', (_, open) => {
  it.each([
    { name: 'the same MAC', one: at(MACS[0], '10.0.0.1'), other: at(MACS[0], '10.0.0.9'), assets: 1 },
    {
      name: 'another MAC with the same address',
      one: at(MACS[0], '10.0.0.1'),
      other: at(MACS[1], '10.0.0.1'),
      assets: 2,
    },
    { name: 'the same address without MAC', one: at(MACS[0], '10.0.0.1'), other: at(undefined, '10.0.0.1'), assets: 1 },
    {
      name: 'the same address in another scope',
      one: at(undefined, '10.0.0.1'),
      other: { ...at(undefined, '10.0.0.1'), scope: 'cell-2' },
      assets: 2,
    },
    {
      name: 'the same address in another VLAN',
      one: { interfaces: [{ addresses: ['10.0.0.1'], vlan: 10 }] },
      other: { interfaces: [{ addresses: ['10.0.0.1'], vlan: 11 }] },
      assets: 2,
    },
    {
      name: 'the same serial number elsewhere',
      one: { ...at(MACS[0], '10.0.0.1'), evidence: [told('vendor', 'Siemens'), told('serial', 'S C-X4U4')] },
      other: {
        ...at(MACS[1], '10.9.0.1'),
        scope: 'cell-2',
        evidence: [told('vendor', 'siemens'), told('serial', 'SC-X4U4')],
      },
      assets: 1,
    },
    {
      name: 'a serial number that everybody has',
      one: { ...at(MACS[0], '10.0.0.1'), evidence: [told('vendor', 'X'), told('serial', '00000000')] },
      other: { ...at(MACS[1], '10.0.0.2'), evidence: [told('vendor', 'X'), told('serial', '00000000')] },
      assets: 2,
    },
    {
      name: 'the same address, and another serial number: a successor',
      one: { ...at(undefined, '10.0.0.1'), evidence: [told('vendor', 'X'), told('serial', '12345')] },
      other: { ...at(undefined, '10.0.0.1'), evidence: [told('vendor', 'X'), told('serial', '54321')] },
      assets: 2,
    },
    {
      name: 'a MAC that several devices share',
      one: { interfaces: [{ mac: MACS[0], addresses: ['10.0.0.1'], shared: true }] },
      other: { interfaces: [{ mac: MACS[0], addresses: ['10.0.0.2'], shared: true }] },
      assets: 2,
    },
  ])('sees $assets of $name', async ({ one, other, assets }) => {
    const { record, assets: all } = await hub(open);

    await record(asset(one));
    await record(asset({ ...other, firstSeen: MORNING + DAY, lastSeen: MORNING + DAY }));

    expect(await all()).toHaveLength(assets);
  });

  const identity = [told('vendor', 'Siemens'), told('serial', 'SC-X4U4'), told('name', 'press')];
  const full = { ...at(MACS[0], '10.0.0.1'), evidence: identity };
  it.each<{
    name: string;
    documents: readonly Record<string, string>[];
    seen?: Partial<Parameters<typeof asset>[0]>;
    states: readonly string[];
  }>([
    { name: 'its serial number', documents: [{ serial: 'sc x4u4', vendor: 'Siemens AG' }], states: ['new'] },
    { name: 'its serial number alone', documents: [{ serial: 'SC-X4U4' }], states: ['accepted'] },
    {
      name: 'the serial number of another vendor',
      documents: [{ serial: 'SC-X4U4', vendor: 'ABB' }],
      states: ['documented', 'new'],
    },
    {
      name: 'a serial number that is none',
      documents: [{ serial: '0000' }],
      seen: { evidence: [told('serial', '0000')] },
      states: ['documented', 'new'],
    },
    { name: 'its MAC', documents: [{ mac: MACS[0] }], states: ['accepted'] },
    {
      name: 'its MAC, and another serial number',
      documents: [{ mac: MACS[0], serial: 'OTHER1' }],
      states: ['documented', 'new'],
    },
    {
      name: 'a MAC that several devices share',
      documents: [{ mac: MACS[0] }],
      seen: { interfaces: [{ mac: MACS[0], addresses: [], shared: true }] },
      states: ['documented', 'new'],
    },
    { name: 'its name', documents: [{ name: 'PRESS' }], states: ['accepted'] },
    { name: 'its name, and another MAC', documents: [{ name: 'press', mac: MACS[1] }], states: ['documented', 'new'] },
    {
      name: 'a name that two have',
      documents: [{ name: 'press' }, { name: 'press' }],
      states: ['documented', 'documented', 'new'],
    },
    { name: 'its address', documents: [{ address: '10.0.0.1' }], states: ['accepted'] },
    { name: 'its address, and another product', documents: [{ address: '10.0.0.1', name: 'oven' }], states: ['new'] },
    {
      name: 'its address, and another MAC',
      documents: [{ address: '10.0.0.1', mac: MACS[1] }],
      states: ['documented', 'new'],
    },
    {
      name: 'its address in another VLAN',
      documents: [{ address: '10.0.0.1', vlan: '7' }],
      seen: { interfaces: [{ mac: MACS[0], addresses: ['10.0.0.1'], vlan: 8 }] },
      states: ['documented', 'new'],
    },
    {
      name: 'its MAC before the address of another',
      documents: [{ mac: MACS[0] }, { address: '10.0.0.1' }],
      states: ['accepted', 'documented'],
    },
    {
      name: 'an address that two have',
      documents: [{ address: '10.0.0.1' }, { address: '10.0.0.1' }],
      states: ['documented', 'documented', 'new'],
    },
    { name: 'nothing of it', documents: [{ address: '10.0.0.99' }], states: ['documented', 'new'] },
  ])('recognises who is documented by $name', async ({ documents, seen, states }) => {
    const { record, document, assets } = await hub(open);
    await document(...documents);

    await record(asset({ ...full, ...seen }));
    await record(asset({ ...full, ...seen }));

    expect((await assets()).map(({ state }) => state).toSorted()).toEqual(states);
  });

  it('tells that somebody documented was seen, and asks where that is not as documented', async () => {
    const { record, document, assets, events, eventStates } = await hub(open);
    await document({ mac: MACS[0], name: 'press' }, { mac: MACS[1], firmware: 'V1' });

    await record(
      asset(full),
      asset({ ...at(MACS[1], '10.0.0.2'), evidence: [told('firmware', 'V2')] }),
      conversation(),
    );

    const [press, other] = await assets();
    expect([press, other]).toMatchObject([
      { state: 'accepted', news: undefined, scope: 'cell-1', stated: { name: { by: 'Ada' } } },
      { state: 'new', news: expect.any(String), stated: { firmware: { value: 'V1' } } },
    ]);
    expect(await events('asset.new')).toEqual([]);
    expect(await eventStates('asset.seen')).toEqual(['open', 'noted']);
    expect((await events('asset.seen'))[0]).toMatchObject({ before: { firmware: 'V1' }, after: { firmware: 'V2' } });
    expect(other && differencesOf(other, MORNING)).toMatchObject([{ kind: 'differs', attribute: 'firmware' }]);
  });

  it('joins who was heard before with what was documented, once that shows', async () => {
    const { record, document, assets, events, eventStates } = await hub(open);
    await document({ serial: 'SC-X4U4', location: 'hall 2' });
    await record(asset(at(MACS[0], '10.0.0.1')), asset(at(MACS[1], '10.0.0.2')), conversation());
    const before = await assets();

    await record(asset(full));

    expect(before).toHaveLength(3);
    expect((await assets()).map(({ state, stated }) => [state, Object.keys(stated).length]).toSorted()).toEqual([
      ['accepted', 2],
      ['new', 0],
    ]);
    expect(await events('asset.new')).toHaveLength(2);
    expect((await eventStates('asset.new')).toSorted()).toEqual(['noted', 'open']);
  });

  it('keeps two sites apart', async () => {
    const { recordAt, assets } = await hub(open);

    await recordAt('ulm', asset());
    await recordAt('jena', asset());

    expect([...(await assets('ulm')), ...(await assets('jena'))].map(({ site }) => site)).toEqual(['ulm', 'jena']);
  });

  it('makes one of two assets once they turn out to be one', async () => {
    const { record, assets, conversations, events } = await hub(open);
    const serial = [told('vendor', 'Siemens'), told('serial', 'SC-X4U4')];
    await record(asset(at(MACS[0], '10.0.0.1')), asset({ ...at(MACS[1], '10.0.0.2'), evidence: serial }));
    await record(conversation(), finding());

    await record(asset({ ...at(MACS[0], '10.0.0.1'), evidence: serial }));

    const [only, ...others] = await assets();
    expect(others).toEqual([]);
    expect(only?.observed.interfaces.map(({ mac }) => mac)).toEqual([MACS[0], MACS[1]]);
    expect(only).toMatchObject({ findings: 1, worst: 4 });
    expect(await conversations()).toMatchObject([{ client: only?.id, server: only?.id }]);
    expect(await events('asset.new')).toHaveLength(2);
  });

  it('puts who is behind a gateway under it', async () => {
    const { record, assets } = await hub(open);
    const child = asset({
      interfaces: [],
      behind: 'unit 7',
      parentEnd: { mac: MACS[0], address: '10.0.0.1' },
      role: 'io',
    });

    await record(child, asset());
    await record(child);

    const all = await assets();
    const gateway = all.find(({ behind }) => behind === undefined);
    expect(all.filter(({ behind }) => behind !== undefined)).toMatchObject([{ behind: 'unit 7', parent: gateway?.id }]);
  });

  it('adds counters and never moves first and last seen the wrong way', async () => {
    const { record, conversations, assets, days } = await hub(open);

    await record(asset(), conversation());
    await record(
      asset({ firstSeen: MORNING - DAY, lastSeen: MORNING - DAY }),
      conversation({ firstSeen: MORNING - DAY, lastSeen: MORNING - DAY, packets: 5, bytes: 100, flows: 2 }),
    );

    expect(await conversations()).toMatchObject([
      { flows: 3, packets: 15, bytes: 1100, firstSeen: MORNING - DAY, lastSeen: MORNING + HOUR },
    ]);
    expect((await conversations())[0]?.operations).toMatchObject([{ name: 'read', count: 10 }]);
    expect((await assets())[0]?.observed).toMatchObject({ firstSeen: MORNING - DAY, lastSeen: MORNING + HOUR });
    expect((await days()).map(({ day, packets }) => [day, packets])).toEqual([
      ['2026-03-01', 5],
      ['2026-03-02', 10],
    ]);
  });

  it('tells what changed, with before and after', async () => {
    const { record, events, decideAll } = await hub(open);
    await record(asset({ evidence: [told('firmware', 'V1.0'), told('name', 'press'), told('product', 'CPU 1')] }));
    await decideAll();
    const later = MORNING + DAY;

    await record(
      asset({
        ...at(MACS[0], '10.0.0.7'),
        evidence: [told('firmware', 'V2.0', later), told('name', 'press-1', later), told('product', 'CPU 2', later)],
        services: [{ protocol: 'http', transport: 'tcp', port: 80 }],
        firstSeen: later,
        lastSeen: later,
      }),
    );

    const changes = (await events()).filter(({ kind }) => kind !== 'asset.new');
    expect(changes.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['firmware.changed', { firmware: 'V1.0' }, { firmware: 'V2.0' }],
      ['name.changed', { name: 'press' }, { name: 'press-1' }],
      ['identity.changed', { product: 'CPU 1' }, { product: 'CPU 2' }],
      ['address.changed', { addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.7'] }],
      ['service.new', null, { services: [{ protocol: 'http', transport: 'tcp', port: 80 }] }],
    ]);
  });

  it('does not take an old capture for a change', async () => {
    const { record, events, assets } = await hub(open);
    await record(asset({ evidence: [told('firmware', 'V2.0')] }));

    const old = MORNING - 100 * DAY;
    await record(
      asset({ evidence: [told('firmware', 'V1.0', old)], ...at(MACS[0], '10.0.0.9'), firstSeen: old, lastSeen: old }),
    );

    expect(await events()).toMatchObject([{ kind: 'asset.new' }]);
    expect((await assets()).map((one) => shownOf(one).firmware)).toEqual(['V2.0']);
  });

  it('tells that somebody is back, and that somebody programs', async () => {
    const { record, events } = await hub(open);
    const download = {
      protocol: 's7comm',
      name: 'download block',
      effect: 'program',
      by: 'client',
      count: 1,
      errors: 0,
    } as const;
    await record(asset());
    await record(conversation({ operations: [download] }), conversation({ operations: [download] }));

    await record(asset({ firstSeen: MORNING + 40 * DAY, lastSeen: MORNING + 40 * DAY }));

    expect(await events('program')).toMatchObject([
      { after: { operations: [{ name: 'download block' }], target: '10.0.0.1' } },
    ]);
    expect(await events('asset.returned')).toHaveLength(1);
  });

  it('tells of a new conversation only between those who are not new themselves', async () => {
    const { record, events, decideAll } = await hub(open);
    await record(asset(), asset(at(MACS[1], '10.0.0.2')), conversation());
    await decideAll();

    await record(conversation({ port: 502, protocol: 'modbus' }));
    await record(conversation({ port: 502, protocol: 'modbus' }));

    expect(await events('conversation.new')).toMatchObject([
      { after: { client: '10.0.0.2', port: 502, protocol: 'modbus' } },
    ]);
  });

  it('asks once about what one party newly does in one protocol', async () => {
    const { record, events, conversations, decideAll } = await hub(open);
    await record(asset(), asset(at(MACS[1], '10.0.0.2')));
    await decideAll();

    await record(conversation({ port: 1, protocol: undefined }), conversation({ port: 2, protocol: undefined }));
    await record(conversation({ port: 3, protocol: undefined }), conversation({ port: 502, protocol: 'modbus' }));
    const asked = new Set((await conversations()).map(({ news }) => news));
    const told = await events('conversation.new');
    await decideAll();
    await record(conversation({ port: 4, protocol: undefined }));

    expect(told).toMatchObject([{ count: 3 }, { count: 1, after: { protocol: 'modbus' } }]);
    expect(asked.size).toBe(2);
    expect(await events('conversation.new')).toMatchObject([{ count: 3 }, { count: 1 }, { count: 1 }]);
  });

  it('asks about a new conversation that changes a program as about the program alone', async () => {
    const { record, events, conversations, decideAll } = await hub(open);
    await record(asset(), asset(at(MACS[1], '10.0.0.2')));
    await decideAll();

    const operations = [
      { protocol: 's7comm', name: 'download block', effect: 'program', by: 'client', count: 1, errors: 0 } as const,
    ];
    await record(conversation({ operations }));

    expect((await events()).map(({ kind }) => kind)).toEqual(['asset.new', 'asset.new', 'program']);
    expect(await conversations()).toMatchObject([{ news: expect.any(String) }]);
  });

  it.each([
    { severity: 'critical', state: 'open' },
    { severity: 'medium', state: 'open' },
    { severity: 'low', state: 'noted' },
    { severity: 'info', state: 'noted' },
  ] as const)('tells of a $severity finding as $state', async ({ severity, state }) => {
    const { record, events } = await hub(open);

    await record(asset(), finding({ severity }));

    expect(await events('finding.new')).toMatchObject([{ state }]);
  });

  it('opens a finding again that was resolved', async () => {
    const { record, findings, events } = await hub(open);
    await record(asset(), finding());
    await record(finding({ count: 3, lastSeen: MORNING + HOUR, title: 'newer' }));

    expect(await findings()).toMatchObject([{ count: 5, title: 'newer', state: 'open' }]);
    expect(await events('finding.new')).toHaveLength(1);
  });

  it('tells of a crowd as one event', async () => {
    const { record, events, later } = await hub(open);
    const crowd = Array.from({ length: 300 }, (_one, number) =>
      asset(
        at(
          `02:00:00:00:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`,
        ),
      ),
    );

    await record(...crowd.slice(0, 150));
    await record(...crowd.slice(150, 250));
    await record(...crowd.slice(250));
    const told = (await events('asset.new')).filter(({ count }) => count > 1);
    later(60_000_000);
    await record(asset(at(MACS[2])));

    expect(told).toMatchObject([{ count: 100 }]);
    expect(await events('asset.new')).toHaveLength(202);
  });

  it('keeps hostile text as text', async () => {
    const { record, assets } = await hub(open);
    const name = `'; drop table asset; -- <script>alert(1)</script> \u202e \ud83d\ude00 ${'x'.repeat(100)}`;

    await record(asset({ evidence: [told('name', name)] }));

    expect((await assets()).map((one) => shownOf(one).name)).toEqual([name]);
  });
});

describe('the order of sightings', () => {
  const device = fc.record({
    mac: fc.constantFrom(...MACS),
    withAddress: fc.boolean(),
    withMac: fc.boolean(),
    withSerial: fc.boolean(),
    firmware: fc.constantFrom(undefined, 'V1', 'V2'),
    role: fc.constantFrom('plc' as const, 'io' as const, 'unknown' as const),
    day: fc.integer({ min: 0, max: 60 }),
  });
  const [[, open]] = databases as readonly [(typeof databases)[number]];

  it('does not matter', async () => {
    const { recordAt, documentAt, assets } = await hub(open);
    let sites = 0;
    /** In a site of their own. */
    async function assetsAfter(sightings: readonly Sighting[]): Promise<readonly string[]> {
      const site = `site ${++sites}`;
      await documentAt(site, { mac: MACS[0] }, { mac: MACS[2], address: '10.0.0.3' });
      for (const sighting of sightings) {
        await recordAt(site, sighting);
      }
      return (await assets(site)).map(withoutIds).toSorted();
    }

    await fc.assert(
      fc.asyncProperty(
        fc.array(device, { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        async (devices, random) => {
          const sightings = devices.map(({ mac, withAddress, withMac, withSerial, firmware, role, day }) => {
            const number = MACS.indexOf(mac) + 1;
            const seen = MORNING + day * DAY;
            const addresses = withAddress || !withMac ? [`10.0.0.${number}`] : [];
            // The first two are interfaces of one device.
            const serial = [told('vendor', 'X', seen), told('serial', `1000${Math.max(2, number)}`, seen)];
            const version = firmware === undefined ? [] : [told('firmware', firmware, seen)];
            return asset({
              ...at(withMac ? mac : undefined, ...addresses),
              evidence: [...(withSerial ? serial : []), ...version],
              services: withSerial ? SERVICES : [],
              role,
              firstSeen: seen,
              lastSeen: seen,
            });
          });
          const shuffled = sightings
            .map((sighting) => ({ sighting, order: random.next().value as number }))
            .toSorted((a, b) => a.order - b.order)
            .map(({ sighting }) => sighting);

          expect(await assetsAfter(shuffled)).toEqual(await assetsAfter(sightings));
        },
      ),
      { numRuns: 100 },
    );
  });

  function withoutIds({ scope, state, observed, stated }: KnownAsset): string {
    return JSON.stringify({ scope, state, observed, stated });
  }
});
