import { expect, it } from 'vitest';
import { ProgressLine } from './progress-line.ts';

const MINUTE = 60_000;
const PLANT = { label: 'analysing', unit: 'packets', at: '03-02 06:12:30Z' };

/** Ten minutes of work at 1,000 packets a second, looked at each second. */
function at(share: number | undefined, columns: number): string {
  const line = new ProgressLine(0);
  for (let now = 1000; now < 10 * MINUTE; now += 1000) {
    line.text({ ...PLANT, share, count: now }, now, columns);
  }
  return line.text({ ...PLANT, share, count: 600_000 }, 10 * MINUTE, columns);
}

it.each([
  {
    share: 0.25,
    columns: 120,
    shows: 'analysing ███████░░░░░░░░░░░░░░░░░░░░░ 25 % · 30 min left · 1,000 packets/s · at 03-02 06:12:30Z',
  },
  {
    share: 0.25,
    columns: 80,
    shows: 'analysing ███░░░░░░░░░ 25 % · 30 min left · 1,000 packets/s · at 03-02 06:12:30Z',
  },
  { share: 0.25, columns: 60, shows: 'analysing ███░░░░░░░░░░ 25 % · 30 min left · 1,000 packets/s' },
  { share: 0.25, columns: 24, shows: 'analysing ██░░░░░░░ 25 %' },
  { share: 0.001, columns: 60, shows: 'analysing ░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0 % · 1,000 packets/s' },
  { share: 0.05, columns: 60, shows: 'analysing █░░░░░░░░░ 5 % · 3 h 10 min left · 1,000 packets/s' },
  { share: 1.2, columns: 60, shows: 'analysing ███████████████ 100 % · 1 s left · 1,000 packets/s' },
  { share: undefined, columns: 80, shows: 'analysing · 600,000 packets · 1,000 packets/s · at 03-02 06:12:30Z' },
])('$share in $columns columns', ({ share, columns, shows }) => {
  const text = at(share, columns);

  expect(text).toBe(shows);
  expect(text.length).toBeLessThanOrEqual(columns);
});

it('tells the rate of now, not of the whole run', () => {
  const line = new ProgressLine(0);
  const text = (count: number, now: number) =>
    line.text({ label: 'analysing', share: undefined, count, unit: 'packets' }, now, 80);
  text(100_000, 10_000);
  text(100_000, 20_000);

  expect(text(100_000, 21_000)).toBe('analysing · 100,000 packets · 0 packets/s');
  expect(text(100_200, 22_000)).toBe('analysing · 100,200 packets · 200 packets/s');
});
