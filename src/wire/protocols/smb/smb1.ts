import { type Carried, type Context, Malformed, type Operation, type Reading } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { fileTime, findNtlm } from '../../stack/ntlmssp.ts';
import type { Charset } from '../../text.ts';
import {
  askedFields,
  bytesAt,
  type Draft,
  type Fields,
  OPERATIONS,
  pipeCall,
  refusalOf,
  rememberShare,
  textAt,
} from './common.ts';
import { BY_COMMAND, TRANSACTION2_COMMANDS } from './smb1-commands.ts';

/** MS-CIFS, section 2.2.3.1: flags. */
const REPLY = 0x80;
const NT_STATUS = 0x4000;
const UNICODE = 0x8000;
/** Section 2.2.3.4: a further command behind this one. */
const NO_FURTHER = 0xff;
const MOST_COMMANDS = 8;

const TRANSACTION = 0x25;
const TRANSACTION_SECONDARY = 0x26;
const READ = 0x2e;
const WRITE = 0x2f;
const TRANSACTION2 = 0x32;
const TRANSACTION2_SECONDARY = 0x33;
const NEGOTIATE = 0x72;
const SESSION_SETUP = 0x73;
const TREE_CONNECT = 0x75;
const NT_TRANSACT_SECONDARY = 0xa1;
const NT_CREATE = 0xa2;
const NT_CANCEL = 0xa4;
const LOCK = 0x24;

/** Section 2.2.4: commands that may have a further one behind them. */
const CHAINED: ReadonlySet<number> = new Set([0x24, 0x2d, READ, WRITE, SESSION_SETUP, 0x74, TREE_CONNECT, NT_CREATE]);
/** Commands that go on with a question asked before: nothing answers them on their own. */
const UNANSWERED: ReadonlySet<number> = new Set([
  TRANSACTION_SECONDARY,
  TRANSACTION2_SECONDARY,
  NT_TRANSACT_SECONDARY,
  NT_CANCEL,
]);

/** Section 2.2.5.6: call and answer through a pipe in one. */
const TRANSACT_PIPE = 0x26;
/** MS-RAP, section 2.5.1: shares, their information, servers. */
const REMOTE_ADMINISTRATION = '\\PIPE\\LANMAN';
const BROWSING: ReadonlySet<number> = new Set([0, 1, 13, 63, 104, 215]);
/** MS-SMB, section 2.2.4.9: dispositions and the option, as in version 2. */
const MAKES_FILE: ReadonlySet<number> = new Set([0, 2, 4, 5]);
const DELETE_ON_CLOSE = 0x1000;
const ENCRYPTS_PASSWORDS = 2;
const SIGNING_REQUIRED = 8;
const EXTENDED_SECURITY = 0x80000000;
const REFUSED_DIALECT = 0xffff;
const PLAIN_PASSWORDS = 'smb plain';
const MOST_DIALECTS = 32;

/** One message, one command after the other. */
export function readSmb1(reader: Reader, context: Context): readonly Reading<Fields>[] | Malformed {
  const base = reader.position;
  reader.skip(4);
  const first = reader.u8();
  const status = reader.u32le();
  const flags = reader.u8();
  const flags2 = reader.u16le();
  reader.skip(12); // upper half of the process, signature, reserved
  const treeId = reader.u16le();
  const process = reader.u16le();
  const sessionId = reader.u16le();
  const messageId = reader.u16le();
  const charset: Charset = flags2 & UNICODE ? 'utf-16le' : 'latin-1';
  const head: Head = {
    base,
    status: flags2 & NT_STATUS ? status : dosStatus(status),
    response: (flags & REPLY) !== 0,
    charset,
  };
  const readings: Reading<Fields>[] = [];
  let command = first;
  while (readings.length < MOST_COMMANDS) {
    const fields: Draft = { version: 1, command, messageId, treeId, sessionId };
    const reading = new Command(reader, context, head, fields);
    readings.push(reading.read((command * 0x10000 + messageId) * 0x10000 + process));
    const { nextCommand, nextAt } = reading;
    if (nextCommand === NO_FURTHER || nextAt === 0 || reader.truncated) {
      return readings;
    }
    if (base + nextAt < reader.position || base + nextAt >= reader.length) {
      return new Malformed('the next command lies outside the message');
    }
    command = nextCommand;
    reader.seek(base + nextAt);
  }
  return new Malformed('more commands in one message than any sender puts there');
}

/** Section 2.2.1.5: class and code of DOS; told as a refusal without a name. */
function dosStatus(status: number): number {
  return status === 0 ? 0 : (0xc0000000 | ((status & 0xff) << 16) | (status >>> 16)) >>> 0;
}

type TextField = 'file' | 'user' | 'domain' | 'nativeOs' | 'nativeManager' | 'share' | 'callingName';

interface Head {
  readonly base: number;
  readonly status: number;
  readonly response: boolean;
  readonly charset: Charset;
}

/** One command: parameter words, then bytes. The reader stands at the count of words, and behind the bytes after. */
class Command {
  nextCommand = NO_FURTHER;
  nextAt = 0;
  private readonly reader: Reader;
  private readonly context: Context;
  private readonly head: Head;
  private readonly fields: Draft;
  private words = 0;
  private bytesAt = 0;
  private byteCount = 0;
  private carries: readonly Carried[] | undefined;

  constructor(reader: Reader, context: Context, head: Head, fields: Draft) {
    this.reader = reader;
    this.context = context;
    this.head = head;
    this.fields = fields;
  }

  read(pair: number): Reading<Fields> {
    const { reader, fields } = this;
    const { response } = this.head;
    const command = fields.command ?? 0;
    this.readSizes(command);
    const question = response ? this.context.question(pair) : undefined;
    const usual = question?.operation ?? BY_COMMAND.get(command) ?? OPERATIONS.unknown;
    const operation = response ? usual : (this.readRequest() ?? usual);
    const refused = response ? this.readStatus(askedFields(question)) : undefined;
    reader.seek(Math.min(this.bytesAt + this.byteCount, reader.length));
    const answered = response || !UNANSWERED.has(command);
    return {
      direction: response ? 'response' : 'request',
      operation,
      fields,
      ...(answered ? { pair } : {}),
      ...(response ? {} : { like: command * 0x10000 + (fields.treeId ?? 0), proves: command !== LOCK }),
      ...(refused === undefined ? {} : { refused }),
      ...(fields.share === undefined ? {} : { target: fields.share }),
      ...(this.carries === undefined ? {} : { carries: this.carries }),
    };
  }

  /** Where words and bytes lie, and where the next command does; the reader then stands at the words of this one. */
  private readSizes(command: number): void {
    const { reader } = this;
    this.words = reader.u8();
    const wordsAt = reader.position;
    reader.skip(this.words * 2);
    this.byteCount = reader.u16le();
    this.bytesAt = reader.position;
    reader.expect(this.byteCount);
    reader.seek(wordsAt);
    if (CHAINED.has(command) && this.words >= 2) {
      this.nextCommand = reader.u8();
      reader.skip(1);
      this.nextAt = reader.u16le();
    }
  }

  private readStatus(asked: Fields | undefined): string | undefined {
    const { status } = this.head;
    this.fields.status = status;
    return refusalOf(status) ?? this.readAnswer(asked);
  }

  private readRequest(): Operation | undefined {
    if (this.fields.command === NEGOTIATE) {
      this.readDialects();
      return undefined;
    }
    if (this.words === 0) {
      return undefined;
    }
    switch (this.fields.command) {
      case SESSION_SETUP:
        this.readSetUp();
        return undefined;
      case TREE_CONNECT:
        this.readTreeConnect();
        return undefined;
      case NT_CREATE:
        return this.readCreate();
      case READ:
        this.fields.fileId = fileIdText(this.reader.u16le());
        return undefined;
      case WRITE:
        return this.readWrite();
      case TRANSACTION:
        return this.readTransaction();
      case TRANSACTION2:
        this.reader.skip(28);
        this.fields.subcommand = this.reader.u16le();
        return TRANSACTION2_COMMANDS[this.fields.subcommand];
      default:
        return undefined;
    }
  }

  /** Returns why a command that succeeded was refused all the same. */
  private readAnswer(asked: Fields | undefined): string | undefined {
    switch (this.fields.command) {
      case NEGOTIATE:
        return this.readNegotiated();
      case SESSION_SETUP:
        this.readSetUpAnswer();
        break;
      case TREE_CONNECT:
        if (asked?.share !== undefined) {
          this.fields.share = asked.share;
          rememberShare(this.context, this.fields.treeId ?? 0, asked.share);
        }
        break;
      case NT_CREATE:
        if (this.words >= 4) {
          this.reader.skip(1);
          this.fields.fileId = fileIdText(this.reader.u16le());
        }
        break;
      case READ:
        this.readReadAnswer(asked);
        break;
      case TRANSACTION:
        this.readTransactionAnswer(asked);
        break;
      default:
    }
    return undefined;
  }

  /** Section 2.2.4.52: dialects by name; the last one that the client knows is its best. */
  private readDialects(): void {
    const { reader } = this;
    reader.seek(this.bytesAt);
    const end = this.bytesAt + this.byteCount;
    for (let done = 0; done < MOST_DIALECTS && reader.position < end && reader.remaining > 0; done++) {
      reader.skip(1);
      this.fields.dialect = reader.textZ('latin-1', 64);
    }
  }

  private readNegotiated(): string | undefined {
    const { reader, fields } = this;
    const index = reader.u16le();
    if (index === REFUSED_DIALECT) {
      return 'no common dialect';
    }
    if (this.words < 17) {
      return undefined;
    }
    const mode = reader.u8();
    fields.signing = (mode & SIGNING_REQUIRED) !== 0;
    if (!(mode & ENCRYPTS_PASSWORDS)) {
      this.context.remember(PLAIN_PASSWORDS, true);
    }
    reader.skip(16); // counts, sizes, session key
    const capabilities = reader.u32le();
    fields.systemTime = fileTime(reader.u64le());
    reader.skip(2);
    const keyLength = reader.u8();
    if ((capabilities & EXTENDED_SECURITY) === 0) {
      this.setTextsFrom(this.bytesAt + keyLength, ['domain', 'callingName']); // not even
    }
    return undefined;
  }

  /** Section 2.2.4.53, and MS-SMB, section 2.2.4.6, for extended security. */
  private readSetUp(): void {
    const { reader, fields } = this;
    reader.skip(10); // buffer, multiplex, circuit, session key
    const length = reader.u16le();
    if (this.words === 12) {
      this.readToken(length);
      this.setTexts('nativeOs', 'nativeManager');
      return;
    }
    if (this.words !== 13) {
      return;
    }
    const unicodeLength = reader.u16le();
    fields.plainPassword = length + unicodeLength > 1 && this.context.recall(PLAIN_PASSWORDS) === true;
    reader.seek(this.bytesAt + length + unicodeLength);
    this.setTexts('user', 'domain', 'nativeOs', 'nativeManager');
  }

  private readSetUpAnswer(): void {
    const { reader } = this;
    reader.skip(2); // action
    if (this.words === 4) {
      this.readToken(reader.u16le());
    } else {
      reader.seek(this.bytesAt);
    }
    this.setTexts('nativeOs', 'nativeManager');
  }

  /** Leaves the reader behind the token. */
  private readToken(length: number): void {
    const token = bytesAt(this.reader, this.bytesAt, length);
    const ntlm = token ? findNtlm(token) : undefined;
    if (ntlm !== undefined) {
      this.fields.ntlm = ntlm;
    }
    this.reader.seek(Math.min(this.bytesAt + length, this.reader.length));
  }

  private readTreeConnect(): void {
    const { reader } = this;
    reader.skip(2);
    reader.seek(this.bytesAt + reader.u16le());
    this.setTexts('share');
  }

  private readCreate(): Operation {
    const { reader, fields } = this;
    reader.skip(1);
    const length = reader.u16le();
    reader.skip(28); // flags, root, access, size, attributes, sharing
    const disposition = reader.u32le();
    const options = reader.u32le();
    const at = this.bytesAt + this.padding(this.bytesAt);
    const file = textAt(reader, at, length, this.head.charset);
    if (file !== undefined) {
      fields.file = file;
    }
    if (options & DELETE_ON_CLOSE) {
      return OPERATIONS.delete;
    }
    return MAKES_FILE.has(disposition) ? OPERATIONS.create : OPERATIONS.open;
  }

  private readWrite(): Operation | undefined {
    const { reader, fields } = this;
    fields.fileId = fileIdText(reader.u16le());
    reader.skip(12); // offset, time-out, mode, remaining
    const high = reader.u16le();
    const length = high * 0x10000 + reader.u16le();
    this.carry(reader.u16le(), length);
    return this.carries === undefined ? undefined : OPERATIONS.pipe;
  }

  private readReadAnswer(asked: Fields | undefined): void {
    const { reader } = this;
    reader.skip(6); // available, compaction, reserved
    const length = reader.u16le();
    this.carry(reader.u16le(), length);
    this.nameFile(asked);
  }

  /** Section 2.2.4.33. */
  private readTransaction(): Operation | undefined {
    const { reader, fields } = this;
    reader.skip(20); // totals, limits, flags, time-out, count of parameters
    const parametersAt = this.head.base + reader.u16le();
    const length = reader.u16le();
    const at = reader.u16le();
    const setup = reader.u8();
    reader.skip(1);
    if (setup === 0) {
      return this.readRemoteAdministration(parametersAt);
    }
    fields.subcommand = reader.u16le();
    if (fields.subcommand !== TRANSACT_PIPE) {
      return undefined;
    }
    fields.fileId = fileIdText(reader.u16le());
    this.carry(at, length);
    return OPERATIONS.pipe;
  }

  /** MS-RAP, section 2.5: calls of old programs, through a pipe that no one opens. */
  private readRemoteAdministration(parametersAt: number): Operation | undefined {
    const { reader, fields } = this;
    reader.seek(this.bytesAt);
    this.setTexts('file');
    const code = bytesAt(reader, parametersAt, 2);
    if (fields.file?.toUpperCase() !== REMOTE_ADMINISTRATION || code === undefined) {
      return undefined;
    }
    fields.subcommand = (code[0] ?? 0) | ((code[1] ?? 0) << 8);
    return BROWSING.has(fields.subcommand) ? OPERATIONS.browse : undefined;
  }

  private readTransactionAnswer(asked: Fields | undefined): void {
    if (asked?.subcommand !== TRANSACT_PIPE || this.words < 10) {
      return;
    }
    this.reader.skip(12); // totals, reserved, parameters
    const length = this.reader.u16le();
    this.carry(this.reader.u16le(), length);
    this.nameFile(asked);
  }

  private carry(at: number, length: number): void {
    this.carries = pipeCall(this.context, this.fields.treeId ?? 0, bytesAt(this.reader, this.head.base + at, length));
  }

  private nameFile(asked: Fields | undefined): void {
    if (this.carries !== undefined && asked?.fileId !== undefined) {
      this.fields.fileId = asked.fileId;
    }
  }

  /** Wide texts begin at an even distance from the header. */
  private setTexts(...names: readonly TextField[]): void {
    const at = this.reader.position;
    this.setTextsFrom(at + this.padding(at), names);
  }

  /** Texts that follow each other, each up to its NUL. */
  private setTextsFrom(from: number, names: readonly TextField[]): void {
    const end = Math.min(this.bytesAt + this.byteCount, this.reader.length);
    let at = from;
    for (const name of names) {
      const length = this.textLength(at, end);
      const text = textAt(this.reader, at, length, this.head.charset);
      if (text !== undefined) {
        this.fields[name] = text;
      }
      at += length + (this.head.charset === 'utf-16le' ? 2 : 1);
    }
  }

  private textLength(at: number, end: number): number {
    const { reader } = this;
    const wide = this.head.charset === 'utf-16le';
    const from = reader.position;
    let length = 0;
    while (at + length < end) {
      const offset = at + length - from;
      if (reader.peek(offset) === 0 && (!wide || reader.peek(offset + 1) === 0)) {
        break;
      }
      length += wide ? 2 : 1;
    }
    return Math.max(0, Math.min(length, end - at));
  }

  private padding(at: number): number {
    return this.head.charset === 'utf-16le' ? (at - this.head.base) % 2 : 0;
  }
}

function fileIdText(fileId: number): string {
  return fileId.toString(16).padStart(4, '0');
}
