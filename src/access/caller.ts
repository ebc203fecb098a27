import type { Actor } from '../kit/actor.ts';
import { inScope, type Scope } from '../kit/scope.ts';
import type { Micros } from '../kit/time.ts';
import { type Account, hasSecondFactor } from './account.ts';
import { needsSecondFactor, scopeOfGrants } from './permission.ts';
import type { Session } from './session.ts';

/** Who asks, and what they may. */
export interface Caller extends Actor {
  readonly kind: 'person' | 'token';
  /** The sites in which they hold this permission; undefined where they hold it nowhere. */
  scopeOf(permission: string): Scope | undefined;
}

/** Somebody at a browser. */
export interface Person extends Caller {
  readonly kind: 'person';
  readonly account: Account;
  readonly session: Session;
  readonly standing: Standing;
}

/**
 * `whole`: may do what the roles allow. Who runs the program may do nothing before they `enrol` a second factor or, where they have
 * one, `prove` it in this session.
 */
export type Standing = 'whole' | 'enrol' | 'prove';

export function personOf(account: Account, session: Session): Person {
  const standing = standingOf(account, session);
  return {
    kind: 'person',
    id: account.id,
    name: account.name,
    account,
    session,
    standing,
    scopeOf: (permission) => (standing === 'whole' ? scopeOfGrants(account.grants, permission) : undefined),
  };
}

/** So long a second factor counts as just given. */
const FRESH: Micros = 5 * 60_000_000;

/**
 * Whether somebody may change what they sign in with, or hand out a part of their rights: who has a second factor has just given it.
 * A browser that was left open is not enough.
 */
export function mayChangeOwn({ account, session: { provedAt } }: Person, now: Micros): boolean {
  return !hasSecondFactor(account) || (provedAt !== undefined && now - provedAt <= FRESH);
}

/** What is in both; undefined where nothing is. */
export function narrowed(scope: Scope | undefined, to: Scope): Scope | undefined {
  if (scope === undefined || to === 'all') {
    return scope;
  }
  const sites = new Set([...to].filter((site) => inScope(scope, site)));
  return sites.size === 0 ? undefined : sites;
}

function standingOf(account: Account, { provedAt }: Session): Standing {
  if (provedAt !== undefined || !needsSecondFactor(account.grants)) {
    return 'whole';
  }
  return hasSecondFactor(account) ? 'prove' : 'enrol';
}
