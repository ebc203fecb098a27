import { err, type Result } from './result.ts';

/** What went wrong, in terms that fit HTTP, the CLI and the message bus alike. */
export type FailureKind = 'invalid' | 'not-found' | 'conflict' | 'forbidden' | 'unavailable';

/**
 * A failure we expect and a user may see. Bugs are thrown; failures are returned.
 * `code` is stable, as scripts and translations match on it. `message` may change.
 */
export interface Failure<Code extends string = string> {
  readonly kind: FailureKind;
  readonly code: Code;
  readonly message: string;
}

export function fail<Code extends string>(
  kind: FailureKind,
  code: Code,
  message: string,
): Result<never, Failure<Code>> {
  return err({ kind, code, message });
}
