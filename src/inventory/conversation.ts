import type { Brand } from '../kit/brand.ts';
import type { Micros } from '../kit/time.ts';
import type { Transport } from '../wire/dissector.ts';
import type { ClientRule } from '../wire/listener.ts';
import type { Effect } from '../wire/observation.ts';

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
  readonly swept: number;
  readonly sweeps: number;
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
