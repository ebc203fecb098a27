import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Program, startKeyway } from '../program.ts';
import { barriers, HAS_CONSOLE, launch, openWindow, SIZES, serveConsole } from './console.ts';

const PASSWORD = 'seven wet otters sing';

let browser: Browser;
beforeAll(async () => {
  if (HAS_CONSOLE) {
    browser = await launch();
  }
});
afterAll(() => browser?.close());

describe.skipIf(!HAS_CONSOLE)('the way in', () => {
  it('sets a new hub up, enrols a second factor, signs out and in again', async () => {
    const hub = await serveConsole();
    const context = await browser.newContext({ locale: 'en-GB' });
    const { page, faults } = await openWindow(context);

    await page.goto(hub.url);
    await page.getByLabel('Set-up code').fill(hub.firstRunCode ?? '');
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('E-mail').fill('ada@plant.example');
    await page.getByLabel('Password').fill(PASSWORD);
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create the account' }).click();

    await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
    const totp = new TOTP({
      secret: Secret.fromBase32((await page.locator('.secret').innerText()).replaceAll(' ', '')),
    });
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('Code of your second factor').fill(totp.generate());
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('button', { name: 'I keep them safe' }).click();
    await page.getByRole('heading', { name: 'Today' }).waitFor();

    await page.getByRole('button', { name: 'Account and appearance' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('E-mail').fill('ada@plant.example');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('E-mail or password is not right.').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByLabel('Code of your second factor').waitFor();

    expect(faults).toEqual([]);
    await context.close();
  });
});

describe.skipIf(!HAS_CONSOLE)('a plant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
  let demo: Program;
  let account: { readonly url: string; readonly email: string; readonly password: string };
  beforeAll(async () => {
    demo = startKeyway(['demo', '--json'], { folder });
    account = JSON.parse(await firstLine(demo));
  }, 180_000);
  afterAll(async () => {
    demo.process.kill('SIGINT');
    await demo.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('accepts what is new, and takes it back', async () => {
    await inside(async (page) => {
      await page.goto(`${account.url}/today?kind=asset.new`);
      const first = page.locator('[data-event]').first();
      await first.waitFor();
      const id = (await first.getAttribute('data-event')) ?? '';

      await first.getByRole('button', { name: 'Accept' }).click();
      await page.getByText('1 event accepted.').waitFor();
      await page.locator(`[data-event="${id}"]`).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.locator(`[data-event="${id}"]`).waitFor();
    });
  });

  it('answers to the keyboard', async () => {
    await inside(async (page) => {
      await page.goto(`${account.url}/today`);
      await page.locator('[data-event]').first().waitFor();
      await page.keyboard.press('g');
      await page.keyboard.press('i');
      await page.getByRole('grid', { name: 'Inventory' }).waitFor();
      await page.getByRole('row').nth(2).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.locator('.grid-row:focus').waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Identity' }).waitFor();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('sensors');
      await page.getByRole('option', { name: 'Sensors' }).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/sensors/u);
    });
  });

  it('sorts and filters the inventory, in the address too', async () => {
    await inside(async (page) => {
      await page.goto(`${account.url}/inventory`);
      const names = page.locator('.grid-rows .grid-row .grid-cell a');
      await names.first().waitFor();
      await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
      await page.waitForURL(/order=desc/u);
      await expect.poll(async () => isDescending(await names.allInnerTexts())).toBe(true);

      await page.getByLabel('Role').selectOption('plc');
      await page.waitForURL(/role=plc/u);
      const roles = page.locator('.grid-rows .grid-row > .grid-cell:nth-child(3)');
      await expect.poll(async () => [...new Set(await roles.allInnerTexts())]).toEqual(['PLC']);
    });
  });

  describe.each(SIZES)('at $name pixels', ({ width, height }) => {
    it.each(['light', 'dark'] as const)('has no barrier and no fault in %s', async (colorScheme) => {
      await inside(
        async (page) => {
          for (const path of ['/today', '/inventory', '/profile']) {
            await page.goto(account.url + path);
            await page.getByRole('heading', { level: 1 }).waitFor();
            await page.waitForLoadState('networkidle').catch(() => undefined);
            expect(await barriers(page), path).toEqual([]);
          }
          await page.goto(`${account.url}/inventory`);
          await page.locator('.grid-rows a').first().click();
          await page.getByRole('heading', { name: 'Identity' }).waitFor();
          await page.locator('.loading').first().waitFor({ state: 'detached' });
          expect(await barriers(page), 'an asset').toEqual([]);
        },
        { viewport: { width, height }, colorScheme },
      );
    });
  });

  /** Signed in; whatever goes wrong unseen fails the test. */
  async function inside(
    visit: (page: Page) => Promise<void>,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<void> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const { page, faults } = await openWindow(context);
    await page.goto(account.url);
    await page.getByLabel('E-mail').fill(account.email);
    await page.getByLabel('Password').fill(account.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Today' }).waitFor();
    await visit(page);
    await context.close();
    expect(faults).toEqual([]);
  }
});

/** As people count: `press 10` after `press 2`. */
function isDescending(names: readonly string[]): boolean {
  const counted = names.map((name) => name.toLowerCase().replaceAll(/\d+/gu, (digits) => digits.padStart(10, '0')));
  const [unnamed, named] = [true, false].map((bare) => counted.filter((name) => /^[\d.]+$/u.test(name) === bare));
  return [unnamed ?? [], named ?? []].every((some) =>
    some.every((name, at) => at === 0 || name <= (some[at - 1] ?? '')),
  );
}

function firstLine(program: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    program.process.stdout?.once('data', (data: Buffer) => resolve(data.toString()));
    void program.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
}
