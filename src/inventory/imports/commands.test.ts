import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { newHub } from '../../../test/hub.ts';
import type { Terminal } from '../../platform/cli/command.ts';
import { importCommands } from './commands.ts';

it('imports files over the API, each whole or not at all', async () => {
  const hub = await newHub();
  const { cookie } = await hub.enrol(await hub.setUp(['ot']));
  await hub.request('POST', '/plant/places', { cookie, body: { kind: 'site', name: 'Ulm' } });
  const permissions = ['inventory:edit', 'plant:read', 'plant:edit'];
  const made = await hub.request('POST', '/me/tokens', { cookie, body: { name: 'script', permissions, days: 30 } });
  const url = await hub.server.listen({ host: '127.0.0.1', port: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'keyway-import-'));
  const [good, bad] = [join(folder, 'good.csv'), join(folder, 'bad.csv')];
  writeFileSync(good, 'name;ip\nplc-1;10.0.0.1\n');
  writeFileSync(bad, 'name;ip\nplc-2;10.0.0.300\n');
  const printed: string[] = [];
  const terminal = { print: async (text: string) => void printed.push(text) } as unknown as Terminal;
  const run = (files: readonly string[], more = {}) =>
    importCommands()[0]?.run({ arguments: files, options: { hub: url, token: made.body.secret, ...more } }, terminal);

  expect(made.body).toMatchObject({ secret: expect.any(String) });
  expect(await run([good], { dryRun: true })).toEqual({ ok: true, value: 0 });
  expect(await run([good], { site: 'Ulm' })).toEqual({ ok: true, value: 0 });
  expect(await run([good, bad])).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('line 2, column 2 (ip): 10.0.0.300 is no IP address') },
  });
  expect(await run([good], { site: 'Graz' })).toMatchObject({ ok: false, error: { message: 'say which --site: Ulm' } });
  expect(printed.map((line) => line.slice(line.indexOf(': ') + 2))).toEqual([
    '1 records, 1 new, 0 changed, 0 as before\n',
    '1 records, 1 new, 0 changed, 0 as before\n',
    '1 records, 0 new, 0 changed, 1 as before\n',
    '1 records, 0 new, 0 changed, 0 as before\n',
  ]);
});
