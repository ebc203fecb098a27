import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openStore } from '../src/platform/store/open-store.ts';
import { type Program, runKeyway, startKeyway } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('has a week of a plant in which things change, and an account to see it with', { timeout: 180_000 }, async () => {
  const demo = startKeyway(['demo', '--json', '--data', 'kept'], { folder });
  const { url, email, password, administrator } = JSON.parse(await firstLine(demo));

  const signIn = (body: object) =>
    fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const reply = await signIn({ email, password });
  const [code] = administrator.secondFactor.codes;
  const administrating = await signIn({ email: administrator.email, password: administrator.password, code });

  expect(await reply.json()).toMatchObject({ person: { email, permissions: { 'inventory:decide': 'all' } } });
  expect(await administrating.json()).toMatchObject({
    person: { standing: 'whole', permissions: { 'access:manage': 'all' } },
  });
  demo.process.kill('SIGINT');
  expect(await demo.ended).toMatchObject({ status: 0 });

  const store = await openStore(join(folder, 'kept', 'keyway.db'));
  const kinds = await store.read.selectFrom('event').select('kind').distinct().orderBy('kind').execute();
  const placed = await store.read.selectFrom('placement').select('asset').execute();
  const span = await store.read
    .selectFrom('asset')
    .select(({ fn }) => [fn.min('first_seen').as('first'), fn.max('last_seen').as('last')])
    .executeTakeFirstOrThrow();
  await store.close();
  expect(kinds.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['asset.new', 'firmware.changed', 'finding.new', 'program']),
  );
  expect(placed.length).toBeGreaterThan(20);
  expect(Math.round((Date.parse(String(span.last)) - Date.parse(String(span.first))) / 86_400_000)).toBe(7);

  const over = await runKeyway(['demo', '--data', 'kept'], { folder });
  expect(over).toMatchObject({ status: 2, stderr: expect.stringContaining('kept has a database') });
});

it('keeps nothing', { timeout: 180_000 }, async () => {
  const own = mkdtempSync(join(folder, 'tmp-'));
  const demo = startKeyway(['demo', '--json'], { folder, environment: { TMPDIR: own } });
  await new Promise((resolve) => demo.process.stderr?.once('data', resolve));

  demo.process.kill('SIGINT');

  expect(await demo.ended).toMatchObject({ status: 0 });
  expect(readdirSync(own).filter((name) => name.startsWith('keyway'))).toEqual([]);
});

function firstLine(program: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    program.process.stdout?.once('data', resolve);
    void program.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
}
