import type { AssetRow } from '../inventory/asset-row.ts';
import type { Effect } from '../parts/effects.ts';

/** A value of an attribute, and who said so. */
export interface SeenValue {
  readonly attribute: string;
  readonly value: string;
  readonly protocol: string;
  readonly basis: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** 0 where there is none to look up. */
  readonly frame: number;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

export interface StatedValue {
  readonly value: string;
  readonly at: string;
  readonly by: string;
  readonly source: string;
}

interface Span {
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** All that is known of an asset. */
export interface AssetDetail extends AssetRow {
  readonly roleReason: string | null;
  readonly orderNumber: string | null;
  readonly hardware: string | null;
  readonly serial: string | null;
  readonly os: string | null;
  readonly parent: { readonly id: string; readonly name: string | null } | null;
  readonly missing: readonly string[];
  readonly evidence: readonly SeenValue[];
  readonly stated: Readonly<Record<string, StatedValue>>;
  readonly interfaces: readonly (Partial<Span> & {
    readonly scope: string;
    readonly vlan: number | null;
    readonly mac: string | null;
    readonly vendor: string | null;
    readonly addresses: readonly (Span & { readonly address: string })[];
  })[];
  readonly modules: readonly (Partial<Span> &
    Readonly<Record<string, string | number | null>> & {
      readonly slot: number;
    })[];
  readonly services: readonly (Span & {
    readonly protocol: string | null;
    readonly transport: string;
    readonly port: number;
  })[];
}

export interface ConversationRow {
  readonly id: string;
  readonly client: { readonly id: string; readonly name: string | null } | null;
  readonly server: { readonly id: string; readonly name: string | null } | null;
  readonly clientAddress: string;
  readonly target: string;
  readonly transport: string;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly packets: number;
  readonly bytes: number;
  readonly effect: Effect | null;
  readonly state: string;
  readonly lastSeen: string;
}
