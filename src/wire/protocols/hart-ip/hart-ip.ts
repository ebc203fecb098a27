import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  type CutContext,
  defineDissector,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { hexText } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import { readAnswer } from './answers.ts';
import { OPERATIONS, ofCommand, refusalOf } from './commands.ts';
import { FIELDS, type Fields } from './fields.ts';
import { observe } from './observe.ts';

type Message = Mutable<Reading<Fields>>;

const PORT = 5094;
/** HCF_SPEC-085, section 7: version, type, id, status, sequence, length of the whole. */
const HEADER = 8;
const LAST_VERSION = 2;
const REQUEST = 0;
const PUBLISH = 2;
const NAK = 15;
const TYPE_BITS = 0x0f;

const INITIATE = 0;
const CLOSE = 1;
const KEEP_ALIVE = 2;
const TOKEN_PASSING = 3;
const DIRECT = 4;
const AUDIT_LOG = 5;
const LONGEST = 0x4000;

/** HCF_SPEC-081: the delimiter of a token-passing frame. */
const PREAMBLE = 0xff;
const SHORTEST_FRAME = 5;
const REQUEST_FRAME = 2;
const LONG_ADDRESS = 0x80;
const EXPANSION_BITS = 0x60;
const FRAME_BITS = 0x07;
const BURST = 1;
const FROM_DEVICE = 6;
/** The first address byte holds which master asks and whether the device is in burst mode. */
const ADDRESS_BITS = 0x3f;
const EXTENDED_COMMAND = 31;

export const hartIp = defineDissector<Fields>({
  name: 'hart_ip',
  title: 'HART-IP',
  source: 'FieldComm Group HCF_SPEC-085, HCF_SPEC-081, HCF_SPEC-127, HCF_SPEC-151',
  at: [{ tcp: PORT }, { udp: PORT }],
  operations: OPERATIONS,
  fields: FIELDS,

  cut(reader: Reader, _context: CutContext) {
    if (reader.remaining < HEADER) {
      return reader.remaining > 0 && !mayStart(reader) ? NOT_MINE : MORE;
    }
    return fits(reader) ? lengthOf(reader) : NOT_MINE;
  },

  recognise(reader, context) {
    if (reader.remaining < HEADER || !fits(reader)) {
      return 'no';
    }
    if (lengthOf(reader) === reader.remaining && bodyFits(reader)) {
      // Of a stream the first segment may happen to have eight bytes; of a datagram these are all there is.
      return reader.remaining > HEADER || context.transport === 'udp' ? 'strong' : 'weak';
    }
    return context.sourcePort === PORT || context.destinationPort === PORT ? 'weak' : 'no';
  },

  read(reader, context) {
    if (reader.remaining >= HEADER && !fits(reader)) {
      return new Malformed('not the header of a message');
    }
    reader.skip(1); // version
    const messageType = reader.u8() & TYPE_BITS;
    const messageId = reader.u8();
    const status = reader.u8();
    const transactionId = reader.u16be();
    const length = reader.u16be();
    reader.limit(length - HEADER);
    const message: Message = {
      direction: messageType === REQUEST ? 'request' : messageType === PUBLISH ? 'report' : 'response',
      operation: OPERATIONS.unknown,
      fields: { messageType, messageId, transactionId, status },
    };
    if (messageType !== PUBLISH) {
      message.pair = transactionId;
    }
    if (messageType === REQUEST) {
      message.proves = true;
    }
    readBody(reader, message);
    conclude(message, context);
    return message;
  },

  observe(reading, context) {
    return reading.direction === 'request' || reading.refused !== undefined ? NOTHING : observe(reading, context);
  },
});

function lengthOf(reader: Reader): number {
  return (reader.peek(6) << 8) | reader.peek(7);
}

function mayStart(reader: Reader): boolean {
  const version = reader.peek();
  const type = reader.peek(1) & TYPE_BITS;
  const known = type <= PUBLISH || type === NAK;
  return version > 0 && version <= LAST_VERSION && known && reader.peek(2) <= AUDIT_LOG;
}

function fits(reader: Reader): boolean {
  const length = lengthOf(reader);
  return mayStart(reader) && length >= HEADER && length <= LONGEST;
}

/** On a foreign port only a message whose body fits is one: a header is little to tell it by. The body has the size that its message id asks for, and a token-passing frame the delimiter of one. */
function bodyFits(reader: Reader): boolean {
  const id = reader.peek(2);
  const body = lengthOf(reader) - HEADER;
  const refused = reader.peek(3) !== 0 || (reader.peek(1) & TYPE_BITS) === NAK;
  if (refused) {
    return body <= 8;
  }
  switch (id) {
    case INITIATE:
      return body === 5;
    case CLOSE:
    case KEEP_ALIVE:
      return body === 0;
    case TOKEN_PASSING:
      return body >= SHORTEST_FRAME && isDelimiter(reader.peek(HEADER));
    default:
      return body >= 2;
  }
}

function isDelimiter(delimiter: number): boolean {
  const frame = delimiter & FRAME_BITS;
  return delimiter === PREAMBLE || frame === BURST || frame === REQUEST_FRAME || frame === FROM_DEVICE;
}

function readBody(reader: Reader, message: Message): void {
  const { fields } = message;
  if (fields.messageType === NAK) {
    message.operation = ofMessage(fields.messageId);
    return;
  }
  switch (fields.messageId) {
    case INITIATE:
      message.operation = OPERATIONS.openSession;
      if (reader.remaining > 0) {
        reader.skip(1); // primary or secondary host
        fields.inactivityTimer = reader.u32be();
      }
      return;
    case TOKEN_PASSING:
      if (reader.remaining > 0 || fields.status === 0) {
        readFrame(reader, message);
      }
      return;
    case DIRECT:
      readDirect(reader, message);
      return;
    default:
      message.operation = ofMessage(fields.messageId);
  }
}

const BY_MESSAGE: readonly Operation[] = [OPERATIONS.openSession, OPERATIONS.closeSession, OPERATIONS.keepAlive];

function ofMessage(messageId: number): Operation {
  return messageId === AUDIT_LOG ? OPERATIONS.readAuditLog : (BY_MESSAGE[messageId] ?? OPERATIONS.unknown);
}

/** HCF_SPEC-081: preambles, delimiter, address, expansion, command, count, data, check byte. */
function readFrame(reader: Reader, message: Message): void {
  const { fields } = message;
  while (reader.peek() === PREAMBLE && reader.remaining > SHORTEST_FRAME) {
    reader.skip(1);
  }
  const delimiter = reader.u8();
  if (delimiter & LONG_ADDRESS) {
    const address = reader.take(5);
    fields.address = longAddress(address);
  } else {
    fields.address = String(reader.u8() & ADDRESS_BITS);
  }
  reader.skip((delimiter & EXPANSION_BITS) >> 5);
  const command = reader.u8();
  const count = reader.u8();
  const frame = delimiter & FRAME_BITS;
  const answers = frame === FROM_DEVICE || frame === BURST;
  const start = reader.position;
  readCommand(reader, message, command, count, answers);
  reader.seek(start);
  reader.skip(count + 1); // data and check byte
  message.operation = ofCommand(fields.command ?? command);
  if (message.direction === 'request') {
    message.target = fields.address;
  }
}

function longAddress(address: Uint8Array): string {
  const bytes = address.slice();
  bytes[0] = (bytes[0] ?? 0) & ADDRESS_BITS;
  return hexText(bytes);
}

function readCommand(reader: Reader, message: Message, command: number, count: number, answers: boolean): void {
  const { fields } = message;
  const data = reader.sub(Math.min(count, reader.remaining));
  fields.command = command;
  if (answers) {
    if (count < 2) {
      return;
    }
    fields.responseCode = data.u8();
    fields.deviceStatus = data.u8();
  } else {
    message.like = likeOf(data, command, fields.address ?? '');
  }
  if (command === EXTENDED_COMMAND && data.remaining >= 2) {
    fields.command = data.u16be();
  }
  if (answers && (fields.responseCode ?? 0) === 0) {
    readAnswer(data, fields, command);
  }
}

/** Direct commands (HCF_SPEC-085, section 8.5): two status bytes, then any number of commands of 16 bits. */
function readDirect(reader: Reader, message: Message): void {
  const { fields } = message;
  const answers = message.direction !== 'request';
  if (reader.remaining === 0 && fields.status !== 0) {
    return;
  }
  const start = reader.position;
  fields.deviceStatus = reader.u8();
  reader.skip(1); // extended device status
  let gravest = -1;
  reader.repeatToEnd(() => {
    const command = reader.u16be();
    const count = reader.u8();
    const data = reader.sub(Math.min(count, reader.remaining));
    reader.expect(count - data.length);
    const operation = ofCommand(command);
    const gravity = GRAVITY[operation.effect] ?? 0;
    const code = answers && count > 0 ? data.u8() : undefined;
    if (gravity > gravest) {
      gravest = gravity;
      message.operation = operation;
      fields.command = command;
      if (code !== undefined) {
        fields.responseCode = code;
      }
    }
    if (code === 0) {
      readAnswer(data, fields, command);
    }
  });
  if (!answers) {
    const end = reader.position;
    reader.seek(start);
    message.like = likeOf(reader.sub(end - start), DIRECT, '');
  }
}

const GRAVITY: Readonly<Partial<Record<Operation['effect'], number>>> = {
  report: 0,
  session: 0,
  read: 0,
  discover: 0,
  configure: 1,
  write: 2,
  control: 3,
  unknown: 4,
  program: 5,
};

/** FNV-1a over what is asked, of whom. */
function likeOf(data: Reader, command: number, address: string): number {
  let hash = 0x811c_9dc5 ^ command;
  for (let at = 0; at < address.length; at++) {
    hash = Math.imul(hash ^ address.charCodeAt(at), 0x0100_0193);
  }
  for (let at = 0; at < data.length; at++) {
    hash = Math.imul(hash ^ data.peek(at), 0x0100_0193);
  }
  return hash >>> 0;
}

/** An answer that names no command is one to the question; what was refused says why. */
function conclude(message: Message, context: Context): void {
  const { fields, direction, pair } = message;
  if (direction !== 'response') {
    if (direction === 'report') {
      message.operation = OPERATIONS.publish;
    }
    return;
  }
  if (message.operation === OPERATIONS.unknown && pair !== undefined) {
    message.operation = context.question(pair)?.operation ?? message.operation;
  }
  const refused = fields.responseCode === undefined ? undefined : refusalOf(fields.responseCode);
  if (fields.messageType === NAK) {
    message.refused = `refused, status ${fields.status}`;
  } else if (refused !== undefined) {
    message.refused = refused;
  } else if (fields.status !== 0 && fields.status < FIRST_WARNING) {
    message.refused = `status ${fields.status}`;
  }
}

/** HCF_SPEC-085: a session that is opened with a smaller buffer or another timer than asked for is opened. */
const FIRST_WARNING = 8;
