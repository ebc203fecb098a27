import type { Micros } from '../../kit/time.ts';
import type { Child, Endpoint } from '../endpoint.ts';

/** All endpoints that are one device. */
export interface Device {
  /** Stable for the same input: the smallest key of its endpoints. */
  readonly key: string;
  /** Endpoints that were seen sending. */
  readonly endpoints: readonly Endpoint[];
  /** Endpoints that others talked about: addresses of this device that it was not seen sending from here. */
  readonly mentioned: readonly Endpoint[];
  readonly interfaces: readonly Interface[];
  /** Devices that it speaks for, by what they are called there. */
  readonly children: ReadonlyMap<string, Child>;
  /** What was said about the one number under which it speaks for itself. */
  readonly itself: Child | undefined;
  /** Low confidence: it came in a flood of new senders and answered nobody. */
  readonly doubtful: boolean;
}

export interface Interface {
  readonly scope: string;
  readonly vlan: number | undefined;
  /** `undefined` behind a router, and where the link has none. */
  readonly mac: string | undefined;
  readonly addresses: readonly string[];
}

export interface Resolution {
  readonly devices: readonly Device[];
  readonly deviceOf: ReadonlyMap<Endpoint, Device>;
  /** Senders in a flood that are believed to be invented. */
  readonly spoofed: readonly Endpoint[];
  readonly duplicates: readonly Contest[];
  readonly impersonations: readonly Impersonation[];
  readonly changes: readonly AddressChange[];
  readonly successions: readonly Contest[];
  /** How many hosts elsewhere a MAC forwards for, by scope and MAC. */
  readonly routers: ReadonlyMap<string, number>;
}

/** Two MACs that use one address: at the same time, or one after the other. */
export interface Contest {
  readonly address: string;
  readonly first: Holder;
  readonly second: Holder;
}

export interface Holder {
  readonly device: Device;
  readonly mac: string;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly frame: number;
}

/** One MAC that claims addresses of several others. */
export interface Impersonation {
  readonly device: Device;
  readonly mac: string;
  readonly addresses: readonly string[];
  readonly victims: readonly Device[];
  readonly claims: number;
  readonly frame: number;
}

/** One device that changed its address. */
export interface AddressChange {
  readonly device: Device;
  readonly mac: string;
  readonly addresses: readonly string[];
  readonly proof: string;
  readonly frame: number;
}
