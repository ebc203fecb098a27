import type { Micros } from '../../kit/time.ts';
import { bestRole, bestValue, type KnownAsset, type StatedName, shownLabel, shownOf } from '../known-asset.ts';
import { listOf, statedValue } from '../stated.ts';

/**
 * `not-seen`: documented, and silent; `not-documented`: observed, and nobody has said anything of it; `differs`: an attribute has two
 * values; `moved`: it has other addresses than documented; `replaced`: it has another serial number.
 */
export const DIFFERENCE_KINDS = ['not-seen', 'not-documented', 'differs', 'moved', 'replaced'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export const DIFFERENCE_STATES = ['open', 'accepted', 'refused'] as const;
export type DifferenceState = (typeof DIFFERENCE_STATES)[number];

/** Where what is documented and what was observed do not agree. */
export interface Difference {
  readonly id: string;
  readonly asset: string;
  readonly site: string;
  readonly label: string;
  readonly kind: DifferenceKind;
  readonly attribute: StatedName | undefined;
  /** Who said it, and who or what was heard. */
  readonly stated: { readonly value: string; readonly by: string; readonly source: string } | undefined;
  readonly observed: { readonly value: string; readonly protocol: string | undefined } | undefined;
  /** Whole days since it was last seen; undefined where it never was, or where that does not matter. */
  readonly days: number | undefined;
}

export interface Decision {
  readonly id: string;
  readonly asset: string;
  readonly site: string;
  readonly about: string;
  readonly state: Exclude<DifferenceState, 'open'>;
  readonly at: Micros;
  readonly by: string;
  readonly note: string | undefined;
}

export interface JudgementStore {
  /** Of these assets, by the id of the difference. */
  of(assets: readonly string[]): Promise<ReadonlyMap<string, Decision>>;
  put(judgements: readonly Decision[]): Promise<void>;
}

const DAY = 86_400_000_000;
/** So many days of silence are nothing for a document to be wrong about. */
export const QUIET_DAYS = 30;

/** Attributes that traffic can tell, too. */
const COMPARED = ['name', 'vendor', 'product', 'orderNumber', 'firmware', 'hardware', 'os'] as const;

export function differencesOf(asset: KnownAsset, now: Micros): readonly Difference[] {
  const { observed, stated } = asset;
  const isDocumented = Object.keys(stated).length > 0;
  if (observed.lastSeen === undefined) {
    return isDocumented ? [difference(asset, 'not-seen')] : [];
  }
  if (!isDocumented) {
    return [difference(asset, 'not-documented')];
  }
  const days = Math.floor((now - observed.lastSeen) / DAY);
  return [
    ...(days >= QUIET_DAYS ? [{ ...difference(asset, 'not-seen'), days }] : []),
    ...COMPARED.flatMap((name) => valueDifference(asset, name, 'differs')),
    ...valueDifference(asset, 'serial', 'replaced'),
    ...roleDifference(asset),
    ...listDifference(asset, 'address', 'moved'),
    ...listDifference(asset, 'mac', 'differs'),
  ];
}

/** What a decision was about: another value of either side is another question. */
export function aboutOf({ stated, observed }: Difference): string {
  return JSON.stringify([stated?.value ?? null, observed?.value ?? null]);
}

export function stateOf(difference: Difference, decision: Decision | undefined): DifferenceState {
  return decision !== undefined && decision.about === aboutOf(difference) ? decision.state : 'open';
}

function difference(
  asset: KnownAsset,
  kind: DifferenceKind,
  attribute?: StatedName,
  observed?: Difference['observed'],
): Difference {
  const said = attribute === undefined ? undefined : asset.stated[attribute];
  return {
    id: `${asset.id}:${kind}${attribute === undefined ? '' : `:${attribute}`}`,
    asset: asset.id,
    site: asset.site,
    label: shownLabel(shownOf(asset), asset.behind ?? asset.id),
    kind,
    attribute,
    stated: said && { value: said.value, by: said.by, source: said.source },
    observed,
    days: undefined,
  };
}

function valueDifference(
  asset: KnownAsset,
  name: (typeof COMPARED)[number] | 'serial',
  kind: DifferenceKind,
): readonly Difference[] {
  const said = asset.stated[name];
  const heard = bestValue(asset.observed.evidence, name);
  return said === undefined || heard === undefined || plain(said.value) === plain(heard.value)
    ? []
    : [difference(asset, kind, name, { value: heard.value, protocol: heard.protocol })];
}

function roleDifference(asset: KnownAsset): readonly Difference[] {
  const said = asset.stated.role;
  const heard = bestRole(asset.observed.roles)?.role ?? 'unknown';
  return said === undefined || heard === 'unknown' || said.value === heard
    ? []
    : [difference(asset, 'differs', 'role', { value: heard, protocol: undefined })];
}

/** A document that names one of several addresses is right about it. */
function listDifference(asset: KnownAsset, name: 'address' | 'mac', kind: DifferenceKind): readonly Difference[] {
  const said = listOf(asset.stated[name] && statedValue(name, asset.stated[name].value));
  const { interfaces } = asset.observed;
  const heard = new Set(
    interfaces.flatMap(({ mac, addresses }) =>
      name === 'mac' ? (mac ?? []) : addresses.map(({ address }) => address),
    ),
  );
  return said.length === 0 || heard.size === 0 || said.every((value) => heard.has(value))
    ? []
    : [difference(asset, kind, name, { value: [...heard].join('; '), protocol: undefined })];
}

/** How people and devices write the same thing. */
function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
