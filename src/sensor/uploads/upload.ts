import type { Actor } from '../../kit/actor.ts';
import type { Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';

/** `refused`: it is no capture, or more than may be handed in. */
export type UploadState = 'waiting' | 'analysing' | 'done' | 'refused' | 'cancelled';

/** A capture that somebody handed in. Its packets are forgotten once they were looked at. */
export interface Upload {
  readonly id: string;
  readonly site: string;
  /** File name as it was given. */
  readonly name: string;
  readonly network: string;
  readonly actor: Actor;
  readonly at: Micros;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly state: UploadState;
  /** Sightings that are recorded. */
  readonly recorded: number;
  readonly counts: UploadCounts | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly endedAt: Micros | undefined;
}

/** What came of it. */
export interface UploadCounts {
  readonly packets: number;
  readonly assets: number;
  readonly conversations: number;
  readonly findings: number;
}

export interface UploadStore {
  add(upload: Upload): Promise<void>;
  find(scope: Scope, id: string): Promise<Upload | undefined>;
  /** The newest first. */
  list(scope: Scope, page: { readonly offset: number; readonly limit: number }): Promise<UploadPage>;
  /** Those that are not over, the oldest first. */
  unfinished(): Promise<readonly Upload[]>;
  change(id: string, set: Partial<Pick<Upload, 'state' | 'recorded' | 'counts' | 'error' | 'endedAt'>>): Promise<void>;
}

export interface UploadPage {
  readonly items: readonly Upload[];
  readonly total: number;
}
