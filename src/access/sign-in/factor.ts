import type { Micros } from '../../kit/time.ts';

/** Codes by the clock from an app (RFC 6238), and how they are read. */
export interface Totp {
  /** In base32, as apps take it. */
  newSecret(): string;
  /** `otpauth://`, for a picture that the app reads. */
  uri(secret: string, email: string): string;
  /** The time step of this code, where it is that of now or of a neighbour. */
  stepOf(secret: string, code: string, now: Micros): number | undefined;
}

export interface Passkey {
  /** The credential's id in base64url. */
  readonly id: string;
  readonly account: string;
  readonly name: string;
  /** COSE in base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly createdAt: Micros;
  readonly usedAt: Micros | undefined;
}

export interface FactorStore {
  /** The sealed secret; unconfirmed where no code of it was shown yet. */
  totpOf(account: string): Promise<{ readonly secret: string; readonly confirmed: boolean } | undefined>;
  putTotp(account: string, secret: string): Promise<void>;
  confirmTotp(account: string): Promise<void>;
  /** False where a code of this step or a later one was taken before: each is good once. */
  takeStep(account: string, step: number): Promise<boolean>;
  removeTotp(account: string): Promise<void>;
  /** Replaces all. */
  putRecoveryCodes(account: string, hashes: readonly string[]): Promise<void>;
  /** Good once. */
  takeRecoveryCode(account: string, hash: string): Promise<boolean>;
  passkeysOf(account: string): Promise<readonly Passkey[]>;
  findPasskey(id: string): Promise<Passkey | undefined>;
  putPasskey(passkey: Passkey): Promise<void>;
  usePasskey(id: string, counter: number, at: Micros): Promise<void>;
  removePasskey(account: string, id: string): Promise<boolean>;
  removePasskeys(account: string): Promise<void>;
}

export const RECOVERY_CODES = 10;
