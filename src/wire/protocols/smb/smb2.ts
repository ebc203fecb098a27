import { type Carried, type Context, Malformed, type Operation, type Reading } from '../../dissector.ts';
import { hexText } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import { fileTime, findNtlm } from '../../stack/ntlmssp.ts';
import {
  askedFields,
  bytesAt,
  type Draft,
  type Fields,
  OPERATIONS,
  PENDING,
  pipeCall,
  refusalOf,
  rememberShare,
  textAt,
} from './common.ts';

const HEADER = 64;
/** Of the upper 32 bits, those below keep the whole within 53. */
const EXACT = 0x20_0000;
/** The message id of what the server sends unasked. */
const NO_MESSAGE = 'ffffffffffffffff';
/** MS-SMB2, section 2.2.1: flags. */
const RESPONSE = 1;
const ASYNCHRONOUS = 2;
const RELATED = 4;
const MOST_COMMANDS = 64;
const MOST_DIALECTS = 64;

const NEGOTIATE = 0;
const SESSION_SETUP = 1;
const TREE_CONNECT = 3;
const CREATE = 5;
const CLOSE = 6;
const READ = 8;
const WRITE = 9;
const IOCTL = 11;
const CANCEL = 12;
const SET_INFO = 17;
const BREAK = 18;

const BY_COMMAND: readonly Operation[] = [
  OPERATIONS.negotiate,
  OPERATIONS.setUp,
  OPERATIONS.logOff,
  OPERATIONS.connectTree,
  OPERATIONS.disconnectTree,
  OPERATIONS.open,
  OPERATIONS.close,
  OPERATIONS.flush,
  OPERATIONS.read,
  OPERATIONS.write,
  OPERATIONS.lock,
  OPERATIONS.control,
  OPERATIONS.cancel,
  OPERATIONS.echo,
  OPERATIONS.list,
  OPERATIONS.watch,
  OPERATIONS.query,
  OPERATIONS.set,
  OPERATIONS.lock,
];

/** Section 2.2.13: dispositions that make or empty a file, and the option to remove it. */
const MAKES_FILE: ReadonlySet<number> = new Set([0, 2, 4, 5]);
const DELETE_ON_CLOSE = 0x1000;
/** MS-FSCC, section 2.4: classes of file information that rename and remove. */
const RENAMES: ReadonlySet<number> = new Set([10, 65]);
const DELETES: ReadonlySet<number> = new Set([13, 64]);
const FILE_INFORMATION = 1;
/** MS-FSCC, section 2.3: what a device control asks for. */
const PIPE_TRANSCEIVE = 0x0011c017;
const QUERY_CONTROLS: ReadonlySet<number> = new Set([0x00060194, 0x00140078, 0x001401fc, 0x00140204, 0x00110018]);
const SIGNING_REQUIRED = 2;
/** A related command uses the file of the one before it. */
const SAME_FILE = 'ffffffffffffffffffffffffffffffff';

/** Section 2.2.1: one message may hold several commands, each pointing at the next. */
export function readSmb2(reader: Reader, context: Context): Reading<Fields> | readonly Reading<Fields>[] | Malformed {
  const readings: Reading<Fields>[] = [];
  let base = reader.position;
  let previous: Fields | undefined;
  while (readings.length < MOST_COMMANDS) {
    reader.seek(base);
    const command = new Command(reader, context, base, previous);
    const reading = command.read();
    readings.push(reading);
    previous = reading.fields;
    if (command.next === 0 || reader.truncated) {
      return readings.length === 1 ? reading : readings;
    }
    if (command.next < HEADER || base + command.next >= reader.length) {
      return new Malformed('the next command lies outside the message');
    }
    base += command.next;
  }
  return new Malformed('more commands in one message than any sender puts there');
}

/** One command: its header, then a body that starts with its own size. */
class Command {
  next = 0;
  private readonly reader: Reader;
  private readonly context: Context;
  private readonly base: number;
  private readonly previous: Fields | undefined;
  private carries: readonly Carried[] | undefined;

  constructor(reader: Reader, context: Context, base: number, previous: Fields | undefined) {
    this.reader = reader;
    this.context = context;
    this.base = base;
    this.previous = previous;
  }

  read(): Reading<Fields> {
    const { reader } = this;
    reader.skip(8); // mark, size of the header, credit charge
    const status = reader.u32le();
    const command = reader.u16le();
    reader.skip(2); // credits
    const flags = reader.u32le();
    this.next = reader.u32le();
    const messageId = wideNumber(reader);
    reader.skip(4);
    const tree = reader.u32le();
    const sessionId = wideNumber(reader);
    reader.skip(16); // signature
    const response = (flags & RESPONSE) !== 0;
    const fields: Draft = { version: 2, command, messageId, sessionId };
    // An asynchronous answer has a number of its own where the tree stands otherwise.
    if (!(flags & ASYNCHRONOUS)) {
      fields.treeId = tree;
    }
    const question = response ? this.context.question(messageId) : undefined;
    const operation = question?.operation ?? BY_COMMAND[command] ?? OPERATIONS.unknown;
    if (command === BREAK && response && messageId === NO_MESSAGE) {
      return { direction: 'report', operation, fields };
    }
    if (response) {
      return this.readResponse(fields, status, operation, askedFields(question));
    }
    const asked = this.readRequest(fields, flags) ?? operation;
    const request = { direction: 'request', operation: asked, fields, proves: true } as const;
    const carried = this.carries === undefined ? {} : { carries: this.carries };
    const target = fields.share === undefined ? {} : { target: fields.share };
    return command === CANCEL
      ? request
      : { ...request, ...target, ...carried, pair: messageId, like: command * 0x10000 + (tree & 0xffff) };
  }

  private readResponse(
    fields: Draft,
    status: number,
    operation: Operation,
    asked: Fields | undefined,
  ): Reading<Fields> {
    fields.status = status;
    this.reader.skip(2); // size of the body
    if (status === PENDING) {
      return { direction: 'response', operation, fields };
    }
    const pair = fields.messageId ?? 0;
    const refused = refusalOf(status);
    if (refused !== undefined) {
      return { direction: 'response', operation, pair, refused, fields };
    }
    this.readAnswer(fields, asked);
    const carried = this.carries === undefined ? {} : { carries: this.carries };
    return { direction: 'response', operation, pair, fields, ...carried };
  }

  /** Sections 2.2.3 to 2.2.39; returns a better word for the command where its body gives one. */
  private readRequest(fields: Draft, flags: number): Operation | undefined {
    const { reader } = this;
    reader.skip(2); // size of the body
    switch (fields.command) {
      case NEGOTIATE:
        this.readDialects(fields);
        break;
      case SESSION_SETUP:
        reader.skip(10); // flags, security mode, capabilities, channel
        this.readToken(fields);
        break;
      case TREE_CONNECT:
        reader.skip(2);
        this.setText(fields, 'share');
        break;
      case CREATE:
        return this.readCreate(fields);
      case CLOSE:
        reader.skip(6);
        this.readFileId(fields, flags);
        break;
      case READ:
        reader.skip(14); // padding, flags, length, offset
        this.readFileId(fields, flags);
        break;
      case WRITE:
        return this.readWrite(fields, flags);
      case IOCTL:
        return this.readControl(fields, flags);
      case SET_INFO:
        return this.readSetInfo(fields, flags);
      default:
    }
    return undefined;
  }

  private readAnswer(fields: Draft, asked: Fields | undefined): void {
    const { reader } = this;
    switch (fields.command) {
      case NEGOTIATE:
        this.readNegotiated(fields);
        break;
      case SESSION_SETUP:
        reader.skip(2);
        this.readToken(fields);
        break;
      case TREE_CONNECT:
        if (asked?.share !== undefined) {
          fields.share = asked.share;
          rememberShare(this.context, fields.treeId ?? 0, asked.share);
        }
        break;
      case CREATE:
        reader.skip(62); // oplock, flags, action, times, sizes, attributes
        fields.fileId = hexText(reader.take(16));
        break;
      case READ: {
        const offset = reader.u8();
        reader.skip(1);
        const length = reader.u32le();
        this.carry(fields, bytesAt(reader, this.base + offset, length), asked);
        break;
      }
      case IOCTL: {
        reader.skip(2);
        const code = reader.u32le();
        reader.skip(24); // file, input
        const offset = reader.u32le();
        const length = reader.u32le();
        if (code === PIPE_TRANSCEIVE) {
          this.carry(fields, bytesAt(reader, this.base + offset, length), asked);
        }
        break;
      }
      default:
    }
  }

  private readDialects(fields: Draft): void {
    const { reader } = this;
    const count = reader.u16le();
    reader.skip(32); // security mode, capabilities, client, contexts
    let newest = 0;
    for (let done = 0; done < Math.min(count, MOST_DIALECTS); done++) {
      newest = Math.max(newest, reader.u16le());
    }
    fields.dialect = newest;
  }

  private readNegotiated(fields: Draft): void {
    const { reader } = this;
    fields.signing = (reader.u16le() & SIGNING_REQUIRED) !== 0;
    fields.dialect = reader.u16le();
    reader.skip(34); // contexts, server, capabilities, sizes
    const time = reader.u64le();
    if (time !== 0n) {
      fields.systemTime = fileTime(time);
    }
  }

  private readToken(fields: Draft): void {
    const at = this.reader.u16le();
    const length = this.reader.u16le();
    const token = bytesAt(this.reader, this.base + at, length);
    const ntlm = token ? findNtlm(token) : undefined;
    if (ntlm !== undefined) {
      fields.ntlm = ntlm;
    }
  }

  private setText(fields: Draft, field: 'share' | 'file'): void {
    const at = this.reader.u16le();
    const length = this.reader.u16le();
    const text = textAt(this.reader, this.base + at, length, 'utf-16le');
    if (text !== undefined) {
      fields[field] = text;
    }
  }

  private readCreate(fields: Draft): Operation {
    const { reader } = this;
    reader.skip(34); // oplock, impersonation, access, attributes, sharing
    const disposition = reader.u32le();
    const options = reader.u32le();
    this.setText(fields, 'file');
    if (options & DELETE_ON_CLOSE) {
      return OPERATIONS.delete;
    }
    return MAKES_FILE.has(disposition) ? OPERATIONS.create : OPERATIONS.open;
  }

  private readWrite(fields: Draft, flags: number): Operation | undefined {
    const { reader } = this;
    const offset = reader.u16le();
    const length = reader.u32le();
    reader.skip(8);
    this.readFileId(fields, flags);
    this.carry(fields, bytesAt(reader, this.base + offset, length), fields);
    return this.carries === undefined ? undefined : OPERATIONS.pipe;
  }

  private readControl(fields: Draft, flags: number): Operation | undefined {
    const { reader } = this;
    reader.skip(2);
    const code = reader.u32le();
    fields.subcommand = code;
    this.readFileId(fields, flags);
    const offset = reader.u32le();
    const length = reader.u32le();
    if (code === PIPE_TRANSCEIVE) {
      this.carry(fields, bytesAt(reader, this.base + offset, length), fields);
      return OPERATIONS.pipe;
    }
    return QUERY_CONTROLS.has(code) ? OPERATIONS.query : undefined;
  }

  private readSetInfo(fields: Draft, flags: number): Operation {
    const { reader } = this;
    const type = reader.u8();
    const kind = reader.u8();
    fields.subcommand = type * 256 + kind;
    reader.skip(12);
    this.readFileId(fields, flags);
    if (type !== FILE_INFORMATION) {
      return OPERATIONS.set;
    }
    if (RENAMES.has(kind)) {
      return OPERATIONS.rename;
    }
    return DELETES.has(kind) ? OPERATIONS.delete : OPERATIONS.set;
  }

  private readFileId(fields: Draft, flags: number): void {
    const id = hexText(this.reader.take(16));
    const same = id === SAME_FILE && flags & RELATED ? this.previous?.fileId : id;
    if (same !== undefined) {
      fields.fileId = same;
    }
  }

  /** An answer names neither tree nor file where it came late: its question does. */
  private carry(fields: Draft, bytes: Uint8Array | undefined, asked: Fields | undefined): void {
    this.carries = pipeCall(this.context, fields.treeId ?? asked?.treeId ?? 0, bytes);
    if (this.carries !== undefined && asked?.fileId !== undefined) {
      fields.fileId = asked.fileId;
    }
  }
}

/** 64 bits: a number where that is exact, else text. */
function wideNumber(reader: Reader): number | string {
  const low = reader.u32le();
  const high = reader.u32le();
  if (high < EXACT) {
    return high * 0x1_0000_0000 + low;
  }
  return high.toString(16) + low.toString(16).padStart(8, '0');
}
