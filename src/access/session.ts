import type { Micros } from '../kit/time.ts';
import type { Account } from './account.ts';

/** Somebody who signed in and has not left since. */
export interface Session {
  /** SHA-256 of the secret in the cookie. */
  readonly hash: string;
  /** No secret: people name a session by it. */
  readonly id: string;
  readonly account: string;
  readonly startedAt: Micros;
  readonly usedAt: Micros;
  readonly endedAt: Micros | undefined;
  /** When a second factor was last given in it. */
  readonly provedAt: Micros | undefined;
  readonly address: string;
  /** What the browser calls itself. */
  readonly client: string;
}

export interface SessionStore {
  find(hash: string): Promise<{ readonly session: Session; readonly account: Account } | undefined>;
  /** Those not ended, newest first. */
  listOf(account: string): Promise<readonly Session[]>;
  start(session: Session): Promise<void>;
  touch(hash: string, usedAt: Micros): Promise<void>;
  /** Whether this person was signed in from this address since. */
  wasAt(account: string, address: string, since: Micros): Promise<boolean>;
  end(hash: string, at: Micros): Promise<void>;
  /** Of one person, except one where it is named. */
  endAll(account: string, at: Micros, except?: string): Promise<void>;
  /** Forgets those that ended or were last used before. */
  forget(before: Micros): Promise<void>;
}

const MINUTE: Micros = 60_000_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const SESSION_IDLE: Micros = 30 * MINUTE;
export const SESSION_WHOLE: Micros = 12 * HOUR;
/** How long ended sessions are kept, to know from where somebody usually comes. */
export const SESSION_KEPT: Micros = 30 * DAY;
/** Use is noted this often, so that reading does not write. */
export const TOUCH_AFTER: Micros = MINUTE;
/** A clock that was set back further than this ends sessions instead of prolonging them. */
const CLOCK_TOLERANCE = 5 * MINUTE;

export function isAlive({ startedAt, usedAt, endedAt }: Session, now: Micros): boolean {
  return (
    endedAt === undefined &&
    now - startedAt < SESSION_WHOLE &&
    now - usedAt < SESSION_IDLE &&
    now - startedAt > -CLOCK_TOLERANCE &&
    now - usedAt > -CLOCK_TOLERANCE
  );
}
