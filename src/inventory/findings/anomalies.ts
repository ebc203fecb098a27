import type { Conversation } from '../conversation.ts';
import { FLOOD_RATE } from '../flow-counter.ts';
import { all, from, ofConversation, portOf, to } from './filters.ts';
import type { Family, Finding, Inquiry } from './finding.ts';
import { each, together } from './inquiry.ts';
import { Cast, capital, during, moment, partiesOf, plural, times, weighed } from './telling.ts';

/** Traffic that does not look like what these parties usually do. */
export const anomalies: Family = (scene) => {
  const cast = new Cast(scene);
  return together(
    each((conversation) => [...malformed(cast, conversation), ...overlap(cast, conversation)]),
    floods(cast),
  );
};

const LEAST_MALFORMED = 3;

/** Malformed messages count where the same conversation also has good ones: else the protocol was guessed wrong. */
function malformed(cast: Cast, conversation: Conversation): Finding[] {
  const good = conversation.operations.reduce((sum, { count }) => sum + count, 0);
  if (conversation.malformed < LEAST_MALFORMED || good === 0) {
    return [];
  }
  const { firstSeen, lastSeen, protocol } = conversation;
  return [
    {
      code: 'malformed.traffic',
      severity: weighed('medium', {
        safety: cast.isSafety(conversation.server),
        outside: cast.isOutside(conversation),
      }),
      title: 'Messages break the rules of their protocol',
      assets: partiesOf(conversation),
      explanation: `Between ${cast.client(conversation)} and ${cast.server(conversation)} ${plural(conversation.malformed, 'message', 'messages')} beside ${good} good ones could not be right ${protocol ?? ''} ${during(firstSeen, lastSeen)}. Broken messages come from faulty devices and from people who search for a way to crash one. It is harmless if a known tool or an old device writes them. What the receiver made of them was not seen.`,
      filter: ofConversation(conversation),
      frames: [conversation.malformedFrame],
      firstSeen,
      lastSeen,
      count: conversation.malformed,
    },
  ];
}

function overlap(cast: Cast, conversation: Conversation): Finding[] {
  if (conversation.ambiguous === 0) {
    return [];
  }
  const { firstSeen, lastSeen } = conversation;
  return [
    {
      code: 'evasion.overlap',
      severity: weighed('high', { safety: cast.isSafety(conversation.server), outside: cast.isOutside(conversation) }),
      title: 'The same place of a message was sent twice with different content',
      assets: partiesOf(conversation),
      explanation: `Between ${cast.client(conversation)} and ${cast.server(conversation)} bytes were sent again with other content ${times(conversation.ambiguous)} ${during(firstSeen, lastSeen)}. Nobody who listens can know which version the receiver took: this is a known way to hide a command from those who watch. It is harmless if a device with a fault in its network software does it, or two captures were joined wrongly. The first version was believed.`,
      filter: ofConversation(conversation),
      frames: [conversation.ambiguousFrame],
      firstSeen,
      lastSeen,
      count: conversation.ambiguous,
    },
  ];
}

const FLOOD_FACTOR = 10;
const FAILING = 0.2;

/** Far more questions than usual: than this station itself asks, or than the others that ask the same server. */
function floods(cast: Cast): Inquiry {
  /** How many questions a second each asker of a server usually has. */
  const ratesOf = new Map<string, number[]>();
  const busy: Busy[] = [];
  return {
    see(conversation) {
      const { peak } = conversation;
      if (peak.perSecond === 0) {
        return;
      }
      const server = conversation.server ?? conversation.targetAsset ?? conversation.target;
      const rates = ratesOf.get(server) ?? [];
      ratesOf.set(server, rates);
      if (peak.perSecond >= FLOOD_RATE && !conversation.toMany && !isTransfer(conversation)) {
        busy.push({ conversation, rates, place: rates.length });
      }
      rates.push(peak.usual ?? peak.perSecond);
    },
    finish: () => busy.flatMap((one) => flood(cast, one)),
  };
}

interface Busy {
  readonly conversation: Conversation;
  /** The rates of all that ask the same server, and where its own stands among them. */
  readonly rates: readonly number[];
  readonly place: number;
}

function flood(cast: Cast, { conversation, rates, place }: Busy): Finding[] {
  const { peak, timing, target, firstSeen, lastSeen } = conversation;
  const usual = peak.usual ?? median(rates.filter((_, at) => at !== place));
  const failing = timing !== undefined && timing.unanswered + errorsOf(conversation) > timing.requests * FAILING;
  const unusual = usual === undefined ? mostlyWrites(conversation) : peak.perSecond >= usual * FLOOD_FACTOR;
  if (!unusual && !failing) {
    return [];
  }
  const before = usual === undefined ? '' : `, where about ${Math.max(1, Math.round(usual))} a second are usual`;
  return [
    {
      code: 'flood.requests',
      severity: weighed('high', {
        safety: cast.isSafety(conversation.server),
        outside: cast.isOutside(conversation),
      }),
      title: 'A device is flooded with requests',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.client(conversation))} asked ${cast.server(conversation)} up to ${peak.perSecond} times a second (${moment(peak.time)})${before}.${failing ? ` ${timing.unanswered} questions got no answer and ${errorsOf(conversation)} were refused.` : ''} A controller that must answer so much answers others late, and values on panels grow old; some stop. It is harmless if a program is being loaded or a tool reads everything once. Whether the cycle of the process suffered was not seen.`,
      filter: all(from(conversation.clientAddress), to(target), portOf(conversation)),
      frames: [conversation.firstFrame],
      firstSeen,
      lastSeen,
      count: timing?.requests ?? 0,
    },
  ];
}

/** Nothing shows what is usual, but no process needs new values this fast from one station. */
function mostlyWrites({ operations }: Conversation): boolean {
  const count = (some: typeof operations) => some.reduce((sum, { requests }) => sum + requests, 0);
  return count(operations.filter(({ effect }) => effect === 'write' || effect === 'control')) * 2 > count(operations);
}

/** Programs and firmware travel in many quick pieces. */
function isTransfer({ operations }: Conversation): boolean {
  const count = (some: typeof operations) => some.reduce((sum, { requests }) => sum + requests, 0);
  const transfers = operations.filter(({ effect }) => effect === 'program' || effect === 'firmware');
  return count(transfers) * 2 > count(operations);
}

function errorsOf({ operations }: Conversation): number {
  return operations.reduce((sum, { errors }) => sum + errors, 0);
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
