import type { Scope } from '../kit/scope.ts';
import type { Placeable, Placing } from './rule.ts';

/** Where an asset stands, and who says so. What a person said wins until the person takes it back. */
export interface Placement {
  readonly asset: string;
  readonly site: string;
  readonly place: string;
  readonly by: 'hand' | 'rule';
}

export interface PlacementStore {
  /** Of these assets, by asset; who stands nowhere is missing. */
  placements(scope: Scope, assets: readonly string[]): Promise<ReadonlyMap<string, Placement>>;
  /** Each asset once. */
  put(placements: readonly Placement[]): Promise<void>;
  takeAway(assets: readonly string[]): Promise<void>;
  /** Those in these places, at most `limit`, by asset. */
  standing(places: readonly string[], limit: number): Promise<readonly Placement[]>;
}

/** What has to be written so that the assets stand where the rules say. */
export interface Moves {
  readonly put: readonly Placement[];
  readonly takeAway: readonly string[];
  /** A person said where these stand. */
  readonly byHand: number;
}

export function movesOf(
  assets: readonly Placeable[],
  standing: ReadonlyMap<string, Placement>,
  placing: Placing,
): Moves {
  const put: Placement[] = [];
  const takeAway: string[] = [];
  let byHand = 0;
  for (const asset of assets) {
    const now = standing.get(asset.id);
    if (now?.by === 'hand') {
      byHand++;
      continue;
    }
    const place = placing(asset);
    if (place === now?.place) {
      continue;
    }
    if (place === undefined) {
      takeAway.push(asset.id);
    } else {
      put.push({ asset: asset.id, site: asset.site, place, by: 'rule' });
    }
  }
  return { put, takeAway, byHand };
}
