import type { Role } from '../../wire/observation.ts';

export interface Network {
  readonly name: string;
  readonly vlan: number;
  /** First three numbers of its addresses: all are /24. */
  readonly prefix: string;
  /** Purdue level of its devices; the tap sees routed traffic in the network with the lower one. */
  readonly level: number;
  /** Device that routes out of it. */
  readonly gateway: string;
  /** Routers between it and the plant: what it lowers the TTL by. */
  readonly hops: number;
}

/** What a device answers to a CIP Identity request. */
export interface CipIdentity {
  readonly vendorId: number;
  readonly deviceType: number;
  readonly productCode: number;
  readonly major: number;
  readonly minor: number;
  readonly serial: number;
}

export interface Device {
  readonly name: string;
  readonly role: Role;
  readonly vendor: string;
  readonly product: string;
  readonly network: string;
  readonly mac: string;
  readonly ip: string;
  /** Start value of its IP time to live. */
  readonly ttl: number;
  /** Microseconds that it typically needs for an answer. */
  readonly responseTime: number;
  readonly orderNumber?: string;
  readonly firmware?: string;
  readonly hardware?: string;
  readonly serial?: string;
  readonly os?: string;
  readonly line?: string;
  readonly cell?: string;
  readonly cip?: CipIdentity;
  /** PROFINET device id; the vendor id of Siemens is 0x002a. */
  readonly profinet?: { readonly vendorId: number; readonly deviceId: number };
}

interface Pair {
  readonly client: string;
  readonly server: string;
}

/** What devices do all day, as data. Periods are milliseconds. */
export type Activity =
  | (Pair & {
      readonly kind: 'modbus-poll';
      readonly period: number;
      readonly unit: number;
      readonly reads: readonly { readonly function: 1 | 2 | 3 | 4; readonly start: number; readonly count: number }[];
      readonly writes?: { readonly start: number; readonly count: number };
    })
  | (Pair & {
      readonly kind: 's7-poll';
      readonly period: number;
      readonly remoteTsap: number;
      readonly items: readonly {
        readonly area: number;
        readonly db: number;
        readonly start: number;
        readonly length: number;
      }[];
      readonly writes?: { readonly db: number; readonly start: number };
    })
  | (Pair & {
      readonly kind: 'cip-tags';
      readonly period: number;
      readonly tags: readonly string[];
      readonly writes?: string;
    })
  | (Pair & { readonly kind: 'cip-io'; readonly period: number; readonly outputs: number; readonly inputs: number })
  | (Pair & { readonly kind: 'profinet'; readonly period: number; readonly frameId: number; readonly length: number })
  | (Pair & { readonly kind: 'opcua'; readonly period: number; readonly nodes: number; readonly writes?: boolean })
  | (Pair & { readonly kind: 'ads-poll'; readonly period: number; readonly symbols: number; readonly writes?: boolean })
  | (Pair & {
      readonly kind: 'fins-poll';
      readonly period: number;
      readonly start: number;
      readonly count: number;
      readonly writes?: boolean;
    })
  | (Pair & {
      readonly kind: 'slmp-poll';
      readonly period: number;
      readonly start: number;
      readonly count: number;
      readonly writes?: boolean;
    })
  | (Pair & { readonly kind: 'mqtt'; readonly period: number; readonly topics: readonly string[] });

export interface Plant {
  readonly networks: readonly Network[];
  readonly devices: readonly Device[];
  readonly activities: readonly Activity[];
}
