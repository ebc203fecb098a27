import { describe, expect, it } from 'vitest';
import { newHub, PASSWORD, type TestHub } from '../../../test/hub.ts';

const MINUTE = 60_000_000;
const ada = { email: 'ada@plant.example', password: PASSWORD };

describe('an administrator without a second factor', () => {
  it('can only enrol one, and then has a new session with all rights', async () => {
    const hub = await newHub();
    const before = await hub.setUp();
    expect(await person(hub, before)).toMatchObject({ standing: 'enrol', permissions: {} });

    const { cookie } = await hub.enrol(before);

    expect(await person(hub, cookie)).toMatchObject({
      standing: 'whole',
      totp: true,
      recoveryCodes: 10,
      secondFactorAge: 0,
      permissions: { 'access:manage': 'all' },
    });
    expect(await person(hub, before)).toBeNull();
  });

  it('cannot remove the last one', async () => {
    const hub = await newHub();
    const { cookie } = await hub.enrol(await hub.setUp());

    expect(await hub.request('DELETE', '/me/totp', { cookie })).toMatchObject({
      status: 409,
      body: { error: { code: 'access.last-factor' } },
    });
  });
});

describe('a code of the app', () => {
  it('is asked for only after the right password', async () => {
    const { hub } = await enrolled();

    expect(await hub.request('POST', '/session', { body: ada })).toMatchObject({
      status: 401,
      body: { error: { code: 'access.second-factor', details: [{ at: 'totp' }] } },
    });
    expect(await hub.request('POST', '/session', { body: { ...ada, password: 'not the right one' } })).toMatchObject({
      status: 401,
      body: { error: { code: 'access.wrong' } },
    });
  });

  it.each([
    { name: 'of now', off: 0, status: 200 },
    { name: 'of the step before', off: -30_000_000, status: 200 },
    { name: 'of the next step', off: 30_000_000, status: 200 },
    { name: 'two steps old', off: -60_000_000, status: 401 },
    { name: 'two steps early', off: 60_000_000, status: 401 },
  ])('$name gets $status', async ({ off, status }) => {
    const { hub, secret } = await enrolled();
    hub.pass(10 * MINUTE);
    hub.pass(off);
    const code = hub.codeOf(secret);
    hub.pass(-off);

    expect((await hub.request('POST', '/session', { body: { ...ada, code } })).status).toBe(status);
  });

  it('is good once, for whoever comes first of many', async () => {
    const { hub, secret } = await enrolled();
    hub.pass(MINUTE);
    const code = hub.codeOf(secret);

    const replies = await Promise.all(
      [1, 2, 3, 4].map(() => hub.request('POST', '/session', { body: { ...ada, code } })),
    );

    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
  });

  it('is given again for what matters', async () => {
    const { hub, secret, cookie } = await enrolled();
    hub.pass(6 * MINUTE);

    const late = await hub.request('POST', '/me/recovery-codes', { cookie });
    const proved = await hub.request('POST', '/session/second-factor', { cookie, body: { code: hub.codeOf(secret) } });
    const again = await hub.request('POST', '/me/recovery-codes', { cookie: proved.cookie });

    expect(late).toMatchObject({ status: 403, body: { error: { code: 'access.prove-again' } } });
    expect(proved.cookie).not.toBe(cookie);
    expect(again.status).toBe(200);
  });
});

describe('a printed code', () => {
  it('stands in for the app, once', async () => {
    const { hub, recoveryCodes } = await enrolled();
    const code = recoveryCodes[3];

    const first = await hub.request('POST', '/session', { body: { ...ada, code } });
    const second = await hub.request('POST', '/session', { body: { ...ada, code } });

    expect(first.body.person).toMatchObject({ standing: 'whole', recoveryCodes: 9 });
    expect(second).toMatchObject({ status: 401, body: { error: { code: 'access.wrong-code' } } });
  });
});

it('keeps no secret that the database gives away', async () => {
  const { hub, secret, recoveryCodes, cookie } = await enrolled();

  const tables = ['totp', 'recovery_code', 'session', 'account', 'one_time_code'] as const;
  const rows = tables.map((table) => hub.store.read.selectFrom(table).selectAll().execute());
  const dump = JSON.stringify(await Promise.all(rows));

  for (const kept of [secret, ...recoveryCodes, cookie.split('=')[1] ?? '', PASSWORD]) {
    expect(dump).not.toContain(kept);
  }
  expect(dump).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
});

async function enrolled() {
  const hub = await newHub();
  return { hub, ...(await hub.enrol(await hub.setUp())) };
}

async function person(hub: TestHub, cookie: string): Promise<unknown> {
  return (await hub.request('GET', '/session', { cookie })).body.person;
}
