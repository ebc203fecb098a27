import { describe, expect, it } from 'vitest';
import { type Attempt, createThrottle, networkOf } from './throttle.ts';

const SECOND = 1_000_000;
const stranger: Attempt = { account: 'ada', address: '203.0.113.9', isKnown: false };
const owner: Attempt = { account: 'ada', address: '10.0.0.1', isKnown: true };

describe('who guesses', () => {
  it('may try five times a minute for one account, and then waits', () => {
    const throttle = createThrottle();

    const waits = [0, 1, 2, 3, 4, 5].map((second) => throttle.admit(stranger, second * SECOND));

    expect(waits).toEqual([0, 0, 0, 0, 0, 55 * SECOND]);
    expect(throttle.admit(stranger, 60 * SECOND)).toBe(0);
  });

  it('may try twenty times a minute from one address, whatever the account', () => {
    const throttle = createThrottle();

    const waits = Array.from({ length: 21 }, (_, at) => throttle.admit({ ...stranger, account: `a${at}` }, 0));

    expect(waits.filter((wait) => wait === 0)).toHaveLength(20);
    expect(waits.at(-1)).toBe(60 * SECOND);
  });

  it('waits longer after each wrong try, half a minute at most', () => {
    const throttle = createThrottle();
    const waits: number[] = [];
    let now = 0;
    for (let tries = 0; tries < 10; tries++) {
      now += 60 * SECOND;
      throttle.admit(stranger, now);
      throttle.failed(stranger, now);
      waits.push(throttle.admit(stranger, now) / SECOND);
    }

    expect(waits).toEqual([0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
  });

  it('does not stand in the way of the owner, who comes from where they always come', () => {
    const throttle = createThrottle();
    for (let second = 0; second < 60; second++) {
      throttle.admit({ ...stranger, address: `203.0.113.${second}` }, second * SECOND);
      throttle.failed(stranger, second * SECOND);
    }

    expect(throttle.admit(stranger, 60 * SECOND)).toBeGreaterThan(0);
    expect(throttle.admit(owner, 60 * SECOND)).toBe(0);
  });

  it('is never locked out: an hour later one try is free again', () => {
    const throttle = createThrottle();
    for (let second = 0; second < 1000; second++) {
      throttle.admit(stranger, second * SECOND);
      throttle.failed(stranger, second * SECOND);
    }

    expect(throttle.admit(stranger, 4600 * SECOND)).toBe(0);
  });
});

it('remembers a bounded number of accounts and addresses', () => {
  const throttle = createThrottle();
  for (let tries = 0; tries < 30_000; tries++) {
    throttle.admit({ account: `a${tries}`, address: `address ${tries}`, isKnown: false }, 0);
  }

  expect(throttle.size).toBeLessThanOrEqual(10_000);
});

it.each([
  { address: '10.0.0.1', network: '10.0.0.1' },
  { address: '::ffff:10.0.0.1', network: '::ffff:10.0.0.1' },
  { address: '2001:db8:1:2:3:4:5:6', network: '2001:db8:1:2' },
  { address: '2001:db8::1', network: '2001:db8:0:0' },
  { address: '::1', network: '0:0:0:0' },
])('counts $address as $network', ({ address, network }) => {
  expect(networkOf(address)).toBe(network);
});
