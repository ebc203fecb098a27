import { cpuUsage } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGE_CASES } from '../bench/growth-messages.ts';
import { worstMutants } from '../bench/growth-mutants.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { Reader } from '../src/wire/reader.ts';

/**
 * Eight times the message must not be more than twelve times the work. Work is counted, not timed, so that a busy machine changes
 * nothing: calls of the reader, bytes that are taken out of a message, and characters of the fields that are made of it.
 */
const TIMES = 8;
const MOST_GROWTH = 12;
const CANDIDATES = 24;
/** Work that is done however long a message is, and is no growth. */
const LEAST_WORK = 1000;
/** The longest message that any reassembly makes, the longest datagram, and what one of them may take of a processor. */
const LONGEST = 2 ** 20;
const LONGEST_DATAGRAM = 2 ** 16;
const MOST_MILLISECONDS = 50;
const TRIES = 5;
/** Where the largest message costs no more than to read each byte so often, a smaller one was refused at once: that is no growth. */
const PASSES = 4;

let work = 0;
const originals = new Map<string, PropertyDescriptor>();
const stringify = JSON.stringify;

beforeAll(() => {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(Reader.prototype))) {
    const call: unknown = descriptor.value;
    if (name === 'constructor' || typeof call !== 'function') {
      continue;
    }
    originals.set(name, descriptor);
    Object.defineProperty(Reader.prototype, name, {
      ...descriptor,
      value(this: Reader, ...args: unknown[]) {
        const made: unknown = Reflect.apply(call, this, args);
        work += 1 + (made instanceof Uint8Array || typeof made === 'string' ? made.length : 0);
        return made;
      },
    });
  }
  JSON.stringify = (value: unknown) => {
    const text = stringify(value);
    work += text?.length ?? 0;
    return text;
  };
});

afterAll(() => {
  for (const [name, descriptor] of originals) {
    Object.defineProperty(Reader.prototype, name, descriptor);
  }
  JSON.stringify = stringify;
});

function workOf(exercise: () => void): number {
  work = 0;
  exercise();
  return work;
}

/** At three sizes: a square is steep at all of them, a length that fits only from there on is a step at one. */
function growthOf({ prepare, size }: (typeof MESSAGE_CASES)[number]): number {
  const growths = [size, size * 2, size * 4].map(
    (from) => workOf(prepare(from * TIMES)) / Math.max(LEAST_WORK, workOf(prepare(from))),
  );
  return Math.min(...growths);
}

it('counts: a square is more than twelve times, a line is not', () => {
  const read = (size: number, rounds: number) => () => {
    const reader = Reader.of(new Uint8Array(size));
    for (let round = 0; round < rounds; round++) {
      reader.seek(0);
      reader.take(size);
    }
  };
  const growth = (rounds: (size: number) => number) =>
    workOf(read(8000, rounds(8000))) / workOf(read(1000, rounds(1000)));

  expect(growth((size) => size / 100)).toBeGreaterThan(MOST_GROWTH);
  expect(growth(() => 10)).toBeLessThan(MOST_GROWTH);
});

it.each(MESSAGE_CASES)('grows with the message and no faster: $name', (one) => {
  expect(growthOf(one)).toBeLessThan(MOST_GROWTH);
});

/** Processor time, the best of several tries: others share the machine. */
function millisecondsOf(exercise: () => void): number {
  const times = Array.from({ length: TRIES }, () => {
    const before = cpuUsage();
    exercise();
    const { user, system } = cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

describe.each(dissectors)('$name', ({ name, at, part }) => {
  it('grows with repeated parts of its messages and no faster, and is done with the longest in time', async () => {
    const cases = (await worstMutants(CANDIDATES, name, workOf)).filter((one) => one.name.startsWith(`${name}:`));

    expect(cases).not.toHaveLength(0);
    for (const one of cases) {
      const largest = one.size * 4 * TIMES;
      const isOnePass = workOf(one.prepare(largest)) < PASSES * largest;
      expect(isOnePass ? 1 : growthOf(one), one.name).toBeLessThan(MOST_GROWTH);

      const isLong = part !== undefined || at.some((place) => 'tcp' in place || 'within' in place);
      const milliseconds = millisecondsOf(one.prepare(isLong ? LONGEST : LONGEST_DATAGRAM));
      expect(milliseconds, one.name).toBeLessThan(MOST_MILLISECONDS);
    }
  });
});
