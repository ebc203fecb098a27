import type { Micros } from '../kit/time.ts';
import type { LimitCounter } from './limits.ts';
import type { OperationKind, OperationKinds } from './operation-kinds.ts';
import { isEarlier } from './order.ts';
import type { PackReader, PackWriter } from './packing.ts';
import { Sketch } from './sketch.ts';
import type { Texts } from './texts.ts';

/** Greatest relative error of response times; periods are told more finely, as jitter is their small difference. */
export const RESPONSE_ACCURACY = 0.01;
export const PERIOD_ACCURACY = 0.002;

/** How often one operation was asked for by one side of a conversation, and what came of it. */
export interface Counter {
  readonly operation: OperationKind;
  /** Who asked or reported. */
  readonly by: 'client' | 'server';
  firstTime: Micros;
  firstFrame: number;
  /** Which of the operations of its flow it was: two may be first seen in one frame. */
  place: number;
  lastTime: Micros;
  requests: number;
  responses: number;
  reports: number;
  refused: number;
  /** Answers that found their question, and questions that never got one. */
  answered: number;
  unanswered: number;
  /** The first refusal. */
  refusedFrame: number;
  refusal: string | undefined;
  /** Refusals came again and again within ten minutes. */
  refusedOften: boolean;
  /** Different questions seen, at most `likesPerFlow`. */
  distinct: number;
  /** Different questions of flows that asked each of them about once, and how many such flows there were. */
  swept: number;
  sweeps: number;
  intervals: Sketch | undefined;
}

/** Questions and reports; answers alone where the questions were not captured. */
export function countOf({ requests, responses, reports }: Counter): number {
  return Math.max(requests, responses) + reports;
}

/** How many questions a second: the busiest second, and what is usual outside the busy ones. */
export interface Rate {
  total: number;
  peak: number;
  peakTime: Micros;
  /** Seconds in which questions came, and those at or above `FLOOD_RATE` with their questions. */
  seconds: number;
  floodSeconds: number;
  flooded: number;
}

/** What messages told of a conversation. It depends on the messages only, not on whose flow was added first. */
export class Exchange {
  /** In the order in which they were first seen. */
  readonly counters: Counter[] = [];
  responses: Sketch | undefined;
  rate: Rate | undefined;
  /** Units, slots or areas aimed at, in the flow with most of them. */
  targets = 0;
  /** Period that the parties agreed on in the flow that began first, and when and where it began. */
  agreedPeriod: Micros | undefined;
  agreedTime: Micros = 0;
  agreedFrame = 0;
  malformed = 0;
  malformedFrame = 0;
  ambiguous = 0;
  ambiguousFrame = 0;
  gaps = 0;

  add(other: Exchange, limits: LimitCounter): void {
    for (const counter of other.counters) {
      this.#count(counter, limits);
    }
    this.counters.sort(inOrder);
    if (other.responses !== undefined) {
      this.responses ??= new Sketch(RESPONSE_ACCURACY);
      this.responses.merge(other.responses);
    }
    if (other.rate !== undefined) {
      this.rate = this.rate === undefined ? { ...other.rate } : joinedRate(this.rate, other.rate);
    }
    this.targets = Math.max(this.targets, other.targets);
    const isFirst = isEarlier(other.agreedTime, other.agreedFrame, this.agreedTime, this.agreedFrame);
    if (other.agreedPeriod !== undefined && (this.agreedPeriod === undefined || isFirst)) {
      this.agreedPeriod = other.agreedPeriod;
      this.agreedTime = other.agreedTime;
      this.agreedFrame = other.agreedFrame;
    }
    this.malformedFrame = firstFrame(this.malformedFrame, other.malformedFrame);
    this.ambiguousFrame = firstFrame(this.ambiguousFrame, other.ambiguousFrame);
    this.malformed += other.malformed;
    this.ambiguous += other.ambiguous;
    this.gaps += other.gaps;
  }

  #count(counter: Counter, limits: LimitCounter): void {
    let ofSide = 0;
    let last: Counter | undefined;
    for (const known of this.counters) {
      if (known.by === counter.by) {
        if (known.operation === counter.operation) {
          addCounter(known, counter);
          return;
        }
        ofSide++;
        last = known;
      }
    }
    if (last === undefined || limits.allows('operationsPerConversation', ofSide)) {
      this.counters.push({ ...counter });
    } else {
      addCounter(last, counter);
    }
  }
}

function inOrder(one: Counter, other: Counter): number {
  return one.firstTime - other.firstTime || one.firstFrame - other.firstFrame || one.place - other.place;
}

/** 0 stands for none. */
function firstFrame(one: number, other: number): number {
  return one === 0 || other === 0 ? one + other : Math.min(one, other);
}

function addCounter(known: Counter, more: Counter): void {
  if (
    isEarlier(more.firstTime, more.firstFrame, known.firstTime, known.firstFrame) ||
    (more.firstTime === known.firstTime && more.firstFrame === known.firstFrame && more.place < known.place)
  ) {
    known.firstTime = more.firstTime;
    known.firstFrame = more.firstFrame;
    known.place = more.place;
  }
  known.lastTime = Math.max(known.lastTime, more.lastTime);
  known.requests += more.requests;
  known.responses += more.responses;
  known.reports += more.reports;
  known.refused += more.refused;
  known.answered += more.answered;
  known.unanswered += more.unanswered;
  known.refusedOften ||= more.refusedOften;
  if (more.refusedFrame > 0 && (known.refusedFrame === 0 || more.refusedFrame < known.refusedFrame)) {
    known.refusal = more.refusal;
    known.refusedFrame = more.refusedFrame;
  }
  known.distinct = Math.max(known.distinct, more.distinct);
  known.swept = Math.max(known.swept, more.swept);
  known.sweeps += more.sweeps;
  if (more.intervals !== undefined) {
    known.intervals ??= new Sketch(PERIOD_ACCURACY);
    known.intervals.merge(more.intervals);
  }
}

function joinedRate(one: Rate, other: Rate): Rate {
  const isOther = other.peak > one.peak || (other.peak === one.peak && other.peakTime < one.peakTime);
  return {
    total: one.total + other.total,
    peak: isOther ? other.peak : one.peak,
    peakTime: isOther ? other.peakTime : one.peakTime,
    seconds: one.seconds + other.seconds,
    floodSeconds: one.floodSeconds + other.floodSeconds,
    flooded: one.flooded + other.flooded,
  };
}

/** What stands in a pack beside the counters, and beside the plain counts of a counter. */
const HAS_RESPONSES = 1;
const HAS_RATE = 2;
const HAS_FLOOD = 4;
const HAS_TARGETS = 8;
const HAS_PERIOD = 16;
const HAS_TROUBLE = 32;
const BY_SERVER = 1;
const LASTS = 2;
const REPORTS = 4;
const UNANSWERED = 8;
const REFUSED = 16;
const REFUSED_OFTEN = 32;
const SWEPT = 64;
const HAS_INTERVALS = 128;

/** The names that packs point to. */
export interface Names {
  readonly kinds: OperationKinds;
  readonly texts: Texts;
}

export function writeExchange(exchange: Exchange, to: PackWriter, names: Names): void {
  const { counters, responses, rate, targets, agreedPeriod } = exchange;
  const trouble = exchange.malformed + exchange.ambiguous + exchange.gaps > 0;
  to.count(
    (responses === undefined ? 0 : HAS_RESPONSES) |
      (rate === undefined ? 0 : HAS_RATE) |
      (rate === undefined || rate.floodSeconds === 0 ? 0 : HAS_FLOOD) |
      (targets === 0 ? 0 : HAS_TARGETS) |
      (agreedPeriod === undefined ? 0 : HAS_PERIOD) |
      (trouble ? HAS_TROUBLE : 0),
  );
  to.count(counters.length);
  for (const counter of counters) {
    writeCounter(counter, to, names);
  }
  if (rate !== undefined) {
    to.count(rate.total);
    to.count(rate.peak);
    to.number(rate.peakTime);
    to.count(rate.seconds);
    if (rate.floodSeconds > 0) {
      to.count(rate.floodSeconds);
      to.count(rate.flooded);
    }
  }
  if (targets > 0) {
    to.count(targets);
  }
  if (agreedPeriod !== undefined) {
    to.number(agreedPeriod);
    to.number(exchange.agreedTime);
    to.count(exchange.agreedFrame);
  }
  if (trouble) {
    to.count(exchange.malformed);
    to.count(exchange.malformedFrame);
    to.count(exchange.ambiguous);
    to.count(exchange.ambiguousFrame);
    to.count(exchange.gaps);
  }
  // What is long and what few ask for stands behind all else.
  responses?.write(to);
  for (const { intervals } of counters) {
    intervals?.write(to);
  }
}

function writeCounter(counter: Counter, to: PackWriter, { texts }: Names): void {
  const { intervals, distinct, swept, sweeps, refusal } = counter;
  const isSwept = distinct + swept + sweeps > 0;
  to.count(
    (counter.by === 'server' ? BY_SERVER : 0) |
      (counter.lastTime === counter.firstTime ? 0 : LASTS) |
      (counter.reports === 0 ? 0 : REPORTS) |
      (counter.unanswered === 0 ? 0 : UNANSWERED) |
      (counter.refused === 0 ? 0 : REFUSED) |
      (counter.refusedOften ? REFUSED_OFTEN : 0) |
      (isSwept ? SWEPT : 0) |
      (intervals === undefined ? 0 : HAS_INTERVALS),
  );
  to.count(counter.operation.id);
  to.number(counter.firstTime);
  to.count(counter.firstFrame);
  to.count(counter.place);
  to.count(counter.requests);
  to.count(counter.responses);
  to.count(counter.answered);
  if (counter.lastTime !== counter.firstTime) {
    to.number(counter.lastTime);
  }
  if (counter.reports > 0) {
    to.count(counter.reports);
  }
  if (counter.unanswered > 0) {
    to.count(counter.unanswered);
  }
  if (counter.refused > 0) {
    to.count(counter.refused);
    to.count(counter.refusedFrame);
    to.count(refusal === undefined ? 0 : texts.of(refusal) + 1);
  }
  if (isSwept) {
    to.count(distinct);
    to.count(swept);
    to.count(sweeps);
  }
}

/** `counts`: without times of answers and periods. */
export function readExchange(from: PackReader, names: Names, part: 'all' | 'counts' = 'all'): Exchange {
  const exchange = new Exchange();
  const periodic: Counter[] = [];
  const has = from.count();
  const length = from.count();
  for (let at = 0; at < length; at++) {
    exchange.counters.push(readCounter(from, names, periodic));
  }
  if ((has & HAS_RATE) !== 0) {
    exchange.rate = {
      total: from.count(),
      peak: from.count(),
      peakTime: from.number(),
      seconds: from.count(),
      floodSeconds: (has & HAS_FLOOD) === 0 ? 0 : from.count(),
      flooded: (has & HAS_FLOOD) === 0 ? 0 : from.count(),
    };
  }
  if ((has & HAS_TARGETS) !== 0) {
    exchange.targets = from.count();
  }
  if ((has & HAS_PERIOD) !== 0) {
    exchange.agreedPeriod = from.number();
    exchange.agreedTime = from.number();
    exchange.agreedFrame = from.count();
  }
  if ((has & HAS_TROUBLE) !== 0) {
    exchange.malformed = from.count();
    exchange.malformedFrame = from.count();
    exchange.ambiguous = from.count();
    exchange.ambiguousFrame = from.count();
    exchange.gaps = from.count();
  }
  if (part === 'counts') {
    return exchange;
  }
  if ((has & HAS_RESPONSES) !== 0) {
    exchange.responses = Sketch.read(from, RESPONSE_ACCURACY);
  }
  for (const counter of periodic) {
    counter.intervals = Sketch.read(from, PERIOD_ACCURACY);
  }
  return exchange;
}

const NO_OPERATION: OperationKind = { id: 0, protocol: '', name: '', effect: 'unknown' };

/** Adds it to `periodic` where intervals of its follow. */
function readCounter(from: PackReader, { kinds, texts }: Names, periodic: Counter[]): Counter {
  const has = from.count();
  const operation = kinds.all[from.count()] ?? NO_OPERATION;
  const firstTime = from.number();
  const counter: Counter = {
    operation,
    by: (has & BY_SERVER) === 0 ? 'client' : 'server',
    firstTime,
    firstFrame: from.count(),
    place: from.count(),
    requests: from.count(),
    responses: from.count(),
    answered: from.count(),
    lastTime: (has & LASTS) === 0 ? firstTime : from.number(),
    reports: (has & REPORTS) === 0 ? 0 : from.count(),
    unanswered: (has & UNANSWERED) === 0 ? 0 : from.count(),
    refused: 0,
    refusedFrame: 0,
    refusal: undefined,
    refusedOften: (has & REFUSED_OFTEN) !== 0,
    distinct: 0,
    swept: 0,
    sweeps: 0,
    intervals: undefined,
  };
  if ((has & REFUSED) !== 0) {
    counter.refused = from.count();
    counter.refusedFrame = from.count();
    const refusal = from.count();
    counter.refusal = refusal === 0 ? undefined : texts.at(refusal - 1);
  }
  if ((has & SWEPT) !== 0) {
    counter.distinct = from.count();
    counter.swept = from.count();
    counter.sweeps = from.count();
  }
  if ((has & HAS_INTERVALS) !== 0) {
    periodic.push(counter);
  }
  return counter;
}

/** What another thread sent, with operations as they are numbered here. */
export function ownExchange(exchange: Exchange, { kinds }: Names): Exchange {
  for (const [at, counter] of exchange.counters.entries()) {
    const { protocol, name, effect } = counter.operation;
    exchange.counters[at] = { ...counter, operation: kinds.named(protocol, name, effect) };
  }
  return exchange;
}
