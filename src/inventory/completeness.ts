import type { Role } from '../wire/observation.ts';

/** How much of what an inventory should know about an asset is known. Two shares, so that listening is not blamed for what it cannot hear. */
export interface Completeness {
  /** Of what the wire can tell. */
  readonly wire: number;
  /** Of everything that applies. */
  readonly overall: number;
  readonly missing: readonly string[];
}

/** What is known of an asset, as far as it counts here. */
interface Known {
  readonly role: Role;
  readonly interfaces: readonly { readonly mac: string | undefined; readonly addresses: readonly string[] }[];
  readonly services: readonly unknown[];
  readonly parent: string | undefined;
  readonly name?: string;
  readonly vendor?: string;
  readonly product?: string;
  readonly orderNumber?: string;
  readonly firmware?: string;
  readonly os?: string;
  readonly protocols: readonly string[];
  readonly accounts: number;
  readonly logs: boolean;
  /** Those of the attributes that only people know which people have stated. */
  readonly stated?: readonly string[];
}

interface Attribute {
  readonly name: string;
  /** Only people know it. */
  readonly people?: true;
  applies?(asset: Known): boolean;
  known(asset: Known): boolean;
}

/** The high-priority attributes of the OT asset inventory guidance of CISA and partners (2025), in its order. */
const ATTRIBUTES: readonly Attribute[] = [
  { name: 'communication protocols', known: ({ protocols }) => protocols.length > 0 },
  onlyPeople('asset criticality'),
  onlyPeople('asset number'),
  { name: 'role', known: ({ role }) => role !== 'unknown' },
  { name: 'host name', known: ({ name }) => name !== undefined },
  {
    name: 'IP address',
    applies: ({ parent }) => parent === undefined,
    known: ({ interfaces }) => interfaces.some(({ addresses }) => addresses.length > 0),
  },
  {
    name: 'MAC address',
    applies: ({ parent }) => parent === undefined,
    known: ({ interfaces }) => interfaces.some(({ mac }) => mac !== undefined),
  },
  { name: 'logging', known: ({ logs }) => logs },
  { name: 'manufacturer', known: ({ vendor }) => vendor !== undefined },
  { name: 'model', known: ({ product, orderNumber }) => product !== undefined || orderNumber !== undefined },
  { name: 'operating system or firmware', known: ({ os, firmware }) => os !== undefined || firmware !== undefined },
  onlyPeople('location'),
  {
    name: 'ports and services',
    applies: ({ parent }) => parent === undefined,
    known: ({ services }) => services.length > 0,
  },
  { name: 'user accounts', known: ({ accounts }) => accounts > 0 },
];

function onlyPeople(name: string): Attribute {
  return { name, people: true, known: ({ stated }) => stated?.includes(name) === true };
}

export function completenessOf(asset: Known): Completeness {
  const applicable = ATTRIBUTES.filter((attribute) => attribute.applies?.(asset) ?? true);
  const missing = applicable.filter((attribute) => !attribute.known(asset));
  const audible = applicable.filter(({ people }) => people !== true);
  const unheard = missing.filter(({ people }) => people !== true);
  return {
    wire: share(audible.length - unheard.length, audible.length),
    overall: share(applicable.length - missing.length, applicable.length),
    missing: missing.map(({ name }) => name),
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : Math.round((part / whole) * 100) / 100;
}
