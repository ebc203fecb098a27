import type { Micros } from '../kit/time.ts';
import type { Effect, Role } from '../wire/observation.ts';
import { type Asset, addressOf } from './asset.ts';
import type { AssetId, Conversation, Timing } from './conversation.ts';
import type { Attribute, Evidence } from './evidence.ts';
import type { Severity } from './findings/finding.ts';

/**
 * What somebody who listens tells the inventory: a device, a conversation or a finding, as far as it was seen in one stretch of time.
 * Plain JSON. Counters are of that stretch alone: the inventory adds them up.
 */
export type Sighting = AssetSighting | ConversationSighting | FindingSighting;

/** Where addresses are unique: a sensor's interface, or the network of a capture. The same address in two scopes is of two devices. */
interface Placed {
  readonly scope: string;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
}

export interface AssetSighting extends Placed {
  readonly kind: 'asset';
  readonly interfaces: readonly SeenInterface[];
  readonly role: Role;
  readonly roleReason?: string | undefined;
  readonly purdueLevel?: number | undefined;
  /** What it is called, made of, and by whom: each value with who said so. The surest and newest one counts. */
  readonly evidence: readonly SeenValue[];
  readonly modules: readonly SeenModule[];
  readonly services: readonly SeenService[];
  /** What it is called by the device that speaks for it, and who that is. Then it has no interface. */
  readonly behind?: string | undefined;
  readonly parentEnd?: End | undefined;
  /** Attributes of CISA's guidance that only traffic shows: `communication protocols`, `logging`, `user accounts`. */
  readonly known: readonly string[];
  /** It came in a flood of new senders and answered nobody. */
  readonly doubtful: boolean;
}

export interface SeenInterface {
  readonly mac?: string | undefined;
  readonly addresses: readonly string[];
  readonly vlan?: number | undefined;
  /** Maker of the network interface. */
  readonly vendor?: string | undefined;
  /** Several devices have this MAC: it tells nothing without an address. */
  readonly shared?: boolean | undefined;
}

export interface SeenValue {
  readonly attribute: Attribute;
  readonly value: string;
  readonly protocol: string;
  readonly basis: Evidence['basis'];
  readonly confidence: number;
  /** Frame of the capture that said so first; 0 where there is none to look up. */
  readonly frame: number;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly count: number;
  readonly reason?: string | undefined;
}

export interface SeenModule {
  readonly slot: number;
  readonly vendor?: string | undefined;
  readonly product?: string | undefined;
  readonly orderNumber?: string | undefined;
  readonly firmware?: string | undefined;
  readonly hardware?: string | undefined;
  readonly serial?: string | undefined;
  readonly os?: string | undefined;
  readonly name?: string | undefined;
}

export const MODULE_TEXTS = [
  'vendor',
  'product',
  'orderNumber',
  'firmware',
  'hardware',
  'serial',
  'os',
  'name',
] as const satisfies readonly (keyof SeenModule)[];

export interface SeenService {
  readonly protocol?: string | undefined;
  readonly transport: string;
  readonly port: number;
}

/** One side of a conversation, or a device meant: MAC before address, and both within the scope and VLAN. */
export interface End {
  readonly mac?: string | undefined;
  readonly address?: string | undefined;
  readonly vlan?: number | undefined;
  readonly behind?: string | undefined;
}

export interface ConversationSighting extends Placed {
  readonly kind: 'conversation';
  /** Undefined: no asset. */
  readonly client?: End | undefined;
  /** Undefined: nobody answered. */
  readonly server?: End | undefined;
  readonly clientAddress: string;
  readonly target: string;
  readonly transport: string;
  /** 0 where there is none. */
  readonly port: number;
  readonly protocol?: string | undefined;
  readonly vlan?: number | undefined;
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  readonly operations: readonly SeenOperation[];
  readonly timing?: Timing | undefined;
}

export interface SeenOperation {
  readonly protocol: string;
  readonly name: string;
  readonly effect: Effect;
  readonly by: 'client' | 'server';
  readonly count: number;
  readonly errors: number;
}

export interface FindingSighting extends Placed {
  readonly kind: 'finding';
  readonly code: string;
  readonly severity: Severity;
  readonly title: string;
  readonly explanation: string;
  /** A Wireshark display filter. */
  readonly filter: string;
  readonly frames: readonly number[];
  readonly count: number;
  readonly assets: readonly End[];
  /** What was listened to: the name of a sensor or of a capture. */
  readonly source: string;
}

/** All that an analysis found, assets first and those that speak for others before these. */
export function* sightingsOf(analysis: Analysed, scope: string, source: string = scope): Generator<Sighting> {
  const ends = endsOf(analysis.assets);
  for (const asset of analysis.assets) {
    yield assetSighting(asset, scope, ends);
  }
  for (const conversation of analysis.conversations) {
    yield conversationSighting(conversation, scope, ends);
  }
  const silent = analysis.firstSeen === undefined;
  for (const finding of silent ? [] : analysis.findings) {
    yield {
      kind: 'finding',
      scope,
      code: finding.code,
      severity: finding.severity,
      title: finding.title,
      explanation: finding.explanation,
      filter: finding.filter,
      frames: finding.frames,
      count: finding.count,
      assets: finding.assets.flatMap((id) => ends.of(id) ?? []),
      source,
      firstSeen: finding.firstSeen ?? analysis.firstSeen ?? 0,
      lastSeen: finding.lastSeen ?? analysis.lastSeen ?? 0,
    };
  }
}

/** What of an analysis is told. */
interface Analysed {
  readonly firstSeen: Micros | undefined;
  readonly lastSeen: Micros | undefined;
  readonly assets: readonly Asset[];
  readonly conversations: Iterable<Conversation>;
  readonly findings: readonly {
    readonly code: string;
    readonly severity: Severity;
    readonly title: string;
    readonly explanation: string;
    readonly filter: string;
    readonly frames: readonly number[];
    readonly count: number;
    readonly assets: readonly AssetId[];
    readonly firstSeen: Micros | undefined;
    readonly lastSeen: Micros | undefined;
  }[];
}

interface Ends {
  /** By which the inventory finds the asset; by this address of it, where it has several. */
  of(id: AssetId | undefined, address?: string): End | undefined;
  isShared(vlan: number | undefined, mac: string): boolean;
}

function endsOf(assets: readonly Asset[]): Ends {
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  const owners = new Map<string, AssetId>();
  const shared = new Set<string>();
  const keyOf = (vlan: number | undefined, mac: string) => `${vlan ?? ''}|${mac}`;
  for (const { id, interfaces } of assets) {
    for (const { mac, vlan } of interfaces) {
      if (mac !== undefined) {
        const key = keyOf(vlan, mac);
        if ((owners.get(key) ?? id) !== id) {
          shared.add(key);
        }
        owners.set(key, id);
      }
    }
  }
  const isShared = (vlan: number | undefined, mac: string) => shared.has(keyOf(vlan, mac));
  const of = (id: AssetId | undefined, address?: string): End | undefined => {
    const asset = id === undefined ? undefined : byId.get(id);
    if (asset === undefined) {
      return undefined;
    }
    if (asset.behind !== undefined) {
      return { ...of(asset.parent), behind: asset.behind };
    }
    return endAt(asset, address ?? addressOf(asset), isShared);
  };
  return { of, isShared };
}

function endAt(asset: Asset, wanted: string | undefined, isShared: Ends['isShared']): End | undefined {
  const found =
    asset.interfaces.find(({ mac, addresses }) => mac === wanted || addresses.some((one) => one === wanted)) ??
    asset.interfaces[0];
  if (found === undefined) {
    return undefined;
  }
  const { mac, vlan, addresses } = found;
  const known = addresses.find((one) => one === wanted) ?? addresses[0];
  return {
    ...(mac === undefined || isShared(vlan, mac) ? {} : { mac }),
    ...(known === undefined ? {} : { address: known }),
    ...(vlan === undefined ? {} : { vlan }),
  };
}

/** Attributes that no value states, but traffic: the names of `completeness.ts`. */
export const HEARD_ATTRIBUTES = ['communication protocols', 'logging', 'user accounts'] as const;

function assetSighting(asset: Asset, scope: string, ends: Ends): AssetSighting {
  const { role, roleReason, purdueLevel, behind, doubtful, firstSeen, lastSeen } = asset;
  return {
    kind: 'asset',
    scope,
    interfaces: asset.interfaces.map(({ mac, addresses, vlan, vendor }) => ({
      ...(mac === undefined ? {} : { mac }),
      addresses,
      ...(vlan === undefined ? {} : { vlan }),
      ...(vendor === undefined ? {} : { vendor }),
      ...(mac !== undefined && ends.isShared(vlan, mac) ? { shared: true } : {}),
    })),
    role,
    ...(roleReason === undefined ? {} : { roleReason }),
    ...(purdueLevel === undefined ? {} : { purdueLevel }),
    evidence: asset.evidence.map(({ attribute, value, protocol, basis, confidence, frame, reason, ...entry }) => ({
      ...{ attribute, value, protocol, basis, confidence, frame },
      ...{ firstSeen: entry.time, lastSeen: entry.lastTime, count: entry.count },
      ...(reason === undefined ? {} : { reason }),
    })),
    modules: asset.modules,
    services: asset.services.map(({ protocol, transport, port }) => ({
      ...(protocol === undefined ? {} : { protocol }),
      transport,
      port,
    })),
    ...(behind === undefined ? {} : { behind, parentEnd: ends.of(asset.parent) }),
    known: HEARD_ATTRIBUTES.filter((name) => !asset.completeness.missing.includes(name)),
    doubtful,
    firstSeen,
    lastSeen,
  };
}

function conversationSighting(conversation: Conversation, scope: string, ends: Ends): ConversationSighting {
  const { clientAddress, target, transport, port, protocol, vlan, timing, firstSeen, lastSeen } = conversation;
  const client = ends.of(conversation.client, clientAddress);
  const server = ends.of(conversation.server, target);
  return {
    kind: 'conversation',
    scope,
    ...(client === undefined ? {} : { client }),
    ...(server === undefined ? {} : { server }),
    clientAddress,
    target,
    transport,
    port,
    ...(protocol === undefined ? {} : { protocol }),
    ...(vlan === undefined ? {} : { vlan }),
    flows: conversation.flows,
    packets: conversation.packets,
    bytes: conversation.bytes,
    operations: conversation.operations.map(({ name, effect, protocol: told, by, count, errors }) => ({
      ...{ protocol: told, name, effect, by, count, errors },
    })),
    ...(timing === undefined ? {} : { timing }),
    firstSeen,
    lastSeen,
  };
}
