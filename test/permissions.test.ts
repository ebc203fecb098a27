import { createHash, randomUUID } from 'node:crypto';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createSecrets } from '../src/access/crypto-adapter.ts';
import { PERMISSIONS, type Permission, ROLE_PERMISSIONS, ROLES, type Role } from '../src/access/permission.ts';
import { createAccessStores } from '../src/access/store.ts';
import { TOKEN_PERMISSIONS, TOKEN_PREFIX } from '../src/access/tokens/token.ts';
import { ok } from '../src/kit/result.ts';
import { NOBODY } from '../src/platform/http/principal.ts';
import { defineRoute, type Route } from '../src/platform/http/route.ts';
import { createServer } from '../src/platform/http/server.ts';
import { newHub, type TestHub } from './hub.ts';

/** Who asks, and what the rules say they hold. */
interface Caller {
  readonly name: string;
  readonly kind: 'person' | 'token' | 'sensor' | 'nobody';
  readonly role?: Role;
  /** Where the role is held; absent: everywhere. */
  readonly at?: 'north';
  /** Has given a second factor. */
  readonly isProved: boolean;
  readonly permissions: readonly Permission[];
}

const CALLERS: readonly Caller[] = [
  { name: 'nobody', kind: 'nobody', isProved: false, permissions: [] },
  { name: 'a sensor', kind: 'sensor', isProved: false, permissions: ['records:deliver'] },
  {
    name: 'a token of somebody with role ot',
    kind: 'token',
    role: 'ot',
    isProved: false,
    permissions: ROLE_PERMISSIONS.ot.filter((permission) => TOKEN_PERMISSIONS.includes(permission)),
  },
  {
    name: 'a token of an administrator',
    kind: 'token',
    role: 'administrator',
    isProved: false,
    permissions: ROLE_PERMISSIONS.administrator.filter((permission) => TOKEN_PERMISSIONS.includes(permission)),
  },
  {
    name: 'an administrator without second factor',
    kind: 'person',
    role: 'administrator',
    isProved: false,
    permissions: [],
  },
  ...ROLES.flatMap((role): Caller[] => [
    { name: `${role} everywhere`, kind: 'person', role, isProved: true, permissions: ROLE_PERMISSIONS[role] },
    {
      name: `${role} at one site`,
      kind: 'person',
      role,
      at: 'north',
      isProved: true,
      permissions: ROLE_PERMISSIONS[role],
    },
  ]),
];

type Decision = 'allowed' | 'sign in first' | 'forbidden';

describe('every route, for every caller,', () => {
  // The list of routes is that of the hub itself: a route that is added is tested.
  it.each(CALLERS)('is decided by its permission alone: $name', async (caller) => {
    const hub = await newHub();
    const sites = await fill(hub);
    const wrong: string[] = [];
    let as = await credentialsOf(hub, caller, sites);
    for (const route of hub.routes) {
      const { status, code } = await call(hub, route, { as, ids: {} });
      as = maySignOut(route) ? await credentialsOf(hub, caller, sites) : as;
      const decision: Decision =
        code === 'access.sign-in' ? 'sign in first' : code === 'access.forbidden' ? 'forbidden' : 'allowed';
      if (decision !== expected(route, caller) || status >= 500) {
        wrong.push(`${route.id}: ${decision} (${status} ${code}), should be ${expected(route, caller)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each(ROLES)('shows and changes nothing of another site: %s at one site', async (role) => {
    const caller = CALLERS.find((one) => one.role === role && one.at === 'north' && one.isProved) as Caller;
    const hub = await newHub();
    const sites = await fill(hub);
    const wrong: string[] = [];
    let as = await credentialsOf(hub, caller, sites);
    for (const route of hub.routes) {
      const idsToTry = route.path.includes(':') ? sites.southernIds : ['none'];
      for (const id of idsToTry) {
        const isOpen = route.permission === 'public' || route.permission === 'signed-in';
        const { status, text } = await call(hub, route, { as, ids: { id }, site: sites.south });
        as = maySignOut(route) ? await credentialsOf(hub, caller, sites) : as;
        const changed = route.method !== 'GET' && status < 300 && !isOpen;
        if (text.includes('southern') || (changed && route.path.includes(':')) || status >= 500) {
          wrong.push(`${route.id} ${id}: ${status} ${text.slice(0, 200)}`);
        }
        if (route.method === 'GET' && route.path.includes(':') && status < 300) {
          wrong.push(`${route.id} ${id}: found`);
        }
      }
    }
    expect(sites.southernIds.length).toBeGreaterThan(3);
    expect(wrong).toEqual([]);
    expect(await southernState(hub, sites)).toBe(sites.before);
  });

  it('has no permission that nobody can hold', () => {
    const held = new Set<string>(['records:deliver', ...Object.values(ROLE_PERMISSIONS).flat()]);

    expect(PERMISSIONS.filter((permission) => !held.has(permission))).toEqual([]);
    expect(Object.values(ROLE_PERMISSIONS).flat()).not.toContain('records:deliver');
  });
});

describe('a server', () => {
  const route = (id: string, permission: string, path = '/a') =>
    defineRoute({ id, method: 'GET', path, summary: '', permission, reply: z.string(), handle: async () => ok('') });
  it.each([
    { name: 'a permission that no role can hold', routes: [route('a', 'inventory:raed')], says: 'inventory:raed' },
    { name: 'two routes of one name', routes: [route('a', 'public'), route('a', 'public', '/b')], says: 'two routes' },
  ])('does not start with $name', async ({ routes, says }) => {
    const parts = { permissions: new Set<string>(PERMISSIONS), authenticate: async () => NOBODY };

    await expect(createServer({ ...parts, routes, log: pino({ level: 'silent' }) })).rejects.toThrow(says);
  });
});

function expected({ permission }: Route, caller: Caller): Decision {
  if (permission === 'public') {
    return 'allowed';
  }
  if (caller.kind === 'nobody') {
    return 'sign in first';
  }
  if (permission === 'signed-in') {
    return caller.kind === 'person' ? 'allowed' : 'forbidden';
  }
  return (caller.permissions as readonly string[]).includes(permission) ? 'allowed' : 'forbidden';
}

/** Some routes end what they were called with: whoever called them comes anew. */
function maySignOut({ id, method }: Route): boolean {
  return id.startsWith('access.') && method !== 'GET';
}

interface Credentials {
  readonly cookie?: string;
  readonly bearer?: string;
}

interface Asking {
  readonly as: Credentials;
  readonly ids: Readonly<Record<string, string>>;
  readonly site?: string;
}

let addresses = 0;

/** Asks with an empty body: what the rules of the body say comes after the decision. */
async function call(hub: TestHub, { method, path, body, query }: Route, { as, ids, site }: Asking) {
  const at = `/api${path.replaceAll(/:(\w+)/gu, (_, name: string) => encodeURIComponent(ids[name] ?? 'none'))}`;
  const takesSite = site !== undefined && query instanceof z.ZodObject && 'site' in query.shape;
  const type = body === 'stream' ? 'application/octet-stream' : 'application/json';
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const reply = await hub.server.inject({
    method,
    url: takesSite ? `${at}?site=${encodeURIComponent(site)}` : at,
    // A caller's many requests here are not the flood that the limits are for.
    remoteAddress: `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses++ & 255}`,
    headers: {
      'sec-fetch-site': 'same-origin',
      ...(as.cookie === undefined ? {} : { cookie: as.cookie }),
      ...(as.bearer === undefined ? {} : { authorization: `Bearer ${as.bearer}` }),
      ...(hasBody ? { 'content-type': type } : {}),
    },
    ...(hasBody ? { payload: body === 'stream' ? '' : '{}' } : {}),
    payloadAsStream: true,
  });
  const isEndless = reply.headers['content-type']?.toString().startsWith('text/event-stream') === true;
  const text = isEndless ? '' : await textOf(reply.stream());
  if (isEndless) {
    reply.stream().destroy();
  }
  return { status: reply.statusCode, text, code: codeOf(text) };
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
  }
  return text;
}

function codeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { code?: string } } | null)?.error?.code;
  } catch {
    return undefined;
  }
}

const { hash } = createSecrets(new Uint8Array(32));

async function credentialsOf(hub: TestHub, caller: Caller, sites: Sites): Promise<Credentials> {
  if (caller.kind === 'nobody') {
    return {};
  }
  if (caller.kind === 'sensor') {
    return { bearer: sites.sensorSecret };
  }
  const secret = randomUUID();
  await hub.store.write(async (db) => {
    const { accounts, sessions, tokens } = createAccessStores(db);
    const id = randomUUID();
    const now = hub.now();
    await accounts.create({ id, name: caller.name, email: `${id}@plant.example`, createdAt: now });
    const site = caller.at === undefined ? undefined : sites.north;
    await accounts.setGrants(
      id,
      'person',
      caller.role === undefined ? [] : [{ role: caller.role, site, givenBy: 'person' }],
    );
    if (caller.kind === 'token') {
      await tokens.put({
        id: randomUUID(),
        hash: hash(TOKEN_PREFIX + secret),
        account: id,
        name: 'script',
        permissions: PERMISSIONS.filter((permission) => TOKEN_PERMISSIONS.includes(permission)),
        sites: undefined,
        createdAt: now,
        expiresAt: now + 1_000_000_000,
        usedAt: undefined,
      });
      return;
    }
    await sessions.start({
      hash: hash(secret),
      id: randomUUID(),
      account: id,
      startedAt: now,
      usedAt: now,
      endedAt: undefined,
      provedAt: caller.isProved ? now : undefined,
      address: '10.0.0.1',
      client: 'test',
    });
  });
  return caller.kind === 'token' ? { bearer: TOKEN_PREFIX + secret } : { cookie: `__Host-keyway=${secret}` };
}

interface Sites {
  readonly north: string;
  readonly south: string;
  readonly sensorSecret: string;
  readonly southernIds: readonly string[];
  /** What the southern site held before anybody asked. */
  readonly before: string;
}

/** Two sites alike; whatever belongs to the south is called southern. */
async function fill(hub: TestHub): Promise<Sites> {
  const { cookie } = await hub.enrol(await hub.setUp(['ot', 'analyst', 'auditor']));
  const made = async (path: string, body: unknown) => {
    const reply = await hub.request('POST', path, { cookie, body });
    expect(reply.status, `${path}: ${JSON.stringify(reply.body)}`).toBeLessThan(300);
    return reply.body;
  };
  const ids: string[] = [];
  const sites: Record<string, string> = {};
  let sensorSecret = '';
  for (const name of ['northern', 'southern']) {
    const site = (await made('/plant/places', { kind: 'site', name: `${name} site`, parent: null })).id as string;
    const area = await made('/plant/places', { kind: 'area', name: `${name} area`, parent: site });
    const sensor = await made('/sensors', { name: `${name} sensor`, site });
    const person = await made('/people', {
      name: `${name} person`,
      email: `${name}@plant.example`,
      roles: [{ role: 'ot', site }],
    });
    sites[name] = site;
    if (name === 'northern') {
      sensorSecret = sensor.secret;
    } else {
      ids.push(site, area.id, sensor.id, person.id);
    }
  }
  const { northern: north = '', southern: south = '' } = sites;
  const filled = { north, south, sensorSecret, southernIds: ids };
  return { ...filled, before: await southernState(hub, filled) };
}

async function southernState(hub: TestHub, { south }: Pick<Sites, 'south'>): Promise<string> {
  const { read } = hub.store;
  const rows = await Promise.all([
    read.selectFrom('place').selectAll().where('site', '=', south).orderBy('id').execute(),
    read.selectFrom('sensor').selectAll().where('site', '=', south).orderBy('id').execute(),
    read.selectFrom('account').selectAll().where('name', '=', 'southern person').execute(),
    read
      .selectFrom('account_role')
      .selectAll()
      .where('site', '=', south)
      .where('account', 'in', (of) => of.selectFrom('account').select('id').where('name', '=', 'southern person'))
      .execute(),
  ]);
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}
