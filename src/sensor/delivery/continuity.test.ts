import { expect, it } from 'vitest';
import { continueStream, NEW_STREAM } from './continuity.ts';
import type { Gap, SensorRecord } from './record.ts';

const record = (sequence: number): SensorRecord => ({ sequence, class: 'flow', time: 0, payload: undefined });
const gap = (from: number, to: number): SensorRecord => ({ sequence: from, class: 'gap', time: 0, payload: { to } });
const gapOf = ({ class: kind, payload }: SensorRecord) => (kind === 'gap' ? (payload as Gap) : undefined);

it.each([
  { name: 'in order', through: 0, sent: [1, 2, 3], accepted: [1, 2, 3], reaches: 3 },
  { name: 'all again', through: 3, sent: [1, 2, 3], accepted: [], reaches: 3 },
  { name: 'partly again', through: 2, sent: [1, 2, 3, 4], accepted: [3, 4], reaches: 4 },
  { name: 'twice in one delivery', through: 0, sent: [1, 1, 2], accepted: [1, 2], reaches: 2 },
  { name: 'a hole', through: 0, sent: [1, 3], accepted: [1], reaches: 1, missing: { from: 2, to: 2 } },
  { name: 'begins too late', through: 4, sent: [9, 10], accepted: [], reaches: 4, missing: { from: 5, to: 8 } },
])('$name', ({ through, sent, accepted, reaches, missing }) => {
  const taken = continueStream({ ...NEW_STREAM, through }, sent.map(record), gapOf);

  expect(taken.accepted.map(({ sequence }) => sequence)).toEqual(accepted);
  expect(taken.state.through).toBe(reaches);
  expect(taken.missing).toEqual(missing);
  expect(taken.lost).toEqual([]);
});

it('lets a gap account for what is missing, and what was kept in between', () => {
  const first = continueStream(NEW_STREAM, [record(1), gap(2, 9), record(5)], gapOf);
  const second = continueStream(first.state, [record(8), record(10), record(12)], gapOf);

  expect(first.state).toMatchObject({ through: 5, skipTo: 9 });
  expect(second.accepted.map(({ sequence }) => sequence)).toEqual([8, 10]);
  expect(second.missing).toEqual({ from: 11, to: 11 });
});

it('gives a hole up after three rounds', () => {
  let state = NEW_STREAM;
  for (let round = 1; round <= 3; round++) {
    const refused = continueStream(state, [record(4), record(5)], gapOf);
    expect(refused).toMatchObject({ missing: { from: 1, to: 3 }, accepted: [], lost: [] });
    state = refused.state;
  }

  const given = continueStream(state, [record(4), record(5)], gapOf);

  expect(given.missing).toBeUndefined();
  expect(given.lost).toEqual([{ from: 1, to: 3 }]);
  expect(given.state).toEqual({ ...NEW_STREAM, through: 5 });
});

it('counts the rounds of each hole anew', () => {
  let { state } = continueStream(NEW_STREAM, [record(4)], gapOf);
  state = continueStream(state, [record(1), record(2), record(4)], gapOf).state;

  expect(state).toMatchObject({ through: 2, missingFrom: 3, missingRounds: 1 });
});
