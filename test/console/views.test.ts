import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, startKeyway } from '../program.ts';
import { barriers, HAS_CONSOLE, launch, openWindow, SIZES } from './console.ts';

const VIEWS = ['/map', '/map?as=table', '/conversations', '/findings', '/sensors', '/uploads', '/plant', '/settings'];

describe.skipIf(!HAS_CONSOLE)('the views of a plant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
  let browser: Browser;
  let demo: Program;
  let account: { readonly url: string; readonly email: string; readonly password: string };

  beforeAll(async () => {
    browser = await launch();
    demo = startKeyway(['demo', '--json'], { folder });
    account = JSON.parse(
      await new Promise<string>((resolve, reject) => {
        demo.process.stdout?.once('data', resolve);
        void demo.ended.then(({ stderr }) => reject(new Error(stderr)));
      }),
    );
  }, 180_000);

  afterAll(async () => {
    await browser.close();
    demo.process.kill('SIGINT');
    await demo.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes over the map with keys, and is the same as a table', { timeout: 60_000 }, async () => {
    await inside('/map', async (page) => {
      const map = page.getByRole('application');
      await map.focus();
      await page.keyboard.press('ArrowDown');
      const name = await page.locator('.map-card a').innerText();
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => page.locator('.map-card a').innerText()).not.toBe(name);
      const [nodes] = (await page.locator('.map-legend [role="status"]').innerText()).match(/\d+/u) ?? [];

      await page.getByRole('button', { name: 'As a table' }).click();
      await page.getByRole('button', { name: 'Assets' }).click();

      await expect
        .poll(() => page.getByRole('grid', { name: 'Assets' }).getAttribute('aria-rowcount'))
        .toBe(String(Number(nodes) + 1));
    });
  });

  it('opens the asset that the map points at', { timeout: 60_000 }, async () => {
    await inside('/map', async (page) => {
      await page.getByRole('application').focus();
      await page.keyboard.press('ArrowDown');
      await page.locator('.map-card').waitFor();
      await page.keyboard.press('Enter');

      await page.waitForURL(/\/assets\//u);
    });
  });

  it('narrows conversations and shows what is done in one', { timeout: 60_000 }, async () => {
    await inside('/conversations', async (page) => {
      await page.getByLabel('Effect').selectOption('program');
      await page.waitForURL(/effect=program/u);
      const effects = page.locator('.grid-rows .effect');
      await expect.poll(async () => [...new Set(await effects.allInnerTexts())]).toEqual(['Program']);

      await page.locator('.grid-rows .grid-cell:nth-child(3) a').first().click();

      await page.getByRole('heading', { name: 'What is done' }).waitFor();
      expect(await page.locator('.copyable pre').innerText()).toMatch(/==/u);
    });
  });

  it('resolves a finding with a note, and takes it back', { timeout: 60_000 }, async () => {
    await inside('/findings', async (page) => {
      await page.locator('.grid-rows a').first().click();
      await page.getByRole('button', { name: 'Resolve' }).click();
      await page.getByLabel('Note').fill('A cable was mended.');
      await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click();
      await page.getByText('A cable was mended.').waitFor();

      await page.getByRole('button', { name: 'Undo' }).click();

      await page.getByText('A cable was mended.').waitFor({ state: 'detached' });
    });
  });

  it('says why an upload is no capture', { timeout: 60_000 }, async () => {
    await inside('/uploads', async (page) => {
      await page.getByLabel('Choose files').setInputFiles({
        name: 'notes.pcap',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from('This is no capture.'),
      });

      await page.locator('.form-fault').first().waitFor();
      expect(await page.locator('.upload').first().innerText()).toContain('notes.pcap');
    });
  });

  it('adds a cell to a line, found by keys', { timeout: 60_000 }, async () => {
    await inside('/plant', async (page) => {
      await page.getByRole('treeitem').first().focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.getByRole('button', { name: 'Add a part' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('Labeller');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();

      await page.getByRole('treeitem', { name: /Labeller/u, selected: true }).waitFor();
    });
  });

  it('says how a sensor is started where there is none', { timeout: 60_000 }, async () => {
    await inside('/sensors', async (page) => {
      expect(await page.locator('.copyable pre').innerText()).toContain('keyway sensor --interface');
    });
  });

  describe.each(SIZES)('at $name pixels', ({ width, height }) => {
    it.each(['light', 'dark'] as const)(
      'has no barrier and no fault in %s',
      { timeout: 120_000 },
      async (colorScheme) => {
        await inside(
          '/map',
          async (page) => {
            for (const path of VIEWS) {
              await page.goto(account.url + path);
              await page.getByRole('heading', { level: 1 }).waitFor();
              await page.locator('.loading').first().waitFor({ state: 'detached' });
              expect(await barriers(page), path).toEqual([]);
            }
          },
          { viewport: { width, height }, colorScheme },
        );
      },
    );
  });

  /** Signed in, at a view; whatever goes wrong unseen fails the test. */
  async function inside(
    path: string,
    visit: (page: Page) => Promise<void>,
    options: BrowserContextOptions = {},
  ): Promise<void> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const { page, faults } = await openWindow(context);
    await context.request.post(`${account.url}/api/session`, {
      data: { email: account.email, password: account.password },
    });
    await page.goto(account.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
    await visit(page);
    await context.close();
    expect(faults).toEqual([]);
  }
});
