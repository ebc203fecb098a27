import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT, SERVER, udpFrame } from './frames.ts';
import { pcapOf, type Record } from './pcap.ts';
import { type Program, startInTerminal, startKeyway } from './program.ts';

const START = Date.UTC(2026, 2, 2, 6) * 1000;
const FRAME = udpFrame(CLIENT, SERVER, Uint8Array.of(1, 2, 3));
const HEADER = pcapOf([]);
const CONTROL_C = '\x03';
const MINUTES = 2 * 60_000;
/** So much that a pipe does not hold it: once it is written, the program is reading. */
const MANY = 20_000;

/** Records of a capture without its header, to be written piece by piece. */
function records(from: number, count: number): Uint8Array {
  const all: Record[] = Array.from({ length: count }, (_, at) => ({ time: START + (from + at) * 1000, bytes: FRAME }));
  return pcapOf(all).subarray(HEADER.length);
}

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyway-stop-'));
  const part = records(0, MANY);
  await writeFile(join(folder, 'short.pcap'), Buffer.concat([HEADER, part]));
  await writeFile(join(folder, 'long.pcap'), Buffer.concat([HEADER, ...Array.from({ length: 100 }, () => part)]));
}, MINUTES);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const filesInto = (name: string) => ['--html', `${name}/page.html`, '--csv', name];

/** It reads standard input, and has read nearly everything of this. */
async function startedReading(args: readonly string[]): Promise<Program> {
  const program = startKeyway(['analyze', '-', '--json', ...args], { folder });
  await program.write(HEADER);
  await program.write(records(0, MANY));
  return program;
}

/** Writes on until the program has ended. */
async function writeOn(program: Program): Promise<void> {
  let over = false;
  void program.ended.then(() => {
    over = true;
  });
  const more = records(MANY, 100);
  while (!over) {
    await Promise.race([program.write(more), program.ended]);
    await sleep(20);
  }
}

/** Everything that was written says that it is a part, and is whole. */
async function expectPart(stdout: string, name: string): Promise<void> {
  const json = JSON.parse(stdout);
  expect(json).toMatchObject({ partial: true, captures: [{ damage: null }] });
  const { packets, decoded } = json.counters;
  expect(packets).toBeGreaterThanOrEqual(MANY);
  expect(decoded).toBe(packets);
  expect(json.captures[0].packets).toBe(packets);
  expect(json.findings.map(({ code }: { code: string }) => code)).toContain('coverage.stopped');
  const page = await readFile(join(folder, name, 'page.html'), 'utf8');
  expect(page).toContain('"partial":true');
  expect(page).toMatch(/<\/html>\n$/);
  expect(await readFile(join(folder, name, 'findings.csv'), 'utf8')).toContain('coverage.stopped');
}

describe('a signal', { timeout: MINUTES }, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends reading a pipe that goes on; what was found is written',
    async (signal) => {
      const program = await startedReading(filesInto(signal));
      const writing = writeOn(program);
      program.process.kill(signal);
      const { status, stdout, stderr } = await program.ended;
      await writing;

      expect(status).toBe(0);
      expect(stderr).toContain('keyway: stopped before the end; this is what was found so far\n');
      await expectPart(stdout, signal);
    },
  );

  it('ends waiting for a silent pipe', async () => {
    const program = await startedReading(filesInto('silent'));
    program.process.kill('SIGINT');
    const { status, stdout } = await program.ended;

    expect(status).toBe(0);
    await expectPart(stdout, 'silent');
    expect(JSON.parse(stdout).counters.packets).toBe(MANY);
  });

  it('ends waiting for a named pipe, before anything came and afterwards', async () => {
    const path = join(folder, 'fifo');
    await promisify(execFile)('mkfifo', [path]);
    const lonely = startKeyway(['analyze', 'fifo'], { folder });
    const silent = await open(path, 'w');
    lonely.process.kill('SIGINT');
    const stderr = expect.stringContaining('fifo: it was stopped before anything came');
    expect(await lonely.ended).toMatchObject({ status: 2, stderr });
    await silent.close();

    const heard = startKeyway(['analyze', 'fifo', '--json', ...filesInto('fifo-files')], { folder });
    const writer = await open(path, 'w');
    await writer.writeFile(Buffer.concat([HEADER, records(0, MANY)]));
    heard.process.kill('SIGINT');
    const { status, stdout } = await heard.ended;
    await writer.close();
    expect(status).toBe(0);
    await expectPart(stdout, 'fifo-files');
  });

  it('to both ends of a pipe leaves nothing out: what the writer still hands over is read', async () => {
    const program = await startedReading([]);
    program.process.kill('SIGINT');
    await program.write(records(MANY, 2));
    program.process.stdin?.end();
    const { status, stdout } = await program.ended;

    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ partial: false, counters: { packets: MANY + 2 } });
  });

  it.each([{ captures: ['long.pcap'] }, { captures: ['long.pcap', 'short.pcap'] }])(
    'ends reading $captures on a terminal, where a bar told how far it is',
    async ({ captures }) => {
      const shown = startInTerminal(['analyze', ...captures, '--csv', 'file'], { folder });
      await shown.shows(/analysing [█░]+ \d+ % .*packets\/s/);
      shown.type(CONTROL_C);
      const { stdout } = await shown.ended;

      expect(stdout).toContain('stopping; once more ends it at once');
      expect(stdout).toContain('stopped before the end: this is what was found so far');
      expect(await readFile(join(folder, 'file', 'findings.csv'), 'utf8')).toContain('coverage.stopped');
    },
  );

  it('ends it at once the second time', async () => {
    const program = await startedReading([]);
    program.process.kill('SIGINT');
    await sleep(100);
    program.process.kill('SIGINT');

    expect(await program.ended).toMatchObject({ signal: 'SIGINT', stdout: '' });
  });
});
