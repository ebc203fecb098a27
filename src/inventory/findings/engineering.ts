import type { Role } from '../../wire/observation.ts';
import type { AssetId, Conversation, ConversationOperation } from '../conversation.ts';
import { least, most } from '../extremes.ts';
import { kindOf } from '../protocol-kinds.ts';
import { any, ofConversation, ofOperation } from './filters.ts';
import type { Family, Finding, Scene, Severity } from './finding.ts';
import {
  Cast,
  capital,
  during,
  list,
  moment,
  outcomeOf,
  partiesOf,
  plural,
  succeeded,
  times,
  weighed,
  whollyRefused,
} from './telling.ts';

interface Kind {
  readonly code: string;
  readonly base: Severity;
  readonly title: string;
  /** Completes “X …”; `#` stands for the device. */
  readonly did: string;
  readonly matters: string;
}

const STOP: Kind = {
  code: 'engineering.stop',
  base: 'high',
  title: 'A controller was told to stop',
  did: 'told # to stop',
  matters:
    'A stopped controller no longer drives its outputs: what it moves stands still or runs on as it was last told.',
};
const START: Kind = {
  code: 'engineering.start',
  base: 'high',
  title: 'A controller was told to start',
  did: 'told # to start',
  matters: 'When a controller starts, outputs are driven again and machines may move while people work on them.',
};
const RESET: Kind = {
  code: 'engineering.reset',
  base: 'high',
  title: 'A device was told to reset',
  did: 'told # to reset',
  matters: 'A reset interrupts control and may throw away the program, the settings or the address of the device.',
};
const FORCE: Kind = {
  code: 'engineering.force',
  base: 'high',
  title: 'Values were forced past the program',
  did: 'forced values in #',
  matters: 'A forced value stays whatever the program computes: interlocks that depend on it no longer protect.',
};
const MODE: Kind = {
  code: 'engineering.mode',
  base: 'high',
  title: 'The state of a device was changed',
  did: 'changed the state of #',
  matters: 'The state of a controller decides whether its program runs and who may change it.',
};
/** Something that changes a state, but nobody can tell what: a method of OPC UA, say. */
const CALL: Kind = { ...MODE, base: 'medium', title: 'A device was told to do something', did: 'told # to act' };
const DOWNLOAD: Kind = {
  code: 'engineering.download',
  base: 'high',
  title: 'A program was written into a controller',
  did: 'wrote program parts into #',
  matters: 'Whoever changes the program decides what the machine does, and the change stays after a restart.',
};
const UPLOAD: Kind = {
  code: 'engineering.upload',
  base: 'medium',
  title: 'A program was read out of a controller',
  did: 'read program parts out of #',
  matters: 'The program shows how the process works and what holds it back: recipes, limits, interlocks.',
};
const DELETE: Kind = {
  code: 'engineering.delete',
  base: 'high',
  title: 'Program parts were deleted in a controller',
  did: 'deleted program parts in #',
  matters: 'A controller without a part of its program stops or runs without what that part protected.',
};
const FIRMWARE: Kind = {
  code: 'engineering.firmware',
  base: 'high',
  title: 'Firmware of a device was changed',
  did: 'sent firmware to #',
  matters: 'Firmware stands below every program and every protection; a wrong one can make the device useless.',
};
const CONFIGURE: Kind = {
  code: 'engineering.configure',
  base: 'medium',
  title: 'Settings of a device were changed',
  did: 'changed settings of #',
  matters:
    'A device with another name, address, clock or user drops out of the process or answers somebody else than before.',
};

/** Program files were touched, and nobody can tell whether they went in or out. */
const ACCESS: Kind = { ...DOWNLOAD, title: 'Program files of a controller were accessed', did: 'worked on files of #' };

/** Which control operation it is, by its name: the first that fits. */
const CONTROL: readonly (readonly [RegExp, Kind])[] = [
  [/error|counter|alarm|breakpoint/i, CALL],
  [/restart|reset|reboot|clear|warm|cold|factory/i, RESET],
  [/stop|halt|shut ?down|kill|abort|pause|disable outputs/i, STOP],
  [/start|\brun\b|resume|continue|enable/i, START],
  [/force/i, FORCE],
  [/mode|state|write control/i, MODE],
];
/** Nothing moves and nothing changes. */
const HARMLESS_CONTROL = /flash|signal|blink|\bled\b/i;
const PROGRAM: readonly (readonly [RegExp, Kind])[] = [
  [/delet|remove|erase|clear|initiali[sz]e/i, DELETE],
  [/upload|read|fetch|\bget\b|list|compare/i, UPLOAD],
  [/access|open|rename|name change|volume|format/i, ACCESS],
];
const FORCED = /\bforced?\b/i;

/** What an engineering operation is; undefined for everything else. */
function engineeringOf({ name, effect, protocol }: ConversationOperation): Kind | undefined {
  if (kindOf(protocol) === undefined) {
    return undefined;
  }
  switch (effect) {
    case 'control':
      return HARMLESS_CONTROL.test(name) ? undefined : (CONTROL.find(([pattern]) => pattern.test(name))?.[1] ?? CALL);
    case 'program':
      return PROGRAM.find(([pattern]) => pattern.test(name))?.[1] ?? DOWNLOAD;
    case 'firmware':
      return FIRMWARE;
    case 'configure':
      return CONFIGURE;
    case 'write':
      return FORCED.test(name) ? FORCE : undefined;
    default:
      return undefined;
  }
}

export const engineering: Family = (scene) => {
  const cast = new Cast(scene);
  const answers = new Map<string, Conversation[]>();
  const hints = { users: usersOf(scene), answers };
  /** What was done is told when it is known who answered. */
  const done: (Work | Finding)[] = [];
  return {
    see(conversation) {
      if (isAnswerToAll(conversation)) {
        const known = answers.get(conversation.target) ?? [];
        known.push(conversation);
        answers.set(conversation.target, known);
      }
      done.push(...operationsByKind(cast, conversation), ...passwordsRefused(cast, conversation));
    },
    finish: () => done.map((one) => ('code' in one ? one : tell(cast, one, hints))),
  };
};

/** A controller that gives its field devices their settings at every start does what it is there for. */
export function isParameterising(cast: Cast, conversation: Conversation, { protocol }: ConversationOperation): boolean {
  const client = cast.asset(conversation.client)?.role;
  const server = cast.asset(conversation.server ?? conversation.targetAsset)?.role;
  const drives = (one: Role | undefined, other: Role | undefined) =>
    (one === 'plc' || one === 'safety') && (other === 'io' || other === 'drive' || other === 'robot');
  return kindOf(protocol) === 'field' && (drives(client, server) || drives(server, client));
}

/** What one station did to one device, of one kind. */
interface Work {
  readonly conversation: Conversation;
  readonly kind: Kind;
  readonly operations: readonly ConversationOperation[];
}

function operationsByKind(cast: Cast, conversation: Conversation): readonly Work[] {
  const byKind = new Map<Kind, ConversationOperation[]>();
  // Answers to all belong to a question that is told by itself.
  const asked = conversation.operations.filter(({ requests }) => requests > 0 || !conversation.toMany);
  for (const operation of asked) {
    const kind = engineeringOf(operation);
    if (kind !== undefined && !(kind === CONFIGURE && isParameterising(cast, conversation, operation))) {
      byKind.set(kind, [...(byKind.get(kind) ?? []), operation]);
    }
  }
  return [...byKind].map(([kind, operations]) => ({ conversation, kind, operations }));
}

/** What else is known of the parties. */
interface Hints {
  /** Who was seen signing in from a station. */
  readonly users: ReadonlyMap<AssetId, string>;
  /** Conversations in which somebody answers to all, by the address of all. */
  readonly answers: ReadonlyMap<string, readonly Conversation[]>;
}

function tell(cast: Cast, { conversation, kind, operations }: Work, hints: Hints): Finding {
  const count = operations.reduce((sum, operation) => sum + operation.count, 0);
  const firstSeen = least(operations, (operation) => operation.firstSeen);
  const lastSeen = most(operations, (operation) => operation.lastSeen);
  const names = list(
    operations.map(({ name, count: often }) => `“${name}” ${times(often)}`),
    MOST_NAMES,
  );
  const server = conversation.server ?? conversation.targetAsset;
  const severity = weighed(kind.base, {
    safety: cast.isSafety(server),
    outside: cast.isOutside(conversation),
    refused: operations.every(whollyRefused),
  });
  const answerers = answerersOf(hints, conversation, operations);
  const did = kind.did.split('#').join(cast.server(conversation));
  const explanation = [
    `${capital(cast.client(conversation))} ${did} ${during(firstSeen, lastSeen)}: ${names}${userWords(hints, conversation)}.`,
    kind.matters,
    identityChange(cast, conversation, kind),
    answerers.length > 0
      ? `Answers to all came from ${list(
          answerers.map((id) => cast.name(id, '')),
          MOST_NAMES,
        )}.`
      : '',
    ...operations
      .toSorted((a, b) => b.count - a.count)
      .slice(0, 1)
      .map(outcomeOf),
    'It is harmless if this work was planned for that time and this station may do it.',
  ];
  return {
    code: kind.code,
    severity,
    title: kind.title,
    assets: [...new Set([...partiesOf(conversation), ...answerers])],
    explanation: explanation.filter((sentence) => sentence !== '').join(' '),
    filter: filterOf(conversation, operations),
    frames: operations.map(({ firstFrame }) => firstFrame).slice(0, MOST_FRAMES),
    firstSeen,
    lastSeen,
    count,
  };
}

const MOST_NAMES = 4;
const MOST_FRAMES = 5;

function filterOf(conversation: Conversation, operations: readonly ConversationOperation[]): string {
  const whole = ofConversation(conversation);
  const filters = [...new Set(operations.map((operation) => ofOperation(conversation, operation)))];
  if (filters.includes(whole)) {
    return whole;
  }
  const patterns = filters.map((filter) => filter.slice(whole.length + ' && '.length));
  return `${whole} && ${any(patterns)}`;
}

/** Where question and answer both go to all: who answered so. */
function answerersOf(
  { answers }: Hints,
  { toMany, target, port, client }: Conversation,
  operations: readonly ConversationOperation[],
): readonly AssetId[] {
  const names = new Set(operations.map(({ name }) => name));
  const answered = (operation: ConversationOperation) =>
    operation.by === 'server' && operation.responses > 0 && names.has(operation.name);
  const answerers = (answers.get(target) ?? [])
    .filter((other) => other.operations.some(answered))
    .map((other) => other.client)
    .filter((id) => id !== undefined)
    .filter((id) => id !== client);
  return toMany && port > 0 ? [...new Set(answerers)] : [];
}

/** Firmware: what the device said of itself before and after. */
function identityChange(cast: Cast, { server }: Conversation, kind: Kind): string {
  if (kind !== FIRMWARE) {
    return '';
  }
  const versions = (cast.asset(server)?.evidence ?? [])
    .filter(({ attribute }) => attribute === 'firmware')
    .toSorted((a, b) => a.time - b.time)
    .map(({ value, time }) => `“${value}” ${moment(time)}`);
  return versions.length === 0
    ? 'Which version the device had before and after was not seen.'
    : `Versions that it named: ${list(versions, MOST_NAMES)}.`;
}

function userWords({ users }: Hints, { client }: Conversation): string {
  const user = client && users.get(client);
  return user === undefined ? '' : ` (user “${user}” was seen signing in from there)`;
}

function usersOf({ heard, resolution, ids }: Scene): ReadonlyMap<AssetId, string> {
  const users = new Map<AssetId, string>();
  for (const { client, user } of heard.facts.credentials.values()) {
    const device = client && resolution.deviceOf.get(client);
    const id = device && ids.get(device);
    if (id !== undefined && user !== undefined && !users.has(id)) {
      users.set(id, user);
    }
  }
  return users;
}

function isAnswerToAll({ toMany, operations }: Conversation): boolean {
  return toMany && operations.some(({ by, responses }) => by === 'server' && responses > 0);
}

function passwordsRefused(cast: Cast, conversation: Conversation): Finding[] {
  return conversation.operations
    .filter(({ effect, refusedOften, protocol }) => effect === 'authenticate' && refusedOften && kindOf(protocol))
    .map((operation) => ({
      code: 'engineering.password-refused',
      severity: weighed('medium', {
        safety: cast.isSafety(conversation.server),
        outside: cast.isOutside(conversation),
      }),
      title: 'A device refused a password again and again',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.server(conversation))} refused ${plural(operation.errors, 'sign-in', 'sign-ins')} of ${cast.client(conversation)} ${during(operation.firstSeen, operation.lastSeen)}, three or more of them within ten minutes${operation.refusal === undefined ? '' : ` (“${operation.refusal}”)`}. Somebody does not know the password and tries; with it he could change the program. It is harmless if a colleague mistyped. ${succeeded(operation) ? 'Other attempts were accepted.' : 'No attempt was seen to succeed.'}`,
      filter: ofOperation(conversation, operation),
      frames: [operation.refusedFrame],
      firstSeen: operation.firstSeen,
      lastSeen: operation.lastSeen,
      count: operation.errors,
    }));
}
