import type { LeftOut } from '../captures/packet-filter.ts';
import type { Micros } from '../kit/time.ts';
import { AttemptWatch } from './attempts.ts';
import { ConversationTable } from './conversation-table.ts';
import { Endpoints } from './endpoint.ts';
import type { Names } from './exchange.ts';
import { Facts } from './facts.ts';
import type { LikeBudget } from './flow-record.ts';
import type { LimitCounter } from './limits.ts';
import { OperationKinds } from './operation-kinds.ts';
import { Texts } from './texts.ts';

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
  readonly conversations: ConversationTable;
  readonly facts: Facts;
  readonly attempts: AttemptWatch;
  readonly limits: LimitCounter;
  readonly names: Names;
  readonly likes: LikeBudget;
  firstSeen: Micros;
  lastSeen: Micros;
}

/** Nothing heard yet. `seed` keeps those who send packets from choosing addresses that all fall into one place. */
export function newHeard(limits: LimitCounter, seed: number): Heard {
  return newHeardWith({ limits, likes: { used: 0, most: 0 } }, new OperationKinds(), seed);
}

const SILENT = { firstSeen: Number.POSITIVE_INFINITY, lastSeen: Number.NEGATIVE_INFINITY };

/** No conversation of the next stretch of the same traffic; who was met and what was said before is known. */
export function heardNext(told: Heard, seed: number): Heard {
  const { limits, names, endpoints } = told;
  return { ...told, ...SILENT, conversations: new ConversationTable(limits, names, endpoints, seed) };
}

/** Nothing of the next stretch of the same traffic, and nobody known; open flows keep what they counted. */
export function heardAnew({ limits, likes, names: { kinds } }: Heard, seed: number): Heard {
  return newHeardWith({ limits, likes }, kinds, seed);
}

function newHeardWith(kept: Pick<Heard, 'limits' | 'likes'>, kinds: OperationKinds, seed: number): Heard {
  const { limits } = kept;
  const names = { kinds, texts: new Texts() };
  const endpoints = new Endpoints(limits, seed);
  return {
    endpoints,
    conversations: new ConversationTable(limits, names, endpoints, seed),
    facts: new Facts(limits),
    attempts: new AttemptWatch(limits, names.texts, seed),
    names,
    ...kept,
    ...SILENT,
  };
}
