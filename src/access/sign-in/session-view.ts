import type { Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { Person, Standing } from '../caller.ts';
import { PERMISSIONS, type Permission, type Role } from '../permission.ts';

/** What the console knows of who sits before it. JSON: what is not there is null. */
export interface PersonView {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly { readonly role: Role; readonly site: string | null }[];
  /** Only those held: everywhere, or at these sites. */
  readonly permissions: Partial<Record<Permission, 'all' | readonly string[]>>;
  readonly standing: Standing;
  readonly password: boolean;
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodes: number;
  /** Seconds since a second factor was given in this session. */
  readonly secondFactorAge: number | null;
}

const SECOND: Micros = 1_000_000;

export function viewOf(person: Person, now: Micros): PersonView {
  const { account, session, standing } = person;
  return {
    id: account.id,
    name: account.name,
    email: account.email,
    roles: account.grants.map(({ role, site }) => ({ role, site: site ?? null })),
    permissions: Object.fromEntries(
      PERMISSIONS.flatMap((permission) => {
        const scope = person.scopeOf(permission);
        return scope === undefined ? [] : [[permission, siteList(scope)]];
      }),
    ),
    standing,
    password: account.hasPassword,
    totp: account.totp,
    passkeys: account.passkeys,
    recoveryCodes: account.recoveryCodes,
    secondFactorAge: session.provedAt === undefined ? null : Math.max(0, Math.floor((now - session.provedAt) / SECOND)),
  };
}

function siteList(scope: Scope): 'all' | readonly string[] {
  return scope === 'all' ? scope : [...scope].toSorted();
}
