import type { Micros } from '../kit/time.ts';
import type { Operation } from '../wire/dissector.ts';
import type { Message } from '../wire/listener.ts';
import { type Counter, PERIOD_ACCURACY, type Rate } from './exchange.ts';
import type { OperationKind } from './operation-kinds.ts';
import { Sketch } from './sketch.ts';

/** So many intervals of a counter are all looked at, and then one of so many: cyclic traffic has millions alike. */
const ALL_INTERVALS = 2048;
const ONE_INTERVAL_OF = 7;

const REFUSALS = 3;
/** Different questions in a row that are more than a program's start. */
const LEAST_SWEEP = 16;
const TEN_MINUTES = 600_000_000;

const NOTHING_TOLD = {
  ...{ requests: 0, responses: 0, reports: 0, answered: 0, unanswered: 0, refused: 0 },
  swept: false,
};

/** What a counter asks of its flow. */
interface CountedFlow {
  /** Grows where something was lost. */
  readonly epoch: number;
  /** One more question that is told apart; false where there is no room. */
  takeLike(): boolean;
}

/** A counter of an open flow. */
export class FlowCounter {
  /** As the dissector gave it. */
  readonly operation: Operation;
  readonly kind: OperationKind;
  readonly firstTime: Micros;
  readonly firstFrame: number;
  lastTime: Micros;
  requests = 0;
  responses = 0;
  reports = 0;
  /** Answers that found their question, and questions that never got one. */
  answered = 0;
  unanswered = 0;
  /** Different questions seen, at most `likesPerFlow`. */
  distinct = 0;
  /** The next counter of the same side. */
  next: FlowCounter | undefined;
  #refusals: Refusals | undefined;
  #intervals: Sketch | undefined;
  /** The first question's last time stands here; only where there are several is there a table. */
  #like: number | string | undefined;
  #likeTime = Number.NaN;
  #likeEpoch = 0;
  #others: Others | undefined;
  #seen = 0;
  /** What was told of an open flow already. */
  #told: Told = NOTHING_TOLD;

  constructor(operation: Operation, kind: OperationKind, time: Micros, frame: number) {
    this.operation = operation;
    this.kind = kind;
    this.firstTime = time;
    this.lastTime = time;
    this.firstFrame = frame;
  }

  /** The same question, or the same report, again: the time between them is the period. */
  like(key: number | string, time: Micros, flow: CountedFlow): void {
    if (this.#likeEpoch !== flow.epoch) {
      this.#forget(flow.epoch);
    }
    if (this.#like === key) {
      this.#interval(this.#likeTime, time);
      this.#likeTime = time;
    } else if (this.#like === undefined) {
      this.#like = key;
      this.#likeTime = time;
      this.distinct = Math.max(this.distinct, 1);
    } else {
      this.#other(key, time, flow);
    }
  }

  refuse({ time, frame }: Message, reason: string): void {
    this.#refusals ??= { count: 0, frame, reason, times: [], often: false };
    const refusals = this.#refusals;
    refusals.count++;
    if (!refusals.often) {
      const { times } = refusals;
      times.push(time);
      if (times.length > REFUSALS) {
        times.shift();
      }
      refusals.often = times.length === REFUSALS && time - (times[0] ?? time) <= TEN_MINUTES;
    }
  }

  /** Something came since it was last told. */
  get hasNews(): boolean {
    const { requests, responses, reports, unanswered } = this.#told;
    return (
      this.requests > requests || this.responses > responses || this.reports > reports || this.unanswered > unanswered
    );
  }

  /** What came since it was last told; the flow goes on. */
  part(by: Counter['by'], place: number): Counter {
    const counter = this.close(by, place);
    const { requests, responses, reports, answered, unanswered } = this;
    const refused = this.#refusals?.count ?? 0;
    const swept = this.#told.swept || counter.sweeps > 0;
    this.#told = { requests, responses, reports, answered, unanswered, refused, swept };
    this.#intervals = undefined;
    return counter;
  }

  close(by: Counter['by'], place: number): Counter {
    const told = this.#told;
    // An answer whose question was told of before is no operation more.
    const more = Math.max(this.requests, this.responses) - Math.max(told.requests, told.responses);
    const isSweep = !told.swept && this.distinct >= LEAST_SWEEP && this.requests <= this.distinct * 2;
    return {
      operation: this.kind,
      by,
      firstTime: this.firstTime,
      firstFrame: this.firstFrame,
      place,
      requests: Math.min(this.requests - told.requests, more),
      responses: Math.min(this.responses - told.responses, more),
      answered: this.answered - told.answered,
      lastTime: this.lastTime,
      reports: this.reports - told.reports,
      unanswered: this.unanswered - told.unanswered,
      refused: (this.#refusals?.count ?? 0) - told.refused,
      refusedFrame: this.#refusals?.frame ?? 0,
      refusal: this.#refusals?.reason,
      refusedOften: this.#refusals?.often ?? false,
      distinct: this.distinct,
      swept: isSweep ? this.distinct : 0,
      sweeps: isSweep ? 1 : 0,
      intervals: this.#intervals,
    };
  }

  #other(key: number | string, time: Micros, flow: CountedFlow): void {
    this.#others ??= new Others();
    const before = this.#others.time(key);
    if (before !== undefined) {
      this.#interval(before, time);
    } else if (!flow.takeLike()) {
      return;
    }
    this.#others.set(key, time);
    this.distinct = Math.max(this.distinct, this.#others.size + 1);
  }

  #interval(before: Micros, time: Micros): void {
    if (time > before) {
      this.#seen++;
      if (this.#seen > ALL_INTERVALS && this.#seen % ONE_INTERVAL_OF !== 0) {
        return;
      }
      this.#intervals ??= new Sketch(PERIOD_ACCURACY);
      this.#intervals.add(time - before);
    }
  }

  /** Something was lost: the next question is not known to be the next. */
  #forget(epoch: number): void {
    this.#likeEpoch = epoch;
    this.#likeTime = Number.NaN;
    this.#others?.forget();
  }
}

type Told = Readonly<
  Record<'requests' | 'responses' | 'reports' | 'answered' | 'unanswered' | 'refused', number> & { swept: boolean }
>;

interface Refusals {
  count: number;
  /** The first one. */
  readonly frame: number;
  readonly reason: string;
  /** Times of the last ones, oldest first, and whether they ever came within ten minutes. */
  readonly times: Micros[];
  often: boolean;
}

/** When each of several questions was last asked. */
class Others {
  readonly #places: Map<number | string, number> = new Map();
  #times: Float64Array = new Float64Array(LEAST_TIMES);
  /** Where the one lies that was looked up last. */
  #at = -1;

  get size(): number {
    return this.#places.size;
  }

  /** NaN where it is not known any more; undefined where it was never asked. */
  time(key: number | string): Micros | undefined {
    const at = this.#places.get(key);
    this.#at = at ?? -1;
    return at === undefined ? undefined : this.#times[at];
  }

  /** Sets the time of the question that was looked up last. */
  set(key: number | string, time: Micros): void {
    let at = this.#at;
    if (at < 0) {
      at = this.#places.size;
      if (at === this.#times.length) {
        const times = new Float64Array(at * 2);
        times.set(this.#times);
        this.#times = times;
      }
      this.#places.set(key, at);
    }
    this.#times[at] = time;
  }

  forget(): void {
    this.#times.fill(Number.NaN);
  }
}

const LEAST_TIMES = 4;
const NO_OPERATION: OperationKind = { id: 0, protocol: '', name: '', effect: 'unknown' };
/** Counts nothing. */
export const NO_COUNTER = new FlowCounter(NO_OPERATION, NO_OPERATION, 0, 0);
const SECOND = 1_000_000;

/** Questions in a second that no ordinary poller asks. */
export const FLOOD_RATE = 100;

/** How many questions a second in an open flow. */
export class FlowRate {
  #total = 0;
  #peak = 0;
  #peakTime: Micros = 0;
  #seconds = 0;
  #floodSeconds = 0;
  #flooded = 0;
  #ends = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** `first`: when the first question came. */
  constructor(first: Micros) {
    this.count(first);
  }

  count(time: Micros): void {
    this.#total++;
    if (time >= this.#ends) {
      this.#ends = time + SECOND;
      this.#end();
      this.#seconds++;
    }
    this.#count++;
    if (this.#count > this.#peak) {
      this.#peak = this.#count;
      this.#peakTime = time;
    }
  }

  close(): Rate {
    this.#end();
    return {
      total: this.#total,
      peak: this.#peak,
      peakTime: this.#peakTime,
      seconds: this.#seconds,
      floodSeconds: this.#floodSeconds,
      flooded: this.#flooded,
    };
  }

  #end(): void {
    if (this.#count >= FLOOD_RATE) {
      this.#floodSeconds++;
      this.#flooded += this.#count;
    }
    this.#count = 0;
  }
}
