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
import type { Reader } from '../../reader.ts';
import { looksLikeFirmware } from '../../stack/file-names.ts';
import { LONG_TEXT } from '../../text.ts';

interface Fields {
  readonly command?: string;
  readonly argument?: string;
  readonly code?: number;
  readonly text?: string;
}

const OPERATIONS = defineOperations({
  greeting: ['greeting', 'session'],
  logIn: ['log in', 'authenticate'],
  session: ['session command', 'session'],
  ask: ['ask the server about itself', 'discover'],
  readFile: ['read file or directory', 'read'],
  writeFile: ['write file', 'write'],
  writeFirmware: ['write file that looks like firmware', 'firmware'],
  changeFiles: ['delete, rename or create', 'write'],
  unknown: ['unknown command', 'unknown'],
});

/** RFC 959, section 4.1; RFC 2228, 2389, 2428, 3659. Later commands of servers' own are unknown. */
const COMMANDS: ReadonlyMap<string, Operation> = new Map([
  ...['USER', 'PASS', 'ACCT'].map((name) => [name, OPERATIONS.logIn] as const),
  ...['ABOR', 'ADAT', 'ALLO', 'AUTH', 'CCC', 'CDUP', 'CWD', 'EPRT', 'EPSV', 'LANG', 'MODE', 'NOOP', 'OPTS'].map(
    (name) => [name, OPERATIONS.session] as const,
  ),
  ...['PASV', 'PBSZ', 'PORT', 'PROT', 'PWD', 'QUIT', 'REIN', 'REST', 'STRU', 'TYPE', 'XCUP', 'XCWD', 'XPWD'].map(
    (name) => [name, OPERATIONS.session] as const,
  ),
  ...['FEAT', 'HELP', 'HOST', 'STAT', 'SYST', 'CLNT'].map((name) => [name, OPERATIONS.ask] as const),
  ...['LIST', 'MDTM', 'MLSD', 'MLST', 'NLST', 'RETR', 'SIZE'].map((name) => [name, OPERATIONS.readFile] as const),
  ...['APPE', 'STOR', 'STOU'].map((name) => [name, OPERATIONS.writeFile] as const),
  ...['DELE', 'MFMT', 'MKD', 'RMD', 'RNFR', 'RNTO', 'SMNT', 'XMKD', 'XRMD'].map(
    (name) => [name, OPERATIONS.changeFiles] as const,
  ),
]);
/** Commands whose argument is a secret. */
const SECRETS: ReadonlySet<string> = new Set(['PASS', 'ACCT', 'ADAT']);
const FILE_EFFECTS: ReadonlySet<string> = new Set(['read', 'write', 'firmware']);
/** Users that need no password (RFC 1635). */
const ANONYMOUS: ReadonlySet<string> = new Set(['anonymous', 'ftp']);

const NEWLINE = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;
/** Longest line, and longest reply of several lines, that we wait for. */
const LONGEST_LINE = 4096;
const LONGEST_REPLY = 16_384;
const READY = 220;
/** A conversation over FTP has one question at a time. */
const ONE_AT_A_TIME = 0;

export const ftp = defineDissector<Fields>({
  name: 'ftp',
  title: 'FTP',
  source: 'RFC 959; RFC 2228; RFC 3659',
  at: [{ tcp: 21 }],
  operations: OPERATIONS,
  fields: {
    command: 'What is asked, in capitals',
    argument: 'What it is aimed at; never a password',
    code: 'Reply: 1 and 3 go on, 2 done, 4 and 5 refused, by its first digit',
    text: 'Reply in words, its first line only',
  },

  cut(reader) {
    const line = lineLength(reader, 0);
    if (line <= 0 || !isReplyOfSeveralLines(reader)) {
      return line;
    }
    let at = line;
    while (at < LONGEST_REPLY) {
      const next = lineLength(reader, at);
      if (next <= 0) {
        return next === MORE ? MORE : at;
      }
      if (endsReply(reader, at)) {
        return at + next;
      }
      at += next;
    }
    return at;
  },

  recognise(reader) {
    if (isDigit(reader.peek())) {
      const separator = reader.peek(3);
      return isDigit(reader.peek(1)) && isDigit(reader.peek(2)) && (separator === SPACE || separator === DASH)
        ? 'weak'
        : 'no';
    }
    return COMMANDS.has(wordAt(reader)) ? 'weak' : 'no';
  },

  read(reader, context) {
    const whole = endsWithNewline(reader);
    const reading = isDigit(reader.peek()) ? readReply(reader, context) : readCommand(reader);
    reader.truncated ||= !whole;
    return reading;
  },

  observe(reading, context) {
    const { command, argument, code, text } = reading.fields;
    if (command === 'USER') {
      context.remember('user', argument ?? '');
      return NOTHING;
    }
    if (command === 'PASS') {
      const user = String(context.recall('user') ?? '');
      const secret = ANONYMOUS.has(user.toLowerCase()) ? 'none' : 'sent';
      return [{ kind: 'credential', scheme: 'FTP', ...(user ? { user } : {}), secret }];
    }
    return reading.operation === OPERATIONS.greeting && code === READY && text
      ? [{ kind: 'service', subject: 'sender', banner: text, protection: 'none' }]
      : NOTHING;
  },
});

function readCommand(reader: Reader): Reading<Fields> | Malformed {
  const command = wordAt(reader);
  const end = reader.peek(command.length);
  if (command.length < 3 || (end > SPACE && !isLetter(end))) {
    return new Malformed('neither a command nor a reply');
  }
  reader.skip(command.length);
  const argument = reader.text(reader.remaining, 'utf-8', LONG_TEXT).trim();
  const operation = operationOf(command, argument);
  const keeps = argument !== '' && !SECRETS.has(command);
  const reading = {
    direction: 'request',
    operation,
    fields: keeps ? { command, argument } : { command },
    pair: ONE_AT_A_TIME,
    like: command,
    proves: true,
  } as const;
  return keeps && FILE_EFFECTS.has(operation.effect) ? { ...reading, target: argument } : reading;
}

function operationOf(command: string, argument: string): Operation {
  const operation = COMMANDS.get(command) ?? OPERATIONS.unknown;
  return operation === OPERATIONS.writeFile && looksLikeFirmware(argument) ? OPERATIONS.writeFirmware : operation;
}

/** Section 4.2. A first digit of 1 announces another reply to the same command. */
function readReply(reader: Reader, context: Context): Reading<Fields> {
  const digits = reader.text(3);
  const code = Number(digits);
  reader.skip(1);
  const text = (reader.text(reader.remaining, 'utf-8', LONG_TEXT).split('\n', 1)[0] ?? '').trim();
  const fields = { code, text };
  const asked = context.question(ONE_AT_A_TIME);
  if (asked === undefined || code < 200) {
    const first = code === READY && asked === undefined;
    return { direction: 'report', operation: first ? OPERATIONS.greeting : OPERATIONS.session, fields };
  }
  const reading: Reading<Fields> = {
    direction: 'response',
    operation: asked.operation,
    fields,
    pair: ONE_AT_A_TIME,
  };
  return code < 400 ? reading : { ...reading, refused: `${code} ${text}` };
}

/** Length of the line that starts at `from`, newline included. */
function lineLength(reader: Reader, from: number): number {
  const end = Math.min(reader.remaining, from + LONGEST_LINE);
  for (let at = from; at < end; at++) {
    const letter = reader.peek(at);
    if (letter === NEWLINE) {
      return at + 1 - from;
    }
    if (letter < 0x09 || (letter > 0x0d && letter < SPACE)) {
      return NOT_MINE;
    }
  }
  return reader.remaining < from + LONGEST_LINE ? MORE : NOT_MINE;
}

function isReplyOfSeveralLines(reader: Reader): boolean {
  return isDigit(reader.peek()) && isDigit(reader.peek(1)) && isDigit(reader.peek(2)) && reader.peek(3) === DASH;
}

/** The last line repeats the code, with a space behind it. */
function endsReply(reader: Reader, at: number): boolean {
  return (
    reader.peek(at) === reader.peek() &&
    reader.peek(at + 1) === reader.peek(1) &&
    reader.peek(at + 2) === reader.peek(2) &&
    reader.peek(at + 3) === SPACE
  );
}

/** In replies of several lines only the last one ends the message. */
function endsWithNewline(reader: Reader): boolean {
  const last = reader.remaining - 1;
  if (reader.peek(last) !== NEWLINE) {
    return false;
  }
  if (!isReplyOfSeveralLines(reader)) {
    return true;
  }
  let start = last;
  while (start > 0 && reader.peek(start - 1) !== NEWLINE) {
    start--;
  }
  return endsReply(reader, start);
}

/** The letters that the message starts with, in capitals; commands have four at most. */
function wordAt(reader: Reader): string {
  let word = '';
  while (word.length < 4 && isLetter(reader.peek(word.length))) {
    word += String.fromCharCode(reader.peek(word.length) & ~0x20);
  }
  return word;
}

function isDigit(letter: number): boolean {
  return letter >= 0x30 && letter <= 0x39;
}

function isLetter(letter: number): boolean {
  const lower = letter | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
