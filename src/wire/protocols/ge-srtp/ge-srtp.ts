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
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { accessesMemory, areaOf, OPERATIONS, ofService, refusalOf } from './services.ts';

interface Fields {
  readonly type: number;
  readonly sequence: number;
  readonly length: number;
  messageType?: number;
  service?: number;
  selector?: number;
  offset?: number;
  count?: number;
  status?: number;
  minorStatus?: number;
  privilegeLevel?: number;
  statusWord?: number;
  controllerId?: string;
}

type Message = Mutable<Reading<Fields>>;

const PORT = 18_245;
/** Every message has this head; the text, whose length the head states, follows it. */
const HEADER = 56;

/** First byte of a message. */
const CONNECT = 0;
const CONNECT_ANSWER = 1;
const REQUEST = 2;
const ANSWER = 3;

/** Where the head says what it holds. */
const MESSAGE_TYPE = 31;
const MAILBOX = 32;
const PACKET_NUMBER = 40;
const SHORT_BODY = 42;
const LONG_BODY = 50;
const PRIVILEGE = 51;
const STATUS_WORD = 54;

/** Message types, of which the research knows five: the body fits the head or follows it, done or refused. */
const SHORT_REQUEST = 0xc0;
const LONG_REQUEST = 0x80;
const SHORT_ANSWER = 0xd4;
const LONG_ANSWER = 0x94;
const REFUSAL = 0xd1;

/** Sequence numbers have sixteen bits, so no request has this key. */
const CONNECTING = 0x1_0000;

export const geSrtp = defineDissector<Fields>({
  name: 'ge_srtp',
  title: 'GE SRTP',
  source: 'Denton et al., SRTP of a GE Fanuc Series 90-30 (DFRWS 2017); Emerson on SRTP status codes',
  at: [{ tcp: PORT }],
  operations: OPERATIONS,
  fields: {
    type: '0 connect, 1 its answer, 2 request, 3 its answer',
    sequence: 'Pairs an answer with its request',
    length: 'Bytes of text behind the head',
    messageType: '0xc0 or 0x80 request, 0xd4 or 0x94 answer, 0xd1 refusal',
    service: 'Number of the service request',
    selector: 'Segment selector: the memory and whether its bits, bytes or words are counted',
    offset: 'First element, counted from 0',
    count: 'How many elements',
    status: 'Result; 0 is success',
    minorStatus: 'What the result means for this service',
    privilegeLevel: 'Privilege level that the client has',
    statusWord: 'Status word of the controller',
    controllerId: 'Name that the controller was given',
  },

  cut(reader: Reader, _context: CutContext) {
    if (reader.remaining < 8) {
      return reader.remaining > 0 && reader.peek() > ANSWER ? NOT_MINE : MORE;
    }
    return mayStart(reader) ? HEADER + lengthOf(reader) : NOT_MINE;
  },

  recognise(reader) {
    if (reader.remaining < HEADER || !mayStart(reader)) {
      return 'no';
    }
    if (reader.peek() <= CONNECT_ANSWER) {
      return lengthOf(reader) === 0 ? 'weak' : 'no';
    }
    return isService(reader) ? 'strong' : 'no';
  },

  read(reader, context) {
    const type = reader.u8();
    if (type > ANSWER) {
      return new Malformed(`type ${type} is no message`);
    }
    reader.skip(1);
    const sequence = reader.u16le();
    const length = reader.u16le();
    reader.limit(HEADER - 6 + length);
    const asks = type === CONNECT || type === REQUEST;
    const message: Message = {
      direction: asks ? 'request' : 'response',
      operation: type <= CONNECT_ANSWER ? OPERATIONS.connect : OPERATIONS.unknown,
      fields: { type, sequence, length },
      pair: type <= CONNECT_ANSWER ? CONNECTING : sequence,
    };
    if (asks) {
      message.proves = true;
    }
    if (type === REQUEST) {
      readRequest(reader, message);
    } else if (type === ANSWER) {
      readAnswer(reader, message, context.question(sequence)?.operation);
    } else {
      reader.skip(HEADER - 6);
    }
    return message;
  },

  observe(reading, context) {
    const { operation, fields, direction, refused } = reading;
    if (refused !== undefined || operation.effect === 'unknown') {
      return NOTHING;
    }
    return direction === 'request'
      ? observeClient(operation, fields, context)
      : observeController(operation, fields, context);
  },
});

function lengthOf(reader: Reader): number {
  return reader.peek(4) | (reader.peek(5) << 8);
}

function mayStart(reader: Reader): boolean {
  return reader.peek() <= ANSWER && reader.peek(6) === 0 && reader.peek(7) === 0;
}

/** One message type, and a packet that is one of as many as the head says: of a service at least one. */
function isService(reader: Reader): boolean {
  const messageType = reader.peek(MESSAGE_TYPE);
  const asks = reader.peek() === REQUEST;
  const fits = asks
    ? messageType === SHORT_REQUEST || messageType === LONG_REQUEST
    : messageType === SHORT_ANSWER || messageType === LONG_ANSWER || messageType === REFUSAL;
  const packet = reader.peek(PACKET_NUMBER);
  return fits && packet > 0 && packet <= reader.peek(PACKET_NUMBER + 1) && isMailbox(reader, asks);
}

/** The controller's mailbox: where a request goes and an answer comes from. */
const CONTROLLER_MAILBOX = 0x0e;

function isMailbox(reader: Reader, asks: boolean): boolean {
  const at = asks ? MAILBOX + 4 : MAILBOX;
  return reader.peek(at + 1) === CONTROLLER_MAILBOX && reader.peek(at + 2) === 0 && reader.peek(at + 3) === 0;
}

function readRequest(reader: Reader, message: Message): void {
  const { fields } = message;
  reader.seek(MESSAGE_TYPE);
  const messageType = reader.u8();
  reader.seek(messageType === LONG_REQUEST ? LONG_BODY : SHORT_BODY);
  const service = reader.u8();
  const selector = reader.u8();
  const offset = reader.u16le();
  const count = reader.u16le();
  reader.seek(HEADER + fields.length);
  fields.messageType = messageType;
  if (messageType !== SHORT_REQUEST && messageType !== LONG_REQUEST) {
    return;
  }
  fields.service = service;
  message.operation = ofService(service);
  message.like = ((service * 0x100 + selector) * 0x1_0000 + offset) * 0x1_0000 + count;
  if (accessesMemory(message.operation)) {
    fields.selector = selector;
    fields.offset = offset;
    fields.count = count;
    const area = areaOf(selector);
    if (area !== undefined) {
      message.target = area;
    }
  }
}

const NAME = 8;

function readAnswer(reader: Reader, message: Message, asked: Operation | undefined): void {
  const { fields } = message;
  reader.seek(MESSAGE_TYPE);
  const messageType = reader.u8();
  reader.seek(SHORT_BODY);
  const status = reader.u8();
  const minorStatus = reader.u8();
  reader.seek(PRIVILEGE);
  const privilegeLevel = reader.u8();
  reader.seek(STATUS_WORD);
  const statusWord = reader.u16le();
  message.operation = asked ?? OPERATIONS.unknown;
  fields.messageType = messageType;
  if (messageType === SHORT_ANSWER || messageType === REFUSAL) {
    fields.status = status;
    fields.minorStatus = minorStatus;
    if (messageType === REFUSAL || status !== 0) {
      message.refused = refusalOf(status, minorStatus);
    }
  }
  if (messageType === SHORT_ANSWER || messageType === LONG_ANSWER) {
    fields.privilegeLevel = privilegeLevel;
    fields.statusWord = statusWord;
  }
  if (asked === OPERATIONS.identify && messageType === LONG_ANSWER && fields.length >= NAME) {
    const controllerId = idOf(reader);
    if (controllerId) {
      fields.controllerId = controllerId;
    }
  }
  reader.seek(HEADER + fields.length);
}

/** The name comes first, filled up with NUL or spaces; what holds anything else is no name. */
function idOf(reader: Reader): string {
  for (let at = 0; at < NAME; at++) {
    const byte = reader.peek(at);
    if (byte !== 0 && (byte < 0x20 || byte > 0x7e)) {
      return '';
    }
  }
  return reader.text(NAME, 'latin-1').trim();
}

const CLIENT = 'ge_srtp.client';
const SERVER = 'ge_srtp.server';

/** A password travels as text behind the head. Panels and historians read and write; only who programs logs on or moves a program. */
function observeClient(operation: Operation, fields: Fields, context: Context): readonly Observation[] {
  if (operation === OPERATIONS.privilege && fields.length > 0) {
    return [{ kind: 'credential', scheme: 'GE SRTP privilege level', secret: 'sent' }];
  }
  const programs = operation.effect === 'program' || operation === OPERATIONS.logon;
  if (!programs || context.recall(CLIENT) === true) {
    return NOTHING;
  }
  context.remember(CLIENT, true);
  return [{ kind: 'role', subject: 'sender', role: 'engineering', reason: `asks to ${operation.name}`, basis: 'hint' }];
}

function observeController(operation: Operation, fields: Fields, context: Context): readonly Observation[] {
  const plc = { kind: 'role', subject: 'sender', role: 'plc' } as const;
  const { controllerId } = fields;
  if (controllerId !== undefined) {
    return [
      { kind: 'identity', subject: 'sender', basis: 'identification', ...known({ name: controllerId }) },
      { ...plc, reason: `identifies itself as ${controllerId}`, basis: 'identification' },
    ];
  }
  if (operation === OPERATIONS.connect || context.recall(SERVER) === true) {
    return NOTHING;
  }
  context.remember(SERVER, true);
  return [{ ...plc, reason: `answers GE SRTP (${operation.name})`, basis: 'behaviour' }];
}
