import { execFile } from 'node:child_process';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Packets; KEYWAY_ONE_SIDED=10000000 for the long run, with the limits that users have. */
const PACKETS = Number(env['KEYWAY_ONE_SIDED'] ?? 300_000);
const MINUTES = Math.max(5, PACKETS / 100_000);
const MOST_MEGABYTES = 512 * 1.1;
/** Once the limits are full, nothing more is held; a tenth and these megabytes are left to V8's own affairs. */
const MOST_GROWTH = 1.1;
const MOST_UNREST = 5;

interface Told {
  readonly counters: {
    readonly packets: number;
    readonly decoded: number;
    readonly filtered: number;
    readonly dropped: number;
  };
  readonly heldMegabytes: readonly [number, number, number, number];
  readonly peakMegabytes: number;
  readonly limits: Readonly<Record<string, number>>;
}

it(`holds no more of ${PACKETS} packets that nobody answers than its limits say`, {
  timeout: MINUTES * 60_000,
}, async () => {
  const script = fileURLToPath(new URL('../bench/one-sided.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(execPath, ['--expose-gc', script, '--packets', String(PACKETS)]);
  const { counters, heldMegabytes, peakMegabytes, limits } = JSON.parse(stdout) as Told;
  const { packets, decoded, filtered, dropped } = counters;

  expect(Object.keys(limits)).toEqual(
    expect.arrayContaining(['flows', 'questionBytes', 'heldBytes', 'fragmentedDatagrams']),
  );
  expect(heldMegabytes[3]).toBeLessThan(heldMegabytes[1] * MOST_GROWTH + MOST_UNREST);
  expect(peakMegabytes).toBeLessThan(MOST_MEGABYTES);
  expect(decoded + filtered + dropped).toBe(packets);
});
