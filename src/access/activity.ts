import type { Actor } from '../kit/actor.ts';
import type { Scope } from '../kit/scope.ts';
import type { Micros } from '../kit/time.ts';

/** One line of the record of who did what. It is written in the same transaction as the act. */
export interface Activity {
  readonly at: Micros;
  readonly actor: Actor;
  /** `asset.accept`, `account.disable`: feature or thing, then the verb. */
  readonly act: string;
  /** `asset a1`: what it was done to. */
  readonly subject: string;
  /** Undefined where it belongs to no site. */
  readonly site: string | undefined;
  /** What changed, as plain values that JSON can hold; never a secret. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface RecordedActivity extends Activity {
  /** Order of writing; times may stand still or run back. */
  readonly sequence: number;
}

export interface ActivityStore {
  append(activities: readonly Activity[]): Promise<void>;
  /** Newest first, those before `before`, at most `limit`. What belongs to no site is for who sees all. */
  list(scope: Scope, query: ActivityQuery): Promise<readonly RecordedActivity[]>;
}

export interface ActivityQuery {
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}
