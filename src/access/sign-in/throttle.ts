import type { Micros } from '../../kit/time.ts';

const MINUTE: Micros = 60_000_000;
const SECOND: Micros = 1_000_000;
const TRIES_PER_ACCOUNT = 5;
const TRIES_PER_ADDRESS = 20;
/** Wrong tries that cost nothing: people mistype. */
const FREE_FAILURES = 2;
const LONGEST_DELAY = 30 * SECOND;
/** After this long without a wrong try, they are forgiven. */
const FORGIVEN_AFTER = 15 * MINUTE;
const MOST_KEYS = 10_000;

/**
 * Slows whoever guesses, and locks nobody out for good. An account's tries are counted apart for each address from which its owner
 * is known to come, so that a stranger who guesses does not stand in the owner's way.
 */
export interface Throttle {
  /** Counts a try. Microseconds to wait where it comes too early and must not be made; else 0. */
  admit(who: Attempt, now: Micros): Micros;
  failed(who: Attempt, now: Micros): void;
  succeeded(who: Attempt): void;
  /** Accounts and addresses that it remembers; bounded. */
  readonly size: number;
}

export interface Attempt {
  /** The account tried, whether there is one or not; undefined where none was named. */
  readonly account: string | undefined;
  readonly address: string;
  /** The owner of the account is known to come from this address. */
  readonly isKnown: boolean;
}

interface Tries {
  /** Within the last minute. */
  readonly times: Micros[];
  failures: number;
  lastFailure: Micros;
}

export function createThrottle(): Throttle {
  const kept = new Map<string, Tries>();

  function triesOf(key: string): Tries {
    const tries = kept.get(key) ?? { times: [], failures: 0, lastFailure: 0 };
    // Again at the end of the map: the front is what was not used for longest.
    kept.delete(key);
    kept.set(key, tries);
    if (kept.size > MOST_KEYS) {
      for (const oldest of kept.keys()) {
        kept.delete(oldest);
        break;
      }
    }
    return tries;
  }

  return {
    admit(who, now) {
      const address = triesOf(addressKey(who));
      const account = who.account === undefined ? undefined : triesOf(accountKey(who));
      const wait = Math.max(
        waitFor(address, TRIES_PER_ADDRESS, now),
        account === undefined ? 0 : Math.max(waitFor(account, TRIES_PER_ACCOUNT, now), delayOf(account, now)),
      );
      if (wait === 0) {
        address.times.push(now);
        account?.times.push(now);
      }
      return wait;
    },
    failed(who, now) {
      if (who.account !== undefined) {
        const tries = triesOf(accountKey(who));
        tries.failures = now - tries.lastFailure > FORGIVEN_AFTER ? 1 : tries.failures + 1;
        tries.lastFailure = now;
      }
    },
    succeeded(who) {
      if (who.account !== undefined) {
        kept.delete(accountKey(who));
      }
    },
    get size() {
      return kept.size;
    },
  };
}

function waitFor({ times }: Tries, most: number, now: Micros): Micros {
  while (times.length > 0 && now - (times[0] ?? 0) >= MINUTE) {
    times.shift();
  }
  return times.length < most ? 0 : MINUTE - (now - (times[0] ?? now));
}

function delayOf({ failures, lastFailure }: Tries, now: Micros): Micros {
  if (failures <= FREE_FAILURES || now - lastFailure > FORGIVEN_AFTER) {
    return 0;
  }
  const delay = Math.min(SECOND * 2 ** (failures - FREE_FAILURES - 1), LONGEST_DELAY);
  return Math.max(0, lastFailure + delay - now);
}

function accountKey({ account, address, isKnown }: Attempt): string {
  return isKnown ? `account ${account} ${networkOf(address)}` : `account ${account}`;
}

function addressKey({ address }: Attempt): string {
  return `address ${networkOf(address)}`;
}

const GROUPS_OF_NETWORK = 4;

/** A subscriber of IPv6 has 2^64 addresses: they count as one. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) {
    return address;
  }
  const [head = '', tail = ''] = address.split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, GROUPS_OF_NETWORK).join(':');
}
