import type { AccessRole } from '../api/types.ts';

export const ACCESS_ROLES: readonly AccessRole[] = [
  'administrator',
  'ot',
  'it',
  'production',
  'analyst',
  'executive',
  'auditor',
];

/** Characters; the hub refuses shorter ones. */
export const PASSWORD_LEAST = 12;
