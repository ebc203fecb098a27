import type { Micros } from '../kit/time.ts';
import type { Effect } from '../wire/observation.ts';
import type { Timing } from './conversation.ts';
import type { ConversationSighting, SeenOperation } from './sighting.ts';

/** A conversation as the hub remembers it: all sightings of the same addresses, transport, port and protocol in one scope. */
export interface KnownConversation {
  readonly id: string;
  readonly site: string;
  readonly scope: string;
  readonly client: string | undefined;
  readonly server: string | undefined;
  readonly clientAddress: string;
  readonly target: string;
  readonly transport: string;
  readonly port: number;
  readonly protocol: string | undefined;
  readonly vlan: number | undefined;
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  readonly operations: readonly SeenOperation[];
  /** Times are those of the newest sighting; questions are counted over all. */
  readonly timing: Timing | undefined;
  readonly state: ConversationState;
  readonly news: string | undefined;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
}

export const CONVERSATION_STATES = ['new', 'accepted', 'refused'] as const;
export type ConversationState = (typeof CONVERSATION_STATES)[number];

const MOST_OPERATIONS = 128;

/** What makes two sightings the same conversation, as one text. */
export function conversationKey(site: string, sighting: ConversationSighting): string {
  const { scope, vlan, clientAddress, target, transport, port, protocol } = sighting;
  return JSON.stringify([site, scope, vlan ?? null, clientAddress, target, transport, port, protocol ?? null]);
}

/** Counters add up; the newest timing counts. */
export function joinConversation(known: KnownConversation, sighting: ConversationSighting): KnownConversation {
  const isNewer = sighting.lastSeen >= known.lastSeen;
  return {
    ...known,
    flows: known.flows + sighting.flows,
    packets: known.packets + sighting.packets,
    bytes: known.bytes + sighting.bytes,
    operations: joinOperations(known.operations, sighting.operations),
    timing: joinTiming(known.timing, sighting.timing, isNewer),
    firstSeen: Math.min(known.firstSeen, sighting.firstSeen),
    lastSeen: Math.max(known.lastSeen, sighting.lastSeen),
  };
}

/** By name; above the limit the rest is counted with the last of its effect, or with the last. */
export function joinOperations(
  one: readonly SeenOperation[],
  other: readonly SeenOperation[],
): readonly SeenOperation[] {
  const joined = new Map<string, SeenOperation>();
  for (const operation of [...one, ...other]) {
    const key = operationKey(operation);
    const known = joined.get(key);
    if (known !== undefined || joined.size < MOST_OPERATIONS) {
      joined.set(key, known === undefined ? operation : counted(known, operation));
      continue;
    }
    const last = [...joined].findLast(([, { effect }]) => effect === operation.effect) ?? [...joined].at(-1);
    if (last !== undefined) {
      joined.set(last[0], counted(last[1], operation));
    }
  }
  return [...joined.values()].toSorted((a, b) => (operationKey(a) < operationKey(b) ? -1 : 1));
}

export function operationKey({ protocol, name, by }: SeenOperation): string {
  return JSON.stringify([protocol, name, by]);
}

function counted(known: SeenOperation, more: SeenOperation): SeenOperation {
  return { ...known, count: known.count + more.count, errors: known.errors + more.errors };
}

function joinTiming(one: Timing | undefined, other: Timing | undefined, isOtherNewer: boolean): Timing | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other;
  }
  const [newer, older] = isOtherNewer ? [other, one] : [one, other];
  return {
    requests: one.requests + other.requests,
    unanswered: one.unanswered + other.unanswered,
    response: newer.response ?? older.response,
    period: newer.period ?? older.period,
  };
}

/** From the most harmless to the gravest: what is unknown may be anything. */
export const EFFECTS: readonly Effect[] = [
  'report',
  'discover',
  'session',
  'read',
  'authenticate',
  'unknown',
  'write',
  'configure',
  'control',
  'program',
  'firmware',
];

export function effectBit(effect: Effect): number {
  return 1 << EFFECTS.indexOf(effect);
}

export function effectRank(effect: Effect): number {
  return EFFECTS.indexOf(effect) + 1;
}

/** Undefined for rank 0: no operation is known. */
export function effectOfRank(rank: number): Effect | undefined {
  return EFFECTS[rank - 1];
}

const DAY: Micros = 86_400_000_000;
const MOST_DAYS = 31;

/** Its packets and bytes by day, in proportion to the time that it went on each day. */
export function sharesByDay({ firstSeen, lastSeen, packets, bytes }: ConversationSighting): readonly DayShare[] {
  const last = Math.floor(lastSeen / DAY);
  const firstDay = Math.max(Math.floor(firstSeen / DAY), last - MOST_DAYS + 1);
  const shares: DayShare[] = [];
  const begin = Math.max(firstSeen, firstDay * DAY);
  const whole = lastSeen - begin;
  let told = { packets: 0, bytes: 0 };
  for (let day = firstDay; day <= last; day++) {
    const until = day === last || whole === 0 ? 1 : ((day + 1) * DAY - begin) / whole;
    const soFar = { packets: Math.round(packets * until), bytes: Math.round(bytes * until) };
    shares.push({ day: day * DAY, packets: soFar.packets - told.packets, bytes: soFar.bytes - told.bytes });
    told = soFar;
  }
  return shares;
}

export interface DayShare {
  /** Its first microsecond. */
  readonly day: Micros;
  readonly packets: number;
  readonly bytes: number;
}
