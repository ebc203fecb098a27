import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import pino from 'pino';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { type AssembledHub, assembleHub } from '../../src/main.ts';
import { newLocation } from '../databases.ts';

const CHROMIUM = '/usr/bin/chromium';
const PAGES = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** What a browser test cannot do without; each missing thing is said once, and the tests are skipped. */
export const HAS_CONSOLE = [CHROMIUM, `${PAGES}/index.html`].every((path) => {
  const isThere = existsSync(path);
  if (!isThere) {
    process.stderr.write(`${path} is not there, so the console is not tested in a browser\n`);
  }
  return isThere;
});

export const SIZES = [
  { name: '1440', width: 1440, height: 900 },
  { name: '390', width: 390, height: 844 },
] as const;

export interface ServedHub extends AssembledHub {
  readonly url: string;
}

/** A whole hub with the console, over an empty database; it ends with the test. */
export async function serveConsole(): Promise<ServedHub> {
  const database = await newLocation('SQLite');
  const settings = {
    data: dirname(database),
    database,
    host: '127.0.0.1',
    port: 0,
    version: '0.0.0-test',
    pages: PAGES,
  };
  const hub = await assembleHub(settings, pino({ level: 'silent' }));
  onTestFinished(() => hub.stop());
  const address = await hub.server.listen({ host: '127.0.0.1', port: 0 });
  return { ...hub, url: address.replace('127.0.0.1', 'localhost') };
}

export async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  });
}

/** A window in which nothing may go wrong unseen: `faults` has what the console, the policy and dialogs said. */
export async function openWindow(
  context: BrowserContext,
): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
  const faults: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    // A refused sign-in is an answer, which the browser also logs.
    if (message.type() === 'error' && !/status of 40[01]/u.test(message.text())) {
      faults.push(`console: ${message.text()}`);
    }
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, sourceFile }) => {
      // biome-ignore lint/suspicious/noConsole: a report of the policy reaches the test this way.
      console.error(`policy: ${violatedDirective} ${sourceFile}`);
    });
  });
  return { page, faults };
}

/** What stops somebody who does not see or does not point, and what runs out of the window. */
export async function barriers(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  return isTooWide ? [...grave, 'the page is wider than the window'] : grave;
}
