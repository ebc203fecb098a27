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
import type { Ends, Sides } from './conversation-table.ts';
import { type Child, type Endpoint, isMutual, isProven, noteAlias, noteIdentity, scopeOf } from './endpoint.ts';
import { addEvidence, type Source } from './evidence.ts';
import type { Claiming } from './facts.ts';
import { FlowPart } from './flow-part.ts';
import { type FlowCommons, FlowRecord, recordOf } from './flow-record.ts';
import { type CaptureCoverage, type Heard, heardAnew, heardNext, newHeard } from './heard.ts';
import { type CollectedState, type CollectorOptions, limitsOf, stateOf } from './merge.ts';
import { isEarlier } from './order.ts';

export interface Collector {
  readonly listener: Listener;
  /** What all closed flows told. Call it once, when the engine has ended; `coverage` is what the captures themselves lack. */
  result(coverage?: CaptureCoverage): Analysis;
  /**
   * What came since this was last asked, while the engine goes on: flows that are open are told of in parts. Who was seen is
   * remembered, so assets are told of with all that is known of them.
   */
  harvest(openFlows: (visit: (flow: Flow) => void) => void, coverage?: CaptureCoverage): Analysis;
  /** The same in place of it, to be joined with what other collectors heard. */
  state(): CollectedState;
}

/** Listens to the engine and keeps, within limits, what the inventory is made from. */
export function createCollector(options: CollectorOptions): Collector {
  const limits = limitsOf(options);
  const seed = options.seed ?? 0;
  let heard = newHeard(limits, seed);
  let began = Number.POSITIVE_INFINITY;
  const ear = new Ear(heard, options.limitReached);
  return {
    listener: ear,
    harvest(openFlows, coverage) {
      ear.tellOpen(openFlows);
      const told = heard;
      began = Math.min(began, told.firstSeen);
      const isAnew = told.endpoints.size > MOST_REMEMBERED || told.lastSeen - began > LONGEST_MEMORY;
      heard = isAnew ? heardAnew(told, seed) : heardNext(told, seed);
      const analysis = analyse(told, options.vendorOfMac, coverage);
      ear.follow(heard);
      if (isAnew) {
        began = Number.POSITIVE_INFINITY;
        openFlows((flow) => recordOf(flow)?.forgetEnds());
      }
      return analysis;
    },
    result: (coverage) => analyse(heard, options.vendorOfMac, coverage),
    state: () => stateOf(heard),
  };
}

/** Endpoints that a harvest leaves in memory; beyond, all of them are met anew. */
const MOST_REMEMBERED = 100_000;
/** What is found in hours of tries is found; what is kept of them does not grow for ever. */
const LONGEST_MEMORY = 6 * 3_600_000_000;
/** Packets of one side alone that are more than an attempt. */
const MORE_THAN_TRIES = 8;

class Ear implements Listener {
  readonly wantsObservations = true;
  #heard: Heard;
  readonly #commons: FlowCommons;
  readonly #limitReached: LimitEvent<LimitName> | undefined;

  constructor(heard: Heard, limitReached: LimitEvent<LimitName> | undefined) {
    this.#heard = heard;
    this.#commons = { kinds: heard.names.kinds, limits: heard.limits, likes: heard.likes };
    this.#limitReached = limitReached;
  }

  /** From now on this is what is told to. */
  follow(heard: Heard): void {
    this.#heard = heard;
  }

  tellOpen(openFlows: (visit: (flow: Flow) => void) => void): void {
    openFlows((flow) => {
      if (isWorthTelling(flow)) {
        this.#tell(flow, false);
      }
    });
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
    const sender = this.#heard.endpoints.sending(flow, side, flow.answered && isProven(flow, side));
    const record = recordOf(flow);
    if (record !== undefined) {
      record.setEnd(side, sender);
    }
  }

  message(message: Message): void {
    if (message.duplicate) {
      return;
    }
    const record = this.#recordOf(message.flow);
    const { reading } = message;
    if (message.outcome === 'malformed') {
      record.malformed(message.frame);
    }
    if (message.ambiguous) {
      record.ambiguous(message.frame);
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
      recordOf(flow)?.unanswered(question, flow.client);
    }
  }

  gap(flow: Flow): void {
    recordOf(flow)?.gap();
  }

  ambiguous(flow: Flow, _side: Side, frame: number): void {
    this.#recordOf(flow).ambiguous(frame);
  }

  flowClosed(flow: Flow): void {
    const { limits } = this.#heard;
    limits.time = Math.max(limits.time, flow.lastSeen);
    this.#tell(flow, true);
    flow.data = undefined;
  }

  /** Adds what came of a flow since it was last told of. */
  #tell(flow: Flow, isOver: boolean): void {
    const heard = this.#heard;
    const record = recordOf(flow);
    const told = record?.told;
    const part = told === undefined ? flow : new FlowPart(flow, told);
    const isEmpty = part.packets(0) + part.packets(1) === 0;
    if (told !== undefined && isEmpty && !isOver) {
      return;
    }
    heard.firstSeen = Math.min(heard.firstSeen, part.firstSeen);
    heard.lastSeen = Math.max(heard.lastSeen, flow.lastSeen);
    if (told !== undefined) {
      this.#meetAgain(flow);
    }
    heard.endpoints.sent(part, 0);
    heard.endpoints.sent(part, 1);
    const sides = rolesIn(flow, record);
    const ends = this.#endsOf(flow, sides.client);
    if (isOver) {
      heard.attempts.note(flow, ends.client);
    }
    const exchange = isOver ? record?.close(flow, sides.client) : this.#recordOf(flow).part(flow, sides.client);
    if (told !== undefined && isEmpty && exchange?.counters.length === 0) {
      return;
    }
    // What nobody answered, of a sender that there was no room for, says nothing that the others do not say.
    if (isMutual(flow) || !heard.endpoints.isForgotten(flow, sides.client)) {
      heard.conversations.add(part, sides, ends, exchange, told === undefined);
    }
  }

  /** The ends of a flow that goes on may have been forgotten since. */
  #meetAgain(flow: Flow): void {
    const { endpoints } = this.#heard;
    for (const side of [0, 1] as const) {
      if (flow.packets(side) > 0 && endpoints.known(flow, side)?.sent !== true) {
        endpoints.sending(flow, side, flow.answered && isProven(flow, side));
      }
    }
  }

  #recordOf(flow: Flow): FlowRecord {
    const known = recordOf(flow);
    if (known !== undefined) {
      return known;
    }
    const record = new FlowRecord(this.#commons);
    flow.data = record;
    return record;
  }

  /** A side that never sent is no end: its address is only a target. */
  #endsOf(flow: Flow, client: Side): Ends {
    const { endpoints } = this.#heard;
    const server = other(client);
    return {
      client: flow.packets(client) > 0 ? endpoints.known(flow, client) : undefined,
      server: flow.packets(server) > 0 ? endpoints.known(flow, server) : undefined,
    };
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
          const { protocol, frame, time } = source;
          subject.ports.set(key, { chassis, port, protocol, managementAddresses, frame, firstSeen: time });
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
        const first = { device, protocol, frame, firstSeen: time };
        let child: Child = known ?? { ...first, lastSeen: time, evidence: [] };
        if (isEarlier(time, frame, child.firstSeen, child.frame)) {
          child = { ...child, ...first };
          subject.children.delete(device);
        }
        child.lastSeen = Math.max(child.lastSeen, time);
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
    const side = subject === 'sender' ? message.side : other(message.side);
    return this.#end(message.flow, side, record);
  }

  #end(flow: Flow, side: Side, record: FlowRecord): Endpoint | undefined {
    const known = record.end(side);
    if (known !== undefined) {
      return known;
    }
    const end = this.#heard.endpoints.of(flow, side);
    // Before a side sends, its MAC is not known.
    if (flow.packets(side) > 0) {
      record.setEnd(side, end);
    }
    return end;
  }

  #address({ mac, address, via }: AddressObservation, message: Message, record: FlowRecord): void {
    const { flow, side } = message;
    if (mac === undefined) {
      // The sender says that it has this address too. Its MAC here may be a router's.
      const sender = this.#end(flow, side, record);
      if (flow.transport !== 'ethernet') {
        noteAlias(sender, address, this.#heard.limits);
        return;
      }
    }
    const statedMac = mac ?? flow.address(side);
    const statedAddress = address ?? flow.address(side);
    if (address === undefined && flow.transport === 'ethernet') {
      return;
    }
    const ends = { scope: scopeOf(flow.vlan), mac: statedMac, address: statedAddress };
    this.#heard.facts.claim(ends, CLAIMING[via], { frame: message.frame, firstSeen: message.time });
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
      const first = { frame: message.frame, firstSeen: message.time };
      const fact = { endpoint, source, protocol: message.dissector.name, ...first };
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

/** While it goes on: an attempt is told of when it is known to be one. */
function isWorthTelling(flow: Flow): boolean {
  return (
    isMutual(flow) ||
    flow.toMany ||
    recordOf(flow) !== undefined ||
    flow.packets(0) + flow.packets(1) >= MORE_THAN_TRIES
  );
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

const CLAIMING: Readonly<Record<AddressObservation['via'], Claiming>> = {
  request: 'requests',
  reply: 'replies',
  probe: 'probes',
  announcement: 'announcements',
  lease: 'leases',
  discovery: 'discoveries',
};

function other(side: Side): Side {
  return side === 0 ? 1 : 0;
}

function serverPort({ flow }: Message): number {
  return flow.port(flow.client === 0 ? 1 : 0);
}

/** An envelope whose payload names the conversation is not counted: what it holds is. */
function isEnvelope({ reading, dissector, flow }: Message): boolean {
  const carries = reading?.carries;
  return (
    carries !== undefined && carries.length > 0 && (flow.protocol !== dissector.name || reading?.envelope === true)
  );
}
