import type { Conversation, ConversationOperation } from '../conversation.ts';
import { least, most } from '../extremes.ts';
import { kindOf } from '../protocol-kinds.ts';
import { all, from, ofConversation, portOf, to } from './filters.ts';
import type { Family, Finding, Scene } from './finding.ts';
import { each, gathering, together } from './inquiry.ts';
import { Cast, capital, during, partiesOf, plural, weighed } from './telling.ts';

/** What hampers the plant's own running: polls without answer, clocks that differ, redundancy that is gone. */
export const operations: Family = (scene) => {
  const cast = new Cast(scene);
  return together(
    each((conversation) => polling(cast, conversation)),
    { finish: () => clocks(scene, cast) },
    gathering(topologyChangesOf, (changing) => topologyChanges(scene, cast, changing)),
    each((conversation) => ringsOpen(cast, conversation)),
  );
};

const LEAST_QUESTIONS = 20;
const SHARE = 0.05;

function polling(cast: Cast, conversation: Conversation): Finding[] {
  const { toMany, operations: every, oneSided } = conversation;
  // Times are packed apart from counts: few conversations need be asked for them.
  const asked = every.reduce((sum, { requests }) => sum + requests, 0);
  const timing = toMany || oneSided || asked < LEAST_QUESTIONS ? undefined : conversation.timing;
  if (timing === undefined) {
    return [];
  }
  const polled = every.filter(({ protocol }) => kindOf(protocol) !== undefined);
  if (polled.length === 0) {
    return [];
  }
  const refused = polled.reduce((sum, { errors }) => sum + errors, 0);
  const found: Finding[] = [];
  if (timing.unanswered >= timing.requests * SHARE) {
    found.push(unanswered(cast, conversation, timing.unanswered, timing.requests));
  }
  if (refused >= timing.requests * SHARE) {
    found.push(refusals(cast, conversation, refused, timing.requests));
  }
  return found;
}

function unanswered(cast: Cast, conversation: Conversation, silent: number, asked: number): Finding {
  const gone = silent === asked;
  return {
    code: 'polling.unanswered',
    severity: gone ? 'medium' : 'low',
    title: gone ? 'A device is asked and never answers' : 'A device leaves questions unanswered',
    assets: partiesOf(conversation),
    explanation: `${capital(cast.server(conversation))} left ${silent} of ${asked} questions of ${cast.client(conversation)} unanswered ${during(conversation.firstSeen, conversation.lastSeen)}. ${gone ? 'What the asker shows of this device is old or nothing.' : 'Values on panels are older than they seem, and a busy or failing device or line often shows first like this.'} It is harmless if the device is switched off on purpose. Whether answers took a way that was not captured cannot be told.`,
    filter: all(to(conversation.target), portOf(conversation)),
    frames: [conversation.firstFrame],
    firstSeen: conversation.firstSeen,
    lastSeen: conversation.lastSeen,
    count: silent,
  };
}

function refusals(cast: Cast, conversation: Conversation, refused: number, asked: number): Finding {
  const every = refused >= asked;
  const reason = conversation.operations.find(({ refusal }) => refusal !== undefined)?.refusal;
  const frame = conversation.operations.find(({ refusedFrame }) => refusedFrame > 0)?.refusedFrame;
  return {
    code: 'polling.refused',
    severity: every ? 'medium' : 'low',
    title: 'A device refuses questions',
    assets: partiesOf(conversation),
    explanation: `${capital(cast.server(conversation))} refused ${refused} of ${asked} questions of ${cast.client(conversation)} ${during(conversation.firstSeen, conversation.lastSeen)}${reason === undefined ? '' : ` (“${reason}”)`}. Usually the asker's list of values no longer fits the program of the device: it shows wrong or no values. It is harmless if those values are not needed. Which values they are is in the frames.`,
    filter: all(ofConversation(conversation)),
    frames: frame === undefined ? [conversation.firstFrame] : [frame],
    firstSeen: conversation.firstSeen,
    lastSeen: conversation.lastSeen,
    count: refused,
  };
}

const TWO_SECONDS = 2_000_000;
const ENOUGH = 3;
/** A device without a clock states the beginning of some epoch. */
const MOST_DIFFERENCE = 10 * 365 * 86_400 * 1_000_000;

/** A stated time differs from the capture's by more than two seconds, whichever of the two is wrong. */
function clocks(scene: Scene, cast: Cast): Finding[] {
  const found: Finding[] = [];
  for (const { endpoint, source, protocol, frame, least, most, count } of scene.heard.facts.clocks.values()) {
    const device = scene.resolution.deviceOf.get(endpoint);
    const id = device && scene.ids.get(device);
    const address = endpoint.address ?? endpoint.mac;
    const near = Math.min(Math.abs(least), Math.abs(most));
    const off = (least > TWO_SECONDS || most < -TWO_SECONDS) && near < MOST_DIFFERENCE;
    if (!off || count < ENOUGH || address === undefined || id === undefined) {
      continue;
    }
    found.push({
      code: 'clock.disagreement',
      severity: isLocalTime(near) ? 'info' : 'low',
      title: 'A clock differs from the time of the capture',
      assets: [id],
      explanation: `${capital(cast.name(id, address))} stated a time by ${protocol} (${source}) that is ${spoken(near)} ${most < 0 ? 'behind' : 'ahead of'} the capture's, in all of ${plural(count, 'message', 'messages')}${isLocalTime(near) ? '; whole half hours speak for a clock set to local time' : ''}. Records of alarms and events from it cannot be put in order with others. It is harmless if the computer that captured is the one that is wrong. Which of the two is right was not seen.`,
      filter: from(address),
      frames: [frame],
      firstSeen: endpoint.firstSeen,
      lastSeen: endpoint.lastSeen,
      count,
    });
  }
  return found;
}

const HALF_HOUR = 1_800_000_000;
const NEARLY = 120_000_000;
const MOST_ZONES = 14 * 2 * HALF_HOUR;

/** Many devices keep local time; zones differ by half hours. */
function isLocalTime(difference: number): boolean {
  const rest = difference % HALF_HOUR;
  return difference > HALF_HOUR - NEARLY && difference <= MOST_ZONES && Math.min(rest, HALF_HOUR - rest) < NEARLY;
}

function spoken(difference: number): string {
  const seconds = difference / 1_000_000;
  if (seconds < 120) {
    return `${seconds.toFixed(1)} s`;
  }
  return seconds < 172_800 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 86_400)} days`;
}

const MOST_CHANGES = 3;
const HOUR_SECONDS = 3600;

/** What somebody did, and where. */
interface Deed {
  readonly conversation: Conversation;
  readonly operation: ConversationOperation;
}

function topologyChangesOf(conversation: Conversation): Deed[] {
  return conversation.operations
    .filter(({ protocol, name }) => protocol === 'stp' && /topology change/i.test(name))
    .map((operation) => ({ conversation, operation }));
}

/** Spanning tree that is rebuilt again and again: every time, frames are lost or flooded. */
function topologyChanges(scene: Scene, cast: Cast, changing: readonly Deed[]): Finding[] {
  const count = changing.reduce((sum, { operation }) => sum + operation.count, 0);
  const [first] = changing;
  if (first === undefined || scene.firstSeen === undefined || scene.lastSeen === undefined) {
    return [];
  }
  const hours = Math.max(1, (scene.lastSeen - scene.firstSeen) / 1_000_000 / HOUR_SECONDS);
  if (count / hours <= MOST_CHANGES) {
    return [];
  }
  return [
    {
      code: 'redundancy.degraded',
      severity: weighed('medium', {}),
      title: 'The network rebuilds its paths again and again',
      assets: [...new Set(changing.flatMap(({ conversation }) => partiesOf(conversation)))],
      explanation: `Switches announced a changed topology ${plural(count, 'time', 'times')}, ${cast.client(first.conversation)} among them. While paths are rebuilt, frames are lost or sent everywhere: cyclic traffic misses its time. It is harmless while somebody plugs cables. Which link changes was not seen.`,
      filter: 'stp.flags.tc==1 || stp.type==0x80',
      frames: changing.map(({ operation }) => operation.firstFrame).slice(0, MOST_CHANGES),
      firstSeen: least(changing, ({ operation }) => operation.firstSeen),
      lastSeen: most(changing, ({ operation }) => operation.lastSeen),
      count,
    },
  ];
}

/** A media redundancy ring that its manager says is open: the next broken link separates devices. */
function ringsOpen(cast: Cast, conversation: Conversation): Finding[] {
  return conversation.operations
    .filter(({ protocol, name }) => protocol === 'mrp' && /open/i.test(name))
    .map((operation) => ({
      code: 'redundancy.degraded',
      severity: weighed('medium', {}),
      title: 'A ring is open',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.client(conversation))} said that its ring is open ${during(operation.firstSeen, operation.lastSeen)}. Traffic flows by the other way round; if one more link fails, devices are cut off. It is harmless while somebody works on a cable. Where the ring is open was not seen.`,
      filter: all(from(conversation.clientAddress), 'pn_mrp'),
      frames: [operation.firstFrame],
      firstSeen: operation.firstSeen,
      lastSeen: operation.lastSeen,
      count: operation.count,
    }));
}
