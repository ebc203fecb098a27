import type { Micros } from '../kit/time.ts';
import type { Transport } from '../wire/dissector.ts';
import type { ClientRule } from '../wire/listener.ts';
import type { AssetId, Conversation, ConversationOperation, Peak, Period, Quantiles, Timing } from './conversation.ts';
import type { ConversationTable } from './conversation-table.ts';
import type { Endpoint } from './endpoint.ts';
import { type Counter, countOf, type Exchange, type Rate } from './exchange.ts';
import type { Sketch } from './sketch.ts';

/** Who the ends of a conversation are, as assets. */
export interface Parties {
  clientOf(record: ConversationRecord): AssetId | undefined;
  serverOf(record: ConversationRecord): AssetId | undefined;
  /** The target did not answer here, but it is an asset. */
  targetOf(record: ConversationRecord): AssetId | undefined;
}

/** One conversation of the table: it holds nothing itself, for there may be a million. */
export class ConversationRecord {
  readonly #table: ConversationTable;
  readonly row: number;

  constructor(table: ConversationTable, row: number) {
    this.#table = table;
    this.row = row;
  }

  get clientEnd(): Endpoint | undefined {
    return this.#table.client(this.row);
  }

  get serverEnd(): Endpoint | undefined {
    return this.#table.server(this.row);
  }

  /** What messages told, without times of answers and periods. */
  get counts(): Exchange | undefined {
    return this.#table.exchange(this.row, 'counts');
  }

  get clientAddress(): string {
    return this.#table.clientAddress(this.row);
  }

  get target(): string {
    return this.#table.target(this.row);
  }

  get transport(): Transport {
    return this.#table.transport(this.row);
  }

  get carrier(): number {
    return this.#table.carrier(this.row);
  }

  get vlan(): number | undefined {
    return this.#table.vlan(this.row);
  }

  get port(): number {
    return this.#table.port(this.row);
  }

  get protocol(): string | undefined {
    return this.#table.protocol(this.row);
  }

  get clientRule(): ClientRule {
    return this.#table.clientRule(this.row);
  }

  get toMany(): boolean {
    return this.#table.toMany(this.row);
  }

  get answered(): boolean {
    return this.#table.answered(this.row);
  }

  get flows(): number {
    return this.#table.narrow(this.row, 'flows');
  }

  get packets(): number {
    return this.clientPackets + this.serverPackets;
  }

  get bytes(): number {
    return this.#table.wide(this.row, 'bytes');
  }

  get clientPackets(): number {
    return this.#table.wide(this.row, 'clientPackets');
  }

  get serverPackets(): number {
    return this.#table.wide(this.row, 'serverPackets');
  }

  get firstSeen(): Micros {
    return this.#table.wide(this.row, 'firstSeen');
  }

  get lastSeen(): Micros {
    return this.#table.wide(this.row, 'lastSeen');
  }

  get firstFrame(): number {
    return this.#table.wide(this.row, 'firstFrame');
  }

  get oneSided(): boolean {
    return this.#table.oneSided(this.row);
  }

  get opened(): number {
    return this.#table.narrow(this.row, 'opened');
  }

  get rejected(): number {
    return this.#table.narrow(this.row, 'rejected');
  }

  get silent(): number {
    return this.#table.narrow(this.row, 'silent');
  }
}

/**
 * What was unpacked of the conversation that was asked last: whoever looks at one asks for several things, but whoever keeps
 * one should not keep all this.
 */
export class Unpacked {
  readonly #table: ConversationTable;
  #row = -1;
  #exchange: Exchange | undefined;
  #part: 'nothing' | 'counts' | 'all' = 'nothing';
  #operations: readonly ConversationOperation[] | undefined;

  constructor(table: ConversationTable) {
    this.#table = table;
  }

  counts(row: number): Exchange | undefined {
    this.#turnTo(row);
    if (this.#part === 'nothing') {
      this.#exchange = this.#table.exchange(row, 'counts');
      this.#part = 'counts';
    }
    return this.#exchange;
  }

  exchange(row: number): Exchange | undefined {
    this.#turnTo(row);
    if (this.#part !== 'all') {
      this.#exchange = this.#table.exchange(row, 'all');
      this.#part = 'all';
    }
    return this.#exchange;
  }

  operations(row: number): readonly ConversationOperation[] {
    const counts = this.counts(row);
    this.#operations ??= counts === undefined ? NO_OPERATIONS : operationsOf(counts);
    return this.#operations;
  }

  #turnTo(row: number): void {
    if (row !== this.#row) {
      this.#row = row;
      this.#part = 'nothing';
      this.#exchange = undefined;
      this.#operations = undefined;
    }
  }
}

/** The same with its ends as assets. */
export class NamedConversation extends ConversationRecord implements Conversation {
  readonly #parties: Parties;
  readonly #unpacked: Unpacked;

  constructor(table: ConversationTable, row: number, parties: Parties, unpacked: Unpacked) {
    super(table, row);
    this.#parties = parties;
    this.#unpacked = unpacked;
  }

  override get counts(): Exchange | undefined {
    return this.#unpacked.counts(this.row);
  }

  get client(): AssetId | undefined {
    return this.#parties.clientOf(this);
  }

  get server(): AssetId | undefined {
    return this.#parties.serverOf(this);
  }

  get targetAsset(): AssetId | undefined {
    return this.#parties.targetOf(this);
  }

  get operations(): readonly ConversationOperation[] {
    return this.#unpacked.operations(this.row);
  }

  /** `undefined` where the conversation knows neither questions nor reports. */
  get timing(): Timing | undefined {
    const exchange = this.#unpacked.exchange(this.row);
    return exchange && timingOf(exchange, this.oneSided);
  }

  get peak(): Peak {
    return peakOf(this.counts?.rate);
  }

  get malformed(): number {
    return this.counts?.malformed ?? 0;
  }

  get malformedFrame(): number {
    return this.counts?.malformedFrame ?? 0;
  }

  get ambiguous(): number {
    return this.counts?.ambiguous ?? 0;
  }

  get ambiguousFrame(): number {
    return this.counts?.ambiguousFrame ?? 0;
  }

  get gaps(): number {
    return this.counts?.gaps ?? 0;
  }

  get targets(): number {
    return this.counts?.targets ?? 0;
  }

  get agreedPeriod(): Micros | undefined {
    return this.counts?.agreedPeriod;
  }
}

const NO_OPERATIONS: readonly ConversationOperation[] = [];
const NO_PEAK: Peak = { perSecond: 0, time: 0, usual: 0 };

/** What the client did, then what the server did. */
function operationsOf({ counters }: Exchange): readonly ConversationOperation[] {
  const operations: ConversationOperation[] = [];
  for (const by of ['client', 'server'] as const) {
    for (const counter of counters) {
      if (counter.by === by) {
        operations.push(operationOf(counter));
      }
    }
  }
  return operations;
}

function operationOf(counter: Counter): ConversationOperation {
  return {
    name: counter.operation.name,
    effect: counter.operation.effect,
    protocol: counter.operation.protocol,
    by: counter.by,
    count: countOf(counter),
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

function timingOf({ counters, responses }: Exchange, oneSided: boolean): Timing | undefined {
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
