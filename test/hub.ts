import { dirname } from 'node:path';
import type { InjectOptions } from 'fastify';
import { Secret, TOTP } from 'otpauth';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import type { HubSettings } from '../src/hub/hub.ts';
import type { Micros } from '../src/kit/time.ts';
import { type AssembledHub, assembleHub } from '../src/main.ts';
import { openStore } from '../src/platform/store/open-store.ts';
import type { Store } from '../src/platform/store/store.ts';
import { newLocation } from './databases.ts';

export const PASSWORD = 'seven wet otters sing';

/** A whole hub over an empty database that ends with the test; requests are injected, and its clock stands until it is moved. */
export interface TestHub extends AssembledHub {
  /** As this caller; nobody where none is given. */
  request(method: Method, path: string, options?: RequestOptions): Promise<Reply>;
  /** Makes the first account, an administrator with these roles too, and gives its cookie. */
  setUp(roles?: readonly string[]): Promise<string>;
  /** Invites somebody with these roles, `ot` everywhere or `ot@north`, who then sets a password. */
  join(administrator: string, name: string, roles: readonly string[]): Promise<Member>;
  /** Gives that person an app for codes, and what they are signed in with afterwards. */
  enrol(cookie: string): Promise<Enrolled>;
  /** What the app with this secret shows now. */
  codeOf(secret: string): string;
  /** Its database, by a connection of the test's own. */
  readonly store: Store;
  pass(time: Micros): void;
  now(): Micros;
}

export interface Member {
  readonly id: string;
  readonly email: string;
  readonly cookie: string;
}

export interface Enrolled {
  readonly cookie: string;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  /** What `cookieOf` gave. */
  readonly cookie?: string | undefined;
  readonly bearer?: string | undefined;
  readonly body?: unknown;
  readonly address?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it.
  readonly body: any;
  /** The cookies that the browser keeps from now on, as it sends them; undefined where none was set. */
  readonly cookie: string | undefined;
}

const START: Micros = Date.parse('2026-03-02T08:00:00Z') * 1000;

export async function newHub(
  dialect: 'SQLite' | 'PostgreSQL' = 'SQLite',
  more: Partial<HubSettings> = {},
): Promise<TestHub> {
  const file = await newLocation('SQLite');
  const database = dialect === 'SQLite' ? file : await newLocation(dialect);
  let now = START;
  let joined = 0;
  const settings = { data: dirname(file), database, host: '127.0.0.1', port: 0, version: '0.0.0-test', ...more };
  const hub = await assembleHub(settings, pino({ level: 'silent' }), () => now);
  const store = await openStore(database);
  onTestFinished(async () => {
    await store.close();
    await hub.stop();
  });

  const request = async (method: Method, path: string, options: RequestOptions = {}): Promise<Reply> => {
    const { cookie, bearer, body, address, headers } = options;
    const reply = await hub.server.inject({
      method,
      url: `/api${path}`,
      remoteAddress: address ?? '10.0.0.1',
      headers: {
        'sec-fetch-site': 'same-origin',
        ...(cookie === undefined ? {} : { cookie }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body as NonNullable<InjectOptions['payload']> }),
    });
    const kept = reply.cookies.filter(({ value }) => value !== '').map(({ name, value }) => `${name}=${value}`);
    return {
      status: reply.statusCode,
      headers: reply.headers,
      body: reply.headers['content-type']?.toString().startsWith('application/json') ? reply.json() : reply.body,
      cookie: kept.length === 0 ? undefined : kept.join('; '),
    };
  };

  const codeOf = (secret: string) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now / 1000 });

  return {
    ...hub,
    store,
    request,
    codeOf,
    async join(administrator, name, roles) {
      const email = `${name.toLowerCase()}@plant.example`;
      const body = { name, email, roles: roles.map(roleOf) };
      const { id, code } = (await request('POST', '/people', { cookie: administrator, body })).body;
      const set = { code, password: PASSWORD };
      const { cookie, body: said } = await request('POST', '/session/code', {
        body: set,
        address: `10.9.${joined++}.1`,
      });
      if (cookie === undefined) {
        throw new Error(`not joined: ${JSON.stringify(said)}`);
      }
      return { id, email, cookie };
    },
    async enrol(cookie) {
      const { secret } = (await request('POST', '/me/totp', { cookie })).body;
      const done = await request('PUT', '/me/totp', { cookie, body: { code: codeOf(secret) } });
      if (done.status !== 200 || done.cookie === undefined) {
        throw new Error(`not enrolled: ${JSON.stringify(done.body)}`);
      }
      return { cookie: done.cookie, secret, recoveryCodes: done.body.recoveryCodes };
    },
    now: () => now,
    pass(time) {
      now += time;
    },
    async setUp(roles = []) {
      const body = { code: hub.firstRunCode, name: 'Ada', email: 'ada@plant.example', password: PASSWORD, roles };
      const { status, cookie, body: said } = await request('POST', '/setup', { body });
      if (status !== 200 || cookie === undefined) {
        throw new Error(`not set up: ${JSON.stringify(said)}`);
      }
      return cookie;
    },
  };
}

/** `ot@north` */
export function roleOf(text: string): { readonly role: string; readonly site: string | null } {
  const [role = '', site] = text.split('@');
  return { role, site: site ?? null };
}
