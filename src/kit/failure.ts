import { err, type Result } from './result.ts';

/** What went wrong, in terms that fit HTTP, the CLI and the message bus alike. */
export type FailureKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'too-many'
  | 'unavailable';

/**
 * A failure we expect and a user may see. Bugs are thrown; failures are returned.
 * `code` is stable, as scripts and translations match on it. `message` may change.
 */
export interface Failure<Code extends string = string> {
  readonly kind: FailureKind;
  readonly code: Code;
  readonly message: string;
  /** Where several things are wrong at once: each with its place (`line 12, column firmware`). */
  readonly details?: readonly FailureDetail[];
}

export interface FailureDetail {
  readonly at: string;
  readonly message: string;
}

export function fail<Code extends string>(
  kind: FailureKind,
  code: Code,
  message: string,
  details?: readonly FailureDetail[],
): Result<never, Failure<Code>> {
  return err(details === undefined ? { kind, code, message } : { kind, code, message, details });
}
