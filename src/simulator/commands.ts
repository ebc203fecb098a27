import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import { isoTime } from '../kit/time.ts';
import { labelsOf } from './labels.ts';
import { PcapWriter } from './pcap-writer.ts';
import { DEFAULT_OPTIONS, Simulation, type SimulationOptions } from './simulation.ts';

/** `keyway simulate`, in the shape that the command line wants once it exists. */
export const simulateDescription = {
  name: 'simulate',
  summary: 'Write the traffic of a simulated plant as a capture, with labelled attacks',
  options: {
    out: 'Capture file to write (pcap)',
    labels: 'Label file to write (JSON): attacks with technique, time and frame numbers',
    assets: 'Asset file to write (JSON): the devices that were there, as an answer sheet for inventories',
    duration: 'Plant time to simulate, such as 90s, 10m or 2h (default 10m)',
    seed: 'Seed: the same seed and options give the same bytes (default 1)',
    lines: 'Production lines, 1 to 20 (default 2)',
    density: 'How much faster than usual everything cyclic runs (default 1)',
    start: 'Time of the first packet, ISO 8601 (default 2026-03-02T05:55:00Z)',
    'no-attacks': 'Leave the attacks out',
    'no-tags': 'Leave the VLAN tags out',
  },
} as const;

export interface SimulateOptions {
  readonly out: string;
  readonly labels?: string;
  readonly assets?: string;
  readonly duration?: string;
  readonly seed?: number;
  readonly lines?: number;
  readonly density?: number;
  readonly start?: string;
  readonly attacks?: boolean;
  readonly tags?: boolean;
}

export interface SimulateSummary {
  readonly out: string;
  readonly packets: number;
  readonly bytes: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly attacks: readonly string[];
}

export interface SimulateIo {
  /** Progress, for people. */
  progress(line: string): void;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const SECOND = 1_000_000;
const PROGRESS_EVERY = 1_000_000;

export async function simulate(options: SimulateOptions, io: SimulateIo): Promise<Result<SimulateSummary, Failure>> {
  const settings = settingsOf(options);
  if (!settings.ok) {
    return settings;
  }
  const simulation = new Simulation(settings.value);
  try {
    const written = await writeCapture(simulation, options.out, io);
    const labels = labelsOf(simulation.attacks);
    if (options.labels !== undefined) {
      await writeFile(options.labels, `${JSON.stringify(labels, null, 2)}\n`);
    }
    if (options.assets !== undefined) {
      await writeFile(options.assets, `${JSON.stringify(simulation.assets(), null, 2)}\n`);
    }
    return ok({ out: options.out, ...written, attacks: labels.map(({ name }) => name) });
  } catch (cause) {
    return fail('unavailable', 'simulate.write', `Cannot write: ${cause instanceof Error ? cause.message : cause}.`);
  }
}

async function writeCapture(simulation: Simulation, path: string, io: SimulateIo) {
  const file = await open(path, 'w');
  try {
    return await writePackets(simulation, file, io);
  } finally {
    await file.close();
  }
}

async function writePackets(simulation: Simulation, file: FileHandle, io: SimulateIo) {
  const writer = new PcapWriter();
  let packets = 0;
  let bytes = 0;
  let first: number | undefined;
  let last = 0;
  for (const packet of simulation.packets()) {
    packets++;
    bytes += packet.bytes.length;
    first ??= packet.time;
    last = packet.time;
    const full = writer.write(packet);
    if (full) {
      await file.writeFile(full);
    }
    if (packets % PROGRESS_EVERY === 0) {
      io.progress(`${packets} packets, up to ${isoTime(packet.time)}`);
    }
  }
  await file.writeFile(writer.finish());
  return { packets, bytes, firstSeen: isoTime(first ?? last), lastSeen: isoTime(last) };
}

function settingsOf(options: SimulateOptions): Result<SimulationOptions, Failure> {
  const duration = options.duration === undefined ? DEFAULT_OPTIONS.duration : durationOf(options.duration);
  if (duration === undefined) {
    return fail('invalid', 'simulate.duration', `"${options.duration}" is no duration: write 90s, 10m, 2h or 1d.`);
  }
  const start = options.start === undefined ? DEFAULT_OPTIONS.start : Date.parse(options.start) * 1000;
  if (!Number.isFinite(start) || start < 0) {
    return fail('invalid', 'simulate.start', `"${options.start}" is no time: write 2026-03-02T05:55:00Z.`);
  }
  const { seed = DEFAULT_OPTIONS.seed, lines = DEFAULT_OPTIONS.lines, density = DEFAULT_OPTIONS.density } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    return fail('invalid', 'simulate.seed', 'The seed is a whole number from 0 on.');
  }
  if (!Number.isInteger(lines) || lines < 1 || lines > 20) {
    return fail('invalid', 'simulate.lines', 'There are 1 to 20 lines.');
  }
  if (!(density >= 0.01 && density <= 100)) {
    return fail('invalid', 'simulate.density', 'The density is a number from 0.01 to 100.');
  }
  const { attacks = DEFAULT_OPTIONS.attacks, tags: tagged = DEFAULT_OPTIONS.tagged } = options;
  return ok({ seed, lines, density, duration, start, attacks, tagged });
}

function durationOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit] ?? 0);
  return seconds > 0 ? Math.round(seconds * SECOND) : undefined;
}
