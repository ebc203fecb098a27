import type { Micros } from '../../kit/time.ts';
import { PERMISSIONS, type Permission } from '../permission.ts';

/** A secret for a script: it can do no more than its owner, and less where its owner said so. */
export interface ApiToken {
  readonly id: string;
  readonly hash: string;
  /** Its owner: whatever they lose, it loses. */
  readonly account: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** Undefined: every site of its owner. */
  readonly sites: readonly string[] | undefined;
  readonly createdAt: Micros;
  readonly expiresAt: Micros;
  readonly usedAt: Micros | undefined;
}

export interface TokenStore {
  find(hash: string): Promise<ApiToken | undefined>;
  /** Newest first. */
  listOf(account: string): Promise<readonly ApiToken[]>;
  put(token: ApiToken): Promise<void>;
  touch(id: string, usedAt: Micros): Promise<void>;
  remove(account: string, id: string): Promise<ApiToken | undefined>;
  removeAll(account: string): Promise<void>;
}

/** So that a token is known for one wherever it turns up, in a log or a repository. */
export const TOKEN_PREFIX = 'kwt_';
export const LONGEST_TOKEN_DAYS = 365;
export const MOST_TOKENS = 20;

/** Who may come in is decided by people at a browser, and records are delivered by sensors. */
export const TOKEN_PERMISSIONS: readonly Permission[] = PERMISSIONS.filter(
  (permission) => permission !== 'access:manage' && permission !== 'records:deliver',
);
