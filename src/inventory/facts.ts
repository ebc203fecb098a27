import type { Micros } from '../kit/time.ts';
import type { CredentialObservation, ServiceObservation } from '../wire/observation.ts';
import type { Endpoint } from './endpoint.ts';
import type { LimitCounter } from './limits.ts';

/** A MAC and an address that ARP, DHCP or discovery stated together. */
export interface Claim {
  readonly scope: string;
  readonly mac: string;
  readonly address: string;
  readonly frame: number;
  readonly firstSeen: Micros;
  lastSeen: Micros;
  requests: number;
  replies: number;
  probes: number;
  announcements: number;
  leases: number;
  discoveries: number;
}

/** Someone signed in in clear. */
export interface Credential {
  readonly client: Endpoint | undefined;
  readonly server: Endpoint | undefined;
  readonly protocol: string;
  readonly port: number;
  readonly scheme: string;
  readonly user: string | undefined;
  readonly secret: CredentialObservation['secret'];
  readonly frame: number;
  readonly firstSeen: Micros;
  lastSeen: Micros;
  count: number;
}

/** What a device's clock says beside the capture's: smallest and largest difference, stated minus captured. */
export interface ClockFact {
  readonly endpoint: Endpoint;
  readonly source: string;
  readonly protocol: string;
  readonly frame: number;
  least: Micros;
  most: Micros;
  count: number;
}

/** How a service protects itself, and what it says it is. */
export interface ServiceFact {
  readonly endpoint: Endpoint;
  readonly client: Endpoint | undefined;
  readonly protocol: string;
  readonly transport: string;
  readonly port: number;
  readonly banner: string | undefined;
  readonly protection: ServiceObservation['protection'];
  readonly version: string | undefined;
  readonly requestedName: string | undefined;
  readonly frame: number;
  readonly firstSeen: Micros;
  count: number;
}

type Keyed<T extends object> = Omit<T, 'count' | 'lastSeen' | 'least' | 'most'>;

/** Bounded lists of what was said, each thing once. */
export class Facts {
  readonly claims: Map<string, Claim> = new Map();
  readonly credentials: Map<string, Credential> = new Map();
  readonly clocks: Map<string, ClockFact> = new Map();
  readonly services: Map<string, ServiceFact> = new Map();
  readonly #limits: LimitCounter;

  constructor(limits: LimitCounter) {
    this.#limits = limits;
  }

  claim(scope: string, mac: string, address: string, at: { frame: number; time: Micros }): Claim | undefined {
    const key = `${scope}|${mac}|${address}`;
    const known = this.claims.get(key);
    if (known !== undefined) {
      known.lastSeen = at.time;
      return known;
    }
    if (!this.#limits.allows('claims', this.claims.size)) {
      return undefined;
    }
    const counts = { requests: 0, replies: 0, probes: 0, announcements: 0, leases: 0, discoveries: 0 };
    const claim = { scope, mac, address, frame: at.frame, firstSeen: at.time, lastSeen: at.time, ...counts };
    this.claims.set(key, claim);
    return claim;
  }

  credential(fact: Keyed<Credential>): void {
    const ends = `${fact.client?.key ?? ''}|${fact.server?.key ?? ''}|${fact.protocol}|${fact.port}`;
    const key = `${ends}|${fact.scheme}|${fact.secret}|${fact.user ?? ''}`;
    const known = this.credentials.get(key);
    if (known !== undefined) {
      known.count++;
      known.lastSeen = fact.firstSeen;
    } else if (this.#limits.allows('facts', this.credentials.size)) {
      this.credentials.set(key, { ...fact, lastSeen: fact.firstSeen, count: 1 });
    }
  }

  clock(fact: Keyed<ClockFact>, difference: Micros): void {
    const key = `${fact.endpoint.key}|${fact.protocol}|${fact.source}`;
    const known = this.clocks.get(key);
    if (known !== undefined) {
      known.count++;
      known.least = Math.min(known.least, difference);
      known.most = Math.max(known.most, difference);
    } else if (this.#limits.allows('facts', this.clocks.size)) {
      this.clocks.set(key, { ...fact, least: difference, most: difference, count: 1 });
    }
  }

  service(fact: Keyed<ServiceFact>): void {
    const what = `${fact.banner ?? ''}|${fact.protection ?? ''}|${fact.version ?? ''}|${fact.requestedName ?? ''}`;
    const key = `${fact.endpoint.key}|${fact.transport}|${fact.port}|${fact.protocol}|${what}`;
    const known = this.services.get(key);
    if (known !== undefined) {
      known.count++;
    } else if (this.#limits.allows('facts', this.services.size)) {
      this.services.set(key, { ...fact, count: 1 });
    }
  }
}
