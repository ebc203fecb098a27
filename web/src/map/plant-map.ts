import type { Severity } from '../api/types.ts';
import type { Role } from '../inventory/asset-row.ts';
import type { Effect } from '../parts/effects.ts';

/** Devices and who talks to whom, as the hub tells them. */
export interface PlantMap {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  /** What was too much to send. */
  readonly omitted: number | { readonly nodes: number; readonly edges: number };
}

export interface MapNode {
  readonly id: string;
  readonly name: string | null;
  readonly address?: string | null;
  readonly role: Role;
  readonly level: number | null;
  readonly place: { readonly id: string; readonly name: string } | null;
  readonly state: string;
  /** Of its worst open finding. */
  readonly severity: Severity | null;
}

export interface MapEdge {
  /** Ids of nodes. */
  readonly client: string;
  readonly server: string;
  readonly protocols: readonly string[];
  /** The gravest. */
  readonly effect: Effect;
  readonly packets: number;
  readonly bytes: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

export function titleOf({ name, address, id }: Pick<MapNode, 'name' | 'address' | 'id'>): string {
  return name ?? address ?? id;
}

export function omittedCount({ omitted }: PlantMap): number {
  return typeof omitted === 'number' ? omitted : omitted.nodes + omitted.edges;
}
