import { execFile } from 'node:child_process';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Hours of traffic; KEYWAY_HOURS=24 for the long run. Short ones still hold what grows while a program is young. */
const HOURS = Number(env['KEYWAY_HOURS'] ?? 0.5);
const MOST_MEGABYTES_IN_TEN_MINUTES = HOURS < 4 ? 6 : 1;
const MINUTES = 60_000;

it(
  `${HOURS} hours of a plant need no more memory than the first of them`,
  async () => {
    const script = fileURLToPath(new URL('../bench/endurance.ts', import.meta.url));
    const size = ['--hours', String(HOURS), '--lines', '2', '--most', String(MOST_MEGABYTES_IN_TEN_MINUTES)];
    const { stdout } = await promisify(execFile)(execPath, [script, ...size]);

    expect(stdout).toMatch(/slope -?[\d.]+ MB/);
  },
  (2 + HOURS * 2) * MINUTES,
);
