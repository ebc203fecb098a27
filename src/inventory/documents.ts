import { isPlaceholderSerial } from './asset-key.ts';
import { plain } from './evidence.ts';
import {
  bestValue,
  type KnownAsset,
  type ObservedAsset,
  type StatedAttributes,
  type StatedName,
} from './known-asset.ts';
import { listOf, statedValue } from './stated.ts';

/** An asset that somebody said something of. */
export interface StatedAsset {
  readonly id: string;
  readonly stated: StatedAttributes;
}

/** By what a document names a device, the surest first. */
export const DOCUMENT_KEYS = ['serial', 'mac', 'name', 'address'] as const;
export type DocumentKey = (typeof DOCUMENT_KEYS)[number];

/** Finds the documented asset that a device may be. */
export class DocumentIndex {
  readonly #ids: Map<string, string[]> = new Map();

  constructor(assets: readonly StatedAsset[]) {
    for (const { id, stated } of assets) {
      for (const key of DOCUMENT_KEYS) {
        for (const value of new Set(statedKeys(stated, key))) {
          const entry = `${key} ${value}`;
          const known = this.#ids.get(entry);
          if (known === undefined) {
            this.#ids.set(entry, [id]);
          } else {
            known.push(id);
          }
        }
      }
    }
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }

  /** Who is documented with one of these values. */
  find(key: DocumentKey, heard: ObservedAsset): readonly string[] {
    return [...new Set(heardKeys(heard, key).flatMap((value) => this.#ids.get(`${key} ${value}`) ?? []))];
  }
}

/** Whether what was heard cannot be this asset, although both have the same `key`. */
export function contradicts(asset: KnownAsset, heard: ObservedAsset, key: DocumentKey): boolean {
  return (
    asset.behind !== undefined ||
    differ(
      [...statedKeys(asset.stated, 'serial'), ...heardKeys(asset.observed, 'serial')],
      heardKeys(heard, 'serial'),
    ) ||
    (key === 'serial' && differByVendor(asset, heard)) ||
    ((key === 'name' || key === 'address') && differByMac(asset, heard)) ||
    // Many devices of one make have the same name: whoever has it first is the documented one.
    (key === 'name' && asset.observed.sightings > 0) ||
    (key === 'address' && isElsewhere(asset, heard))
  );
}

/** Attributes that no two documents of one device say differently. */
const OWN: readonly StatedName[] = ['serial', 'assetNumber', 'name'];

/** Whether two documents can only be of two devices. */
export function areOfTwo(one: StatedAttributes, other: StatedAttributes): boolean {
  return OWN.some((name) => {
    const [a, b] = [one[name]?.value, other[name]?.value];
    return a !== undefined && b !== undefined && plain(a) !== plain(b);
  });
}

function statedKeys(stated: StatedAttributes, key: DocumentKey): readonly string[] {
  const said = stated[key]?.value;
  if (said === undefined) {
    return [];
  }
  if (key === 'mac' || key === 'address') {
    return listOf(statedValue(key, said));
  }
  return key === 'serial' && isPlaceholderSerial(said) ? [] : [plain(said)].filter((text) => text !== '');
}

function heardKeys({ evidence, interfaces }: ObservedAsset, key: DocumentKey): readonly string[] {
  if (key === 'mac') {
    return interfaces.flatMap(({ mac, shared }) => (mac === undefined || shared ? [] : [mac]));
  }
  if (key === 'address') {
    return interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  }
  const value = bestValue(evidence, key)?.value;
  const isNone = value === undefined || (key === 'serial' && isPlaceholderSerial(value));
  return isNone ? [] : [plain(value)].filter((text) => text !== '');
}

/** Some say one thing and some another; who says nothing does not contradict. */
function differ(known: readonly string[], heard: readonly string[]): boolean {
  return heard.length > 0 && known.some((value) => !heard.includes(value));
}

/** `Siemens` and `Siemens AG` are one; who has no vendor has any. */
function differByVendor({ stated, observed }: KnownAsset, heard: ObservedAsset): boolean {
  const said = plain(stated.vendor?.value ?? bestValue(observed.evidence, 'vendor')?.value ?? '');
  const told = plain(bestValue(heard.evidence, 'vendor')?.value ?? '');
  return !said.startsWith(told) && !told.startsWith(said);
}

function differByMac({ stated, observed }: KnownAsset, heard: ObservedAsset): boolean {
  const known = [...statedKeys(stated, 'mac'), ...heardKeys(observed, 'mac')];
  const told = heardKeys(heard, 'mac');
  return known.length > 0 && told.length > 0 && !told.some((mac) => known.includes(mac));
}

/** The same address in another VLAN than documented, or in two networks at once, is of two devices. */
function isElsewhere({ stated, observed }: KnownAsset, heard: ObservedAsset): boolean {
  const said = new Set(statedKeys(stated, 'address'));
  const there = heard.interfaces.filter(({ addresses }) => addresses.some(({ address }) => said.has(address)));
  const vlans = listOf(stated.vlan && statedValue('vlan', stated.vlan.value));
  const isOtherVlan = there.every(({ vlan }) => vlan !== undefined && !vlans.includes(String(vlan)));
  const isOtherScope = observed.interfaces.some(
    ({ scope, addresses }) =>
      addresses.some(({ address }) => said.has(address)) && there.every((one) => one.scope !== scope),
  );
  return (vlans.length > 0 && isOtherVlan) || isOtherScope;
}
