import type { Micros } from '../kit/time.ts';
import type { Role } from '../wire/observation.ts';
import { isIpv4, isLinkLocal } from './address.ts';
import { completenessOf } from './completeness.ts';
import type { Attribute } from './evidence.ts';
import type { SeenValue } from './sighting.ts';

/** A device as the hub remembers it: what was observed, and what people state, which is shown first and hides nothing. */
export interface KnownAsset {
  readonly id: string;
  readonly site: string;
  /** Where it was seen first; empty where it is only documented. */
  readonly scope: string;
  readonly parent: string | undefined;
  readonly behind: string | undefined;
  readonly state: AssetState;
  /** The open event that asks whether it may be there. */
  readonly news: string | undefined;
  readonly stated: StatedAttributes;
  readonly observed: ObservedAsset;
  /** Open findings about it, and the rank of the worst: 0 where there is none. */
  readonly findings: number;
  readonly worst: number;
}

export const ASSET_STATES = ['new', 'accepted', 'refused', 'documented'] as const;
export type AssetState = (typeof ASSET_STATES)[number];

/** All that was ever seen of a device. Joining two of them does not depend on their order. */
export interface ObservedAsset {
  readonly interfaces: readonly KnownInterface[];
  readonly roles: readonly KnownRole[];
  readonly evidence: readonly SeenValue[];
  readonly modules: readonly KnownModule[];
  readonly services: readonly KnownService[];
  /** Attributes that no value states, but traffic. */
  readonly known: readonly string[];
  readonly doubtful: boolean;
  readonly sightings: number;
  /** How much was left out by each limit. */
  readonly omitted: Readonly<Record<string, number>>;
  /** Undefined where it was never seen. */
  readonly firstSeen: Micros | undefined;
  readonly lastSeen: Micros | undefined;
}

export const NEVER_SEEN: ObservedAsset = {
  interfaces: [],
  roles: [],
  evidence: [],
  modules: [],
  services: [],
  known: [],
  doubtful: false,
  sightings: 0,
  omitted: {},
  firstSeen: undefined,
  lastSeen: undefined,
};

interface Span {
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
}

export interface KnownInterface {
  readonly scope: string;
  readonly vlan: number | undefined;
  readonly mac: string | undefined;
  readonly shared: boolean;
  readonly vendor: string | undefined;
  readonly addresses: readonly KnownAddress[];
}

export interface KnownAddress extends Span {
  readonly address: string;
}

/** A role in which it was seen so often; the one seen most often counts. */
export interface KnownRole {
  readonly role: Role;
  readonly reason: string | undefined;
  readonly level: number | undefined;
  readonly sightings: number;
  readonly lastSeen: Micros;
}

export interface KnownModule extends Span {
  readonly slot: number;
  /** Attribute, value, and when it was last told. */
  readonly values: readonly (readonly [attribute: string, value: string, seen: Micros])[];
}

export interface KnownService extends Span {
  readonly protocol: string | undefined;
  readonly transport: string;
  readonly port: number;
}

/** What people said, by attribute. */
export type StatedAttributes = { readonly [Name in StatedName]?: StatedValue };

export interface StatedValue {
  readonly value: string;
  readonly at: Micros;
  /** Name of the person or of the import. */
  readonly by: string;
  /** `hand`, or the file it was imported from. */
  readonly source: string;
}

export const STATED_NAMES = [
  'name',
  'role',
  'purdueLevel',
  'vendor',
  'product',
  'orderNumber',
  'firmware',
  'hardware',
  'serial',
  'os',
  'mac',
  'address',
  'vlan',
  'services',
  'software',
  'criticality',
  'assetNumber',
  'location',
  'owner',
  'function',
  'comment',
] as const;
export type StatedName = (typeof STATED_NAMES)[number];

/** A value believed less than this is a hint: the attribute stays unknown. */
const BELIEVED = 0.5;

/** The value that counts: the surest, then the newest, then the first by name. */
export function bestValue(evidence: readonly SeenValue[], attribute: Attribute): SeenValue | undefined {
  let found: SeenValue | undefined;
  for (const entry of evidence) {
    if (entry.attribute === attribute && entry.confidence >= BELIEVED && (!found || isSurer(entry, found))) {
      found = entry;
    }
  }
  return found;
}

function isSurer(one: SeenValue, other: SeenValue): boolean {
  if (one.confidence !== other.confidence) {
    return one.confidence > other.confidence;
  }
  return one.lastSeen === other.lastSeen ? one.value < other.value : one.lastSeen > other.lastSeen;
}

/** The role in which it was seen most often, then last; `unknown` only where it never had another. */
export function bestRole(roles: readonly KnownRole[]): KnownRole | undefined {
  let found: KnownRole | undefined;
  for (const entry of roles) {
    if (
      found === undefined ||
      rankOf(entry) > rankOf(found) ||
      (rankOf(entry) === rankOf(found) && isLater(entry, found))
    ) {
      found = entry;
    }
  }
  return found;
}

function rankOf({ role, sightings }: KnownRole): number {
  return role === 'unknown' ? 0 : sightings;
}

function isLater(one: KnownRole, other: KnownRole): boolean {
  return one.lastSeen === other.lastSeen ? one.role < other.role : one.lastSeen > other.lastSeen;
}

/** What is shown of an asset: stated before observed. */
export interface ShownAsset {
  readonly name: string | undefined;
  readonly role: string;
  readonly roleReason: string | undefined;
  readonly purdueLevel: number | undefined;
  readonly vendor: string | undefined;
  readonly product: string | undefined;
  readonly orderNumber: string | undefined;
  readonly firmware: string | undefined;
  readonly hardware: string | undefined;
  readonly serial: string | undefined;
  readonly os: string | undefined;
  /** IP addresses, the newest first; then those that only people state. */
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
  readonly vlans: readonly number[];
  readonly scopes: readonly string[];
  readonly completeness: { readonly wire: number; readonly overall: number; readonly missing: readonly string[] };
}

export function shownOf({ stated, observed, parent }: Pick<KnownAsset, 'stated' | 'observed' | 'parent'>): ShownAsset {
  const text = (name: StatedName & Attribute) => stated[name]?.value ?? bestValue(observed.evidence, name)?.value;
  const role = bestRole(observed.roles);
  const identity = {
    name: text('name'),
    vendor: text('vendor'),
    product: text('product'),
    orderNumber: text('orderNumber'),
    firmware: text('firmware'),
    hardware: text('hardware'),
    serial: text('serial'),
    os: text('os'),
  };
  const shownRole = (stated.role?.value ?? role?.role ?? 'unknown') as Role;
  const addresses = unique([...addressesOf(observed), ...listOf(stated.address)]);
  const macs = unique([...observed.interfaces.flatMap(({ mac }) => mac ?? []), ...listOf(stated.mac)]);
  const { known } = observed;
  const wire = Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== undefined));
  return {
    ...identity,
    role: shownRole,
    roleReason: stated.role === undefined ? role?.reason : undefined,
    purdueLevel: stated.purdueLevel === undefined ? role?.level : numberOf(stated.purdueLevel.value),
    addresses,
    macs,
    vlans: [...new Set([...observed.interfaces.flatMap(({ vlan }) => vlan ?? []), ...listOf(stated.vlan).map(Number)])]
      .filter(Number.isInteger)
      .toSorted((a, b) => a - b),
    scopes: unique(observed.interfaces.map(({ scope }) => scope)).toSorted(),
    completeness: completenessOf({
      ...wire,
      role: shownRole,
      interfaces: [{ mac: macs[0], addresses }],
      services: observed.services,
      parent,
      protocols: known.filter((name) => name === 'communication protocols'),
      logs: known.includes('logging'),
      accounts: known.includes('user accounts') ? 1 : 0,
      stated: PEOPLE_KNOW.filter(([name]) => stated[name] !== undefined).map(([, attribute]) => attribute),
    }),
  };
}

/** Attributes that only people know: as people state them, and as the guidance calls them. */
const PEOPLE_KNOW: readonly (readonly [StatedName, string])[] = [
  ['criticality', 'asset criticality'],
  ['assetNumber', 'asset number'],
  ['location', 'location'],
];

/** The newest first; IPv4 before IPv6 and link-local last where they are equally new. */
export function addressesOf({ interfaces }: Pick<ObservedAsset, 'interfaces'>): readonly string[] {
  const all = interfaces.flatMap(({ addresses }) => addresses);
  const sorted = all.toSorted(
    (a, b) =>
      Number(isLinkLocal(a.address)) - Number(isLinkLocal(b.address)) ||
      Number(isIpv4(b.address)) - Number(isIpv4(a.address)) ||
      b.lastSeen - a.lastSeen ||
      (a.address < b.address ? -1 : 1),
  );
  return unique(sorted.map(({ address }) => address));
}

/** How people call it. */
export function shownLabel({ name, addresses, macs }: ShownAsset, fallback: string): string {
  const [address = macs[0]] = addresses;
  return name === undefined ? (address ?? fallback) : address === undefined ? name : `${name} (${address})`;
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** Several values of one stated attribute are parted by spaces or commas. */
function listOf(stated: StatedValue | undefined): readonly string[] {
  return stated === undefined ? [] : stated.value.split(/[\s,;]+/u).filter((one) => one !== '');
}

function numberOf(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? undefined : value;
}
