import type { Micros } from '../kit/time.ts';
import type { Transport } from '../wire/dissector.ts';
import type { ClientRule, Flow, Side } from '../wire/listener.ts';
import type { AssetId, Conversation, ConversationOperation, Peak, Period, Quantiles, Timing } from './conversation.ts';
import type { Endpoint } from './endpoint.ts';
import { type Counter, type FlowRecord, Rate, RESPONSE_ACCURACY } from './flow-record.ts';
import type { LimitCounter } from './limits.ts';
import { Sketch } from './sketch.ts';

/**
 * What is kept of a conversation while the capture runs. A scan makes a million of them with a packet each, so what
 * only messages need stands apart.
 */
export class ConversationRecord {
  readonly client: Endpoint | undefined;
  readonly server: Endpoint | undefined;
  /** Addresses of ends that are no endpoint: the target was not heard. */
  readonly #clientText: string | undefined;
  readonly #targetText: string | undefined;
  readonly transport: Transport;
  readonly carrier: number;
  readonly vlan: number | undefined;
  readonly port: number;
  readonly protocol: string | undefined;
  readonly toMany: boolean;
  clientRule: ClientRule;
  flows = 0;
  clientPackets = 0;
  serverPackets = 0;
  bytes = 0;
  firstSeen: Micros;
  lastSeen: Micros;
  firstFrame: number;
  opened = 0;
  rejected = 0;
  silent = 0;
  oneSided = false;
  exchange: Exchange | undefined;

  constructor(flow: Flow, { client, service }: Sides, ends: Ends) {
    const server: Side = client === 0 ? 1 : 0;
    this.client = ends.client;
    this.server = ends.server;
    this.#clientText = ends.client === undefined ? flow.address(client) : undefined;
    this.#targetText = ends.server === undefined ? flow.address(server) : undefined;
    this.transport = flow.transport;
    this.carrier = flow.carrier;
    this.vlan = flow.vlan;
    this.port = flow.port(service);
    this.protocol = flow.protocol;
    this.toMany = flow.toMany;
    this.clientRule = flow.clientRule;
    this.firstSeen = flow.firstSeen;
    this.lastSeen = flow.lastSeen;
    this.firstFrame = flow.firstFrame;
  }

  get clientAddress(): string {
    return this.#clientText ?? this.client?.address ?? this.client?.mac ?? '';
  }

  get target(): string {
    return this.#targetText ?? this.server?.address ?? this.server?.mac ?? '';
  }

  get byClient(): readonly Counter[] {
    return this.exchange?.byClient ?? NO_COUNTERS;
  }

  get byServer(): readonly Counter[] {
    return this.exchange?.byServer ?? NO_COUNTERS;
  }

  /** Adds a flow that is over. */
  fold(flow: Flow, client: Side, record: FlowRecord | undefined, limits: LimitCounter): void {
    const server: Side = client === 0 ? 1 : 0;
    this.flows++;
    this.clientPackets += flow.packets(client);
    this.serverPackets += flow.packets(server);
    this.bytes += flow.bytes(0) + flow.bytes(1);
    this.#widen(flow.firstSeen, flow.lastSeen, flow.firstFrame);
    this.clientRule = surestRule(this.clientRule, flow.clientRule);
    if (flow.transport === 'tcp') {
      this.#connection(flow);
    }
    if (record !== undefined) {
      record.close();
      this.exchange ??= new Exchange();
      this.exchange.add(exchangeOf(record, client), limits);
    }
  }

  /** Joins a conversation of the same parties, seen at other addresses of theirs. */
  merge(other: ConversationRecord, limits: LimitCounter): void {
    this.flows += other.flows;
    this.clientPackets += other.clientPackets;
    this.serverPackets += other.serverPackets;
    this.bytes += other.bytes;
    this.#widen(other.firstSeen, other.lastSeen, other.firstFrame);
    this.clientRule = surestRule(this.clientRule, other.clientRule);
    this.opened += other.opened;
    this.rejected += other.rejected;
    this.silent += other.silent;
    this.oneSided ||= other.oneSided;
    if (other.exchange !== undefined) {
      this.exchange ??= new Exchange();
      this.exchange.add(other.exchange, limits);
    }
  }

  #widen(firstSeen: Micros, lastSeen: Micros, firstFrame: number): void {
    this.firstSeen = Math.min(this.firstSeen, firstSeen);
    this.lastSeen = Math.max(this.lastSeen, lastSeen);
    this.firstFrame = Math.min(this.firstFrame, firstFrame);
  }

  #connection(flow: Flow): void {
    const { syn, synAck, reset } = flow.tcp;
    if (synAck) {
      this.opened++;
    } else if (syn && flow.answered && reset) {
      this.rejected++;
    } else if (syn && !flow.answered) {
      this.silent++;
    } else if (!flow.answered) {
      this.oneSided = true;
    }
  }
}

/** Which side of a flow asks, and at whose port the service is. */
export interface Sides {
  readonly client: Side;
  readonly service: Side;
}

export interface Ends {
  readonly client: Endpoint | undefined;
  readonly server: Endpoint | undefined;
}

/** What messages told of a conversation. */
class Exchange {
  byClient: Counter[] = NO_COUNTERS;
  byServer: Counter[] = NO_COUNTERS;
  responses: Sketch | undefined;
  rate: Rate | undefined;
  targets = 0;
  agreedPeriod: Micros | undefined;
  malformed = 0;
  malformedFrame = 0;
  ambiguous = 0;
  ambiguousFrame = 0;
  gaps = 0;

  add(other: Exchange, limits: LimitCounter): void {
    this.byClient = merged(this.byClient, other.byClient, limits);
    this.byServer = merged(this.byServer, other.byServer, limits);
    if (other.responses !== undefined) {
      this.responses ??= new Sketch(RESPONSE_ACCURACY);
      this.responses.merge(other.responses);
    }
    if (other.rate !== undefined) {
      this.rate ??= new Rate();
      this.rate.merge(other.rate);
    }
    this.targets = Math.max(this.targets, other.targets);
    this.agreedPeriod ??= other.agreedPeriod;
    this.malformedFrame ||= other.malformedFrame;
    this.ambiguousFrame ||= other.ambiguousFrame;
    this.malformed += other.malformed;
    this.ambiguous += other.ambiguous;
    this.gaps += other.gaps;
  }
}

function exchangeOf(record: FlowRecord, client: Side): Exchange {
  const exchange = new Exchange();
  exchange.byClient = record.counters[client];
  exchange.byServer = record.counters[client === 0 ? 1 : 0];
  exchange.responses = record.responses;
  exchange.rate = record.rate.total === 0 ? undefined : record.rate;
  exchange.targets = record.targets?.size ?? 0;
  exchange.agreedPeriod = record.agreedPeriod;
  exchange.malformed = record.malformed;
  exchange.malformedFrame = record.malformedFrame;
  exchange.ambiguous = record.ambiguous;
  exchange.ambiguousFrame = record.ambiguousFrame;
  exchange.gaps = record.gaps;
  return exchange;
}

const NO_COUNTERS: Counter[] = [];
const NO_OPERATIONS: readonly ConversationOperation[] = [];
const NO_PEAK: Peak = { perSecond: 0, time: 0, usual: 0 };
const RULES: readonly ClientRule[] = ['handshake', 'protocol', 'port', 'first'];

function surestRule(one: ClientRule, other: ClientRule): ClientRule {
  return RULES.indexOf(one) <= RULES.indexOf(other) ? one : other;
}

function merged(known: Counter[], more: Counter[], limits: LimitCounter): Counter[] {
  if (known.length === 0) {
    return more;
  }
  for (const counter of more) {
    const same = known.find(({ operation }) => operation === counter.operation);
    if (same !== undefined) {
      same.merge(counter);
    } else if (limits.allows('operationsPerConversation', known.length)) {
      known.push(counter);
    } else {
      known.at(-1)?.merge(counter);
    }
  }
  return known;
}

/** The ends as assets. */
export interface Parties {
  readonly client: AssetId | undefined;
  readonly server: AssetId | undefined;
  readonly targetAsset: AssetId | undefined;
}

export function conversationOf(record: ConversationRecord, parties: Parties): Conversation {
  const { exchange } = record;
  return {
    client: parties.client,
    server: parties.server,
    targetAsset: parties.targetAsset,
    clientAddress: record.clientAddress,
    target: record.target,
    transport: record.transport,
    carrier: record.carrier,
    vlan: record.vlan,
    port: record.port,
    protocol: record.protocol,
    clientRule: record.clientRule,
    toMany: record.toMany,
    flows: record.flows,
    packets: record.clientPackets + record.serverPackets,
    bytes: record.bytes,
    clientPackets: record.clientPackets,
    serverPackets: record.serverPackets,
    firstSeen: record.firstSeen,
    lastSeen: record.lastSeen,
    firstFrame: record.firstFrame,
    operations: operationsOf(record),
    timing: exchange && timingOf(exchange, record.oneSided),
    malformed: exchange?.malformed ?? 0,
    malformedFrame: exchange?.malformedFrame ?? 0,
    ambiguous: exchange?.ambiguous ?? 0,
    ambiguousFrame: exchange?.ambiguousFrame ?? 0,
    gaps: exchange?.gaps ?? 0,
    oneSided: record.oneSided,
    opened: record.opened,
    rejected: record.rejected,
    silent: record.silent,
    peak: peakOf(exchange?.rate),
    targets: exchange?.targets ?? 0,
    agreedPeriod: exchange?.agreedPeriod,
  };
}

function operationsOf({ exchange }: ConversationRecord): readonly ConversationOperation[] {
  return exchange === undefined
    ? NO_OPERATIONS
    : [
        ...exchange.byClient.map((counter) => operationOf(counter, 'client')),
        ...exchange.byServer.map((counter) => operationOf(counter, 'server')),
      ];
}

function operationOf(counter: Counter, by: ConversationOperation['by']): ConversationOperation {
  return {
    name: counter.operation.name,
    effect: counter.operation.effect,
    protocol: counter.protocol,
    by,
    count: counter.count,
    errors: counter.refused,
    requests: counter.requests,
    responses: counter.responses,
    answered: counter.answered,
    unanswered: counter.unanswered,
    distinct: counter.distinct,
    swept: counter.swept,
    sweeps: counter.sweeps,
    refusal: counter.refusal,
    refusedOften: counter.refusedOften,
    firstSeen: counter.firstTime,
    lastSeen: counter.lastTime,
    firstFrame: counter.firstFrame,
    refusedFrame: counter.refusedFrame,
  };
}

/** `undefined` where the conversation knows neither questions nor reports. */
function timingOf({ byClient, byServer, responses }: Exchange, oneSided: boolean): Timing | undefined {
  const counters = [...byClient, ...byServer];
  if (counters.length === 0) {
    return undefined;
  }
  let requests = 0;
  let unanswered = 0;
  let periodic: Counter | undefined;
  for (const counter of counters) {
    requests += counter.requests;
    unanswered += counter.unanswered;
    if (counter.intervals !== undefined && counter.intervals.count > (periodic?.intervals?.count ?? 0)) {
      periodic = counter;
    }
  }
  return {
    requests,
    // Where one side of a connection was not captured, nobody can say what was answered.
    unanswered: oneSided ? 0 : unanswered,
    response: quantilesOf(responses),
    period: periodOf(periodic?.intervals),
  };
}

function quantilesOf(sketch: Sketch | undefined): Quantiles | undefined {
  if (sketch === undefined || sketch.count === 0) {
    return undefined;
  }
  const at = (q: number) => sketch.quantile(q) ?? 0;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: sketch.max };
}

/** The period of what is asked most often; jitter is the distance from it that one in a hundred exceeds. */
function periodOf(intervals: Sketch | undefined): Period | undefined {
  const p50 = intervals?.quantile(0.5);
  return p50 === undefined ? undefined : { p50, jitterP99: intervals?.distanceQuantile(p50, 0.99) ?? 0 };
}

function peakOf(rate: Rate | undefined): Peak {
  if (rate === undefined) {
    return NO_PEAK;
  }
  const quiet = rate.seconds - rate.floodSeconds;
  const usual = quiet > 0 ? (rate.total - rate.flooded) / quiet : undefined;
  return { perSecond: rate.peak, time: rate.peakTime, usual };
}
