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

interface Fields {
  readonly service: number;
  readonly sequence: number;
  handle?: number;
  node?: string;
  code?: number;
  result?: number;
  plcType?: string;
  firmware?: string;
  buildDate?: string;
  buildTime?: string;
  orderNumber?: string;
}

type IdentityText = 'plcType' | 'firmware' | 'buildDate' | 'buildTime' | 'orderNumber';
type Message = Mutable<Reading<Fields>>;

const OPERATIONS = defineOperations({
  open: ['open a node', 'session'],
  close: ['close a node', 'session'],
  mailbox: ['mailbox', 'session'],
  identify: ['identify', 'discover'],
  readValue: ['read a value', 'read'],
  readDiagnosis: ['read diagnosis', 'read'],
  setValue: ['set a value', 'configure'],
  createConfiguration: ['create the bus configuration', 'configure'],
  activate: ['activate or deactivate the bus', 'control'],
  start: ['start the bus', 'control'],
  stop: ['stop the bus', 'control'],
  confirm: ['confirm diagnosis', 'control'],
  reset: ['reset the controller board', 'control'],
  unknown: ['unknown service', 'unknown'],
});

/** Header: kind, service, length of the whole, sequence. The driver's function at the far end is the service. */
const HEADER = 12;
const REQUEST = 0x01;
const RESPONSE = 0x81;
const OPEN = 0x01;
const CLOSE = 0x02;
const SEND = 0x05;
const RECEIVE = 0x06;
const LAST_SERVICE = 0x1f;
/** Where messages of the mailbox start, and where their length stands before them. */
const SENT_MESSAGE = 18;
const RECEIVED_MESSAGE = 24;
const HANDLE = 16;
const NODE = 14;
const NODE_PREFIX = [0x49, 0x42, 0x45, 0x54, 0x48]; // `IBETH`

/** IBS SYS FW G4 UM: services of the firmware; a confirmation has the highest bit set. */
const CONFIRMATION = 0x8000;
const IDENTIFY = 0x0295;
const SERVICES: ReadonlyMap<number, Operation> = new Map([
  [IDENTIFY, OPERATIONS.identify],
  [0x0316, OPERATIONS.readDiagnosis],
  [0x032a, OPERATIONS.identify],
  [0x032b, OPERATIONS.readDiagnosis],
  [0x0351, OPERATIONS.readValue],
  [0x0701, OPERATIONS.start],
  [0x0702, OPERATIONS.stop],
  [0x0710, OPERATIONS.createConfiguration],
  [0x0711, OPERATIONS.activate],
  [0x0712, OPERATIONS.activate],
  [0x0750, OPERATIONS.setValue],
  [0x0760, OPERATIONS.confirm],
  [0x0956, OPERATIONS.reset],
  [0x1303, OPERATIONS.stop],
]);
/** Keys of questions in the mailbox, apart from the sequence numbers of the header. */
const MAILBOX_PAIR = 0x10000;

/** What the controller says of itself: texts in places of fixed size. */
const PLC_TYPE = 30;
const FIRMWARE = 66;
const BUILD_DATE = 79;
const BUILD_TIME = 91;
const BUILD_TIME_END = 100;
const ORDER_NUMBER = 152;
const ORDER_NUMBER_END = 160;

export const pcworx = defineDissector<Fields>({
  name: 'pcworx',
  title: 'PC WORX (INTERBUS device driver over TCP)',
  source: 'Public research on port 1962; IBS SYS FW G4 UM for the services of the firmware',
  at: [{ tcp: 1962 }],
  operations: OPERATIONS,
  fields: {
    service: '1 open, 2 close, 5 put a message into the mailbox, 6 take one out',
    sequence: 'Number of the question, repeated in its answer',
    handle: 'Number of the open node',
    node: 'Name of the node that is opened',
    code: 'Service of the firmware; with the highest bit it is a confirmation',
    result: 'Of a confirmation; 0 is success',
    plcType: 'Type of the controller',
    firmware: 'Version of its firmware',
    buildDate: 'Date when the firmware was built',
    buildTime: 'Time when the firmware was built',
    orderNumber: 'Order number of the controller',
  },

  cut(reader) {
    if (!mayStart(reader)) {
      return reader.remaining === 0 ? MORE : NOT_MINE;
    }
    if (reader.remaining < 4) {
      return MORE;
    }
    return lengthOf(reader) >= HEADER ? lengthOf(reader) : NOT_MINE;
  },

  recognise(reader) {
    if (reader.remaining < HEADER || !mayStart(reader) || lengthOf(reader) !== reader.remaining) {
      return 'no';
    }
    return opensNode(reader) || holdsMessage(reader) ? 'strong' : isKnown(reader.peek(1)) ? 'weak' : 'no';
  },

  read(reader) {
    if (reader.remaining > 0 && !mayStart(reader)) {
      return new Malformed('neither a request nor a response');
    }
    const isRequest = reader.u8() === REQUEST;
    const service = reader.u8();
    const length = reader.u16be();
    if (!reader.truncated && length < HEADER) {
      return new Malformed(`a message of ${length} bytes`);
    }
    reader.limit(length - 4);
    const sequence = reader.u16be();
    const message: Message = {
      direction: isRequest ? 'request' : 'response',
      operation: operationOf(service),
      fields: { service, sequence },
      proves: true,
    };
    if (isRequest) {
      readRequest(reader, message);
    } else {
      readResponse(reader, message);
    }
    return message;
  },

  observe({ direction, fields }, context) {
    return direction === 'response' && fields.plcType ? identityOf(fields, context) : NOTHING;
  },
});

function mayStart(reader: Reader): boolean {
  const kind = reader.peek();
  const service = reader.peek(1);
  return (kind === REQUEST || kind === RESPONSE) && (reader.remaining < 2 || (service > 0 && service <= LAST_SERVICE));
}

function lengthOf(reader: Reader): number {
  return peek16(reader, 2);
}

function peek16(reader: Reader, at: number): number {
  return (reader.peek(at) << 8) | reader.peek(at + 1);
}

function isKnown(service: number): boolean {
  return service === OPEN || service === CLOSE || service === SEND || service === RECEIVE;
}

/** The driver's name for the far end. */
function opensNode(reader: Reader): boolean {
  if (reader.peek() !== REQUEST || reader.peek(1) !== OPEN) {
    return false;
  }
  for (let at = 0; at < NODE_PREFIX.length; at++) {
    if (reader.peek(NODE + at) !== NODE_PREFIX[at]) {
      return false;
    }
  }
  return true;
}

/** Three lengths that agree: of the whole, of the message, of its parameters in words. */
function holdsMessage(reader: Reader): boolean {
  const isSent = reader.peek() === REQUEST && reader.peek(1) === SEND;
  const isReceived = reader.peek() === RESPONSE && reader.peek(1) === RECEIVE;
  const start = isSent ? SENT_MESSAGE : RECEIVED_MESSAGE;
  const length = reader.remaining - start;
  return (
    (isSent || isReceived) &&
    length >= 4 &&
    peek16(reader, start - 2) === length &&
    peek16(reader, start + 2) * 2 + 4 === length
  );
}

function operationOf(service: number): Operation {
  switch (service) {
    case OPEN:
      return OPERATIONS.open;
    case CLOSE:
      return OPERATIONS.close;
    case SEND:
    case RECEIVE:
      return OPERATIONS.mailbox;
    default:
      return OPERATIONS.unknown;
  }
}

function readRequest(reader: Reader, message: Message): void {
  const { fields } = message;
  reader.skip(4);
  message.like = fields.service;
  switch (fields.service) {
    case OPEN: {
      message.pair = fields.sequence;
      reader.skip(2); // access
      const length = reader.u16be();
      reader.expect(length);
      fields.node = reader.text(length, 'latin-1').trim();
      return;
    }
    case SEND: {
      fields.handle = reader.u16be();
      reader.skip(4);
      const code = readMessage(reader, fields, reader.u16be());
      if (code !== undefined) {
        message.operation = SERVICES.get(code) ?? OPERATIONS.unknown;
        message.pair = MAILBOX_PAIR | code;
        message.like = code;
      }
      return;
    }
    case RECEIVE:
      fields.handle = reader.u16be();
      reader.skip(2); // room for the message
      return;
    default:
      message.pair = fields.sequence;
      fields.handle = reader.u16be();
  }
}

/**
 * What a message in the mailbox asks for is answered by another message, which has to be fetched. That it was put in, and
 * that there is none to fetch yet, answers nothing.
 */
function readResponse(reader: Reader, message: Message): void {
  const { fields } = message;
  if (reader.remaining >= 12) {
    reader.seek(HANDLE);
    fields.handle = reader.u16be();
  }
  if (fields.service !== SEND && fields.service !== RECEIVE) {
    message.pair = fields.sequence;
    return;
  }
  const code = fields.service === RECEIVE && reader.remaining > 4 ? readReceived(reader, fields) : 0;
  if ((code & CONFIRMATION) === 0) {
    message.direction = 'report';
    return;
  }
  const asked = code & ~CONFIRMATION;
  message.operation = SERVICES.get(asked) ?? OPERATIONS.unknown;
  message.pair = MAILBOX_PAIR | asked;
  if (fields.result) {
    message.refused = `result 0x${fields.result.toString(16).padStart(4, '0')}`;
  }
}

function readReceived(reader: Reader, fields: Fields): number {
  reader.skip(4);
  const code = readMessage(reader, fields, reader.u16be()) ?? 0;
  if ((code & CONFIRMATION) !== 0 && reader.remaining >= 2) {
    fields.result = reader.u16be();
    if (code === (IDENTIFY | CONFIRMATION) && fields.result === 0) {
      setText(fields, 'plcType', fixedText(reader, PLC_TYPE, FIRMWARE));
      setText(fields, 'firmware', fixedText(reader, FIRMWARE, BUILD_DATE));
      setText(fields, 'buildDate', fixedText(reader, BUILD_DATE, BUILD_TIME));
      setText(fields, 'buildTime', fixedText(reader, BUILD_TIME, BUILD_TIME_END));
      setText(fields, 'orderNumber', fixedText(reader, ORDER_NUMBER, ORDER_NUMBER_END));
    }
  }
  return code;
}

function setText(fields: Fields, name: IdentityText, text: string): void {
  if (text !== '') {
    fields[name] = text;
  }
}

/** Code of a message and the number of words that follow. */
function readMessage(reader: Reader, fields: Fields, length: number): number | undefined {
  reader.expect(length);
  if (length < 2) {
    return undefined;
  }
  fields.code = reader.u16be();
  if (length >= 4) {
    reader.expect(reader.u16be() * 2);
  }
  return fields.code;
}

/** Text up to a NUL byte in a place of fixed size; nothing where the message ends before. */
function fixedText(reader: Reader, from: number, end: number): string {
  if (reader.length < end) {
    return '';
  }
  reader.seek(from);
  let length = 0;
  while (from + length < end && reader.peek(length) !== 0) {
    length++;
  }
  return reader.text(length, 'latin-1').trim();
}

/** Asked for every few seconds; told once. */
function identityOf({ plcType, firmware, orderNumber }: Fields, context: Context): readonly Observation[] {
  const said = `${plcType} ${firmware} ${orderNumber}`;
  if (context.recall('pcworx') === said) {
    return NOTHING;
  }
  context.remember('pcworx', said);
  const identity = known({ product: plcType, firmware, orderNumber });
  return [{ kind: 'identity', subject: 'sender', basis: 'identification', ...identity }];
}
