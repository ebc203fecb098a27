import type { Micros } from '../../kit/time.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

const HOUR = 3_600_000_000;
const SHIFTS_AT = [6, 14, 22] as const;
const HANDOVER = HOUR / 6;
const NIGHT_SHIFT = 22;
const DAY = 24;

/** Keeps a period, however long the work in each round took, with a little jitter as real clients have it. */
export class Rhythm {
  private readonly world: World;
  private readonly random: Random;
  private readonly period: number;
  private due: Micros;

  constructor(world: World, random: Random, milliseconds: number) {
    this.world = world;
    this.random = random;
    this.period = (milliseconds * 1000) / world.density;
    this.due = world.now;
  }

  /** Microseconds until the next round is due. */
  rest(): number {
    this.due = Math.max(this.due + this.period, this.world.now + this.period / 10);
    const jitter = (this.random.unit() - 0.5) * 0.02 * this.period;
    return Math.max(1, this.due - this.world.now + jitter);
  }
}

/** How busy operators are: calm in the night, busy around the change of shift, else in between. */
export function operatorActivity(time: Micros): number {
  const hour = (time / HOUR) % DAY;
  if (SHIFTS_AT.some((shift) => hour >= shift - 0.05 && (hour - shift) * HOUR < HANDOVER)) {
    return 4;
  }
  return hour >= NIGHT_SHIFT || hour < (SHIFTS_AT[0] ?? 0) ? 0.4 : 1;
}

const SECONDS_BETWEEN_WRITES = 90;

/** Whether the operator at this panel changes a value in a round of `milliseconds`. */
export function operatorWrites(world: World, random: Random, milliseconds: number): boolean {
  const rounds = (SECONDS_BETWEEN_WRITES * 1000) / milliseconds;
  return random.chance(operatorActivity(world.now) / rounds);
}
