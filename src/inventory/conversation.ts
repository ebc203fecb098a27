import type { Brand } from '../kit/brand.ts';
import type { Micros } from '../kit/time.ts';
import type { Transport } from '../wire/dissector.ts';
import type { ClientRule, Flow, Side } from '../wire/listener.ts';
import type { Effect } from '../wire/observation.ts';
import type { Endpoint } from './endpoint.ts';
import { type Counter, type FlowRecord, Rate, RESPONSE_ACCURACY } from './flow-record.ts';
import type { LimitCounter } from './limits.ts';
import { Sketch } from './sketch.ts';

export type AssetId = Brand<'AssetId'>;

/** Who talks to whom, in what protocol, doing what, how fast. All flows with the same parties and server port together. */
export interface Conversation {
  /** `undefined`: the client is no asset (it was only believed to exist, see `scan.spoofed-sources`). */
  readonly client: AssetId | undefined;
  /** `undefined`: nobody answered. */
  readonly server: AssetId | undefined;
  readonly clientAddress: string;
  /** Address of the server, or of the target that did not answer. */
  readonly target: string;
  /** The target did not answer here, but it is an asset that was seen elsewhere. */
  readonly targetAsset: AssetId | undefined;
  readonly transport: Transport;
  readonly carrier: number;
  readonly vlan: number | undefined;
  readonly port: number;
  readonly protocol: string | undefined;
  readonly clientRule: ClientRule;
  readonly toMany: boolean;
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  /** Packets by the client and by the server. */
  readonly clientPackets: number;
  readonly serverPackets: number;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly firstFrame: number;
  readonly operations: readonly ConversationOperation[];
  readonly timing: Timing | undefined;
  readonly malformed: number;
  readonly malformedFrame: number;
  readonly ambiguous: number;
  readonly ambiguousFrame: number;
  readonly gaps: number;
  /** TCP whose answers, or questions, were not captured. */
  readonly oneSided: boolean;
  /** TCP connections that came about, were refused, and were never answered. */
  readonly opened: number;
  readonly rejected: number;
  readonly silent: number;
  readonly peak: Peak;
  /** Units, slots or areas aimed at. */
  readonly targets: number;
  readonly agreedPeriod: Micros | undefined;
}

export interface ConversationOperation {
  readonly name: string;
  readonly effect: Effect;
  readonly protocol: string;
  /** Who asked or reported: usually the client, but an S7 controller fetches its blocks itself. */
  readonly by: 'client' | 'server';
  readonly count: number;
  readonly errors: number;
  readonly requests: number;
  readonly responses: number;
  readonly answered: number;
  readonly unanswered: number;
  readonly distinct: number;
  readonly refusal: string | undefined;
  readonly refusedOften: boolean;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly firstFrame: number;
  readonly refusedFrame: number;
}

export interface Timing {
  readonly requests: number;
  readonly unanswered: number;
  readonly response: Quantiles | undefined;
  readonly period: Period | undefined;
}

/** In microseconds. */
export interface Quantiles {
  readonly p50: Micros;
  readonly p99: Micros;
  readonly p999: Micros;
  readonly max: Micros;
}

export interface Period {
  readonly p50: Micros;
  readonly jitterP99: Micros;
}

/** The busiest second, and how many questions a second are usual outside the busy ones. */
export interface Peak {
  readonly perSecond: number;
  readonly time: Micros;
  readonly usual: number | undefined;
}

/** What is kept of a conversation while the capture runs. */
export class ConversationRecord {
  readonly key: string;
  readonly client: Endpoint | undefined;
  readonly server: Endpoint | undefined;
  readonly clientAddress: string;
  readonly target: string;
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
  malformed = 0;
  malformedFrame = 0;
  ambiguous = 0;
  ambiguousFrame = 0;
  gaps = 0;
  targets = 0;
  agreedPeriod: Micros | undefined;
  byClient: Counter[] = NO_COUNTERS;
  byServer: Counter[] = NO_COUNTERS;
  responses: Sketch | undefined;
  rate: Rate | undefined;

  constructor(key: string, flow: Flow, client: Side, ends: Ends) {
    const server: Side = client === 0 ? 1 : 0;
    this.key = key;
    this.client = ends.client;
    this.server = ends.server;
    this.clientAddress = flow.address(client);
    this.target = flow.address(server);
    this.transport = flow.transport;
    this.carrier = flow.carrier;
    this.vlan = flow.vlan;
    // An answer to all goes to the port of whoever asked; the service is at the port it comes from.
    this.port = flow.port(client === flow.client ? server : client);
    this.protocol = flow.protocol;
    this.toMany = flow.toMany;
    this.clientRule = flow.clientRule;
    this.firstSeen = flow.firstSeen;
    this.lastSeen = flow.lastSeen;
    this.firstFrame = flow.firstFrame;
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
      this.#counters(client, record, limits);
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
    this.#troubles(other);
    this.targets = Math.max(this.targets, other.targets);
    this.agreedPeriod ??= other.agreedPeriod;
    this.byClient = merged(this.byClient, other.byClient, limits);
    this.byServer = merged(this.byServer, other.byServer, limits);
    this.#measures(other.responses, other.rate);
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

  #counters(client: Side, record: FlowRecord, limits: LimitCounter): void {
    record.close();
    record.rate.close();
    this.#troubles(record);
    this.targets = Math.max(this.targets, record.targets?.size ?? 0);
    this.agreedPeriod ??= record.agreedPeriod;
    this.byClient = merged(this.byClient, record.counters[client], limits);
    this.byServer = merged(this.byServer, record.counters[client === 0 ? 1 : 0], limits);
    this.#measures(record.responses, record.rate.total === 0 ? undefined : record.rate);
  }

  #troubles(other: Troubles): void {
    this.malformedFrame ||= other.malformedFrame;
    this.ambiguousFrame ||= other.ambiguousFrame;
    this.malformed += other.malformed;
    this.ambiguous += other.ambiguous;
    this.gaps += other.gaps;
  }

  #measures(responses: Sketch | undefined, rate: Rate | undefined): void {
    if (responses !== undefined) {
      this.responses ??= new Sketch(RESPONSE_ACCURACY);
      this.responses.merge(responses);
    }
    if (rate !== undefined) {
      this.rate ??= new Rate();
      this.rate.merge(rate);
    }
  }
}

type Troubles = Pick<FlowRecord, 'malformed' | 'malformedFrame' | 'ambiguous' | 'ambiguousFrame' | 'gaps'>;

export interface Ends {
  readonly client: Endpoint | undefined;
  readonly server: Endpoint | undefined;
}

const NO_COUNTERS: Counter[] = [];
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
  return {
    ...parties,
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
    operations: [
      ...record.byClient.map((counter) => operationOf(counter, 'client')),
      ...record.byServer.map((counter) => operationOf(counter, 'server')),
    ],
    timing: timingOf(record),
    malformed: record.malformed,
    malformedFrame: record.malformedFrame,
    ambiguous: record.ambiguous,
    ambiguousFrame: record.ambiguousFrame,
    gaps: record.gaps,
    oneSided: record.oneSided,
    opened: record.opened,
    rejected: record.rejected,
    silent: record.silent,
    peak: peakOf(record.rate),
    targets: record.targets,
    agreedPeriod: record.agreedPeriod,
  };
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
    refusal: counter.refusal,
    refusedOften: counter.refusedOften,
    firstSeen: counter.firstTime,
    lastSeen: counter.lastTime,
    firstFrame: counter.firstFrame,
    refusedFrame: counter.refusedFrame,
  };
}

/** `undefined` where the conversation knows neither questions nor reports. */
function timingOf(record: ConversationRecord): Timing | undefined {
  const counters = [...record.byClient, ...record.byServer];
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
    unanswered: record.oneSided ? 0 : unanswered,
    response: quantilesOf(record.responses),
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
    return { perSecond: 0, time: 0, usual: 0 };
  }
  const quiet = rate.seconds - rate.floodSeconds;
  const usual = quiet > 0 ? (rate.total - rate.flooded) / quiet : undefined;
  return { perSecond: rate.peak, time: rate.peakTime, usual };
}
