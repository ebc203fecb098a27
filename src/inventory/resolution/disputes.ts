import { isIpv4, isLinkLocal, isUnspecified } from '../address.ts';
import type { Endpoint } from '../endpoint.ts';
import type { AddressChange, Device, Holder, Impersonation, Resolution } from './device.ts';
import type { Contested } from './owners.ts';
import { ownAddresses, type Station, type Stations, shareSerial, stationId, type Use } from './stations.ts';

export type Judged = Pick<Resolution, 'duplicates' | 'impersonations' | 'changes' | 'successions'>;

/** Addresses that several hold, claim or change, told of the devices. */
export function judged(
  stations: Stations,
  contested: readonly Contested[],
  deviceOf: ReadonlyMap<Endpoint, Device>,
): Judged {
  const homes = devicesOfStations(stations, deviceOf);
  const told = contested.flatMap(({ address, first, second, overlap }) => {
    const one = holderOf(first, address, homes);
    const other = holderOf(second, address, homes);
    const masked = isImpersonated(first, address) || isImpersonated(second, address);
    return one && other && one.device !== other.device && !masked
      ? [{ overlap, contest: { address, first: one, second: other } }]
      : [];
  });
  return {
    duplicates: told.filter(({ overlap }) => overlap).map(({ contest }) => contest),
    successions: told.filter(({ overlap }) => !overlap).map(({ contest }) => contest),
    impersonations: impersonationsOf(stations, contested, homes),
    changes: changesOf(stations, homes),
  };
}

/** Devices by the MAC that is theirs. */
type Homes = ReadonlyMap<string, Device>;

function devicesOfStations(stations: Stations, deviceOf: ReadonlyMap<Endpoint, Device>): Homes {
  const homes = new Map<string, Device>();
  for (const [{ sent, scope, mac, address }, device] of deviceOf) {
    const station = mac !== undefined && sent ? stations.get(stationId(scope, mac)) : undefined;
    const standing = address === undefined ? 'own' : station?.standing.get(address);
    if (station !== undefined && (standing === 'own' || standing === 'impersonated')) {
      homes.set(station.id, device);
    }
  }
  return homes;
}

function isImpersonated(station: Station, address: string): boolean {
  return station.standing.get(address) === 'impersonated';
}

function holderOf(station: Station, address: string, homes: Homes): Holder | undefined {
  const device = homes.get(station.id);
  const use = station.uses.get(address);
  if (device === undefined || use === undefined) {
    return undefined;
  }
  const frame = use.claim?.frame ?? use.endpoint?.firstFrame ?? 0;
  return { device, mac: station.mac, firstSeen: use.firstSeen, lastSeen: use.lastSeen, frame };
}

function impersonationsOf(stations: Stations, contested: readonly Contested[], homes: Homes): readonly Impersonation[] {
  const contests = contestsByStation(contested);
  return [...stations.values()].flatMap((station) => {
    const addresses = [...station.standing.keys()].filter((address) => isImpersonated(station, address));
    const device = homes.get(station.id);
    if (addresses.length === 0 || device === undefined) {
      return [];
    }
    const claims = addresses.map((address) => station.uses.get(address)?.claim).filter((claim) => claim !== undefined);
    return [
      {
        device,
        mac: station.mac,
        addresses,
        victims: victimsOf(station, contests.get(station) ?? [], homes).filter((victim) => victim !== device),
        claims: claims.reduce(
          (sum, { requests, replies, announcements }) => sum + requests + replies + announcements,
          0,
        ),
        frame: claims[0]?.frame ?? 0,
      },
    ];
  });
}

function contestsByStation(contested: readonly Contested[]): ReadonlyMap<Station, readonly Contested[]> {
  const contests = new Map<Station, Contested[]>();
  for (const contest of contested) {
    for (const station of [contest.first, contest.second]) {
      const known = contests.get(station) ?? [];
      known.push(contest);
      contests.set(station, known);
    }
  }
  return contests;
}

function victimsOf(station: Station, contested: readonly Contested[], homes: Homes): readonly Device[] {
  const others = contested.flatMap(({ first, second }) =>
    first === station ? [second] : second === station ? [first] : [],
  );
  return [...new Set(others.map(({ id }) => homes.get(id)).filter((device) => device !== undefined))];
}

function changesOf(stations: Stations, homes: Homes): readonly AddressChange[] {
  const found: AddressChange[] = [];
  for (const station of stations.values()) {
    const device = homes.get(station.id);
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
