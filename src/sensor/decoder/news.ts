import type { AssetSighting, FindingSighting, Sighting } from '../../inventory/sighting.ts';
import type { Micros } from '../../kit/time.ts';

/** An asset that is as it was is told of again after this. */
const AGAIN: Micros = 300_000_000;
/** What was told is remembered of so many; beyond, it is told again. */
const MOST_REMEMBERED = 50_000;

/** Leaves out of a harvest what the one before has told already. */
export class News {
  readonly #assets: Map<string, { readonly told: string; readonly at: Micros }> = new Map();
  readonly #findings: Map<string, Pick<FindingSighting, 'firstSeen' | 'lastSeen' | 'count'>> = new Map();

  /** What is new of it; undefined where nothing is. `since`: when the stretch of this harvest began. */
  of(sighting: Sighting, since: Micros): Sighting | undefined {
    switch (sighting.kind) {
      case 'asset':
        return this.#isNewAsset(sighting, since) ? sighting : undefined;
      case 'finding':
        return this.#newFinding(sighting);
      default:
        return sighting;
    }
  }

  #isNewAsset(asset: AssetSighting, since: Micros): boolean {
    if (asset.lastSeen < since) {
      return false;
    }
    const { interfaces, behind, parentEnd, firstSeen: _first, lastSeen, evidence, ...rest } = asset;
    const key = JSON.stringify([
      interfaces.map(({ mac, vlan, addresses }) => mac ?? [vlan, addresses]),
      behind,
      parentEnd,
    ]);
    const values = evidence.map(({ attribute, value, protocol, basis }) => [attribute, value, protocol, basis]);
    const told = JSON.stringify([interfaces, rest, values]);
    const before = this.#assets.get(key);
    if (before !== undefined && before.told === told && lastSeen - before.at < AGAIN) {
      return false;
    }
    remember(this.#assets, key, { told, at: lastSeen });
    return true;
  }

  /** Findings are judged over all that is remembered: only what was added since is news. */
  #newFinding(finding: FindingSighting): FindingSighting | undefined {
    const { code, filter, firstSeen, lastSeen, count } = finding;
    const key = `${code}|${filter}|${JSON.stringify(finding.assets)}`;
    const before = this.#findings.get(key);
    remember(this.#findings, key, { firstSeen, lastSeen, count });
    if (before === undefined || firstSeen > before.firstSeen) {
      return finding;
    }
    if (count <= before.count && lastSeen <= before.lastSeen) {
      return undefined;
    }
    return { ...finding, count: Math.max(1, count - before.count) };
  }
}

function remember<T>(known: Map<string, T>, key: string, value: T): void {
  if (known.size >= MOST_REMEMBERED) {
    known.clear();
  }
  known.set(key, value);
}
