import type { Micros } from '../kit/time.ts';
import type { Operation, Reading } from '../wire/dissector.ts';
import type { Flow, Message, Question, Side } from '../wire/listener.ts';
import type { Endpoint } from './endpoint.ts';
import { type Counter, Exchange, PERIOD_ACCURACY, type Rate, RESPONSE_ACCURACY } from './exchange.ts';
import type { LimitCounter } from './limits.ts';
import type { OperationKind, OperationKinds } from './operation-kinds.ts';
import { Sketch } from './sketch.ts';

/** So many intervals of a counter are all looked at, and then one of so many: cyclic traffic has millions alike. */
const ALL_INTERVALS = 2048;
const ONE_INTERVAL_OF = 7;

/** What both sides of one open flow said so far. Made with the first message; its counters move on when the flow ends. */
export class FlowRecord {
  readonly ends: [Endpoint | undefined, Endpoint | undefined];
  /** Counters by the side that asks or reports. */
  readonly counters: [FlowCounter[], FlowCounter[]] = [[], []];
  malformed = 0;
  malformedFrame = 0;
  ambiguous = 0;
  ambiguousFrame = 0;
  gaps = 0;
  /** Answers without a question, and so on, cannot be told from lost packets after a gap: periods start anew. */
  epoch = 0;
  responses: Sketch | undefined;
  readonly rate: FlowRate = new FlowRate();
  targets: Set<string> | undefined;
  /** Period and time-out that the parties agreed on. */
  agreedPeriod: Micros | undefined;
  readonly #kinds: OperationKinds;
  readonly #limits: LimitCounter;
  readonly #budget: LikeBudget;
  /** The counter last used of each side: the next message is mostly of the same kind. */
  #last0: FlowCounter = NO_COUNTER;
  #last1: FlowCounter = NO_COUNTER;
  #likes = 0;

  constructor(kinds: OperationKinds, limits: LimitCounter, budget: LikeBudget) {
    this.#kinds = kinds;
    this.#limits = limits;
    this.#budget = budget;
    this.ends = [undefined, undefined];
  }

  /** Counts one message that could be read. Runs for every message of a plant: it allocates nothing. */
  count(message: Message, reading: Reading): void {
    const isAnswer = reading.direction === 'response';
    const asker: Side = isAnswer ? (message.side === 0 ? 1 : 0) : message.side;
    const counter = this.#counterOf(asker, reading.operation, message);
    const time = message.time;
    counter.lastTime = time;
    if (isAnswer) {
      this.#answer(counter, message, reading);
      return;
    }
    if (reading.direction === 'report') {
      counter.reports++;
      counter.like(reading.like ?? 0, time, this);
      return;
    }
    counter.requests++;
    if (reading.like !== undefined) {
      counter.like(reading.like, time, this);
    }
    if (reading.target !== undefined) {
      this.#target(reading.target);
    }
    this.rate.count(time);
  }

  /** All that this side sent were answers to questions that were asked elsewhere. */
  onlyAnswers(side: Side): boolean {
    const asked = this.counters[side === 0 ? 1 : 0];
    return (
      this.counters[side].length === 0 &&
      asked.length > 0 &&
      asked.every(({ requests, reports, responses }) => requests + reports === 0 && responses > 0)
    );
  }

  /** A question to one party that nobody will answer any more. Mostly the client asked it. */
  unanswered({ reading }: Question, client: Side): void {
    for (const side of [client, client === 0 ? 1 : 0] as const) {
      for (const counter of this.counters[side]) {
        if (counter.kind.name === reading.operation.name && counter.requests > counter.answered + counter.unanswered) {
          counter.unanswered++;
          return;
        }
      }
    }
  }

  /** One more question that is told apart; false where there is no room. */
  takeLike(): boolean {
    if (!this.#limits.allows('likesPerFlow', this.#likes) || !this.#limits.allows('likes', this.#budget.used)) {
      return false;
    }
    this.#likes++;
    this.#budget.used++;
    this.#budget.most = Math.max(this.#budget.most, this.#budget.used);
    return true;
  }

  /** The flow is over: what its messages told. Its questions are forgotten. */
  close(flow: Flow, client: Side): Exchange {
    this.#budget.used -= this.#likes;
    this.#likes = 0;
    this.rate.close();
    const exchange = new Exchange();
    for (const side of [client, client === 0 ? 1 : 0] as const) {
      const by = side === client ? 'client' : 'server';
      for (const [place, counter] of this.counters[side].entries()) {
        exchange.counters.push(counter.close(by, place));
      }
    }
    exchange.responses = this.responses;
    const { total, peak, peakTime, seconds, floodSeconds, flooded } = this.rate;
    exchange.rate = total === 0 ? undefined : { total, peak, peakTime, seconds, floodSeconds, flooded };
    exchange.targets = this.targets?.size ?? 0;
    exchange.agreedPeriod = this.agreedPeriod;
    exchange.agreedTime = flow.firstSeen;
    exchange.agreedFrame = flow.firstFrame;
    exchange.malformed = this.malformed;
    exchange.malformedFrame = this.malformedFrame;
    exchange.ambiguous = this.ambiguous;
    exchange.ambiguousFrame = this.ambiguousFrame;
    exchange.gaps = this.gaps;
    return exchange;
  }

  #answer(counter: FlowCounter, message: Message, reading: Reading): void {
    counter.responses++;
    if (message.question !== undefined) {
      counter.answered++;
    }
    if (reading.refused !== undefined) {
      counter.refuse(message, reading.refused);
    }
    const took = message.responseTime;
    // An envelope is not the message: its payload is timed.
    if (took !== undefined && took > 0 && (reading.carries === undefined || reading.carries.length === 0)) {
      this.responses ??= new Sketch(RESPONSE_ACCURACY);
      this.responses.add(took);
    }
  }

  #target(target: string): void {
    this.targets ??= new Set();
    if (this.targets.size < MOST_TARGETS) {
      this.targets.add(target);
    }
  }

  #counterOf(asker: Side, operation: Operation, message: Message): FlowCounter {
    if (asker === 0) {
      if (this.#last0.operation !== operation) {
        this.#last0 = this.#find(this.counters[0], operation, message);
      }
      return this.#last0;
    }
    if (this.#last1.operation !== operation) {
      this.#last1 = this.#find(this.counters[1], operation, message);
    }
    return this.#last1;
  }

  #find(counters: FlowCounter[], operation: Operation, message: Message): FlowCounter {
    const kind = this.#kinds.of(operation, message.dissector.name);
    for (const counter of counters) {
      if (counter.kind === kind) {
        return counter;
      }
    }
    const others = this.#limits.allows('operationsPerConversation', counters.length) ? undefined : counters.at(-1);
    if (others !== undefined) {
      return others;
    }
    const made = new FlowCounter(operation, kind, message.time, message.frame);
    counters.push(made);
    return made;
  }
}

/** Questions told apart in all open flows together. */
export interface LikeBudget {
  used: number;
  most: number;
}

const MOST_TARGETS = 256;
const REFUSALS = 3;
/** Different questions in a row that are more than a program's start. */
const LEAST_SWEEP = 16;
const TEN_MINUTES = 600_000_000;

/** A counter of an open flow. */
class FlowCounter {
  /** As the dissector gave it. */
  readonly operation: Operation;
  readonly kind: OperationKind;
  readonly firstTime: Micros;
  readonly firstFrame: number;
  lastTime: Micros;
  requests = 0;
  responses = 0;
  reports = 0;
  refused = 0;
  /** Answers that found their question, and questions that never got one. */
  answered = 0;
  unanswered = 0;
  refusedFrame = 0;
  refusal: string | undefined;
  /** Times of the last refusals, oldest first, and whether they ever came within ten minutes. */
  #refusals: Micros[] | undefined;
  refusedOften = false;
  /** Different questions seen, at most `likesPerFlow`. */
  distinct = 0;
  intervals: Sketch | undefined;
  /** The first question's last time stands here; only where there are several is there a table. */
  #like: number | string | undefined;
  #likeTime = Number.NaN;
  #likeEpoch = 0;
  #others: Map<number | string, number> | undefined;
  #times: Float64Array = NO_TIMES;
  #seen = 0;

  constructor(operation: Operation, kind: OperationKind, time: Micros, frame: number) {
    this.operation = operation;
    this.kind = kind;
    this.firstTime = time;
    this.lastTime = time;
    this.firstFrame = frame;
  }

  /** The same question, or the same report, again: the time between them is the period. */
  like(key: number | string, time: Micros, record: FlowRecord): void {
    if (this.#likeEpoch !== record.epoch) {
      this.#forget(record.epoch);
    }
    if (this.#like === key) {
      this.#interval(this.#likeTime, time);
      this.#likeTime = time;
    } else if (this.#like === undefined) {
      this.#like = key;
      this.#likeTime = time;
      this.distinct = Math.max(this.distinct, 1);
    } else {
      this.#other(key, time, record);
    }
  }

  refuse(message: Message, reason: string): void {
    this.refused++;
    if (this.refusal === undefined) {
      this.refusal = reason;
      this.refusedFrame = message.frame;
    }
    if (!this.refusedOften) {
      this.#refusals ??= [];
      this.#refusals.push(message.time);
      if (this.#refusals.length > REFUSALS) {
        this.#refusals.shift();
      }
      const first = this.#refusals[0] ?? message.time;
      this.refusedOften = this.#refusals.length === REFUSALS && message.time - first <= TEN_MINUTES;
    }
  }

  close(by: Counter['by'], place: number): Counter {
    const isSweep = this.distinct >= LEAST_SWEEP && this.requests <= this.distinct * 2;
    return {
      operation: this.kind,
      by,
      firstTime: this.firstTime,
      firstFrame: this.firstFrame,
      place,
      requests: this.requests,
      responses: this.responses,
      answered: this.answered,
      lastTime: this.lastTime,
      reports: this.reports,
      unanswered: this.unanswered,
      refused: this.refused,
      refusedFrame: this.refusedFrame,
      refusal: this.refusal,
      refusedOften: this.refusedOften,
      distinct: this.distinct,
      swept: isSweep ? this.distinct : 0,
      sweeps: isSweep ? 1 : 0,
      intervals: this.intervals,
    };
  }

  #other(key: number | string, time: Micros, record: FlowRecord): void {
    this.#others ??= new Map();
    const at = this.#others.get(key);
    if (at !== undefined) {
      this.#interval(this.#times[at] ?? Number.NaN, time);
      this.#times[at] = time;
      return;
    }
    if (!record.takeLike()) {
      return;
    }
    const next = this.#others.size;
    if (next === this.#times.length) {
      const times = new Float64Array(Math.max(4, next * 2));
      times.set(this.#times);
      this.#times = times;
    }
    this.#others.set(key, next);
    this.#times[next] = time;
    this.distinct = Math.max(this.distinct, next + 2);
  }

  #interval(before: Micros, time: Micros): void {
    if (time > before) {
      this.#seen++;
      if (this.#seen > ALL_INTERVALS && this.#seen % ONE_INTERVAL_OF !== 0) {
        return;
      }
      this.intervals ??= new Sketch(PERIOD_ACCURACY);
      this.intervals.add(time - before);
    }
  }

  /** Something was lost: the next question is not known to be the next. */
  #forget(epoch: number): void {
    this.#likeEpoch = epoch;
    this.#likeTime = Number.NaN;
    this.#times.fill(Number.NaN);
  }
}

const NO_TIMES = new Float64Array(0);
const NO_OPERATION: OperationKind = { id: 0, protocol: '', name: '', effect: 'unknown' };
const NO_COUNTER = new FlowCounter(NO_OPERATION, NO_OPERATION, 0, 0);
const SECOND = 1_000_000;

/** Questions in a second that no ordinary poller asks. */
export const FLOOD_RATE = 100;

/** How many questions a second in an open flow. */
class FlowRate implements Rate {
  total = 0;
  peak = 0;
  peakTime: Micros = 0;
  seconds = 0;
  floodSeconds = 0;
  flooded = 0;
  #ends = Number.NEGATIVE_INFINITY;
  #count = 0;

  count(time: Micros): void {
    this.total++;
    if (time >= this.#ends) {
      this.#ends = time + SECOND;
      this.close();
      this.seconds++;
    }
    this.#count++;
    if (this.#count > this.peak) {
      this.peak = this.#count;
      this.peakTime = time;
    }
  }

  close(): void {
    if (this.#count >= FLOOD_RATE) {
      this.floodSeconds++;
      this.flooded += this.#count;
    }
    this.#count = 0;
  }
}

/** The record of a flow: this listener is the only one that puts something there. */
export function recordOf(flow: Flow): FlowRecord | undefined {
  return flow.data as FlowRecord | undefined;
}
