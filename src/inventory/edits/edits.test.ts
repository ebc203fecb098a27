import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { databases } from '../../../test/databases.ts';
import { newHub, type TestHub } from '../../../test/hub.ts';

const NAMES = databases.map(([name]) => name as 'SQLite' | 'PostgreSQL');
const CSV = 'name;IP;Seriennummer;Linie;Kritikalität\nplc-1;10.0.0.1;S1;Linie 2;hoch\nhmi-1;10.0.0.2;S2;Linie 2;\n';

describe.each(NAMES)('imports on %s', (dialect) => {
  it('makes assets that nobody has seen, and says so before', async () => {
    const { load, assets, places } = await plant(dialect);

    const dry = await load('csv', CSV, '&dryRun=true');
    const before = await assets();
    const real = await load('csv', CSV);
    const again = await load('csv', CSV);

    expect(dry.body).toMatchObject({ rows: 2, created: 2, changed: 0, unchanged: 0, errors: [], change: null });
    expect(before).toEqual([]);
    expect(real.body).toMatchObject({ rows: 2, created: 2, errors: [], change: expect.any(String) });
    expect(real.body.columns[2]).toEqual({ title: 'Seriennummer', attribute: 'serial' });
    expect(again.body).toMatchObject({ created: 0, changed: 0, unchanged: 2, change: null });
    const place = [{ kind: 'site' }, { kind: 'line', name: 'Linie 2' }];
    const said = { by: 'Ada', source: 'list.csv' };
    expect((await assets()).toSorted(byName)).toMatchObject([
      { state: 'documented', place, stated: { name: { value: 'hmi-1', ...said } } },
      { state: 'documented', place, stated: { name: { value: 'plc-1', ...said } } },
    ]);
    expect(await places()).toEqual(['Ulm', 'Linie 2']);
  });

  it('changes what is there, once it is recognised', async () => {
    const { load, assets } = await plant(dialect);
    await load('csv', CSV);

    const changed = await load('csv', 'serial number,owner\ns1,Ada\nS2,\nS3,Bo\n');

    expect(changed.body).toMatchObject({ created: 1, changed: 1, unchanged: 1 });
    expect((await assets()).map(({ stated }) => stated['owner']?.value).toSorted()).toEqual(['Ada', 'Bo', undefined]);
  });

  it('imports nothing where one row is wrong', async () => {
    const { load, assets, places } = await plant(dialect);

    const { status, body } = await load('csv', `${CSV}x;10.0.0.300;;Linie 9;\n`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ created: 0, change: null, errors: [{ at: 'line 4, column 2 (IP)' }] });
    expect(await assets()).toEqual([]);
    expect(await places()).toEqual(['Ulm']);
  });

  it('tells where a document contradicts itself', async () => {
    const { load } = await plant(dialect);

    expect((await load('csv', 'serial;name\nS1;a\nS1;b\n')).body.errors).toEqual([
      { at: 'line 3', message: 'line 2 is the same asset, with another name' },
    ]);
  });

  it('does not guess which of two assets is meant', async () => {
    const { load } = await plant(dialect);

    expect((await load('csv', 'IP;serial\n10.0.0.7;A1\n10.0.0.7;A2\n')).body).toMatchObject({ created: 2 });
    expect((await load('csv', 'IP;owner\n10.0.0.7;Ada\n')).body.errors[0]).toMatchObject({ at: 'line 2' });
    expect((await load('csv', 'IP;owner;serial\n10.0.0.7;Ada;A2\n')).body).toMatchObject({ changed: 1 });
  });

  it('undoes an import, but for what was changed since', async () => {
    const { load, assets, hub, cookie } = await plant(dialect);
    const first = await load('csv', CSV);
    const second = await load('csv', 'serial,owner,name\nS1,Ada,plc-one\nS2,Ada,hmi-one\n');
    const [one] = (await assets()).filter(({ stated }) => stated['serial']?.value === 'S1');
    await hub.request('PATCH', `/assets/${one?.id}`, { cookie, body: { stated: { name: 'mine' } } });

    const undone = await hub.request('POST', `/changes/${second.body.change}/undo`, { cookie });
    const left = await assets();
    const twice = await hub.request('POST', `/changes/${second.body.change}/undo`, { cookie });
    await hub.request('POST', `/changes/${first.body.change}/undo`, { cookie });

    expect(undone.body).toEqual({ count: 2, kept: 0 });
    expect(left.map(({ stated }) => [stated['name']?.value, stated['owner']?.value]).toSorted()).toEqual([
      ['hmi-1', undefined],
      ['mine', undefined],
    ]);
    expect(twice).toMatchObject({ status: 409, body: { error: { code: 'inventory.undone' } } });
    expect(await assets()).toEqual([]);
  });

  it('takes nothing for another site or from who may not', async () => {
    const { hub, cookie, load } = await plant(dialect);

    expect((await load('csv', CSV, '', 'no-such-site')).status).toBe(404);
    expect((await hub.request('POST', '/imports?kind=csv&site=x', { body: CSV })).status).toBe(401);
    expect((await hub.request('POST', '/imports?kind=docx&site=x', { cookie, body: CSV })).status).toBe(400);
  });

  it('reads what old spreadsheets write', async () => {
    const { load, assets } = await plant(dialect);

    await load('csv', Buffer.from('name;Kritikalität\nK\xfchler;hoch\n', 'latin1'));
    await load('csv', Buffer.from('\ufeffname\tHersteller\nTür\tX\n', 'utf16le'));

    expect((await assets()).map(({ stated }) => stated['name']?.value).toSorted()).toEqual(['Kühler', 'Tür']);
  });
});

describe.each(NAMES)('edits on %s', (dialect) => {
  it('edits and exports what a filter leaves', async () => {
    const { load, assets, hub, cookie, site } = await plant(dialect);
    await load('csv', CSV);
    const body = { filter: { site, q: 'hmi' }, set: { stated: { owner: 'Bo' } } };

    const edited = await hub.request('POST', '/assets/bulk', { cookie, body });
    const none = await hub.request('GET', `/assets.json?site=${site}&role=plc`, { cookie });
    const some = await hub.request('GET', `/assets.json?site=${site}&q=plc-1`, { cookie });

    expect(edited.body).toEqual({ count: 1, change: expect.any(String) });
    expect((await assets()).map(({ stated }) => stated['owner']?.value).toSorted()).toEqual(['Bo', undefined]);
    expect([none, some].map((reply) => reply.body.assets.length)).toEqual([0, 1]);
  });

  it('states attributes of many, and takes them back', async () => {
    const { load, assets, hub, cookie, site } = await plant(dialect);
    await load('csv', CSV);
    const ids = (await assets()).map(({ id }) => id);

    const set = { stated: { owner: ' Bo ', criticality: null }, place: site };
    const edited = await hub.request('POST', '/assets/bulk', { cookie, body: { ids, set } });
    const after = await assets();
    const undone = await hub.request('POST', `/changes/${edited.body.change}/undo`, { cookie });

    expect(edited.body).toMatchObject({ count: 2 });
    expect(after.map(({ stated }) => [stated['owner']?.value, stated['criticality']])).toEqual([
      ['Bo', undefined],
      ['Bo', undefined],
    ]);
    expect(after.map(({ place }) => place.length)).toEqual([1, 1]);
    expect(undone.body).toEqual({ count: 4, kept: 0 });
    expect((await assets()).map(({ place }) => place.length)).toEqual([2, 2]);
    expect((await assets()).filter(({ stated }) => stated['criticality']?.value === 'hoch')).toHaveLength(1);
  });

  it.each([
    { name: 'a role that is none', body: { stated: { role: 'toaster' } }, status: 400 },
    { name: 'an address that is none', body: { stated: { address: '10.0.0' } }, status: 400 },
    { name: 'an attribute that is none', body: { stated: { __proto__x: 'a' } }, status: 400 },
    { name: 'a place that is none', body: { place: 'nowhere' }, status: 404 },
    { name: 'an asset that is none', body: { stated: { owner: 'a' } }, status: 404, id: 'nobody' },
  ])('refuses $name', async ({ body, status, id }) => {
    const { load, assets, hub, cookie } = await plant(dialect);
    await load('csv', CSV);
    const before = await assets();

    const known = before[0]?.id;
    const reply = await hub.request('POST', '/assets/bulk', { cookie, body: { ids: [known, id ?? known], set: body } });

    expect(reply.status).toBe(status);
    expect(await assets()).toEqual(before);
  });
});

describe.each(NAMES)('an export on %s', (dialect) => {
  it('imports back into an empty hub as it was, whatever names it holds', async () => {
    const { load: loadHere, table, json } = await plant(dialect);
    const other = await plant(dialect);
    const text = fc
      .oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }))
      .map((one) => one.replaceAll('\0', '').toWellFormed())
      .filter((one) => one !== '');
    const assets =
      fc.sample(fc.array(exportedAsset(text), { minLength: 40, maxLength: 40 }), { numRuns: 1, seed: 7 })[0] ?? [];
    const document = JSON.stringify({
      keyway: 'assets',
      version: 1,
      assets: assets.map((one, at) => ({ ...one, id: `a${at}` })),
    });

    expect((await loadHere('keyway', document)).body).toMatchObject({ created: 40, errors: [] });
    const [csv, lines] = [await table(), await json()];
    expect((await other.load('keyway', lines)).body).toMatchObject({ created: 40, errors: [] });
    expect(await other.json()).toBe(lines);
    expect(await other.table()).toBe(csv);
    // What comes from it changes nothing where it came from.
    expect((await loadHere('keyway', csv)).body).toMatchObject({ created: 0, changed: 0, unchanged: 40, errors: [] });
    const third = await plant(dialect);
    expect((await third.load('keyway', csv)).body).toMatchObject({ created: 40, errors: [] });
    expect(await third.table()).toBe(csv);
    expect(await third.json()).toBe(lines);
  });

  it('takes what a person wrote into its cells as a statement', async () => {
    const { load, table, assets } = await plant(dialect);
    await load('csv', CSV);
    const csv = await table();

    const edited = csv.replace(/,plc-1,/, ",'=new name,").replace(/,S2,/, ',,');
    const reply = await load('keyway', edited);

    expect(reply.body).toMatchObject({ changed: 2, errors: [] });
    expect((await assets()).map(({ stated }) => [stated['name']?.value, stated['serial']?.value]).toSorted()).toEqual([
      ['=new name', 'S1'],
      ['hmi-1', undefined],
    ]);
  });

  it.each([
    { name: 'an observation that is none', change: { observed: { interfaces: 1 } } },
    { name: 'an attribute that is none', change: { stated: { x: { value: 'a', at: 1, by: 'a', source: 'a' } } } },
    { name: 'a text with NUL', change: { scope: 'a\0' } },
    { name: 'a field too much', change: { more: 1 } },
  ])('refuses $name', async ({ change }) => {
    const { load, assets, json } = await plant(dialect);
    await load('csv', CSV);
    const [first] = JSON.parse(await json()).assets;

    const text = JSON.stringify({ keyway: 'assets', version: 1, assets: [{ ...first, id: 'x', ...change }] });
    const reply = await load('keyway', text);

    expect(reply.body.errors[0]?.at).toBe('assets 1');
    expect(await assets()).toHaveLength(2);
  });
});

const HOSTILE = [
  ...[
    '=1+1',
    "'=1+1",
    "''-x",
    '@x',
    '+x',
    '-x',
    'a;=x',
    'a; \u{ff0b}x',
    '\\u{1b}',
    '\u001b[2J',
    '\u202eevil',
    '\u200b',
    '"',
    ',',
    ';',
  ],
  ...[
    '\r\n',
    '\n=1',
    '\t=1',
    ' leading',
    'trailing ',
    '</script><img src=x onerror=alert(1)>',
    "'; DROP TABLE asset",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what attackers write.
    '${jndi:x}',
  ],
  ...['../../x', '__proto__', 'constructor', 'null', 'ﬁ', 'e\u0301', '\u{1f600}', '\ufeff', 'sep=;'],
];

function exportedAsset(text: fc.Arbitrary<string>) {
  const time = fc.integer({ min: 1_700_000_000_000_000, max: 1_800_000_000_000_000 });
  const span = { firstSeen: fc.constant(1_700_000_000_000_000), lastSeen: time };
  const value = fc.record({ value: text, at: time, by: text, source: text });
  return fc.record({
    place: fc.oneof(
      fc.constant([]),
      fc.record({ name: fc.constantFrom(...HOSTILE) }).map(({ name }) => [
        { kind: 'site', name: 'Ulm' },
        { kind: 'line', name },
      ]),
    ),
    placedBy: fc.constant('hand'),
    state: fc.constantFrom('new', 'accepted', 'refused', 'documented'),
    scope: text,
    stated: fc.record({ name: value, comment: value, owner: value, firmware: value }, { requiredKeys: [] }),
    observed: fc.record({
      interfaces: fc.array(
        fc.record({
          scope: text,
          mac: fc.constant('00:1c:06:00:00:01'),
          shared: fc.boolean(),
          addresses: fc.constant([]),
        }),
        { maxLength: 2 },
      ),
      roles: fc.constant([]),
      evidence: fc.array(
        fc.record({
          ...{ attribute: fc.constantFrom('name', 'vendor', 'serial', 'os'), value: text, protocol: fc.constant('x') },
          ...{
            basis: fc.constant('identification'),
            confidence: fc.constant(0.9),
            frame: fc.constant(1),
            count: fc.constant(1),
            ...span,
          },
        }),
        { maxLength: 4 },
      ),
      modules: fc.array(fc.record({ slot: fc.nat(9), values: fc.constant([]), ...span }), { maxLength: 1 }),
      services: fc.array(fc.record({ protocol: text, transport: fc.constant('tcp'), port: fc.nat(65_535), ...span }), {
        maxLength: 2,
      }),
      known: fc.constant([]),
      doubtful: fc.boolean(),
      sightings: fc.nat(9),
      omitted: fc.constant({}),
      ...span,
    }),
  });
}

interface ExportedRow {
  readonly id: string;
  readonly state: string;
  readonly place: readonly unknown[];
  readonly stated: Readonly<Record<string, { readonly value: string } | undefined>>;
}

function byName(one: ExportedRow, other: ExportedRow): number {
  return (one.stated['name']?.value ?? '') < (other.stated['name']?.value ?? '') ? -1 : 1;
}

/** A hub with a site, and a person who may edit it. */
async function plant(dialect: 'SQLite' | 'PostgreSQL') {
  const hub: TestHub = await newHub(dialect);
  const { cookie } = await hub.enrol(await hub.setUp(['ot', 'auditor']));
  const made = await hub.request('POST', '/plant/places', { cookie, body: { kind: 'site', name: 'Ulm' } });
  const site: string = made.body.id;
  const json = async (): Promise<string> => {
    const { body } = await hub.request('GET', '/assets.json', { cookie, headers: {} });
    return typeof body === 'string' ? body : JSON.stringify(body);
  };
  return {
    hub,
    cookie,
    site,
    json,
    load: (kind: string, text: string | Buffer, more = '', at = site) =>
      hub.request('POST', `/imports?kind=${kind}&site=${at}&name=list.csv${more}`, {
        cookie,
        body: text,
        headers: { 'content-type': 'application/octet-stream' },
      }),
    assets: async () => (JSON.parse(await json()).assets as ExportedRow[]).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    table: async (): Promise<string> => (await hub.request('GET', '/assets.csv', { cookie })).body,
    places: async (): Promise<string[]> =>
      (await hub.request('GET', '/plant', { cookie })).body.places.map(({ name }: { name: string }) => name),
  };
}
