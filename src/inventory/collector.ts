import type { Micros } from '../kit/time.ts';
import type { LimitEvent, LimitName } from '../wire/limits.ts';
import type { Flow, Listener, Message, Question, Side } from '../wire/listener.ts';
import type {
  AddressObservation,
  CredentialObservation,
  Observation,
  ServiceObservation,
  Subject,
} from '../wire/observation.ts';
import { type Analysis, analyse } from './analysis.ts';
import { AttemptWatch } from './attempts.ts';
import { ConversationRecord, type Ends, type Sides } from './conversation-record.ts';
import { type Endpoint, Endpoints, noteAlias, noteIdentity, scopeOf } from './endpoint.ts';
import { addEvidence, type Source } from './evidence.ts';
import { Facts } from './facts.ts';
import { FlowRecord, type LikeBudget, recordOf } from './flow-record.ts';
import type { CaptureCoverage, Heard } from './heard.ts';
import { DEFAULT_INVENTORY_LIMITS, type InventoryLimitName, type InventoryLimits, LimitCounter } from './limits.ts';
import type { VendorOfMac } from './mac-vendors.ts';

export interface CollectorOptions {
  readonly vendorOfMac: VendorOfMac;
  readonly limits: Partial<InventoryLimits>;
  /** These count as reached the first time that they could be, whatever is set. */
  readonly simulatedLimits?: readonly InventoryLimitName[];
  readonly limitReached?: LimitEvent<LimitName | InventoryLimitName>;
}

export interface Collector {
  readonly listener: Listener;
  /** What all closed flows told. Call it once, when the engine has ended; `coverage` is what the captures themselves lack. */
  result(coverage?: CaptureCoverage): Analysis;
}

const MOST_SENDER_CHANGES = 1000;

/** Listens to the engine and keeps, within limits, what the inventory is made from. */
export function createCollector(options: CollectorOptions): Collector {
  const values = { ...DEFAULT_INVENTORY_LIMITS, ...options.limits };
  const limits = new LimitCounter(values, options.simulatedLimits ?? [], options.limitReached);
  const heard: Heard = {
    endpoints: new Endpoints(limits),
    conversations: new Map(),
    facts: new Facts(limits),
    attempts: new AttemptWatch(limits),
    limits,
    senderChanges: new Map(),
    firstSeen: Number.POSITIVE_INFINITY,
    lastSeen: Number.NEGATIVE_INFINITY,
  };
  return {
    listener: new Ear(heard, options.limitReached),
    result: (coverage) => analyse(heard, options.vendorOfMac, coverage),
  };
}

class Ear implements Listener {
  readonly wantsObservations = true;
  readonly #heard: Heard;
  readonly #budget: LikeBudget = { used: 0 };
  readonly #limitReached: LimitEvent<LimitName> | undefined;

  constructor(heard: Heard, limitReached: LimitEvent<LimitName> | undefined) {
    this.#heard = heard;
    this.#limitReached = limitReached;
  }

  limitReached(limit: LimitName, time: Micros, times: number): void {
    this.#limitReached?.(limit, time, times);
  }

  flowOpened(flow: Flow): void {
    const { endpoints, limits } = this.#heard;
    limits.time = flow.lastSeen;
    this.#heard.firstSeen = Math.min(this.#heard.firstSeen, flow.firstSeen);
    // Until more is known, whoever sends first is called the client.
    endpoints.sending(flow, flow.client, false);
  }

  flowAnswered(flow: Flow): void {
    this.#heard.endpoints.answered(flow);
  }

  senderChanged(flow: Flow, side: Side): void {
    const record = recordOf(flow);
    const before = record?.ends[side];
    const after = this.#heard.endpoints.sending(flow, side, flow.answered);
    if (record !== undefined) {
      record.ends[side] = after;
    }
    if (before !== undefined && after !== undefined && before !== after) {
      const key = `${before.key}>${after.key}`;
      if (!this.#heard.senderChanges.has(key) && this.#heard.senderChanges.size < MOST_SENDER_CHANGES) {
        this.#heard.senderChanges.set(key, { before, after, frame: flow.firstFrame, time: flow.lastSeen });
      }
    }
  }

  message(message: Message): void {
    if (message.duplicate) {
      return;
    }
    const record = this.#recordOf(message.flow);
    const { reading } = message;
    if (message.outcome === 'malformed') {
      record.malformed++;
      record.malformedFrame ||= message.frame;
    }
    if (message.ambiguous) {
      record.ambiguous++;
      record.ambiguousFrame ||= message.frame;
    }
    if (reading === undefined) {
      return;
    }
    if (!isEnvelope(message)) {
      record.count(message, reading);
    }
    if (message.observations.length > 0) {
      this.#observe(message, record);
    }
  }

  unanswered(flow: Flow, question: Question): void {
    if (!flow.toMany) {
      recordOf(flow)?.unanswered(question);
    }
  }

  gap(flow: Flow): void {
    const record = recordOf(flow);
    if (record !== undefined) {
      record.gaps++;
      record.epoch++;
    }
  }

  ambiguous(flow: Flow, _side: Side, frame: number): void {
    const record = this.#recordOf(flow);
    record.ambiguous++;
    record.ambiguousFrame ||= frame;
  }

  flowClosed(flow: Flow): void {
    const heard = this.#heard;
    heard.limits.time = Math.max(heard.limits.time, flow.lastSeen);
    heard.lastSeen = Math.max(heard.lastSeen, flow.lastSeen);
    heard.endpoints.sent(flow, 0);
    heard.endpoints.sent(flow, 1);
    const record = recordOf(flow);
    const sides = rolesIn(flow, record);
    const ends = this.#endsOf(flow, sides.client);
    heard.attempts.note(flow, ends.client);
    const conversation = this.#conversationOf(flow, sides, ends);
    conversation?.fold(flow, sides.client, record, heard.limits);
    flow.data = undefined;
  }

  /** Conversations of senders that nobody answered and nobody believes yet. */
  #strangers = 0;

  #recordOf(flow: Flow): FlowRecord {
    const known = recordOf(flow);
    if (known !== undefined) {
      return known;
    }
    const record = new FlowRecord(this.#heard.limits, this.#budget);
    flow.data = record;
    return record;
  }

  /** A side that never sent is no end: its address is only a target. */
  #endsOf(flow: Flow, client: Side): Ends {
    const { endpoints } = this.#heard;
    const server: Side = client === 0 ? 1 : 0;
    return {
      client: flow.packets(client) > 0 ? endpoints.known(flow, client) : undefined,
      server: flow.packets(server) > 0 ? endpoints.known(flow, server) : undefined,
    };
  }

  #conversationOf(flow: Flow, sides: Sides, ends: Ends): ConversationRecord | undefined {
    const { conversations, limits } = this.#heard;
    const { client, service } = sides;
    const server = other(client);
    const from = ends.client?.order || `${ends.client?.key ?? flow.address(client)}`;
    const to = ends.server?.order || `>${flow.address(server)}`;
    const port = flow.port(service);
    const key = `${from}>${to}|${flow.transport}${flow.carrier}|${port}|${flow.protocol ?? ''}`;
    const known = conversations.get(key);
    if (known !== undefined || !limits.allows('conversations', conversations.size)) {
      return known;
    }
    // What invented senders sent to nobody's answer must not fill the table.
    if (!flow.answered && ends.client?.candidate !== false) {
      if (!limits.allows('strangersConversations', this.#strangers)) {
        return undefined;
      }
      this.#strangers++;
    }
    const made = new ConversationRecord(flow, sides, ends);
    conversations.set(key, made);
    return made;
  }

  #observe(message: Message, record: FlowRecord): void {
    const source: Source = {
      protocol: message.dissector.name,
      frame: message.frame,
      time: message.time,
      port: serverPort(message),
    };
    for (const observation of message.observations) {
      this.#note(observation, message, record, source);
    }
  }

  #note(observation: Observation, message: Message, record: FlowRecord, source: Source): void {
    switch (observation.kind) {
      case 'address':
        this.#address(observation, message, record);
        return;
      case 'credential':
        this.#credential(observation, message, record);
        return;
      case 'clock':
        this.#clock(observation.stated, observation.source, message, record);
        return;
      case 'cycle':
        record.agreedPeriod = observation.period;
        record.agreedTimeout = observation.timeout ?? record.agreedTimeout;
        return;
      case 'service':
        this.#service(observation, message, record);
        return;
      default: {
        const subject = this.#subject(observation.subject, message, record);
        if (subject !== undefined) {
          this.#about(subject, observation, source);
        }
      }
    }
  }

  #about(
    subject: Endpoint,
    observation: Extract<Observation, { readonly kind: 'identity' | 'module' | 'role' | 'neighbour' | 'behind' }>,
    source: Source,
  ): void {
    const { limits } = this.#heard;
    switch (observation.kind) {
      case 'identity':
        noteIdentity(subject.evidence, observation, source, limits);
        return;
      case 'role': {
        const { role: value, basis, reason } = observation;
        addEvidence(subject.evidence, { attribute: 'role', value, basis, reason }, source, limits);
        return;
      }
      case 'module': {
        subject.modules ??= new Map();
        const known = subject.modules.get(observation.slot);
        if (known !== undefined || limits.allows('modulesPerAsset', subject.modules.size)) {
          const evidence = known ?? [];
          subject.modules.set(observation.slot, evidence);
          noteIdentity(evidence, observation, source, limits);
        }
        return;
      }
      case 'neighbour': {
        subject.ports ??= new Map();
        const { chassis, port, managementAddresses = [] } = observation;
        const key = `${chassis}|${port}`;
        if (!subject.ports.has(key) && limits.allows('modulesPerAsset', subject.ports.size)) {
          const { protocol, frame } = source;
          subject.ports.set(key, { chassis, port, protocol, managementAddresses, frame });
        }
        return;
      }
      case 'behind': {
        subject.children ??= new Map();
        const { device } = observation;
        const known = subject.children.get(device);
        if (known === undefined && !limits.allows('childrenPerAsset', subject.children.size)) {
          return;
        }
        const { protocol, frame, time } = source;
        const child = known ?? { device, protocol, frame, firstSeen: time, lastSeen: time, evidence: [] };
        child.lastSeen = time;
        subject.children.set(device, child);
        noteIdentity(child.evidence, observation, source, limits);
        return;
      }
      default:
    }
  }

  /** The endpoint that an observation is about. */
  #subject(subject: Subject, message: Message, record: FlowRecord): Endpoint | undefined {
    if (typeof subject !== 'string') {
      const { endpoints } = this.#heard;
      return 'mac' in subject
        ? endpoints.at(message.flow, subject.mac, undefined)
        : endpoints.at(message.flow, undefined, subject.address);
    }
    const side: Side = subject === 'sender' ? message.side : message.side === 0 ? 1 : 0;
    return this.#end(message.flow, side, record);
  }

  #end(flow: Flow, side: Side, record: FlowRecord): Endpoint | undefined {
    const known = record.ends[side];
    if (known?.sent) {
      return known;
    }
    const end = this.#heard.endpoints.of(flow, side);
    record.ends[side] = end;
    return end;
  }

  #address({ mac, address, via }: AddressObservation, message: Message, record: FlowRecord): void {
    const { flow, side } = message;
    if (mac === undefined) {
      // The sender says that it has this address too. Its MAC here may be a router's.
      const sender = this.#end(flow, side, record);
      if (flow.transport !== 'ethernet') {
        noteAlias(sender, address);
        return;
      }
    }
    const statedMac = mac ?? flow.address(side);
    const statedAddress = address ?? flow.address(side);
    if (address === undefined && flow.transport === 'ethernet') {
      return;
    }
    const claim = this.#heard.facts.claim(scopeOf(flow.vlan), statedMac, statedAddress, message);
    if (claim === undefined) {
      return;
    }
    switch (via) {
      case 'request':
        claim.requests++;
        return;
      case 'reply':
        claim.replies++;
        return;
      case 'probe':
        claim.probes++;
        return;
      case 'announcement':
        claim.announcements++;
        return;
      case 'lease':
        claim.leases++;
        return;
      case 'discovery':
        claim.discoveries++;
        return;
      default:
    }
  }

  #credential({ scheme, user, secret }: CredentialObservation, message: Message, record: FlowRecord): void {
    const { flow, frame, time } = message;
    const server: Side = flow.client === 0 ? 1 : 0;
    this.#heard.facts.credential({
      client: this.#end(flow, flow.client, record),
      server: this.#end(flow, server, record),
      protocol: message.dissector.name,
      port: flow.port(server),
      scheme,
      user,
      secret,
      frame,
      firstSeen: time,
    });
  }

  #clock(stated: Micros, source: string, message: Message, record: FlowRecord): void {
    const endpoint = this.#end(message.flow, message.side, record);
    if (endpoint !== undefined) {
      const fact = { endpoint, source, protocol: message.dissector.name, frame: message.frame };
      this.#heard.facts.clock(fact, stated - message.time);
    }
  }

  #service(said: ServiceObservation, message: Message, record: FlowRecord): void {
    const { flow, frame, time } = message;
    const endpoint = this.#subject(said.subject, message, record);
    if (endpoint === undefined) {
      return;
    }
    this.#heard.facts.service({
      endpoint,
      client: this.#end(flow, flow.client, record),
      protocol: message.dissector.name,
      transport: flow.transport,
      port: said.port ?? serverPort(message),
      banner: said.banner,
      protection: said.protection,
      version: said.version,
      requestedName: said.requestedName,
      frame,
      firstSeen: time,
    });
  }
}

/**
 * Who is the client of a conversation, and at whose port its service is. An answer to all has its asker among all: the
 * one who sends is the only party known. Where only answers were seen, the one who is answered asked elsewhere.
 */
function rolesIn(flow: Flow, record: FlowRecord | undefined): Sides {
  const { client } = flow;
  const server = other(client);
  if (flow.toMany) {
    return flow.packets(client) === 0 ? { client: server, service: server } : { client, service: server };
  }
  const answersOnly = flow.clientRule === 'first' && record?.onlyAnswers(client) === true;
  return answersOnly ? { client: server, service: client } : { client, service: server };
}

function other(side: Side): Side {
  return side === 0 ? 1 : 0;
}

function serverPort({ flow }: Message): number {
  return flow.port(flow.client === 0 ? 1 : 0);
}

/** An envelope whose payload names the conversation is not counted: what it holds is. */
function isEnvelope({ reading, dissector, flow }: Message): boolean {
  const carries = reading?.carries;
  return carries !== undefined && carries.length > 0 && flow.protocol !== dissector.name;
}
