import type { Brand } from '../kit/brand.ts';
import type { Asset, AssetId } from './asset.ts';
import type { Conversation } from './conversation.ts';

export type ZoneId = Brand<'ZoneId'>;

/** Assets that belong together: a first proposal, which people change. */
export interface Zone {
  readonly id: ZoneId;
  readonly name: string;
  readonly assets: readonly AssetId[];
  readonly reasons: readonly string[];
}

export function proposeZones(_assets: readonly Asset[], _conversations: readonly Conversation[]): readonly Zone[] {
  return [];
}
