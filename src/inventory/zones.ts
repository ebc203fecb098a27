import type { Brand } from '../kit/brand.ts';
import type { Role } from '../wire/observation.ts';
import { isPublic, subnetOf } from './address.ts';
import { type Asset, type AssetId, addressOf, labelOf } from './asset.ts';
import type { Conversation } from './conversation.ts';
import { kindOf } from './protocol-kinds.ts';

export type ZoneId = Brand<'ZoneId'>;

/** Assets that belong together: a first proposal, which people change. */
export interface Zone {
  readonly id: ZoneId;
  readonly name: string;
  readonly assets: readonly AssetId[];
  readonly reasons: readonly string[];
}

/** Who drives a machine, what it drives, and who operates it. */
const CONTROLLERS: ReadonlySet<Role> = new Set(['plc', 'safety', 'rtu']);
const DRIVEN: ReadonlySet<Role> = new Set(['io', 'drive', 'robot', 'safety', 'gateway']);
const NETWORK: ReadonlySet<Role> = new Set(['switch', 'router', 'firewall', 'clock']);
/** A panel of more controllers than these oversees several cells. */
const MOST_OF_A_PANEL = 4;
const SUPERVISORY_LEVELS: ReadonlySet<number> = new Set([2, 3]);
const FIELD_LEVEL = 1;
const OFFICE_LEVEL = 4;

/** Reasons that a reader of a zone still reads. */
const MOST_REASONS = 50;

/** A cell in the making: assets by the smallest of their ids, and why they were joined. */
class Cells {
  readonly #cellOf: Map<AssetId, AssetId> = new Map();
  readonly #reasons: Map<AssetId, string[]> = new Map();

  join(one: AssetId, other: AssetId, reason: string): void {
    const a = this.find(one);
    const b = this.find(other);
    const reasons = [...(this.#reasons.get(a) ?? []), ...(a === b ? [] : (this.#reasons.get(b) ?? []))];
    if (reasons.length < MOST_REASONS && !reasons.includes(reason)) {
      reasons.push(reason);
    }
    this.#cellOf.set(b, a);
    this.#cellOf.set(a, a);
    this.#reasons.delete(b);
    this.#reasons.set(a, reasons);
  }

  has(id: AssetId): boolean {
    return this.#cellOf.has(id);
  }

  find(id: AssetId): AssetId {
    let root = id;
    for (let next = this.#cellOf.get(root); next !== undefined && next !== root; next = this.#cellOf.get(root)) {
      root = next;
    }
    return root;
  }

  reasons(root: AssetId): readonly string[] {
    return this.#reasons.get(root) ?? [];
  }
}

/** By who drives and operates whom, then by level and subnet. Children stand where their parent stands. */
export function proposeZones(assets: readonly Asset[], conversations: Iterable<Conversation>): readonly Zone[] {
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  const cells = cellsOf(byId, conversations);
  joinNeighbours(cells, assets);
  const drafts = new Map<string, { name: string; assets: AssetId[]; reasons: readonly string[] }>();
  let number = 0;
  for (const asset of assets) {
    const home = byId.get(asset.parent ?? asset.id) ?? asset;
    const place = cells.has(home.id) ? cellPlace(cells, home.id) : placeOf(home);
    const known = drafts.get(place.key);
    if (known === undefined) {
      number += place.key.startsWith('cell ') ? 1 : 0;
      const name = place.name ?? `Cell ${number}`;
      drafts.set(place.key, { name, assets: [asset.id], reasons: place.reasons });
    } else {
      known.assets.push(asset.id);
    }
  }
  return [...drafts.values()].map((draft, at) => ({ id: `z${at + 1}` as ZoneId, ...draft }));
}

interface Place {
  readonly key: string;
  /** Absent: a numbered cell. */
  readonly name?: string;
  readonly reasons: readonly string[];
}

function cellPlace(cells: Cells, id: AssetId): Place {
  const root = cells.find(id);
  return { key: `cell ${root}`, reasons: cells.reasons(root) };
}

type AssetsById = ReadonlyMap<AssetId, Asset>;

function cellsOf(assets: AssetsById, conversations: Iterable<Conversation>): Cells {
  const cells = new Cells();
  const panels = new Map<Asset, Map<Asset, Conversation>>();
  for (const conversation of conversations) {
    const [client, server] = [conversation.client, conversation.server].map((id) => id && assets.get(id));
    if (!client || !server || client === server || !isFieldTraffic(conversation)) {
      continue;
    }
    joinDriven(cells, client, server, conversation);
    if (isPanelOf(client, server)) {
      panels.set(client, (panels.get(client) ?? new Map<Asset, Conversation>()).set(server, conversation));
    }
  }
  for (const [panel, controllers] of panels) {
    for (const [controller, { protocol }] of controllers.size <= MOST_OF_A_PANEL ? controllers : []) {
      const reason = `${labelOf(panel)} operates ${labelOf(controller)} by ${protocol}: panel of this controller`;
      cells.join(controller.id, panel.id, reason);
    }
  }
  return cells;
}

/** Whatever else stands where only one cell is belongs to it, too, unless it serves all cells or oversees them. */
function joinNeighbours(cells: Cells, assets: readonly Asset[]): void {
  const cellsIn = new Map<string, Set<AssetId>>();
  for (const asset of assets.filter(({ id }) => cells.has(id))) {
    for (const segment of segmentsOf(asset)) {
      cellsIn.set(segment, (cellsIn.get(segment) ?? new Set()).add(cells.find(asset.id)));
    }
  }
  for (const asset of assets.filter(mayFollow).filter(({ id }) => !cells.has(id))) {
    const [segment] = segmentsOf(asset);
    const [cell, ...others] = segment === undefined ? [] : (cellsIn.get(segment) ?? []);
    if (cell !== undefined && others.length === 0) {
      cells.join(cell, asset.id, `what else is in ${segment}: no other cell is there`);
    }
  }
}

function mayFollow({ role, purdueLevel, parent }: Asset): boolean {
  const above = purdueLevel !== undefined && purdueLevel > 2;
  return parent === undefined && !above && (role === 'switch' || !NETWORK.has(role));
}

function isPanelOf(client: Asset, server: Asset): boolean {
  return client.role === 'hmi' && CONTROLLERS.has(server.role) && sameSegment(client, server);
}

function joinDriven(cells: Cells, client: Asset, server: Asset, { protocol }: Conversation): void {
  const [driver, driven] = CONTROLLERS.has(client.role) ? [client, server] : [server, client];
  if (CONTROLLERS.has(driver.role) && DRIVEN.has(driven.role)) {
    const reason = `${labelOf(driver)} exchanges ${protocol} with ${labelOf(driven)}: ${driven.role} of this controller`;
    cells.join(driver.id, driven.id, reason);
  }
}

function isFieldTraffic({ protocol, operations, toMany }: Conversation): boolean {
  return !toMany && (kindOf(protocol) !== undefined || operations.some((operation) => kindOf(operation.protocol)));
}

function sameSegment(one: Asset, other: Asset): boolean {
  const segments = new Set(segmentsOf(one));
  return segmentsOf(other).some((segment) => segments.has(segment));
}

function segmentsOf({ interfaces }: Asset): string[] {
  return interfaces.flatMap(({ addresses, vlan }) => addresses.map((address) => segmentName(address, vlan)));
}

function segmentName(address: string, vlan: number | undefined): string {
  return vlan === undefined ? subnetOf(address) : `${subnetOf(address)} in VLAN ${vlan}`;
}

/** Where an asset stands that no controller claims. */
function placeOf(asset: Asset): Place {
  const address = addressOf(asset);
  const isFar = !asset.interfaces.some(({ mac }) => mac !== undefined);
  if (address !== undefined && isPublic(address) && isFar) {
    return {
      key: 'outside',
      name: 'Outside',
      reasons: ['public addresses: not part of the plant until somebody says so'],
    };
  }
  if (NETWORK.has(asset.role)) {
    return {
      key: 'network',
      name: 'Network and time',
      reasons: ['switches, routers, firewalls and clocks serve all zones and are administered apart from them'],
    };
  }
  const [segment = 'one network without IP addresses'] = segmentsOf(asset);
  const level = asset.purdueLevel;
  if (level === FIELD_LEVEL) {
    return {
      key: `field ${segment}`,
      name: `Controllers in ${segment}`,
      reasons: [
        `controllers and field devices (level 1) of ${segment}; nothing seen shows to which machine each belongs`,
      ],
    };
  }
  if (level !== undefined && SUPERVISORY_LEVELS.has(level)) {
    return {
      key: `operations ${segment}`,
      name: `Operations in ${segment}`,
      reasons: [`stations of levels 2 and 3 in ${segment} that oversee more than one cell, or none that was seen`],
    };
  }
  if (level !== undefined && level >= OFFICE_LEVEL) {
    return { key: `office ${segment}`, name: `Office in ${segment}`, reasons: [`hosts of level 4 in ${segment}`] };
  }
  return {
    key: `unassigned ${segment}`,
    name: `Unassigned in ${segment}`,
    reasons: [
      `hosts of ${segment} whose role or level was not seen: somebody who knows them has to say where they belong`,
    ],
  };
}
