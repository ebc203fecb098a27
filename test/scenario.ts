import type { Analysis } from '../src/inventory/analysis.ts';
import { type Collector, createCollector } from '../src/inventory/collector.ts';
import type { CaptureCoverage } from '../src/inventory/heard.ts';
import type { InventoryLimits } from '../src/inventory/limits.ts';
import type { VendorOfMac } from '../src/inventory/mac-vendors.ts';
import type { CollectorOptions } from '../src/inventory/merge.ts';
import type { Micros } from '../src/kit/time.ts';
import type { Dissector, Operation, Reading, Transport } from '../src/wire/dissector.ts';
import type { ClientRule, Flow, Message, Question, Side, TcpState } from '../src/wire/listener.ts';
import type { Effect, Observation } from '../src/wire/observation.ts';

/** One end of a conversation in a scenario. */
export interface End {
  readonly mac?: string;
  readonly ip?: string;
  readonly ttl?: number;
}

export interface TalkOptions {
  readonly client: End;
  readonly server: End;
  readonly transport?: Transport;
  readonly port?: number;
  readonly protocol?: string;
  readonly vlan?: number;
  readonly toMany?: boolean;
  readonly carrier?: number;
  readonly clientRule?: ClientRule;
  /** TCP: how the connection begins. Default: the server accepts it. */
  readonly opening?: 'accepted' | 'rejected' | 'silent' | 'midstream' | 'one-sided';
}

export interface AskOptions {
  readonly like?: number | string;
  readonly target?: string;
  readonly refused?: string;
  readonly tookMs?: number;
  readonly observations?: readonly Observation[];
}

const START: Micros = Date.UTC(2026, 2, 2, 6) * 1000;
const OPERATIONS = new Map<string, Operation>();

/** The same object for the same name and effect, as dissectors have it. */
export function operation(name: string, effect: Effect): Operation {
  const key = `${effect} ${name}`;
  const known = OPERATIONS.get(key) ?? { name, effect };
  OPERATIONS.set(key, known);
  return known;
}

/** Plays what the engine would tell of a plant, without bytes: hand-made flows and messages into a collector. */
export class Scenario {
  now: Micros = START;
  frame = 0;
  readonly #collector: Collector;
  readonly #talks: Talk[] = [];
  #nextPort = 50_000;

  constructor(
    limits: Partial<InventoryLimits> = {},
    vendorOfMac: VendorOfMac = () => undefined,
    more: Pick<CollectorOptions, 'simulatedLimits' | 'limitReached'> = {},
  ) {
    this.#collector = createCollector({ vendorOfMac, limits, ...more });
  }

  get listener(): Collector['listener'] {
    return this.#collector.listener;
  }

  wait(seconds: number): this {
    this.now += seconds * 1_000_000;
    return this;
  }

  talk(options: TalkOptions): Talk {
    const talk = new Talk(this, options, this.#nextPort++);
    this.#talks.push(talk);
    return talk;
  }

  /** Frames of a protocol on Ethernet, from one MAC to all. */
  announce(mac: string, protocol: string, ...observations: readonly Observation[]): Talk {
    const server = { mac: '01:80:c2:00:00:0e' };
    const talk = this.talk({ client: { mac }, server, transport: 'ethernet', protocol, toMany: true });
    return talk.report(operation('announce', 'report'), { observations });
  }

  /** ARP by which a MAC says that an address is its own. */
  arp(mac: string, address: string, via: 'request' | 'reply' | 'probe' | 'announcement' = 'request'): Talk {
    return this.announce(mac, 'arp', { kind: 'address', mac, address, via });
  }

  end(coverage?: CaptureCoverage): Analysis {
    for (const talk of this.#talks) {
      talk.close();
    }
    return this.#collector.result(coverage);
  }
}

export class Talk {
  readonly flow: FakeFlow;
  readonly #scenario: Scenario;
  readonly #dissector: Dissector;
  #closed = false;

  constructor(scenario: Scenario, options: TalkOptions, clientPort: number) {
    this.#scenario = scenario;
    this.flow = new FakeFlow(options, clientPort, scenario.now, scenario.frame + 1);
    this.#dissector = { name: options.protocol ?? 'unknown' } as Dissector;
    const { opening = 'accepted' } = options;
    this.#packet(0);
    if (this.flow.transport !== 'tcp') {
      return;
    }
    this.flow.tcp = tcpState(opening);
    if (opening === 'accepted' || opening === 'rejected' || opening === 'midstream') {
      this.#packet(1);
    }
  }

  ask(asked: Operation, { like, target, observations = [] }: AskOptions = {}): this {
    this.#question = this.#message(0, {
      direction: 'request',
      operation: asked,
      pair: 1,
      ...(like === undefined ? {} : { like }),
      ...(target === undefined ? {} : { target }),
      observations,
    });
    return this;
  }

  answer({ refused, tookMs = 5, observations = [] }: AskOptions = {}): this {
    const question = this.#question;
    if (question === undefined) {
      return this;
    }
    this.#scenario.now += tookMs * 1000;
    this.#message(1, {
      direction: 'response',
      operation: question.reading.operation,
      pair: 1,
      ...(refused === undefined ? {} : { refused }),
      observations,
      question,
      responseTime: tookMs * 1000,
    });
    this.#question = undefined;
    return this;
  }

  /** Asks and answers, so many times, a second apart. */
  exchange(asked: Operation, options: AskOptions & { readonly times?: number; readonly everyMs?: number } = {}): this {
    const { times = 1, everyMs = 1000, tookMs = 5 } = options;
    for (let done = 0; done < times; done++) {
      this.ask(asked, options).answer(options);
      this.#scenario.now += (everyMs - tookMs) * 1000;
    }
    return this;
  }

  /** Asks and hears nothing. */
  silence(asked: Operation, times: number): this {
    for (let done = 0; done < times; done++) {
      this.ask(asked);
      if (this.#question) {
        this.#scenario.listener.unanswered?.(this.flow, this.#question);
      }
      this.#scenario.now += 1_000_000;
    }
    return this;
  }

  report(reported: Operation, { observations = [], side = 0 }: AskOptions & { readonly side?: Side } = {}): this {
    this.#message(side, { direction: 'report', operation: reported, observations });
    return this;
  }

  /** The server says something about itself or others. */
  tell(...observations: readonly Observation[]): this {
    return this.report(operation('tell', 'report'), { observations, side: 1 });
  }

  malformed(times: number): this {
    for (let done = 0; done < times; done++) {
      this.#message(0, undefined);
    }
    return this;
  }

  lose(): this {
    this.#scenario.listener.gap?.(this.flow, 0, 100);
    return this;
  }

  overlap(): this {
    this.#scenario.listener.ambiguous?.(this.flow, 0, this.#scenario.frame);
    return this;
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#scenario.listener.flowClosed?.(this.flow);
    }
  }

  #question: Question | undefined;

  #message(side: Side, content: (Omit<Reading, 'fields'> & MessageMore) | undefined): Question | undefined {
    this.#packet(side);
    const reading: Reading | undefined = content && { fields: {}, ...content };
    const message: Message = {
      frame: this.#scenario.frame,
      time: this.#scenario.now,
      flow: this.flow,
      side,
      dissector: this.#dissector,
      outcome: reading === undefined ? 'malformed' : 'message',
      reason: reading === undefined ? 'broken' : undefined,
      reading,
      observations: content?.observations ?? [],
      question: content?.question,
      responseTime: content?.responseTime,
      duplicate: false,
      quoted: false,
      ambiguous: false,
    };
    this.#scenario.listener.message?.(message);
    return reading && { reading, time: message.time, frame: message.frame };
  }

  #packet(side: Side): void {
    const { flow } = this;
    this.#scenario.frame++;
    const first = flow.packets(side) === 0;
    flow.count(side, this.#scenario.now);
    if (first && side === 0) {
      this.#scenario.listener.flowOpened?.(flow);
    } else if (first) {
      flow.answered = true;
      this.#scenario.listener.flowAnswered?.(flow);
    }
  }
}

interface MessageMore {
  readonly observations: readonly Observation[];
  readonly question?: Question;
  readonly responseTime?: Micros;
}

function tcpState(opening: TalkOptions['opening']): TcpState {
  const syn = opening !== 'midstream' && opening !== 'one-sided';
  return {
    syn,
    synAck: opening === 'accepted',
    established: opening === 'accepted',
    fin: false,
    reset: opening === 'rejected',
  };
}

const DEFAULT_TTL = 64;
const FRAME_BYTES = 100;

class FakeFlow implements Flow {
  readonly transport: Transport;
  readonly carrier: number;
  readonly vlan: number | undefined;
  readonly capturedAt = 0;
  readonly firstSeen: Micros;
  lastSeen: Micros;
  readonly firstFrame: number;
  readonly client: Side = 0;
  readonly clientRule: ClientRule;
  readonly toMany: boolean;
  readonly protocol: string | undefined;
  answered = false;
  tcp: TcpState = { syn: false, synAck: false, established: false, fin: false, reset: false };
  data: unknown;
  readonly #ends: readonly [End, End];
  readonly #ports: readonly [number, number];
  readonly #packets: [number, number] = [0, 0];

  constructor(options: TalkOptions, clientPort: number, now: Micros, frame: number) {
    const { client, server, transport = 'tcp', port = 0, vlan, protocol, toMany = false } = options;
    this.transport = transport;
    this.carrier = options.carrier ?? (transport === 'tcp' ? 6 : transport === 'udp' ? 17 : 0x0800);
    this.vlan = vlan;
    this.protocol = protocol;
    this.toMany = toMany;
    this.clientRule = options.clientRule ?? (transport === 'tcp' ? 'handshake' : 'port');
    this.firstSeen = now;
    this.lastSeen = now;
    this.firstFrame = frame;
    this.#ends = [client, server];
    this.#ports = port === 0 ? [0, 0] : [clientPort, port];
  }

  count(side: Side, now: Micros): void {
    this.#packets[side]++;
    this.lastSeen = now;
  }

  address(side: Side): string {
    const { ip = '', mac = '' } = this.#ends[side];
    return this.transport === 'ethernet' ? mac : ip;
  }

  mac(side: Side): string | undefined {
    return this.#packets[side] > 0 ? this.#ends[side].mac : undefined;
  }

  port(side: Side): number {
    return this.#ports[side];
  }

  packets(side: Side): number {
    return this.#packets[side];
  }

  bytes(side: Side): number {
    return this.#packets[side] * FRAME_BYTES;
  }

  ttl(side: Side): number {
    return this.#packets[side] > 0 ? (this.#ends[side].ttl ?? DEFAULT_TTL) : 0;
  }
}
