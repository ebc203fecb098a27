import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inlineModules, inlineStyle } from '../../platform/web/inline.ts';
import type { AssetId } from '../asset.ts';
import type { AnalysisJson } from '../report.ts';
import type { ZoneId } from '../zones.ts';
import { analysisPage } from './page.ts';

const PARTS = {
  style: inlineStyle(new URL('style/main.css', import.meta.url)),
  script: inlineModules(new URL('browser/main.js', import.meta.url)),
};

const CHROMIUM = '/usr/bin/chromium';
const HAS_CHROMIUM = existsSync(CHROMIUM);
if (!HAS_CHROMIUM) {
  process.stderr.write(`page.test.ts: ${CHROMIUM} is not installed, so the report is not tested in a browser\n`);
}

/** Names that devices give themselves when somebody wants to harm the reader of a report. */
const HOSTILE = [
  '</script><img src=x onerror=alert(1)>',
  '=cmd|\u0027 /C calc\u0027!A0',
  '\x1b[2J\x07bell',
  '\u202egnp.exe\u2066\u200b\ufeff',
  `$${'{jndi:ldap://x/a}'}`,
  `very long ${'W'.repeat(250)}`,
  '<svg onload=alert(2)>&amp;\u2028\u2029',
  `z\u0301${'\u0301'.repeat(60)}`,
  '__proto__',
];

/** Characters that are not seen, or turn the direction of reading; lines and tabs are the browser's own. */
const UNSEEN = /[^\P{C}\n\t]|[\u2028\u2029]/u;

type Asset = AnalysisJson['assets'][number];
type Conversation = AnalysisJson['conversations'][number];
type Finding = AnalysisJson['findings'][number];

const START = '2026-03-02T06:00:00.000000Z';
const END = '2026-03-02T06:10:00.000000Z';
const ROLES = ['plc', 'hmi', 'io', 'switch', 'server', 'unknown', 'engineering'] as const;
const LEVELS = [1, 2, 1, null, 4, null, 2];
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** A plant of any size; `text` gives every text that a device could have chosen. */
function plant(size: number, text: (what: string, at: number) => string): AnalysisJson {
  const id = (at: number) => `a${(at % size) + 1}` as AssetId;
  const assets = Array.from({ length: size }, (_, at) => assetAt(at, id(at), (what) => text(what, at)));
  return {
    keyway: '0.0.0',
    captures: [
      {
        path: `captures/${text('file', 0)}`,
        packets: 1000,
        bytes: 123_456,
        firstSeen: START,
        lastSeen: END,
        lost: 3,
        damage: { offset: 99, reason: text('damage', 0) },
      },
    ],
    counters: { packets: 1000, decoded: 990, filtered: 4, dropped: 6, truncated: 1, malformed: 2, duplicates: 3 },
    filter: { since: START, until: null, only: ['10.1.2.0/24', 'vlan:20'], leftOut: 1 },
    partial: true,
    assets,
    conversations: Array.from({ length: size * 4 }, (_, at) =>
      conversationAt(at, { client: id(at), server: at % 9 === 0 ? null : id(at * 7 + 1) }, (what) => text(what, at)),
    ),
    zones: Array.from({ length: Math.ceil(size / 15) }, (_, at) => ({
      id: `z${at + 1}` as ZoneId,
      name: text(`Cell ${at + 1}`, at),
      assets: assets.slice(at * 15, at * 15 + 15).map((asset) => asset.id),
      reasons: [text('reason', at)],
    })),
    findings: Array.from({ length: Math.min(size, 60) }, (_, at) =>
      findingAt(at, [id(at), id(at * 7 + 1)], (what) => text(what, at)),
    ),
    limits: [{ limit: 'conversations', reached: 12, everyday: false }],
  };
}

type Texter = (what: string) => string;

function assetAt(at: number, id: AssetId, text: Texter): Asset {
  const kind = at % ROLES.length;
  return {
    id,
    name: at % 5 === 4 ? null : text(`device-${at + 1}`),
    role: ROLES[kind] ?? 'unknown',
    roleReason: text('role reason'),
    purdueLevel: LEVELS[kind] ?? null,
    vendor: text(at % 2 ? 'Siemens' : 'ABB'),
    product: text('product'),
    orderNumber: text('order'),
    firmware: text('firmware'),
    hardware: null,
    serial: text(`serial-${at}`),
    os: null,
    interfaces: [
      {
        mac: `02:00:00:00:${hexPair(at >> 8)}:${hexPair(at)}`,
        addresses: [`10.0.${at >> 8}.${at & 255}`],
        vlan: 7,
        vendor: text('maker'),
      },
    ],
    modules: [
      {
        slot: 1,
        vendor: text('vendor'),
        product: text('module'),
        orderNumber: null,
        firmware: text('1.0'),
        hardware: null,
        serial: null,
        name: text('module name'),
      },
    ],
    services: [{ protocol: 'modbus', transport: 'tcp', port: 502 }],
    parent: null,
    behind: null,
    completeness: { wire: 0.5, overall: 0.4, missing: ['location'] },
    doubtful: at === 3,
    evidence: [
      {
        attribute: 'name',
        value: text('value'),
        protocol: 'lldp',
        frame: 12,
        time: START,
        count: 2,
        confidence: 0.9,
        reason: text('reason'),
      },
    ],
    firstSeen: START,
    lastSeen: END,
  };
}

function hexPair(number: number): string {
  return (number & 255).toString(16).padStart(2, '0');
}

function conversationAt(at: number, ends: Pick<Conversation, 'client' | 'server'>, text: Texter): Conversation {
  const operations: Conversation['operations'] = [
    { name: text('read registers'), effect: 'read', count: 100 + at, errors: 1, protocol: 'modbus', by: 'client' },
    ...(at % 3 === 0
      ? [
          {
            name: text('write registers'),
            effect: 'write',
            count: 2,
            errors: 0,
            protocol: 'modbus',
            by: 'client',
          } as const,
        ]
      : []),
  ];
  return {
    ...ends,
    clientAddress: '10.0.0.1',
    target: text('10.0.0.2'),
    targetAsset: null,
    transport: 'tcp',
    port: 502,
    protocol: at % 4 === 0 ? null : 'modbus',
    carrier: 6,
    vlan: 7,
    clientRule: 'handshake',
    flows: 1,
    packets: 10 * at,
    bytes: 1000 * at,
    firstSeen: START,
    lastSeen: END,
    operations,
    timing: {
      requests: 100,
      unanswered: 1,
      responseMs: { p50: 4, p99: 9, p999: 12, max: 13 },
      periodMs: { p50: 100, jitterP99: 3 },
    },
  };
}

function findingAt(at: number, assets: AssetId[], text: Texter): Finding {
  return {
    code: 'engineering.stop',
    severity: SEVERITIES[at % SEVERITIES.length] ?? 'info',
    title: text('A controller was told to stop'),
    assets,
    explanation: text('It was told to stop.'),
    filter: 'ip.addr==10.0.0.1 && tcp.port==502',
    frames: [81_234],
    firstSeen: START,
    lastSeen: END,
    count: 1,
  };
}

const NOTHING: AnalysisJson = {
  keyway: '0.0.0',
  captures: [],
  counters: { packets: 0, decoded: 0, filtered: 0, dropped: 0, truncated: 0, malformed: 0, duplicates: 0 },
  filter: null,
  partial: false,
  assets: [],
  conversations: [],
  zones: [],
  findings: [],
  limits: [],
};

const plain = (what: string) => what;
const hostile = (what: string, at: number) => `${HOSTILE[(at + what.length) % HOSTILE.length]} ${what}`;
const VIEWS = ['overview', 'findings', 'assets', 'asset/a1', 'conversations', 'conversation/2', 'zones', 'map'];

describe('the page as text', () => {
  const html = analysisPage(plant(20, hostile), PARTS);

  it('keeps the data inside its element', () => {
    const [, data = ''] = /<script type="application\/json" id="analysis">(.*?)<\/script>/s.exec(html) ?? [];

    expect(data).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(data)).toEqual(plant(20, hostile));
  });

  it('consists of three elements that run, style or tell, and no more', () => {
    expect(html.match(/<script\b/g)).toHaveLength(2);
    expect(html.match(/<style\b/g)).toHaveLength(1);
    expect(html).not.toMatch(/https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
  });
});

describe('a page of more conversations than a browser draws', () => {
  const [few] = plant(1, plain).conversations;
  const withPackets = (packets: readonly number[]): string => {
    const conversations = packets.flatMap((count) => (few ? [{ ...few, packets: count }] : []));
    return analysisPage({ ...plant(1, plain), conversations }, PARTS);
  };
  const packetsIn = (html: string): readonly number[] => {
    const [, data = ''] = /id="analysis">(.*?)<\/script>/s.exec(html) ?? [];
    return (JSON.parse(data) as AnalysisJson).conversations.map(({ packets }) => packets);
  };

  it('has the busiest of them in the order of the report, of equal ones the first, and says so', () => {
    const alike = Array<number>(20_000).fill(5);
    const html = withPackets([1, ...alike, 9, 5, 7]);

    expect(html).toContain('<p role="note">This page has the 20,000 busiest of 20,004 conversations;');
    expect(packetsIn(html)).toEqual([...alike.slice(2), 9, 7]);
  });

  it('has all of them, and no note, at the limit', () => {
    const html = withPackets(Array<number>(20_000).fill(1));

    expect(html).not.toContain('role="note"');
    expect(packetsIn(html)).toHaveLength(20_000);
  });
});

describe.skipIf(!HAS_CHROMIUM)('the page in a browser', () => {
  let folder: string;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyway-page-'));
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: CHROMIUM,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
      viewport: { width: 1440, height: 900 },
    });
    await context.addInitScript(() => {
      Object.assign(globalThis, { violations: [] });
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => {
        (globalThis as unknown as { violations: string[] }).violations.push(violatedDirective);
      });
    });
  });

  afterAll(async () => {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the report, and collects all that goes wrong with it. */
  async function open(analysis: AnalysisJson, view = '') {
    const file = join(folder, 'report.html');
    await writeFile(file, analysisPage(analysis, PARTS));
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('dialog', (dialog) => {
      faults.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => faults.push(`error ${error.message}`));
    page.on('console', (message) => faults.push(`console ${message.text()}`));
    page.on('request', (request) => request.url().startsWith('file:') || faults.push(`request ${request.url()}`));
    await page.goto(`${pathToFileURL(file).href}#${view}`);
    await page.locator('h2:visible').waitFor();
    return { page, faults };
  }

  async function go(page: Page, view: string): Promise<void> {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, view);
    await page.waitForFunction((hash) => location.hash.startsWith(`#${hash}`), view);
    await page.locator('h2:visible').waitFor();
  }

  function overflow(page: Page): Promise<number> {
    return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  it('shows what devices say as text, and nothing of it unseen', async () => {
    const { page, faults } = await open(plant(20, hostile));
    const views = [
      ...VIEWS,
      ...Array.from({ length: 20 }, (_, at) => `asset/a${at + 1}`),
      'asset/__proto__',
      'constructor',
    ];

    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const view of views) {
        await go(page, view);
        expect(await overflow(page), `${view} at ${width}`).toBeLessThanOrEqual(0);
        expect(await page.locator('main').innerText()).not.toMatch(UNSEEN);
      }
    }

    expect(await page.locator('img, iframe, object, script:not([id]):not([type=module])').count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations)).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('finds, orders and opens an asset, and comes back to the same place', async () => {
    const { page, faults } = await open(plant(120, plain), 'assets');
    const view = page.locator('main > .view:visible');
    const rows = view.locator('tbody tr');
    expect(await rows.count()).toBe(50);

    await view.getByLabel('Search').fill('device-11');
    await page.getByText('9 of 120 assets').waitFor();
    await view.getByRole('button', { name: 'Asset', exact: true }).click();
    expect(await view.getByRole('columnheader', { name: 'Asset' }).getAttribute('aria-sort')).toBe('ascending');
    expect(await rows.first().innerText()).toContain('device-11');
    await view.getByRole('button', { name: 'Asset', exact: true }).click();
    expect(await rows.first().innerText()).toContain('device-119');

    await rows.first().click({ position: { x: 400, y: 12 } });
    await page.getByRole('heading', { level: 2, name: 'device-119' }).waitFor();
    expect(await page.locator('main').innerText()).toContain('serial-118');

    await page.getByRole('link', { name: 'All assets' }).click();
    await page.getByText('9 of 120 assets').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('device-119');

    await view.getByLabel('Search').fill('no such thing');
    await page.getByText('No asset matches').waitFor();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await page.getByText('120 assets, 1 to 50 shown').waitFor();
    await view.getByLabel('Role').selectOption('plc');
    expect(await view.getByRole('status').first().innerText()).toBe('18 of 120 assets');
    expect(faults).toEqual([]);
    await page.close();
  });

  it('opens a conversation with operations and timing', async () => {
    const { page } = await open(plant(20, plain), 'conversations');

    await page.getByLabel('Effect').selectOption('write');
    await page.locator('main tbody tr:visible td:nth-child(3) a').first().click();

    const text = await page.locator('main .view:visible').innerText();
    expect(text).toContain('write registers');
    expect(text).toContain('Slowest answer');
    await page.close();
  });

  it('gives the filter of a finding to copy', async () => {
    const { page } = await open(plant(20, plain), 'findings');
    const first = page.locator('article').first();

    expect(await first.innerText()).toMatch(/^\D*1?\s*Critical/);
    await first.getByRole('button', { name: /^Copy/ }).click();

    await first.getByText(/Copied|Selected/).waitFor();
    await page.close();
  });

  it('is usable with the keyboard alone', async () => {
    const { page } = await open(plant(40, plain));

    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

    await page.getByRole('link', { name: 'Map' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.node').first().waitFor();
    expect(await page.locator('.node[tabindex="0"]').count()).toBe(1);
    await page.locator('.node[tabindex="0"]').focus();
    const before = await page.locator('.node:focus').getAttribute('href');
    await page.keyboard.press('ArrowDown');
    const after = await page.locator('.node:focus').getAttribute('href');
    expect(after).not.toBe(before);
    expect(await page.locator('.node-place:not(.is-near)').count()).toBeGreaterThan(0);
    expect(await page.locator('.map-info').innerText()).toContain('talks to');
    await page.keyboard.press('Enter');
    await page.waitForFunction((href) => location.hash === href, after);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
    await page.close();
  });

  it('draws 300 assets one by one and none upon another, more of them in groups', async () => {
    const { page } = await open(plant(300, plain), 'map');
    const overlaps = await page.evaluate(() => {
      const boxes = [...document.querySelectorAll('.node-box')].map((box) => box.getBoundingClientRect());
      return boxes.filter((a, at) =>
        boxes.some(
          (b, other) => other > at && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
        ),
      ).length;
    });
    expect(await page.locator('.node').count()).toBe(300);
    expect(overlaps).toBe(0);
    await page.close();

    const large = await open(plant(301, plain), 'map');
    expect(await large.page.locator('.node').count()).toBeLessThan(301);
    await large.page.getByLabel('Zone', { exact: true }).selectOption('z1');
    await large.page.getByText(/\d+ assets, \d+ links/).waitFor();
    expect(large.faults).toEqual([]);
    await large.page.close();
  });

  it('stays usable with 5,000 assets and 20,000 conversations', async () => {
    const { page, faults } = await open(plant(5000, plain), 'conversations');

    expect(await page.locator('main tbody tr').count()).toBe(50);
    const started = performance.now();
    await page.getByLabel('Search').fill('device-4999');
    await page.getByText(/of 20,000 conversations/).waitFor();
    expect(performance.now() - started).toBeLessThan(5000);
    await go(page, 'map');
    expect(await page.locator('.node').count()).toBeLessThan(400);
    expect(faults).toEqual([]);
    await page.close();
  });

  it('says what to do where there is nothing', async () => {
    const { page, faults } = await open(NOTHING);

    for (const [view, words] of [
      ['overview', 'No finding'],
      ['findings', 'No finding'],
      ['assets', 'No device was seen sending'],
      ['conversations', 'No conversation was seen'],
      ['zones', 'No zone is proposed'],
      ['map', 'No asset talks like this'],
    ] as const) {
      await go(page, view);
      expect(await page.locator('main .view:visible').innerText()).toContain(words);
    }
    expect(faults).toEqual([]);
    await page.close();
  });

  it('prints every part, and returns to the one that was shown', async () => {
    const { page } = await open(plant(120, plain), 'assets');

    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await page.locator('main > .view:visible').count()).toBe(6);
    expect(await page.locator('main tbody tr:visible').count()).toBeGreaterThan(120);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    expect(await page.locator('main > .view:visible').count()).toBe(1);
    await page.close();
  });

  it.each([
    { colorScheme: 'light', width: 1440 },
    { colorScheme: 'light', width: 390 },
    { colorScheme: 'dark', width: 1440 },
    { colorScheme: 'dark', width: 390 },
  ] as const)(
    'has no serious barrier, $colorScheme at $width px',
    async ({ colorScheme, width }) => {
      const { page } = await open(plant(7, plain));
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });

      // As for printing, all lists are shown at once: an analysis takes long, and what it looks at is the same.
      for (const [view, event] of [
        ['overview', 'beforeprint'],
        ['asset/a1', 'afterprint'],
        ['conversation/2', 'afterprint'],
      ] as const) {
        await go(page, view);
        await page.evaluate((name) => dispatchEvent(new Event(name)), event);
        const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
        const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(grave.map(({ id, nodes }) => `${view}: ${id} ${nodes[0]?.html}`)).toEqual([]);
      }
      await page.close();
    },
    240_000,
  );
});
