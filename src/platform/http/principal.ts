import type { Scope } from '../../kit/scope.ts';

/** Who asks, as far as the server needs to know. */
export interface Principal {
  readonly kind: 'person' | 'token' | 'sensor' | 'nobody';
  /** Of the account, token or sensor; empty for nobody. */
  readonly id: string;
  readonly name: string;
  /** The sites in which it holds this permission; undefined where it holds it nowhere. */
  scopeOf(permission: string): Scope | undefined;
}

export const NOBODY: Principal = { kind: 'nobody', id: '', name: 'nobody', scopeOf: () => undefined };
