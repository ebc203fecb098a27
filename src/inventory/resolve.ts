import type { Micros } from '../kit/time.ts';
import {
  areAdjacentMacs,
  isGroup,
  isIpv4,
  isLinkLocal,
  isLocallyAdministered,
  isMac,
  isUnspecified,
  isVirtualRouterMac,
  subnetOf,
  withoutLocalBit,
} from './address.ts';
import type { Child, Endpoint } from './endpoint.ts';
import { CERTAIN, type Evidence, plain } from './evidence.ts';
import type { Claim } from './facts.ts';

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
  /** MACs that forward for hosts elsewhere, by scope and MAC. */
  readonly routers: ReadonlySet<string>;
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

/** One address that a MAC uses, or says that it uses. */
interface Use {
  readonly address: string;
  readonly endpoint: Endpoint | undefined;
  readonly claim: Claim | undefined;
  /** ARP, DHCP or discovery ties the address to this MAC: it is on this segment. */
  readonly claimed: boolean;
  firstSeen: Micros;
  lastSeen: Micros;
}

type Standing = 'own' | 'routed' | 'separate' | 'impersonated';

/** One MAC in one scope, with all addresses that came from it. */
interface Station {
  readonly id: string;
  readonly scope: string;
  readonly mac: string;
  /** It sent frames that are its own, without IP. */
  readonly speaks: boolean;
  readonly uses: Map<string, Use>;
  readonly standing: Map<string, Standing>;
}

/** Addresses of one MAC, none of them tied to it by ARP, that may still be one host's. */
const FEW_ADDRESSES = 2;
/** IPv6 hosts have a lasting address and several short-lived ones. */
const FEW_IPV6_ADDRESSES = 16;
const LEAST_IMPERSONATED = 2;
const ETHERCAT = 0x88a4;
const LEAST_SERIAL = 4;

/** Decides which endpoints are one device. Order of input does not matter. */
export function resolve(endpoints: readonly Endpoint[], claims: readonly Claim[], candidatesAtEnd: number): Resolution {
  const sorted = endpoints.toSorted((a, b) => compare(a.key, b.key));
  const { senders, spoofed, doubtful } = admit(sorted, candidatesAtEnd);
  const stations = stationsOf(senders, claims);
  for (const station of stations.values()) {
    standings(station);
  }
  const owners = ownersOf(stations);
  const contested = contests(stations, owners);
  const groups = group(senders, stations, owners);
  const devices = devicesOf({
    groups,
    senders,
    mentioned: sorted.filter(({ sent }) => !sent),
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
  return { devices, deviceOf, spoofed, ...judged(stations, contested, deviceOf), routers: routersOf(stations) };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

// ── Who is believed to exist ────────────────────────────────────────────────────────────────────────────────────────

interface Admitted {
  readonly senders: readonly Endpoint[];
  readonly spoofed: readonly Endpoint[];
  readonly doubtful: ReadonlySet<Endpoint>;
}

/** Candidates with a MAC that no other address uses become devices, up to a number; the rest is believed invented. */
function admit(endpoints: readonly Endpoint[], most: number): Admitted {
  const addressesOf = new Map<string, number>();
  for (const { sent, scope, mac, address } of endpoints) {
    if (sent && mac !== undefined && address !== undefined) {
      addressesOf.set(`${scope}|${mac}`, (addressesOf.get(`${scope}|${mac}`) ?? 0) + 1);
    }
  }
  const senders: Endpoint[] = [];
  const spoofed: Endpoint[] = [];
  const doubtful = new Set<Endpoint>();
  for (const endpoint of endpoints) {
    if (!endpoint.sent || (endpoint.address !== undefined && isGroup(endpoint.address))) {
      continue;
    }
    const alone = endpoint.mac !== undefined && (addressesOf.get(`${endpoint.scope}|${endpoint.mac}`) ?? 0) <= 1;
    if (!endpoint.candidate) {
      senders.push(endpoint);
    } else if (alone && doubtful.size < most) {
      senders.push(endpoint);
      doubtful.add(endpoint);
    } else {
      spoofed.push(endpoint);
    }
  }
  return { senders, spoofed, doubtful };
}

// ── Which addresses are a MAC's own ─────────────────────────────────────────────────────────────────────────────────

function stationsOf(senders: readonly Endpoint[], claims: readonly Claim[]): Map<string, Station> {
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
    const station = stations.get(`m|${claim.scope}|${claim.mac}`);
    const claimed = claim.requests + claim.replies + claim.announcements + claim.leases + claim.discoveries > 0;
    if (station !== undefined && claimed && !isUnspecified(claim.address) && !isGroup(claim.address)) {
      const { address } = claim;
      const known = station.uses.get(address);
      const firstSeen = Math.min(claim.firstSeen, known?.firstSeen ?? claim.firstSeen);
      const lastSeen = Math.max(claim.lastSeen, known?.lastSeen ?? claim.lastSeen);
      station.uses.set(address, { address, endpoint: known?.endpoint, claim, claimed, firstSeen, lastSeen });
    }
  }
  return stations;
}

function stationAt(stations: Map<string, Station>, scope: string, mac: string, speaks: boolean): Station {
  const id = `m|${scope}|${mac}`;
  const known = stations.get(id);
  if (known !== undefined && (known.speaks || !speaks)) {
    return known;
  }
  const made = { id, scope, mac, speaks, uses: known?.uses ?? new Map(), standing: new Map() };
  stations.set(id, made);
  return made;
}

/** Sorts a MAC's addresses into its own, those behind it, and those of other devices with the same MAC. */
function standings(station: Station): void {
  const real = [...station.uses.values()].filter(({ address }) => !isUnspecified(address) && !isLinkLocal(address));
  const claimed = real.filter((use) => use.claimed && !isRouted(use));
  const open = real.filter((use) => !use.claimed && !isRouted(use));
  const apart = standApart(claimed, open);
  for (const use of station.uses.values()) {
    const { address } = use;
    if (isUnspecified(address) || isLinkLocal(address)) {
      station.standing.set(address, 'own');
    } else if (isRouted(use)) {
      station.standing.set(address, 'routed');
    } else {
      station.standing.set(address, !use.claimed && apart(use) ? 'separate' : 'own');
    }
  }
  if (severalIdentities(real.filter(({ address }) => station.standing.get(address) === 'own'))) {
    for (const { address } of real) {
      if (station.standing.get(address) === 'own') {
        station.standing.set(address, 'separate');
      }
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
function standApart(claimed: readonly Use[], open: readonly Use[]): (use: Use) => boolean {
  const ipv4 = open.filter(({ address }) => isIpv4(address));
  if (claimed.length > 0) {
    const subnets = new Set(claimed.map(({ address }) => subnetOf(address)));
    return ({ address }) => isIpv4(address) && (ipv4.length > FEW_ADDRESSES || !subnets.has(subnetOf(address)));
  }
  const subnets = new Set(ipv4.map(({ address }) => subnetOf(address)));
  const ttls = new Set(ipv4.map(({ endpoint }) => endpoint?.startTtl ?? 0).filter((ttl) => ttl > 0));
  const several = ipv4.length > FEW_ADDRESSES || subnets.size > 1 || ttls.size > 1;
  const talking = ipv4.some(({ endpoint }) => endpoint?.meetsOwnMac === true);
  const many = open.length - ipv4.length > FEW_IPV6_ADDRESSES;
  return ({ address }) => (isIpv4(address) ? several || talking : many);
}

/** Addresses that answer with different serial numbers or names are different devices. */
function severalIdentities(uses: readonly Use[]): boolean {
  return uses.length > 1 && (differ(uses, 'serial') || (!shareSerial(uses) && differ(uses, 'name')));
}

function differ(uses: readonly Use[], attribute: 'serial' | 'name'): boolean {
  const values = uses.map(({ endpoint }) => sure(endpoint, attribute)).filter((value) => value !== undefined);
  return new Set(values).size > 1;
}

function shareSerial(uses: readonly Use[]): boolean {
  const serials = uses.map(({ endpoint }) => sure(endpoint, 'serial')).filter((serial) => serial !== undefined);
  return serials.length > 1 && new Set(serials).size === 1;
}

function sure(endpoint: Endpoint | undefined, attribute: 'serial' | 'name'): string | undefined {
  const found = endpoint?.evidence.find((entry) => entry.attribute === attribute && entry.confidence >= CERTAIN);
  return found === undefined ? undefined : plain(found.value);
}

function routersOf(stations: ReadonlyMap<string, Station>): ReadonlySet<string> {
  const routers = new Set<string>();
  for (const { scope, mac, standing } of stations.values()) {
    const routed = [...standing.values()].filter((value) => value === 'routed').length;
    if (routed > 1 || (routed === 1 && standing.size > 1)) {
      routers.add(`${scope}|${mac}`);
    }
  }
  return routers;
}

// ── Who holds an address ────────────────────────────────────────────────────────────────────────────────────────────

/** Stations that use an address as their own, by scope and address, the first one first. */
type Owners = ReadonlyMap<string, readonly Station[]>;

function ownersOf(stations: ReadonlyMap<string, Station>): Owners {
  const owners = new Map<string, Station[]>();
  for (const station of stations.values()) {
    for (const [address, standing] of station.standing) {
      if (standing === 'own' && !isUnspecified(address)) {
        const key = `${station.scope}|${address}`;
        const known = owners.get(key) ?? [];
        known.push(station);
        owners.set(key, known);
      }
    }
  }
  for (const [key, stationsOfKey] of owners) {
    const address = key.slice(key.indexOf('|') + 1);
    stationsOfKey.sort((a, b) => firstUse(a, address) - firstUse(b, address) || compare(a.mac, b.mac));
  }
  return owners;
}

function firstUse(station: Station, address: string): Micros {
  return station.uses.get(address)?.firstSeen ?? 0;
}

interface Contested {
  readonly address: string;
  readonly first: Station;
  readonly second: Station;
  readonly overlap: boolean;
}

/** Addresses that several MACs hold. Whoever holds the addresses of two others is an impersonator and owns neither. */
function contests(stations: ReadonlyMap<string, Station>, owners: Owners): readonly Contested[] {
  const found: Contested[] = [];
  for (const [key, holders] of owners) {
    const address = key.slice(key.indexOf('|') + 1);
    const real = holders.filter((station) => !isVirtualRouterMac(station.mac) && !isEcho(station, stations));
    for (const [at, second] of real.entries()) {
      const first = real[at - 1];
      const one = first?.uses.get(address);
      const other = second.uses.get(address);
      if (first && one && other && !isLinkLocal(address)) {
        found.push({ address, first, second, overlap: one.lastSeen > other.firstSeen });
      }
    }
  }
  impersonate(found.filter(({ overlap }) => overlap));
  return found;
}

function impersonate(contested: readonly Contested[]): void {
  const opponents = new Map<Station, Set<Station>>();
  for (const { first, second } of contested) {
    opponents.set(first, (opponents.get(first) ?? new Set()).add(second));
    opponents.set(second, (opponents.get(second) ?? new Set()).add(first));
  }
  for (const [station, others] of opponents) {
    if (others.size >= LEAST_IMPERSONATED) {
      for (const { address, first, second } of contested) {
        if (first === station || second === station) {
          station.standing.set(address, 'impersonated');
        }
      }
    }
  }
}

/** The first EtherCAT slave sets a bit of the source MAC in the frame that comes back: it is still the master's. */
function isEcho(station: Station, stations: ReadonlyMap<string, Station>): boolean {
  return echoed(station, stations) !== undefined;
}

function echoed(station: Station, stations: ReadonlyMap<string, Station>): Station | undefined {
  return isLocallyAdministered(station.mac)
    ? stations.get(`m|${station.scope}|${withoutLocalBit(station.mac)}`)
    : undefined;
}

// ── One device ──────────────────────────────────────────────────────────────────────────────────────────────────────

class Groups {
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

function group(senders: readonly Endpoint[], stations: ReadonlyMap<string, Station>, owners: Owners): Groups {
  const groups = new Groups();
  joinEchoes(groups, stations, senders);
  joinScopes(groups, stations);
  joinVirtual(groups, stations, owners);
  joinRouted(groups, senders, stations, owners);
  joinSerials(groups, senders, stations, owners);
  joinChassis(groups, senders, stations, owners);
  return groups;
}

/** The node of an endpoint: its MAC where the address is the MAC's own, else the owner of the address, else itself. */
function nodeOf(endpoint: Endpoint, stations: ReadonlyMap<string, Station>, owners: Owners): string {
  const { scope, mac, address } = endpoint;
  const station = mac === undefined ? undefined : stations.get(`m|${scope}|${mac}`);
  if (address === undefined) {
    return station?.id ?? `m|${scope}|${mac}`;
  }
  const standing = station?.standing.get(address);
  if (station !== undefined && (standing === 'own' || standing === 'impersonated')) {
    return station.id;
  }
  return owners.get(`${scope}|${address}`)?.[0]?.id ?? `a|${scope}|${address}`;
}

function joinEchoes(groups: Groups, stations: ReadonlyMap<string, Station>, senders: readonly Endpoint[]): void {
  for (const { scope, mac, address, carriers } of senders) {
    const station = mac === undefined ? undefined : stations.get(`m|${scope}|${mac}`);
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
function joinScopes(groups: Groups, stations: ReadonlyMap<string, Station>): void {
  const byMac = new Map<string, Station[]>();
  for (const station of stations.values()) {
    if (!isLocallyAdministered(station.mac) && !isVirtualRouterMac(station.mac)) {
      byMac.set(station.mac, [...(byMac.get(station.mac) ?? []), station]);
    }
  }
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

function ownAddresses(station: Station): string[] {
  return [...station.standing].filter(([, standing]) => standing === 'own').map(([address]) => address);
}

/** A virtual router's MAC belongs to the device whose real address it sends from. */
function joinVirtual(groups: Groups, stations: ReadonlyMap<string, Station>, owners: Owners): void {
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

/** A host behind a router that is also seen in its own VLAN: the router's MAC is in both. */
function joinRouted(
  groups: Groups,
  senders: readonly Endpoint[],
  stations: ReadonlyMap<string, Station>,
  owners: Owners,
): void {
  const scopes = new Set(senders.map(({ scope }) => scope));
  if (scopes.size < 2) {
    return;
  }
  for (const endpoint of senders) {
    const { scope, mac, address } = endpoint;
    if (mac === undefined || address === undefined) {
      continue;
    }
    const node = nodeOf(endpoint, stations, owners);
    if (node.startsWith('a|')) {
      const homes = [...scopes].flatMap((other) =>
        other !== scope && stations.has(`m|${other}|${mac}`) ? (owners.get(`${other}|${address}`) ?? []) : [],
      );
      const [home] = homes;
      if (home !== undefined && homes.length === 1) {
        groups.join(node, home.id);
      }
    }
  }
}

function joinSerials(
  groups: Groups,
  senders: readonly Endpoint[],
  stations: ReadonlyMap<string, Station>,
  owners: Owners,
): void {
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
    const same = known.find((entry) => vendor === undefined || entry.vendor === undefined || entry.vendor === vendor);
    if (same !== undefined) {
      groups.join(node, same.node);
    }
    known.push({ node, vendor });
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

/** Ports that announce the same chassis. A chassis named by text may be a name that two devices share. */
function joinChassis(
  groups: Groups,
  senders: readonly Endpoint[],
  stations: ReadonlyMap<string, Station>,
  owners: Owners,
): void {
  const byChassis = new Map<string, Endpoint[]>();
  for (const endpoint of senders) {
    for (const { chassis, managementAddresses } of endpoint.ports?.values() ?? []) {
      const node = nodeOf(endpoint, stations, owners);
      if (isMac(chassis)) {
        const station = stations.get(`m|${endpoint.scope}|${chassis}`);
        groups.join(node, station?.id ?? `c|${chassis}`);
      } else if (chassis !== '') {
        byChassis.set(chassis, [...(byChassis.get(chassis) ?? []), endpoint]);
      }
      for (const address of managementAddresses) {
        const [holder] = owners.get(`${endpoint.scope}|${address}`) ?? [];
        if (holder !== undefined && !isUnspecified(address)) {
          groups.join(node, holder.id);
        }
      }
    }
  }
  for (const ports of byChassis.values()) {
    for (const [at, port] of ports.entries()) {
      const before = ports
        .slice(0, at)
        .find((other) => port.mac !== undefined && other.mac !== undefined && areAdjacentMacs(port.mac, other.mac));
      if (before !== undefined) {
        groups.join(nodeOf(port, stations, owners), nodeOf(before, stations, owners));
      }
    }
  }
}

// ── Devices ─────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Material {
  readonly groups: Groups;
  readonly senders: readonly Endpoint[];
  readonly mentioned: readonly Endpoint[];
  readonly stations: ReadonlyMap<string, Station>;
  readonly owners: Owners;
  readonly doubtful: ReadonlySet<Endpoint>;
}

function devicesOf(material: Material): readonly Device[] {
  const { groups, senders, mentioned, stations, owners, doubtful } = material;
  const members = new Map<string, Endpoint[]>();
  for (const endpoint of senders) {
    const root = groups.find(nodeOf(endpoint, stations, owners));
    members.set(root, [...(members.get(root) ?? []), endpoint]);
  }
  const about = new Map<string, Endpoint[]>();
  for (const endpoint of mentioned) {
    const root = groups.find(nodeOf(endpoint, stations, owners));
    if (members.has(root)) {
      about.set(root, [...(about.get(root) ?? []), endpoint]);
    }
  }
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

function interfacesOf(
  endpoints: readonly Endpoint[],
  stations: ReadonlyMap<string, Station>,
  owners: Owners,
): readonly Interface[] {
  const byPlace = new Map<string, { endpoint: Endpoint; mac: string | undefined; addresses: Set<string> }>();
  for (const endpoint of endpoints) {
    const node = nodeOf(endpoint, stations, owners);
    const station = stations.get(node);
    const key = station === undefined ? `${endpoint.scope}|` : `${station.scope}|${station.mac}`;
    const known = byPlace.get(key) ?? { endpoint, mac: station?.mac, addresses: new Set<string>() };
    byPlace.set(key, known);
    for (const address of station === undefined ? [endpoint.address ?? ''] : ownAddresses(station)) {
      if (address !== '' && !isUnspecified(address)) {
        known.addresses.add(address);
      }
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

function isEchoMac(mac: string, places: ReadonlyMap<string, { readonly mac: string | undefined }>): boolean {
  const original = withoutLocalBit(mac);
  return original !== mac && [...places.values()].some((place) => place.mac === original);
}

function realFirst(one: string, other: string): number {
  return Number(isLinkLocal(one)) - Number(isLinkLocal(other)) || Number(!isIpv4(one)) - Number(!isIpv4(other));
}

// ── What is worth telling ───────────────────────────────────────────────────────────────────────────────────────────

type Judged = Pick<Resolution, 'duplicates' | 'impersonations' | 'changes' | 'successions'>;

function judged(
  stations: ReadonlyMap<string, Station>,
  contested: readonly Contested[],
  deviceOf: ReadonlyMap<Endpoint, Device>,
): Judged {
  const deviceOfStation = new Map<string, Device>();
  for (const [endpoint, device] of deviceOf) {
    if (endpoint.mac !== undefined && endpoint.sent) {
      const key = `m|${endpoint.scope}|${endpoint.mac}`;
      const standing = endpoint.address === undefined ? 'own' : stations.get(key)?.standing.get(endpoint.address);
      if (standing === 'own' || standing === 'impersonated') {
        deviceOfStation.set(key, device);
      }
    }
  }
  const duplicates: Contest[] = [];
  const successions: Contest[] = [];
  for (const { address, first, second, overlap } of contested) {
    const one = holderOf(first, address, deviceOfStation);
    const other = holderOf(second, address, deviceOfStation);
    const masked = [first, second].some((station) => station.standing.get(address) === 'impersonated');
    if (one && other && one.device !== other.device && !masked) {
      (overlap ? duplicates : successions).push({ address, first: one, second: other });
    }
  }
  return {
    duplicates,
    successions,
    impersonations: impersonationsOf(stations, contested, deviceOfStation),
    changes: changesOf(stations, deviceOfStation),
  };
}

function holderOf(station: Station, address: string, deviceOfStation: ReadonlyMap<string, Device>): Holder | undefined {
  const device = deviceOfStation.get(station.id);
  const use = station.uses.get(address);
  if (device === undefined || use === undefined) {
    return undefined;
  }
  const frame = use.claim?.frame ?? use.endpoint?.firstFrame ?? 0;
  return { device, mac: station.mac, firstSeen: use.firstSeen, lastSeen: use.lastSeen, frame };
}

function impersonationsOf(
  stations: ReadonlyMap<string, Station>,
  contested: readonly Contested[],
  deviceOfStation: ReadonlyMap<string, Device>,
): readonly Impersonation[] {
  const found: Impersonation[] = [];
  for (const station of stations.values()) {
    const addresses = [...station.standing].filter(([, standing]) => standing === 'impersonated').map(([it]) => it);
    const device = deviceOfStation.get(station.id);
    if (addresses.length === 0 || device === undefined) {
      continue;
    }
    const victims = new Set<Device>();
    for (const { first, second } of contested) {
      const victim = first === station ? second : second === station ? first : undefined;
      const of = victim && deviceOfStation.get(victim.id);
      if (of !== undefined && of !== device) {
        victims.add(of);
      }
    }
    const claims = addresses.map((address) => station.uses.get(address)?.claim).filter((claim) => claim !== undefined);
    found.push({
      device,
      mac: station.mac,
      addresses,
      victims: [...victims],
      claims: claims.reduce((sum, { requests, replies, announcements }) => sum + requests + replies + announcements, 0),
      frame: claims[0]?.frame ?? 0,
    });
  }
  return found;
}

function changesOf(
  stations: ReadonlyMap<string, Station>,
  deviceOfStation: ReadonlyMap<string, Device>,
): readonly AddressChange[] {
  const found: AddressChange[] = [];
  for (const station of stations.values()) {
    const device = deviceOfStation.get(station.id);
    const own = ownAddresses(station)
      .filter((address) => isIpv4(address) && !isLinkLocal(address) && !isUnspecified(address))
      .map((address) => station.uses.get(address))
      .filter((use) => use !== undefined)
      .toSorted((a, b) => a.firstSeen - b.firstSeen);
    const last = own.at(-1);
    if (device === undefined || last === undefined || own.length < 2) {
      continue;
    }
    const proof = proofOfChange(own);
    if (proof !== undefined) {
      const frame = last.claim?.frame ?? last.endpoint?.firstFrame ?? 0;
      found.push({ device, mac: station.mac, addresses: own.map(({ address }) => address), proof, frame });
    }
  }
  return found;
}

/** Why several addresses of one MAC are a change and not a host with several addresses. */
function proofOfChange(own: readonly Use[]): string | undefined {
  if (shareSerial(own)) {
    return 'the same serial number answered at each';
  }
  if (own.slice(1).some(({ claim }) => (claim?.leases ?? 0) > 0)) {
    return 'a DHCP server leased the new one';
  }
  if (own.slice(1).some(({ claim }) => (claim?.announcements ?? 0) + (claim?.probes ?? 0) > 0)) {
    return 'it announced the new one by ARP';
  }
  const apart = own.every((use, at) => at === 0 || (own[at - 1]?.lastSeen ?? 0) <= use.firstSeen);
  return apart ? 'the old one fell silent before the new one was used' : undefined;
}
