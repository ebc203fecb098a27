import type { Scope } from '../../kit/scope.ts';
import type { KnownAsset } from '../known-asset.ts';
import type { Candidate } from './plan-import.ts';

/** The assets of the inventory one page after the other, for what concerns all of them. */
export interface AssetBook {
  /** By id, those behind `after`, at most `limit`; of one site, or of all that the scope shows. */
  page(
    scope: Scope,
    site: string | undefined,
    after: string | undefined,
    limit: number,
  ): Promise<readonly KnownAsset[]>;
  /** All of a site, as documents may mean them. */
  candidates(site: string): Promise<readonly Candidate[]>;
  /** Which of these ids are taken, at whatever site. */
  taken(ids: readonly string[]): Promise<ReadonlySet<string>>;
}
