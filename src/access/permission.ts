import type { Scope } from '../kit/scope.ts';

export const ROLES = ['administrator', 'executive', 'it', 'ot', 'production', 'analyst', 'auditor'] as const;

/** What a person may hold at a site or everywhere. */
export type Role = (typeof ROLES)[number];

/** A role at a site, or everywhere where `site` is undefined. */
export interface Grant {
  readonly role: Role;
  readonly site: string | undefined;
  /** Whoever gave it may take it away: a person, or the provider of single sign-on by the groups it tells. */
  readonly givenBy: 'person' | 'provider';
}

/** What a route or a command needs; nothing is allowed that no role gives. */
export type Permission = (typeof PERMISSIONS)[number];

export const PERMISSIONS = [
  'inventory:read',
  /** Accept or refuse what is new. */
  'inventory:decide',
  /** State attributes, assign, import, edit many at once. */
  'inventory:edit',
  'inventory:export',
  'plant:read',
  'plant:edit',
  'findings:read',
  'findings:decide',
  'captures:upload',
  'sensors:read',
  'sensors:manage',
  'system:read',
  'settings:manage',
  'access:manage',
  'activity:read',
  /** Sensors alone: deliver records of one's own. */
  'records:deliver',
] as const;

/** An administrator runs the program and sees no process data; an auditor sees all and changes nothing. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: [
    'access:manage',
    'settings:manage',
    'sensors:read',
    'sensors:manage',
    'system:read',
    'plant:read',
    'activity:read',
  ],
  executive: ['inventory:read', 'plant:read', 'findings:read', 'sensors:read', 'system:read', 'activity:read'],
  it: [
    'inventory:read',
    'inventory:decide',
    'inventory:edit',
    'inventory:export',
    'plant:read',
    'findings:read',
    'findings:decide',
    'captures:upload',
    'sensors:read',
    'system:read',
  ],
  ot: [
    'inventory:read',
    'inventory:decide',
    'inventory:edit',
    'inventory:export',
    'plant:read',
    'plant:edit',
    'findings:read',
    'findings:decide',
    'captures:upload',
    'sensors:read',
    'system:read',
  ],
  production: ['inventory:read', 'plant:read', 'plant:edit', 'findings:read', 'sensors:read'],
  analyst: [
    'inventory:read',
    'inventory:export',
    'plant:read',
    'findings:read',
    'findings:decide',
    'captures:upload',
    'sensors:read',
  ],
  auditor: [
    'inventory:read',
    'inventory:export',
    'plant:read',
    'findings:read',
    'sensors:read',
    'system:read',
    'activity:read',
  ],
};

/** Roles that change nothing: all that a group at a provider of single sign-on may give. */
export const VIEWING_ROLES: readonly Role[] = ROLES.filter((role) =>
  ROLE_PERMISSIONS[role].every((permission) => permission.endsWith(':read') || permission.endsWith(':export')),
);

/** The sites in which these roles give the permission; undefined where they give it nowhere. */
export function scopeOfGrants(grants: readonly Grant[], permission: string): Scope | undefined {
  const sites = new Set<string>();
  for (const { role, site } of grants) {
    if ((ROLE_PERMISSIONS[role] as readonly string[]).includes(permission)) {
      if (site === undefined) {
        return 'all';
      }
      sites.add(site);
    }
  }
  return sites.size === 0 ? undefined : sites;
}

/** Who runs the program proves themselves twice. */
export function needsSecondFactor(grants: readonly Grant[]): boolean {
  return grants.some(({ role }) => role === 'administrator');
}

/**
 * Whether who manages access in `scope` may give or take this role: at a site of theirs, or everywhere where they manage everywhere.
 */
export function mayGrant(scope: Scope, { site }: Pick<Grant, 'site'>): boolean {
  return scope === 'all' || (site !== undefined && scope.has(site));
}
