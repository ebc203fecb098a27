import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, expect, it } from 'vitest';
import { assembleHub } from '../main.ts';

const MIB = 1_048_576;
const data = mkdtempSync(join(tmpdir(), 'keyway-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'keyway', data]).status === 0;
afterAll(() => {
  if (mounted) {
    spawnSync('umount', [data]);
  }
  rmSync(data, { recursive: true, force: true });
});

it.skipIf(!mounted)('says that the disk is full, lets people in, changes nothing, and goes on by itself', async () => {
  const demo = { name: 'Ada', email: 'ada@plant.example', password: 'seven wet otters sing' };
  const settings = { data, database: join(data, 'keyway.db'), host: '127.0.0.1', port: 0, version: '0' };
  const hub = await assembleHub({ ...settings, reserve: 2 * MIB, demo: [demo] }, pino({ level: 'silent' }));
  const ask = async (method: 'GET' | 'POST', path: string, payload?: object, cookie = '') => {
    const reply = await hub.server.inject({
      method,
      url: `/api${path}`,
      headers: { 'sec-fetch-site': 'same-origin', cookie },
      ...(payload === undefined ? {} : { payload }),
    });
    const cookies = reply.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    return { status: reply.statusCode, body: reply.body === '' ? undefined : reply.json(), cookie: cookies };
  };
  const signIn = () => ask('POST', '/session', { email: demo.email, password: demo.password });
  const { cookie } = await signIn();
  const addSite = (name: string) => ask('POST', '/plant/places', { kind: 'site', name }, cookie);
  expect((await addSite('Lyon')).status).toBe(200);

  const filler = join(data, 'filler');
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'], { stdio: 'ignore' });
  let refused = await addSite('Site 0');
  for (let at = 1; refused.status === 200 && at < 2000; at++) {
    refused = await addSite(`Site ${at}`);
  }

  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'store.full' } } });
  expect((await ask('GET', '/health')).body).toMatchObject({ status: 'read-only' });
  expect((await ask('GET', '/system', undefined, cookie)).body).toMatchObject({ banner: { code: 'store.full' } });
  expect((await signIn()).status).toBe(200);
  expect((await ask('GET', '/plant', undefined, cookie)).body.places.length).toBeGreaterThan(0);

  rmSync(filler);
  writeFileSync(join(data, 'other'), 'x');
  await expect
    .poll(async () => (await ask('GET', '/health')).body.status, { timeout: 10_000, interval: 200 })
    .toBe('ok');
  expect((await addSite('Hamburg')).status).toBe(200);
  await hub.stop();
});
