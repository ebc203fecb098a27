import type { Failure } from '../../kit/failure.ts';
import type { Result } from '../../kit/result.ts';

/** Somewhere that a capture can be read from, front to back. */
export interface CaptureSource {
  /** As the user named it; `-` for standard input. */
  readonly path: string;
  /** Bytes on disk, undefined where nobody knows (a pipe). */
  readonly size: number | undefined;
  /** May be opened again where `rewindable`: the start of a file is looked at before captures are put in order. */
  readonly rewindable: boolean;
  open(): Promise<Result<CaptureBytes, CaptureUnreadable>>;
}

export type CaptureUnreadable = Failure<'capture.unreadable'>;

export interface CaptureBytes {
  /** Fills `into` from `at` on; returns how many bytes came, 0 at the end. A failed read ends the capture with its reason. */
  read(into: Uint8Array, at: number): number | Promise<number>;
  /** Bytes of the file (packed, where it is packed) that were used so far: what a progress bar counts. */
  readonly consumed: number;
  /** Why reading stopped before the end: a broken archive, an unplugged disk. */
  readonly failure: string | undefined;
  /**
   * The user wants no more: reading ends soon, even where it waits for a silent pipe. Whoever writes into a pipe may have
   * been asked to end too, and gets the time to hand over what he holds.
   */
  interrupt(): void;
  /** Reading was interrupted before the end. */
  readonly cut: boolean;
  close(): void;
}
