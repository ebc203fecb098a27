import type { Result } from '../kit/result.ts';
import type { Micros } from '../kit/time.ts';
import type { CaptureSource } from '../wire/capture/source.ts';
import type { RunState } from './cursor.ts';
import { type CaptureTarget, type NothingReadable, type RunResult, runCaptures } from './run-captures.ts';

/** What one of several threads says that run the same captures, each for its share of the traffic. */
export type RunWord =
  | { readonly kind: 'state'; readonly state: RunState }
  | { readonly kind: 'limit'; readonly name: string; readonly time: Micros; readonly times: number };

/** The thread as this sees it. */
export interface Speaker {
  readonly index: number;
  say(word: RunWord): void;
  /** False once all threads are to stop here. */
  breathe(): boolean;
}

/** Runs captures in a thread; `pause` is called wherever all threads pass alike. */
export function runShare(
  sources: readonly CaptureSource[],
  target: CaptureTarget,
  speaker: Speaker,
  pause: () => void,
): Promise<Result<RunResult, NothingReadable>> {
  return runCaptures(sources, target, {
    async breathe(state) {
      pause();
      if (speaker.index === 0) {
        speaker.say({ kind: 'state', state });
      }
      return speaker.breathe();
    },
  });
}
