import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub } from '../src/main.ts';
import { decoderArguments, isInterfaceName } from '../src/platform/capture/live-capture.ts';
import { openStore } from '../src/platform/store/open-store.ts';
import type { Store } from '../src/platform/store/store.ts';
import { createSensorStore } from '../src/sensor/store.ts';
import { pcapOf } from './pcap.ts';
import { runKeyway } from './program.ts';
import { registerSensor } from './sensor-hub.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyway-sensor-'));
const ROOT = new URL('../', import.meta.url);
const hasTcpdump = existsSync('/usr/bin/tcpdump') || existsSync('/usr/sbin/tcpdump');
let hub: Awaited<ReturnType<typeof startHub>>;
let store: Store;

beforeAll(async () => {
  const database = join(folder, 'hub/keyway.db');
  const settings = { data: dirname(database), database, host: '127.0.0.1', port: 0, version: '0.0.0-test' };
  hub = await startHub(settings, pino({ level: 'silent' }));
  store = await openStore(database);
});
afterAll(async () => {
  await hub.stop();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 45_000; Date.now() < end; await sleep(100)) {
    if (await isTrue()) {
      return;
    }
  }
  throw new Error(`it never came to this: ${what}`);
}

const packetsOf = async (scope: string) => {
  const rows = await store.read.selectFrom('conversation').selectAll().where('scope', '=', scope).execute();
  return rows.reduce((sum, { packets }) => sum + packets, 0);
};

describe('the decoder of a sensor', () => {
  it('can read no file but its own, write none, and start nothing', () => {
    const attempt = `
      const { readFileSync, writeFileSync } = await import('node:fs');
      const { spawnSync } = await import('node:child_process');
      const { Worker } = await import('node:worker_threads');
      const acts = {
        read: () => readFileSync('/etc/passwd'),
        write: () => writeFileSync(${JSON.stringify(join(folder, 'written'))}, 'x'),
        overwrite: () => writeFileSync(${JSON.stringify(fileURLToPath(new URL('package.json', ROOT)))}, 'x', { flag: 'a' }),
        spawn: () => spawnSync('true'),
        thread: () => new Worker('0', { eval: true }),
      };
      for (const [name, act] of Object.entries(acts)) {
        try { act(); console.log(name, 'allowed'); } catch ({ code }) { console.log(name, code); }
      }`;
    const flags = decoderArguments({ entry: new URL('src/decoder.ts', ROOT), root: ROOT, order: {} }).filter((flag) =>
      flag.startsWith('--'),
    );

    const { stdout } = spawnSync(execPath, [...flags, '--input-type=module', '--eval', attempt], { encoding: 'utf8' });

    const denied = ['read', 'write', 'overwrite', 'spawn', 'thread'].map((name) => `${name} ERR_ACCESS_DENIED`);
    expect(stdout.trim().split('\n')).toEqual(denied);
  });

  it.each([
    { name: 'eth0', fits: true },
    { name: 'enp3s0.100', fits: true },
    { name: '-w/etc/x', fits: false },
    { name: 'eth0;reboot', fits: false },
    { name: '', fits: false },
  ])('is started for interface $name: $fits', ({ name, fits }) => {
    expect(isInterfaceName(name)).toBe(fits);
  });
});

it.each([
  { args: ['--interface', '-i'], says: 'this is no name of an interface' },
  { args: ['--hub', 'http://hub.plant.example'], says: '--hub: must be https' },
  { args: ['--secret-file', 'none'], says: '--secret-file none: cannot be read' },
  { args: ['--fingerprint', 'abc'], says: '--fingerprint: must be sha256:' },
  { args: ['--spool-days', '0'], says: 'must be numbers above 0' },
])('refuses $args in one sentence', async ({ args, says }) => {
  const { secretFile } = await registerSensor(store, folder, `s${Math.random().toString(36).slice(2)}`);
  const usual = { '--interface': 'eth0', '--hub': hub.url, '--id': 'x', '--secret-file': secretFile };
  const all = Object.entries({ ...usual, [args[0] ?? '']: args[1] ?? '' }).flat();

  const { status, stderr } = await runKeyway(['sensor', ...all], { folder });

  expect(stderr).toContain(says);
  expect(status).toBe(2);
});

describe.skipIf(!hasTcpdump)('a sensor', () => {
  it('tells the hub all that is in a capture, and that its path is whole', async () => {
    const sensor = await registerSensor(store, folder, 'replay');
    const capture = join(folder, 'plant.pcap');
    await runKeyway(['simulate', '--out', capture, '--duration', '20s'], { folder });
    const { captures } = JSON.parse((await runKeyway(['analyze', capture, '--json'], { folder })).stdout);
    const args = [
      '--hub',
      hub.url,
      '--id',
      sensor.id,
      '--secret-file',
      sensor.secretFile,
      '--spool',
      join(folder, 's1'),
    ];

    const { status, stderr } = await runKeyway(['sensor', '--replay', capture, ...args, '--harvest', '0.5'], {
      folder,
    });

    expect(stderr).toContain('listening through tcpdump');
    expect(status).toBe(0);
    expect(await packetsOf(sensor.id)).toBe(captures[0].packets);
    const known = await sensor.now();
    expect(known.lastCanaryAt).toBeGreaterThan(0);
    expect(known.health).toMatchObject({ packets: captures[0].packets, restarts: 0 });
    expect(await createSensorStore(store.read).gaps(sensor.id, 10)).toEqual([]);
  });
});

const canUnshare = spawnSync('unshare', ['-n', 'true']).status === 0;
const hasNft = spawnSync('nft', ['--version']).status === 0;
const missing = [canUnshare ? [] : ['network namespaces'], hasNft ? [] : ['nft']].flat();
if (missing.length > 0) {
  process.stderr.write(`The sensor is not tested on a live interface: this machine lacks ${missing.join(' and ')}.\n`);
}

const DATAGRAMS = 300;
const SEND = `
  const { createSocket } = await import('node:dgram');
  const socket = createSocket('udp4');
  for (let sent = 0; sent < ${DATAGRAMS}; sent++) {
    await new Promise((resolve) => socket.send('line ' + sent, 5555, '10.99.0.2', resolve));
  }
  socket.close();`;

describe.skipIf(missing.length > 0 || !hasTcpdump)('a sensor on an interface', () => {
  const name = `kw${process.pid % 100_000}`;
  const inside = (...args: string[]) => execFileSync('ip', ['netns', 'exec', name, ...args], { encoding: 'utf8' });

  beforeAll(() => {
    const ip = (...args: string[]) => execFileSync('ip', args);
    ip('netns', 'add', name);
    ip('netns', 'exec', name, 'ip', 'link', 'add', 'tap', 'type', 'veth', 'peer', 'name', 'plant');
    // Nobody but a sensor that breaks its word sends anything on `tap`.
    inside(
      'sh',
      '-c',
      'echo 1 > /proc/sys/net/ipv6/conf/tap/disable_ipv6; echo 1 > /proc/sys/net/ipv6/conf/plant/disable_ipv6',
    );
    inside('ip', 'link', 'set', 'tap', 'arp', 'off', 'up');
    inside('ip', 'link', 'set', 'plant', 'arp', 'off', 'up');
    inside('ip', 'link', 'set', 'lo', 'up');
    inside('ip', 'address', 'add', '10.99.0.1/24', 'dev', 'plant');
    inside('ip', 'neighbour', 'add', '10.99.0.2', 'lladdr', addressOfTap(), 'dev', 'plant');
    inside('nft', 'add table netdev watch');
    inside('nft', 'add chain netdev watch sent { type filter hook egress device tap priority 0 ; }');
    inside('nft', 'add rule netdev watch sent counter');
  });
  afterAll(() => {
    spawnSync('ip', ['netns', 'del', name]);
  });

  const addressOfTap = () => inside('cat', '/sys/class/net/tap/address').trim();
  const sentOnTap = () => /packets (\d+)/u.exec(inside('nft', 'list table netdev watch'))?.[1];

  it('hears what is sent to it, and sends nothing', async () => {
    const { secretFile, id } = await registerSensor(store, folder, 'live');
    const args = ['--hub', hub.url, '--id', id, '--secret-file', secretFile, '--spool', join(folder, 'live')];
    const keyway = fileURLToPath(new URL('bin/keyway.js', ROOT));
    const command = [execPath, keyway, 'sensor', '--interface', 'tap', ...args, '--harvest', '0.5'];
    const sensor = spawn('ip', ['netns', 'exec', name, ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    sensor.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await until('it listens', async () => /listening on tap|Capturing on/u.test(said));
    await sleep(500);
    inside(execPath, '--input-type=module', '--eval', SEND);
    await sleep(1500);
    const ended = new Promise((resolve) => sensor.once('close', resolve));
    sensor.kill('SIGTERM');
    await ended;
    expect(sentOnTap()).toBe('0');

    // The namespace has no way to the hub: somebody outside delivers what waits.
    const nothing = join(folder, 'nothing.pcap');
    writeFileSync(nothing, pcapOf([]));
    await runKeyway(['sensor', '--replay', nothing, ...args], { folder });

    const rows = await store.read.selectFrom('conversation').selectAll().where('scope', '=', id).execute();
    expect(rows).toMatchObject([{ target: '10.99.0.2', port: 5555, packets: DATAGRAMS }]);
  });
});

it.skipIf(!hasTcpdump)('shows when a sensor is away, and what it kept meanwhile', async () => {
  const sensor = await registerSensor(store, folder, 'away');
  const capture = join(folder, 'away.pcap');
  await runKeyway(['simulate', '--out', capture, '--duration', '5s'], { folder });
  const common = ['sensor', '--replay', capture, '--id', sensor.id, '--secret-file', sensor.secretFile];
  const spool = ['--spool', join(folder, 's2'), '--harvest', '0.2'];

  const away = await runKeyway([...common, '--hub', 'http://127.0.0.1:9', ...spool], { folder });
  expect(away.stderr).toContain('not delivered: connect ECONNREFUSED');
  expect((await sensor.now()).lastRecordAt).toBeUndefined();

  await runKeyway([...common, '--hub', hub.url, ...spool], { folder });
  const { captures } = JSON.parse((await runKeyway(['analyze', capture, '--json'], { folder })).stdout);
  expect(await packetsOf(sensor.id)).toBe(2 * captures[0].packets);
});
