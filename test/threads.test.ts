import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLineWriter } from '../src/captures/decode-lines.ts';
import { runCaptures } from '../src/captures/run-captures.ts';
import { captureFile } from '../src/platform/capture/capture-files.ts';
import { Engine } from '../src/wire/engine.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import type { Counters } from '../src/wire/stack/counters.ts';
import { ALL_TRAFFIC, type Share } from '../src/wire/stack/share.ts';
import { capturesIn } from './agreement/sample.ts';
import { udpFrame } from './frames.ts';
import { pcapOf, type Record } from './pcap.ts';
import { runKeyway, startKeyway } from './program.ts';

const CAPTURES = env['KEYWAY_CAPTURES'] ?? fileURLToPath(new URL('../../shared/data/captures', import.meta.url));
const MINUTES = 5 * 60_000;
const START = Date.UTC(2026, 2, 2, 6) * 1000;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyway-threads-'));
  await runKeyway(['simulate', '--out', 'plant.pcap', '--duration', '3m', '--lines', '1'], { folder });
  // A second tap that hears the middle of it, so that packets come twice.
  const plant = await readFile(join(folder, 'plant.pcap'));
  await writeFile(join(folder, 'tap.pcap'), plant.subarray(0, plant.length >> 1));
  await writeFile(join(folder, 'crowd.pcap'), crowd(5000));
}, MINUTES);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Datagrams of so many senders to one station, each asking twice with a pause in which a crowd of flows loses patience. */
function crowd(senders: number): Uint8Array {
  const records: Record[] = [];
  for (const round of [0, 1]) {
    for (let sender = 0; sender < senders; sender++) {
      const client = { mac: 1, address: 0x0a80_0000 + sender, port: 40_000 };
      const server = { mac: 2, address: 0x0a00_0001, port: 502 };
      const time = START + (round * 100 + sender / senders) * 1e6;
      records.push({ time, bytes: udpFrame(client, server, Uint8Array.of(0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1)) });
    }
  }
  return pcapOf(records);
}

describe('several threads print the same bytes as one', { timeout: MINUTES }, () => {
  it.each([
    { args: ['decode', 'plant.pcap'] },
    { args: ['decode', 'plant.pcap', '--protocol', 's7comm', '--since', '+1m'] },
    { args: ['analyze', 'plant.pcap'] },
    { args: ['analyze', 'plant.pcap', '--json'] },
    { args: ['analyze', 'tap.pcap', 'plant.pcap', '--json'] },
    { args: ['analyze', 'plant.pcap', '--json', '--only', 'protocol:s7comm', '--until', '+2m'] },
    { args: ['analyze', 'nowhere.pcap', 'plant.pcap', '--json'] },
    // So near to a limit that threads would tell something else: it is read again in one.
    { args: ['analyze', 'crowd.pcap', '--json', '--limit', 'flows=20000'] },
  ])('$args', async ({ args }) => {
    const one = await runKeyway([...args, '--threads', '1'], { folder });
    for (const threads of ['2', '3']) {
      const several = await runKeyway([...args, '--threads', threads], { folder });
      expect(several.status, several.stderr).toBe(one.status);
      expect(several.stdout === one.stdout, `${threads} threads`).toBe(true);
    }
    expect(one.stdout.length).toBeGreaterThan(500);
  });
});

describe('a run in threads', { timeout: MINUTES }, () => {
  it('says why it fails', async () => {
    const ended = await runKeyway(['decode', 'nowhere.pcap', '--threads', '2'], { folder });
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toContain('nowhere.pcap');
  });

  it.each(['0', 'many', '-1', '2.5'])('refuses %s threads', async (threads) => {
    const ended = await runKeyway(['decode', 'plant.pcap', `--threads=${threads}`], { folder });
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toContain('--threads takes a number');
  });

  it('stops at one place in all threads, and keeps what was found', async () => {
    const plant = await readFile(join(folder, 'plant.pcap'));
    const header = plant.subarray(0, 24);
    const body = plant.subarray(24);
    await writeFile(join(folder, 'long.pcap'), Buffer.concat([header, ...Array.from({ length: 40 }, () => body)]));
    const program = startKeyway(['analyze', 'long.pcap', '--json', '--threads', '2'], { folder });
    setTimeout(() => program.process.kill('SIGINT'), 3000);
    const { status, stdout } = await program.ended;
    const json = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(json.partial).toBe(true);
    expect(json.captures[0].packets).toBe(json.counters.packets);
  });
});

async function decodeShare(
  path: string,
  share: Share,
): Promise<{ lines: [frame: number, line: string][]; counters: Counters }> {
  const lines: [number, string][] = [];
  const writer = createLineWriter((line, frame) => lines.push([frame, line]), undefined);
  const engine = new Engine({ dissectors, listener: writer.listener, seed: 1, share });
  writer.follow(engine);
  await runCaptures([captureFile(path)], engine, { breathe: () => Promise.resolve(true) });
  engine.end();
  writer.finish();
  return { lines, counters: engine.counters };
}

describe('shares of captures of others', () => {
  it('hold each line once and count each packet once', { timeout: 2 * MINUTES }, async ({ skip }) => {
    skip(!existsSync(CAPTURES), 'there is no folder of captures; KEYWAY_CAPTURES may name one');
    for (const path of await capturesIn(CAPTURES)) {
      const whole = await decodeShare(path, ALL_TRAFFIC);
      const of = 3;
      const parts = await Promise.all([0, 1, 2].map((index) => decodeShare(path, { index, of })));
      const lines = parts.flatMap((part) => part.lines).toSorted(([a], [b]) => a - b);
      expect(lines, path).toEqual(whole.lines);
      for (const name of Object.keys(whole.counters) as (keyof Counters)[]) {
        const sum = parts.reduce((total, { counters }) => total + counters[name], 0);
        expect(sum, `${name} of ${path}`).toBe(whole.counters[name]);
      }
    }
  });
});
