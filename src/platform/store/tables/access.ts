import type { Generated } from 'kysely';

export interface AccessTables {
  activity: ActivityRow;
}

/** Who did what. Rows are only ever added. */
interface ActivityRow {
  readonly sequence: Generated<number>;
  readonly at: string;
  /** Account, token or sensor; `system` where the program acts by itself. */
  readonly actor: string;
  readonly actor_name: string;
  /** `asset.accept`, `account.disable`. */
  readonly act: string;
  /** `asset a1`: what it was done to. */
  readonly subject: string;
  /** Null where it belongs to no site. */
  readonly site: string | null;
  /** JSON of what changed. */
  readonly before: string | null;
  readonly after: string | null;
}
