import type { Micros } from '../../kit/time.ts';
import { isGroup, isIpv4, isLinkLocal, isUnspecified, subnetOf } from '../address.ts';
import type { Endpoint } from '../endpoint.ts';
import { CERTAIN, type Evidence, plain } from '../evidence.ts';
import type { Claim } from '../facts.ts';

/** One address that a MAC uses, or says that it uses. */
export interface Use {
  readonly address: string;
  readonly endpoint: Endpoint | undefined;
  readonly claim: Claim | undefined;
  /** ARP, DHCP or discovery ties the address to this MAC: it is on this segment. */
  readonly claimed: boolean;
  firstSeen: Micros;
  lastSeen: Micros;
}

export type Standing = 'own' | 'routed' | 'separate' | 'impersonated';

/** One MAC in one scope, with all addresses that came from it. */
export interface Station {
  readonly id: string;
  readonly scope: string;
  readonly mac: string;
  /** It sent frames that are its own, without IP. */
  readonly speaks: boolean;
  readonly uses: Map<string, Use>;
  readonly standing: Map<string, Standing>;
}

/** All MACs by scope. */
export type Stations = ReadonlyMap<string, Station>;

/** Addresses of one MAC, none of them tied to it by ARP, that may still be one host's. */
const FEW_ADDRESSES = 2;
/** IPv6 hosts have a lasting address and several short-lived ones. */
const FEW_IPV6_ADDRESSES = 16;

export function stationId(scope: string, mac: string | undefined): string {
  return `m|${scope}|${mac ?? ''}`;
}

/** Every MAC that sent, with the standing of each address it sent from or claims. */
export function stationsOf(senders: readonly Endpoint[], claims: readonly Claim[]): Map<string, Station> {
  const stations = new Map<string, Station>();
  for (const endpoint of senders) {
    if (endpoint.mac !== undefined) {
      const station = stationAt(stations, endpoint.scope, endpoint.mac, endpoint.address === undefined);
      if (endpoint.address !== undefined) {
        const { address, firstSeen, lastSeen } = endpoint;
        station.uses.set(address, { address, endpoint, claim: undefined, claimed: false, firstSeen, lastSeen });
      }
    }
  }
  for (const claim of claims) {
    const station = stations.get(stationId(claim.scope, claim.mac));
    const claimed = claim.requests + claim.replies + claim.announcements + claim.leases + claim.discoveries > 0;
    if (station !== undefined && claimed && !isUnspecified(claim.address) && !isGroup(claim.address)) {
      const { address } = claim;
      const known = station.uses.get(address);
      const firstSeen = Math.min(claim.firstSeen, known?.firstSeen ?? claim.firstSeen);
      const lastSeen = Math.max(claim.lastSeen, known?.lastSeen ?? claim.lastSeen);
      station.uses.set(address, { address, endpoint: known?.endpoint, claim, claimed, firstSeen, lastSeen });
    }
  }
  for (const station of stations.values()) {
    standings(station);
  }
  return stations;
}

function stationAt(stations: Map<string, Station>, scope: string, mac: string, speaks: boolean): Station {
  const id = stationId(scope, mac);
  const known = stations.get(id);
  if (known !== undefined && (known.speaks || !speaks)) {
    return known;
  }
  const made = { id, scope, mac, speaks, uses: known?.uses ?? new Map(), standing: new Map() };
  stations.set(id, made);
  return made;
}

/** Sorts a MAC's addresses into its own, those behind it, and those of other devices with the same MAC. */
function standings({ uses, standing }: Station): void {
  const real = [...uses.values()].filter(({ address }) => !isUnspecified(address) && !isLinkLocal(address));
  const local = real.filter((use) => !isRouted(use));
  const isApart = standApart(
    local.filter(({ claimed }) => claimed),
    local.filter(({ claimed }) => !claimed),
    local.length < real.length,
  );
  for (const { address } of uses.values()) {
    standing.set(address, 'own');
  }
  for (const use of real) {
    standing.set(use.address, isRouted(use) ? 'routed' : !use.claimed && isApart(use) ? 'separate' : 'own');
  }
  const own = real.filter(({ address }) => standing.get(address) === 'own');
  if (severalIdentities(own)) {
    for (const { address } of own) {
      standing.set(address, 'separate');
    }
  }
}

/** Routers lower the TTL; systems start with round values. A router may answer ARP for those behind it (RFC 1027). */
function isRouted({ claim, claimed, endpoint }: Use): boolean {
  const lowered = endpoint !== undefined && endpoint.routedTtl > 0 && endpoint.startTtl === 0;
  const spoken =
    (claim?.requests ?? 0) + (claim?.announcements ?? 0) + (claim?.leases ?? 0) + (claim?.discoveries ?? 0);
  return lowered && (!claimed || spoken === 0);
}

/** Whether an address that nothing ties to the MAC belongs to another device. */
function standApart(claimed: readonly Use[], open: readonly Use[], forwards: boolean): (use: Use) => boolean {
  const ipv4 = open.filter(({ address }) => isIpv4(address));
  const many = open.length - ipv4.length > FEW_IPV6_ADDRESSES;
  const several = ipv4.length > FEW_ADDRESSES || ipv4.some(({ endpoint }) => endpoint?.meetsOwnMac === true);
  const rest = claimed.length > 0 ? [...claimed] : ipv4;
  const oneHost = !forwards && (claimed.length > 0 || startTtls(ipv4).size <= 1);
  return (use) => {
    if (!isIpv4(use.address)) {
      return many;
    }
    if (several || !oneHost) {
      return true;
    }
    const near = rest.every((other) => subnetOf(other.address) === subnetOf(use.address));
    const alone = rest.every((other) => other === use || !overlap(other, use));
    return !(near || alone);
  };
}

function startTtls(uses: readonly Use[]): ReadonlySet<number> {
  return new Set(uses.map(({ endpoint }) => endpoint?.startTtl ?? 0).filter((ttl) => ttl > 0));
}

/** One address after the other is a change of address; both at once need more to be one host's. */
function overlap(one: Use, other: Use): boolean {
  return one.firstSeen < other.lastSeen && other.firstSeen < one.lastSeen;
}

/** Addresses that answer with different serial numbers or names, in the same protocol, are different devices. */
function severalIdentities(uses: readonly Use[]): boolean {
  return uses.length > 1 && (differ(uses, 'serial') || (!shareSerial(uses) && differ(uses, 'name')));
}

function differ(uses: readonly Use[], attribute: 'serial' | 'name'): boolean {
  const values = new Map<string, string>();
  for (const { endpoint } of uses) {
    for (const { protocol, value } of sure(endpoint, attribute)) {
      const before = values.get(protocol);
      if (before !== undefined && before !== plain(value)) {
        return true;
      }
      values.set(protocol, plain(value));
    }
  }
  return false;
}

export function shareSerial(uses: readonly Use[]): boolean {
  const serials = uses.map(({ endpoint }) => new Set(sure(endpoint, 'serial').map(({ value }) => plain(value))));
  const [first, ...others] = serials.filter(({ size }) => size > 0);
  return (
    first !== undefined && others.length > 0 && others.every((other) => [...other].some((serial) => first.has(serial)))
  );
}

function sure(endpoint: Endpoint | undefined, attribute: 'serial' | 'name'): readonly Evidence[] {
  return (endpoint?.evidence ?? []).filter((entry) => entry.attribute === attribute && entry.confidence >= CERTAIN);
}

/** MACs that forward for hosts elsewhere, and for how many. Whoever forwards within its own subnet is no router. */
export function routersOf(
  stations: Stations,
  isLocal: (scope: string, address: string) => boolean,
): ReadonlyMap<string, number> {
  const routers = new Map<string, number>();
  for (const station of stations.values()) {
    const { scope, mac, standing } = station;
    const near = new Set(ownAddresses(station).map(subnetOf));
    const isElsewhere = (address: string) => !isLocal(scope, address) || !near.has(subnetOf(address));
    const routed = [...standing].filter(([address, value]) => value === 'routed' && isElsewhere(address)).length;
    if (routed > 1 || (routed === 1 && standing.size > 1)) {
      routers.set(`${scope}|${mac}`, routed);
    }
  }
  return routers;
}

export function ownAddresses(station: Station): string[] {
  return [...station.standing].filter(([, standing]) => standing === 'own').map(([address]) => address);
}
