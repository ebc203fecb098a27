import type { LeftOut } from '../captures/packet-filter.ts';
import type { Micros } from '../kit/time.ts';
import type { AttemptWatch } from './attempts.ts';
import type { ConversationRecord } from './conversation-record.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import type { Facts } from './facts.ts';
import type { LimitCounter } from './limits.ts';

/** What the captures say that they do not hold. */
export interface CaptureCoverage {
  /** Packets that the capturing programs lost. */
  readonly lost: number;
  /** Captures that were taken with a filter. */
  readonly withFilter: number;
  /** Packets that were not looked at, such as those of a link type that is not read. */
  readonly passedOver: number;
  /** What the user's own filter left out; undefined where there is none. */
  readonly leftOut: LeftOut | undefined;
  /** The user ended the run before the captures were over. */
  readonly stopped: boolean;
}

/** Everything that was heard, before anybody decides what it means. */
export interface Heard {
  readonly endpoints: Endpoints;
  readonly conversations: Map<string, ConversationRecord>;
  readonly facts: Facts;
  readonly attempts: AttemptWatch;
  readonly limits: LimitCounter;
  readonly senderChanges: Map<string, SenderChange>;
  firstSeen: Micros;
  lastSeen: Micros;
}

/** Two MAC addresses that sent from one address within one flow. */
export interface SenderChange {
  readonly before: Endpoint;
  readonly after: Endpoint;
  readonly frame: number;
  readonly time: Micros;
}
