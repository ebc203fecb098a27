import type { Micros } from '../kit/time.ts';
import type {
  KnownAddress,
  KnownInterface,
  KnownModule,
  KnownRole,
  KnownService,
  ObservedAsset,
} from './known-asset.ts';
import type { AssetSighting, SeenValue } from './sighting.ts';
import { MODULE_TEXTS } from './sighting.ts';

/** How much is kept of one asset, so that traffic cannot grow it without end. */
export const MOST_OF_ASSET = {
  interfaces: 64,
  addresses: 64,
  values: 16,
  modules: 256,
  services: 256,
  roles: 32,
} as const;

/** One sighting as what was observed of a device. */
export function observedOf(sighting: AssetSighting): ObservedAsset {
  const { scope, firstSeen, lastSeen, role, roleReason: reason, purdueLevel: level, known, doubtful } = sighting;
  const seen = { firstSeen, lastSeen };
  return bounded({
    interfaces: sighting.interfaces.map(({ mac, addresses, vlan, vendor, shared }) => ({
      ...{ scope, vlan, mac, vendor, shared: shared === true },
      addresses: addresses.map((address) => ({ address, ...seen })),
    })),
    roles: [{ role, reason, level, sightings: 1, lastSeen }],
    evidence: sighting.evidence,
    modules: sighting.modules.map((module) => ({
      slot: module.slot,
      values: MODULE_TEXTS.flatMap((name) => {
        const value = module[name];
        return value === undefined ? [] : [[name, value, lastSeen] as const];
      }),
      ...seen,
    })),
    services: sighting.services.map(({ protocol, transport, port }) => ({ protocol, transport, port, ...seen })),
    known,
    doubtful,
    sightings: 1,
    omitted: {},
    ...seen,
  });
}

/** What two sources observed of one device. The order of the two does not matter, nor that of any number of them below the limits. */
export function joinObserved(one: ObservedAsset, other: ObservedAsset): ObservedAsset {
  if (one.sightings === 0 || other.sightings === 0) {
    return one.sightings === 0 ? other : one;
  }
  return bounded({
    interfaces: [...one.interfaces, ...other.interfaces],
    roles: [...one.roles, ...other.roles],
    evidence: [...one.evidence, ...other.evidence],
    modules: [...one.modules, ...other.modules],
    services: [...one.services, ...other.services],
    known: [...new Set([...one.known, ...other.known])].toSorted(),
    doubtful: one.doubtful && other.doubtful,
    sightings: one.sightings + other.sightings,
    omitted: added(one.omitted, other.omitted),
    firstSeen: least(one.firstSeen, other.firstSeen),
    lastSeen: most(one.lastSeen, other.lastSeen),
  });
}

/** Each thing once, in an order of its own, and so many at most. */
function bounded(observed: ObservedAsset): ObservedAsset {
  const omitted = { ...observed.omitted };
  const keep = <T>(items: readonly T[], limit: keyof typeof MOST_OF_ASSET): readonly T[] => {
    if (items.length > MOST_OF_ASSET[limit]) {
      omitted[limit] = (omitted[limit] ?? 0) + items.length - MOST_OF_ASSET[limit];
      return items.slice(0, MOST_OF_ASSET[limit]);
    }
    return items;
  };
  const interfaces = keep(joinedInterfaces(observed.interfaces), 'interfaces').map((known) => ({
    ...known,
    addresses: keep(known.addresses, 'addresses'),
  }));
  const evidence = grouped(joinedEvidence(observed.evidence), ({ attribute }) => attribute).flatMap((values) =>
    keep(values, 'values'),
  );
  return {
    ...observed,
    interfaces,
    roles: keep(joinedRoles(observed.roles), 'roles'),
    evidence,
    modules: keep(joinedModules(observed.modules), 'modules'),
    services: keep(joinedServices(observed.services), 'services'),
    omitted,
  };
}

function joinedInterfaces(all: readonly KnownInterface[]): readonly KnownInterface[] {
  const joined = grouped(all, ({ scope, vlan, mac }) => JSON.stringify([scope, vlan ?? -1, mac ?? ''])).map((same) => ({
    ...first(same),
    shared: same.every(({ shared }) => shared),
    vendor: same.flatMap(({ vendor }) => vendor ?? []).toSorted()[0],
    addresses: joinedAddresses(same.flatMap(({ addresses }) => addresses)),
  }));
  // An address that was seen behind a router and with its MAC is one: the MAC has it.
  const owned = new Set(
    joined.flatMap(({ scope, vlan, mac, addresses }) =>
      mac === undefined ? [] : addresses.map(({ address }) => JSON.stringify([scope, vlan ?? -1, address])),
    ),
  );
  return joined
    .map((known) => ({
      ...known,
      addresses: known.addresses.filter(
        ({ address }) =>
          known.mac !== undefined || !owned.has(JSON.stringify([known.scope, known.vlan ?? -1, address])),
      ),
    }))
    .filter(({ mac, addresses }) => mac !== undefined || addresses.length > 0)
    .toSorted((a, b) => byText(interfaceOrder(a), interfaceOrder(b)));
}

function interfaceOrder({ scope, vlan, mac }: KnownInterface): string {
  return JSON.stringify([scope, mac === undefined, mac ?? '', String(vlan ?? -1).padStart(5)]);
}

function joinedAddresses(all: readonly KnownAddress[]): readonly KnownAddress[] {
  return grouped(all, ({ address }) => address)
    .map((same) => ({ address: first(same).address, ...spanOf(same) }))
    .toSorted((a, b) => b.lastSeen - a.lastSeen || byText(a.address, b.address));
}

function joinedRoles(all: readonly KnownRole[]): readonly KnownRole[] {
  return grouped(all, ({ role }) => role)
    .map((same) => {
      const [newest] = same.toSorted(
        (a, b) =>
          b.lastSeen - a.lastSeen || byText(a.reason ?? '', b.reason ?? '') || (a.level ?? -1) - (b.level ?? -1),
      );
      return { ...(newest ?? first(same)), sightings: same.reduce((sum, { sightings }) => sum + sightings, 0) };
    })
    .toSorted((a, b) => b.sightings - a.sightings || byText(a.role, b.role));
}

/** By attribute; of each the surest first, then the newest. */
function joinedEvidence(all: readonly SeenValue[]): readonly SeenValue[] {
  return grouped(all, ({ attribute, protocol, basis, value }) => JSON.stringify([attribute, protocol, basis, value]))
    .map((same) => {
      const [earliest] = same.toSorted(
        (a, b) => a.firstSeen - b.firstSeen || a.frame - b.frame || byText(a.reason ?? '', b.reason ?? ''),
      );
      const confidence = same.reduce((surest, entry) => Math.max(surest, entry.confidence), 0);
      const count = same.reduce((sum, entry) => sum + entry.count, 0);
      return { ...(earliest ?? first(same)), ...spanOf(same), confidence, count };
    })
    .toSorted(
      (a, b) =>
        byText(a.attribute, b.attribute) ||
        b.confidence - a.confidence ||
        b.lastSeen - a.lastSeen ||
        byText(a.value, b.value) ||
        byText(a.protocol, b.protocol) ||
        byText(a.basis, b.basis),
    );
}

function joinedModules(all: readonly KnownModule[]): readonly KnownModule[] {
  return grouped(all, ({ slot }) => String(slot))
    .map((same) => ({
      slot: first(same).slot,
      values: grouped(
        same.flatMap(({ values }) => values),
        ([name]) => name,
      )
        .map((told) => first(told.toSorted((a, b) => b[2] - a[2] || byText(a[1], b[1]))))
        .toSorted((a, b) => byText(a[0], b[0])),
      ...spanOf(same),
    }))
    .toSorted((a, b) => a.slot - b.slot);
}

function joinedServices(all: readonly KnownService[]): readonly KnownService[] {
  const portOf = ({ transport, port }: KnownService) => `${transport} ${port}`;
  const named = new Set(all.filter(({ protocol }) => protocol !== undefined).map(portOf));
  const told = all.filter((service) => service.protocol !== undefined || !named.has(portOf(service)));
  return grouped(told, (service) => `${portOf(service)} ${service.protocol ?? ''}`)
    .map((same) => ({ ...first(same), ...spanOf(same) }))
    .toSorted(
      (a, b) => byText(a.transport, b.transport) || a.port - b.port || byText(a.protocol ?? '', b.protocol ?? ''),
    );
}

// ── Small helps ─────────────────────────────────────────────────────────────────────────────────────────────────────

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [item]);
    } else {
      group.push(item);
    }
  }
  return [...groups.values()];
}

function first<T>(items: readonly T[]): T {
  return items[0] as T;
}

interface Span {
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
}

function spanOf(all: readonly Span[]): Span {
  let { firstSeen, lastSeen } = first(all);
  for (const span of all) {
    firstSeen = Math.min(firstSeen, span.firstSeen);
    lastSeen = Math.max(lastSeen, span.lastSeen);
  }
  return { firstSeen, lastSeen };
}

export function least(one: Micros | undefined, other: Micros | undefined): Micros | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

export function most(one: Micros | undefined, other: Micros | undefined): Micros | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function added(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) {
    sum[name] = (sum[name] ?? 0) + count;
  }
  return sum;
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
