import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';
import { Schedule, type Script } from './schedule.ts';

function* ticks(schedule: Schedule<string>, seen: string[], name: string, period: number): Script {
  for (;;) {
    seen.push(`${schedule.now} ${name}${schedule.label ? ` ${schedule.label}` : ''}`);
    yield period;
  }
}

function run(schedule: Schedule<string>, end: number): void {
  while (schedule.step(end)) {
    // The scripts note what they do.
  }
}

describe('Schedule', () => {
  it('runs scripts in the order of time, ties in the order of their start', () => {
    const schedule = new Schedule<string>(0);
    const seen: string[] = [];
    schedule.start(ticks(schedule, seen, 'a', 30));
    schedule.start(ticks(schedule, seen, 'b', 20), 10);
    schedule.start(ticks(schedule, seen, 'c', 60));
    run(schedule, 61);
    expect(seen).toEqual(['0 a', '0 c', '10 b', '30 a', '30 b', '50 b', '60 a', '60 c']);
  });

  it('never runs back, whatever the waits', () => {
    const schedule = new Schedule<string>(0);
    const random = new Random(7, 'waits');
    const times: number[] = [];
    const wander = function* wander(): Script {
      for (;;) {
        times.push(schedule.now);
        yield random.between(1, 500);
      }
    };
    for (let script = 0; script < 40; script++) {
      schedule.start(wander(), random.between(0, 900));
    }
    run(schedule, 20_000);
    expect(times.length).toBeGreaterThan(1000);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it('drops a script that has ended', () => {
    const schedule = new Schedule<string>(0);
    const seen: number[] = [];
    const once = function* once(): Script {
      seen.push(schedule.now);
      yield 5;
    };
    schedule.start(once());
    schedule.start(once(), 2);
    run(schedule, 100);
    expect(seen).toEqual([0, 2]);
  });

  it('hands its label to what a script starts, unless told otherwise', () => {
    const schedule = new Schedule<string>(0);
    const seen: string[] = [];
    const parent = function* parent(): Script {
      schedule.start(ticks(schedule, seen, 'child', 1000));
      schedule.startUnlabelled(ticks(schedule, seen, 'other', 1000));
      yield 1;
    };
    schedule.start(parent(), 0, 'attack');
    run(schedule, 10);
    expect(seen).toEqual(['0 child attack', '0 other']);
  });
});
