import type { Scope } from '../kit/scope.ts';
import type { Micros } from '../kit/time.ts';
import type { Grant } from './permission.ts';

/** A person who may sign in. Secrets are not in it: nobody can show by accident what is not there. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  /** Who vouches for this person, where they come by single sign-on. */
  readonly oidc: OidcIdentity | undefined;
  readonly grants: readonly Grant[];
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodes: number;
  readonly createdAt: Micros;
  readonly lastSignIn: Micros | undefined;
}

export interface OidcIdentity {
  readonly issuer: string;
  readonly subject: string;
}

export interface NewAccount {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly oidc?: OidcIdentity;
  readonly createdAt: Micros;
}

export interface AccountStore {
  /** How many there are, to know whether the hub was set up. */
  count(): Promise<number>;
  find(id: string): Promise<Account | undefined>;
  /** `email` as `emailKey` made it. */
  findByEmail(email: string): Promise<Account | undefined>;
  findByOidc(identity: OidcIdentity): Promise<Account | undefined>;
  /** By name; those who hold a role within the scope. */
  list(scope: Scope, page: { readonly offset: number; readonly limit: number }): Promise<AccountPage>;
  /** Those who are not disabled and administer everywhere. */
  administrators(): Promise<readonly string[]>;
  passwordOf(id: string): Promise<string | undefined>;
  create(account: NewAccount): Promise<void>;
  change(id: string, change: AccountChange): Promise<void>;
  /** From now on this provider vouches for the person. */
  link(id: string, identity: OidcIdentity): Promise<void>;
  clearPassword(id: string): Promise<void>;
  /** All roles that `givenBy` gave are replaced; each named once. */
  setGrants(id: string, givenBy: Grant['givenBy'], grants: readonly Grant[]): Promise<void>;
}

export interface AccountPage {
  readonly items: readonly Account[];
  readonly total: number;
}

export interface AccountChange {
  readonly name?: string | undefined;
  readonly disabled?: boolean | undefined;
  /** As its hash. */
  readonly password?: string | undefined;
  readonly lastSignIn?: Micros | undefined;
}

/** The one way in which an address is written, so that nobody has two accounts by writing it differently. */
export function emailKey(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}

export function hasSecondFactor({ totp, passkeys }: Pick<Account, 'totp' | 'passkeys'>): boolean {
  return totp || passkeys > 0;
}
