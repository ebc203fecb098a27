/** What a person may hold at a site or everywhere. */
export type Role = 'administrator' | 'executive' | 'it' | 'ot' | 'production' | 'analyst' | 'auditor';

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
