import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process, { argv, cpuUsage } from 'node:process';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { createSecrets, readKey } from '../src/access/crypto-adapter.ts';
import { createAccessStores } from '../src/access/store.ts';
import { TOKEN_PREFIX } from '../src/access/tokens/token.ts';
import { assembleHub } from '../src/main.ts';
import { openStore } from '../src/platform/store/open-store.ts';
import type { Store } from '../src/platform/store/store.ts';
import { fill, filledFile } from './hub-fill.ts';

/**
 * How long people wait for what they look at, when 50 of them ask at once without a pause; beside it a plain indexed query of 100 rows,
 * answered by the same server. The hub is a process of its own. `node bench/hub-reads.ts [assets] [conversations] [seconds] [postgres://…]`;
 * a server's database that is empty is filled.
 */
const ASSETS = Number(argv[2] ?? 100_000);
const CONVERSATIONS = Number(argv[3] ?? 1_000_000);
const SECONDS = Number(argv[4] ?? 5);
const SERVER = argv[5];
const USERS = 50;

interface Ready {
  readonly port: number;
  readonly token: string;
  readonly ids: readonly string[];
}

await (process.send === undefined ? drive() : serve());

// ── The hub ─────────────────────────────────────────────────────────────────────────────────────────────────────────

async function serve(): Promise<void> {
  const database = SERVER ?? databaseFile();
  const data = mkdtempSync(join(tmpdir(), 'keyway-reads-'));
  const settings = { data, database, host: '127.0.0.1', port: 0, version: 'bench', perMinute: 100_000_000 };
  const { server, stop } = await assembleHub(settings, pino({ level: 'warn' }));
  const store = await openStore(database, { steps: 'as-is' });
  const token = await newToken(store, data);
  const ids = await store.read.selectFrom('asset').select('id').orderBy('address_key').limit(5000).execute();
  server.get('/peer', async () => ({
    items: await store.read
      .selectFrom('asset')
      .select(['id', 'site', 'name', 'role', 'vendor', 'product', 'firmware', 'addresses', 'macs', 'state'])
      .orderBy('name_key')
      .orderBy('id')
      .limit(100)
      .execute(),
  }));
  let begun = cpuUsage();
  server.get('/taken', async () => {
    const { user, system } = cpuUsage(begun);
    begun = cpuUsage();
    return { seconds: (user + system) / 1_000_000 };
  });
  const url = await server.listen({ host: settings.host, port: 0 });
  const ready: Ready = { port: Number(new URL(url).port), token, ids: ids.map(({ id }) => id) };
  process.send?.(ready);
  await once(process, 'disconnect');
  await store.close();
  await stop();
  rmSync(data, { recursive: true });
}

async function newToken(store: Store, data: string): Promise<string> {
  const token = TOKEN_PREFIX + randomUUID();
  const [now, id] = [Date.now() * 1000, randomUUID()];
  await store.write(async (db) => {
    const { accounts, tokens } = createAccessStores(db);
    await accounts.create({ id, name: 'Bench', email: `${id}@plant.example`, createdAt: now });
    await accounts.setGrants(id, 'person', [{ role: 'ot', site: undefined, givenBy: 'person' }]);
    await tokens.put({
      ...{ id: randomUUID(), hash: createSecrets(readKey(data)).hash(token), account: id, name: 'bench' },
      ...{ permissions: ['inventory:read', 'findings:read'], sites: undefined, usedAt: undefined },
      ...{ createdAt: now, expiresAt: now + 3_600_000_000 },
    });
  });
  return token;
}

// ── The people ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function drive(): Promise<void> {
  if (SERVER === undefined) {
    await filledFile(databaseFile(), { assets: ASSETS, conversations: CONVERSATIONS });
  } else {
    await fillServer(SERVER);
  }
  const hub = fork(fileURLToPath(import.meta.url), argv.slice(2), { execArgv: [] });
  const [{ port, token, ids }] = (await once(hub, 'message')) as [Ready];
  const agent = new Agent({ keepAlive: true, maxSockets: USERS });
  const ask = (path: string) => answered(agent, port, token, path);
  const id = (at: number) => ids[at % ids.length] ?? '';
  const subjects: readonly (readonly [string, (at: number) => string])[] = [
    ['peer: 100 rows by an index', () => '/peer'],
    ['list by name', (at) => `/api/assets?sort=name&offset=${(at % 10) * 100}`],
    ['list by last seen', () => '/api/assets?sort=lastSeen&order=desc'],
    ['list by address, far on', (at) => `/api/assets?sort=address&offset=${ASSETS / 2 + at}`],
    ['list by place', () => '/api/assets?sort=place'],
    ['list of a role and vendor', () => '/api/assets?role=plc&vendor=Siemens&sort=firmware'],
    ['list of a protocol', () => '/api/assets?protocol=cip&sort=vendor'],
    ['list of a site and level', () => '/api/assets?site=ulm&level=1&sort=product'],
    ['search, one found', (at) => `/api/assets?q=plc-${(at * 6) % ASSETS}`],
    ['search, few found', (at) => `/api/assets?q=hmi-${at % 100}`],
    ['search, many found', () => '/api/assets?q=siemens%20cpu'],
    ['search, nothing found', () => '/api/assets?q=nothing'],
    ['asset page', (at) => `/api/assets/${id(at)}`],
    ['events of an asset', (at) => `/api/assets/${id(at)}/events`],
    ['conversations of an asset', (at) => `/api/conversations?asset=${id(at)}`],
    ['conversations, the newest', () => '/api/conversations'],
    ['conversations of a protocol', () => '/api/conversations?protocol=modbus&sort=bytes'],
    ['conversations that write', () => '/api/conversations?effect=write'],
    ['conversations, searched', (at) => `/api/conversations?q=hmi-${at % 100}`],
    ['facets', () => '/api/facets'],
    ['today', () => '/api/today'],
    ['events', () => '/api/events?state=open'],
    ['map', () => '/api/map'],
  ];
  try {
    console.log('                                      p50 ms    p95 ms   max ms  CPU ms each  times the peer');
    let peer = 0;
    for (const [name, path] of subjects) {
      const first = await ask(path(0));
      await ask('/taken');
      const times = await load((at) => ask(path(at)));
      const { seconds } = JSON.parse(await (await ask('/taken')).text) as { seconds: number };
      const each = (seconds / times.length) * 1000;
      peer = peer === 0 ? each : peer;
      const columns = [quantile(times, 0.5), quantile(times, 0.95), quantile(times, 1)].map((time) =>
        time.toFixed(0).padStart(9),
      );
      console.log(
        name.padEnd(32),
        ...columns,
        each.toFixed(2).padStart(12),
        (each / peer).toFixed(1).padStart(10),
        `   first ${first.ms.toFixed(0)} ms`,
      );
    }
  } finally {
    agent.destroy();
    hub.disconnect();
  }
}

function databaseFile(): string {
  return fileURLToPath(new URL(`../.cache/hub-${ASSETS}-${CONVERSATIONS}.db`, import.meta.url));
}

async function fillServer(location: string): Promise<void> {
  const store = await openStore(location);
  if ((await store.read.selectFrom('asset').select('id').limit(1).execute()).length === 0) {
    await fill(store, { assets: ASSETS, conversations: CONVERSATIONS });
  }
  await store.close();
}

async function load(ask: (at: number) => Promise<Answer>): Promise<readonly number[]> {
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  let at = 0;
  const user = async () => {
    while (performance.now() < until) {
      times.push((await ask(++at)).ms);
    }
  };
  await Promise.all(Array.from({ length: USERS }, user));
  return times.toSorted((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

interface Answer {
  readonly ms: number;
  readonly text: string;
}

function answered(agent: Agent, port: number, token: string, path: string): Promise<Answer> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    get({ agent, host: '127.0.0.1', port, path, headers: { authorization: `Bearer ${token}` } }, (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk: string) => {
        text += chunk;
      });
      reply.on('end', () =>
        reply.statusCode === 200
          ? resolve({ ms: performance.now() - begin, text })
          : reject(new Error(`${path}: ${reply.statusCode} ${text}`)),
      );
    }).on('error', reject);
  });
}
