import type { Mutable } from '../kit/mutable.ts';
import type { Effect, Observation } from './observation.ts';
import { Reader } from './reader.ts';

/**
 * One protocol, whole: where it is found, how it is cut from a stream, how it is read, what it tells us.
 * It keeps no state: streams, fragments, pairing and memory are the engine's, which bounds them.
 */
export interface Protocol<Fields extends object> {
  /** Stable: stored records, policies and queries use it. The folder's name, with `_` for `-`. */
  readonly name: string;
  /** As people write it, for the manual: `Modbus/TCP`. */
  readonly title: string;
  /** The document this was written from, so that a reviewer can check it. */
  readonly source: string;
  readonly at: readonly Place[];
  /** Every operation by name: policies, the manual and the counters of conversations are made from it. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** One line for every field. The compiler keeps the list complete; the reference manual is made from it. */
  readonly fields: { readonly [Field in keyof Required<Fields>]: string };
  /** A message of this protocol has no length of its own, so a part of one cannot be told from a whole one. */
  readonly whole?: false;
  /** Nothing but an envelope (COTP, DCE/RPC): a conversation is named by what it carries, where that is known. */
  readonly envelope?: true;
  /**
   * How many bytes the PDU that starts here takes, header included; `MORE` while too little has come to say;
   * `NOT_MINE` where no PDU can start. Required on TCP; on datagrams it splits several PDUs in one.
   * Called before the bytes are all there: it reads the header only.
   */
  cut?(this: void, reader: Reader, context: CutContext): number;
  /** Where one message travels in several PDUs: which part this PDU is. `undefined`: it is whole. */
  part?(this: void, reader: Reader, context: Context): Part | undefined;
  /**
   * Looks at the first bytes of one direction. `strong`: a mark that chance hardly writes; enough on any port.
   * `weak`: plausible; enough on the protocol's own port, elsewhere only when several PDUs agree.
   * `no`: it cannot be this protocol, whatever the port says.
   */
  recognise(this: void, reader: Reader, context: Context): Likeness;
  /** One PDU to one message, or to several in their order (an envelope before what it holds). */
  read(this: void, reader: Reader, context: Context): Reading<Fields> | readonly Reading<Fields>[] | Malformed;
  /** What the message tells beyond its operation. Most tell nothing: return `NOTHING` then, it allocates nothing. */
  observe?(this: void, reading: Reading<Fields>, context: Context): readonly Observation[];
}

export const MORE = 0;
export const NOT_MINE = -1;
export type Likeness = 'strong' | 'weak' | 'no';

export const NOTHING: readonly never[] = [];

/** An operation of a protocol. Made once, compared by identity. */
export interface Operation {
  readonly name: string;
  readonly effect: Effect;
}

/** Makes a table of operations; the keys are for the dissector, the names for people and policies. */
export function defineOperations<Key extends string>(
  table: Readonly<Record<Key, readonly [name: string, effect: Effect]>>,
): Readonly<Record<Key, Operation>> {
  const operations = {} as Record<Key, Operation>;
  for (const key of Object.keys(table) as Key[]) {
    const [name, effect] = table[key];
    operations[key] = { name, effect };
  }
  return operations;
}

/** Who speaks in this message, in the protocol's own sense. `report`: unsolicited, cyclic, broadcast. */
export type Direction = 'request' | 'response' | 'report';

/** What a question and its answer have in common, within one conversation. */
export type PairKey = number | string;

/** One message, read. */
export interface Reading<Fields extends object = object> {
  readonly direction: Direction;
  /** In an answer: the operation that was asked for. An unknown code is an operation with effect `unknown`. */
  readonly operation: Operation;
  /** Plain values that JSON can hold; numbers of more than 53 bits are text. */
  readonly fields: Fields;
  /** Absent where nothing answers or nothing was asked. */
  readonly pair?: PairKey;
  /** In a question: what tells the same question asked again from another (address and count, say). */
  readonly like?: number | string;
  /** In an answer: why the request was not carried out, in the protocol's words. */
  readonly refused?: string;
  /** Unit, slot or area that the operation is aimed at. */
  readonly target?: string;
  /** The bytes themselves, not the context, say who asks: the sender of this request opened the conversation. */
  readonly proves?: boolean;
  /** This message says nothing itself: what it carries names the conversation and is counted. */
  readonly envelope?: true;
  /** Payloads for whoever declares `{ within: <this protocol's name> }`. */
  readonly carries?: readonly Carried[];
}

/** A reading while it is being made. */
export type ReadingDraft<Fields extends object> = Mutable<Reading<Mutable<Fields>>>;

/**
 * A payload inside a message: bytes of its own, or, where many messages pass, a window onto the message's bytes, which costs
 * nothing to make. `key` selects by the `key` of a place; without one the bytes decide.
 */
export type Carried = CarriedBytes | CarriedWindow;

export interface CarriedBytes {
  readonly bytes: Uint8Array;
  readonly key?: number | string;
}

export interface CarriedWindow {
  readonly bytes?: undefined;
  /** Counted from the first byte of the carrying message. */
  readonly from: number;
  readonly length: number;
  readonly key?: number | string;
}

/** Where a protocol is found. A port only orders the trial, the content decides; a parent decides outright. */
export type Place =
  | { readonly tcp: number }
  | { readonly udp: number }
  | { readonly ethertype: number }
  | { readonly llc: number }
  /** OUI and protocol id of SNAP, as one number: `0x00000c_2000`. */
  | { readonly snap: number }
  /** LINKTYPE_ number of captures that hold nothing else, such as a bus. */
  | { readonly linkType: number }
  | { readonly ipProtocol: number }
  | { readonly within: string; readonly key?: number | string };

/** One of several PDUs that make one message. The engine joins the bodies in order behind the last part's `head`. */
export interface Part {
  /** Which message of this direction it belongs to. */
  readonly key: PairKey;
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  /** The first part; without it the message cannot be whole. Absent: any part may be the first one seen. */
  readonly first?: boolean;
  readonly last: boolean;
  /** The sender gave up: what came before is forgotten. */
  readonly abort?: boolean;
}

/** `bus`: a serial bus whose stations are numbers (MS/TP, ARCNET, CAN). */
export type Transport = 'tcp' | 'udp' | 'ethernet' | 'ip' | 'bus';

/** What is known about a message before it is read. */
export interface Context {
  readonly transport: Transport;
  /** The sender is, as far as is known yet, the one who opened the conversation. */
  readonly fromClient: boolean;
  /** 0 where there are none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The message was sent to a broadcast or multicast address. */
  readonly toMany: boolean;
  /** The carrying message, where this one travels inside another protocol, and the key it was handed on under. */
  readonly parent?: Reading | undefined;
  readonly key?: number | string | undefined;
  /** The question that this key pairs with, if it was seen and is not answered yet. */
  question(pair: PairKey): Reading | undefined;
  /** What an earlier message of this conversation remembered: both directions share one bounded memory. */
  recall(key: number | string): Memory | undefined;
  remember(key: number | string, value: Memory): void;
}

/** What a cut may look at: the direction, and what earlier messages remembered. */
export type CutContext = Pick<Context, 'transport' | 'fromClient' | 'sourcePort' | 'destinationPort' | 'recall'>;

export type Memory = number | string | boolean | readonly (number | string)[];

/** Bytes that break the protocol's rules, as opposed to bytes that never arrived. */
export class Malformed {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** A protocol as the engine sees it, its message type sealed in. */
export interface Dissector {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly at: readonly Place[];
  readonly operations: readonly Operation[];
  readonly fields: Readonly<Record<string, string>>;
  readonly whole: boolean;
  readonly envelope: boolean;
  cut: ((reader: Reader, context: CutContext) => number) | undefined;
  part: ((reader: Reader, context: Context) => Part | undefined) | undefined;
  recognise(this: void, reader: Reader, context: Context): Likeness;
  read(this: void, reader: Reader, context: Context): Reading | readonly Reading[] | Malformed;
  observe: ((reading: Reading, context: Context) => readonly Observation[]) | undefined;
  /** One PDU at a time, for tests and tools: `read` with its three outcomes told apart. */
  dissect(bytes: Uint8Array, context: Context): Dissection;
}

export type Dissection =
  | { readonly outcome: 'message' | 'truncated'; readonly readings: readonly Reading[] }
  | { readonly outcome: 'malformed'; readonly reason: string };

export function defineDissector<Fields extends object>(protocol: Protocol<Fields>): Dissector {
  return {
    name: protocol.name,
    title: protocol.title,
    source: protocol.source,
    at: protocol.at,
    operations: Object.values(protocol.operations),
    fields: protocol.fields as Readonly<Record<string, string>>,
    whole: protocol.whole !== false,
    envelope: protocol.envelope === true,
    cut: protocol.cut,
    part: protocol.part,
    recognise: protocol.recognise,
    read: protocol.read,
    // Only this protocol's own readings ever reach its `observe`.
    observe: protocol.observe as Dissector['observe'],
    dissect(bytes, context) {
      const reader = Reader.of(bytes);
      const read = protocol.read(reader, context);
      if (reader.exhausted) {
        return { outcome: 'malformed', reason: BUDGET };
      }
      if (read instanceof Malformed) {
        return { outcome: 'malformed', reason: read.reason };
      }
      const readings = 'fields' in read ? [read] : read;
      return { outcome: reader.truncated ? 'truncated' : 'message', readings };
    },
  };
}

export const BUDGET = 'budget';
