import {
  type Context,
  type CutContext,
  type Direction,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Reading,
} from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly version?: string;
  readonly securityTypes?: readonly string[];
  readonly securityType?: string;
  readonly result?: number;
  readonly reason?: string;
  readonly width?: number;
  readonly height?: number;
  readonly desktopName?: string;
}

/** RFC 6143, sections 7.1 to 7.3. What follows, keys and pictures, is passed over. */
const OPERATIONS = defineOperations({
  version: ['protocol version', 'session'],
  offer: ['security types', 'session'],
  choice: ['security type', 'authenticate'],
  authentication: ['authentication', 'authenticate'],
  clientInit: ['client init', 'session'],
  serverInit: ['server init', 'session'],
  remoteControl: ['remote control', 'session'],
  screen: ['screen', 'session'],
});

const VERSION_LENGTH = 12;
const VERSION_START = [0x52, 0x46, 0x42, 0x20]; // `RFB `
const CHALLENGE = 16;
const SERVER_INIT = 24;
const LONGEST_TEXT = 4096;

/** Section 7.1.2, and the IANA list of security types. */
const SECURITY_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'invalid'],
  [1, 'none'],
  [2, 'VNC'],
  [5, 'RA2'],
  [6, 'RA2ne'],
  [16, 'Tight'],
  [17, 'Ultra'],
  [18, 'TLS'],
  [19, 'VeNCrypt'],
  [20, 'SASL'],
  [30, 'Apple'],
  [113, 'MS-Logon II'],
]);
const NONE = 1;
const VNC_AUTHENTICATION = 2;

/** How far the greeting has come. Each step is one side's: what the other sends meanwhile cannot be told. */
const Stage = {
  serverVersion: 0,
  clientVersion: 1,
  offer: 2,
  choice: 3,
  challenge: 4,
  response: 5,
  result: 6,
  clientInit: 7,
  serverInit: 8,
  running: 9,
  /** A security type whose messages are not known here, encryption above all. */
  hidden: 10,
} as const;
type Stage = (typeof Stage)[keyof typeof Stage];

/** Memory: the stage, the version that the client chose (3, 7 or 8), and the sides whose traffic was told. */
const STAGE = 'vnc stage';
const MINOR = 'vnc minor version';
const SECURITY = 'vnc security type';
const TOLD = ['vnc told server', 'vnc told client'] as const;

export const vnc = defineDissector<Fields>({
  name: 'vnc',
  title: 'VNC (RFB)',
  source: 'RFC 6143',
  at: [{ tcp: 5900 }, { tcp: 5901 }, { tcp: 5800 }],
  operations: OPERATIONS,
  fields: {
    version: 'Version of the protocol that this side speaks',
    securityTypes: 'Ways to sign in that the server offers',
    securityType: 'The way that is taken',
    result: 'Whether the sign-in succeeded: 0 if so',
    reason: 'Why it did not',
    width: 'Width of the screen in pixels',
    height: 'Height of the screen in pixels',
    desktopName: 'Name of the desktop',
  },

  cut(reader, context) {
    const stage = stageOf(context);
    if (stage <= Stage.clientVersion || startsVersion(reader) === 'yes') {
      return cutVersion(reader);
    }
    const length = stage >= Stage.running ? reader.remaining : lengthOf(reader, context, stage);
    return length > LONGEST_TEXT && stage < Stage.running ? NOT_MINE : length;
  },

  recognise(reader) {
    return startsVersion(reader) === 'yes' ? 'strong' : 'no';
  },

  read(reader, context) {
    const stage = stageOf(context);
    if (stage <= Stage.clientVersion || startsVersion(reader) === 'yes') {
      return readVersion(reader, context);
    }
    if (stage >= Stage.running) {
      return readSession(reader, context, stage);
    }
    reader.expect(lengthOf(reader, context, stage) || reader.remaining + 1);
    return reader.truncated ? [] : readStage(reader, context, stage);
  },

  observe(reading, context) {
    return reading.direction === 'response' ? observeServer(reading, context) : NOTHING;
  },
});

function stageOf(context: CutContext): Stage {
  return (context.recall(STAGE) ?? Stage.serverVersion) as Stage;
}

function minorOf(context: CutContext): number {
  return Number(context.recall(MINOR) ?? 8);
}

/** `RFB 003.008` and a line feed. */
function startsVersion(reader: Reader): 'yes' | 'no' | 'perhaps' {
  for (const [at, byte] of VERSION_START.entries()) {
    if (at >= reader.remaining) {
      return 'perhaps';
    }
    if (reader.peek(at) !== byte) {
      return 'no';
    }
  }
  const ends = reader.remaining < VERSION_LENGTH || (reader.peek(7) === 0x2e && reader.peek(11) === 0x0a);
  return ends ? 'yes' : 'no';
}

function cutVersion(reader: Reader): number {
  if (startsVersion(reader) === 'no') {
    return NOT_MINE;
  }
  return reader.remaining < VERSION_LENGTH ? MORE : VERSION_LENGTH;
}

/** Bytes of the message that this stage waits for; `MORE` while they cannot be told, `NOT_MINE` from the wrong side. */
function lengthOf(reader: Reader, context: CutContext, stage: Stage): number {
  const fromServer = stage !== Stage.choice && stage !== Stage.response && stage !== Stage.clientInit;
  if (fromServer === context.fromClient) {
    return NOT_MINE;
  }
  switch (stage) {
    case Stage.offer:
      return offerLength(reader, minorOf(context));
    case Stage.challenge:
    case Stage.response:
      return CHALLENGE;
    case Stage.result:
      return resultLength(reader, minorOf(context));
    case Stage.serverInit:
      return textLength(reader, SERVER_INIT - 4);
    default:
      return 1;
  }
}

/** Up to version 3.3 the server decides; later it lists what it offers, or says why it offers nothing. */
function offerLength(reader: Reader, minor: number): number {
  if (minor < 7) {
    return u32At(reader, 0) === 0 ? textLength(reader, 4) : 4;
  }
  if (reader.remaining === 0) {
    return MORE;
  }
  return reader.peek() === 0 ? textLength(reader, 1) : 1 + reader.peek();
}

function resultLength(reader: Reader, minor: number): number {
  if (reader.remaining < 4) {
    return MORE;
  }
  return u32At(reader, 0) !== 0 && minor >= 8 ? textLength(reader, 4) : 4;
}

function textLength(reader: Reader, before: number): number {
  return reader.remaining < before + 4 ? MORE : before + 4 + u32At(reader, before);
}

function u32At(reader: Reader, at: number): number {
  return (
    reader.peek(at) * 0x100_0000 + ((reader.peek(at + 1) << 16) | (reader.peek(at + 2) << 8) | reader.peek(at + 3))
  );
}

function readVersion(reader: Reader, context: Context): Reading<Fields> | Malformed {
  if (startsVersion(reader) === 'no') {
    return new Malformed('not a version of RFB');
  }
  const text = reader.text(VERSION_LENGTH);
  reader.expect(VERSION_LENGTH - text.length);
  const minor = Number.parseInt(text.slice(8, 11), 10) || 0;
  if (!reader.truncated) {
    context.remember(STAGE, context.fromClient ? Stage.offer : Stage.clientVersion);
    context.remember(MINOR, minor);
  }
  const version = `${Number.parseInt(text.slice(4, 7), 10) || 0}.${minor}`;
  const direction: Direction = context.fromClient ? 'request' : 'response';
  return { direction, operation: OPERATIONS.version, fields: { version } };
}

function readStage(reader: Reader, context: Context, stage: Stage): Reading<Fields> | readonly Reading<Fields>[] {
  switch (stage) {
    case Stage.offer:
      return readOffer(reader, context);
    case Stage.choice: {
      const type = reader.u8();
      choose(context, type);
      return { direction: 'request', operation: OPERATIONS.choice, fields: { securityType: securityText(type) } };
    }
    case Stage.challenge:
      context.remember(STAGE, Stage.response);
      return { direction: 'response', operation: OPERATIONS.choice, fields: {} };
    case Stage.response:
      context.remember(STAGE, Stage.result);
      return { direction: 'request', operation: OPERATIONS.authentication, pair: Stage.result, fields: {} };
    case Stage.result:
      return readResult(reader, context);
    case Stage.clientInit:
      context.remember(STAGE, Stage.serverInit);
      return { direction: 'request', operation: OPERATIONS.clientInit, pair: Stage.clientInit, fields: {} };
    default:
      return readServerInit(reader, context);
  }
}

function readOffer(reader: Reader, context: Context): Reading<Fields> {
  const common = { direction: 'response' as const, operation: OPERATIONS.offer };
  if (minorOf(context) < 7) {
    const type = reader.u32be();
    if (type === 0) {
      return { ...common, refused: 'no security type', fields: { reason: readReason(reader) } };
    }
    choose(context, type);
    return { ...common, fields: { securityType: securityText(type) } };
  }
  const count = reader.u8();
  if (count === 0) {
    return { ...common, refused: 'no security type', fields: { reason: readReason(reader) } };
  }
  const securityTypes = Array.from(reader.take(count), securityText);
  context.remember(STAGE, Stage.choice);
  return { ...common, fields: { securityTypes } };
}

/** Before version 3.8 signing in without anything has no result. */
function choose(context: Context, type: number): void {
  context.remember(SECURITY, type);
  if (type === VNC_AUTHENTICATION) {
    context.remember(STAGE, Stage.challenge);
  } else if (type === NONE) {
    context.remember(STAGE, minorOf(context) >= 8 ? Stage.result : Stage.clientInit);
  } else {
    context.remember(STAGE, Stage.hidden);
  }
}

function readResult(reader: Reader, context: Context): Reading<Fields> {
  const result = reader.u32be();
  const common = { direction: 'response' as const, operation: OPERATIONS.authentication, pair: Stage.result };
  if (result === 0) {
    context.remember(STAGE, Stage.clientInit);
    return { ...common, fields: { result } };
  }
  context.remember(STAGE, Stage.hidden);
  const reason = minorOf(context) >= 8 ? readReason(reader) : '';
  return { ...common, refused: reason || 'sign-in failed', fields: { result, ...(reason ? { reason } : {}) } };
}

function readServerInit(reader: Reader, context: Context): Reading<Fields> {
  const width = reader.u16be();
  const height = reader.u16be();
  reader.skip(16); // pixel format
  const desktopName = readReason(reader);
  context.remember(STAGE, Stage.running);
  const fields = { width, height, desktopName };
  return { direction: 'response', operation: OPERATIONS.serverInit, pair: Stage.clientInit, fields };
}

function readReason(reader: Reader): string {
  return reader.text(reader.u32be());
}

function securityText(type: number): string {
  return SECURITY_TYPES.get(type) ?? `type ${type}`;
}

const NO_READING: readonly Reading<Fields>[] = [];

/** Keys, pointer and pictures: told once for each side. */
function readSession(reader: Reader, context: Context, stage: Stage): Reading<Fields> | readonly Reading<Fields>[] {
  const told = TOLD[context.fromClient ? 1 : 0];
  if (stage === Stage.hidden || reader.remaining === 0 || context.recall(told) === true) {
    return NO_READING;
  }
  context.remember(told, true);
  return context.fromClient
    ? { direction: 'request', operation: OPERATIONS.remoteControl, fields: {} }
    : { direction: 'report', operation: OPERATIONS.screen, fields: {} };
}

function observeServer({ operation, fields }: Reading<Fields>, context: Context): readonly Observation[] {
  switch (operation) {
    case OPERATIONS.version:
      return [{ kind: 'service', subject: 'sender', version: `RFB ${fields.version}` }];
    case OPERATIONS.serverInit: {
      const none = context.recall(SECURITY) === NONE;
      const secret = none ? 'none' : 'protected';
      const name = fields.desktopName?.trim();
      return [
        { kind: 'service', subject: 'sender', protection: 'none' },
        { kind: 'credential', scheme: 'VNC', secret },
        ...(name ? [{ kind: 'identity', subject: 'sender', basis: 'banner', name } as const] : []),
      ];
    }
    default:
      return NOTHING;
  }
}
