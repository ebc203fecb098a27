import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCapture } from '../bench/measure.ts';
import { createCollector } from '../src/inventory/collector.ts';
import { CaptureReader } from '../src/wire/capture/capture.ts';
import { Engine } from '../src/wire/engine.ts';
import { dissectors } from '../src/wire/protocols/index.ts';

/** Whatever is wrong with a capture, every packet of it is counted exactly once, and nothing throws. */
const CAPTURES = env['KEYWAY_CAPTURES'] ?? fileURLToPath(new URL('../../shared/data/captures', import.meta.url));
/** One of so many shared captures; KEYWAY_DAMAGED=1 for all. */
const ONE_OF = Number(env['KEYWAY_DAMAGED'] ?? 24);
const MOST_BYTES = ONE_OF === 1 ? 50_000_000 : 400_000;
const MINUTES = ONE_OF === 1 ? 60 : 10;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KEYWAY = join(ROOT, 'bin/keyway.js');

const DAMAGES: readonly (readonly string[])[] = [
  ['-E', '0.01'],
  ['-E', '0.05'],
  ...[14, 34, 54].map((kept) => ['-E', '0.05', '-o', String(kept)]),
  ['-s', '60'],
];
const RANDOM_TYPES =
  'arp bgp bvlc dns eth fddi giop icmp ieee802.15.4 ip ipv6 llc m2m megaco nbns ncp2222 sctp syslog tds tcp tr udp usb-linux';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyway-damaged-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function has(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
}

/** Reads a capture to its end; the packets that it handed on, once they all are accounted for. */
function packetsOf(file: Uint8Array): number {
  const collector = createCollector({ vendorOfMac: () => undefined, limits: {} });
  const engine = new Engine({ dissectors, listener: collector.listener, seed: 7 });
  let handed = 0;
  const reader = new CaptureReader({
    packet(packet) {
      handed++;
      engine.packet(packet);
    },
  });
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = 0, next = -1; next !== at && at < file.length; ) {
    next = at;
    at = reader.consume(file, view, at, file.length);
  }
  engine.end();
  collector.result();
  const { packets, decoded, filtered, dropped, truncated, malformed, duplicates } = engine.counters;
  expect(packets).toBe(handed);
  expect(decoded + filtered + dropped).toBe(packets);
  for (const marked of [truncated, malformed, duplicates]) {
    expect(marked).toBeLessThanOrEqual(decoded + dropped);
  }
  return handed;
}

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

function edited(path: string, options: readonly string[], name: string): Uint8Array {
  const out = join(folder, name);
  execFileSync('editcap', [...options, path, out], { stdio: 'ignore' });
  return read(out);
}

/** A capture of our own simulated plant. */
function plant(): string {
  const path = join(folder, 'plant.pcap');
  if (!existsSync(path)) {
    makeCapture(path, 'mixed', 3000);
  }
  return path;
}

describe.skipIf(!has('editcap', '-v'))('a capture that editcap damages', { timeout: MINUTES * 60_000 }, () => {
  const shared = existsSync(CAPTURES)
    ? readdirSync(CAPTURES, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(pcap|pcapng|cap)$/.test(name))
        .toSorted()
        .filter((_, at) => at % ONE_OF === 0)
        .map((name) => join(CAPTURES, name))
    : [];

  it(`is counted to the last packet (${shared.length} shared captures and a simulated plant)`, () => {
    let packets = 0;
    for (const [at, path] of [plant(), ...shared].entries()) {
      const file = read(path);
      if (file.length > MOST_BYTES && at > 0) {
        continue;
      }
      packets += packetsOf(file);
      for (const [seed, options] of DAMAGES.entries()) {
        packets += packetsOf(edited(path, ['--seed', String(seed), ...options], 'damaged'));
      }
    }

    expect(packets).toBeGreaterThan(10_000);
  });

  it('is read up to the block whose length is wrong', () => {
    const file = edited(plant(), ['-F', 'pcapng'], 'plant.pcapng').slice(0, 60_000);
    const whole = packetsOf(file);
    const view = new DataView(file.buffer);
    let wrong = 0;
    for (let at = 0, length = 0; at + 12 < file.length && wrong < 200; at += length) {
      length = view.getUint32(at + 4, true);
      for (const said of [0, 3, 8, 13, length - 4, length + 4, 2 ** 24 + 4, 2 ** 32 - 4]) {
        view.setUint32(at + 4, said, true);
        expect(packetsOf(file)).toBeLessThanOrEqual(whole);
        wrong++;
      }
      view.setUint32(at + 4, length, true);
    }

    expect(whole).toBeGreaterThan(100);
    expect(wrong).toBeGreaterThanOrEqual(200);
  });
});

it.skipIf(!has('randpkt', '-h'))('counts random packets of every kind', { timeout: MINUTES * 60_000 }, () => {
  for (const type of RANDOM_TYPES.split(' ')) {
    const path = join(folder, `random-${type}`);
    execFileSync('randpkt', ['-b', '500', '-c', '200', '-t', type, path], { stdio: 'ignore' });

    expect(packetsOf(read(path)), type).toBe(200);
  }
});

const canTrace = has('strace', '-V') && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

describe.skipIf(!canTrace)('the program, watched by strace', { timeout: MINUTES * 60_000 }, () => {
  it.each([
    { name: 'analyze', options: ['--html', 'page.html', '--csv', 'tables'] },
    { name: 'decode', options: [] },
  ])('sends nothing and opens no socket to the network: $name', ({ name, options }) => {
    const path = plant();
    const trace = join(folder, `${name}.trace`);
    const command = ['-f', '-qq', '-e', 'trace=%network,execve', '-o', trace, execPath, KEYWAY, name, path, ...options];
    const { status } = spawnSync('strace', command, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
    const calls = readFileSync(trace, 'utf8').split('\n');

    expect(status).toBe(0);
    // The trace does see this process: it began with its start.
    expect(calls.some((call) => call.includes('execve('))).toBe(true);
    expect(
      calls.filter((call) => /\b(AF_INET6?|AF_PACKET|AF_NETLINK)\b|\b(connect|bind|sendto|sendmsg)\(/.test(call)),
    ).toEqual([]);
  });

  it('would see a socket that is opened', () => {
    const trace = join(folder, 'self.trace');
    const opens = "require('node:dgram').createSocket('udp4').bind(0,'127.0.0.1',function(){this.close()})";
    spawnSync('strace', ['-f', '-qq', '-e', 'trace=%network', '-o', trace, execPath, '-e', opens]);

    expect(readFileSync(trace, 'utf8')).toContain('AF_INET');
  });
});
