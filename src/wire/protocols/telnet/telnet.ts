import { type Context, defineDissector, defineOperations, NOTHING, type Operation } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { fromWire, IDENTITY_TEXT, LONG_TEXT } from '../../text.ts';

interface Fields {
  readonly commands?: readonly NegotiationCommand[];
  readonly text?: string;
  readonly asks?: Asks;
  readonly ended?: boolean;
  readonly user?: string;
}

interface NegotiationCommand {
  readonly command: number;
  readonly option?: number;
}

type Asks = 'user' | 'password';

const OPERATIONS = defineOperations({
  negotiate: ['negotiate', 'session'],
  output: ['output', 'report'],
  logIn: ['log in', 'authenticate'],
  input: ['input', 'unknown'],
});

/** RFC 854. */
const INTERPRET = 255;
const SUBNEGOTIATION = 250;
const SUBNEGOTIATION_END = 240;
const FIRST_OPTION_COMMAND = 251;
const LAST_KNOWN_OPTION = 49;
const MOST_COMMANDS = 64;

const RETURN = 0x0d;
const NEWLINE = 0x0a;
const BACKSPACE = 0x08;
const DELETE = 0x7f;

/** What devices write before they wait for a name or a secret, at the end of what they sent. */
const ASKS_USER = /(?:login|user ?name|user|benutzer(?:name)?|account)\s*[:>]\s*$/i;
const ASKS_PASSWORD = /(?:password|passwort|passcode|passwd|kennwort)[^\n]{0,20}[:>]\s*$/i;

/** What the conversation remembers. */
const ASKED = 'asked';
const TYPED = 'typed';
const USER = 'user';
const BANNER = 'banner';

export const telnet = defineDissector<Fields>({
  name: 'telnet',
  title: 'Telnet',
  source: 'RFC 854; RFC 855',
  at: [{ tcp: 23 }],
  operations: OPERATIONS,
  whole: false, // a message is what one segment holds
  fields: {
    commands: 'Negotiation: 251 will, 252 will not, 253 do, 254 do not, 250 details, and the option',
    text: 'What the server writes; what is typed is not kept, as it may be a password',
    asks: 'The server waits for a user name or a password',
    ended: 'A line that was typed ends here',
    user: 'What was typed where a user name was asked for',
  },

  recognise(reader) {
    if (reader.peek() === INTERPRET) {
      const option = reader.peek(1) >= SUBNEGOTIATION && reader.peek(1) < INTERPRET;
      return option && reader.remaining >= 3 && reader.peek(2) <= LAST_KNOWN_OPTION ? 'strong' : 'no';
    }
    const end = Math.min(reader.remaining, 64);
    for (let at = 0; at < end; at++) {
      const letter = reader.peek(at);
      if (letter !== INTERPRET && (letter === 0 ? reader.peek(at - 1) !== RETURN : letter < 0x07)) {
        return 'no';
      }
    }
    return end > 0 ? 'weak' : 'no';
  },

  read(reader, context) {
    reader.expect(1);
    const commands: NegotiationCommand[] = [];
    const text = new Uint8Array(Math.min(reader.remaining, LONG_TEXT));
    const length = separate(reader, commands, text);
    const negotiated = commands.length > 0 ? { commands } : {};
    const written = text.subarray(0, length);
    const { fromClient } = context;
    const direction = fromClient ? 'request' : 'response';
    if (length === 0) {
      return { direction, operation: OPERATIONS.negotiate, fields: negotiated };
    }
    const asked = context.recall(ASKED);
    if (!fromClient) {
      return { direction, operation: OPERATIONS.output, fields: { ...negotiated, ...outputOf(written, asked) } };
    }
    const operation: Operation = asked ? OPERATIONS.logIn : OPERATIONS.input;
    const ended = written.includes(RETURN) || written.includes(NEWLINE);
    const user = asked === 'user' ? { user: lineOf(written) } : {};
    return { direction, operation, fields: { ...negotiated, ...(ended ? { ended } : {}), ...user } };
  },

  observe({ direction, operation, fields }, context) {
    if (direction === 'response') {
      return observeOutput(fields, context);
    }
    return operation === OPERATIONS.logIn ? observeLogIn(fields, context) : NOTHING;
  },
});

/** Takes commands out of the text; doubled, the mark is a letter (RFC 854, page 13). Returns the length of the text. */
function separate(reader: Reader, commands: NegotiationCommand[], text: Uint8Array): number {
  let length = 0;
  while (reader.remaining > 0) {
    const letter = reader.u8();
    const isCommand = letter === INTERPRET && reader.peek() !== INTERPRET;
    if (isCommand) {
      const command = readCommand(reader);
      if (commands.length < MOST_COMMANDS) {
        commands.push(command);
      }
      continue;
    }
    if (letter === INTERPRET) {
      reader.skip(1);
    }
    if (length < text.length) {
      text[length++] = letter;
    }
  }
  return length;
}

function readCommand(reader: Reader): NegotiationCommand {
  const command = reader.u8();
  if (command < SUBNEGOTIATION) {
    return { command };
  }
  const option = reader.u8();
  if (command < FIRST_OPTION_COMMAND) {
    // Up to IAC SE: what stands between may be a user's name or terminal, and is not kept.
    let before = 0;
    while (reader.remaining > 0) {
      const octet = reader.u8();
      if (before === INTERPRET && octet === SUBNEGOTIATION_END) {
        break;
      }
      before = before === INTERPRET && octet === INTERPRET ? 0 : octet;
    }
  }
  return { command, option };
}

/** While a password is typed, what comes back may be its echo. */
function outputOf(written: Uint8Array, asked: unknown): Fields {
  const text = fromWire(written, 'utf-8', LONG_TEXT);
  const asks = ASKS_PASSWORD.test(text) ? 'password' : ASKS_USER.test(text) ? 'user' : undefined;
  if (asks === undefined) {
    return asked === 'password' ? {} : { text };
  }
  return { text, asks };
}

/** What a line holds after its corrections, up to its end. */
function lineOf(written: Uint8Array): string {
  const letters: number[] = [];
  for (const letter of written) {
    if (letter === RETURN || letter === NEWLINE) {
      break;
    }
    if (letter === BACKSPACE || letter === DELETE) {
      letters.pop();
    } else {
      letters.push(letter);
    }
  }
  return fromWire(Uint8Array.from(letters), 'utf-8', IDENTITY_TEXT);
}

/** Everything before the first prompt is the banner. */
function observeOutput({ text, asks }: Fields, context: Context): readonly Observation[] {
  if (asks !== undefined) {
    context.remember(ASKED, asks);
    context.remember(TYPED, '');
  }
  const banner = context.recall(BANNER) ?? '';
  if (banner === true || text === undefined) {
    return NOTHING;
  }
  const soFar = (String(banner) + text).slice(0, LONG_TEXT);
  if (asks === undefined) {
    context.remember(BANNER, soFar);
    return NOTHING;
  }
  context.remember(BANNER, true);
  return [
    {
      kind: 'service',
      subject: 'sender',
      banner: soFar.replace(asks === 'user' ? ASKS_USER : ASKS_PASSWORD, '').trim(),
      protection: 'none',
    },
  ];
}

/** A name may come letter by letter; the secret is only noticed to have been sent. */
function observeLogIn({ ended, user }: Fields, context: Context): readonly Observation[] {
  if (context.recall(ASKED) === 'user') {
    const typed = (String(context.recall(TYPED) ?? '') + (user ?? '')).slice(0, IDENTITY_TEXT);
    context.remember(TYPED, typed);
    if (ended) {
      context.remember(USER, typed.trim());
      forgetQuestion(context);
    }
    return NOTHING;
  }
  if (!ended) {
    return NOTHING;
  }
  forgetQuestion(context);
  const name = String(context.recall(USER) ?? '');
  return [{ kind: 'credential', scheme: 'Telnet', ...(name ? { user: name } : {}), secret: 'sent' }];
}

function forgetQuestion(context: Context): void {
  context.remember(ASKED, false);
}
