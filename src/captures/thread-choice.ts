import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { CaptureSource } from '../wire/capture/source.ts';

/** The threads of this machine: how many are worth starting, and the module that each begins with. */
export interface ThreadParts {
  readonly useful: number;
  readonly entry: ModuleAddress;
}

/** Address of a module, as a `URL` holds it. */
export interface ModuleAddress {
  readonly href: string;
}

/** Smaller captures are read before threads have begun and found their pace. */
const LEAST_BYTES = 128 * 1024 * 1024;
/** Each thread looks at every packet, so that many of them hinder more than they help. */
const MOST_THREADS = 16;

export const THREAD_OPTIONS = [
  {
    flags: '--threads <number>',
    description:
      'share the work among so many threads; the result is the same. Without it, large files get as many as the machine has',
  },
] as const;

/** How many threads a run is worth, or as many as the user says. What cannot be read twice has one. */
export function threadsFor(
  wanted: string | boolean | readonly string[] | undefined,
  sources: readonly CaptureSource[],
  useful: number,
): Result<number, Failure> {
  if (wanted !== undefined && !(typeof wanted === 'string' && /^\d{1,3}$/.test(wanted) && Number(wanted) >= 1)) {
    return fail('invalid', 'threads.wrong-number', `--threads takes a number from 1 to ${MOST_THREADS}`);
  }
  if (!sources.every(({ rewindable }) => rewindable)) {
    return ok(1);
  }
  if (wanted !== undefined) {
    return ok(Math.min(MOST_THREADS, Number(wanted)));
  }
  const bytes = sources.reduce((sum, { size }) => sum + (size ?? 0), 0);
  return ok(bytes < LEAST_BYTES ? 1 : Math.min(MOST_THREADS, useful));
}
