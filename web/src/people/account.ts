import type { AccessRole } from '../api/types.ts';

/** Somebody who may sign in. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly GivenRole[];
  readonly disabled: boolean;
  /** Has a code that was not used yet. */
  readonly invited: boolean;
  readonly totp: boolean;
  readonly passkeys: number;
  readonly singleSignOn: boolean;
  readonly lastSignIn: string | null;
}

export interface StatedRole {
  readonly role: AccessRole;
  /** Null: at every site. */
  readonly site: string | null;
}

interface GivenRole extends StatedRole {
  /** What the provider of single sign-on gives is changed there. */
  readonly givenBy: 'person' | 'provider';
}

/** To hand over: it sets a password, once. */
export interface Code {
  readonly code: string;
  readonly expiresAt: string;
}
