import type { LimitEvent, LimitName } from '../wire/limits.ts';
import { type Analysis, analyse } from './analysis.ts';
import type { AttemptState } from './attempts.ts';
import type { ConversationTableState } from './conversation-table.ts';
import type { Endpoint } from './endpoint.ts';
import type { Names } from './exchange.ts';
import type { Claim, ClockFact, Credential, ServiceFact } from './facts.ts';
import { type CaptureCoverage, type Heard, newHeard } from './heard.ts';
import {
  DEFAULT_INVENTORY_LIMITS,
  type InventoryLimitName,
  type InventoryLimits,
  isOfOneFlow,
  LimitCounter,
} from './limits.ts';
import type { VendorOfMac } from './mac-vendors.ts';
import { type OperationKind, OperationKinds } from './operation-kinds.ts';
import { Texts } from './texts.ts';

export interface CollectorOptions {
  readonly vendorOfMac: VendorOfMac;
  readonly limits: Partial<InventoryLimits>;
  /** These count as reached the first time that they could be, whatever is set. */
  readonly simulatedLimits?: readonly InventoryLimitName[];
  readonly limitReached?: LimitEvent<LimitName | InventoryLimitName>;
  /** Any number that those who send packets cannot know. */
  readonly seed?: number;
}

/**
 * What one collector heard, to be sent to another thread: objects, texts and numbers without methods. Whoever sent it
 * must not go on listening.
 */
export interface CollectedState {
  readonly endpoints: readonly Endpoint[];
  readonly conversations: ConversationTableState;
  readonly attempts: AttemptState;
  readonly claims: ReadonlyMap<string, Claim>;
  readonly credentials: ReadonlyMap<string, Credential>;
  readonly clocks: ReadonlyMap<string, ClockFact>;
  readonly services: ReadonlyMap<string, ServiceFact>;
  readonly kinds: readonly OperationKind[];
  readonly texts: readonly string[];
  readonly reached: ReadonlyMap<InventoryLimitName, number>;
  readonly isLossy: boolean;
  readonly mostWaiting: number;
  readonly mostLikes: number;
  readonly forgotten: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** What several collectors heard together. */
export interface Collected {
  /**
   * It is exactly what one collector would have heard. False where a limit was reached that holds for several flows
   * together: what was kept then depends on who came first.
   */
  readonly exact: boolean;
  /** Call it once; `coverage` is what the captures themselves lack. */
  result(coverage?: CaptureCoverage): Analysis;
}

export function stateOf(heard: Heard): CollectedState {
  const { endpoints, facts, names, limits } = heard;
  return {
    endpoints: endpoints.values(),
    conversations: heard.conversations.state(),
    attempts: heard.attempts.state(),
    claims: facts.claims,
    credentials: facts.credentials,
    clocks: facts.clocks,
    services: facts.services,
    kinds: names.kinds.all,
    texts: names.texts.all,
    reached: limits.reached,
    isLossy: limits.isLossy,
    mostWaiting: endpoints.mostWaiting,
    mostLikes: heard.likes.most,
    forgotten: endpoints.forgotten,
    firstSeen: heard.firstSeen,
    lastSeen: heard.lastSeen,
  };
}

export function limitsOf({ limits, simulatedLimits = [], limitReached }: CollectorOptions): LimitCounter {
  return new LimitCounter({ ...DEFAULT_INVENTORY_LIMITS, ...limits }, simulatedLimits, limitReached);
}

/** Joins what collectors heard that listened to different flows of the same captures. The order of the parts does not matter. */
export function mergeCollected(parts: readonly CollectedState[], options: CollectorOptions): Collected {
  const limits = limitsOf(options);
  const heard = newHeard(limits, options.seed ?? 0);
  for (const part of parts) {
    absorb(heard, part);
  }
  const waiting = parts.reduce((sum, { mostWaiting }) => sum + mostWaiting, 0);
  const likes = parts.reduce((sum, { mostLikes }) => sum + mostLikes, 0);
  const { reached, limits: most } = limits;
  const fits = waiting <= most.candidates && likes <= most.likes && !limits.isLossy;
  return {
    exact: fits && [...reached.keys()].every(isOfOneFlow),
    result: (coverage) => analyse(heard, options.vendorOfMac, coverage),
  };
}

function absorb(heard: Heard, part: CollectedState): void {
  const { limits, endpoints } = heard;
  const names = namesOf(part);
  const ours = part.endpoints.map((endpoint) => endpoints.absorb(endpoint));
  const indexOf = (index: number) => ours[index]?.index ?? UNKNOWN;
  const byTheirs = new Map(part.endpoints.map((endpoint, at) => [endpoint, ours[at] ?? endpoint]));
  const endpointOf = <T extends Endpoint | undefined>(endpoint: T): T =>
    (endpoint === undefined ? undefined : byTheirs.get(endpoint)) as T;
  heard.conversations.absorb(part.conversations, names, indexOf);
  heard.attempts.absorb(part.attempts, names.texts, indexOf);
  heard.facts.absorb(part, endpointOf);
  for (const [limit, times] of part.reached) {
    limits.add(limit, times);
  }
  limits.isLossy ||= part.isLossy;
  endpoints.forgotten += part.forgotten;
  heard.firstSeen = Math.min(heard.firstSeen, part.firstSeen);
  heard.lastSeen = Math.max(heard.lastSeen, part.lastSeen);
}

/** The names by the numbers that they have in the part. */
function namesOf({ kinds, texts }: CollectedState): Names {
  const names = { kinds: new OperationKinds(), texts: new Texts() };
  for (const { protocol, name, effect } of kinds) {
    names.kinds.named(protocol, name, effect);
  }
  for (const text of texts) {
    names.texts.of(text);
  }
  return names;
}

/** No endpoint has this number. */
const UNKNOWN = 0xffff_ffff;
