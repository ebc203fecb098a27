import type { Severity } from '../api/types.ts';

export const ROLES = [
  'plc',
  'rtu',
  'io',
  'drive',
  'robot',
  'safety',
  'hmi',
  'engineering',
  'historian',
  'scada',
  'gateway',
  'switch',
  'router',
  'firewall',
  'server',
  'workstation',
  'printer',
  'camera',
  'phone',
  'clock',
  'unknown',
] as const;

export type Role = (typeof ROLES)[number];

/** An asset as a line of the inventory. */
export interface AssetRow {
  readonly id: string;
  readonly site: string;
  readonly name: string | null;
  readonly role: Role;
  readonly purdueLevel: number | null;
  readonly vendor: string | null;
  readonly product: string | null;
  readonly firmware: string | null;
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
  readonly vlan: number | null;
  readonly place: { readonly id: string; readonly name: string } | null;
  readonly state: 'new' | 'accepted' | 'refused' | 'documented';
  /** 0 to 1. */
  readonly completeness: number;
  readonly findings: { readonly count: number; readonly worst: Severity | null };
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
}
