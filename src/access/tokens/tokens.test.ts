import { expect, it } from 'vitest';
import { newHub, type TestHub } from '../../../test/hub.ts';

const DAY = 86_400_000_000;

it('does no more than it was made for, and no more than its owner may', async () => {
  const { hub, bo, admin } = await withBo(['ot']);
  const wish = { name: 'script', permissions: ['plant:read'], days: 30 };
  const { secret } = (await hub.request('POST', '/me/tokens', { cookie: bo.cookie, body: wish })).body;

  const allowed = await hub.request('GET', '/plant', { bearer: secret });
  const notWished = await hub.request('GET', '/sensors', { bearer: secret });
  const ownAffairs = await hub.request('GET', '/me/tokens', { bearer: secret });
  await hub.request('PUT', `/people/${bo.id}/roles`, { cookie: admin, body: { roles: [] } });
  const ownerLostIt = await hub.request('GET', '/plant', { bearer: secret });

  expect([allowed, notWished, ownAffairs, ownerLostIt].map(({ status }) => status)).toEqual([200, 403, 403, 403]);
});

it.each([
  { name: 'a permission that its owner lacks', wish: { permissions: ['settings:manage'], days: 1 }, status: 403 },
  { name: 'managing access', wish: { permissions: ['access:manage'], days: 1 }, status: 400 },
  { name: 'more than a year', wish: { permissions: ['plant:read'], days: 366 }, status: 400 },
  { name: 'no permission', wish: { permissions: [], days: 1 }, status: 400 },
])('is not made for $name', async ({ wish, status }) => {
  const { hub, bo } = await withBo(['ot']);

  const made = await hub.request('POST', '/me/tokens', { cookie: bo.cookie, body: { name: 'script', ...wish } });

  expect(made.status).toBe(status);
});

it('ends with its days, and when it is revoked', async () => {
  const { hub, bo } = await withBo(['ot']);
  const wish = { name: 'script', permissions: ['plant:read'], days: 1 };
  const make = () => hub.request('POST', '/me/tokens', { cookie: bo.cookie, body: wish });
  const [kept, revoked] = [(await make()).body, (await make()).body];

  await hub.request('DELETE', `/me/tokens/${revoked.id}`, { cookie: bo.cookie });
  const afterRevoking = await hub.request('GET', '/plant', { bearer: revoked.secret });
  hub.pass(DAY - 1);
  const inTime = await hub.request('GET', '/plant', { bearer: kept.secret });
  hub.pass(1);
  const late = await hub.request('GET', '/plant', { bearer: kept.secret });

  expect([afterRevoking, inTime, late].map(({ status }) => status)).toEqual([401, 200, 401]);
});

it('is in no list and no table as it is', async () => {
  const { hub, bo } = await withBo(['ot']);
  const wish = { name: 'script', permissions: ['plant:read'], days: 1 };
  const { secret } = (await hub.request('POST', '/me/tokens', { cookie: bo.cookie, body: wish })).body;

  const { body } = await hub.request('GET', '/me/tokens', { cookie: bo.cookie });
  const rows = await hub.store.read.selectFrom('api_token').selectAll().execute();

  expect(body).toMatchObject([{ name: 'script', permissions: ['plant:read'], sites: null }]);
  expect(JSON.stringify([body, rows])).not.toContain(secret);
});

async function withBo(roles: readonly string[]): Promise<{
  readonly hub: TestHub;
  readonly admin: string;
  readonly bo: Awaited<ReturnType<TestHub['join']>>;
}> {
  const hub = await newHub();
  const { cookie: admin } = await hub.enrol(await hub.setUp());
  return { hub, admin, bo: await hub.join(admin, 'Bo', roles) };
}
