import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { Secret, TOTP } from 'otpauth';
import { IDENTITY_ATTRIBUTES } from '../src/inventory/evidence.ts';
import { MODULE_TEXTS, type Sighting } from '../src/inventory/sighting.ts';
import { type AssembledHub, assembleHub } from '../src/main.ts';
import { newId } from '../src/platform/ids.ts';
import { createLog } from '../src/platform/log/log.ts';
import { openStore } from '../src/platform/store/open-store.ts';
import type { Store } from '../src/platform/store/store.ts';
import { createUploadStore } from '../src/sensor/store.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { asset, conversation, finding, HOUR, MACS, MORNING, told } from './sightings.ts';

const PASSWORD = 'seven wet otters sing';
const PER_MODULE = MODULE_TEXTS.length;
/** Of one long text where very many stand in one record. */
const MOST_AMONG_MANY = 1000;
/** Their long texts would be too much for one delivery. */
const RECORDS_AT_ONCE = 40;

/** A hub on a port of this machine in which every field that traffic, a file or a person fills holds every hostile text. */
export interface HostileHub extends AssembledHub {
  readonly url: string;
  /** What it logged, line by line. */
  readonly log: readonly string[];
  /** Of the administrator. */
  cookie(): string;
  ask(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, options?: Asking): Promise<Answer>;
  /** Makes the administrator, whose name is hostile too, and gives the cookie. */
  setUp(): Promise<string>;
  fill(): Promise<Filled>;
  end(): Promise<void>;
}

interface Asking {
  readonly body?: unknown;
  readonly bearer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** What has all texts at once. */
export interface Filled {
  readonly site: string;
  readonly asset: string;
  readonly conversation: string;
  readonly finding: string;
  readonly sensor: string;
  /** Of somebody who has to set up a second factor. */
  readonly beginner: string;
}

export async function hostileHub(pages?: string): Promise<HostileHub> {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
  const database = join(folder, 'keyway.db');
  const log: string[] = [];
  const settings = { data: folder, database, host: '127.0.0.1', port: 0, version: '0.0.0-test' };
  const hub = await assembleHub(
    pages === undefined ? settings : { ...settings, pages },
    createLog('debug', { write: (line: string) => log.push(line) }),
  );
  const address = await hub.server.listen({ host: '127.0.0.1', port: 0 });
  const store = await openStore(database);
  let cookie = '';
  let asked = 0;

  const ask: HostileHub['ask'] = async (method, path, { body, bearer, headers } = {}) => {
    const reply = await hub.server.inject({
      method,
      url: `/api${path}`,
      // What fills the hub is not the flood that the limits are for.
      remoteAddress: `10.9.${asked >> 8}.${asked++ & 255}`,
      headers: {
        'sec-fetch-site': 'same-origin',
        ...(bearer === undefined ? { cookie } : { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body as NonNullable<InjectOptions['payload']> }),
    });
    const kept = reply.cookies.find(({ value }) => value !== '');
    cookie = kept === undefined || bearer !== undefined ? cookie : `${kept.name}=${kept.value}`;
    return { status: reply.statusCode, type: String(reply.headers['content-type'] ?? ''), text: reply.body };
  };

  return {
    ...hub,
    url: address.replace('127.0.0.1', 'localhost'),
    log,
    cookie: () => cookie,
    ask,
    async setUp() {
      const roles = ['ot', 'it', 'analyst', 'auditor', 'production', 'executive'];
      const name = '<img src=x onerror=alert(1)>';
      await make(ask, 'POST', '/setup', {
        body: { code: hub.firstRunCode, name, email: 'ada@plant.example', password: PASSWORD, roles },
      });
      const { secret } = await make(ask, 'POST', '/me/totp');
      const code = new TOTP({ secret: Secret.fromBase32(secret ?? '') }).generate();
      await make(ask, 'PUT', '/me/totp', { body: { code } });
      return cookie;
    },
    fill: () => fill(ask, store),
    async end() {
      await store.close();
      await hub.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All texts as people may enter them in a field of this length, each once. */
export function enterable(most: number): readonly string[] {
  const entered = HOSTILE_TEXTS.map((text) => text.replaceAll('\0', '').slice(0, most).toWellFormed().trim());
  return [...new Set(entered)].filter((text) => text !== '');
}

type Ask = HostileHub['ask'];

/** Asks for something to be made, and fails where it is not. */
async function make(
  ask: Ask,
  method: 'POST' | 'PUT' | 'PATCH',
  path: string,
  options: Asking = {},
): Promise<Record<string, string>> {
  const { status, text } = await ask(method, path, options);
  if (status >= 300) {
    throw new Error(`${method} ${path}: ${status} ${text} for ${JSON.stringify(options.body)?.slice(0, 300)}`);
  }
  return text === '' ? {} : JSON.parse(text);
}

async function fill(ask: Ask, store: Store): Promise<Filled> {
  const { site, cell } = await fillPlant(ask);
  const sensor = await fillSensors(ask, site);
  await fillPeople(ask, site);
  await fillUploads(store, site);
  const crowded = await crowdedOf(ask);
  await make(ask, 'PATCH', `/assets/${crowded.asset}`, {
    body: { stated: { comment: HOSTILE_TEXTS[0], owner: HOSTILE_TEXTS[6] }, place: cell, note: HOSTILE_TEXTS[7] },
  });
  await make(ask, 'POST', '/findings/decide', {
    body: { ids: [crowded.finding], state: 'accepted', note: HOSTILE_TEXTS[6] },
  });
  await importTable(ask, site);
  const { code } = await make(ask, 'POST', '/people', {
    body: { name: HOSTILE_TEXTS[6], email: 'bo@plant.example', roles: [{ role: 'administrator', site: null }] },
  });
  const beginner = await ask('POST', '/session/code', {
    body: { code, password: PASSWORD },
    // Its cookie is of somebody else.
    bearer: 'none',
  });
  return { site, sensor, ...crowded, beginner: beginner.text };
}

async function fillPlant(ask: Ask): Promise<{ readonly site: string; readonly cell: string }> {
  const name = '</script><img src=x onerror=alert(1)>\u202e';
  const { id: site = '' } = await make(ask, 'POST', '/plant/places', { body: { kind: 'site', name } });
  const rules: unknown[] = [];
  let cell = site;
  for (const text of enterable(200)) {
    const body = { kind: 'cell', parent: site, name: text, owner: text };
    cell = (await make(ask, 'POST', '/plant/places', { body }))['id'] ?? '';
    rules.push({ kind: 'name', pattern: text, place: cell });
  }
  await make(ask, 'PUT', `/plant/rules?site=${site}`, { body: rules.slice(0, 6) });
  return { site, cell };
}

/** One of them delivers all that traffic can say. */
async function fillSensors(ask: Ask, site: string): Promise<string> {
  let last: Record<string, string> = {};
  for (const text of enterable(100)) {
    last = await make(ask, 'POST', '/sensors', { body: { name: text, site, network: text } });
  }
  const { id = '', secret = '' } = last;
  const sightings = [...assets(0, MORNING), ...assets(1, MORNING + HOUR), ...others()];
  const records: unknown[] = sightings.map((payload) => ({ class: CLASSES[payload.kind], payload }));
  records.push({ class: 'health', payload: health(HOSTILE_TEXTS[6] ?? '', HOSTILE_TEXTS[150] ?? '') });
  for (let at = 0; at < records.length; at += RECORDS_AT_ONCE) {
    const lines = records
      .slice(at, at + RECORDS_AT_ONCE)
      .map((record, index) => ({ sequence: at + index + 1, time: MORNING, ...(record as object) }));
    const body = [{ epoch: 'a' }, ...lines].map((line) => JSON.stringify(line)).join('\n');
    await make(ask, 'POST', `/sensors/${id}/records`, {
      body,
      bearer: secret,
      headers: { 'content-type': 'application/x-ndjson' },
    });
  }
  return id;
}

const CLASSES = { asset: 'identity', conversation: 'flow', finding: 'finding' } as const;

function textAt(index: number): string {
  return HOSTILE_TEXTS[index % HOSTILE_TEXTS.length] ?? '';
}

function macAt(index: number): string {
  return `02:00:00:00:${hex(index >> 8)}:${hex(index & 255)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** An asset for each text, which has another in each of its fields; the next round changes all of them. */
function assets(round: number, seen: number): readonly Sighting[] {
  return HOSTILE_TEXTS.map((text, at) =>
    asset({
      interfaces: [
        { mac: macAt(at), addresses: [`10.1.${at >> 8}.${at & 255}`, textAt(at + 3)], vendor: textAt(at + 5) },
        { mac: textAt(at + 7), addresses: [] },
      ],
      roleReason: textAt(at + 11),
      evidence: IDENTITY_ATTRIBUTES.map((attribute, field) => {
        // What is nearly sure of a serial number joins nothing.
        const said = told(attribute, textAt(at + field * 13 + round), seen, attribute === 'serial' ? 0.8 : 0.95);
        return { ...said, protocol: textAt(at + field), reason: text };
      }),
      modules: [{ slot: 1, product: text, firmware: textAt(at + 17), name: textAt(at + 19) }],
      services: [
        { protocol: text, transport: 'tcp', port: 502 },
        { protocol: 'http', transport: textAt(at + 23), port: 80 },
      ],
      firstSeen: seen,
      lastSeen: seen,
    }),
  );
}

function others(): readonly Sighting[] {
  const short = HOSTILE_TEXTS.map((text) => text.slice(0, MOST_AMONG_MANY));
  const crowd = asset({
    interfaces: [{ mac: MACS[0], addresses: ['10.0.0.1'] }],
    role: 'hmi',
    evidence: IDENTITY_ATTRIBUTES.flatMap((attribute, field) =>
      Array.from({ length: 16 }, (_, at) => told(attribute, textAt(field * 16 + at), MORNING, at === 0 ? 0.95 : 0.6)),
    ),
    modules: Array.from({ length: Math.ceil(short.length / PER_MODULE) }, (_, slot) => ({
      slot,
      ...Object.fromEntries(MODULE_TEXTS.map((name, at) => [name, short[slot * PER_MODULE + at] ?? 'x'])),
    })),
    services: short.map((protocol, port) => ({ protocol, transport: 'tcp', port })),
  });
  const half = Math.ceil(short.length / 2);
  return [
    crowd,
    conversation({
      operations: short.slice(0, half).map((name, at) => ({
        ...{ name, protocol: short[half + at] ?? 'x', effect: 'read', by: 'client', count: 1, errors: 0 },
      })),
    }),
    finding({
      assets: HOSTILE_TEXTS.map((_, at) => ({ mac: macAt(at) })),
      title: 'crowded',
      // The only one of its severity, so that it is found among more than a page of others.
      severity: 'critical',
      explanation: short.map((text) => text.slice(0, 60)).join('\n'),
      filter: textAt(6),
    }),
    ...HOSTILE_TEXTS.flatMap((text, at): readonly Sighting[] => [
      conversation({
        ...{ client: { mac: macAt(at) }, server: { mac: macAt((at + 1) % HOSTILE_TEXTS.length) } },
        ...{ clientAddress: textAt(at + 1), target: textAt(at + 2), transport: textAt(at + 3), protocol: text },
        operations: [{ protocol: text, name: textAt(at + 4), effect: 'program', by: 'client', count: 1, errors: 0 }],
      }),
      finding({
        ...{ code: textAt(at + 1), title: text, explanation: textAt(at + 2), filter: textAt(at + 3) },
        assets: [{ mac: macAt(at) }],
      }),
    ]),
  ];
}

function health(version: string, name: string): unknown {
  const counts = { memory: 1, packets: 1, decoded: 1, filtered: 0, dropped: 0, spoolBytes: 0, spoolRecords: 0 };
  return { ...counts, version, interface: name, cpu: 0, limits: { flows: 1, constructor: 2 }, restarts: 0 };
}

/** A person may keep 200 filters and 20 tokens. */
async function fillPeople(ask: Ask, site: string): Promise<void> {
  for (const [at, name] of enterable(200).entries()) {
    const roles = [{ role: 'ot', site }];
    await make(ask, 'POST', '/people', { body: { name, email: `p${at}@plant.example`, roles } });
  }
  for (const name of enterable(100).slice(0, 200)) {
    await make(ask, 'POST', '/filters', { body: { name, view: 'inventory', query: { q: name } } });
  }
  for (const name of enterable(200).slice(0, 20)) {
    await make(ask, 'POST', '/me/tokens', { body: { name, permissions: ['inventory:read'], days: 1 } });
  }
}

/** What was handed in long ago: none of them is looked at again. */
async function fillUploads(store: Store, site: string): Promise<void> {
  await store.write(async (db) => {
    const uploads = createUploadStore(db);
    for (const [at, name] of enterable(255).entries()) {
      const id = newId();
      await uploads.add({
        ...{ id, site, name, network: 'captures', actor: { id: 'a', name }, at: MORNING + at, size: 1, sha256: 'x' },
        ...{ state: 'refused', recorded: 0, counts: undefined, error: undefined, endedAt: undefined },
      });
      await uploads.change(id, { error: { code: 'upload.refused', message: name } });
    }
  });
}

const TITLES = ['owner', 'location', 'comment', 'function', 'software'] as const;

async function importTable(ask: Ask, site: string): Promise<void> {
  const rows = HOSTILE_TEXTS.map((_, at) =>
    [`192.0.${at >> 8}.${at & 255}`, ...TITLES.map((_title, field) => statable(textAt(at + field)))]
      .map((cell) => `"${cell.replaceAll('"', '""')}"`)
      .join(','),
  );
  const table = [['address', ...TITLES].join(','), ...rows].join('\r\n');
  const name = encodeURIComponent('</script><img src=x onerror=alert(1)>.csv');
  const mapping = Object.fromEntries([['address', 'address'], ...TITLES.map((title) => [title, title])]);
  const { status, text } = await ask(
    'POST',
    `/imports?kind=csv&site=${site}&name=${name}&mapping=${encodeURIComponent(JSON.stringify(mapping))}`,
    { body: table, headers: { 'content-type': 'text/csv' } },
  );
  const imported = JSON.parse(text);
  if (status !== 200 || imported.created === 0) {
    throw new Error(`not imported: ${text.slice(0, 1000)}`);
  }
}

/** Where nothing but NUL is said, nothing can be imported. */
function statable(text: string): string {
  return text === '\0' ? 'x' : text.slice(0, MOST_AMONG_MANY);
}

async function crowdedOf(ask: Ask): Promise<Pick<Filled, 'asset' | 'conversation' | 'finding'>> {
  const idAt = async (path: string, isIt: (item: Record<string, unknown>) => boolean): Promise<string> => {
    const { items } = JSON.parse((await ask('GET', path)).text);
    const found = items.find(isIt);
    if (found === undefined) {
      throw new Error(`not in ${path}`);
    }
    return found.id;
  };
  return {
    asset: await idAt('/assets?q=10.0.0.1', ({ addresses }) => (addresses as string[]).includes('10.0.0.1')),
    conversation: await idAt('/conversations?limit=200&q=10.0.0.1', ({ target }) => target === '10.0.0.1'),
    finding: await idAt('/findings?severity=critical', ({ title }) => title === 'crowded'),
  };
}
