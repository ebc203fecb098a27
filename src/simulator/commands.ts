import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import { isoTime } from '../kit/time.ts';
import type { Command, Input, Option } from '../platform/cli/command.ts';
import { labelsOf } from './labels.ts';
import { PcapWriter } from './pcap-writer.ts';
import { DEFAULT_OPTIONS, Simulation, type SimulationOptions } from './simulation.ts';

const OPTIONS: readonly Option[] = [
  { flags: '--out <file>', description: 'capture to write (pcap)', required: true },
  { flags: '--labels <file>', description: 'attacks with technique, time, filter and frame numbers (JSON)' },
  { flags: '--assets <file>', description: 'the devices that were there, as an answer sheet for inventories (JSON)' },
  { flags: '--duration <time>', description: 'time in the plant: 90s, 10m, 2h or 1d (default 10m)' },
  { flags: '--seed <number>', description: 'the same seed and options give the same bytes (default 1)' },
  { flags: '--lines <number>', description: 'production lines, 1 to 20 (default 2)' },
  { flags: '--density <factor>', description: 'how much faster than usual everything cyclic runs (default 1)' },
  {
    flags: '--start <time>',
    description: 'time of the first packet (default 2026-03-02T05:55:00Z, before a change of shift)',
  },
  { flags: '--no-attacks', description: 'leave the attacks out' },
  { flags: '--no-tags', description: 'leave the VLAN tags out' },
];

export function simulatorCommands(): readonly Command[] {
  return [
    {
      name: 'simulate',
      summary: 'Write the traffic of a simulated plant as a capture, attacks labelled',
      details:
        'A factory with production lines of several makers, supervision, DMZ and office, seen from a mirror port of its core ' +
        'switch: every frame is real. Attacks come one after the other over the last two thirds.\n\n' +
        'Example: keyway simulate --out plant.pcap --labels attacks.json --duration 10m',
      arguments: [],
      options: OPTIONS,
      async run({ options }, terminal) {
        const asked = requestOf(options);
        if (!asked.ok) {
          return asked;
        }
        const done = await simulate(asked.value, {
          progress: (share) => terminal.progress({ label: 'simulating', share }),
          breathe: () => terminal.breathe(),
        });
        if (!done.ok) {
          return done;
        }
        const { out, packets, bytes, attacks } = done.value;
        const text = `${packets} packets, ${bytes} bytes, ${attacks.length} attacks: ${out}`;
        await terminal.print(`${options['json'] === true ? JSON.stringify(done.value) : text}\n`);
        return ok(0);
      },
    },
  ];
}

export interface SimulateRequest {
  readonly out: string;
  readonly labels?: string | undefined;
  readonly assets?: string | undefined;
  readonly settings: SimulationOptions;
}

export interface SimulateSummary {
  readonly out: string;
  readonly packets: number;
  readonly bytes: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly attacks: readonly string[];
}

export interface SimulateWatcher {
  progress(share: number): void;
  /** Resolves to false once nobody wants the rest. */
  breathe(): Promise<boolean>;
}

/** Writes the capture and the files beside it. Stopped early, all of them are whole up to there. */
export async function simulate(
  request: SimulateRequest,
  watcher: SimulateWatcher,
): Promise<Result<SimulateSummary, Failure>> {
  const simulation = new Simulation(request.settings);
  try {
    const written = await writeCapture(simulation, request, watcher);
    const labels = labelsOf(simulation.attacks);
    await writeJson(request.labels, labels);
    await writeJson(request.assets, simulation.assets());
    return ok({ out: request.out, ...written, attacks: labels.map(({ name }) => name) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail('unavailable', 'file.unwritable', `${request.out} or a file beside it cannot be written (${code})`);
  }
}

async function writeJson(path: string | undefined, content: unknown): Promise<void> {
  if (path !== undefined) {
    await writeFile(path, `${JSON.stringify(content, null, 2)}\n`);
  }
}

async function writeCapture(simulation: Simulation, request: SimulateRequest, watcher: SimulateWatcher) {
  const file = await open(request.out, 'w');
  try {
    return await writePackets(simulation, file, { ...watcher, settings: request.settings });
  } finally {
    await file.close();
  }
}

async function writePackets(
  simulation: Simulation,
  file: FileHandle,
  { settings, progress, breathe }: SimulateWatcher & { readonly settings: SimulationOptions },
) {
  const writer = new PcapWriter();
  let packets = 0;
  let bytes = 0;
  let first: number | undefined;
  let last = settings.start;
  for (const packet of simulation.packets()) {
    packets++;
    bytes += packet.bytes.length;
    first ??= packet.time;
    last = packet.time;
    const full = writer.write(packet);
    if (full) {
      await file.writeFile(full);
      progress((packet.time - settings.start) / settings.duration);
      if (!(await breathe())) {
        break;
      }
    }
  }
  await file.writeFile(writer.finish());
  return { packets, bytes, firstSeen: isoTime(first ?? last), lastSeen: isoTime(last) };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const SECOND = 1_000_000;
const MOST_LINES = 20;

/** What the user asked for, or the first thing that is wrong with it. */
export function requestOf(options: Input['options']): Result<SimulateRequest, Failure> {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  const number = (name: string, usual: number) => (text(name) === undefined ? usual : Number(text(name)));
  const { duration: usualDuration, start: usualStart } = DEFAULT_OPTIONS;
  const duration = text('duration') === undefined ? usualDuration : durationOf(text('duration') ?? '');
  const start = text('start') === undefined ? usualStart : Date.parse(text('start') ?? '') * 1000;
  const seed = number('seed', DEFAULT_OPTIONS.seed);
  const lines = number('lines', DEFAULT_OPTIONS.lines);
  const density = number('density', DEFAULT_OPTIONS.density);
  const out = text('out');
  const wrong: readonly (readonly [boolean, string])[] = [
    [out === undefined, '--out names the capture to write'],
    [duration === undefined, `--duration ${text('duration')} is none: write 90s, 10m, 2h or 1d`],
    [!(start >= 0), `--start ${text('start')} is no time: write 2026-03-02T05:55:00Z`],
    [!Number.isSafeInteger(seed) || seed < 0, '--seed is a whole number from 0 on'],
    [!Number.isInteger(lines) || lines < 1 || lines > MOST_LINES, `--lines is a whole number from 1 to ${MOST_LINES}`],
    [!(density >= 0.01 && density <= 100), '--density is a number from 0.01 to 100'],
  ];
  const [, message] = wrong.find(([isWrong]) => isWrong) ?? [];
  if (message !== undefined || out === undefined || duration === undefined) {
    return fail('invalid', 'simulate.options', message ?? '');
  }
  const attacks = options['attacks'] !== false;
  const settings = { seed, lines, density, duration, start, attacks, tagged: options['tags'] !== false };
  return ok({ out, labels: text('labels'), assets: text('assets'), settings });
}

function durationOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit] ?? 0);
  return seconds > 0 ? Math.round(seconds * SECOND) : undefined;
}
