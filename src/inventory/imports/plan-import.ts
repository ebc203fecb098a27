import type { FailureDetail } from '../../kit/failure.ts';
import type { StatedAttributes } from '../known-asset.ts';
import { LISTS, listOf, listText, type Stated, type StatedAttribute } from '../stated.ts';
import type { Documented } from './document.ts';

/** An asset of the inventory, as far as a document can mean it. */
export interface Candidate {
  readonly id: string;
  readonly stated: Stated;
  /** Observed and stated. */
  readonly serials: readonly string[];
  readonly macs: readonly string[];
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  /** Numbers that people gave it. */
  readonly numbers: readonly string[];
}

/** What an import does to one asset. */
export interface PlannedAsset {
  /** Undefined: it is made. */
  readonly id: string | undefined;
  readonly before: Stated;
  readonly after: Stated;
  readonly documented: Documented;
}

export interface ImportPlan {
  readonly assets: readonly PlannedAsset[];
  readonly problems: readonly FailureDetail[];
}

/** Says for each asset of a document which one of the inventory it is, and what changes there. */
export function planImport(documents: readonly Documented[], known: Iterable<Candidate>): ImportPlan {
  const index = new CandidateIndex();
  for (const asset of known) {
    index.add(asset);
  }
  const planned = new Map<string, PlannedAsset>();
  const problems: FailureDetail[] = [];
  for (const [at, documented] of documents.entries()) {
    const found = index.find(documented);
    // A new asset has no id yet; its place in the document stands for it.
    const key = found === undefined || found === 'unclear' ? `${NEW}${at}` : found.id;
    const earlier = planned.get(key);
    const problem = found === 'unclear' ? UNCLEAR : contradiction(earlier, documented);
    if (problem !== undefined || found === 'unclear') {
      problems.push({ at: documented.at, message: problem ?? UNCLEAR });
      continue;
    }
    planned.set(key, plannedOf(found, earlier, documented));
    if (found === undefined) {
      index.add({ id: key, ...keysOf(documented.stated), stated: {} });
    }
  }
  return { assets: [...planned.values()], problems };
}

const UNCLEAR = 'several assets fit: say which by serial number, MAC address or name';

function contradiction(earlier: PlannedAsset | undefined, { stated }: Documented): string | undefined {
  const attribute = earlier && conflictOf(earlier.documented.stated, stated);
  return attribute && `${earlier.documented.at} is the same asset, with another ${attribute}`;
}

function plannedOf(
  found: Candidate | undefined,
  earlier: PlannedAsset | undefined,
  documented: Documented,
): PlannedAsset {
  const stated = earlier === undefined ? documented.stated : joined(earlier.documented.stated, documented.stated);
  const before = earlier?.before ?? found?.stated ?? {};
  return {
    id: found === undefined || found.id.startsWith(NEW) ? undefined : found.id,
    before,
    // Our own export says all that was stated; other documents say what they know.
    after: documented.exported === undefined ? { ...before, ...stated } : documented.stated,
    documented: { ...documented, ...earlier?.documented, stated },
  };
}

const NEW = 'new ';

/** Whether an import changes what is stated of the asset. */
export function isChange({ id, before, after }: PlannedAsset): boolean {
  return id === undefined || JSON.stringify(inOrder(before)) !== JSON.stringify(inOrder(after));
}

function inOrder(stated: Stated): unknown {
  return Object.entries(stated).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The values alone. */
export function flat(stated: StatedAttributes): Stated {
  return Object.fromEntries(Object.entries(stated).map(([name, { value }]) => [name, value]));
}

export function keysOf(stated: Stated): Omit<Candidate, 'id' | 'stated'> {
  return {
    serials: stated.serial === undefined ? [] : [stated.serial],
    macs: listOf(stated.mac),
    names: stated.name === undefined ? [] : [stated.name],
    addresses: listOf(stated.address),
    numbers: stated.assetNumber === undefined ? [] : [stated.assetNumber],
  };
}

function conflictOf(one: Stated, other: Stated): StatedAttribute | undefined {
  const attributes = Object.keys(one) as StatedAttribute[];
  return attributes.find(
    (attribute) => !LISTS.has(attribute) && other[attribute] !== undefined && one[attribute] !== other[attribute],
  );
}

function joined(one: Stated, other: Stated): Stated {
  const lists = [...LISTS].flatMap((attribute) => {
    const text = listText([...listOf(one[attribute]), ...listOf(other[attribute])]);
    return text === undefined ? [] : [[attribute, text] as const];
  });
  return { ...one, ...other, ...Object.fromEntries(lists) };
}

/** Assets by what names them, the surest first: a serial number, a number of people's own, a MAC address, a name, an address. */
class CandidateIndex {
  private readonly byId = new Map<string, Candidate>();
  private readonly bySerial: Names = new Map();
  private readonly byNumber: Names = new Map();
  private readonly byMac: Names = new Map();
  private readonly byName: Names = new Map();
  private readonly byAddress: Names = new Map();

  add(asset: Candidate): void {
    this.byId.set(asset.id, asset);
    enter(this.bySerial, asset.serials.map(plain), asset.id);
    enter(this.byNumber, asset.numbers, asset.id);
    enter(this.byMac, asset.macs, asset.id);
    enter(this.byName, asset.names.map(plain), asset.id);
    enter(this.byAddress, asset.addresses, asset.id);
  }

  find({ id, stated, exported }: Documented): Candidate | 'unclear' | undefined {
    if (id !== undefined && this.byId.has(id)) {
      return this.byId.get(id);
    }
    if (exported !== undefined) {
      // What was two assets where it was exported is two here as well.
      return undefined;
    }
    const { serials, numbers, macs, names, addresses } = keysOf(stated);
    for (const [entries, keys] of [
      [this.bySerial, serials.map(plain)],
      [this.byNumber, numbers],
      [this.byMac, macs],
      [this.byName, names.map(plain)],
      [this.byAddress, addresses],
    ] as const) {
      const ids = new Set(keys.flatMap((key) => entries.get(key) ?? []));
      const [first] = ids;
      if (ids.size > 1) {
        return 'unclear';
      }
      // What has another serial number is another device, whatever its name and its address.
      if (first !== undefined && !this.contradicts(first, serials)) {
        return this.byId.get(first);
      }
    }
    return undefined;
  }

  private contradicts(id: string, serials: readonly string[]): boolean {
    const known = this.byId.get(id)?.serials.map(plain) ?? [];
    return serials.length > 0 && known.length > 0 && !serials.some((serial) => known.includes(plain(serial)));
  }
}

type Names = Map<string, string[]>;

function enter(names: Names, keys: readonly string[], id: string): void {
  for (const key of new Set(keys)) {
    const known = names.get(key);
    if (known === undefined) {
      names.set(key, [id]);
    } else {
      known.push(id);
    }
  }
}

function plain(name: string): string {
  return name.trim().toLowerCase();
}
