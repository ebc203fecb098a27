import type { Micros } from '../kit/time.ts';

const COUNTER_EVERY = 8;

/**
 * The values that controllers hold: a machine's temperatures, pressures, speeds and counters as waves of time, the same
 * for everybody who asks at the same moment. What somebody writes stays until it is written again.
 */
export class ProcessImage {
  private readonly seed: number;
  private readonly written = new Map<string, Map<number, number>>();

  constructor(seed: number) {
    this.seed = seed | 0;
  }

  /** One 16-bit value of a device. */
  word(device: string, id: number, address: number, time: Micros): number {
    const stated = this.written.get(device)?.get(address);
    return stated ?? this.wave(id, address, time);
  }

  write(device: string, address: number, value: number): void {
    const values = this.written.get(device) ?? new Map<number, number>();
    this.written.set(device, values.set(address, value & 0xffff));
  }

  private wave(id: number, address: number, time: Micros): number {
    const hash = Math.imul((this.seed ^ Math.imul(id + 1, 0x9e3779b1)) + address, 0x85ebca6b) >>> 0;
    const base = 200 + (hash & 0x7ff);
    const seconds = time / 1_000_000;
    if (address % COUNTER_EVERY === COUNTER_EVERY - 1) {
      return Math.floor(seconds / (1 + (hash >>> 28))) & 0x7fff;
    }
    const period = 4 + ((hash >>> 11) & 0x3f);
    const phase = seconds / period + (hash >>> 24) / 256;
    const triangle = Math.abs((phase - Math.floor(phase)) * 2 - 1);
    return base + Math.round(triangle * ((hash >>> 17) & 0x7f));
  }
}
