import { isIpv4, isLinkLocal, isUnspecified, withoutLocalBit } from '../address.ts';
import type { Child, Endpoint } from '../endpoint.ts';
import type { Claim } from '../facts.ts';
import type { LimitCounter } from '../limits.ts';
import { admit } from './admission.ts';
import type { Device, Interface, Resolution } from './device.ts';
import { judged } from './disputes.ts';
import { type Groups, group, nodeOf } from './joins.ts';
import { contests, type Owners, ownersOf } from './owners.ts';
import { ownAddresses, routersOf, type Station, type Stations, stationsOf } from './stations.ts';

/** Decides which endpoints are one device. Order of input does not matter. */
export function resolve(endpoints: readonly Endpoint[], claims: readonly Claim[], limits: LimitCounter): Resolution {
  const sorted = endpoints.toSorted((a, b) => compare(a.key, b.key));
  const { senders, spoofed, doubtful } = admit(sorted, limits);
  const stations = stationsOf(senders, claims);
  const owners = ownersOf(stations);
  const contested = contests(stations, owners);
  const mentioned = sorted.filter(({ sent }) => !sent);
  const groups = group(senders, [...senders, ...mentioned], { stations, owners });
  const devices = devicesOf({
    groups,
    senders,
    mentioned,
    stations,
    owners,
    doubtful,
  });
  const deviceOf = new Map<Endpoint, Device>();
  for (const device of devices) {
    for (const endpoint of [...device.endpoints, ...device.mentioned]) {
      deviceOf.set(endpoint, device);
    }
  }
  return {
    devices,
    deviceOf,
    spoofed,
    ...judged(stations, contested, deviceOf),
    routers: routersOf(stations, (scope, address) => owners.has(`${scope}|${address}`)),
  };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

interface Material {
  readonly groups: Groups;
  readonly senders: readonly Endpoint[];
  readonly mentioned: readonly Endpoint[];
  readonly stations: Stations;
  readonly owners: Owners;
  readonly doubtful: ReadonlySet<Endpoint>;
}

function devicesOf(material: Material): readonly Device[] {
  const { groups, senders, mentioned, stations, owners, doubtful } = material;
  const rootOf = (endpoint: Endpoint) => groups.find(nodeOf(endpoint, stations, owners));
  const members = Map.groupBy(senders, rootOf);
  const about = Map.groupBy(mentioned, rootOf);
  return [...members].map(([key, endpoints]) => ({
    key,
    endpoints,
    mentioned: about.get(key) ?? [],
    interfaces: interfacesOf(endpoints, stations, owners),
    ...childrenOf(endpoints),
    doubtful: endpoints.every((endpoint) => doubtful.has(endpoint)),
  }));
}

/**
 * Numbers that every device of these protocols has for itself, gateway or not: only several of them are several
 * devices.
 */
const OWN_NUMBER = /^(unit|ams|link|common|station|address|node|outstation)\b/i;

function childrenOf(endpoints: readonly Endpoint[]): Pick<Device, 'children' | 'itself'> {
  const children = new Map<string, Child>();
  for (const endpoint of endpoints) {
    for (const [device, child] of endpoint.children ?? []) {
      children.set(device, children.get(device) ?? child);
    }
  }
  const byProtocol = Map.groupBy(children.values(), ({ protocol }) => protocol);
  let itself: Child | undefined;
  for (const [alone, ...others] of byProtocol.values()) {
    if (alone !== undefined && others.length === 0 && OWN_NUMBER.test(alone.device)) {
      children.delete(alone.device);
      itself ??= alone;
    }
  }
  return { children, itself };
}

function interfacesOf(endpoints: readonly Endpoint[], stations: Stations, owners: Owners): readonly Interface[] {
  const byPlace = new Map<string, { endpoint: Endpoint; mac: string | undefined; addresses: Set<string> }>();
  for (const endpoint of endpoints.toSorted((a, b) => a.order - b.order)) {
    const station = stations.get(nodeOf(endpoint, stations, owners));
    const key = station === undefined ? `${endpoint.scope}|` : `${station.scope}|${station.mac}`;
    let place = byPlace.get(key);
    if (place === undefined) {
      place = { endpoint, mac: station?.mac, addresses: new Set(station === undefined ? [] : byFirstUse(station)) };
      byPlace.set(key, place);
    }
    if (station === undefined && endpoint.address !== undefined && !isUnspecified(endpoint.address)) {
      place.addresses.add(endpoint.address);
    }
  }
  return [...byPlace.values()]
    .filter(({ mac }) => mac === undefined || !isEchoMac(mac, byPlace))
    .map(({ endpoint, mac, addresses }) => ({
      scope: endpoint.scope,
      vlan: endpoint.vlan,
      mac,
      addresses: [...addresses].toSorted(realFirst),
    }));
}

function byFirstUse(station: Station): string[] {
  const firstUse = (address: string) => station.uses.get(address)?.firstSeen ?? 0;
  return ownAddresses(station)
    .filter((address) => !isUnspecified(address))
    .toSorted((a, b) => firstUse(a) - firstUse(b));
}

function isEchoMac(mac: string, places: ReadonlyMap<string, { readonly mac: string | undefined }>): boolean {
  const original = withoutLocalBit(mac);
  return original !== mac && [...places.values()].some((place) => place.mac === original);
}

function realFirst(one: string, other: string): number {
  return Number(isLinkLocal(one)) - Number(isLinkLocal(other)) || Number(!isIpv4(one)) - Number(!isIpv4(other));
}
