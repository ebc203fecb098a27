import type { Gap, SensorRecord } from './record.ts';

/** How far the hub has come in one epoch of a sensor. */
export interface StreamState {
  readonly through: number;
  /** A gap accounts for what is missing up to here. */
  readonly skipTo: number;
  /** How often in a row the same hole was refused, and where it begins. */
  readonly missingRounds: number;
  readonly missingFrom: number | undefined;
}

export const NEW_STREAM: StreamState = { through: 0, skipTo: 0, missingRounds: 0, missingFrom: undefined };

/** Sequences that nobody accounted for. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

export interface Taken<T extends SensorRecord> {
  readonly state: StreamState;
  /** Those that are new, in order. */
  readonly accepted: readonly T[];
  readonly repeats: number;
  /** Asked for again. */
  readonly missing: Hole | undefined;
  /** Given up, as it did not come however often it was asked for. */
  readonly lost: readonly Hole[];
}

/** A hole is asked for so often, and then it is lost. */
const MOST_ROUNDS = 3;

/** Which of the delivered records continue the stream. `gapOf` reads a gap record. */
export function continueStream<T extends SensorRecord>(
  state: StreamState,
  records: readonly T[],
  gapOf: (record: T) => Gap | undefined,
): Taken<T> {
  let { through, skipTo } = state;
  let missing: Hole | undefined;
  let rounds = 0;
  const accepted: T[] = [];
  const lost: Hole[] = [];
  let repeats = 0;
  for (const record of records) {
    const { sequence } = record;
    if (sequence <= through) {
      repeats++;
      continue;
    }
    const accounted = Math.max(through, skipTo);
    if (sequence > accounted + 1) {
      const hole = { from: accounted + 1, to: sequence - 1 };
      const before = state.missingFrom === hole.from ? state.missingRounds : 0;
      if (before < MOST_ROUNDS) {
        missing = hole;
        rounds = before + 1;
        break;
      }
      lost.push(hole);
    }
    accepted.push(record);
    through = sequence;
    skipTo = Math.max(skipTo, gapOf(record)?.to ?? 0);
  }
  return {
    state: { through, skipTo, missingRounds: rounds, missingFrom: missing?.from },
    accepted,
    repeats,
    missing,
    lost,
  };
}
