import type { Micros } from '../kit/time.ts';
import type { Dissector, Reading, Transport } from './dissector.ts';
import type { LimitName } from './limits.ts';
import type { Observation } from './observation.ts';

/**
 * Who hears what the engine finds. Flows, messages and packets that are handed over are windows onto the engine's
 * own memory: they are valid during the call only, and whatever must outlive it is copied.
 */
export interface Listener {
  /** False saves the work of asking dissectors what a message tells beyond its operation. */
  readonly wantsObservations: boolean;
  /** True: also messages that an ICMP error quotes. They are evidence that something was not delivered, and no traffic. */
  readonly wantsQuoted?: boolean;
  /** The first packet of a flow. */
  flowOpened?(flow: Flow): void;
  /** The first packet of the other side of a flow. */
  flowAnswered?(flow: Flow): void;
  /** The same side of a flow now sends from another MAC address than before (a second path, a takeover). */
  senderChanged?(flow: Flow, side: Side): void;
  message?(message: Message): void;
  /** A question that will not be answered any more: replaced, too many waiting, or the flow ended. */
  unanswered?(flow: Flow, question: Question): void;
  /** Bytes of a stream that were never seen, so messages may be missing. `bytes` is 0 where their number is unknown. */
  gap?(flow: Flow, side: Side, bytes: number): void;
  /** Two different contents for the same place of a stream or datagram: nobody can say which one the receiver took. */
  ambiguous?(flow: Flow, side: Side, frame: number): void;
  /** The flow's last call: closed, idle, evicted or end of capture. Its numbers are final. */
  flowClosed?(flow: Flow): void;
  /** A limit was reached: the first time, and then at most once a minute. `times` counts all so far. */
  limitReached?(limit: LimitName, time: Micros, times: number): void;
}

/** One end of a flow. Side 0 and 1 have no meaning of their own: `Flow.client` says who asks. */
export type Side = 0 | 1;

/** How the client was told from the server, the surest first. Later proof overrules a guess. */
export type ClientRule = 'handshake' | 'protocol' | 'port' | 'first';

/** All packets between two ends with the same ports, until it ends or falls silent. */
export interface Flow {
  readonly transport: Transport;
  /** Number of the IP protocol, or the EtherType (LLC: DSAP, SNAP: low half of the protocol id) where transport is `ethernet` or `bus`. */
  readonly carrier: number;
  /** Outermost VLAN, undefined where untagged. */
  readonly vlan: number | undefined;
  /** Index of the capturing interface over all captures of a run. */
  readonly capturedAt: number;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly firstFrame: number;
  readonly client: Side;
  readonly clientRule: ClientRule;
  /** The other side is a broadcast or multicast address. */
  readonly toMany: boolean;
  /** Both sides were seen sending. */
  readonly answered: boolean;
  /** TCP only: how far the connection came. */
  readonly tcp: TcpState;
  /** Name of the protocol, `undefined` while none is recognised. What an envelope (COTP, DCE/RPC) carries names it. */
  readonly protocol: string | undefined;
  /** Address of a side: IP text, MAC text where transport is `ethernet`, or the station where it is `bus`: `mstp 27`. */
  address(side: Side): string;
  /** MAC of a side as last seen on this segment; undefined before it sent, and where there are no MACs. */
  mac(side: Side): string | undefined;
  /** 0 where there are no ports. */
  port(side: Side): number;
  packets(side: Side): number;
  /** Bytes of the frames as they were on the wire. */
  bytes(side: Side): number;
  /** IPv4 TTL or IPv6 hop limit of the last packet of a side; 0 where unknown. */
  ttl(side: Side): number;
  /** A place for the listener's own record of this flow. */
  data: unknown;
}

export interface TcpState {
  readonly syn: boolean;
  readonly synAck: boolean;
  /** One side acknowledged what the other side's SYN said, as nobody can who invents a sender. */
  readonly established: boolean;
  readonly fin: boolean;
  readonly reset: boolean;
}

export type Outcome = 'message' | 'truncated' | 'malformed';

/** One message of a protocol. */
export interface Message {
  /** Frame in which the message ends; frames count from 1. */
  readonly frame: number;
  readonly time: Micros;
  readonly flow: Flow;
  /** Side that sent it. */
  readonly side: Side;
  readonly dissector: Dissector;
  readonly outcome: Outcome;
  /** Why it is malformed. */
  readonly reason: string | undefined;
  /** Undefined where it is malformed beyond reading. */
  readonly reading: Reading | undefined;
  readonly observations: readonly Observation[];
  /** The question that this message answers. */
  readonly question: Question | undefined;
  /** End of the answer minus end of the question, in microseconds; undefined where nothing can be claimed. */
  readonly responseTime: Micros | undefined;
  /** The same packet was captured twice: no second message, no timing. */
  readonly duplicate: boolean;
  /** An ICMP error quotes it: it was sent earlier, and not delivered. The flow is that of the error. */
  readonly quoted: boolean;
  /** Overlapping bytes differed: this is one of two possible contents. */
  readonly ambiguous: boolean;
}

/** A question that waits, or waited, for its answer. */
export interface Question {
  readonly reading: Reading;
  readonly time: Micros;
  readonly frame: number;
}
