import type { Micros } from '../kit/time.ts';
import type { Flow, Side } from '../wire/listener.ts';
import type { BehindObservation, IdentityObservation, ModuleObservation } from '../wire/observation.ts';
import { isUnnamed } from './address.ts';
import { addEvidence, type Evidence, IDENTITY_ATTRIBUTES, joinedEvidence, type Source } from './evidence.ts';
import type { LimitCounter } from './limits.ts';
import { isEarlier, joinedFirsts } from './order.ts';
import { mixed, RowIndex } from './rows.ts';
import { Texts } from './texts.ts';

/**
 * A place that was seen sending, or that something was said about: scope, MAC and address together. Which endpoints
 * are one device is decided at the end (resolve.ts), when everything about them is known.
 */
export interface Endpoint {
  readonly key: string;
  /** Its place among all endpoints of its list. */
  index: number;
  readonly scope: string;
  readonly vlan: number | undefined;
  /** `undefined`: no MAC seen. Empty strings are never kept. */
  readonly mac: string | undefined;
  readonly address: string | undefined;
  /** Was seen sending. What was only talked about or talked to is no asset. */
  sent: boolean;
  /** Took part in two-way traffic. */
  answered: boolean;
  /** So far it sent little, and nobody answered: it may be invented. */
  waits: boolean;
  /** Is not believed: too many new senders came at once, and it is one of them that waits. Told at the end. */
  candidate: boolean;
  sightings: number;
  firstSeen: Micros;
  lastSeen: Micros;
  /** First frame of the flow in which it was first seen, and whether it answered there. */
  firstFrame: number;
  cameAnswering: boolean;
  /** Which sender it was, counted in the order in which they appeared. Told at the end. */
  order: number;
  packets: number;
  bytes: number;
  /** Unicast packets came with a TTL that systems start with, or with one that routers have lowered. */
  startTtl: number;
  routedTtl: number;
  /** It talked with another address at its own MAC: the MAC is not one host's. */
  meetsOwnMac: boolean;
  /** EtherTypes under which it sent without IP. */
  carriers: readonly number[];
  evidence: Evidence[];
  modules: Map<number, Evidence[]> | undefined;
  children: Map<string, Child> | undefined;
  ports: Map<string, NeighbourPort> | undefined;
  /** Further addresses that it says are its own. */
  aliases: Set<string> | undefined;
}

/** A device that an endpoint speaks for. */
export interface Child {
  readonly device: string;
  protocol: string;
  frame: number;
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
  readonly firstSeen: Micros;
}

/** TTL values that systems start with (30: S7 controllers). */
const START_TTLS: ReadonlySet<number> = new Set([30, 32, 60, 64, 128, 255]);
const MOST_CARRIERS = 16;
export const MINUTE = 60_000_000;
/** Sightings over a minute after which a sender need not wait for an answer to be believed. */
const SIGHTINGS = 3;

export class Endpoints {
  readonly #all: Endpoint[] = [];
  readonly #index = new RowIndex();
  readonly #macs = new Texts();
  readonly #addresses = new Texts();
  readonly #limits: LimitCounter;
  readonly #seed: number;
  #minuteEnds = Number.NEGATIVE_INFINITY;
  #newInMinute = 0;
  #waiting = 0;
  /** So many waited at once. */
  mostWaiting = 0;
  /** Senders that neither the table nor the waiting list could hold. */
  forgotten = 0;

  constructor(limits: LimitCounter, seed: number) {
    this.#limits = limits;
    this.#seed = seed;
  }

  get size(): number {
    return this.#all.length;
  }

  values(): readonly Endpoint[] {
    return this.#all;
  }

  byIndex(index: number): Endpoint | undefined {
    return this.#all[index];
  }

  /** The endpoint of one side of a flow, made if it is new. */
  of(flow: Flow, side: Side): Endpoint | undefined {
    const address = flow.address(side);
    const isMac = flow.transport === 'ethernet';
    const mac = isMac ? address : flow.mac(side);
    return this.at(flow, isMac || realMac(mac) ? mac : undefined, isMac ? undefined : address);
  }

  /** The endpoint of one side of a flow that has sent, if there is one. */
  known(flow: Flow, side: Side): Endpoint | undefined {
    const address = flow.address(side);
    if (flow.transport === 'ethernet') {
      return isSource(flow, address) ? this.#find(flow.vlan, address, undefined) : undefined;
    }
    const mac = flow.mac(side);
    return this.#find(flow.vlan, realMac(mac) ? mac : undefined, address);
  }

  /** The side has sent, but there was no room for it. */
  isForgotten(flow: Flow, side: Side): boolean {
    return flow.packets(side) > 0 && isSource(flow, flow.address(side)) && this.known(flow, side) === undefined;
  }

  #find(vlan: number | undefined, mac: string | undefined, address: string | undefined): Endpoint | undefined {
    const macId = this.#macs.find(mac ?? '');
    const addressId = this.#addresses.find(address ?? '');
    if (macId === undefined || addressId === undefined) {
      return undefined;
    }
    let slot = this.#index.slotOf(this.#hash(vlan, macId, addressId));
    for (let row = this.#index.at(slot); row >= 0; row = this.#index.at(slot)) {
      const endpoint = this.#all[row];
      if (endpoint?.vlan === vlan && endpoint?.mac === mac && endpoint?.address === address) {
        return endpoint;
      }
      slot = this.#index.next(slot);
    }
    return undefined;
  }

  #hash(vlan: number | undefined, macId: number, addressId: number): number {
    return mixed(mixed(mixed(this.#seed, vlan ?? 0), macId), addressId);
  }

  #keep(endpoint: Endpoint): void {
    endpoint.index = this.#all.length;
    this.#all.push(endpoint);
    const hashOf = ({ vlan, mac = '', address = '' }: Endpoint) =>
      this.#hash(vlan, this.#macs.of(mac), this.#addresses.of(address));
    let slot = this.#index.slotOf(hashOf(endpoint));
    while (this.#index.at(slot) >= 0) {
      slot = this.#index.next(slot);
    }
    this.#index.add(endpoint.index, slot, (row) => hashOf(this.#all[row] ?? endpoint));
  }

  /** The endpoint of an address that something was said about, in the scope of the flow that said it. */
  at(flow: Flow, mac: string | undefined, address: string | undefined): Endpoint | undefined {
    const known = this.#find(flow.vlan, mac, address);
    if (known !== undefined) {
      return known;
    }
    if (!this.#limits.allows('endpoints', this.#all.length)) {
      return undefined;
    }
    const made = newEndpoint(flow.vlan, mac, address);
    this.#keep(made);
    return made;
  }

  /** Takes in an endpoint of another list. */
  absorb(other: Endpoint): Endpoint | undefined {
    const known = this.#find(other.vlan, other.mac, other.address);
    if (known === undefined) {
      if (!this.#limits.allows('endpoints', this.#all.length)) {
        return undefined;
      }
      this.#keep(other);
      return other;
    }
    join(known, other, this.#limits);
    return known;
  }

  /** The side was seen sending; it answers where the other side had sent before. */
  sending(flow: Flow, side: Side, answering: boolean): Endpoint | undefined {
    if (!isSource(flow, flow.address(side))) {
      return undefined;
    }
    const time = flow.lastSeen;
    const endpoint = this.known(flow, side) ?? (answering || this.#hasRoom(time) ? this.of(flow, side) : undefined);
    if (endpoint === undefined) {
      this.forgotten++;
      return undefined;
    }
    if (!endpoint.sent) {
      endpoint.sent = true;
      endpoint.waits = true;
      this.#waiting++;
      this.mostWaiting = Math.max(this.mostWaiting, this.#waiting);
      this.#welcome(time);
    }
    const { firstFrame } = flow;
    if (
      isEarlier(time, firstFrame, endpoint.firstSeen, endpoint.firstFrame) ||
      (time === endpoint.firstSeen && firstFrame === endpoint.firstFrame && !answering)
    ) {
      endpoint.firstSeen = time;
      endpoint.firstFrame = firstFrame;
      endpoint.cameAnswering = answering;
    }
    endpoint.sightings++;
    endpoint.answered ||= answering;
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
      const endpoint = isProven(flow, side) ? this.sending(flow, side, true) : this.known(flow, side);
      if (endpoint !== undefined) {
        endpoint.meetsOwnMac ||= endpoint.mac !== undefined && flow.mac(0) === flow.mac(1);
      }
    }
  }

  /** The flow's numbers are final. */
  sent(flow: Flow, side: Side): void {
    const packets = flow.packets(side);
    // What proves the asker of a handshake came after its answer.
    const isProvenNow = side === flow.client && flow.transport === 'tcp' && flow.tcp.syn && flow.tcp.established;
    const known = packets === 0 ? undefined : this.known(flow, side);
    const endpoint = packets > 0 && isProvenNow && flow.answered ? this.sending(flow, side, true) : known;
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

  #welcome(time: Micros): void {
    if (this.#isNewMinute(time)) {
      this.#minuteEnds = time + MINUTE;
      this.#newInMinute = 0;
    }
    this.#newInMinute++;
  }

  /** In a flood those that wait fill the list, and then only so many as come in an ordinary minute are taken in. */
  #hasRoom(time: Micros): boolean {
    const isQuiet = this.#isNewMinute(time) || this.#newInMinute < this.#limits.limits.newAssetsPerMinute;
    return isQuiet || this.#limits.allows('candidates', this.#waiting);
  }

  #isNewMinute(time: Micros): boolean {
    return time >= this.#minuteEnds || time < this.#minuteEnds - MINUTE;
  }

  #believe(endpoint: Endpoint): void {
    if (endpoint.waits && (endpoint.answered || isLasting(endpoint, endpoint.sightings))) {
      endpoint.waits = false;
      this.#waiting--;
    }
  }
}

/** It was seen so often, over a minute at least, as an invented sender is not. */
export function isLasting({ firstSeen, lastSeen }: Endpoint, sightings: number): boolean {
  return sightings >= SIGHTINGS && lastSeen - firstSeen >= MINUTE;
}

/** An answer proves that whoever sends it exists; that its asker does, too, only what comes after a handshake can prove. */
export function isProven(flow: Flow, side: Side): boolean {
  return flow.transport !== 'tcp' || side !== flow.client || !flow.tcp.syn || flow.tcp.established;
}

/** Both sides were seen, and neither is invented. */
export function isMutual(flow: Flow): boolean {
  return flow.answered && isProven(flow, flow.client);
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
  switch (flow.transport) {
    case 'ethernet':
      return realMac(address) && !isGroupMac(address);
    case 'bus':
      return !isUnnamed(address);
    default:
      return true;
  }
}

function newEndpoint(vlan: number | undefined, mac: string | undefined, address: string | undefined): Endpoint {
  const scope = scopeOf(vlan);
  return {
    key: `${scope}|${mac ?? ''}|${address ?? ''}`,
    index: 0,
    scope,
    vlan,
    mac,
    address,
    sent: false,
    answered: false,
    waits: false,
    candidate: false,
    sightings: 0,
    firstSeen: Number.POSITIVE_INFINITY,
    lastSeen: Number.NEGATIVE_INFINITY,
    firstFrame: 0,
    cameAnswering: false,
    order: 0,
    packets: 0,
    bytes: 0,
    startTtl: 0,
    routedTtl: 0,
    meetsOwnMac: false,
    carriers: NO_CARRIERS,
    evidence: [],
    modules: undefined,
    children: undefined,
    ports: undefined,
    aliases: undefined,
  };
}

const NO_CARRIERS: readonly number[] = [];

/** Multicast is often sent with a TTL of its own choice, and 1 is never forwarded: neither says anything. */
function noteTtl(endpoint: Endpoint, flow: Flow, side: Side): void {
  const ttl = flow.ttl(side);
  if (ttl <= 1 || flow.toMany) {
    return;
  }
  if (START_TTLS.has(ttl)) {
    endpoint.startTtl = Math.max(endpoint.startTtl, ttl);
  } else {
    endpoint.routedTtl = Math.max(endpoint.routedTtl, ttl);
  }
}

function noteCarrier(endpoint: Endpoint, carrier: number): void {
  if (endpoint.carriers.length < MOST_CARRIERS && !endpoint.carriers.includes(carrier)) {
    endpoint.carriers = [...endpoint.carriers, carrier];
  }
}

const MOST_ALIASES = 64;

/** The endpoint says that this address is its own too. */
export function noteAlias(endpoint: Endpoint | undefined, address: string | undefined, limits: LimitCounter): void {
  if (endpoint !== undefined && address !== undefined && address !== endpoint.address) {
    endpoint.aliases ??= new Set();
    if (endpoint.aliases.size < MOST_ALIASES) {
      endpoint.aliases.add(address);
    } else if (!endpoint.aliases.has(address)) {
      limits.isLossy = true;
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

/** What else is kept of one endpoint: the same places in all threads. */
function join(known: Endpoint, other: Endpoint, limits: LimitCounter): void {
  const { firstSeen, firstFrame, cameAnswering } = other;
  const isSame = firstSeen === known.firstSeen && firstFrame === known.firstFrame;
  if (isEarlier(firstSeen, firstFrame, known.firstSeen, known.firstFrame) || (isSame && !cameAnswering)) {
    known.firstSeen = firstSeen;
    known.firstFrame = firstFrame;
    known.cameAnswering = cameAnswering;
  }
  known.sent ||= other.sent;
  known.answered ||= other.answered;
  known.sightings += other.sightings;
  known.lastSeen = Math.max(known.lastSeen, other.lastSeen);
  known.packets += other.packets;
  known.bytes += other.bytes;
  known.startTtl = Math.max(known.startTtl, other.startTtl);
  known.routedTtl = Math.max(known.routedTtl, other.routedTtl);
  known.meetsOwnMac ||= other.meetsOwnMac;
  known.carriers = [...new Set([...known.carriers, ...other.carriers])].slice(0, MOST_CARRIERS);
  known.evidence = joinedEvidence(known.evidence, other.evidence, limits);
  for (const alias of other.aliases ?? []) {
    noteAlias(known, alias, limits);
  }
  known.modules = joinedModules(known.modules, other.modules, limits);
  known.children = joinedFirsts(known.children, other.children, {
    allows: (size) => limits.allows('childrenPerAsset', size),
    join(child, more) {
      const evidence = joinedEvidence(child.evidence, more.evidence, limits);
      return { ...child, evidence, lastSeen: Math.max(child.lastSeen, more.lastSeen) };
    },
  });
  known.ports = joinedFirsts(known.ports, other.ports, {
    allows: (size) => limits.allows('modulesPerAsset', size),
    join: (port) => port,
  });
}

function joinedModules(known: Endpoint['modules'], more: Endpoint['modules'], limits: LimitCounter) {
  if (known === undefined || more === undefined) {
    return known ?? more;
  }
  const joined = new Map(known);
  for (const [slot, evidence] of more) {
    const before = joined.get(slot);
    if (before !== undefined || limits.allows('modulesPerAsset', joined.size)) {
      joined.set(slot, joinedEvidence(before ?? [], evidence, limits));
    }
  }
  return joined;
}
