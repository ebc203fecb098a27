import type { Micros } from '../kit/time.ts';
import {
  type Context,
  type Dissector,
  Malformed,
  type Memory,
  NOTHING,
  type PairKey,
  type Reading,
  type Transport,
} from './dissector.ts';
import type { Flow, Message, Outcome, Question, Side } from './listener.ts';
import type { Observation } from './observation.ts';

/** What the engine knows of the conversation at hand. */
export interface ConversationMemory {
  askedBefore(dissector: Dissector | undefined, pair: PairKey): Reading | undefined;
  recall(key: number | string): Memory | undefined;
  remember(key: number | string, value: Memory): void;
}

/** What dissectors are told and may ask; one per depth of carrying, filled in anew for each message. */
export class LiveContext implements Context {
  transport: Transport = 'tcp';
  fromClient = true;
  sourcePort = 0;
  destinationPort = 0;
  toMany = false;
  parent: Reading | undefined;
  key: number | string | undefined;
  dissector: Dissector | undefined;
  private readonly memory: ConversationMemory;

  constructor(memory: ConversationMemory) {
    this.memory = memory;
  }

  question(pair: PairKey): Reading | undefined {
    return this.memory.askedBefore(this.dissector, pair);
  }

  recall(key: number | string): Memory | undefined {
    return this.memory.recall(key);
  }

  remember(key: number | string, value: Memory): void {
    this.memory.remember(key, value);
  }
}

/** The message that is being handed over; one object serves all. */
export class LiveMessage implements Message {
  readonly flow: Flow;
  frame = 0;
  time: Micros = 0;
  side: Side = 0;
  dissector: Dissector = NO_DISSECTOR;
  outcome: Outcome = 'message';
  reason: string | undefined;
  reading: Reading | undefined;
  observations: readonly Observation[] = NOTHING;
  question: Question | undefined;
  responseTime: Micros | undefined;
  duplicate = false;
  quoted = false;
  ambiguous = false;

  constructor(flow: Flow) {
    this.flow = flow;
  }
}

const NO_DISSECTOR: Dissector = {
  name: '',
  title: '',
  source: '',
  at: [],
  operations: [],
  fields: {},
  whole: true,
  envelope: false,
  cut: undefined,
  part: undefined,
  recognise: () => 'no',
  read: () => new Malformed(''),
  observe: undefined,
  dissect: () => ({ outcome: 'malformed', reason: '' }),
};
