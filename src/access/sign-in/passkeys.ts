import type { Account } from '../account.ts';
import type { Passkey } from './factor.ts';

/** Where the browser is: a passkey is bound to it. */
export interface Site {
  /** `https://keyway.plant.example:8443`. */
  readonly origin: string;
  /** The name in it, without the port. */
  readonly host: string;
}

/** Options are what `navigator.credentials` takes, as JSON; responses are what it gave. */
export interface Passkeys {
  newOptions(account: Account, existing: readonly Passkey[], site: Site): Promise<PasskeyChallenge>;
  /** Undefined where it does not answer this challenge, at this site, with the person verified. */
  verifyNew(response: unknown, challenge: string, site: Site): Promise<NewPasskey | undefined>;
  options(site: Site): Promise<PasskeyChallenge>;
  /** Gives the new counter; undefined where it does not answer this challenge, at this site, with this passkey. */
  verify(response: unknown, challenge: string, site: Site, passkey: Passkey): Promise<number | undefined>;
  /** The credential that a response names. */
  idOf(response: unknown): string | undefined;
}

export interface PasskeyChallenge {
  readonly options: Readonly<Record<string, unknown>>;
  readonly challenge: string;
}

export type NewPasskey = Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports'>;

export const MOST_PASSKEYS = 20;
