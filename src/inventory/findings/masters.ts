import type { Micros } from '../../kit/time.ts';
import type { AssetId } from '../asset.ts';
import type { Conversation } from '../conversation.ts';
import { least, most } from '../extremes.ts';
import { kindOf } from '../protocol-kinds.ts';
import { about, all, any, from, ofOperation, portOf, to } from './filters.ts';
import type { Family, Finding, Inquiry, Scene } from './finding.ts';
import { each, together } from './inquiry.ts';
import {
  Cast,
  capital,
  list,
  moment,
  outcomeOf,
  partiesOf,
  succeeded,
  times,
  weighed,
  whollyRefused,
} from './telling.ts';

/** Who may write to a controller: usually one. */
export const masters: Family = (scene) => {
  const cast = new Cast(scene);
  return together(
    new Writers(scene, cast),
    each((conversation) => safetyWrites(cast, conversation)),
  );
};

interface Writer {
  readonly conversation: Conversation;
  readonly id: AssetId | undefined;
  readonly firstSeen: Micros;
  readonly frame: number;
  readonly count: number;
  readonly names: readonly string[];
}

const WRITES: ReadonlySet<string> = new Set(['write', 'control']);

/** A writer belongs to the plant's routine if it was there in the first half of the capture. */
class Writers implements Inquiry {
  readonly #scene: Scene;
  readonly #cast: Cast;
  readonly #writers: Map<AssetId, Writer[]> = new Map();
  /** Who first talked with a server, and who was the first other one. */
  readonly #talkers: Map<AssetId, Talker[]> = new Map();

  constructor(scene: Scene, cast: Cast) {
    this.#scene = scene;
    this.#cast = cast;
  }

  see(conversation: Conversation): void {
    const { server, client, operations, firstSeen } = conversation;
    if (server === undefined || operations.length === 0) {
      return;
    }
    const talkers = this.#talkers.get(server);
    if (talkers === undefined) {
      this.#talkers.set(server, [{ client, firstSeen }]);
    } else if (talkers.length === 1 && talkers[0]?.client !== client) {
      talkers.push({ client, firstSeen });
    }
    const writer = writerOf(conversation);
    if (writer !== undefined) {
      const known = this.#writers.get(server) ?? [];
      known.push(writer);
      this.#writers.set(server, known);
    }
  }

  finish(): readonly Finding[] {
    return [...this.#writers].flatMap(([server, all]) => {
      const byClient = Map.groupBy(all, ({ id, conversation }) => id ?? conversation.clientAddress);
      return byClient.size > 1
        ? [severalWriters(this.#scene, this.#cast, all, byClient.size)]
        : lateWriter(this.#scene, this.#cast, all, this.#talkers.get(server) ?? []);
    });
  }
}

interface Talker {
  readonly client: AssetId | undefined;
  readonly firstSeen: Micros;
}

function writerOf(conversation: Conversation): Writer | undefined {
  const writes = conversation.operations.filter(
    (operation) =>
      operation.by === 'client' &&
      WRITES.has(operation.effect) &&
      kindOf(operation.protocol) !== undefined &&
      succeeded(operation),
  );
  if (writes.length === 0 || conversation.toMany) {
    return undefined;
  }
  return {
    conversation,
    id: conversation.client,
    firstSeen: least(writes, ({ firstSeen }) => firstSeen),
    frame: least(writes, ({ firstFrame }) => firstFrame),
    count: writes.reduce((sum, { count }) => sum + count, 0),
    names: writes.map(({ name }) => name),
  };
}

const NEARLY_ALWAYS = 0.8;

/** It was there nearly all the time: a panel and a control system share a controller from morning to night. */
function isRoutine({ firstSeen: start, lastSeen: end }: Scene, { conversation }: Writer): boolean {
  const span = (end ?? 0) - (start ?? 0);
  return span >= LEAST_CAPTURE && conversation.lastSeen - conversation.firstSeen >= span * NEARLY_ALWAYS;
}

function severalWriters(scene: Scene, cast: Cast, writers: readonly Writer[], clients: number): Finding {
  const ordered = writers.toSorted((a, b) => a.firstSeen - b.firstSeen);
  const target = ordered[0]?.conversation.target ?? '';
  const server = ordered[0]?.conversation.server;
  const routine = ordered.every((writer) => isRoutine(scene, writer));
  const who = ordered.map(
    ({ conversation, count, firstSeen, names }) =>
      `${cast.client(conversation)} (“${names[0] ?? ''}”, ${times(count)}, first ${moment(firstSeen)})`,
  );
  return {
    code: 'master.second',
    severity: weighed(routine ? 'low' : 'medium', {
      safety: cast.isSafety(server),
      outside: ordered.some(({ conversation }) => cast.isOutside(conversation)),
    }),
    title: 'Several stations write to one controller',
    assets: [...new Set([server, ...ordered.map(({ id }) => id)])].filter((id) => id !== undefined),
    explanation: `${clients} stations write to ${cast.name(server, target)}: ${list(who, MOST_NAMES)}. Where two masters write the same values, the last one wins and neither knows; an unexpected second one is how an attack on a process looks. It is harmless if both are meant to, such as a panel and a control system. Whether they write the same values was not compared.`,
    filter: all(
      to(target),
      any([...new Set(ordered.map(({ conversation }) => from(conversation.clientAddress)))]),
      any([...new Set(ordered.map(({ conversation }) => portOf(conversation)).filter((port) => port !== undefined))]),
    ),
    frames: ordered.map(({ frame }) => frame).slice(0, MOST_NAMES),
    firstSeen: ordered[0]?.firstSeen,
    lastSeen: most(ordered, ({ conversation }) => conversation.lastSeen),
    count: ordered.reduce((sum, { count }) => sum + count, 0),
  };
}

const MOST_NAMES = 5;
/** A capture too short to know what is usual. */
const LEAST_CAPTURE: Micros = 120_000_000;

function lateWriter(scene: Scene, cast: Cast, writers: readonly Writer[], talkers: readonly Talker[]): Finding[] {
  const { firstSeen: start, lastSeen: end } = scene;
  const firstSeen = least(writers, (writer) => writer.firstSeen);
  if (start === undefined || end === undefined || end - start < LEAST_CAPTURE || firstSeen < (start + end) / 2) {
    return [];
  }
  const [writer] = writers.toSorted((a, b) => a.firstSeen - b.firstSeen);
  // Somebody else talked with the controller before: it is not merely that everything began late.
  if (writer === undefined || !talkers.some((one) => one.client !== writer.id && one.firstSeen < firstSeen)) {
    return [];
  }
  const { conversation, count, names } = writer;
  return [
    {
      code: 'master.second',
      severity: weighed('medium', {
        safety: cast.isSafety(conversation.server),
        outside: cast.isOutside(conversation),
      }),
      title: 'A station began to write to a controller',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.client(conversation))} wrote to ${cast.server(conversation)} (“${names[0] ?? ''}”, ${times(count)}), but only from ${moment(firstSeen)} on: in the first half of the capture nobody did, though another station talked with it then. It is harmless if somebody worked there, or if the process just changed. What was written is in the frames.`,
      filter: all(from(conversation.clientAddress), to(conversation.target), portOf(conversation)),
      frames: [writer.frame],
      firstSeen,
      lastSeen: conversation.lastSeen,
      count,
    },
  ];
}

const CHANGES: ReadonlySet<string> = new Set(['write', 'control', 'program', 'firmware', 'configure']);

function safetyWrites(cast: Cast, conversation: Conversation): Finding[] {
  const operations = cast.isSafety(conversation.server)
    ? conversation.operations.filter(
        (operation) => CHANGES.has(operation.effect) && kindOf(operation.protocol) !== undefined,
      )
    : [];
  const [first] = operations;
  if (first === undefined) {
    return [];
  }
  return [
    {
      code: 'process.write-to-safety',
      severity: weighed('critical', { refused: operations.every(whollyRefused) }),
      title: 'A safety controller was written to',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.client(conversation))} sent ${list(
        operations.map(({ name, count }) => `“${name}” ${times(count)}`),
        MOST_NAMES,
      )} to ${cast.server(conversation)}. A safety controller is the last thing that stops the machine before somebody is hurt; nothing should change it in operation. ${outcomeOf(first)} It is harmless only as part of planned work on the safety program, with the machine stopped.`,
      filter:
        operations.length === 1
          ? ofOperation(conversation, first)
          : all(about(conversation.clientAddress), about(conversation.target), portOf(conversation)),
      frames: operations.map(({ firstFrame }) => firstFrame).slice(0, MOST_NAMES),
      firstSeen: least(operations, ({ firstSeen }) => firstSeen),
      lastSeen: most(operations, ({ lastSeen }) => lastSeen),
      count: operations.reduce((sum, { count }) => sum + count, 0),
    },
  ];
}
