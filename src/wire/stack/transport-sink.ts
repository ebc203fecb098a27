import type { Transport } from '../dissector.ts';
import type { LimitName } from '../limits.ts';
import type { Side } from '../listener.ts';

export const TcpFlag = { fin: 1, syn: 2, reset: 4, ack: 16 } as const;

/** What the stack makes of packets, always for the flow `record` and the side that sent. */
export interface TransportSink {
  opened(record: number): void;
  answered(record: number): void;
  senderChanged(record: number, side: Side): void;
  /** The flow ends; its record is still readable during the call. */
  closed(record: number): void;
  segment(segment: Segment): void;
  datagram(datagram: Datagram): void;
  /** The payload of a UDP datagram that an ICMP error quotes, as far as it is quoted. */
  quoted(quote: Quote): void;
  limitReached(limit: LimitName): void;
}

/** A TCP segment; a window that is reused. */
export interface Segment {
  readonly record: number;
  readonly side: Side;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  /** Length of the payload on the wire. */
  readonly announced: number;
  readonly payloadHash: number;
  readonly duplicate: boolean;
  /** Fragments of it contradict each other. */
  readonly ambiguous: boolean;
}

/** What a packet carries above Ethernet, IP or UDP. */
export interface Datagram {
  readonly record: number;
  readonly side: Side;
  readonly transport: Exclude<Transport, 'tcp'>;
  readonly carrier: Carrier;
  /** EtherType, DSAP, SNAP number, link type or number of the IP protocol, as `carrier` says. */
  readonly carrierNumber: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly duplicate: boolean;
  /** Fragments of it contradict each other. */
  readonly ambiguous: boolean;
}

/** A window that is reused; `record` and `side` are those of the ICMP error. */
export interface Quote {
  readonly record: number;
  readonly side: Side;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly quotedSourcePort: number;
  readonly quotedDestinationPort: number;
}

export type Carrier = 'ethertype' | 'llc' | 'snap' | 'link' | 'ip' | 'udp';
