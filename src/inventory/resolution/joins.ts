import { areAdjacentMacs, isIpv4, isLocallyAdministered, isLoopback, isMac, isVirtualRouterMac } from '../address.ts';
import type { Endpoint } from '../endpoint.ts';
import { CERTAIN, type Evidence, plain } from '../evidence.ts';
import { echoed, type Owners } from './owners.ts';
import { ownAddresses, type Station, type Stations, stationId } from './stations.ts';

const ETHERCAT = 0x88a4;
const LEAST_SERIAL = 4;
/** Makers that use one serial number: more than these are invented. */
const MOST_VENDORS = 16;

/** Nodes (MACs, and addresses without one) that are one device. */
export class Groups {
  readonly #parent: Map<string, string> = new Map();

  find(id: string): string {
    let root = id;
    for (let next = this.#parent.get(root); next !== undefined; next = this.#parent.get(root)) {
      root = next;
    }
    if (root !== id) {
      this.#parent.set(id, root);
    }
    return root;
  }

  /** The smaller id stands for both, so that the order of joins does not matter. */
  join(one: string, other: string): void {
    const a = this.find(one);
    const b = this.find(other);
    if (a !== b) {
      this.#parent.set(a < b ? b : a, a < b ? a : b);
    }
  }
}

/** `known`: also endpoints that others only talked about; what was said of them may join those that sent. */
export function group(
  senders: readonly Endpoint[],
  known: readonly Endpoint[],
  { stations, owners }: { readonly stations: Stations; readonly owners: Owners },
): Groups {
  const groups = new Groups();
  joinEchoes(groups, stations, senders);
  joinScopes(groups, stations);
  joinVirtual(groups, stations, owners);
  joinRouted(groups, senders, stations, owners);
  joinSerials(groups, known, stations, owners);
  joinChassis(groups, known, stations, owners);
  joinNames(groups, known, stations, owners);
  joinAliases(groups, senders, stations, owners);
  return groups;
}

/** The node of an endpoint: its MAC where the address is the MAC's own, else the owner of the address, else itself. */
export function nodeOf(endpoint: Endpoint, stations: Stations, owners: Owners): string {
  const { scope, mac, address } = endpoint;
  const station = mac === undefined ? undefined : stations.get(stationId(scope, mac));
  if (address === undefined) {
    return station?.id ?? stationId(scope, mac);
  }
  const standing = station?.standing.get(address);
  if (station !== undefined && (standing === 'own' || standing === 'impersonated')) {
    return station.id;
  }
  const owner = owners.get(`${scope}|${address}`)?.find((holder) => holder.standing.get(address) === 'own');
  return owner?.id ?? `a|${scope}|${address}`;
}

function joinEchoes(groups: Groups, stations: Stations, senders: readonly Endpoint[]): void {
  for (const { scope, mac, address, carriers } of senders) {
    const station = mac === undefined ? undefined : stations.get(stationId(scope, mac));
    if (station !== undefined && address === undefined && carriers.length === 1 && carriers[0] === ETHERCAT) {
      const master = echoed(station, stations);
      if (master !== undefined) {
        groups.join(station.id, master.id);
      }
    }
  }
}

/**
 * Makers give a MAC once, so the same one in two VLANs is one device with an interface in each, unless it has the same
 * address in both: then somebody copied a cell.
 */
function joinScopes(groups: Groups, stations: Stations): void {
  const lasting = [...stations.values()].filter(({ mac }) => !isLocallyAdministered(mac) && !isVirtualRouterMac(mac));
  const byMac = Map.groupBy(lasting, ({ mac }) => mac);
  for (const same of byMac.values()) {
    for (const [at, station] of same.entries()) {
      const partner = same.slice(0, at).find((other) => !isCopy(station, other));
      if (partner !== undefined) {
        groups.join(station.id, partner.id);
      }
    }
  }
}

function isCopy(one: Station, other: Station): boolean {
  const tagged = one.scope !== '' && other.scope !== '';
  return tagged && ownAddresses(one).some((address) => isIpv4(address) && other.standing.get(address) === 'own');
}

/** A virtual router's MAC belongs to the device whose real address it sends from. */
function joinVirtual(groups: Groups, stations: Stations, owners: Owners): void {
  for (const station of stations.values()) {
    if (isVirtualRouterMac(station.mac)) {
      for (const address of ownAddresses(station)) {
        const holder = owners.get(`${station.scope}|${address}`)?.find(({ mac }) => !isVirtualRouterMac(mac));
        if (holder !== undefined) {
          groups.join(station.id, holder.id);
          break;
        }
      }
    }
  }
}

/**
 * A host that comes through routers keeps its address wherever it is seen, so it is one device in all VLANs, and the
 * one that uses the address in its own VLAN. Where two use it there, cells were copied: only their own router tells.
 */
function joinRouted(groups: Groups, senders: readonly Endpoint[], stations: Stations, owners: Owners): void {
  const homes = new Map<string, Station[]>();
  for (const [key, holders] of owners) {
    const address = key.slice(key.indexOf('|') + 1);
    const known = homes.get(address) ?? [];
    known.push(...holders.slice(0, 2));
    homes.set(address, known);
  }
  for (const endpoint of senders) {
    const node = nodeOf(endpoint, stations, owners);
    const { mac, address } = endpoint;
    if (!node.startsWith('a|') || address === undefined || mac === undefined || isLoopback(address)) {
      continue;
    }
    const local = homes.get(address) ?? [];
    const near = local.filter(({ scope }) => stations.has(stationId(scope, mac)));
    const [home, ...others] = local.length > 1 ? near : local;
    if (home !== undefined && others.length === 0) {
      groups.join(node, home.id);
    } else if (local.length === 0 && stations.get(stationId(endpoint.scope, mac))?.standing.get(address) === 'routed') {
      groups.join(node, `r|${address}`);
    }
  }
}

function joinSerials(groups: Groups, senders: readonly Endpoint[], stations: Stations, owners: Owners): void {
  const bySerial = new Map<string, { readonly node: string; readonly vendor: string | undefined }[]>();
  for (const endpoint of senders) {
    const serial = serialOf(endpoint.evidence);
    if (serial === undefined) {
      continue;
    }
    const vendor = endpoint.evidence.find(
      (entry) => entry.attribute === 'vendor' && entry.confidence >= CERTAIN,
    )?.value;
    const known = bySerial.get(serial) ?? [];
    const node = nodeOf(endpoint, stations, owners);
    const same = known
      .slice(0, MOST_VENDORS)
      .find((entry) => vendor === undefined || entry.vendor === undefined || entry.vendor === vendor);
    if (same !== undefined) {
      groups.join(node, same.node);
    }
    if (same === undefined) {
      known.push({ node, vendor });
    }
    bySerial.set(serial, known);
  }
}

function serialOf(evidence: readonly Evidence[]): string | undefined {
  const found = evidence.filter((entry) => entry.attribute === 'serial' && entry.confidence >= CERTAIN);
  const serials = new Set(found.map(({ value }) => plain(value)));
  const [serial] = serials;
  const telling = serial !== undefined && serials.size === 1 && serial.length >= LEAST_SERIAL;
  return telling && new Set(serial).size > 1 ? serial : undefined;
}

/** Ports that announce a chassis by its MAC, and the addresses by which it says it is managed. */
function joinChassis(groups: Groups, senders: readonly Endpoint[], stations: Stations, owners: Owners): void {
  for (const endpoint of senders) {
    const node = nodeOf(endpoint, stations, owners);
    for (const { chassis, managementAddresses } of endpoint.ports?.values() ?? []) {
      if (isMac(chassis)) {
        groups.join(node, stations.get(stationId(endpoint.scope, chassis))?.id ?? `c|${chassis}`);
      }
      for (const holder of managementAddresses.flatMap((address) => owners.get(`${endpoint.scope}|${address}`) ?? [])) {
        groups.join(node, holder.id);
      }
    }
  }
}

/** Two devices may share a name, and neighbouring MACs may be two devices; both together are ports of one. */
function joinNames(groups: Groups, known: readonly Endpoint[], stations: Stations, owners: Owners): void {
  const named = known.flatMap((endpoint) => {
    const { mac } = endpoint;
    return mac === undefined ? [] : [...namesOf(endpoint)].map((name) => ({ name, mac, endpoint }));
  });
  for (const same of Map.groupBy(named, ({ name }) => name).values()) {
    const inOrder = same.toSorted((a, b) => (a.mac < b.mac ? -1 : a.mac > b.mac ? 1 : 0));
    for (const [at, { mac, endpoint }] of inOrder.entries()) {
      const before = inOrder[at - 1];
      if (before !== undefined && areAdjacentMacs(mac, before.mac)) {
        groups.join(nodeOf(endpoint, stations, owners), nodeOf(before.endpoint, stations, owners));
      }
    }
  }
}

function namesOf({ evidence, ports }: Endpoint): ReadonlySet<string> {
  const names = evidence
    .filter(({ attribute, confidence }) => attribute === 'name' && confidence >= CERTAIN)
    .map(({ value }) => plain(value));
  for (const { chassis } of ports?.values() ?? []) {
    if (!isMac(chassis)) {
      names.push(plain(chassis));
    }
  }
  return new Set(names.filter((name) => name !== ''));
}

/** Other addresses that a host says are its own. */
function joinAliases(groups: Groups, senders: readonly Endpoint[], stations: Stations, owners: Owners): void {
  for (const endpoint of senders) {
    for (const alias of endpoint.aliases ?? []) {
      const [holder] = owners.get(`${endpoint.scope}|${alias}`) ?? [];
      groups.join(nodeOf(endpoint, stations, owners), holder?.id ?? `a|${endpoint.scope}|${alias}`);
    }
  }
}
