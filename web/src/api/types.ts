/** What the API says, as the console uses it. Times are ISO 8601 text; what is not known is null. */

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';

export type AccessRole = 'administrator' | 'executive' | 'it' | 'ot' | 'production' | 'analyst' | 'auditor';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly { readonly role: AccessRole; readonly site: string | null }[];
  readonly permissions: Readonly<Record<string, 'all' | readonly string[]>>;
  /** An administrator must enrol a second factor, or prove it in this session, before anything else. */
  readonly standing: 'whole' | 'enrol' | 'prove';
  readonly password: boolean;
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodes: number;
  /** Seconds since the second factor was shown. */
  readonly secondFactorAge: number | null;
}

export interface Session {
  readonly person: Person | null;
  readonly setupNeeded: boolean;
  readonly oidc: { readonly name: string } | null;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

export type PlaceKind = 'site' | 'area' | 'line' | 'cell';

export interface Place {
  readonly id: string;
  readonly site: string;
  readonly parent: string | null;
  readonly kind: PlaceKind;
  readonly name: string;
  readonly priority: number | null;
  readonly owner: string | null;
  readonly lossPerHour: number | null;
  readonly assets: number;
}

export interface Plant {
  readonly places: readonly Place[];
}

export interface SystemState {
  readonly version: string;
  /** Its plant is made up, to be looked at. */
  readonly demo: boolean;
  /** What everybody should know, such as a full disk. */
  readonly banner?: { readonly code: string; readonly message: string } | null;
}
