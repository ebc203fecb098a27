import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { cutText, IDENTITY_TEXT } from '../../text.ts';
import { frameLength, LONGEST_LINE, mayStart, SHORTEST_MARK, tupleEnd, valueStart } from './framing.ts';

interface Fields {
  readonly type: string;
  readonly sequence: number;
  readonly reply: number;
  readonly channel: string;
  readonly command: string;
  version?: string;
  hostName?: string;
  hostAddress?: string;
  appName?: string;
  appVersion?: string;
  vmName?: string;
  vmVersion?: string;
  osName?: string;
  osVersion?: string;
  stationName?: string;
  hostId?: string;
  brand?: string;
  method?: string;
  user?: string;
  reason?: string;
}

type Message = Mutable<Reading<Fields>>;

const OPERATIONS = defineOperations({
  hello: ['hello', 'session'],
  logIn: ['log in', 'authenticate'],
  session: ['session command', 'session'],
  unknown: ['unknown command', 'unknown'],
});

/** Commands of the channel that manages the session itself; on all other channels services have their own. */
const SESSION_CHANNEL = 'fox';
const COMMANDS: ReadonlyMap<string, Operation> = new Map([
  ['hello', OPERATIONS.hello],
  ...['kerberos', 'username', 'login', 'challenge', 'welcome', 'rejected', 'retry'].map(
    (name) => [name, OPERATIONS.logIn] as const,
  ),
  ...['authMessage1', 'authMessage2', 'clientKeyExchangeMethod', 'srp6ClientA', 'srp6ServerB', 'srp6M1', 'srp6M2'].map(
    (name) => [name, OPERATIONS.logIn] as const,
  ),
  ...['keepalive', 'ping', 'close', 'busy', 'redirect'].map((name) => [name, OPERATIONS.session] as const),
]);
/** Commands by which a station says no. */
const REFUSALS: ReadonlySet<string> = new Set(['rejected', 'busy', 'redirect']);

type Text = Exclude<keyof Fields, 'type' | 'sequence' | 'reply' | 'channel' | 'command'>;
const TEXTS: ReadonlyMap<string, Text> = new Map([
  ['fox.version', 'version'],
  ['hostName', 'hostName'],
  ['hostAddress', 'hostAddress'],
  ['app.name', 'appName'],
  ['app.version', 'appVersion'],
  ['vm.name', 'vmName'],
  ['vm.version', 'vmVersion'],
  ['os.name', 'osName'],
  ['os.version', 'osVersion'],
  ['station.name', 'stationName'],
  ['hostId', 'hostId'],
  ['brandId', 'brand'],
  ['method', 'method'],
  ['username', 'user'],
  ['authfail_reason', 'reason'],
]);
const MOST_TUPLES = 128;
const STRING = 0x73;
const OPEN = 0x7b;

const SYNC = 's';
const ASYNC = 'a';
const REPLY = 'r';
const NULL_REPLY = 'n';
const ERROR = 'e';
const NO_REPLY = -1;
/** Before anyone has signed in, both sides take turns. */
const TURN = 'turn';

export const fox = defineDissector<Fields>({
  name: 'fox',
  title: 'Niagara Fox',
  source: 'Public research on the sessions of Niagara AX and N4; there is no published specification',
  at: [{ tcp: 1911 }, { tcp: 3011 }],
  operations: OPERATIONS,
  fields: {
    type: 'Kind of frame: s asks, r answers, e and n answer without a result, a asks for no answer, k and c keep and close',
    sequence: 'Number of the frame in its direction',
    reply: 'Pairs an answer with its question; -1 where there is none',
    channel: 'Service that the frame is for; `fox` is the session itself',
    command: 'What is asked of the service',
    version: 'Version of the protocol',
    hostName: 'Name of the host, as it says',
    hostAddress: 'Address of the host, as it says',
    appName: 'Program: `Station`, `Workbench`',
    appVersion: 'Version of the program',
    vmName: 'Virtual machine that runs it',
    vmVersion: 'Version of the virtual machine',
    osName: 'Operating system',
    osVersion: 'Version of the operating system',
    stationName: 'Name of the station',
    hostId: 'Id of the host, which its licence is bound to',
    brand: 'Brand that the product is sold under',
    method: 'Scheme by which the station asks to sign in',
    user: 'Name of the user who signs in',
    reason: 'Why the station does not let the user in',
  },

  cut: frameLength,

  recognise(reader) {
    return reader.remaining >= SHORTEST_MARK && mayStart(reader) ? 'strong' : 'no';
  },

  read(reader, context) {
    const length = frameLength(reader);
    if (length === NOT_MINE) {
      return new Malformed('not a Fox frame');
    }
    reader.truncated = length === MORE;
    const message = readHead(reader, context);
    const { channel, command } = message.fields;
    if (channel === SESSION_CHANNEL) {
      readTuples(reader, message.fields);
      if (REFUSALS.has(command)) {
        message.refused = message.fields.reason ?? command;
      }
    }
    return message;
  },

  observe(reading, context) {
    if (reading.operation === OPERATIONS.hello) {
      return observeHello(reading.fields, reading.direction !== 'request');
    }
    return reading.operation === OPERATIONS.logIn ? observeLogIn(reading, context) : NOTHING;
  },
});

/** `fox a 1 -1 fox hello` */
function readHead(reader: Reader, context: Context): Message {
  const [, type = '', sequence, reply, channel = '', command = ''] = readLine(reader).split(' ', 6);
  const fields: Fields = {
    type,
    sequence: numberOf(sequence),
    reply: numberOf(reply),
    channel,
    command,
  };
  const operation = (channel === SESSION_CHANNEL ? COMMANDS.get(command) : undefined) ?? OPERATIONS.unknown;
  if (type === ASYNC && (operation === OPERATIONS.hello || operation === OPERATIONS.logIn)) {
    return takeTurn(operation, fields, context);
  }
  switch (type) {
    case SYNC:
      return paired({ direction: 'request', operation, like: command, target: channel, fields });
    case REPLY:
    case NULL_REPLY:
    case ERROR: {
      const asked = context.question(fields.reply)?.operation ?? operation;
      const answer = paired({ direction: 'response', operation: asked, fields });
      if (type === ERROR) {
        answer.refused = 'error';
      }
      return answer;
    }
    default:
      return { direction: 'report', operation, fields };
  }
}

function paired(message: Message): Message {
  if (message.fields.reply !== NO_REPLY) {
    message.pair = message.fields.reply;
  }
  return message;
}

/** The frames of hello and sign-in ask for no reply, yet each of the client's is answered; the station may also speak first. */
function takeTurn(operation: Operation, fields: Fields, context: Context): Message {
  if (context.fromClient) {
    return { direction: 'request', operation, pair: TURN, like: fields.command, fields };
  }
  const asked = context.question(TURN)?.operation;
  return asked === operation
    ? { direction: 'response', operation, pair: TURN, fields }
    : { direction: 'report', operation, fields };
}

function numberOf(word: string | undefined): number {
  const number = Number.parseInt(word ?? '', 10);
  return Number.isSafeInteger(number) ? number : NO_REPLY;
}

function readLine(reader: Reader): string {
  let length = 0;
  while (length < reader.remaining && length < LONGEST_LINE && reader.peek(length) !== 0x0a) {
    length++;
  }
  const line = reader.text(length, 'latin-1', LONGEST_LINE);
  reader.skip(1);
  return line;
}

/** Texts of the outermost message whose names are known. Anything else is passed over: it may be a secret. */
function readTuples(reader: Reader, fields: Fields): void {
  if (reader.peek() !== OPEN) {
    return;
  }
  reader.skip(2); // the brace and its newline
  for (let tuple = 0; tuple < MOST_TUPLES && reader.step(); tuple++) {
    const end = tupleEnd(reader, 0, 0);
    const value = valueStart(reader, 0);
    if (end <= 0 || value <= 0) {
      return;
    }
    const isText = reader.peek(value - 2) === STRING;
    const name = TEXTS.get(reader.text(value - 3, 'latin-1'));
    reader.skip(3);
    if (isText && name !== undefined) {
      setText(fields, name, reader.text(end - value - 1, 'latin-1'));
      reader.skip(1);
    } else {
      reader.skip(end - value);
    }
  }
}

const ESCAPE = /#([0-9a-f]{1,4}|null);/gi;

/** Everything but printable ASCII is written `#a;`, by its number. */
function setText(fields: Fields, name: Text, escaped: string): void {
  const text = escaped
    .replace(ESCAPE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16) || 0))
    .replaceAll('\0', '')
    .trim();
  if (text !== '') {
    fields[name] = cutText(text, IDENTITY_TEXT);
  }
}

function observeHello(fields: Fields, isServer: boolean): readonly Observation[] {
  const { appName, appVersion, osName, osVersion, hostName, hostAddress, stationName, hostId, brand, version } = fields;
  const observations: Observation[] = [];
  const ownName = hostName === hostAddress ? undefined : hostName;
  const identity = known({
    vendor: brand,
    product: appName === undefined ? undefined : `Niagara ${appName}`,
    firmware: appVersion,
    serial: hostId,
    os: osName === undefined ? undefined : `${osName} ${osVersion ?? ''}`.trim(),
    name: stationName ?? ownName,
  });
  if (Object.keys(identity).length > 0) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'description', ...identity });
  }
  if (isServer) {
    const said = version === undefined ? {} : { version: `Fox ${version}` };
    observations.push({ kind: 'service', subject: 'sender', protection: 'none', ...said });
  } else if (appName === 'Workbench') {
    const reason = 'says that it is a Niagara Workbench';
    observations.push({ kind: 'role', subject: 'sender', role: 'engineering', reason, basis: 'description' });
  }
  return observations;
}

const USER = 'fox user';
const METHOD = 'fox method';
const TOLD = 'fox told user';

/** Name and scheme come in different frames, in either order (AX, N4). The client's next frame shows that it goes on. */
function observeLogIn({ direction, fields }: Reading<Fields>, context: Context): readonly Observation[] {
  const { user, method } = fields;
  if (user !== undefined) {
    context.remember(USER, user);
  }
  if (method !== undefined) {
    context.remember(METHOD, method);
  }
  const name = context.recall(USER);
  const scheme = context.recall(METHOD);
  const areKnown = typeof name === 'string' && typeof scheme === 'string';
  if (!areKnown || direction !== 'request' || context.recall(TOLD) === name) {
    return NOTHING;
  }
  context.remember(TOLD, name);
  const secret = /basic/i.test(scheme) ? 'sent' : 'protected';
  return [{ kind: 'credential', scheme: `Fox ${scheme}`, user: name, secret }];
}
