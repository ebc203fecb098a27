import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type Program, runKeyway, startKeyway } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('serves until it is told to stop, and ends with status 0', async () => {
  const hub = startKeyway(['serve', '--port', '0', '--json'], { folder });
  const { url } = await told(hub);

  const health = await fetch(`${url}/api/health`);

  expect(await health.json()).toMatchObject({ status: 'ok' });
  hub.process.kill('SIGTERM');
  expect(await hub.ended).toMatchObject({ status: 0 });
});

it.each([
  { args: ['--port', '70000'], says: '--port: must be a number from 0 to 65535' },
  { args: ['--host', '0.0.0.0'], says: '--host 0.0.0.0 is reachable from elsewhere' },
  { args: ['--tls-key', 'key.pem'], says: '--tls-key and --tls-cert are set together' },
  { args: ['--tls-key', 'none.pem', '--tls-cert', 'none.pem'], says: 'cannot be read' },
  { args: ['--database', 'mysql://x'], says: '--database: must be a postgres:// URL' },
])('refuses $args in one sentence', async ({ args, says }) => {
  const { status, stderr, stdout } = await runKeyway(['serve', ...args], { folder });

  expect(stderr).toContain(says);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

it('says so in one sentence where the port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };

  const { status, stderr } = await runKeyway(['serve', '--port', String(port), '--log-level', 'error'], { folder });
  other.close();

  expect(stderr).toContain(`the hub does not start: listen EADDRINUSE`);
  expect(status).toBe(2);
});

it('speaks TLS with the certificate that it was given', async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout ${key} -out ${cert}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  );
  const hub = startKeyway(
    ['serve', '--port', '0', '--host', '0.0.0.0', '--tls-key', key, '--tls-cert', cert, '--json'],
    {
      folder,
    },
  );
  const { url } = await told(hub);

  const { port } = new URL(url);
  const reply = execFileSync('curl', ['-si', '--cacert', cert, `https://localhost:${port}/api/health`], {
    encoding: 'utf8',
  });

  expect(reply).toContain('"status":"ok"');
  expect(reply.toLowerCase()).toContain('strict-transport-security');
  expect(readFileSync(key, 'utf8')).toContain('PRIVATE');
  hub.process.kill('SIGINT');
  expect(await hub.ended).toMatchObject({ status: 0 });
});

/** What `serve --json` prints once it listens. */
async function told(hub: Program): Promise<{ readonly url: string }> {
  return new Promise((resolve, reject) => {
    hub.process.stdout?.once('data', (text: string) => resolve(JSON.parse(text)));
    void hub.ended.then(({ stderr }) => reject(new Error(stderr)));
  });
}
