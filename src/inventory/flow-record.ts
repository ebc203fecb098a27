import type { Micros } from '../kit/time.ts';
import type { Operation, Reading } from '../wire/dissector.ts';
import type { Flow, Message, Question, Side } from '../wire/listener.ts';
import type { Endpoint } from './endpoint.ts';
import { type Counter, Exchange, RESPONSE_ACCURACY } from './exchange.ts';
import { FlowCounter, FlowRate, NO_COUNTER } from './flow-counter.ts';
import type { LimitCounter } from './limits.ts';
import type { OperationKinds } from './operation-kinds.ts';
import { Sketch } from './sketch.ts';

/** What all open flows share. */
export interface FlowCommons {
  readonly kinds: OperationKinds;
  readonly limits: LimitCounter;
  readonly likes: LikeBudget;
}

/** The numbers of a flow when something was told of it. */
export interface ToldFlow {
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly lastSeen: Micros;
}

/** Questions told apart in all open flows together: now, and at most. */
export interface LikeBudget {
  used: number;
  most: number;
}

/**
 * What both sides of one open flow said so far. Made with the first message; a quarter of a million may be open, so what
 * few flows need is made when they need it.
 */
export class FlowRecord {
  /** Answers without a question, and so on, cannot be told from lost packets after a gap: periods start anew. */
  epoch = 0;
  /** Period that the parties agreed on. */
  agreedPeriod: Micros | undefined;
  readonly #commons: FlowCommons;
  #end0: Endpoint | undefined;
  #end1: Endpoint | undefined;
  /** Counters by the side that asks or reports: the first of each list, and the one last used, mostly of the next message. */
  #first0: FlowCounter | undefined;
  #first1: FlowCounter | undefined;
  #last0: FlowCounter = NO_COUNTER;
  #last1: FlowCounter = NO_COUNTER;
  /** The first response time stands here; only where there are several is there a sketch. */
  #response = Number.NaN;
  #responses: Sketch | undefined;
  /** When the only question came; only where there are several is there a rate. */
  #asked = Number.NaN;
  #rate: FlowRate | undefined;
  /** The first unit, slot or area aimed at; only where there are several is there a set. */
  #firstTarget: string | undefined;
  #targets: Set<string> | undefined;
  #trouble: Trouble | undefined;
  #likes = 0;
  #told: ToldFlow | undefined;

  constructor(commons: FlowCommons) {
    this.#commons = commons;
  }

  end(side: Side): Endpoint | undefined {
    return side === 0 ? this.#end0 : this.#end1;
  }

  setEnd(side: Side, end: Endpoint | undefined): void {
    if (side === 0) {
      this.#end0 = end;
    } else {
      this.#end1 = end;
    }
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
    this.#ask(time);
  }

  /** All that this side sent were answers to questions that were asked elsewhere. */
  onlyAnswers(side: Side): boolean {
    const asked = side === 0 ? this.#first1 : this.#first0;
    if (asked === undefined || (side === 0 ? this.#first0 : this.#first1) !== undefined) {
      return false;
    }
    for (let counter: FlowCounter | undefined = asked; counter !== undefined; counter = counter.next) {
      if (counter.requests + counter.reports > 0 || counter.responses === 0) {
        return false;
      }
    }
    return true;
  }

  /** A question to one party that nobody will answer any more. Mostly the client asked it. */
  unanswered({ reading }: Question, client: Side): void {
    for (const side of [client, client === 0 ? 1 : 0] as const) {
      let counter = side === 0 ? this.#first0 : this.#first1;
      for (; counter !== undefined; counter = counter.next) {
        if (counter.kind.name === reading.operation.name && counter.requests > counter.answered + counter.unanswered) {
          counter.unanswered++;
          return;
        }
      }
    }
  }

  malformed(frame: number): void {
    const trouble = this.#troubles();
    trouble.malformed++;
    trouble.malformedFrame ||= frame;
  }

  ambiguous(frame: number): void {
    const trouble = this.#troubles();
    trouble.ambiguous++;
    trouble.ambiguousFrame ||= frame;
  }

  gap(): void {
    this.#troubles().gaps++;
    this.epoch++;
  }

  /** One more question that is told apart; false where there is no room. */
  takeLike(): boolean {
    const { limits, likes } = this.#commons;
    if (!limits.allows('likesPerFlow', this.#likes) || !limits.allows('likes', likes.used)) {
      return false;
    }
    this.#likes++;
    likes.used++;
    likes.most = Math.max(likes.most, likes.used);
    return true;
  }

  /** What of the flow was told while it went on; undefined: nothing yet. */
  get told(): ToldFlow | undefined {
    return this.#told;
  }

  /** What its messages told since this was last asked; the flow goes on. */
  part(flow: Flow, client: Side): Exchange {
    const exchange = this.#exchange(flow, client, (counter, by, place) => counter.part(by, place));
    this.#told = {
      packets: [flow.packets(0), flow.packets(1)],
      bytes: [flow.bytes(0), flow.bytes(1)],
      lastSeen: flow.lastSeen,
    };
    this.#responses = undefined;
    this.#response = Number.NaN;
    this.#rate = undefined;
    this.#asked = Number.NaN;
    this.#trouble = undefined;
    return exchange;
  }

  /** Its ends are looked for anew. */
  forgetEnds(): void {
    this.#end0 = undefined;
    this.#end1 = undefined;
  }

  /** The flow is over: what its messages told since the last part. Its questions are forgotten. */
  close(flow: Flow, client: Side): Exchange {
    this.#commons.likes.used -= this.#likes;
    this.#likes = 0;
    return this.#exchange(flow, client, (counter, by, place) => counter.close(by, place));
  }

  #exchange(
    flow: Flow,
    client: Side,
    tell: (counter: FlowCounter, by: Counter['by'], place: number) => Counter,
  ): Exchange {
    const exchange = new Exchange();
    for (const side of [client, client === 0 ? 1 : 0] as const) {
      let place = 0;
      let counter = side === 0 ? this.#first0 : this.#first1;
      for (; counter !== undefined; counter = counter.next) {
        if (counter.hasNews) {
          exchange.counters.push(tell(counter, side === client ? 'client' : 'server', place));
        }
        place++;
      }
    }
    exchange.responses = this.#responseTimes();
    if (!Number.isNaN(this.#asked)) {
      exchange.rate = (this.#rate ?? new FlowRate(this.#asked)).close();
    }
    exchange.targets = this.#targets?.size ?? Number(this.#firstTarget !== undefined);
    exchange.agreedPeriod = this.agreedPeriod;
    exchange.agreedTime = flow.firstSeen;
    exchange.agreedFrame = flow.firstFrame;
    if (this.#trouble !== undefined) {
      Object.assign(exchange, this.#trouble);
    }
    return exchange;
  }

  #responseTimes(): Sketch | undefined {
    if (this.#responses !== undefined || Number.isNaN(this.#response)) {
      return this.#responses;
    }
    const responses = new Sketch(RESPONSE_ACCURACY);
    responses.add(this.#response);
    return responses;
  }

  #troubles(): Trouble {
    this.#trouble ??= { malformed: 0, malformedFrame: 0, ambiguous: 0, ambiguousFrame: 0, gaps: 0 };
    return this.#trouble;
  }

  #ask(time: Micros): void {
    if (this.#rate !== undefined) {
      this.#rate.count(time);
    } else if (Number.isNaN(this.#asked)) {
      this.#asked = time;
    } else {
      this.#rate = new FlowRate(this.#asked);
      this.#rate.count(time);
    }
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
      this.#respond(took);
    }
  }

  #respond(took: Micros): void {
    if (this.#responses !== undefined) {
      this.#responses.add(took);
    } else if (Number.isNaN(this.#response)) {
      this.#response = took;
    } else {
      this.#responses = new Sketch(RESPONSE_ACCURACY);
      this.#responses.add(this.#response);
      this.#responses.add(took);
    }
  }

  #target(target: string): void {
    if (this.#firstTarget === undefined) {
      this.#firstTarget = target;
    } else if (this.#targets === undefined && target !== this.#firstTarget) {
      this.#targets = new Set([this.#firstTarget, target]);
    } else if (this.#targets !== undefined && this.#targets.size < MOST_TARGETS) {
      this.#targets.add(target);
    }
  }

  #counterOf(asker: Side, operation: Operation, message: Message): FlowCounter {
    if (asker === 0) {
      if (this.#last0.operation !== operation) {
        this.#last0 = this.#find(asker, operation, message);
      }
      return this.#last0;
    }
    if (this.#last1.operation !== operation) {
      this.#last1 = this.#find(asker, operation, message);
    }
    return this.#last1;
  }

  #find(asker: Side, operation: Operation, message: Message): FlowCounter {
    const kind = this.#commons.kinds.of(operation, message.dissector.name);
    let count = 0;
    let last: FlowCounter | undefined;
    for (let known = asker === 0 ? this.#first0 : this.#first1; known !== undefined; known = known.next) {
      if (known.kind === kind) {
        return known;
      }
      last = known;
      count++;
    }
    if (last !== undefined && !this.#commons.limits.allows('operationsPerConversation', count)) {
      return last;
    }
    const made = new FlowCounter(operation, kind, message.time, message.frame);
    if (last !== undefined) {
      last.next = made;
    } else if (asker === 0) {
      this.#first0 = made;
    } else {
      this.#first1 = made;
    }
    return made;
  }
}

type Trouble = Pick<Exchange, 'malformed' | 'malformedFrame' | 'ambiguous' | 'ambiguousFrame' | 'gaps'>;

const MOST_TARGETS = 256;
/** The record of a flow: this listener is the only one that puts something there. */
export function recordOf(flow: Flow): FlowRecord | undefined {
  return flow.data as FlowRecord | undefined;
}
