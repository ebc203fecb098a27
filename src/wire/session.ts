import type { Micros } from '../kit/time.ts';
import type { Dissector, Memory, PairKey, Reading } from './dissector.ts';
import type { LimitName, Limits } from './limits.ts';
import type { Side } from './listener.ts';
import type { HoldBudget } from './stack/tcp-streams.ts';

/** What the engine knows of a flow that carries payload: whose protocol it is, what is open, what was remembered. */
export class Session {
  dissector: Dissector | undefined;
  /** The protocol that names the conversation. */
  named: Dissector | undefined;
  /** Number of the connection in the table of streams; -1 where it has none. */
  connection = -1;
  /** How many more messages are of the protocol that names it than of others. */
  namedVotes = 0;
  malformedInRow = 0;
  ambiguous = false;
  readonly questions = new Questions();
  private trial: Trial | undefined;
  /** What was remembered first stands here: nearly always it is the only fact. Where there are several, all are in a table. */
  private onlyKey: number | string | undefined;
  private onlyFact: Memory | undefined;
  private memory: Map<number | string, Memory> | undefined;
  private open: Map<string, OpenMessage> | undefined;

  /** What was tried while nobody knows whose bytes these are. */
  get recognition(): Trial {
    this.trial ??= new Trial();
    return this.trial;
  }

  /** It is known whose bytes these are; what was tried is forgotten. */
  settle(dissector: Dissector): void {
    this.dissector = dissector;
    this.trial = undefined;
  }

  forgetFirstBytes(side: Side): void {
    if (this.trial) {
      this.trial.firstBytes[side] = undefined;
    }
  }

  recall(key: number | string): Memory | undefined {
    return this.memory === undefined ? (key === this.onlyKey ? this.onlyFact : undefined) : this.memory.get(key);
  }

  /** The limit that was reached, if one was: the oldest fact was forgotten for this one, or this one is not kept. */
  remember(key: number | string, value: Memory, limits: Limits, all: SessionBudget): LimitName | undefined {
    if (this.memory === undefined ? key === this.onlyKey : this.memory.has(key)) {
      this.keep(key, value);
      return undefined;
    }
    const { memories } = this;
    const full =
      memories >= limits.memories ? 'memories' : all.memories >= limits.memoriesOfAll ? 'memoriesOfAll' : undefined;
    if (full === undefined) {
      all.memories++;
    } else if (memories === 0) {
      return full;
    } else {
      this.forgetOldest();
    }
    this.keep(key, value);
    return full;
  }

  private get memories(): number {
    return this.memory?.size ?? Number(this.onlyKey !== undefined);
  }

  private keep(key: number | string, value: Memory): void {
    const { onlyKey, onlyFact } = this;
    if (this.memory !== undefined) {
      this.memory.set(key, value);
    } else if (onlyKey === undefined || onlyFact === undefined || onlyKey === key) {
      this.onlyKey = key;
      this.onlyFact = value;
    } else {
      this.memory = new Map([
        [onlyKey, onlyFact],
        [key, value],
      ]);
    }
  }

  private forgetOldest(): void {
    if (this.memory === undefined) {
      this.onlyKey = undefined;
      this.onlyFact = undefined;
      return;
    }
    for (const oldest of this.memory.keys()) {
      this.memory.delete(oldest);
      return;
    }
  }

  get openMessages(): number {
    return this.open?.size ?? 0;
  }

  openMessage(key: string): OpenMessage | undefined {
    return this.open?.get(key);
  }

  beginMessage(key: string): OpenMessage {
    const message = { bodies: [], size: 0, held: 0 };
    this.open ??= new Map();
    this.open.set(key, message);
    return message;
  }

  closeMessage(key: string, budget: HoldBudget): void {
    const message = this.open?.get(key);
    if (message) {
      budget.used -= message.held;
      this.open?.delete(key);
    }
  }

  closeOldestMessage(budget: HoldBudget): void {
    const [oldest] = this.open?.keys() ?? [];
    if (oldest !== undefined) {
      this.closeMessage(oldest, budget);
    }
  }

  /** Bytes were lost: what was open in parts cannot be completed. */
  forgetOpenMessages(budget: HoldBudget): void {
    for (const { held } of this.open?.values() ?? []) {
      budget.used -= held;
    }
    this.open = undefined;
  }

  /** The flow is over: what it remembered is forgotten. */
  forgetAll(budget: HoldBudget, all: SessionBudget): void {
    this.forgetOpenMessages(budget);
    all.memories -= this.memories;
    this.memory = undefined;
    this.onlyKey = undefined;
    this.onlyFact = undefined;
  }
}

/** What all sessions together keep. */
export interface SessionBudget {
  memories: number;
  questionBytes: number;
  /** Questions that nobody waits for, to be used again: what is quiet keeps none. */
  readonly spareQuestions: PendingQuestion[];
}

/** How far the search for a flow's protocol has come. */
export class Trial {
  tries = 0;
  /** What the bytes resemble on a port that is not its own, how often in a row, and which sides (bits) said so. */
  doubtful: Dissector | undefined;
  times = 0;
  sides = 0;
  /** The first bytes of each side, while they are too few to tell whose they are. */
  readonly firstBytes: [Uint8Array | undefined, Uint8Array | undefined] = [undefined, undefined];
}

/** The parts of a message that have come so far. */
export interface OpenMessage {
  readonly bodies: Uint8Array[];
  size: number;
  /** The same, with what keeping the parts costs. */
  held: number;
}

/** So many spare questions are kept. */
const MOST_SPARE = 64;

/** A question that waits for its answer. The objects are reused: a listener copies what it keeps. */
export class PendingQuestion {
  asker: Dissector;
  pair: PairKey;
  side: Side;
  reading: Reading;
  time: Micros;
  frame: number;
  /** Length of the message, for what keeping it costs. */
  bytes = 0;

  constructor(asker: Dissector, pair: PairKey, side: Side, reading: Reading, time: Micros, frame: number) {
    this.asker = asker;
    this.pair = pair;
    this.side = side;
    this.reading = reading;
    this.time = time;
    this.frame = frame;
  }
}

/** The unanswered questions of one flow, oldest first, few and bounded. Nearly always there is one at most, so that one has a place of its own. */
class Questions {
  private first: PendingQuestion | undefined;
  private others: (PendingQuestion | undefined)[] = NO_QUESTIONS;
  private size = 0;

  get count(): number {
    return this.size;
  }

  at(index: number): PendingQuestion | undefined {
    return index < this.size ? this.slot(index) : undefined;
  }

  /** The newest question of that key asked by that side; -1 where there is none. */
  find(asker: Dissector, pair: PairKey, side: Side): number {
    for (let index = this.size - 1; index >= 0; index--) {
      const question = this.slot(index) as PendingQuestion;
      if (question.pair === pair && question.side === side && question.asker === asker) {
        return index;
      }
    }
    return -1;
  }

  add(
    asker: Dissector,
    pair: PairKey,
    side: Side,
    reading: Reading,
    time: Micros,
    frame: number,
    spare: PendingQuestion[],
  ): PendingQuestion {
    let question = spare.pop();
    if (question) {
      question.asker = asker;
      question.pair = pair;
      question.side = side;
      question.reading = reading;
      question.time = time;
      question.frame = frame;
    } else {
      question = new PendingQuestion(asker, pair, side, reading, time, frame);
    }
    this.put(this.size, question);
    this.size++;
    return question;
  }

  /** Takes a question out; it stays readable until the next `add`. */
  remove(index: number, spare: PendingQuestion[]): PendingQuestion {
    const removed = this.slot(index) as PendingQuestion;
    for (let at = index + 1; at < this.size; at++) {
      this.put(at - 1, this.slot(at) as PendingQuestion);
    }
    this.size--;
    this.put(this.size, undefined);
    if (spare.length < MOST_SPARE) {
      spare.push(removed);
    }
    return removed;
  }

  private slot(index: number): PendingQuestion | undefined {
    return index === 0 ? this.first : this.others[index - 1];
  }

  private put(index: number, question: PendingQuestion | undefined): void {
    if (index === 0) {
      this.first = question;
      return;
    }
    if (this.others === NO_QUESTIONS) {
      this.others = [];
    }
    this.others[index - 1] = question;
  }
}

const NO_QUESTIONS: PendingQuestion[] = [];
