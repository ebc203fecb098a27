import type { Mutable } from '../kit/mutable.ts';
import type { Micros } from '../kit/time.ts';
import type { CredentialObservation, ServiceObservation } from '../wire/observation.ts';
import type { Endpoint } from './endpoint.ts';
import type { LimitCounter } from './limits.ts';
import { byFirst, type First, inOrderOfFirsts, joinedFirsts } from './order.ts';

/** A MAC and an address that ARP, DHCP or discovery stated together. */
export interface Claim {
  readonly scope: string;
  readonly mac: string;
  readonly address: string;
  readonly frame: number;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly requests: number;
  readonly replies: number;
  readonly probes: number;
  readonly announcements: number;
  readonly leases: number;
  readonly discoveries: number;
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
  readonly lastSeen: Micros;
  readonly count: number;
}

/** What a device's clock says beside the capture's: smallest and largest difference, stated minus captured. */
export interface ClockFact {
  readonly endpoint: Endpoint;
  readonly source: string;
  readonly protocol: string;
  readonly frame: number;
  readonly firstSeen: Micros;
  readonly least: Micros;
  readonly most: Micros;
  readonly count: number;
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
  readonly count: number;
}

/** What one message says; the rest follows from how often it is said. */
type Said<T extends object> = Omit<T, 'count' | 'lastSeen' | 'least' | 'most'>;

const NO_CLAIMS = { requests: 0, replies: 0, probes: 0, announcements: 0, leases: 0, discoveries: 0 };

/** How an address is claimed, counted. */
export type Claiming = keyof typeof NO_CLAIMS;

/** Facts of each kind by what tells them apart. */
interface FactTables {
  readonly claims: ReadonlyMap<string, Claim>;
  readonly credentials: ReadonlyMap<string, Credential>;
  readonly clocks: ReadonlyMap<string, ClockFact>;
  readonly services: ReadonlyMap<string, ServiceFact>;
}

/** Bounded lists of what was said, each thing once. */
export class Facts implements FactTables {
  readonly claims: Map<string, Claim> = new Map();
  readonly credentials: Map<string, Credential> = new Map();
  readonly clocks: Map<string, ClockFact> = new Map();
  readonly services: Map<string, ServiceFact> = new Map();
  readonly #limits: LimitCounter;

  constructor(limits: LimitCounter) {
    this.#limits = limits;
  }

  claim(ends: Pick<Claim, 'scope' | 'mac' | 'address'>, how: Claiming, at: First): void {
    const { scope, mac, address } = ends;
    const known = this.claims.get(`${scope}|${mac}|${address}`);
    if (known !== undefined && byFirst(known, at) <= 0) {
      // The usual case: ARP says the same again and again.
      const counted = known as Mutable<Claim>;
      counted[how]++;
      counted.lastSeen = Math.max(counted.lastSeen, at.firstSeen);
      return;
    }
    const claim = { scope, mac, address, frame: at.frame, firstSeen: at.firstSeen, lastSeen: at.firstSeen };
    this.#note(this.claims, JOIN_CLAIMS, { ...claim, ...NO_CLAIMS, [how]: 1 });
  }

  credential(fact: Said<Credential>): void {
    this.#note(this.credentials, JOIN_CREDENTIALS, { ...fact, lastSeen: fact.firstSeen, count: 1 });
  }

  clock(fact: Said<ClockFact>, difference: Micros): void {
    this.#note(this.clocks, JOIN_CLOCKS, { ...fact, least: difference, most: difference, count: 1 });
  }

  service(fact: Said<ServiceFact>): void {
    this.#note(this.services, JOIN_SERVICES, { ...fact, count: 1 });
  }

  /** All facts of these lists and of others; `endpointOf` says which endpoint of ours is meant. */
  absorb(other: FactTables, endpointOf: <T extends Endpoint | undefined>(endpoint: T) => T): void {
    const claims = other.claims;
    const credentials = renamed(other.credentials, JOIN_CREDENTIALS, (fact) => ({
      ...fact,
      client: endpointOf(fact.client),
      server: endpointOf(fact.server),
    }));
    const clocks = renamed(other.clocks, JOIN_CLOCKS, (fact) => ({ ...fact, endpoint: endpointOf(fact.endpoint) }));
    const services = renamed(other.services, JOIN_SERVICES, (fact) => ({
      ...fact,
      endpoint: endpointOf(fact.endpoint),
      client: endpointOf(fact.client),
    }));
    this.#take(this.claims, joinedFirsts(this.claims, claims, this.#joining(JOIN_CLAIMS)));
    this.#take(this.credentials, joinedFirsts(this.credentials, credentials, this.#joining(JOIN_CREDENTIALS)));
    this.#take(this.clocks, joinedFirsts(this.clocks, clocks, this.#joining(JOIN_CLOCKS)));
    this.#take(this.services, joinedFirsts(this.services, services, this.#joining(JOIN_SERVICES)));
  }

  /** Puts everything into the order in which it was first said. */
  settle(): void {
    this.#take(this.claims, inOrderOfFirsts(this.claims));
    this.#take(this.credentials, inOrderOfFirsts(this.credentials));
    this.#take(this.clocks, inOrderOfFirsts(this.clocks));
    this.#take(this.services, inOrderOfFirsts(this.services));
  }

  #note<T extends First>(table: Map<string, T>, { keyOf, join, limit }: Table<T>, fact: T): void {
    const key = keyOf(fact);
    const known = table.get(key);
    if (known === undefined) {
      if (this.#limits.allows(limit, table.size)) {
        table.set(key, fact);
      }
    } else if (byFirst(fact, known) < 0) {
      table.delete(key);
      table.set(key, join(fact, known));
    } else {
      table.set(key, join(known, fact));
    }
  }

  #joining<T extends First>({ join, limit }: Table<T>) {
    return { join, allows: (size: number) => this.#limits.allows(limit, size) };
  }

  #take<T>(table: Map<string, T>, facts: ReadonlyMap<string, T> | undefined): void {
    table.clear();
    for (const [key, fact] of facts ?? []) {
      table.set(key, fact);
    }
  }
}

/** How facts of one kind are told apart, and what two of the same are together. */
interface Table<T extends First> {
  readonly limit: 'claims' | 'facts';
  keyOf(fact: T): string;
  join(first: T, second: T): T;
}

const JOIN_CLAIMS: Table<Claim> = {
  limit: 'claims',
  keyOf: ({ scope, mac, address }) => `${scope}|${mac}|${address}`,
  join: (first, second) => ({
    ...first,
    lastSeen: Math.max(first.lastSeen, second.lastSeen),
    requests: first.requests + second.requests,
    replies: first.replies + second.replies,
    probes: first.probes + second.probes,
    announcements: first.announcements + second.announcements,
    leases: first.leases + second.leases,
    discoveries: first.discoveries + second.discoveries,
  }),
};

const JOIN_CREDENTIALS: Table<Credential> = {
  limit: 'facts',
  keyOf: ({ client, server, protocol, port, scheme, secret, user }) =>
    `${client?.key ?? ''}|${server?.key ?? ''}|${protocol}|${port}|${scheme}|${secret}|${user ?? ''}`,
  join: (first, second) => ({
    ...first,
    count: first.count + second.count,
    lastSeen: Math.max(first.lastSeen, second.lastSeen),
  }),
};

const JOIN_CLOCKS: Table<ClockFact> = {
  limit: 'facts',
  keyOf: ({ endpoint, protocol, source }) => `${endpoint.key}|${protocol}|${source}`,
  join: (first, second) => ({
    ...first,
    count: first.count + second.count,
    least: Math.min(first.least, second.least),
    most: Math.max(first.most, second.most),
  }),
};

const JOIN_SERVICES: Table<ServiceFact> = {
  limit: 'facts',
  keyOf({ endpoint, transport, port, protocol, banner, protection, version, requestedName }) {
    const what = `${banner ?? ''}|${protection ?? ''}|${version ?? ''}|${requestedName ?? ''}`;
    return `${endpoint.key}|${transport}|${port}|${protocol}|${what}`;
  },
  join: (first, second) => ({ ...first, count: first.count + second.count }),
};

function renamed<T extends First>(table: ReadonlyMap<string, T>, { keyOf }: Table<T>, ours: (fact: T) => T) {
  return new Map(
    [...table.values()].map((fact) => {
      const own = ours(fact);
      return [keyOf(own), own];
    }),
  );
}
