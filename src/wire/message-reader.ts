import type { Micros } from '../kit/time.ts';
import {
  BUDGET,
  type Carried,
  type Dissector,
  Malformed,
  type Memory,
  NOTHING,
  type PairKey,
  type Part,
  type Reading,
  type Transport,
} from './dissector.ts';
import type { FlowWindow } from './flow-window.ts';
import type { LimitName, Limits } from './limits.ts';
import type { Listener, Outcome, Side } from './listener.ts';
import { type ConversationMemory, LiveContext, LiveMessage } from './live.ts';
import { Reader } from './reader.ts';
import type { Registry } from './registry.ts';
import { type PendingQuestion, Session, type SessionBudget } from './session.ts';
import type { NetworkStack } from './stack/network.ts';
import type { HoldBudget } from './stack/tcp-streams.ts';

/** Malformed PDUs in a row after which the question of the protocol is asked anew. */
const MALFORMED_IN_ROW = 8;
/** What a question that waits costs beyond its bytes, and a part of a message beyond its own. */
const QUESTION_OVERHEAD = 256;
const PART_OVERHEAD = 128;
/** Questions younger than this when the capture ends are not called unanswered. */
const STILL_WAITING: Micros = 1e6;

/** What the reader of messages cannot do by itself. */
export interface MessageHost {
  limitReached(limit: LimitName): void;
  /** What was taken for the protocol of this flow is not its protocol. */
  disbelieved(session: Session): void;
}

export interface MessageReaderParts {
  readonly listener: Listener;
  readonly limits: Limits;
  /** Payloads inside payloads that may be read at all. */
  readonly depths: number;
  readonly registry: Registry;
  readonly stack: NetworkStack;
  readonly holds: HoldBudget;
  readonly flow: FlowWindow;
  readonly host: MessageHost;
}

/**
 * PDUs to messages: joins the parts of one message, reads it, pairs an answer with its question, hands it to the listener,
 * and reads what it carries. Always for one direction of one flow at a time, which `enter` sets.
 */
export class MessageReader implements ConversationMemory {
  private readonly listener: Listener;
  private readonly limits: Limits;
  private readonly registry: Registry;
  private readonly stack: NetworkStack;
  private readonly holds: HoldBudget;
  private readonly flow: FlowWindow;
  private readonly host: MessageHost;
  private readonly message: LiveMessage;
  private readonly budget: SessionBudget = { memories: 0, questionBytes: 0, spareQuestions: [] };
  /** By depth of carrying: a child is read while its parent is still being worked on. */
  private readonly readers: Reader[] = [];
  private readonly contexts: LiveContext[] = [];
  /** For looks at bytes that are not a message yet. */
  readonly cutReader = new Reader();

  // The direction of the stream or the datagram that is being read.
  session: Session = new Session();
  side: Side = 0;
  transport: Transport = 'tcp';
  private duplicate = false;
  /** The packet that the bytes at hand came in: earlier than the stack's where they had to wait. */
  frame = 0;
  time: Micros = 0;

  constructor({ listener, limits, depths, registry, stack, holds, flow, host }: MessageReaderParts) {
    this.listener = listener;
    this.limits = limits;
    this.registry = registry;
    this.stack = stack;
    this.holds = holds;
    this.flow = flow;
    this.host = host;
    this.message = new LiveMessage(flow);
    for (let depth = 0; depth <= depths; depth++) {
      this.readers.push(new Reader(limits.steps));
      this.contexts.push(new LiveContext(this));
    }
  }

  /** As many steps as the limits now say. */
  renewSteps(): void {
    for (const reader of this.readers) {
      reader.mostSteps = this.limits.steps;
    }
  }

  /** What an ICMP error quotes is marked so. */
  set quoted(quoted: boolean) {
    this.message.quoted = quoted;
  }

  /** The flow is over: its questions stay unanswered, and what was remembered of it is forgotten. */
  leave(session: Session, captureEnded: boolean): void {
    this.giveUpQuestions(session, captureEnded);
    this.forget(session);
  }

  forget(session: Session): void {
    while (session.questions.count > 0) {
      this.budget.questionBytes -= session.questions.remove(0, this.budget.spareQuestions).bytes;
    }
    session.forgetAll(this.holds, this.budget);
  }

  /** Bytes that hold whole PDUs of this protocol, one or several. */
  pdus(depth: number, dissector: Dissector, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { cut } = dissector;
    const context = this.contexts[depth] as LiveContext;
    let at = start;
    while (cut && at < end) {
      const length = cut(this.cutReader.reset(bytes, view, at, end), context);
      if (length <= 0 || at + length > end) {
        break;
      }
      this.pdu(depth, dissector, bytes, view, at, at + length);
      at += length;
    }
    if (at < end && (at === start || !cut)) {
      this.pdu(depth, dissector, bytes, view, at, end);
    }
  }

  pdu(depth: number, dissector: Dissector, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const context = this.contexts[depth] as LiveContext;
    context.dissector = dissector;
    const reader = (this.readers[depth] as Reader).reset(bytes, view, start, end);
    if (dissector.part) {
      const part = dissector.part(reader, context);
      if (part) {
        this.join(depth, dissector, part, end - start, bytes, view, start);
        return;
      }
      reader.reset(bytes, view, start, end);
    }
    this.readWhole(depth, dissector, reader, context, bytes, view, start);
  }

  private readWhole(
    depth: number,
    dissector: Dissector,
    reader: Reader,
    context: LiveContext,
    bytes: Uint8Array,
    view: DataView,
    start: number,
  ): void {
    const read = dissector.read(reader, context);
    if (reader.exhausted) {
      this.host.limitReached('steps');
      this.malformed(dissector, BUDGET);
      return;
    }
    if (read instanceof Malformed) {
      this.malformed(dissector, read.reason);
      return;
    }
    if (this.session.malformedInRow > 0) {
      this.session.malformedInRow = 0;
    }
    const outcome = reader.truncated ? 'truncated' : 'message';
    if (!Array.isArray(read)) {
      this.emit(depth, dissector, read as Reading, outcome, context, bytes, view, start);
      return;
    }
    const readings = read as readonly Reading[];
    for (let at = 0; at < readings.length; at++) {
      const isLast = at === readings.length - 1;
      const said = isLast ? outcome : 'message';
      this.emit(depth, dissector, readings[at] as Reading, said, context, bytes, view, start);
    }
  }

  /** Joins the parts of one message; the whole is read when the last part has come. */
  private join(
    depth: number,
    dissector: Dissector,
    part: Part,
    pduLength: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
  ): void {
    const { session, side, limits } = this;
    const fills = part.head.length + part.body.length === pduLength;
    if (part.last && part.first !== false && fills && session.openMessages === 0) {
      const reader = (this.readers[depth] as Reader).reset(bytes, view, start, start + pduLength);
      this.readWhole(depth, dissector, reader, this.contexts[depth] as LiveContext, bytes, view, start);
      return;
    }
    const key = `${side}/${dissector.name}/${part.key}`;
    if (part.abort) {
      session.closeMessage(key, this.holds);
      return;
    }
    if (part.first === true) {
      session.closeMessage(key, this.holds);
    }
    const begun = session.openMessage(key);
    if (!begun && part.first === false) {
      return;
    }
    if (!begun && session.openMessages >= limits.openMessages) {
      this.host.limitReached('openMessages');
      session.closeOldestMessage(this.holds);
    }
    const message = begun ?? session.beginMessage(key);
    const held = part.body.length + PART_OVERHEAD;
    message.size += part.body.length;
    message.held += held;
    this.holds.used += held;
    const full = message.size > limits.messageBytes ? 'messageBytes' : this.holds.isSpent ? 'heldBytes' : undefined;
    if (full !== undefined) {
      this.host.limitReached(full);
      session.closeMessage(key, this.holds);
      this.malformed(dissector, BUDGET);
      return;
    }
    message.bodies.push(part.body.slice());
    if (!part.last) {
      return;
    }
    session.closeMessage(key, this.holds);
    const whole = joined(part.head, message.bodies, message.size);
    const wholeView = new DataView(whole.buffer);
    const reader = (this.readers[depth] as Reader).reset(whole, wholeView, 0, whole.length);
    this.readWhole(depth, dissector, reader, this.contexts[depth] as LiveContext, whole, wholeView, 0);
  }

  private emit(
    depth: number,
    dissector: Dissector,
    reading: Reading,
    outcome: Outcome,
    context: LiveContext,
    bytes: Uint8Array,
    view: DataView,
    start: number,
  ): void {
    const { message, listener, session, stack } = this;
    if (reading.proves === true && reading.direction !== 'report') {
      this.flow.setClient(reading.direction === 'request' ? this.side : this.side === 0 ? 1 : 0, 'protocol');
    }
    if (session.named !== dissector) {
      if (reading.envelope !== true) {
        this.nameConversation(depth, dissector);
      }
    } else if (this.transport === 'ethernet') {
      session.namedVotes++;
    }
    message.frame = this.frame;
    message.time = this.time;
    message.side = this.side;
    message.dissector = dissector;
    message.outcome = outcome;
    message.reason = undefined;
    message.reading = reading;
    message.duplicate = this.duplicate;
    message.ambiguous = session.ambiguous;
    message.question = undefined;
    message.responseTime = undefined;
    message.observations = NOTHING;
    if (outcome === 'truncated') {
      if (!message.quoted) {
        stack.markTruncated();
      }
    } else if (listener.wantsObservations && dissector.observe) {
      message.observations = dissector.observe(reading, context);
    }
    if (outcome === 'message' && reading.pair !== undefined && !this.duplicate) {
      this.pairUp(dissector, reading, reading.pair, depth);
    }
    listener.message?.(message);
    if (reading.carries && this.mayGoDeeper(depth)) {
      this.readCarried(depth + 1, dissector, reading, reading.carries, bytes, view, start);
    }
  }

  private mayGoDeeper(depth: number): boolean {
    if (depth < this.limits.carriedDepth) {
      return true;
    }
    this.host.limitReached('carriedDepth');
    return false;
  }

  /**
   * The first message names the conversation, what an envelope carries names it better. Two stations that speak several
   * protocols under one EtherType are named by the one they speak most.
   */
  private nameConversation(depth: number, dissector: Dissector): void {
    const { session } = this;
    const { named } = session;
    if (named === undefined || (named.envelope && !dissector.envelope)) {
      session.named = dissector;
      session.namedVotes = 1;
    } else if (depth === 0 && this.transport === 'ethernet') {
      session.namedVotes--;
      if (session.namedVotes < 0) {
        session.named = dissector;
        session.namedVotes = 1;
      }
    }
  }

  private readCarried(
    depth: number,
    parent: Dissector,
    reading: Reading,
    carries: readonly Carried[],
    bytes: Uint8Array,
    view: DataView,
    parentStart: number,
  ): void {
    for (const carried of carries) {
      const own = carried.bytes;
      // Bytes of its own are nearly always a window onto the parent's, which already have a view.
      const inside = own === undefined || own.buffer === bytes.buffer;
      const innerBytes = inside ? bytes : own;
      const innerView = inside ? view : new DataView(own.buffer, own.byteOffset, own.length);
      const start = own === undefined ? parentStart + carried.from : inside ? own.byteOffset - bytes.byteOffset : 0;
      const end = start + (own === undefined ? carried.length : own.length);
      if (start >= end) {
        continue;
      }
      const context = this.context(depth);
      context.parent = reading;
      context.key = carried.key;
      const reader = this.cutReader.reset(innerBytes, innerView, start, end);
      const child = this.registry.childOf(parent, carried.key, reader, context);
      if (child) {
        this.pdus(depth, child, innerBytes, innerView, start, end);
      }
    }
  }

  private pairUp(dissector: Dissector, reading: Reading, pair: PairKey, depth: number): void {
    const { session, side, message, budget } = this;
    const { questions } = session;
    if (reading.direction === 'request') {
      const same = questions.find(dissector, pair, side);
      const asked = questions.at(same);
      if (asked && this.isRepeated(asked, reading)) {
        return;
      }
      if (same >= 0) {
        this.giveUp(session, same);
      }
      if (questions.count >= this.limits.questions) {
        this.host.limitReached('questions');
        this.giveUp(session, 0);
      }
      const bytes = (this.readers[depth] as Reader).length + QUESTION_OVERHEAD;
      if (budget.questionBytes + bytes > this.limits.questionBytes && !this.makeRoomFor(session, bytes)) {
        return;
      }
      const question = questions.add(dissector, pair, side, reading, this.time, this.frame, budget.spareQuestions);
      question.bytes = bytes;
      budget.questionBytes += bytes;
    } else if (reading.direction === 'response') {
      const index = questions.find(dissector, pair, side === 0 ? 1 : 0);
      if (index >= 0) {
        const question = questions.remove(index, this.budget.spareQuestions);
        budget.questionBytes -= question.bytes;
        message.question = question;
        const elapsed = this.time - question.time;
        message.responseTime = elapsed > 0 && !session.ambiguous ? elapsed : undefined;
      }
    }
  }

  /** Older questions of this flow make room for a new one: those of others are not to suffer for it. */
  private makeRoomFor(session: Session, bytes: number): boolean {
    this.host.limitReached('questionBytes');
    while (session.questions.count > 0 && this.budget.questionBytes + bytes > this.limits.questionBytes) {
      this.giveUp(session, 0);
    }
    return this.budget.questionBytes + bytes <= this.limits.questionBytes;
  }

  private giveUp(session: Session, index: number): void {
    if (index < session.questions.count) {
      const question = session.questions.remove(index, this.budget.spareQuestions);
      this.budget.questionBytes -= question.bytes;
      this.listener.unanswered?.(this.flow, question);
    }
  }

  /** A datagram sent again because no answer came counts from its first sending; on TCP the same key is a new question. */
  private isRepeated(asked: PendingQuestion, reading: Reading): boolean {
    return (
      this.flow.transport !== 'tcp' &&
      asked.reading.operation === reading.operation &&
      asked.reading.like === reading.like
    );
  }

  malformed(dissector: Dissector | undefined, reason: string): void {
    const { message, session, stack } = this;
    if (!message.quoted) {
      stack.markMalformed();
    }
    if (!dissector) {
      return;
    }
    message.frame = this.frame;
    message.time = this.time;
    message.side = this.side;
    message.dissector = dissector;
    message.outcome = 'malformed';
    message.reason = reason;
    message.reading = undefined;
    message.observations = NOTHING;
    message.question = undefined;
    message.responseTime = undefined;
    message.duplicate = this.duplicate;
    message.ambiguous = session.ambiguous;
    this.listener.message?.(message);
    session.malformedInRow++;
    if (session.malformedInRow >= MALFORMED_IN_ROW) {
      session.malformedInRow = 0;
      session.dissector = undefined;
      this.host.disbelieved(session);
    }
  }

  private giveUpQuestions(session: Session, captureEnded: boolean): void {
    const { questions } = session;
    while (questions.count > 0) {
      const question = questions.remove(0, this.budget.spareQuestions);
      this.budget.questionBytes -= question.bytes;
      if (!captureEnded || this.stack.time - question.time > STILL_WAITING) {
        this.listener.unanswered?.(this.flow, question);
      }
    }
  }

  enter(record: number, session: Session, side: Side, duplicate: boolean): void {
    this.flow.at(record);
    this.session = session;
    this.side = side;
    this.duplicate = duplicate;
    this.frame = this.stack.frame;
    this.time = this.stack.time;
  }

  /** The context at this depth for the flow and side at hand. */
  context(depth: number): LiveContext {
    const context = this.contexts[depth] as LiveContext;
    const { flow, side } = this;
    context.transport = this.transport;
    context.fromClient = flow.client === side;
    context.sourcePort = flow.port(side);
    context.destinationPort = flow.port(side === 0 ? 1 : 0);
    context.toMany = flow.toMany;
    context.parent = undefined;
    context.key = undefined;
    return context;
  }

  askedBefore(dissector: Dissector | undefined, pair: PairKey): Reading | undefined {
    const { questions } = this.session;
    if (!dissector) {
      return undefined;
    }
    return questions.at(questions.find(dissector, pair, this.side === 0 ? 1 : 0))?.reading;
  }

  recall(key: number | string): Memory | undefined {
    return this.session.recall(key);
  }

  remember(key: number | string, value: Memory): void {
    if (this.session === EMPTY_SESSION) {
      return;
    }
    const full = this.session.remember(key, value, this.limits, this.budget);
    if (full !== undefined) {
      this.host.limitReached(full);
    }
  }
}

/** Stands for the session of a flow that carries nothing known; remembers nothing. */
export const EMPTY_SESSION = new Session();

function joined(head: Uint8Array, bodies: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(head.length + size);
  whole.set(head);
  let at = head.length;
  for (const body of bodies) {
    whole.set(body, at);
    at += body.length;
  }
  return whole;
}
