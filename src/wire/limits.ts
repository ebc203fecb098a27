import type { Micros } from '../kit/time.ts';

/**
 * A bound on what traffic can grow. Each has a setting of its name, a counter of how often it was reached, an event, and a switch
 * that simulates reaching it. Reaching one is never fatal.
 */
export interface Limit {
  readonly value: number;
  readonly unit: string;
  /** What it bounds. */
  readonly bounds: string;
  /** What happens when it is reached. */
  readonly reached: string;
  /** It bounds all flows together; others bound each by itself. */
  readonly ofAll?: true;
  /** Reached in every plant, and nothing is lost by it: counted, but worth no one's attention. */
  readonly everyday?: true;
  /** Largest setting that is safe; where absent, `MOST`. */
  readonly most?: number;
}

const MOST = 1e9;
/** Reading goes as deep on the call stack as this. */
const DEEPEST = 64;

export const LIMITS = {
  flows: {
    value: 250_000,
    unit: 'flows',
    bounds: 'Flows tracked at once',
    ofAll: true,
    reached:
      'From 10 % on, flows whose opener sent one packet only end after 70 s; from 90 % on, those that nobody answered, or whose ' +
      'handshake was never completed, after 10 s; when full, the longest silent one of those ends; back at 70 %',
    most: 50_000_000,
  },
  addresses: {
    value: 250_000,
    unit: 'addresses',
    bounds: 'IPv6 addresses remembered at once',
    ofAll: true,
    reached: 'Addresses that no flow names are forgotten; where none is left, packets of new ones are dropped',
    most: 50_000_000,
  },
  idleTcpSeconds: {
    value: 600,
    unit: 's',
    bounds: 'Silence of a TCP connection',
    reached: 'The flow ends; what it told is kept',
    everyday: true,
  },
  halfOpenTcpSeconds: {
    value: 30,
    unit: 's',
    bounds: 'Silence of a TCP connection whose handshake was never completed',
    reached: 'The flow ends; what it told is kept',
    everyday: true,
  },
  idleUdpSeconds: {
    value: 120,
    unit: 's',
    bounds: 'Silence of a flow over UDP, or over IP alone',
    reached: 'The flow ends; what it told is kept',
    everyday: true,
  },
  idleEthernetSeconds: {
    value: 600,
    unit: 's',
    bounds: 'Silence of a flow between two MAC addresses',
    reached: 'The flow ends; what it told is kept',
    everyday: true,
  },
  questions: {
    value: 64,
    unit: 'questions',
    bounds: 'Unanswered questions kept of a flow',
    reached: 'The oldest counts as unanswered',
  },
  questionBytes: {
    value: 32 * 1024 * 1024,
    unit: 'bytes',
    bounds: 'Unanswered questions of all flows together, with what keeping them costs',
    ofAll: true,
    reached: 'The oldest of the flow counts as unanswered, or where there is none, the question is not kept',
  },
  memories: {
    value: 256,
    unit: 'facts',
    bounds: 'Facts that dissectors remember of a flow',
    reached: 'The oldest is forgotten',
  },
  memoriesOfAll: {
    value: 500_000,
    unit: 'facts',
    bounds: 'The same of all flows together',
    ofAll: true,
    reached: 'The oldest of the flow is forgotten, or where there is none, the fact is not kept',
  },
  heldBytesPerDirection: {
    value: 256 * 1024,
    unit: 'bytes',
    bounds: 'Bytes that wait behind a hole in one direction of a stream, with what keeping them costs',
    reached: 'The hole is passed over and told as a gap',
  },
  heldBytes: {
    value: 64 * 1024 * 1024,
    unit: 'bytes',
    bounds: 'The same, and messages that are not complete, in all streams together',
    ofAll: true,
    reached: 'The hole is passed over and told as a gap, or the message is malformed',
  },
  holeSeconds: {
    value: 5,
    unit: 's',
    bounds: 'Time that a hole in a stream may stay open',
    reached: 'The hole is passed over and told as a gap',
  },
  messageBytes: {
    value: 1024 * 1024,
    unit: 'bytes',
    bounds: 'One message, in any reassembly',
    reached: 'The message is malformed; its bytes are passed over',
    most: 2 ** 30,
  },
  steps: {
    value: 100_000,
    unit: 'steps',
    bounds: 'Items that one message may announce in all its lists together',
    reached: 'The message is malformed',
  },
  openMessages: {
    value: 16,
    unit: 'messages',
    bounds: 'Messages of a flow that came in parts and are not complete',
    reached: 'The oldest is forgotten',
  },
  fragmentedDatagrams: {
    value: 4096,
    unit: 'datagrams',
    bounds: 'IP datagrams that wait for fragments',
    ofAll: true,
    reached: 'The oldest is forgotten; the packet that cost it its place counts as dropped',
  },
  fragmentSeconds: {
    value: 30,
    unit: 's',
    bounds: 'Time that a datagram may wait for its fragments',
    reached: 'The datagram is forgotten',
  },
  fragmentBytes: {
    value: 16 * 1024 * 1024,
    unit: 'bytes',
    bounds: 'Bytes of all fragments that wait',
    ofAll: true,
    reached: 'The oldest datagram is forgotten; the packet that cost it its place counts as dropped',
  },
  fragmentsPerDatagram: {
    value: 256,
    unit: 'fragments',
    bounds: 'Fragments of one datagram',
    reached: 'The datagram is forgotten, and the packet malformed',
  },
  tunnelDepth: {
    value: 4,
    unit: 'tunnels',
    bounds: 'Tunnels inside tunnels',
    reached: 'What is deeper is not looked at',
    most: DEEPEST,
  },
  carriedDepth: {
    value: 8,
    unit: 'payloads',
    bounds: 'Payloads inside payloads',
    reached: 'What is deeper is not read',
    most: DEEPEST,
  },
  recognitionTries: {
    value: 64,
    unit: 'segments',
    bounds: 'Segments of a flow in which its protocol is looked for',
    reached: 'The protocol of the flow stays unknown',
    everyday: true,
  },
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof LIMITS;
export type Limits = { readonly [Name in LimitName]: number };

export const DEFAULT_LIMITS: Limits = defaultsOf(LIMITS);

export function defaultsOf<Name extends string>(limits: Readonly<Record<Name, Limit>>): Readonly<Record<Name, number>> {
  const values = {} as Record<Name, number>;
  for (const name of Object.keys(limits) as Name[]) {
    values[name] = limits[name].value;
  }
  return values;
}

const OF_ALL = (Object.keys(LIMITS) as LimitName[]).filter((name) => 'ofAll' in LIMITS[name]);

/** For one of several engines that share the traffic: its part of what bounds all flows together. */
export function limitsOfShare(limits: Limits, of: number): Limits {
  const parts: Partial<Record<LimitName, number>> = {};
  for (const name of OF_ALL) {
    parts[name] = Math.max(1, Math.floor(limits[name] / of));
  }
  return { ...limits, ...parts };
}

/** A limit was reached that bounds all flows together: what happened then depends on which flows there were. */
export function isOfAllReached(reached: ReadonlyMap<LimitName, number>): boolean {
  return OF_ALL.some((name) => reached.has(name));
}

export function mostOf(limit: Limit): number {
  return limit.most ?? MOST;
}

/** At most one event of a limit in this time. */
const EVENT_PAUSE: Micros = 60e6;

/** Called when a limit was reached, the first time and then at most once a minute; `times` counts all so far. */
export type LimitEvent<Name extends string> = (limit: Name, time: Micros, times: number) => void;

/** The limits in force, how often each was reached, and who is told. */
export class LimitWatch<Name extends string> {
  /** What is in force at the moment; a simulated limit is 0 until it was reached once. */
  readonly limits: Readonly<Record<Name, number>>;
  readonly reached: Map<Name, number> = new Map();
  private readonly values: Record<Name, number>;
  private readonly simulated: Map<Name, number> = new Map();
  private readonly toldAt: Map<Name, Micros> = new Map();
  private readonly tell: LimitEvent<Name> | undefined;

  constructor(limits: Readonly<Record<Name, number>>, simulated: readonly Name[], tell?: LimitEvent<Name>) {
    this.values = { ...limits };
    this.limits = this.values;
    this.tell = tell;
    for (const name of simulated) {
      this.simulated.set(name, limits[name]);
      this.values[name] = 0;
    }
  }

  note(limit: Name, time: Micros): void {
    const real = this.simulated.get(limit);
    if (real !== undefined) {
      this.simulated.delete(limit);
      this.values[limit] = real;
    }
    const times = (this.reached.get(limit) ?? 0) + 1;
    this.reached.set(limit, times);
    const toldAt = this.toldAt.get(limit);
    if (toldAt === undefined || time - toldAt >= EVENT_PAUSE) {
      this.toldAt.set(limit, time);
      this.tell?.(limit, time, times);
    }
  }
}
