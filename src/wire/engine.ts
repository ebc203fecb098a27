import type { CapturedPacket, PacketSink } from './capture/packet-sink.ts';
import { BUDGET, type Dissector, type Transport } from './dissector.ts';
import { FlowWindow } from './flow-window.ts';
import { DEFAULT_LIMITS, isOfAllReached, type LimitName, type Limits, LimitWatch, limitsOfShare } from './limits.ts';
import type { Flow, Listener, Side } from './listener.ts';
import { EMPTY_SESSION, type MessageHost, MessageReader } from './message-reader.ts';
import { likeliest, Registry } from './registry.ts';
import { Session } from './session.ts';
import type { Counters } from './stack/counters.ts';
import { FlowState } from './stack/flow-table.ts';
import { NetworkStack } from './stack/network.ts';
import { PduCutters, type PduSink } from './stack/pdu-cutters.ts';
import { ALL_TRAFFIC, type Share } from './stack/share.ts';
import { StreamFlag, StreamTable } from './stack/stream-table.ts';
import { type Arrival, HoldBudget, type StreamSink, TcpStreams } from './stack/tcp-streams.ts';
import { type Datagram, type Quote, type Segment, TcpFlag, type TransportSink } from './stack/transport-sink.ts';

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

/** Plausible PDUs, with an answer among them, that a protocol needs on a port that is not its own. */
const CONSISTENT_PDUS = 3;
const BOTH_SIDES = 3;
/** First bytes of a stream that are kept while nobody knows whose they are. */
const ENOUGH_TO_TELL = 64;

/**
 * Packets in, messages and observations out. Pure: no file, no clock (time is packet time), no randomness (the seed is
 * given). Below the message nothing is allocated per packet, and nothing here throws for what a packet holds.
 */
export class Engine implements PacketSink, TransportSink, StreamSink, PduSink, MessageHost {
  private readonly listener: Listener;
  private readonly limits: Limits;
  private readonly watch: LimitWatch<LimitName>;
  private readonly registry: Registry;
  private readonly stack: NetworkStack;
  private readonly holds: HoldBudget;
  private readonly streamTable = new StreamTable();
  private readonly streams: TcpStreams;
  private readonly cutters: PduCutters;
  private readonly sessions: (Session | undefined)[] = [];
  private readonly flow: FlowWindow;
  private readonly messages: MessageReader;
  private ended = false;
  /** The new owner of a stream reads its first bytes: it must not be overruled over the same bytes. */
  private takingOver = false;

  constructor({ dissectors, listener, seed, limits, simulatedLimits = [], share = ALL_TRAFFIC }: EngineOptions) {
    this.listener = listener;
    const wanted = limitsOfShare({ ...DEFAULT_LIMITS, ...limits }, share.of);
    this.watch = new LimitWatch(wanted, simulatedLimits, (limit, time, times) => {
      listener.limitReached?.(limit, time, times);
    });
    this.limits = this.watch.limits;
    const depths = limits?.carriedDepth ?? DEFAULT_LIMITS.carriedDepth;
    this.registry = new Registry(dissectors);
    this.stack = new NetworkStack(this.limits, seed, share, this);
    this.holds = new HoldBudget(this.limits, (limit) => this.limitReached(limit));
    this.streams = new TcpStreams(this.streamTable, this.holds);
    this.cutters = new PduCutters(this.streamTable, this.holds, this);
    this.flow = new FlowWindow(this.stack, this.sessions);
    const { registry, stack, holds, flow } = this;
    this.messages = new MessageReader({
      listener,
      limits: this.limits,
      depths,
      registry,
      stack,
      holds,
      flow,
      host: this,
    });
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

  /** No message of this frame or an earlier one will come any more. */
  get settledFrame(): number {
    return Math.min(this.earliestOpenFrame - 1, this.stack.frame);
  }

  packet(packet: CapturedPacket): void {
    this.stack.packet(packet);
  }

  /** A packet that nobody wants looked at: it counts as filtered. */
  passOver(): void {
    this.stack.passOver();
  }

  /**
   * So far, several engines that share the traffic tell together exactly what one would have told. False once a limit on all
   * flows together was near: what happens then depends on which flows there are.
   */
  get isExactShare(): boolean {
    return !(this.stack.wasCrowded || isOfAllReached(this.watch.reached));
  }

  /** Another capture of the same run begins: its interfaces are numbered on from here. */
  beginCapture(interfacesBefore: number): void {
    this.stack.interfaceBase = interfacesBefore;
  }

  /** Every flow that is not over, between two packets: what a listener tells of it now, it need not tell at its end. */
  openFlows(visit: (flow: Flow) => void): void {
    const { flows } = this.stack;
    for (let record = 0; record < flows.used; record++) {
      if ((flows.state(record) & FlowState.alive) !== 0) {
        visit(this.flow.at(record));
      }
    }
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
      this.messages.transport = this.flow.transport;
      if (session.connection >= 0) {
        this.closeStream(record, session, 0);
        this.closeStream(record, session, 1);
        this.streamTable.close(session.connection);
        session.connection = -1;
      }
      this.messages.leave(session, this.ended);
    }
    this.listener.flowClosed?.(this.flow.at(record));
    this.sessions[record] = undefined;
    this.flow.data = undefined;
  }

  private closeStream(record: number, session: Session, side: Side): void {
    const direction = session.connection * 2 + side;
    if (this.streamTable.has(direction, StreamFlag.begun)) {
      this.messages.enter(record, session, side, false);
      this.streams.finish(this, direction);
      this.cutters.clear(direction);
    }
  }

  limitReached(limit: LimitName): void {
    this.watch.note(limit, this.stack.time);
    if (limit === 'steps') {
      this.messages.renewSteps();
    }
  }

  segment(segment: Segment): void {
    const { record, side, announced } = segment;
    this.messages.transport = 'tcp';
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
      this.messages.enter(record, session, side === 0 ? 1 : 0, false);
      streams.peerAcknowledged(this, other, segment.acknowledgement);
      streams.expire(this, other, stack.time);
    }
    if (announced === 0 || segment.flags & TcpFlag.syn) {
      return;
    }
    this.messages.enter(record, session, side, segment.duplicate);
    if (segment.ambiguous) {
      this.ambiguous();
    }
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
    this.messages.transport = datagram.transport;
    let session = this.sessions[record];
    this.messages.enter(record, session ?? EMPTY_SESSION, side, datagram.duplicate);
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
    this.messages.session = session;
    if (datagram.ambiguous) {
      this.ambiguous();
    }
    if (session.dissector === undefined) {
      session.settle(dissector);
      this.settleClient(dissector, datagram.transport);
    }
    this.messages.context(0);
    this.messages.pdus(0, dissector, bytes, view, start, end);
  }

  quoted(quote: Quote): void {
    const { record, side, bytes, view, start, end } = quote;
    if (!this.listener.wantsQuoted || start >= end) {
      return;
    }
    const session = new Session();
    this.messages.enter(record, session, side, false);
    const context = this.messages.context(0);
    context.transport = 'udp';
    context.sourcePort = quote.quotedSourcePort;
    context.destinationPort = quote.quotedDestinationPort;
    const { owner } = this.registry.recognise(this.messages.cutReader.reset(bytes, view, start, end), context, 'udp');
    if (owner) {
      context.fromClient = this.registry.declares(owner, 'udp', quote.quotedDestinationPort);
      this.messages.quoted = true;
      this.messages.pdus(0, owner, bytes, view, start, end);
      this.messages.quoted = false;
      this.messages.forget(session);
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
            : carrier === 'link'
              ? this.registry.ownersOfLinkType(carrierNumber)
              : this.registry.ownersOfIpProtocol(carrierNumber);
    if (owners.length <= 1) {
      return owners[0];
    }
    return likeliest(owners, this.messages.cutReader.reset(bytes, view, start, end), this.messages.context(0));
  }

  private ownerOfDatagram(datagram: Datagram, session: Session | undefined): Dissector | undefined {
    const { record, side, bytes, view, start, end } = datagram;
    const reader = this.messages.cutReader.reset(bytes, view, start, end);
    const context = this.messages.context(0);
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
    const { session } = this.messages;
    const trial = session.recognition;
    if (trial.tries >= this.limits.recognitionTries) {
      if (trial.tries === this.limits.recognitionTries) {
        trial.tries++;
        this.limitReached('recognitionTries');
      }
      return undefined;
    }
    trial.tries += mayDoubt ? 1 : 0;
    const reader = this.messages.cutReader.reset(bytes, view, start, end);
    const { owner, doubtful } = this.registry.recognise(reader, this.messages.context(0), 'tcp');
    if (!owner && !doubtful && mayDoubt) {
      trial.doubtful = undefined;
    }
    const dissector =
      owner ?? (doubtful && mayDoubt ? this.confirm(this.flow.record, this.messages.side, doubtful) : undefined);
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
    const { streamTable, direction } = this;
    const { session } = this.messages;
    const context = this.messages.context(0);
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
      this.cutters.feed(direction, cut, context, this.messages.cutReader, bytes, view, start, end);
    } else {
      this.pdu(bytes, view, start, end);
    }
  }

  /** Asks whose bytes these are; what came before is looked at with them, as a message may start in tiny segments. */
  private dataOfNobody(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { session, side } = this.messages;
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
    const { session, side } = this.messages;
    this.cutters.lose(this.direction);
    session.forgetFirstBytes(side);
    session.forgetOpenMessages(this.holds);
    this.listener.gap?.(this.flow, side, size);
  }

  ambiguous(): void {
    this.messages.session.ambiguous = true;
    this.listener.ambiguous?.(this.flow, this.messages.side, this.messages.frame);
  }

  cameIn(packet: Arrival | undefined): void {
    this.messages.frame = (packet ?? this.stack).frame;
    this.messages.time = (packet ?? this.stack).time;
  }

  pdu(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { dissector } = this.messages.session;
    if (dissector) {
      this.messages.pdu(0, dissector, bytes, view, start, end);
    }
  }

  notMine(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.takingOver || !this.takenOver(bytes, view, start, end)) {
      this.messages.malformed(this.messages.session.dissector, 'no message can start here');
      return;
    }
    this.takingOver = true;
    this.data(bytes, view, start, end);
    this.takingOver = false;
  }

  tooLong(length: number): void {
    this.messages.malformed(this.messages.session.dissector, `${BUDGET}: a message of ${length} bytes`);
  }

  cutShort(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const { dissector } = this.messages.session;
    if (dissector) {
      this.messages.context(0);
      this.messages.pdu(0, dissector, bytes, view, start, end);
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
    const reader = this.messages.cutReader.reset(bytes, view, start, end);
    const context = this.messages.context(0);
    if (afterHole && dissector.recognise(reader, context) === 'no') {
      return false;
    }
    reader.seek(0);
    return (dissector.cut?.(reader, context) ?? 1) >= 0;
  }

  /** Another protocol has taken the stream over (STARTTLS, an upgrade): only a strong mark, at the start of a segment, says so. */
  private takenOver(bytes: Uint8Array, view: DataView, start: number, end: number): Dissector | undefined {
    const { session } = this.messages;
    const reader = this.messages.cutReader.reset(bytes, view, start, end);
    const { owner } = this.registry.recognise(reader, this.messages.context(0), 'tcp');
    if (!owner || owner === session.dissector) {
      return undefined;
    }
    reader.seek(0);
    if (owner.recognise(reader, this.messages.context(0)) !== 'strong') {
      return undefined;
    }
    session.settle(owner);
    session.malformedInRow = 0;
    this.disbelieved(session);
    this.streamTable.set(session.connection * 2, StreamFlag.synchronised);
    this.streamTable.set(session.connection * 2 + 1, StreamFlag.synchronised);
    return owner;
  }

  disbelieved({ connection }: Session): void {
    if (connection >= 0) {
      this.cutters.clear(connection * 2);
      this.cutters.clear(connection * 2 + 1);
    }
  }

  /** Number of the direction at hand in the table of streams. */
  private get direction(): number {
    return this.messages.session.connection * 2 + this.messages.side;
  }
}

function concatenated(before: Uint8Array | undefined, after: Uint8Array): Uint8Array {
  const whole = new Uint8Array((before?.length ?? 0) + after.length);
  whole.set(before ?? after.subarray(0, 0));
  whole.set(after, before?.length ?? 0);
  return whole;
}
