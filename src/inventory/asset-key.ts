import { isGroup, isLinkLocal, isUnspecified } from './address.ts';
import { CERTAIN, plain } from './evidence.ts';
import { bestValue } from './known-asset.ts';
import type { AssetSighting, End, SeenInterface, SeenValue } from './sighting.ts';

/**
 * By what a device is recognised when it is seen again. Wire addresses count within scope and VLAN; a serial number counts in the
 * whole site, together with its vendor.
 */
export type AssetKey = string;

/** The strongest first: serial number, MAC, then what it is called by the device that speaks for it, then address. */
export interface AssetKeys {
  readonly serial: AssetKey | undefined;
  readonly macs: readonly AssetKey[];
  readonly behind: readonly AssetKey[];
  readonly addresses: readonly AssetKey[];
}

const SHORTEST_SERIAL = 4;

export function keysOf(sighting: AssetSighting): AssetKeys {
  const { scope, behind, parentEnd } = sighting;
  if (behind !== undefined) {
    return { serial: undefined, macs: [], behind: endKeys(scope, { ...parentEnd, behind }), addresses: [] };
  }
  return {
    serial: serialKey(sighting.evidence),
    macs: sighting.interfaces.flatMap((known) => macKey(scope, known) ?? []),
    behind: [],
    addresses: sighting.interfaces.flatMap(({ addresses, vlan }) =>
      addresses.filter(isOwn).map((address) => addressKey(scope, vlan, address)),
    ),
  };
}

export function macKey(scope: string, { mac, vlan, shared }: Pick<SeenInterface, 'mac' | 'vlan' | 'shared'>) {
  return mac === undefined || shared === true ? undefined : `m|${scope}|${vlan ?? ''}|${mac}`;
}

export function addressKey(scope: string, vlan: number | undefined, address: string): AssetKey {
  return `i|${scope}|${vlan ?? ''}|${address}`;
}

/** By these an end of a conversation is found, the surest first. */
export function endKeys(scope: string, { mac, address, vlan, behind }: End): readonly AssetKey[] {
  const keys: AssetKey[] = [];
  if (mac !== undefined) {
    keys.push(`m|${scope}|${vlan ?? ''}|${mac}`);
  }
  if (address !== undefined && isOwn(address)) {
    keys.push(addressKey(scope, vlan, address));
  }
  return behind === undefined ? keys : keys.map((key) => `b|${key}|${behind}`);
}

/** Undefined where no sure serial number and vendor are told: many vendors count from 1. */
export function serialKey(evidence: readonly SeenValue[]): AssetKey | undefined {
  const serial = bestValue(evidence, 'serial');
  const vendor = bestValue(evidence, 'vendor');
  if (serial === undefined || vendor === undefined || serial.confidence < CERTAIN) {
    return undefined;
  }
  return isPlaceholderSerial(serial.value) ? undefined : `s|${plain(vendor.value)}|${plain(serial.value)}`;
}

/** What stands where a serial number would: `0000`, `-`. */
export function isPlaceholderSerial(value: string): boolean {
  const text = plain(value);
  return text.length < SHORTEST_SERIAL || [...text].every((one) => one === text[0]);
}

function isOwn(address: string): boolean {
  return !isUnspecified(address) && !isGroup(address) && !isLinkLocal(address);
}
