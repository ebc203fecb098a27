// Memory over hours of a plant's traffic: the simulated factory through a pipe into `keyway analyze -`, as fast as it goes.
// Prints the resident set over the time of the traffic, and its slope once warm; ends with 1 where the slope is too steep.
// Options: --hours 24 (of traffic), --lines 4, --most 1 (megabytes in ten minutes of traffic), --warm 0.25 (share not counted).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { PcapWriter } from '../src/simulator/pcap-writer.ts';
import { DEFAULT_OPTIONS, Simulation } from '../src/simulator/simulation.ts';
import { KEYWAY, numberOption } from './measure.ts';

const HOURS = numberOption('hours', 24);
const LINES = numberOption('lines', 4);
const MOST_SLOPE = numberOption('most', 1);
const WARM = numberOption('warm', 0.25);
const HOUR = 3600e6;
const TEN_MINUTES = 600e6;
const KIBIBYTES = 1024;
/** Rows that are printed; more are measured. */
const ROWS = 24;
const MEASURED = 240;

interface Sample {
  /** Microseconds of traffic. */
  readonly at: number;
  readonly megabytes: number;
}

const [program, ...before] = KEYWAY;
const child = spawn(program, [...before, 'analyze', '-', '--json', '--quiet'], { stdio: ['pipe', 'pipe', 'inherit'] });
const ended = once(child, 'exit');
let told = '';
child.stdout.setEncoding('utf8').on('data', (text: string) => {
  told += text;
});

const duration = HOURS * HOUR;
const simulation = new Simulation({ ...DEFAULT_OPTIONS, duration, lines: LINES });
const writer = new PcapWriter();
const samples: Sample[] = [];
const begun = performance.now();
let packets = 0;

for (const packet of simulation.packets()) {
  packets++;
  const full = writer.write(packet);
  if (full) {
    await send(full);
    sample(packet.time - DEFAULT_OPTIONS.start);
  }
}
await send(writer.finish());
child.stdin.end();
const [status] = await ended;
report(status);

async function send(chunk: Uint8Array): Promise<void> {
  if (!child.stdin.write(chunk)) {
    await once(child.stdin, 'drain');
  }
}

function sample(at: number): void {
  if (at < (samples.length + 1) * (duration / MEASURED)) {
    return;
  }
  const [, kibibytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  const taken = { at, megabytes: Number(kibibytes) / KIBIBYTES };
  samples.push(taken);
  if (samples.length % (MEASURED / ROWS) === 0) {
    console.log(`${(at / HOUR).toFixed(2).padStart(7)} h ${taken.megabytes.toFixed(0).padStart(6)} MB`);
  }
}

function report(ending: number | null): void {
  const seconds = (performance.now() - begun) / 1000;
  const seen = ending === 0 ? (JSON.parse(told).counters.packets as number) : 0;
  const perTenMinutes = slope(samples.slice(Math.floor(samples.length * WARM))) * TEN_MINUTES;
  console.log(`${packets} packets, ${HOURS} h of traffic in ${seconds.toFixed(0)} s; ${seen} analysed`);
  console.log(`slope ${perTenMinutes.toFixed(2)} MB in ten minutes of traffic (at most ${MOST_SLOPE})`);
  process.exitCode = seen === packets && perTenMinutes <= MOST_SLOPE ? 0 : 1;
}

/** Least squares: megabytes a microsecond. */
function slope(points: readonly Sample[]): number {
  const middle = (of: (point: Sample) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const at = middle((point) => point.at);
  const megabytes = middle((point) => point.megabytes);
  const spread = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0);
  const joint = points.reduce((sum, point) => sum + (point.at - at) * (point.megabytes - megabytes), 0);
  return joint / spread;
}
