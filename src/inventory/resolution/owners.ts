import type { Micros } from '../../kit/time.ts';
import {
  isLinkLocal,
  isLocallyAdministered,
  isLoopback,
  isUnspecified,
  isVirtualRouterMac,
  withoutLocalBit,
} from '../address.ts';
import { type Station, type Stations, stationId } from './stations.ts';

/** Stations that use an address as their own, by scope and address, the first one first. */
export type Owners = ReadonlyMap<string, readonly Station[]>;

export function ownersOf(stations: Stations): Owners {
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
    stationsOfKey.sort((a, b) => firstUse(a, address) - firstUse(b, address) || (a.mac < b.mac ? -1 : 1));
  }
  return owners;
}

function firstUse(station: Station, address: string): Micros {
  return station.uses.get(address)?.firstSeen ?? 0;
}

export interface Contested {
  readonly address: string;
  readonly first: Station;
  readonly second: Station;
  readonly overlap: boolean;
}

/**
 * Addresses that several MACs hold, or say that they hold. Whoever has the addresses of two others is an impersonator
 * and owns neither.
 */
export function contests(stations: Stations, owners: Owners): readonly Contested[] {
  const found: Contested[] = [];
  const claimants = claimantsOf(stations);
  for (const [key, holders] of owners) {
    const address = key.slice(key.indexOf('|') + 1);
    if (isLinkLocal(address) || isLoopback(address)) {
      continue;
    }
    const real = [...holders, ...(claimants.get(key) ?? [])]
      .filter((station) => !isVirtualRouterMac(station.mac) && !isEcho(station, stations))
      .toSorted((a, b) => firstUse(a, address) - firstUse(b, address));
    for (const [at, second] of real.entries()) {
      found.push(...contestOf(address, real[at - 1], second));
    }
  }
  impersonate(found.filter(({ overlap }) => overlap));
  return found;
}

function contestOf(address: string, first: Station | undefined, second: Station): readonly Contested[] {
  const one = first?.uses.get(address);
  const other = second.uses.get(address);
  return first && one && other ? [{ address, first, second, overlap: one.lastSeen > other.firstSeen }] : [];
}

/** Who answers ARP for an address that comes from elsewhere by its TTL: a router, or one who forwards in secret. */
function claimantsOf(stations: Stations): ReadonlyMap<string, readonly Station[]> {
  const claimants = new Map<string, Station[]>();
  for (const station of stations.values()) {
    for (const { address, claimed } of station.uses.values()) {
      if (claimed && station.standing.get(address) === 'routed') {
        const key = `${station.scope}|${address}`;
        const known = claimants.get(key) ?? [];
        known.push(station);
        claimants.set(key, known);
      }
    }
  }
  return claimants;
}

const LEAST_IMPERSONATED = 2;

function impersonate(contested: readonly Contested[]): void {
  const opponents = new Map<Station, Set<Station>>();
  for (const { first, second } of contested) {
    opponents.set(first, (opponents.get(first) ?? new Set()).add(second));
    opponents.set(second, (opponents.get(second) ?? new Set()).add(first));
  }
  for (const { address, first, second } of contested) {
    for (const station of [first, second]) {
      if ((opponents.get(station)?.size ?? 0) >= LEAST_IMPERSONATED) {
        station.standing.set(address, 'impersonated');
      }
    }
  }
}

/** The first EtherCAT slave sets a bit of the source MAC in the frame that comes back: it is still the master's. */
function isEcho(station: Station, stations: Stations): boolean {
  return echoed(station, stations) !== undefined;
}

export function echoed(station: Station, stations: Stations): Station | undefined {
  return isLocallyAdministered(station.mac)
    ? stations.get(stationId(station.scope, withoutLocalBit(station.mac)))
    : undefined;
}
