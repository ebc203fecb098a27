/** Families of findings for which the console says what to do. */
const FAMILIES = [
  'address',
  'asset',
  'cleartext',
  'clock',
  'coverage',
  'dhcp',
  'engineering',
  'evasion',
  'exposed',
  'flood',
  'identity',
  'internet',
  'it-ot',
  'legacy',
  'malformed',
  'master',
  'name',
  'opcua',
  'polling',
  'process',
  'redundancy',
  'remote-access',
  'scan',
] as const;

/** The family of a code such as `engineering.download`. */
export function familyOf(code: string): (typeof FAMILIES)[number] | 'other' {
  const family = code.split('.', 1)[0];
  return FAMILIES.find((one) => one === family) ?? 'other';
}
