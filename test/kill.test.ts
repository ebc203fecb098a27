import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../src/platform/store/open-store.ts';
import type { Store } from '../src/platform/store/store.ts';
import { createSensorStore } from '../src/sensor/store.ts';
import { databases, newLocation } from './databases.ts';
import { registerSensor } from './sensor-hub.ts';

/** Kills of each database: a hub needs seconds to start, so the short run kills hub, sensor and both once each; 30 or 300 by KEYWAY_KILLS. */
const KILLS = Number(env['KEYWAY_KILLS'] ?? 3);
const MINUTES = 1 + KILLS;
const SENSOR = fileURLToPath(new URL('kill-sensor.ts', import.meta.url));
const HUB = fileURLToPath(new URL('../bin/keyway.js', import.meta.url));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) {
    child.kill('SIGKILL');
  }
});

function start(args: readonly string[]): ChildProcess {
  const child = spawn(execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url: string): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    const reply = await fetch(`${url}/api/health`).catch(() => undefined);
    if (reply?.ok === true) {
      return;
    }
  }
  throw new Error('the hub does not answer');
}

describe.each(databases.map(([name]) => [name] as const))('kill -9 of hub and sensor, on %s', (name) => {
  it(`loses and doubles nothing that was acknowledged, ${KILLS} times`, { timeout: MINUTES * 60_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyway-kill-'));
    const database = await newLocation(name as 'SQLite' | 'PostgreSQL');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const store = await openStore(database);
    const { id, secret } = await registerSensor(store, folder);
    let acknowledged = 0;
    const place =
      name === 'SQLite' ? ['--data', dirname(database)] : ['--data', join(folder, 'data'), '--database', database];
    const startHub = () => start([HUB, 'serve', '--port', String(port), ...place, '--log-level', 'error']);
    const startSensor = () => {
      const sensor = start([SENSOR, url, id, secret, join(folder, 'spool')]);
      sensor.stdout?.setEncoding('utf8').on('data', (text: string) => {
        acknowledged = Math.max(acknowledged, ...text.split('\n').slice(0, -1).map(Number));
      });
      return sensor;
    };
    /** Records arrive: a kill hits work that is under way. */
    const moved = async () => {
      const before = acknowledged;
      for (const end = Date.now() + 20_000; acknowledged <= before + 100 && Date.now() < end; await sleep(20)) {}
    };
    let hub = startHub();
    let sensor = startSensor();
    await answers(url);
    for (let kill = 0; kill < KILLS; kill++) {
      await moved();
      await sleep(Math.random() * 500);
      const who = kill % 3;
      if (who !== 1) {
        await killed(hub);
        hub = startHub();
      }
      if (who !== 0) {
        await killed(sensor);
        sensor = startSensor();
      }
      await answers(url);
    }
    await moved();
    const seen = acknowledged;
    await killed(sensor);
    await killed(hub);

    const through = await throughOf(store, id);
    const rows = await store.read.selectFrom('conversation').select(['target', 'packets']).orderBy('target').execute();
    const recorded = new Set(rows.map(({ target }) => target));
    process.stderr.write(`${name}: ${KILLS} kills, ${through} records, ${seen} known to be acknowledged\n`);
    expect(seen).toBeGreaterThan(0);
    expect(through).toBeGreaterThanOrEqual(seen);
    // What was acknowledged is there, nothing twice, and nothing that was not accounted for.
    expect(Array.from({ length: through }, (_, at) => `n${at + 1}`).filter((target) => !recorded.has(target))).toEqual(
      [],
    );
    expect(rows.filter(({ packets }) => packets !== 1)).toEqual([]);
    expect(rows.length).toBe(through);
    expect(await createSensorStore(store.read).gaps(id, 10)).toEqual([]);
    if (name === 'SQLite') {
      const file = new DatabaseSync(database);
      expect(file.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
      file.close();
    }
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});

async function throughOf(store: Store, sensor: string): Promise<number> {
  const streams = await createSensorStore(store.read).streams(sensor);
  expect(streams).toHaveLength(1);
  return streams[0]?.through ?? 0;
}
