import { describe, expect, it } from 'vitest';
import { newHub, PASSWORD } from '../../../test/hub.ts';
import { SESSION_IDLE, SESSION_WHOLE } from '../session.ts';

const MINUTE = 60_000_000;
const ada = { email: 'ada@plant.example', password: PASSWORD };

describe('set-up', () => {
  it('needs the code that was printed, and works once', async () => {
    const hub = await newHub();
    const body = { code: hub.firstRunCode, name: 'Ada', ...ada };

    const wrong = await hub.request('POST', '/setup', { body: { ...body, code: 'AAAA-AAAA-AAAA-AAAA' } });
    const done = await hub.request('POST', '/setup', { body: { ...body, code: hub.firstRunCode?.toLowerCase() } });
    const again = await hub.request('POST', '/setup', { body });

    expect(wrong).toMatchObject({ status: 403, body: { error: { code: 'access.code' } } });
    expect(done).toMatchObject({
      status: 200,
      body: { setupNeeded: false, person: { name: 'Ada', standing: 'enrol', permissions: {} } },
    });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'access.set-up-done' } } });
  });

  it('takes no code after 30 minutes', async () => {
    const hub = await newHub();
    hub.pass(30 * MINUTE);

    const late = await hub.request('POST', '/setup', { body: { code: hub.firstRunCode, name: 'Ada', ...ada } });

    expect(late).toMatchObject({ status: 403, body: { error: { code: 'access.code' } } });
  });

  it('says that it is needed to whoever asks who is signed in', async () => {
    const hub = await newHub();

    expect(await hub.request('GET', '/session')).toMatchObject({
      status: 200,
      body: { person: null, setupNeeded: true, oidc: null },
    });
  });
});

describe('a session', () => {
  it('is in a cookie that only this host gets, and no script reads', async () => {
    const hub = await newHub();
    await hub.setUp();

    const { headers } = await hub.request('POST', '/session', { body: ada });

    expect(headers['set-cookie']).toMatch(/^__Host-keyway=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/u);
  });

  it('is new at each sign-in, and the one before is over', async () => {
    const hub = await newHub();
    const first = await hub.setUp();

    const { cookie: second } = await hub.request('POST', '/session', { body: ada, cookie: first });

    expect(second).not.toBe(first);
    expect(await whoIs(hub, first)).toBeNull();
    expect(await whoIs(hub, second)).toMatchObject({ name: 'Ada' });
  });

  it.each([
    { name: 'lives while it is used', step: 29 * MINUTE, times: 3, alive: true },
    { name: 'ends after 30 idle minutes', step: SESSION_IDLE, times: 1, alive: false },
    {
      name: 'ends after 12 hours however much it is used',
      step: 20 * MINUTE,
      times: SESSION_WHOLE / (20 * MINUTE),
      alive: false,
    },
    { name: 'ends where the clock was set back', step: -60 * MINUTE, times: 1, alive: false },
  ])('$name', async ({ step, times, alive }) => {
    const hub = await newHub();
    const cookie = await hub.setUp();

    let person: unknown = null;
    for (let time = 0; time < times; time++) {
      hub.pass(step);
      person = await whoIs(hub, cookie);
    }

    expect(person !== null).toBe(alive);
  });

  it('ends with signing out', async () => {
    const hub = await newHub();
    const cookie = await hub.setUp();

    const out = await hub.request('DELETE', '/session', { cookie });

    expect(out.status).toBe(204);
    expect(await whoIs(hub, cookie)).toBeNull();
  });

  it('is no use to another site', async () => {
    const hub = await newHub();
    const cookie = await hub.setUp();

    const forged = await hub.request('DELETE', '/session', { cookie, headers: { 'sec-fetch-site': 'cross-site' } });

    expect(forged).toMatchObject({ status: 403, body: { error: { code: 'http.origin' } } });
    expect(await whoIs(hub, cookie)).not.toBeNull();
  });
});

describe('a password', () => {
  it('says the same whether the account or the password is wrong', async () => {
    const hub = await newHub();
    await hub.setUp();

    const noAccount = await hub.request('POST', '/session', { body: { ...ada, email: 'eve@plant.example' } });
    const noMatch = await hub.request('POST', '/session', { body: { ...ada, password: 'seven dry otters sing' } });

    expect(noMatch).toMatchObject({ status: 401, body: { error: { code: 'access.wrong' } } });
    expect(noAccount.body.error).toEqual(noMatch.body.error);
  });

  it('is taken however the address is written', async () => {
    const hub = await newHub();
    await hub.setUp();

    expect((await hub.request('POST', '/session', { body: { ...ada, email: ' ADA@Plant.example' } })).status).toBe(200);
  });

  it('may be tried five times a minute by a stranger, and the owner still gets in', async () => {
    const hub = await newHub();
    await hub.setUp();
    const stranger = { address: '203.0.113.9', body: { ...ada, password: 'not the right one' } };

    const statuses: number[] = [];
    for (let time = 0; time < 10; time++) {
      statuses.push((await hub.request('POST', '/session', stranger)).status);
    }
    const owner = await hub.request('POST', '/session', { body: ada });

    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5);
    expect(statuses.at(-1)).toBe(429);
    expect(owner.status).toBe(200);
  });
});

async function whoIs(hub: Awaited<ReturnType<typeof newHub>>, cookie: string | undefined): Promise<unknown> {
  return (await hub.request('GET', '/session', { cookie })).body.person;
}
