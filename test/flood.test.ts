import { execFile } from 'node:child_process';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

/** Invented senders; KEYWAY_FLOOD=1000000 for the long run. */
const PACKETS = Number(env['KEYWAY_FLOOD'] ?? 200_000);
const MOST_MEGABYTES = 512;
const MINUTES = 10;

/** What bench/flood.ts prints. */
interface Told {
  readonly sent: number;
  readonly polls: number;
  readonly messages: number;
  /** Answers that found their question, and flows of the one connection to the controller. */
  readonly paired: number;
  readonly controllerFlows: number;
  readonly recorded: number;
  readonly counters: {
    readonly packets: number;
    readonly decoded: number;
    readonly filtered: number;
    readonly dropped: number;
  };
  readonly calmAfterSeconds?: number;
  readonly toldAfterSeconds?: number;
  readonly limits: readonly string[];
  readonly assets: number;
  readonly findings: Readonly<Record<string, number>>;
  readonly peakMegabytes: number;
}

describe.each([
  { name: 'more than may be tracked', options: [], overflows: true },
  { name: 'that stay below the limit', options: ['--flows', String(PACKETS * 1.25)], overflows: false },
  { name: 'whom the controller answers', options: ['--answered', '1'], overflows: true },
])(`a flood of ${PACKETS} invented senders, $name`, ({ options, overflows }) => {
  let told: Told;

  beforeAll(async () => {
    const script = fileURLToPath(new URL('../bench/flood.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(execPath, [script, '--packets', String(PACKETS), ...options]);
    told = JSON.parse(stdout) as Told;
  }, MINUTES * 60_000);

  it('stays in its memory', () => {
    expect(told.peakMegabytes).toBeLessThan(MOST_MEGABYTES);
  });

  it('invents no asset: the station and the controller are all', () => {
    expect(told.assets).toBe(2);
  });

  it('is told once, not once a sender', () => {
    expect(told.findings['scan.spoofed-sources']).toBe(1);
    expect(Object.values(told.findings).reduce((sum, count) => sum + count, 0)).toBeLessThan(10);
  });

  it('hides nothing of the controller that works on', () => {
    expect(told.messages).toBeGreaterThanOrEqual(told.polls * 2 * 0.99);
    expect(told.recorded).toBeGreaterThanOrEqual(told.polls * 0.99);
    // A flow that had to go is opened anew and read on, but its questions, and how it began, are forgotten.
    expect(told.paired).toBeGreaterThanOrEqual(told.polls * 0.99);
    expect(told.controllerFlows).toBe(1);
  });

  it('is counted to the last packet, and the limit that it reaches is named within ten seconds', () => {
    const { packets, decoded, filtered, dropped } = told.counters;

    expect(packets).toBe(told.sent);
    expect(decoded + filtered + dropped).toBe(packets);
    expect(told.limits.includes('flows')).toBe(overflows);
    expect(told.toldAfterSeconds ?? 0).toBeLessThan(10);
  });

  it('is over two minutes later', () => {
    expect(told.calmAfterSeconds).toBeLessThanOrEqual(120);
  });
});
