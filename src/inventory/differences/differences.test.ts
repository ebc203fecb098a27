import { describe, expect, it } from 'vitest';
import { databases } from '../../../test/databases.ts';
import { newHub } from '../../../test/hub.ts';
import { type KnownAsset, NEVER_SEEN, type StatedAttributes } from '../known-asset.ts';
import type { SeenValue } from '../sighting.ts';
import { differencesOf } from './difference.ts';

const DAY = 86_400_000_000;
const NOW = Date.parse('2026-03-02T08:00:00Z') * 1000;
const said = (value: string) => ({ value, at: 0, by: 'Ada', source: 'list.csv' });
const heard = (attribute: SeenValue['attribute'], value: string): SeenValue => ({
  ...{ attribute, value, protocol: 's7comm', basis: 'identification', confidence: 0.95, frame: 1, count: 1 },
  ...{ firstSeen: NOW, lastSeen: NOW },
});
const scope = { scope: 'lan', vlan: undefined, shared: false, vendor: undefined };
const addressed = (mac: string, address: string) => ({
  interfaces: [{ ...scope, mac, addresses: [{ address, firstSeen: NOW, lastSeen: NOW }] }],
});

describe('what is documented and what was observed', () => {
  it.each<{ name: string; stated: StatedAttributes; observed?: Partial<KnownAsset['observed']>; found: string[] }>([
    { name: 'nothing at all', stated: {}, found: ['not-documented'] },
    {
      name: 'the same',
      stated: { firmware: said('v2.9 ') },
      observed: { evidence: [heard('firmware', 'V2.9')] },
      found: [],
    },
    {
      name: 'another firmware',
      stated: { firmware: said('V2.8') },
      observed: { evidence: [heard('firmware', 'V2.9')] },
      found: ['differs:firmware'],
    },
    {
      name: 'a hint of another firmware',
      stated: { firmware: said('V2.8') },
      observed: { evidence: [{ ...heard('firmware', 'V2.9'), confidence: 0.3 }] },
      found: [],
    },
    {
      name: 'another serial number',
      stated: { serial: said('S1') },
      observed: { evidence: [heard('serial', 'S2')] },
      found: ['replaced:serial'],
    },
    {
      name: 'another role',
      stated: { role: said('hmi') },
      observed: { roles: [{ role: 'plc', reason: undefined, level: 1, sightings: 1, lastSeen: NOW }] },
      found: ['differs:role'],
    },
    {
      name: 'another address',
      stated: { address: said('10.0.0.1'), mac: said('00-1C-06-00-00-01') },
      observed: addressed('00:1c:06:00:00:01', '10.0.0.2'),
      found: ['moved:address'],
    },
    {
      name: 'one of its addresses',
      stated: { address: said('10.0.0.2') },
      observed: addressed('00:1c:06:00:00:01', '10.0.0.2'),
      found: [],
    },
    { name: 'silence', stated: { owner: said('Ada') }, observed: { lastSeen: NOW - 45 * DAY }, found: ['not-seen'] },
    { name: 'a quiet week', stated: { owner: said('Ada') }, observed: { lastSeen: NOW - 7 * DAY }, found: [] },
  ])('$name: $found', ({ stated, observed, found }) => {
    const seen = { ...NEVER_SEEN, sightings: 1, firstSeen: NOW, lastSeen: NOW, ...observed };

    const differences = differencesOf({ ...BARE, stated, observed: seen }, NOW);

    expect(differences.map(({ id }) => id)).toEqual(found.map((one) => `a1:${one}`));
  });

  it('is silence where it was never heard', () => {
    const found = differencesOf({ ...BARE, stated: { name: said('plc-1') } }, NOW);

    expect(found).toMatchObject([{ kind: 'not-seen', days: undefined, label: 'plc-1' }]);
  });
});

describe.each(databases)('differences on %s', (dialect) => {
  it('are listed, accepted and refused, and asked about again when a value changes', async () => {
    const hub = await newHub(dialect as 'SQLite' | 'PostgreSQL');
    const { cookie } = await hub.enrol(await hub.setUp(['ot']));
    const site = (await hub.request('POST', '/plant/places', { cookie, body: { kind: 'site', name: 'Ulm' } })).body.id;
    const observed = { ...NEVER_SEEN, evidence: [heard('firmware', 'V2.9'), heard('os', 'X')], sightings: 1 };
    const asset = (id: string, stated: StatedAttributes) => ({
      ...{ id, place: [], state: 'accepted', scope: 'lan', stated },
      observed: { ...observed, firstSeen: NOW, lastSeen: NOW },
    });
    const assets = [
      asset('a1', { firmware: said('V2.8'), os: said('Y') }),
      asset('a2', {}),
      { ...asset('a3', { name: said('ghost') }), state: 'documented', observed: NEVER_SEEN },
    ];
    const document = JSON.stringify({ keyway: 'assets', version: 1, assets });
    const headers = { 'content-type': 'application/octet-stream' };
    const loaded = await hub.request('POST', `/imports?kind=keyway&site=${site}`, { cookie, headers, body: document });
    expect(loaded.body).toMatchObject({ created: 3, errors: [] });
    const list = async (state: string) =>
      (await hub.request('GET', `/differences?site=${site}&state=${state}`, { cookie })).body;
    const decide = (ids: string[], decision: string) =>
      hub.request('POST', '/differences/decide', { cookie, body: { ids, decision, note: 'why' } });
    const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);

    const all = ['a1:differs:firmware', 'a1:differs:os', 'a2:not-documented', 'a3:not-seen'];
    expect(idsOf(await list('open'))).toEqual(all);
    const accepted = await decide(['a1:differs:firmware', 'a2:not-documented'], 'accept');
    const refused = await decide(['a1:differs:os'], 'refuse');

    expect(accepted.body).toEqual({ count: 2, change: expect.any(String) });
    expect(refused.body).toEqual({ count: 1, change: null });
    expect(await list('open')).toMatchObject({ total: 1, items: [{ id: 'a3:not-seen', asset: { name: 'ghost' } }] });
    expect((await list('refused')).items).toMatchObject([
      { stated: { value: 'Y' }, observed: { value: 'X', protocol: 's7comm' }, decision: { by: 'Ada', note: 'why' } },
    ]);
    await hub.request('POST', `/changes/${accepted.body.change}/undo`, { cookie });
    await hub.request('PATCH', '/assets/a1', { cookie, body: { stated: { os: 'Z' } } });
    expect(idsOf(await list('open'))).toEqual(['a1:differs:firmware', 'a1:differs:os', 'a3:not-seen']);
    expect((await decide(['a9:not-seen'], 'accept')).status).toBe(404);
  });
});

const BARE: KnownAsset = {
  ...{ id: 'a1', site: 's', scope: 'lan', parent: undefined, behind: undefined, state: 'accepted', news: undefined },
  ...{ stated: {}, observed: NEVER_SEEN, findings: 0, worst: 0 },
};
