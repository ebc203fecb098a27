import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { totp } from '../access/totp-adapter.ts';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { ExitStatus, Input, Terminal } from '../platform/cli/command.ts';
import { readSettings, tellSettings } from '../platform/config/read-settings.ts';
import { createLog } from '../platform/log/log.ts';
import { openPage } from '../platform/open-page.ts';
import { captureOf, DEMO_WEEK, type DemoDay, demoLines } from './demo-plant.ts';
import type { DemoAccount, Hub, HubCommandParts } from './hub.ts';
import { buildPages } from './pages.ts';
import { hubSettings } from './serve.ts';
import { DEMO_SETTINGS, HUB_SETTINGS } from './settings.ts';

const SITE = 'Lyon';
/** Milliseconds between two looks at how far a capture is. */
const LOOK = 100;

/** Sign-ins as administrator without an app. */
const PRINTED_CODES = 3;

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

const TOUR = [
  'Today          what is new since last week: a station, other firmware, an intruder; accept or refuse it',
  'Inventory      every device with maker, product and firmware, and how complete that is',
  'Map            who talks to whom by Purdue level; filter by effect "program"',
  'Findings       what the visitor did, and what would make it harmless',
];

/** `keyway demo`: a hub of its own with a week of a simulated plant. Everything goes when it ends, unless a folder was named. */
export async function demonstrate(
  parts: HubCommandParts,
  { options }: Input,
  terminal: Terminal,
): Promise<Result<ExitStatus, Failure>> {
  const started = performance.now();
  const sources = { options, environment: {} };
  const values = readSettings({ ...HUB_SETTINGS, ...DEMO_SETTINGS }, sources);
  if (!values.ok) {
    return values;
  }
  const isKept = options['data'] !== undefined;
  if (isKept && existsSync(join(values.value.data, 'keyway.db'))) {
    return fail('conflict', 'demo.data', `${values.value.data} has a database: the demo makes one of its own`);
  }
  const data = isKept ? values.value.data : mkdtempSync(join(tmpdir(), 'keyway-demo-'));
  try {
    buildPages(parts);
    const checked = hubSettings({ ...values.value, data }, parts);
    if (!checked.ok) {
      return checked;
    }
    const account: DemoAccount = { name: 'Demo', email: 'demo@plant.example', password: newPassword() };
    const secondFactor = { secret: totp.newSecret(), codes: Array.from({ length: PRINTED_CODES }, newPassword) };
    const administrator = {
      name: 'Administrator',
      email: 'admin@plant.example',
      password: newPassword(),
      secondFactor,
    };
    const told = tellSettings(HUB_SETTINGS, sources);
    const settings = { ...checked.value, reserve: 0, told, demo: [account, administrator] };
    const hub = await parts.startHub(settings, createLog(values.value.logLevel));
    try {
      await fill(hub, account, terminal);
      const seconds = Math.round((performance.now() - started) / 1000);
      const { url } = hub;
      await terminal.print(
        options['json'] === true
          ? `${JSON.stringify({ url, email: account.email, password: account.password, seconds, administrator })}\n`
          : greeting(url, { account, administrator }, seconds),
      );
      if (options['open'] !== false && terminal.isInteractive) {
        openPage(url, parts.environment);
      }
      await new Promise<void>((resolve) => terminal.onStop(resolve));
    } finally {
      await hub.stop();
    }
    return ok(0);
  } catch (error) {
    return fail('unavailable', 'demo.failed', error instanceof Error ? error.message : String(error));
  } finally {
    if (!isKept) {
      rmSync(data, { recursive: true, force: true });
    }
  }
}

/** As anybody would fill a hub: through its API. */
async function fill(hub: Hub, { email, password }: DemoAccount, terminal: Terminal): Promise<void> {
  const api = new Api(hub.url);
  await api.signIn(email, password);
  const site = await enterPlant(api);
  const now = Date.now() * 1000;
  for (const [index, day] of DEMO_WEEK.entries()) {
    if (!(await terminal.breathe())) {
      return;
    }
    terminal.note(`keyway: ${day.name}: ${day.tells}`);
    await handIn(api, { site, day, now }, (share) =>
      terminal.progress({ label: 'the week', share: (index + share) / DEMO_WEEK.length }),
    );
    if (day.accepted) {
      await acceptAll(api);
    }
  }
}

async function enterPlant(api: Api): Promise<string> {
  const add = (kind: string, name: string, parent: string | null, details: object = {}) =>
    api.send<{ id: string; site: string }>('POST', '/plant/places', { kind, name, parent, ...details });
  const { id: site } = await add('site', SITE, null, { priority: 2, owner: 'Plant manager' });
  const hall = await add('area', 'Hall 1', site);
  const rules: object[] = [];
  for (const [index, { name, cells }] of demoLines().entries()) {
    const line = await add('line', name, hall.id, { priority: index + 1, lossPerHour: 12_000 - 4_000 * index });
    for (const { name: cell, subnet } of cells) {
      const { id } = await add('cell', cell, line.id);
      rules.push({ kind: 'subnet', pattern: subnet, place: id });
    }
  }
  await api.send('PUT', `/plant/rules?site=${site}`, rules);
  return site;
}

async function handIn(
  api: Api,
  { site, day, now }: { readonly site: string; readonly day: DemoDay; readonly now: number },
  progress: (share: number) => void,
): Promise<void> {
  const query = new URLSearchParams({ site, name: day.name });
  const { id } = await api.stream<{ id: string }>(`/uploads?${query}`, Readable.from(captureOf(day, now)));
  for (;;) {
    const {
      state,
      progress: share,
      error,
    } = await api.send<{
      state: string;
      progress: number;
      error: { message: string } | null;
    }>('GET', `/uploads/${id}`);
    if (state === 'done') {
      return;
    }
    if (error !== null) {
      throw new Error(`${day.name}: ${error.message}`);
    }
    progress(share);
    await sleep(LOOK);
  }
}

async function acceptAll(api: Api): Promise<void> {
  for (;;) {
    const { items } = await api.send<{ items: readonly { id: string }[] }>('GET', '/events?state=open&limit=200');
    if (items.length === 0) {
      return;
    }
    const ids = items.map(({ id }) => id);
    await api.send('POST', '/events/decide', { ids, decision: 'accept', note: 'What was there on the first day' });
  }
}

/** The API as a browser on this machine speaks it. */
class Api {
  readonly #url: string;
  #cookie = '';

  constructor(url: string) {
    this.#url = url;
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.send('POST', '/session', { email, password });
  }

  send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return this.#ask(method, path, 'application/json', (asked) => asked.end(text));
  }

  stream<T>(path: string, body: Readable): Promise<T> {
    return this.#ask('POST', path, 'application/octet-stream', (asked) => {
      body.on('error', (error) => asked.destroy(error)).pipe(asked);
    });
  }

  #ask<T>(method: string, path: string, type: string, write: (asked: ReturnType<typeof request>) => void): Promise<T> {
    const headers = {
      ...(method === 'GET' ? {} : { 'content-type': type }),
      ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
      'sec-fetch-site': 'same-origin',
    };
    return new Promise((resolve, reject) => {
      const asked = request(`${this.#url}/api${path}`, { method, headers }, (reply) => {
        this.#keep(reply.headers['set-cookie'] ?? []);
        let text = '';
        reply.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        reply.on('end', () => {
          if ((reply.statusCode ?? 500) < 300) {
            resolve((text === '' ? undefined : JSON.parse(text)) as T);
          } else {
            reject(new Error(`${method} ${path}: ${text.slice(0, 300)}`));
          }
        });
      });
      asked.on('error', reject);
      write(asked);
    });
  }

  #keep(cookies: readonly string[]): void {
    const kept = cookies.map((cookie) => cookie.split(';', 1)[0] ?? '').filter((cookie) => !cookie.endsWith('='));
    if (kept.length > 0) {
      this.#cookie = kept.join('; ');
    }
  }
}

/** Four groups of four letters and digits, none of which is mistaken for another: 78 bits. */
function newPassword(): string {
  const group = () => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return Array.from({ length: 4 }, group).join('-');
}

interface DemoPeople {
  readonly account: DemoAccount;
  readonly administrator: Required<DemoAccount>;
}

function greeting(url: string, { account, administrator }: DemoPeople, seconds: number): string {
  const { email, password, secondFactor } = administrator;
  return [
    `The demo plant is ready after ${seconds} s: ${url}`,
    '',
    `  sign in as   ${account.email}`,
    `  password     ${account.password}`,
    '',
    'An administrator sees people and settings, no process data, and needs a second factor:',
    `  sign in as   ${email}`,
    `  password     ${password}`,
    `  codes        ${secondFactor.codes.join('  ')}  (each good once)`,
    `  or an app    ${totp.uri(secondFactor.secret, email)}`,
    '',
    'Look at:',
    ...TOUR.map((line) => `  ${line}`),
    '',
    'Ctrl-C ends the demo.',
    '',
  ].join('\n');
}
