import type { Micros } from '../kit/time.ts';
import type { Dissector, Memory, PairKey, Reading } from './dissector.ts';
import type { Limits } from './limits.ts';
import type { Side } from './listener.ts';
import { PduCutter } from './stack/pdu-cutter.ts';
import { type HoldBudget, TcpStream } from './stack/tcp-stream.ts';

/** What the engine knows of a flow that carries payload: whose protocol it is, what is open, what was remembered. */
export class Session {
  dissector: Dissector | undefined;
  /** The protocol that names the conversation; `envelope` while only an envelope does. */
  named: Dissector | undefined;
  /** How many more messages are of that protocol than of others. */
  namedVotes = 0;
  recognitionTries = 0;
  /** What the bytes resemble on a port that is not its own, how often in a row, and which sides (bits) said so. */
  doubtful: Dissector | undefined;
  doubtfulTimes = 0;
  doubtfulSides = 0;
  malformedInRow = 0;
  ambiguous = false;
  readonly questions = new Questions();
  private readonly directions: [Direction | undefined, Direction | undefined] = [undefined, undefined];
  private memory: Map<number | string, Memory> | undefined;
  private open: Map<string, OpenMessage> | undefined;

  direction(side: Side, budget: HoldBudget): Direction {
    let direction = this.directions[side];
    if (!direction) {
      direction = { stream: new TcpStream(budget), cutter: new PduCutter(budget), unowned: undefined };
      this.directions[side] = direction;
    }
    return direction;
  }

  existing(side: Side): Direction | undefined {
    return this.directions[side];
  }

  recall(key: number | string): Memory | undefined {
    return this.memory?.get(key);
  }

  /** False when the memory is full: the oldest fact was forgotten for it. */
  remember(key: number | string, value: Memory, limits: Limits): boolean {
    this.memory ??= new Map();
    const full = this.memory.size >= limits.memories && !this.memory.has(key);
    if (full) {
      const [oldest] = this.memory.keys();
      this.memory.delete(oldest ?? key);
    }
    this.memory.set(key, value);
    return !full;
  }

  get hasOpenMessages(): boolean {
    return this.open !== undefined && this.open.size > 0;
  }

  openMessage(key: string): OpenMessage | undefined {
    return this.open?.get(key);
  }

  /** The open message of that key, begun if need be; the oldest one goes when too many are open. */
  beginMessage(key: string, limits: Limits): OpenMessage {
    this.open ??= new Map();
    let message = this.open.get(key);
    if (!message) {
      if (this.open.size >= limits.openMessages) {
        const [oldest] = this.open.keys();
        this.open.delete(oldest ?? key);
      }
      message = { bodies: [], size: 0 };
      this.open.set(key, message);
    }
    return message;
  }

  closeMessage(key: string): void {
    this.open?.delete(key);
  }

  /** Bytes were lost: what was open in parts cannot be completed. */
  forgetOpenMessages(): void {
    this.open = undefined;
  }
}

interface Direction {
  readonly stream: TcpStream;
  readonly cutter: PduCutter;
  /** The first bytes, while they are too few to tell whose they are. */
  unowned: Uint8Array | undefined;
}

/** The parts of a message that have come so far. */
export interface OpenMessage {
  readonly bodies: Uint8Array[];
  size: number;
}

/** A question that waits for its answer. The objects are reused: a listener copies what it keeps. */
export class PendingQuestion {
  asker: Dissector;
  pair: PairKey;
  side: Side;
  reading: Reading;
  time: Micros;
  frame: number;

  constructor(asker: Dissector, pair: PairKey, side: Side, reading: Reading, time: Micros, frame: number) {
    this.asker = asker;
    this.pair = pair;
    this.side = side;
    this.reading = reading;
    this.time = time;
    this.frame = frame;
  }
}

/** The unanswered questions of one flow, oldest first, few and bounded: a list is faster than a map here. */
class Questions {
  private readonly list: PendingQuestion[] = [];
  private size = 0;

  get count(): number {
    return this.size;
  }

  at(index: number): PendingQuestion | undefined {
    return index < this.size ? this.list[index] : undefined;
  }

  /** The newest question of that key asked by that side; -1 where there is none. */
  find(asker: Dissector, pair: PairKey, side: Side): number {
    for (let index = this.size - 1; index >= 0; index--) {
      const question = this.list[index] as PendingQuestion;
      if (question.pair === pair && question.side === side && question.asker === asker) {
        return index;
      }
    }
    return -1;
  }

  add(asker: Dissector, pair: PairKey, side: Side, reading: Reading, time: Micros, frame: number): void {
    const spare = this.list[this.size];
    if (spare) {
      spare.asker = asker;
      spare.pair = pair;
      spare.side = side;
      spare.reading = reading;
      spare.time = time;
      spare.frame = frame;
    } else {
      this.list.push(new PendingQuestion(asker, pair, side, reading, time, frame));
    }
    this.size++;
  }

  /** Takes a question out; it stays readable until the next `add`. */
  remove(index: number): PendingQuestion {
    const { list } = this;
    const removed = list[index] as PendingQuestion;
    for (let at = index + 1; at < this.size; at++) {
      list[at - 1] = list[at] as PendingQuestion;
    }
    this.size--;
    list[this.size] = removed;
    return removed;
  }
}
