import type { Micros } from '../kit/time.ts';
import type { CapturedPacket, PacketSink } from './capture/packet-sink.ts';
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
import { FlowWindow } from './flow-window.ts';
import { DEFAULT_LIMITS, type LimitName, type Limits, LimitWatch } from './limits.ts';
import type { Listener, Outcome, Side } from './listener.ts';
import { type ConversationMemory, LiveContext, LiveMessage } from './live.ts';
import { Reader } from './reader.ts';
import { likeliest, Registry } from './registry.ts';
import { type PendingQuestion, Session, type SessionBudget } from './session.ts';
import { FlowState } from './stack/flow-table.ts';
import {
  type Counters,
  type Datagram,
  NetworkStack,
  type Quote,
  type Segment,
  TcpFlag,
  type TransportSink,
} from './stack/network.ts';
import { PduCutters, type PduSink } from './stack/pdu-cutters.ts';
import { ALL_TRAFFIC, type Share } from './stack/share.ts';
import { StreamFlag, StreamTable } from './stack/stream-table.ts';
import { type Arrival, HoldBudget, type StreamSink, TcpStreams } from './stack/tcp-streams.ts';

export interface EngineOptions {
  readonly dissectors: readonly Dissector[];
  readonly listener: Listener;
  /** Makes the hash of the flow table unpredictable from outside. */
  readonly seed: number;
  readonly limits?: Partial<Limits>;
  /** Where several engines see every packet, the share of the traffic that this one reads. */
  readonly share?: Share;
  /** These count as reached the first time that they could be, whatever is set. */
  readonly simulatedLimits?: readonly LimitName[];
}

/** Malformed PDUs in a row after which the question of the protocol is asked anew. */
const MALFORMED_IN_ROW = 8;
/** Plausible PDUs, with an answer among them, that a protocol needs on a port that is not its own. */
const CONSISTENT_PDUS = 3;
const BOTH_SIDES = 3;
/** First bytes of a stream that are kept while nobody knows whose they are. */
const ENOUGH_TO_TELL = 64;
/** What a question that waits costs beyond its bytes, and a part of a message beyond its own. */
const QUESTION_OVERHEAD = 256;
const PART_OVERHEAD = 128;
/** Questions younger than this when the capture ends are not called unanswered. */
const STILL_WAITING: Micros = 1e6;

/**
 * Packets in, messages and observations out. Pure: no file, no clock (time is packet time), no randomness (the seed is
 * given). Below the message nothing is allocated per packet, and nothing here throws for what a packet holds.
 */
export class Engine implements PacketSink, TransportSink, StreamSink, PduSink, ConversationMemory {
  private readonly listener: Listener;
  private readonly limits: Limits;
  private readonly watch: LimitWatch<LimitName>;
  private readonly budget: SessionBudget = { memories: 0, questionBytes: 0 };
  private readonly registry: Registry;
  private readonly stack: NetworkStack;
  private readonly holds: HoldBudget;
  private readonly streamTable = new StreamTable();
  private readonly streams: TcpStreams;
  private readonly cutters: PduCutters;
  private readonly sessions: (Session | undefined)[] = [];
  private readonly flow: FlowWindow;
  private readonly message: LiveMessage;
  /** By depth of carrying: a child is read while its parent is still being worked on. */
  private readonly readers: Reader[] = [];
  private readonly contexts: LiveContext[] = [];
  private readonly cutReader = new Reader();

  // The direction of the stream or the datagram that is being read.
  private session: Session = new Session();
  private side: Side = 0;
  private duplicate = false;
  private transport: Transport = 'tcp';
  private ended = false;
  /** The packet that the bytes at hand came in: earlier than the stack's where they had to wait. */
  private frame = 0;
  private time: Micros = 0;
  /** The new owner of a stream reads its first bytes: it must not be overruled over the same bytes. */
  private takingOver = false;

  constructor({ dissectors, listener, seed, limits, simulatedLimits = [], share = ALL_TRAFFIC }: EngineOptions) {
    this.listener = listener;
    this.watch = new LimitWatch({ ...DEFAULT_LIMITS, ...limits }, simulatedLimits, (limit, time, times) => {
      listener.limitReached?.(limit, time, times);
    });
    this.limits = this.watch.limits;
    const depths = limits?.carriedDepth ?? DEFAULT_LIMITS.carriedDepth;
    this.registry = new Registry(dissectors);
    this.stack = new NetworkStack(this.limits, seed, share, this);
    this.holds = new HoldBudget(this.limits, (limit) => this.limitReached(limit));
    this.streams = new TcpStreams(this.streamTable, this.holds);
    this.cutters = new PduCutters(this.streamTable, this.holds);
    this.flow = new FlowWindow(this.stack, this.sessions);
    this.message = new LiveMessage(this.flow);
    for (let depth = 0; depth <= depths; depth++) {
      this.readers.push(new Reader(this.limits.steps));
      this.contexts.push(new LiveContext(this));
    }
  }

  get counters(): Counters {
    return this.stack.counters;
  }

  /** How often each limit was reached. */
  get limitsReached(): ReadonlyMap<LimitName, number> {
    return this.watch.reached;
  }

  /** Packets of link types that are not read, by LINKTYPE_ number. */
  get unreadLinkTypes(): ReadonlyMap<number, number> {
    return this.stack.unreadLinkTypes;
  }

  /** Messages of frames from this one on may still come, as bytes of them wait for what was lost. */
  get earliestOpenFrame(): number {
    return this.streams.earliestFrame;
  }

  packet(packet: CapturedPacket): void {
    this.stack.packet(packet);
  }

  /** A packet that nobody wants looked at: it counts as filtered. */
  passOver(): void {
    this.counters.packets++;
    this.counters.filtered++;
  }

  /** Another capture of the same run begins: its interfaces are numbered on from here. */
  beginCapture(interfacesBefore: number): void {
    this.stack.interfaceBase = interfacesBefore;
  }

  /** The captures are over: every flow is closed, what was waiting is given up. */
  end(): void {
    this.ended = true;
    this.stack.finish();
  }

  // ── What the stack reports ──────────────────────────────────────────────────────────────────────────────────────

  opened(record: number): void {
    this.sessions[record] = undefined;
    this.flow.at(record).data = undefined;
    this.listener.flowOpened?.(this.flow);
  }

  answered(record: number): void {
    this.listener.flowAnswered?.(this.flow.at(record));
  }

  senderChanged(record: number, side: Side): void {
    this.listener.senderChanged?.(this.flow.at(record), side);
  }

  closed(record: number): void {
    const session = this.sessions[record];
    this.flow.at(record);
    if (session) {
      this.transport = this.flow.transport;
      if (session.connection >= 0) {
        this.closeStream(record, session, 0);
        this.closeStream(record, session, 1);
        this.streamTable.close(session.connection);
        session.connection = -1;
      }
      this.giveUpQuestions(session);
      session.forgetAll(this.holds, this.budget);
    }
    this.listener.flowClosed?.(this.flow.at(record));
    this.sessions[record] = undefined;
    this.flow.data = undefined;
  }

  private closeStream(record: number, session: Session, side: Side): void {
    const direction = session.connection * 2 + side;
    if (this.streamTable.has(direction, StreamFlag.begun)) {
      this.enter(record, session, side, false);
      this.streams.finish(this, direction);
      this.cutters.clear(direction);
    }
  }

  limitReached(limit: LimitName): void {
    this.watch.note(limit, this.stack.time);
    if (limit === 'steps') {
      for (const reader of this.readers) {
        reader.mostSteps = this.limits.steps;
      }
    }
  }

  segment(segment: Segment): void {
    const { record, side, announced } = segment;
    this.transport = 'tcp';
    let session = this.sessions[record];
    if (announced === 0 && !session) {
      return;
    }
    if (!session) {
      session = new Session();
      this.sessions[record] = session;
    }
    if (session.connection < 0) {
      session.connection = this.streamTable.open();
    }
    const { stack, streams, streamTable } = this;
    const direction = session.connection * 2 + side;
    const other = session.connection * 2 + 1 - side;
    if (segment.flags & TcpFlag.ack && streamTable.has(other, StreamFlag.begun)) {
      this.enter(record, session, side === 0 ? 1 : 0, false);
      streams.peerAcknowledged(this, other, segment.acknowledgement);
      streams.expire(this, other, stack.time);
    }
    if (announced === 0 || segment.flags & TcpFlag.syn) {
      return;
    }
    this.enter(record, session, side, segment.duplicate);
    if (!streamTable.has(direction, StreamFlag.begun)) {
      this.beginStream(record, side, direction);
    }
    const impatient = (stack.flows.state(record) & FlowState.answered) === 0;
    const { bytes, view, start, end } = segment;
    streams.segment(
      this,
      direction,
      segment.sequence,
      bytes,
      view,
      start,
      end,
      announced,
      segment.payloadHash,
      stack,
      impatient,
    );
    streams.expire(this, direction, stack.time);
  }

  private beginStream(record: number, side: Side, direction: number): void {
    const { flows } = this.stack;
    this.streamTable.set(direction, StreamFlag.begun);
    const handshake = flows.nextSequence(record, side);
    if ((flows.state(record) & (FlowState.syn | FlowState.synAck)) !== 0 && handshake !== 0) {
      this.streams.start(direction, handshake);
      this.streamTable.set(direction, StreamFlag.synchronised);
    } else {
      // Captured from the middle: the first bytes may be the rest of a message that nobody saw begin.
      this.streamTable.clear(direction, StreamFlag.synchronised);
    }
  }

  datagram(datagram: Datagram): void {
    const { record, side, bytes, view, start, end } = datagram;
    if (start >= end) {
      return;
    }
    this.transport = datagram.transport;
    let session = this.sessions[record];
    this.enter(record, session ?? EMPTY_SESSION, side, datagram.duplicate);
    const dissector =
      datagram.carrier === 'udp' ? this.ownerOfDatagram(datagram, session) : this.ownerByCarrier(datagram);
    session = this.sessions[record];
    if (!dissector) {
      return;
    }
    if (!session) {
      session = new Session();
      this.sessions[record] = session;
    }
    this.session = session;
    if (session.dissector === undefined) {
      session.settle(dissector);
      this.settleClient(dissector, datagram.transport);
    }
    this.context(0);
    this.datagramPdus(dissector, bytes, view, start, end);
  }

  quoted(quote: Quote): void {
    const { record, side, bytes, view, start, end } = quote;
    if (!this.listener.wantsQuoted || start >= end) {
      return;
    }
    const session = new Session();
    this.enter(record, session, side, false);
    const context = this.context(0);
    context.transport = 'udp';
    context.sourcePort = quote.quotedSourcePort;
    context.destinationPort = quote.quotedDestinationPort;
    const { owner } = this.registry.recognise(this.cutReader.reset(bytes, view, start, end), context, 'udp');
    if (owner) {
      context.fromClient = this.registry.declares(owner, 'udp', quote.quotedDestinationPort);
      this.message.quoted = true;
      this.datagramPdus(owner, bytes, view, start, end);
      this.message.quoted = false;
      while (session.questions.count > 0) {
        this.budget.questionBytes -= session.questions.remove(0).bytes;
      }
      session.forgetAll(this.holds, this.budget);
    }
  }

  // ── Whose bytes are these ───────────────────────────────────────────────────────────────────────────────────────

  private ownerByCarrier({ carrier, carrierNumber, bytes, view, start, end }: Datagram): Dissector | undefined {
    const owners =
      carrier === 'ethertype'
        ? this.registry.ownersOfEthertype(carrierNumber)
        : carrier === 'llc'
          ? this.registry.ownersOfLlc(carrierNumber)
          : carrier === 'snap'
            ? this.registry.ownersOfSnap(carrierNumber)
            : this.registry.ownersOfIpProtocol(carrierNumber);
    if (owners.length <= 1) {
      return owners[0];
    }
    return likeliest(owners, this.cutReader.reset(bytes, view, start, end), this.context(0));
  }

  private ownerOfDatagram(datagram: Datagram, session: Session | undefined): Dissector | undefined {
    const { record, side, bytes, view, start, end } = datagram;
    const reader = this.cutReader.reset(bytes, view, start, end);
    const context = this.context(0);
    const settled = session?.dissector;
    if (settled) {
      const likeness = settled.recognise(reader, context);
      if (likeness !== 'no') {
        return settled;
      }
      reader.seek(0);
      return this.registry.recognise(reader, context, 'udp').owner ?? settled;
    }
    const tries = this.stack.flows.packets(record, side);
    if (tries > this.limits.recognitionTries) {
      if (tries === this.limits.recognitionTries + 1) {
        this.limitReached('recognitionTries');
      }
      return undefined;
    }
    const { owner, doubtful } = this.registry.recognise(reader, context, 'udp');
    if (session && !owner && !doubtful) {
      session.recognition.doubtful = undefined;
    }
    return owner ?? (doubtful && this.confirm(record, side, doubtful));
  }

  /** A plausible PDU on a foreign port: believed once enough of them agree, an answer among them. */
  private confirm(record: number, side: Side, doubtful: Dissector): Dissector | undefined {
    // Without an answer nothing will be believed, so nothing is kept: a flood of plausible questions costs no memory.
    if ((this.stack.flows.state(record) & FlowState.answered) === 0) {
      return undefined;
    }
    let session = this.sessions[record];
    if (!session) {
      session = new Session();
      this.sessions[record] = session;
    }
    const trial = session.recognition;
    if (trial.doubtful !== doubtful) {
      trial.doubtful = doubtful;
      trial.times = 0;
      trial.sides = 0;
    }
    trial.times++;
    trial.sides |= side + 1;
    return trial.times >= CONSISTENT_PDUS && trial.sides === BOTH_SIDES ? doubtful : undefined;
  }

  private recogniseStream(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    mayDoubt: boolean,
  ): Dissector | undefined {
    const { session } = this;
    const trial = session.recognition;
    if (trial.tries >= this.limits.recognitionTries) {
      if (trial.tries === this.limits.recognitionTries) {
        trial.tries++;
        this.limitReached('recognitionTries');
      }
      return undefined;
    }
    trial.tries += mayDoubt ? 1 : 0;
    const reader = this.cutReader.reset(bytes, view, start, end);
    const { owner, doubtful } = this.registry.recognise(reader, this.context(0), 'tcp');
    if (!owner && !doubtful && mayDoubt) {
      trial.doubtful = undefined;
    }
    const dissector = owner ?? (doubtful && mayDoubt ? this.confirm(this.flow.record, this.side, doubtful) : undefined);
    if (dissector) {
      session.settle(dissector);
      session.malformedInRow = 0;
      this.settleClient(dissector, 'tcp');
    }
    return dissector;
  }

  /** Without a handshake, the side whose port the recognised protocol declares is the server. */
  private settleClient(dissector: Dissector, transport: Transport): void {
    if (transport !== 'tcp' && transport !== 'udp') {
      return;
    }
    const { flow, registry } = this;
    const servesA = registry.declares(dissector, transport, flow.port(0));
    const servesB = registry.declares(dissector, transport, flow.port(1));
    if (servesA !== servesB) {
      flow.setClient(servesA ? 1 : 0, 'port');
    }
  }

  // ── Streams ─────────────────────────────────────────────────────────────────────────────────────────────────────

  data(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { session, streamTable } = this;
    const { direction } = this;
    const context = this.context(0);
    let { dissector } = session;
    if (!dissector) {
      this.dataOfNobody(bytes, view, start, end);
      return;
    }
    if (!streamTable.has(direction, StreamFlag.synchronised)) {
      const hasCut = streamTable.has(direction, StreamFlag.hasCut);
      if (!this.mayStartHere(dissector, hasCut, bytes, view, start, end)) {
        dissector = this.takenOver(bytes, view, start, end);
        if (!dissector) {
          return;
        }
      }
      streamTable.set(direction, StreamFlag.synchronised);
    }
    const { cut } = dissector;
    if (cut) {
      this.cutters.feed(this, direction, cut, context, this.cutReader, bytes, view, start, end);
    } else {
      this.pdu(bytes, view, start, end);
    }
  }

  /** Asks whose bytes these are; what came before is looked at with them, as a message may start in tiny segments. */
  private dataOfNobody(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { session, side } = this;
    const { firstBytes } = session.recognition;
    const before = firstBytes[side];
    firstBytes[side] = undefined;
    if (this.recogniseStream(bytes, view, start, end, true)) {
      this.streamTable.set(this.direction, StreamFlag.synchronised);
      this.data(bytes, view, start, end);
      return;
    }
    if (end - start > ENOUGH_TO_TELL) {
      return;
    }
    const together = concatenated(before, bytes.subarray(start, end));
    const togetherView = new DataView(together.buffer);
    if (before && this.recogniseStream(together, togetherView, 0, together.length, false)) {
      this.streamTable.set(this.direction, StreamFlag.synchronised);
      this.data(together, togetherView, 0, together.length);
      return;
    }
    if (together.length <= ENOUGH_TO_TELL && session.recognition.tries < this.limits.recognitionTries) {
      firstBytes[side] = together;
    }
  }

  hole(size: number): void {
    const { session, side } = this;
    this.cutters.lose(this, this.direction);
    session.forgetFirstBytes(side);
    session.forgetOpenMessages(this.holds);
    this.listener.gap?.(this.flow, side, size);
  }

  ambiguous(): void {
    this.session.ambiguous = true;
    this.listener.ambiguous?.(this.flow, this.side, this.frame);
  }

  cameIn(packet: Arrival | undefined): void {
    this.frame = (packet ?? this.stack).frame;
    this.time = (packet ?? this.stack).time;
  }

  pdu(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { dissector } = this.session;
    if (dissector) {
      this.readPdu(0, dissector, bytes, view, start, end);
    }
  }

  notMine(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.takingOver || !this.takenOver(bytes, view, start, end)) {
      this.malformed(this.session.dissector, 'no message can start here');
      return;
    }
    this.takingOver = true;
    this.data(bytes, view, start, end);
    this.takingOver = false;
  }

  tooLong(length: number): void {
    this.malformed(this.session.dissector, `${BUDGET}: a message of ${length} bytes`);
  }

  cutShort(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { dissector } = this.session;
    if (dissector) {
      this.context(0);
      this.readPdu(0, dissector, bytes, view, start, end);
    }
  }

  /** A PDU of the protocol may start with these bytes; after a hole they must look like one of its messages as well. */
  private mayStartHere(
    dissector: Dissector,
    afterHole: boolean,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): boolean {
    const reader = this.cutReader.reset(bytes, view, start, end);
    const context = this.context(0);
    if (afterHole && dissector.recognise(reader, context) === 'no') {
      return false;
    }
    reader.seek(0);
    return (dissector.cut?.(reader, context) ?? 1) >= 0;
  }

  /** Another protocol has taken the stream over (STARTTLS, an upgrade): only a strong mark, at the start of a segment, says so. */
  private takenOver(bytes: Uint8Array, view: DataView, start: number, end: number): Dissector | undefined {
    const { session } = this;
    const reader = this.cutReader.reset(bytes, view, start, end);
    const { owner } = this.registry.recognise(reader, this.context(0), 'tcp');
    if (!owner || owner === session.dissector) {
      return undefined;
    }
    reader.seek(0);
    if (owner.recognise(reader, this.context(0)) !== 'strong') {
      return undefined;
    }
    session.settle(owner);
    session.malformedInRow = 0;
    this.forgetUnfinished(session);
    this.streamTable.set(session.connection * 2, StreamFlag.synchronised);
    this.streamTable.set(session.connection * 2 + 1, StreamFlag.synchronised);
    return owner;
  }

  // ── PDUs and messages ───────────────────────────────────────────────────────────────────────────────────────────

  private datagramPdus(dissector: Dissector, bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { cut } = dissector;
    let at = start;
    while (cut && at < end) {
      const length = cut(this.cutReader.reset(bytes, view, at, end), this.contexts[0] as LiveContext);
      if (length <= 0 || at + length > end) {
        break;
      }
      this.readPdu(0, dissector, bytes, view, at, at + length);
      at += length;
    }
    if (at < end && (at === start || !cut)) {
      this.readPdu(0, dissector, bytes, view, at, end);
    }
  }

  private readPdu(
    depth: number,
    dissector: Dissector,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
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
      this.limitReached('steps');
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
      this.limitReached('openMessages');
      session.closeOldestMessage(this.holds);
    }
    const message = begun ?? session.beginMessage(key);
    const held = part.body.length + PART_OVERHEAD;
    message.size += part.body.length;
    message.held += held;
    this.holds.used += held;
    const full = message.size > limits.messageBytes ? 'messageBytes' : this.holds.isSpent ? 'heldBytes' : undefined;
    if (full !== undefined) {
      this.limitReached(full);
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
      this.nameConversation(depth, dissector);
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
    this.limitReached('carriedDepth');
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
        this.carriedPdus(depth, child, innerBytes, innerView, start, end);
      }
    }
  }

  private carriedPdus(
    depth: number,
    child: Dissector,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): void {
    let at = start;
    const context = this.contexts[depth] as LiveContext;
    while (child.cut && at < end) {
      const length = child.cut(this.cutReader.reset(bytes, view, at, end), context);
      if (length <= 0 || at + length > end) {
        break;
      }
      this.readPdu(depth, child, bytes, view, at, at + length);
      at += length;
    }
    if (at < end && (at === start || !child.cut)) {
      this.readPdu(depth, child, bytes, view, at, end);
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
        this.limitReached('questions');
        this.giveUp(session, 0);
      }
      const bytes = (this.readers[depth] as Reader).length + QUESTION_OVERHEAD;
      if (budget.questionBytes + bytes > this.limits.questionBytes && !this.makeRoomFor(session, bytes)) {
        return;
      }
      const question = questions.add(dissector, pair, side, reading, this.time, this.frame);
      question.bytes = bytes;
      budget.questionBytes += bytes;
    } else if (reading.direction === 'response') {
      const index = questions.find(dissector, pair, side === 0 ? 1 : 0);
      if (index >= 0) {
        const question = questions.remove(index);
        budget.questionBytes -= question.bytes;
        message.question = question;
        const elapsed = this.time - question.time;
        message.responseTime = elapsed > 0 && !session.ambiguous ? elapsed : undefined;
      }
    }
  }

  /** Older questions of this flow make room for a new one: those of others are not to suffer for it. */
  private makeRoomFor(session: Session, bytes: number): boolean {
    this.limitReached('questionBytes');
    while (session.questions.count > 0 && this.budget.questionBytes + bytes > this.limits.questionBytes) {
      this.giveUp(session, 0);
    }
    return this.budget.questionBytes + bytes <= this.limits.questionBytes;
  }

  private giveUp(session: Session, index: number): void {
    if (index < session.questions.count) {
      const question = session.questions.remove(index);
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

  private malformed(dissector: Dissector | undefined, reason: string): void {
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
      this.forgetUnfinished(session);
    }
  }

  private forgetUnfinished({ connection }: Session): void {
    if (connection >= 0) {
      this.cutters.clear(connection * 2);
      this.cutters.clear(connection * 2 + 1);
    }
  }

  /** Number of the direction at hand in the table of streams. */
  private get direction(): number {
    return this.session.connection * 2 + this.side;
  }

  private giveUpQuestions(session: Session): void {
    const { questions } = session;
    while (questions.count > 0) {
      const question = questions.remove(0);
      this.budget.questionBytes -= question.bytes;
      if (!this.ended || this.stack.time - question.time > STILL_WAITING) {
        this.listener.unanswered?.(this.flow, question);
      }
    }
  }

  // ── Context ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private enter(record: number, session: Session, side: Side, duplicate: boolean): void {
    this.flow.at(record);
    this.session = session;
    this.side = side;
    this.duplicate = duplicate;
    this.frame = this.stack.frame;
    this.time = this.stack.time;
  }

  /** The context at this depth for the flow and side at hand. */
  private context(depth: number): LiveContext {
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
      this.limitReached(full);
    }
  }
}

/** Stands for the session of a flow that carries nothing known; remembers nothing. */
const EMPTY_SESSION = new Session();

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

function concatenated(before: Uint8Array | undefined, after: Uint8Array): Uint8Array {
  const whole = new Uint8Array((before?.length ?? 0) + after.length);
  whole.set(before ?? after.subarray(0, 0));
  whole.set(after, before?.length ?? 0);
  return whole;
}
