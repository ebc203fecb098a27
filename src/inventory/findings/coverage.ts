import { leftOutText } from '../../captures/packet-filter.ts';
import type { AssetId, Conversation } from '../conversation.ts';
import { Greatest } from '../extremes.ts';
import { any, ofConversation } from './filters.ts';
import type { Family, Finding, Inquiry, Scene } from './finding.ts';
import { together } from './inquiry.ts';
import { Cast, capital, list, partiesOf, plural } from './telling.ts';

/** What this capture cannot show. It lowers what other findings may claim. */
export const coverage: Family = (scene) => {
  const cast = new Cast(scene);
  return together(...[ONE_SIDED, GAPS, ENCRYPTED].map((lack) => new Lacking(cast, lack)), {
    finish: () => ofCaptures(scene),
  });
};

interface Lack {
  readonly code: string;
  readonly title: string;
  readonly what: string;
  readonly harmless: string;
  fits(conversation: Conversation): boolean;
}

const ONE_SIDED: Lack = {
  code: 'coverage.one-sided',
  title: 'Only one direction was captured',
  what: 'Of these connections only one side was captured, so answers, refusals and times cannot be told',
  harmless: 'The tap or mirror port probably copies one direction only, or traffic takes another way back.',
  fits: ({ oneSided, opened, packets }) => oneSided && opened === 0 && packets > 1,
};

const GAPS: Lack = {
  code: 'coverage.lost-packets',
  title: 'Packets are missing from the capture',
  what: 'In these connections bytes are missing that the receiver acknowledged, so messages are missing too',
  harmless: 'The capturing computer was too slow, or the file was filtered when it was saved.',
  fits: ({ gaps }) => gaps > 0,
};

/** Protocols whose content nobody can read who only listens. */
const OPAQUE: ReadonlySet<string> = new Set(['tls', 'ssh', 'dtls', 'quic', 'isakmp', 'rdp']);
const ESP = 50;

const ENCRYPTED: Lack = {
  code: 'coverage.encrypted',
  title: 'Encrypted traffic',
  what: 'What these connections carry is encrypted, so operations and identities in them are unknown',
  harmless: 'Encryption is good; it only means that listening ends here.',
  fits: ({ protocol, transport, carrier, operations }) =>
    (protocol !== undefined && OPAQUE.has(protocol)) ||
    (transport === 'ip' && carrier === ESP) ||
    operations.some(({ name }) => name === 'encrypted message'),
};

const MOST_SHOWN = 5;

const MOST_ASSETS = 50;

/** Conversations that lack something. */
class Lacking implements Inquiry {
  readonly #cast: Cast;
  readonly #lack: Lack;
  readonly #assets: Set<AssetId> = new Set();
  readonly #busiest: Greatest<Conversation> = new Greatest(MOST_SHOWN);
  #count = 0;
  #firstSeen = Number.POSITIVE_INFINITY;
  #lastSeen = Number.NEGATIVE_INFINITY;

  constructor(cast: Cast, lack: Lack) {
    this.#cast = cast;
    this.#lack = lack;
  }

  see(conversation: Conversation): void {
    if (!this.#lack.fits(conversation)) {
      return;
    }
    this.#count++;
    this.#firstSeen = Math.min(this.#firstSeen, conversation.firstSeen);
    this.#lastSeen = Math.max(this.#lastSeen, conversation.lastSeen);
    this.#busiest.add(conversation, conversation.packets);
    for (const id of this.#assets.size < MOST_ASSETS ? partiesOf(conversation) : []) {
      this.#assets.add(id);
    }
  }

  finish(): readonly Finding[] {
    const { code, title, what, harmless } = this.#lack;
    const cast = this.#cast;
    const busiest = this.#busiest.items;
    if (this.#count === 0) {
      return [];
    }
    const pairs = busiest.map(
      (conversation) =>
        `${cast.client(conversation)} with ${cast.server(conversation)} (${conversation.protocol ?? conversation.transport})`,
    );
    return [
      {
        code,
        severity: 'info',
        title,
        assets: [...this.#assets].slice(0, MOST_ASSETS),
        explanation: `${what}: ${plural(this.#count, 'conversation', 'conversations')}, the busiest of them ${list(pairs, MOST_SHOWN)}. ${harmless}`,
        filter: any(busiest.map((conversation) => `(${ofConversation(conversation)})`)),
        frames: busiest.map(({ firstFrame }) => firstFrame),
        firstSeen: this.#firstSeen,
        lastSeen: this.#lastSeen,
        count: this.#count,
      },
    ];
  }
}

/** What the captures themselves say that they lack. */
function ofCaptures({ coverage: lacks, firstSeen, lastSeen }: Scene): Finding[] {
  const found: Finding[] = [];
  const whole = { severity: 'info', assets: [], filter: 'frame.number>=1', frames: [], firstSeen, lastSeen } as const;
  if (lacks !== undefined && lacks.lost > 0) {
    found.push({
      ...whole,
      code: 'coverage.lost-packets',
      title: 'The capturing program lost packets',
      explanation: `The program that captured says that it lost ${plural(lacks.lost, 'packet', 'packets')}. What they held is unknown: devices, questions and answers may be missing. It is harmless where only the inventory matters.`,
      count: lacks.lost,
    });
  }
  if (lacks !== undefined && lacks.withFilter + lacks.passedOver + (lacks.leftOut?.packets ?? 0) > 0) {
    const { withFilter, passedOver, leftOut } = lacks;
    const parts = [
      withFilter > 0 ? `${plural(withFilter, 'capture was', 'captures were')} taken with a filter` : '',
      passedOver > 0 ? `${plural(passedOver, 'packet was', 'packets were')} passed over` : '',
      leftOut && leftOut.packets > 0
        ? `${plural(leftOut.packets, 'packet was', 'packets were')} left out, as you asked for ${leftOutText(leftOut)}`
        : '',
    ].filter((part) => part !== '');
    found.push({
      ...whole,
      code: 'coverage.filtered',
      title: 'The capture shows a part of the traffic only',
      explanation: `${capital(parts.join(', and '))}. What is not in this report may still be on the network. It is harmless where that is what you wanted.`,
      count: withFilter + passedOver + (leftOut?.packets ?? 0),
    });
  }
  if (lacks?.stopped) {
    found.push({
      ...whole,
      code: 'coverage.stopped',
      title: 'The analysis was stopped before the captures ended',
      explanation:
        'Whoever ran it ended it early. What comes later in the captures is not in this report. It is harmless where what was read so far is enough.',
      count: 1,
    });
  }
  return found;
}
