import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { newHub, PASSWORD, type TestHub } from '../../../test/hub.ts';

const CHROMIUM = '/usr/bin/chromium';
const ada = { code: '', name: 'Ada', email: 'ada@plant.example', password: PASSWORD, roles: [] };

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
afterAll(() => browser.close());

describe('a passkey in Chromium, over plain HTTP on this machine,', () => {
  it('is a second factor when it is made, and then signs in alone', async () => {
    const { hub, page } = await opened();
    await ask(page, 'POST', '/setup', { ...ada, code: hub.firstRunCode });

    const added = await addPasskey(page);
    const kept = (await page.context().cookies()).find(({ name }) => name === '__Host-keyway');
    await ask(page, 'DELETE', '/session');
    const gone = await ask(page, 'GET', '/session');
    const signedIn = await signIn(page);

    expect(added).toMatchObject({ status: 200, body: { person: { standing: 'whole', passkeys: 1 } } });
    expect(added.body.recoveryCodes).toHaveLength(10);
    expect(kept).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax' });
    expect(gone.body.person).toBeNull();
    expect(signedIn).toMatchObject({ status: 200, body: { person: { name: 'Ada', standing: 'whole', passkeys: 1 } } });
  });

  it('answers one challenge, once', async () => {
    const { hub, page } = await opened();
    await ask(page, 'POST', '/setup', { ...ada, code: hub.firstRunCode });
    await addPasskey(page);
    await ask(page, 'DELETE', '/session');
    const response = await answerOf(page);

    const first = await ask(page, 'POST', '/session/passkey', { response });
    const again = await ask(page, 'POST', '/session/passkey', { response });
    await ask(page, 'POST', '/session/passkey/options');
    const toAnother = await ask(page, 'POST', '/session/passkey', { response });

    expect([first, again, toAnother].map(({ status }) => status)).toEqual([200, 401, 401]);
  });

  it('signs nobody in who was disabled or whose passkey was removed', async () => {
    const { hub, page } = await opened();
    await ask(page, 'POST', '/setup', { ...ada, code: hub.firstRunCode });
    await addPasskey(page);
    await ask(page, 'DELETE', '/session');

    await hub.store.write((db) => db.updateTable('account').set({ disabled: 1 }).execute());
    const disabled = await signIn(page);
    await hub.store.write((db) => db.updateTable('account').set({ disabled: 0 }).execute());
    await hub.store.write((db) => db.deleteFrom('passkey').execute());
    const removed = await signIn(page);

    expect([disabled, removed].map(({ status }) => status)).toEqual([401, 401]);
  });

  it('without a finger, a face or a PIN is refused', async () => {
    const { hub, page } = await opened({ isUserVerified: false });
    await ask(page, 'POST', '/setup', { ...ada, code: hub.firstRunCode });

    await expect(addPasskey(page)).rejects.toThrow('NotAllowedError');
  });
});

/** A hub that listens, and a page of it in a browser whose authenticator always agrees. */
async function opened({ isUserVerified = true } = {}): Promise<{ readonly hub: TestHub; readonly page: Page }> {
  const pages = mkdtempSync(join(tmpdir(), 'keyway-pages-'));
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Keyway</title>');
  const hub = await newHub('SQLite', { pages });
  const url = await hub.server.listen({ host: '127.0.0.1', port: 0 });
  const context = await browser.newContext();
  onTestFinished(async () => {
    await context.close();
    rmSync(pages, { recursive: true, force: true });
  });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified,
      automaticPresenceSimulation: true,
    },
  });
  // A passkey belongs to a name, and an address in numbers is none.
  await page.goto(url.replace('127.0.0.1', 'localhost'));
  return { hub, page };
}

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it.
type Reply = { readonly status: number; readonly body: any };

function ask(page: Page, method: string, path: string, body?: unknown): Promise<Reply> {
  return page.evaluate(
    async (asked) => {
      const reply = await fetch(`/api${asked.path}`, {
        method: asked.method,
        ...(asked.body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(asked.body) }),
      });
      const text = await reply.text();
      return { status: reply.status, body: text === '' ? null : JSON.parse(text) };
    },
    { method, path, body },
  );
}

async function addPasskey(page: Page): Promise<Reply> {
  const { body: options } = await ask(page, 'POST', '/me/passkeys/options');
  const response = await page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)});
    return (await navigator.credentials.create({ publicKey })).toJSON();
  })()`);
  return ask(page, 'POST', '/me/passkeys', { name: 'This machine', response });
}

async function answerOf(page: Page): Promise<unknown> {
  const { body: options } = await ask(page, 'POST', '/session/passkey/options');
  return page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)});
    return (await navigator.credentials.get({ publicKey })).toJSON();
  })()`);
}

async function signIn(page: Page): Promise<Reply> {
  return ask(page, 'POST', '/session/passkey', { response: await answerOf(page) });
}
