import type { Micros } from '../../kit/time.ts';

/** `setup`: makes the first account. `password`: sets a password, after an invitation or where it was forgotten. */
export type CodePurpose = 'setup' | 'password';

export interface OneTimeCode {
  readonly hash: string;
  readonly purpose: CodePurpose;
  readonly account: string | undefined;
  readonly expiresAt: Micros;
}

export interface OneTimeCodeStore {
  /** Whatever else was valid for this purpose and account is so no longer. */
  put(code: OneTimeCode): Promise<void>;
  /** Looks, and leaves it valid. */
  find(hash: string, purpose: CodePurpose, now: Micros): Promise<OneTimeCode | undefined>;
  /** Valid once: who finds it has used it up. Undefined where it is unknown, used or too old. */
  take(hash: string, purpose: CodePurpose, now: Micros): Promise<OneTimeCode | undefined>;
  removeAll(account: string): Promise<void>;
  /** Whose were given out and are still valid. */
  pending(now: Micros): Promise<ReadonlySet<string>>;
}

const MINUTE: Micros = 60_000_000;
const HOUR = 60 * MINUTE;
export const SETUP_CODE_VALID: Micros = 30 * MINUTE;
export const INVITATION_VALID: Micros = 72 * HOUR;
export const RESET_VALID: Micros = 24 * HOUR;

const LIKE_OTHERS: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' };

/** As somebody typed it, in the one way in which codes are written. */
export function codeKey(typed: string): string {
  const signs = [...typed.toUpperCase()].map((sign) => LIKE_OTHERS[sign] ?? sign);
  return signs.filter((sign) => /[0-9A-Z]/u.test(sign)).join('');
}
