import { isoTime } from '../../kit/time.ts';
import type { PlaceStep } from '../../plant/place.ts';
import {
  type AssetState,
  type KnownAsset,
  type ObservedAsset,
  type ShownAsset,
  type StatedAttributes,
  type StatedName,
  shownOf,
} from '../known-asset.ts';
import { LIST_SEPARATOR } from '../stated.ts';

/** An asset as it leaves the inventory: everything that is needed to make the same one again. Times are in microseconds since 1970. */
export interface ExportedAsset {
  readonly id: string;
  /** Where it stands, from the site down. */
  readonly place: readonly PlaceStep[];
  readonly placedBy?: 'hand' | 'rule' | undefined;
  readonly state: AssetState;
  readonly scope: string;
  readonly parent?: string | undefined;
  readonly behind?: string | undefined;
  readonly stated: StatedAttributes;
  readonly observed: ObservedAsset;
}

export function exportedOf(
  asset: KnownAsset,
  place: readonly PlaceStep[],
  placedBy: 'hand' | 'rule' | undefined,
): ExportedAsset {
  const { id, state, scope, parent, behind, stated, observed } = asset;
  return { id, place, placedBy, state, scope, parent, behind, stated, observed };
}

/** The document around the assets of the JSON export: an asset a line. */
export const EXPORT_HEAD = '{"keyway":"assets","version":1,"assets":[\n';
export const EXPORT_FOOT = '\n]}\n';

/** What is shown comes first, for people and scripts; it is not read back. */
export function exportLine(asset: ExportedAsset): string {
  const { name, role, vendor, product, firmware, addresses, macs } = shownOf({ ...asset, parent: asset.parent });
  return compact({ ...asset, shown: { name, role, vendor, product, firmware, addresses, macs } });
}

/** A column of the CSV export. */
interface ExportColumn {
  readonly title: string;
  cell(asset: ExportedAsset, shown: ShownAsset): string | number | undefined;
  /** A person may write into it: what it then says is stated. */
  readonly states?: StatedName;
}

function column(title: string, cell: ExportColumn['cell'], states?: StatedName): ExportColumn {
  return { title, cell, ...(states && { states }) };
}

function statedColumn(title: string, name: StatedName): ExportColumn {
  return column(title, ({ stated }) => stated[name]?.value, name);
}

export const ID_TITLE = 'keyway id';
export const STATED_TITLE = 'stated (do not change)';
export const OBSERVED_TITLE = 'observed (do not change)';
export const PLACE_TITLES = ['site', 'area', 'line', 'cell'] as const;

export const EXPORT_COLUMNS: readonly ExportColumn[] = [
  column(ID_TITLE, ({ id }) => id),
  ...PLACE_TITLES.map((kind) => column(kind, ({ place }) => place.find((step) => step.kind === kind)?.name)),
  column('state', ({ state }) => state),
  column('name', (_, { name }) => name, 'name'),
  column('role', (_, { role }) => role, 'role'),
  column('level', (_, { purdueLevel }) => purdueLevel, 'purdueLevel'),
  column('vendor', (_, { vendor }) => vendor, 'vendor'),
  column('product', (_, { product }) => product, 'product'),
  column('order number', (_, { orderNumber }) => orderNumber, 'orderNumber'),
  column('firmware', (_, { firmware }) => firmware, 'firmware'),
  column('hardware', (_, { hardware }) => hardware, 'hardware'),
  column('serial number', (_, { serial }) => serial, 'serial'),
  column('operating system', (_, { os }) => os, 'os'),
  column('MAC addresses', (_, { macs }) => macs.join(LIST_SEPARATOR)),
  column('IP addresses', (_, { addresses }) => addresses.join(LIST_SEPARATOR)),
  column('VLANs', (_, { vlans }) => vlans.join(LIST_SEPARATOR)),
  column('services', ({ observed: { services } }) =>
    services
      .map(({ protocol, transport, port }) => `${protocol ?? 'unknown'} ${transport}/${port}`)
      .join(LIST_SEPARATOR),
  ),
  statedColumn('software', 'software'),
  statedColumn('criticality', 'criticality'),
  statedColumn('asset number', 'assetNumber'),
  statedColumn('location', 'location'),
  statedColumn('owner', 'owner'),
  statedColumn('function', 'function'),
  statedColumn('comment', 'comment'),
  column('completeness', (_, { completeness }) => completeness.overall),
  column('first seen', ({ observed }) => timeOf(observed.firstSeen)),
  column('last seen', ({ observed }) => timeOf(observed.lastSeen)),
  column(STATED_TITLE, ({ stated }) => compact(stated)),
  column(OBSERVED_TITLE, (asset) => compact({ ...asset, id: undefined, place: undefined, stated: undefined })),
];

export function exportCells(asset: ExportedAsset): readonly (string | number | undefined)[] {
  const shown = shownOf({ ...asset, parent: asset.parent });
  return EXPORT_COLUMNS.map(({ cell }) => cell(asset, shown));
}

function timeOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : isoTime(time);
}

/** JSON with its keys in order, so that the same asset is the same text. */
function compact(value: unknown): string {
  return JSON.stringify(ordered(value));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(ordered);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, of]) => [key, ordered(of)]),
      )
    : value;
}
