import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, pid, resourceUsage } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PcapWriter } from '../src/simulator/pcap-writer.ts';
import { DEFAULT_OPTIONS, Simulation } from '../src/simulator/simulation.ts';

/** What a program took, from its start to its end, with everything it started. */
export interface Taken {
  readonly wallSeconds: number;
  /** User and system time together: the figure that a busy machine disturbs least. */
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  readonly status: number;
}

export interface Subject {
  readonly name: string;
  readonly command: readonly string[];
}

/** The program under test, as a user starts it. */
export const KEYWAY = [execPath, fileURLToPath(new URL('../bin/keyway.js', import.meta.url))] as const;

const GNU_TIME = '/usr/bin/time';
const MILLISECONDS_PER_POLL = 5;
/** Clock ticks a second in /proc, the same on every Linux. */
const TICKS = 100;
const KIBIBYTES_PER_MEGABYTE = 1024;

/** Runs a command on one processor, its output thrown away. */
export async function take(command: readonly string[]): Promise<Taken> {
  const pinned = hasProgram('taskset') ? ['taskset', '-c', String(availableParallelism() - 1), ...command] : command;
  return existsSync(GNU_TIME) ? takeByTime(pinned) : takeByPolling(pinned);
}

function takeByTime(command: readonly string[]): Taken {
  const folder = temporaryFolder();
  const told = join(folder, 'time');
  const { status } = run([GNU_TIME, '-f', '%e %U %S %M', '-o', told, ...command]);
  const [wall = 0, user = 0, system = 0, kibibytes = 0] = lastLine(readFileSync(told, 'utf8')).split(' ').map(Number);
  rmSync(folder, { recursive: true });
  return {
    wallSeconds: wall,
    cpuSeconds: user + system,
    peakMegabytes: kibibytes / KIBIBYTES_PER_MEGABYTE,
    status: status ?? 1,
  };
}

function run([program = '', ...rest]: readonly string[]) {
  const nowhere = openSync('/dev/null', 'w');
  const ended = spawnSync(program, rest, { stdio: ['ignore', nowhere, 'ignore'] });
  closeSync(nowhere);
  return ended;
}

/** Where GNU time is missing: the kernel's own account of the process, up to the last look before its end. */
async function takeByPolling([program = '', ...rest]: readonly string[]): Promise<Taken> {
  const nowhere = openSync('/dev/null', 'w');
  const begun = performance.now();
  const child = spawn(program, rest, { stdio: ['ignore', nowhere, 'ignore'] });
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(1));
  });
  let cpuSeconds = 0;
  let peak = 0;
  let status: number | undefined;
  while (status === undefined) {
    const looked = accountOf(child.pid);
    cpuSeconds = Math.max(cpuSeconds, looked?.cpuSeconds ?? 0);
    peak = Math.max(peak, looked?.kibibytes ?? 0);
    status = await Promise.race([ended, sleep(MILLISECONDS_PER_POLL, undefined)]);
  }
  closeSync(nowhere);
  const wallSeconds = (performance.now() - begun) / 1000;
  return { wallSeconds, cpuSeconds, peakMegabytes: peak / KIBIBYTES_PER_MEGABYTE, status };
}

function accountOf(
  process: number | undefined,
): { readonly cpuSeconds: number; readonly kibibytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'utf8');
    // The name in brackets may hold anything; user and system time are the 12th and 13th value behind it.
    const values = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kibibytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${process}/status`, 'utf8'))?.[1] ?? 0);
    return { cpuSeconds: (Number(values[11]) + Number(values[12])) / TICKS, kibibytes };
  } catch {
    return undefined;
  }
}

export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** Measures the subjects in turn (A B A B …) and gives each one's median, by its processor time. */
export async function inTurn(subjects: readonly Subject[], rounds: number): Promise<ReadonlyMap<string, Taken>> {
  const all = new Map<string, Taken[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, command } of subjects) {
      const taken = await take(command);
      if (taken.status !== 0) {
        throw new Error(`${command.join(' ')} ended with status ${taken.status}`);
      }
      all.get(name)?.push(taken);
    }
  }
  return new Map([...all].map(([name, taken]) => [name, medianOf(taken)]));
}

function medianOf(taken: readonly Taken[]): Taken {
  const middle = (of: (one: Taken) => number) => taken.map(of).toSorted((a, b) => a - b)[taken.length >> 1] ?? 0;
  return {
    wallSeconds: middle(({ wallSeconds }) => wallSeconds),
    cpuSeconds: middle(({ cpuSeconds }) => cpuSeconds),
    peakMegabytes: middle(({ peakMegabytes }) => peakMegabytes),
    status: 0,
  };
}

/** One row per subject, numbers to the right; goes to standard output as Markdown, so that a page can hold it. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = titles.map((title, at) => Math.max(title.length, 3, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  console.log([line(titles), rule, ...rows.map(line)].join('\n'));
}

/** Says what else the machine is doing: other work makes times worse, ratios less so. */
export function printMachine(): void {
  const [load = 0] = loadavg();
  console.log(`${availableParallelism()} processors, load ${load.toFixed(1)} at the start\n`);
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'keyway-bench-'));
}

/** Runs work with a folder of its own, which is gone afterwards. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function numberOption(name: string, usual: number): number {
  const at = argv.indexOf(`--${name}`);
  const value = at < 0 ? usual : Number(argv[at + 1]);
  if (!Number.isFinite(value) || value < 0) {
    throw new Error(`--${name} needs a number`);
  }
  return value;
}

export interface Made {
  readonly path: string;
  readonly packets: number;
  /** Of the file. */
  readonly bytes: number;
}

export const TRAFFIC = {
  /** Dense cyclic polling of many small messages, no attacks. */
  industrial: { density: 10, attacks: false, packetsPerSecond: 7000 },
  /** The whole plant at its usual pace: OT, IT, and attacks. */
  mixed: { density: 1, attacks: true, packetsPerSecond: 850 },
} as const;

/** Has the simulator write so many packets. */
export function makeCapture(path: string, kind: keyof typeof TRAFFIC, packets: number): Made {
  const { density, attacks, packetsPerSecond } = TRAFFIC[kind];
  const duration = Math.ceil(packets / packetsPerSecond) * 1e6;
  const writer = new PcapWriter();
  const file = openSync(path, 'w');
  let made = 0;
  let bytes = 0;
  const write = (chunk: Uint8Array | undefined) => {
    if (chunk !== undefined) {
      writeSync(file, chunk);
      bytes += chunk.length;
    }
  };
  for (const packet of new Simulation({ ...DEFAULT_OPTIONS, duration, density, attacks }).packets()) {
    write(writer.write(packet));
    made++;
    if (made >= packets) {
      break;
    }
  }
  write(writer.finish());
  closeSync(file);
  return { path, packets: made, bytes };
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/**
 * The most memory that this process ever had resident, in MiB. On Linux the figure of `resourceUsage` begins with the peak of
 * whoever started the process.
 */
export function ownPeakMegabytes(): number {
  return (accountOf(pid)?.kibibytes ?? resourceUsage().maxRSS) / KIBIBYTES_PER_MEGABYTE;
}
