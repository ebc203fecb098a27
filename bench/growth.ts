// How time grows with size: what takes more than twelve times as long for eight times as much is marked, and the exit status is 1.
// Options: --candidates (mutants tried per protocol), --only (a part of a name).
import { argv, cpuUsage, exit, stderr } from 'node:process';
import { FRAME_CASES } from './growth-frames.ts';
import { MESSAGE_CASES } from './growth-messages.ts';
import { worstMutants } from './growth-mutants.ts';
import { numberOption, printMachine, printTable } from './measure.ts';

/** Work whose size can be chosen. `prepare` is not measured; what it returns is run again and again. */
export interface GrowthCase {
  readonly name: string;
  /** The smaller size; the larger is eight times it. */
  readonly size: number;
  /** What the size counts: bytes, packets, records. */
  readonly unit: string;
  prepare(size: number): () => void;
  /** What a message of that size is taken for: beyond its limits it is refused, which costs little. */
  outcome?(size: number): string;
}

const TIMES = 8;
const MOST_GROWTH = 12;
const REPETITIONS = 3;
/** Even a square that takes less at 64 KiB takes less than 50 ms at 1 MiB, the longest message: such a step is no concern. */
const HARMLESS_MILLISECONDS = 0.2;
/** The best of so many runs counts, each of at least so many milliseconds of processor time. */
const RUNS = 5;
const MILLISECONDS = 10;
/** What is as slow as this is measured fewer times. */
const PATIENCE_MILLISECONDS = 500;
const CANDIDATES = numberOption('candidates', 200);

interface Growth {
  readonly small: number;
  readonly large: number;
  /** Steep here, and not steep at larger sizes. */
  readonly isStep?: boolean;
}

function measured(one: GrowthCase, size: number): Growth {
  const small = one.prepare(size);
  const large = one.prepare(size * TIMES);
  let bestSmall = millisecondsOf(small);
  let bestLarge = millisecondsOf(large);
  const until = performance.now() + PATIENCE_MILLISECONDS;
  for (let run = 1; run < RUNS && performance.now() < until; run++) {
    bestSmall = Math.min(bestSmall, millisecondsOf(small));
    bestLarge = Math.min(bestLarge, millisecondsOf(large));
  }
  return { small: bestSmall, large: bestLarge };
}

/** Processor time, not time of day: others may share the machine. */
function millisecondsOf(work: () => void): number {
  let runs = 0;
  const before = cpuUsage();
  for (;;) {
    work();
    runs++;
    const { user, system } = cpuUsage(before);
    const milliseconds = (user + system) / 1000;
    if (milliseconds >= MILLISECONDS) {
      return milliseconds / runs;
    }
  }
}

/**
 * What is too steep is measured again at twice the size, and at twice that: a square is steep everywhere, while chance, caches and
 * a garbage collector that sets in make a step somewhere.
 */
function leastGrowth(one: GrowthCase): Growth {
  const first = measured(one, one.size);
  let least = first;
  for (let again = 1; again < REPETITIONS && isSteep(least); again++) {
    least = measured(one, one.size * 2 ** again);
  }
  return isSteep(first) && !isSteep(least) ? { ...first, isStep: true } : first;
}

function isSteep(growth: Growth): boolean {
  return growth.isStep !== true && ratioOf(growth) > MOST_GROWTH && growth.large > HARMLESS_MILLISECONDS;
}

function ratioOf({ small, large }: Growth): number {
  return large / small;
}

const only = argv.includes('--only') ? (argv[argv.indexOf('--only') + 1] ?? '') : '';
printMachine();
const cases = [...MESSAGE_CASES, ...FRAME_CASES, ...(await worstMutants(CANDIDATES, only))].filter(({ name }) =>
  name.includes(only),
);
const rows: string[][] = [];
let tooSteep = 0;
for (const one of cases) {
  const growth = leastGrowth(one);
  const ratio = ratioOf(growth);
  const isTooSteep = isSteep(growth);
  tooSteep += isTooSteep ? 1 : 0;
  const size = `${one.size.toLocaleString('en')} ${one.unit}`;
  const perUnit = (growth.large * 1e6) / (one.size * TIMES);
  stderr.write(`${one.name}: ${ratio.toFixed(1)}\n`);
  rows.push([
    one.name,
    size,
    growth.small.toFixed(3),
    growth.large.toFixed(3),
    perUnit.toFixed(0),
    `${ratio.toFixed(1)}${isTooSteep ? ' ✗' : growth.isStep ? ' (step)' : ''}`,
    one.outcome?.(one.size * TIMES) ?? '',
  ]);
}
printTable(['case', 'n', 'ms at n', 'ms at 8n', 'ns a unit at 8n', 'growth', 'read as'], rows);
console.log(`\n${cases.length} cases, ${tooSteep} above ${MOST_GROWTH} (linear is ${TIMES})`);
exit(tooSteep > 0 ? 1 : 0);
