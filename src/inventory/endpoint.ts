import type { Micros } from '../kit/time.ts';
import type { Flow, Side } from '../wire/listener.ts';
import type { BehindObservation, IdentityObservation, ModuleObservation } from '../wire/observation.ts';
import { addEvidence, type Evidence, IDENTITY_ATTRIBUTES, type Source } from './evidence.ts';
import type { LimitCounter } from './limits.ts';

/**
 * A place that was seen sending, or that something was said about: scope, MAC and address together. Which endpoints
 * are one device is decided at the end (resolve.ts), when everything about them is known.
 */
export interface Endpoint {
  readonly key: string;
  readonly scope: string;
  readonly vlan: number | undefined;
  /** `undefined`: no MAC seen. Empty strings are never kept. */
  readonly mac: string | undefined;
  readonly address: string | undefined;
  /** Was seen sending. What was only talked about or talked to is no asset. */
  sent: boolean;
  /** Took part in two-way traffic. */
  answered: boolean;
  /** Waits to be believed: too many new senders came at once. */
  candidate: boolean;
  sightings: number;
  firstSeen: Micros;
  lastSeen: Micros;
  firstFrame: number;
  /** Which sender it was, counted in the order in which they appeared. */
  order: number;
  packets: number;
  bytes: number;
  /** Unicast packets came with a TTL that systems start with, or with one that routers have lowered. */
  startTtl: number;
  routedTtl: number;
  /** It talked with another address at its own MAC: the MAC is not one host's. */
  meetsOwnMac: boolean;
  /** EtherTypes under which it sent without IP. */
  readonly carriers: number[];
  readonly evidence: Evidence[];
  modules: Map<number, Evidence[]> | undefined;
  children: Map<string, Child> | undefined;
  ports: Map<string, NeighbourPort> | undefined;
  /** Further addresses that it says are its own. */
  aliases: Set<string> | undefined;
}

/** A device that an endpoint speaks for. */
export interface Child {
  readonly device: string;
  readonly protocol: string;
  readonly frame: number;
  firstSeen: Micros;
  lastSeen: Micros;
  readonly evidence: Evidence[];
}

/** A port that the endpoint announced as its own. */
export interface NeighbourPort {
  readonly chassis: string;
  readonly port: string;
  readonly protocol: string;
  readonly managementAddresses: readonly string[];
  readonly frame: number;
}

/** TTL values that systems start with (30: S7 controllers). */
const START_TTLS: ReadonlySet<number> = new Set([30, 32, 60, 64, 128, 255]);
const MOST_CARRIERS = 16;
const MINUTE = 60_000_000;
/** Sightings over a minute that make a candidate believed. */
const SIGHTINGS = 3;

export class Endpoints {
  readonly #all: Map<string, Endpoint> = new Map();
  /** The same by scope, MAC and address: a look-up makes no text. */
  readonly #places: Map<string, Map<string, Map<string, Endpoint>>> = new Map();
  /** Who was admitted in this minute without an answer so far: if the minute turns out to be a flood, they wait as well. */
  #newcomers: Endpoint[] = [];
  readonly #limits: LimitCounter;
  #minuteEnds = Number.NEGATIVE_INFINITY;
  #newInMinute = 0;
  #candidates = 0;
  #senders = 0;
  /** Senders that neither the table nor the waiting list could hold. */
  forgotten = 0;

  constructor(limits: LimitCounter) {
    this.#limits = limits;
  }

  values(): IterableIterator<Endpoint> {
    return this.#all.values();
  }

  /** The endpoint of one side of a flow, made if it is new. */
  of(flow: Flow, side: Side): Endpoint | undefined {
    const address = flow.address(side);
    const isMac = flow.transport === 'ethernet';
    const mac = isMac ? address : flow.mac(side);
    return this.at(flow, isMac || realMac(mac) ? mac : undefined, isMac ? undefined : address);
  }

  /** The endpoint of one side of a flow, if there is one. */
  known(flow: Flow, side: Side): Endpoint | undefined {
    const address = flow.address(side);
    if (flow.transport === 'ethernet') {
      return this.#find(scopeOf(flow.vlan), address, undefined);
    }
    const mac = flow.mac(side);
    return this.#find(scopeOf(flow.vlan), realMac(mac) ? mac : undefined, address);
  }

  #find(scope: string, mac: string | undefined, address: string | undefined): Endpoint | undefined {
    return this.#places
      .get(scope)
      ?.get(mac ?? '')
      ?.get(address ?? '');
  }

  #keep(endpoint: Endpoint): void {
    this.#all.set(endpoint.key, endpoint);
    const { scope, mac = '', address = '' } = endpoint;
    const macs = this.#places.get(scope) ?? new Map<string, Map<string, Endpoint>>();
    this.#places.set(scope, macs);
    const addresses = macs.get(mac) ?? new Map<string, Endpoint>();
    macs.set(mac, addresses);
    addresses.set(address, endpoint);
  }

  #forget({ key, scope, mac = '', address = '' }: Endpoint): void {
    this.forgotten++;
    this.#all.delete(key);
    const addresses = this.#places.get(scope)?.get(mac);
    addresses?.delete(address);
    if (addresses?.size === 0) {
      this.#places.get(scope)?.delete(mac);
    }
  }

  /** The endpoint of an address that something was said about, in the scope of the flow that said it. */
  at(flow: Flow, mac: string | undefined, address: string | undefined): Endpoint | undefined {
    const scope = scopeOf(flow.vlan);
    const known = this.#find(scope, mac, address);
    if (known !== undefined) {
      return known;
    }
    if (!this.#limits.allows('endpoints', this.#all.size)) {
      return undefined;
    }
    const key = `${scope}|${mac ?? ''}|${address ?? ''}`;
    const made = newEndpoint(key, scope, flow, { mac, address });
    this.#keep(made);
    return made;
  }

  /** The side was seen sending. */
  sending(flow: Flow, side: Side, answered: boolean): Endpoint | undefined {
    if (!isSource(flow, flow.address(side))) {
      return undefined;
    }
    const time = flow.lastSeen;
    const endpoint = this.known(flow, side) ?? (answered || this.#hasRoom(time) ? this.of(flow, side) : undefined);
    if (endpoint === undefined) {
      this.forgotten++;
      return undefined;
    }
    if (!endpoint.sent) {
      endpoint.sent = true;
      endpoint.firstSeen = time;
      endpoint.firstFrame = flow.firstFrame;
      endpoint.order = ++this.#senders;
      this.#admit(endpoint, time, answered);
    }
    endpoint.sightings++;
    endpoint.answered ||= answered;
    endpoint.lastSeen = Math.max(endpoint.lastSeen, time);
    this.#believe(endpoint);
    noteTtl(endpoint, flow, side);
    if (flow.transport === 'ethernet') {
      noteCarrier(endpoint, flow.carrier);
    }
    return endpoint;
  }

  /** Both sides were seen: the one that answers has just begun to send. */
  answered(flow: Flow): void {
    for (const side of [0, 1] as const) {
      const known = this.of(flow, side);
      const endpoint = known?.sent ? known : this.sending(flow, side, true);
      if (endpoint !== undefined) {
        endpoint.answered = true;
        endpoint.meetsOwnMac ||= endpoint.mac !== undefined && flow.mac(0) === flow.mac(1);
        this.#believe(endpoint);
      }
    }
  }

  /** The flow's numbers are final. */
  sent(flow: Flow, side: Side): void {
    const packets = flow.packets(side);
    if (packets === 0 || !isSource(flow, flow.address(side))) {
      return;
    }
    const endpoint = this.known(flow, side);
    if (endpoint === undefined) {
      return;
    }
    endpoint.packets += packets;
    endpoint.bytes += flow.bytes(side);
    endpoint.lastSeen = Math.max(endpoint.lastSeen, flow.lastSeen);
    endpoint.sightings += packets - 1;
    this.#believe(endpoint);
    noteTtl(endpoint, flow, side);
  }

  #admit(endpoint: Endpoint, time: Micros, answered: boolean): void {
    if (time >= this.#minuteEnds || time < this.#minuteEnds - MINUTE) {
      this.#minuteEnds = time + MINUTE;
      this.#newInMinute = 0;
      this.#newcomers = [];
    }
    if (answered) {
      this.#newInMinute++;
    } else if (this.#limits.allows('newAssetsPerMinute', this.#newInMinute)) {
      this.#newInMinute++;
      this.#newcomers.push(endpoint);
    } else {
      this.#doubt(endpoint);
      for (const newcomer of this.#newcomers) {
        if (!newcomer.answered && newcomer.sightings < SIGHTINGS) {
          this.#doubt(newcomer);
        }
      }
      this.#newcomers = [];
    }
  }

  /** Whether a new sender would be kept, at once or as a candidate. */
  #hasRoom(time: Micros): boolean {
    const { newAssetsPerMinute } = this.#limits.limits;
    const isNewMinute = time >= this.#minuteEnds || time < this.#minuteEnds - MINUTE;
    return isNewMinute || this.#newInMinute < newAssetsPerMinute || this.#limits.allows('candidates', this.#candidates);
  }

  #doubt(endpoint: Endpoint): void {
    if (this.#limits.allows('candidates', this.#candidates)) {
      this.#candidates++;
      endpoint.candidate = true;
    } else {
      this.#forget(endpoint);
    }
  }

  #believe(endpoint: Endpoint): void {
    const seen = endpoint.sightings >= SIGHTINGS && endpoint.lastSeen - endpoint.firstSeen >= MINUTE;
    if (endpoint.candidate && (endpoint.answered || seen)) {
      endpoint.candidate = false;
      this.#candidates--;
    }
  }
}

/** Where addresses mean the same: the outermost VLAN. */
export function scopeOf(vlan: number | undefined): string {
  return vlan === undefined ? '' : `vlan ${vlan}`;
}

const ZERO_MAC = '00:00:00:00:00:00';

/** The zero MAC of a loopback is none. */
function realMac(mac: string | undefined): boolean {
  return mac !== undefined && mac !== '' && mac !== ZERO_MAC;
}

/** Group bit of the first octet: no station sends from such an address. */
function isGroupMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(1, 2), 16) & 1) === 1;
}

function isSource(flow: Flow, address: string): boolean {
  return flow.transport !== 'ethernet' || (realMac(address) && !isGroupMac(address));
}

function newEndpoint(
  key: string,
  scope: string,
  flow: Flow,
  { mac, address }: Pick<Endpoint, 'mac' | 'address'>,
): Endpoint {
  return {
    key,
    scope,
    vlan: flow.vlan,
    mac,
    address,
    sent: false,
    answered: false,
    candidate: false,
    sightings: 0,
    firstSeen: flow.lastSeen,
    lastSeen: flow.lastSeen,
    firstFrame: flow.firstFrame,
    order: 0,
    packets: 0,
    bytes: 0,
    startTtl: 0,
    routedTtl: 0,
    meetsOwnMac: false,
    carriers: [],
    evidence: [],
    modules: undefined,
    children: undefined,
    ports: undefined,
    aliases: undefined,
  };
}

/** Multicast is often sent with a TTL of its own choice, and 1 is never forwarded: neither says anything. */
function noteTtl(endpoint: Endpoint, flow: Flow, side: Side): void {
  const ttl = flow.ttl(side);
  if (ttl <= 1 || flow.toMany) {
    return;
  }
  if (START_TTLS.has(ttl)) {
    endpoint.startTtl = ttl;
  } else {
    endpoint.routedTtl = ttl;
  }
}

function noteCarrier(endpoint: Endpoint, carrier: number): void {
  if (endpoint.carriers.length < MOST_CARRIERS && !endpoint.carriers.includes(carrier)) {
    endpoint.carriers.push(carrier);
  }
}

const MOST_ALIASES = 64;

/** The endpoint says that this address is its own too. */
export function noteAlias(endpoint: Endpoint | undefined, address: string | undefined): void {
  if (endpoint !== undefined && address !== undefined && address !== endpoint.address) {
    endpoint.aliases ??= new Set();
    if (endpoint.aliases.size < MOST_ALIASES) {
      endpoint.aliases.add(address);
    }
  }
}

/** What a device says about itself, value by value. */
export function noteIdentity(
  known: Evidence[],
  said: IdentityObservation | ModuleObservation | BehindObservation,
  source: Source,
  limits: LimitCounter,
): void {
  for (const attribute of IDENTITY_ATTRIBUTES) {
    const value = said[attribute];
    if (value) {
      addEvidence(known, { attribute, value, basis: said.basis }, source, limits);
    }
  }
}
