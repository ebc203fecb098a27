import type { Role } from '../inventory/asset-row.ts';
import type { Effect } from '../parts/effects.ts';

/** A conversation as a line of a list. */
export interface ConversationRow {
  readonly id: string;
  readonly site: string;
  /** Null: no asset. */
  readonly client: AssetRef | null;
  readonly clientAddress: string;
  /** Null: nobody answered. */
  readonly server: AssetRef | null;
  readonly target: string;
  readonly transport: string;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly vlan: number | null;
  /** The gravest. */
  readonly effect: Effect;
  readonly packets: number;
  readonly bytes: number;
  readonly state: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

export interface AssetRef {
  readonly id: string;
  readonly name: string | null;
  readonly role?: Role;
}

export interface Conversation extends ConversationRow {
  readonly operations: readonly Operation[];
  readonly timing: Timing | null;
  readonly days: readonly Day[];
  /** For Wireshark. */
  readonly filter: string;
}

export interface Operation {
  readonly protocol: string;
  readonly name: string;
  readonly effect: Effect;
  readonly by: 'client' | 'server';
  readonly count: number;
  readonly errors: number;
}

export interface Timing {
  readonly requests: number;
  readonly unanswered: number;
  readonly responseMs: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  } | null;
  readonly periodMs: { readonly p50: number; readonly jitterP99: number } | null;
}

export interface Day {
  /** `2026-03-02`. */
  readonly day: string;
  readonly packets: number;
  readonly bytes: number;
}

/** `tcp 102`; `ethernet` has no ports. */
export function portText({ transport, port }: Pick<ConversationRow, 'transport' | 'port'>): string {
  return port === null || port === 0 ? transport : `${transport} ${port}`;
}
