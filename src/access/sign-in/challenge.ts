import type { Micros } from '../../kit/time.ts';

/** What a sign-in or an enrolment of two requests remembers between them. Its browser holds the secret; it is taken once. */
export interface Challenge {
  readonly hash: string;
  readonly purpose: 'passkey' | 'new-passkey' | 'oidc';
  /** Whose it is, where somebody is signed in. */
  readonly account: string | undefined;
  readonly data: Readonly<Record<string, string>>;
  readonly expiresAt: Micros;
}

export interface ChallengeStore {
  /** Also forgets those that are too old. */
  put(challenge: Challenge, now: Micros): Promise<void>;
  take(hash: string, purpose: Challenge['purpose'], now: Micros): Promise<Challenge | undefined>;
}

export const CHALLENGE_VALID: Micros = 10 * 60_000_000;
