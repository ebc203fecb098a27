import { type Context, defineDissector, Malformed, MORE, NOT_MINE, type Operation } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { readAssociation, titleText } from './association.ts';
import { readLength } from './data.ts';
import { AARE, AARQ, type Draft, type Fields, GET_ANSWER, OPERATIONS, refuse } from './fields.ts';
import { observe } from './observe.ts';
import { readAccesses, readActionAnswer, readGetAnswer, readObject, readRequest, readSetAnswer } from './services.ts';

const PORT = 4059;
/** IEC 62056-47, section 5.4: version 1, port of the sender and of the receiver, length of the APDU. */
const HEADER = 8;
const VERSION = 1;

/** IEC 62056-5-3, section 8: tags of the APDUs. */
const CONFIRMED_SERVICE_ERROR = 0x0e;
const DATA_NOTIFICATION = 0x0f;
const DATA_NOTIFICATION_CONFIRM = 0x10;
const READ = 0x05;
const READ_ANSWER = 0x0c;
const WRITE = 0x06;
const WRITE_ANSWER = 0x0d;
const UNCONFIRMED_WRITE = 0x16;
const INFORMATION_REPORT = 0x18;
const RLRQ = 0x62;
const RLRE = 0x63;
const GET = 0xc0;
const SET = 0xc1;
const EVENT = 0xc2;
const ACTION = 0xc3;
const SET_ANSWER = 0xc5;
const ACTION_ANSWER = 0xc7;
const EXCEPTION = 0xd8;
const ACCESS = 0xd9;
const ACCESS_ANSWER = 0xda;
const GENERAL_GLOBAL = 0xdb;
const GENERAL_DEDICATED = 0xdc;
const GENERAL_CIPHERING = 0xdd;
const GENERAL_SIGNING = 0xdf;
const GENERAL_BLOCK = 0xe0;

const INITIATE = 0x01;
const INITIATE_ANSWER = 0x08;
/** Services of the first editions that may be encrypted. */
const OLDER = new Set([
  INITIATE,
  READ,
  WRITE,
  INITIATE_ANSWER,
  READ_ANSWER,
  WRITE_ANSWER,
  CONFIRMED_SERVICE_ERROR,
  UNCONFIRMED_WRITE,
  INFORMATION_REPORT,
]);

/** Encrypted services have the tag of the plain one and one of these more, by whether it is one of the newer ones. */
const GLOBAL = 0x20;
const DEDICATED = 0x40;
const NEWER_GLOBAL = 0x08;
const NEWER_DEDICATED = 0x10;

const CONFIRMED = 0x40;
const INVOKE_ID = 0x0f;
const LONG_INVOKE_ID = 0xff_ffff;
const SYSTEM_TITLE = 8;

/** What pairs within one association: the invoke id where there is one, else the kind of service. */
const PAIRS = 64;
const ASSOCIATE_PAIR = 16;
const RELEASE_PAIR = 17;
const SHORT_PAIR = 18;
const ENCRYPTED_PAIR = 19;
const ACCESS_PAIR = 32;

const STATE_ERRORS: readonly (string | undefined)[] = [undefined, 'service not allowed', 'service unknown'];
const SERVICE_ERRORS: readonly (string | undefined)[] = [
  undefined,
  'operation not possible',
  'service not supported',
  'other reason',
  'message too long',
  'deciphering error',
  'invocation counter error',
];

export const dlms = defineDissector<Fields>({
  name: 'dlms',
  title: 'DLMS/COSEM',
  source: 'IEC 62056-47 (wrapper), IEC 62056-5-3 (application layer), IEC 62056-6-1 and -6-2 (objects)',
  at: [{ tcp: PORT }, { udp: PORT }],
  operations: OPERATIONS,
  fields: {
    source: 'Client or logical device that sends',
    destination: 'Client or logical device that it is for; 1 is the management of a meter, or its client',
    apdu: 'Tag of the message, such as 192 get, 193 set, 195 action, 96 association, 219 encrypted',
    choice: 'Kind of the service: 1 normal, others lists and blocks',
    invokeId: 'Pairs an answer with its question',
    classId: 'Interface class of the object, such as 1 data, 3 register, 7 profile, 8 clock, 70 disconnect control',
    object: 'Logical name (OBIS) of the object',
    attribute: 'Attribute of the object',
    method: 'Method of the object',
    objects: 'Objects of a list with their attributes or methods; in an answer those whose values are kept',
    shortName: 'Short name of the first variable',
    block: 'Number of the block',
    lastBlock: 'Whether the block is the last',
    result: 'Why it was refused; 0 where it was not',
    results: 'Results of a list, in its order',
    value: 'Value of an object that identifies the device',
    values: 'Values of such objects of a list',
    context: 'Application context: 1 logical names, 2 short names, 3 and 4 the same encrypted',
    mechanism: 'Authentication: 0 none, 1 password, 2 to 7 challenge',
    secretSent: 'Whether a password or challenge was sent',
    systemTitle: 'Title of the sender: its maker and number',
    securityControl: 'Bits: 1 to 15 suite, 16 authenticated, 32 encrypted, 64 broadcast key, 128 compressed',
  },

  cut(reader) {
    if (reader.remaining < HEADER) {
      return mayStart(reader) ? MORE : NOT_MINE;
    }
    return fits(reader) ? HEADER + lengthOf(reader) : NOT_MINE;
  },

  recognise(reader, context) {
    if (reader.remaining <= HEADER || !fits(reader) || !isKnown(reader.peek(HEADER))) {
      return 'no';
    }
    const whole = HEADER + lengthOf(reader) === reader.remaining;
    if (whole && namesContext(reader)) {
      return 'strong';
    }
    return whole || context.transport === 'tcp' ? 'weak' : 'no';
  },

  read(reader, context) {
    if (reader.remaining >= HEADER && !fits(reader)) {
      return new Malformed('not the header of a message');
    }
    reader.skip(2); // version
    const source = reader.u16be();
    const destination = reader.u16be();
    reader.limit(reader.u16be());
    const apdu = reader.peek();
    const draft: Draft = {
      direction: context.fromClient ? 'request' : 'response',
      operation: OPERATIONS.unknown,
      fields: { source, destination, apdu },
    };
    const problem = readApdu(reader, draft, context);
    if (draft.direction === 'request' && draft.pair !== undefined) {
      context.remember(associationOf(draft), draft.pair);
    }
    return problem === undefined ? draft : new Malformed(problem);
  },

  observe,
});

function mayStart(reader: Reader): boolean {
  const { remaining } = reader;
  return (remaining < 1 || reader.peek() === 0) && (remaining < 2 || reader.peek(1) === VERSION);
}

function lengthOf(reader: Reader): number {
  return (reader.peek(6) << 8) | reader.peek(7);
}

/** Nobody has port 0, and no message is empty. */
function fits(reader: Reader): boolean {
  const source = (reader.peek(2) << 8) | reader.peek(3);
  const destination = (reader.peek(4) << 8) | reader.peek(5);
  return mayStart(reader) && source !== 0 && destination !== 0 && lengthOf(reader) > 0;
}

function isKnown(tag: number): boolean {
  return SERVICES.has(tag) || plainOf(tag) !== undefined || isGeneral(tag);
}

function isGeneral(tag: number): boolean {
  return (tag >= GENERAL_GLOBAL && tag <= GENERAL_CIPHERING) || tag === GENERAL_SIGNING || tag === GENERAL_BLOCK;
}

/** The names of all application contexts begin alike: 2.16.756.5.8.1 (clause 8.5). */
const CONTEXT_NAME = [0xa1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01];
const LONGEST_AHEAD = 8;

function namesContext(reader: Reader): boolean {
  const tag = reader.peek(HEADER);
  if (tag !== AARQ && tag !== AARE) {
    return false;
  }
  for (let from = HEADER + 2; from < HEADER + LONGEST_AHEAD; from++) {
    let at = 0;
    while (at < CONTEXT_NAME.length && reader.peek(from + at) === CONTEXT_NAME[at]) {
      at++;
    }
    if (at === CONTEXT_NAME.length) {
      return true;
    }
  }
  return false;
}

interface Service {
  readonly operation: Operation;
  readonly direction: 'request' | 'response' | 'report';
  /** What pairs where there is no invoke id. */
  readonly pair?: number;
}

const SERVICES: ReadonlyMap<number, Service> = new Map([
  [CONFIRMED_SERVICE_ERROR, { operation: OPERATIONS.exception, direction: 'response' }],
  [DATA_NOTIFICATION, { operation: OPERATIONS.notifyData, direction: 'report' }],
  [DATA_NOTIFICATION_CONFIRM, { operation: OPERATIONS.confirmData, direction: 'report' }],
  [READ, { operation: OPERATIONS.read, direction: 'request', pair: SHORT_PAIR }],
  [READ_ANSWER, { operation: OPERATIONS.read, direction: 'response', pair: SHORT_PAIR }],
  [WRITE, { operation: OPERATIONS.write, direction: 'request', pair: SHORT_PAIR }],
  [WRITE_ANSWER, { operation: OPERATIONS.write, direction: 'response', pair: SHORT_PAIR }],
  [UNCONFIRMED_WRITE, { operation: OPERATIONS.write, direction: 'request' }],
  [INFORMATION_REPORT, { operation: OPERATIONS.informationReport, direction: 'report' }],
  [AARQ, { operation: OPERATIONS.associate, direction: 'request', pair: ASSOCIATE_PAIR }],
  [AARE, { operation: OPERATIONS.associate, direction: 'response', pair: ASSOCIATE_PAIR }],
  [RLRQ, { operation: OPERATIONS.release, direction: 'request', pair: RELEASE_PAIR }],
  [RLRE, { operation: OPERATIONS.release, direction: 'response', pair: RELEASE_PAIR }],
  [GET, { operation: OPERATIONS.get, direction: 'request' }],
  [SET, { operation: OPERATIONS.set, direction: 'request' }],
  [EVENT, { operation: OPERATIONS.notifyEvent, direction: 'report' }],
  [ACTION, { operation: OPERATIONS.action, direction: 'request' }],
  [GET_ANSWER, { operation: OPERATIONS.get, direction: 'response' }],
  [SET_ANSWER, { operation: OPERATIONS.set, direction: 'response' }],
  [ACTION_ANSWER, { operation: OPERATIONS.action, direction: 'response' }],
  [EXCEPTION, { operation: OPERATIONS.exception, direction: 'response' }],
  [ACCESS, { operation: OPERATIONS.unknown, direction: 'request' }],
  [ACCESS_ANSWER, { operation: OPERATIONS.unknown, direction: 'response' }],
]);

/** Tag of the service that is encrypted here; its own tag is in clear. */
function plainOf(tag: number): number | undefined {
  if (tag > ACTION_ANSWER) {
    const newer = tag - (tag > ACTION_ANSWER + NEWER_GLOBAL ? NEWER_DEDICATED : NEWER_GLOBAL);
    return newer >= GET && newer <= ACTION_ANSWER && SERVICES.has(newer) ? newer : undefined;
  }
  const older = tag >= DEDICATED ? tag - DEDICATED : tag - GLOBAL;
  return OLDER.has(older) ? older : undefined;
}

/** Returns which rule the message breaks, if any. */
function readApdu(reader: Reader, draft: Draft, context: Context): string | undefined {
  const { fields } = draft;
  const { apdu } = fields;
  if (apdu === AARQ || apdu === AARE) {
    begin(draft, SERVICES.get(apdu));
    return readAssociation(reader, apdu, draft);
  }
  reader.skip(1); // tag
  const plain = plainOf(apdu);
  if (plain !== undefined) {
    readEncrypted(reader, draft, plain);
  } else if (isGeneral(apdu)) {
    readGeneral(reader, draft);
  } else {
    begin(draft, SERVICES.get(apdu));
    readService(reader, draft, context);
  }
  if (draft.direction === 'request') {
    draft.proves = !isGeneral(apdu);
    draft.like = likeOf(fields);
  }
  return undefined;
}

function begin(draft: Draft, service: Service | undefined): void {
  if (service) {
    draft.operation = service.operation;
    draft.direction = service.direction;
    if (service.pair !== undefined) {
      draft.pair = associationOf(draft) * PAIRS + service.pair;
    }
  }
}

/** Client and logical device as one number. */
function associationOf({ direction, fields: { source, destination } }: Draft): number {
  return direction === 'request' ? source * 0x1_0000 + destination : destination * 0x1_0000 + source;
}

function readService(reader: Reader, draft: Draft, context: Context): void {
  const { fields } = draft;
  switch (fields.apdu) {
    case GET:
    case SET:
    case ACTION:
      readInvocation(reader, draft);
      readRequest(reader, draft, draft.operation);
      break;
    case GET_ANSWER:
      readInvocation(reader, draft);
      readGetAnswer(reader, draft, context);
      break;
    case SET_ANSWER:
      readInvocation(reader, draft);
      readSetAnswer(reader, draft);
      break;
    case ACTION_ANSWER:
      readInvocation(reader, draft);
      readActionAnswer(reader, draft);
      break;
    case EVENT:
      reader.skip(reader.u8() === 0 ? 0 : readLength(reader)); // time
      readObject(reader, fields, true);
      break;
    case DATA_NOTIFICATION:
    case DATA_NOTIFICATION_CONFIRM:
      fields.invokeId = reader.u32be() & LONG_INVOKE_ID;
      reader.skip(readLength(reader)); // time
      break;
    case ACCESS:
    case ACCESS_ANSWER:
      readAccess(reader, draft);
      break;
    case EXCEPTION:
    case CONFIRMED_SERVICE_ERROR:
      readException(reader, draft, context);
      break;
    case READ:
    case WRITE:
    case UNCONFIRMED_WRITE:
    case INFORMATION_REPORT:
      readShortNames(reader, draft);
      break;
    case READ_ANSWER:
    case WRITE_ANSWER:
      readShortAnswer(reader, draft);
      break;
    default:
  }
  // The question says what was done, where the answer does not.
  if (draft.direction === 'response' && draft.pair !== undefined) {
    draft.operation = context.question(draft.pair)?.operation ?? draft.operation;
  }
}

/** Kind of the service, then the invoke id and whether an answer is wanted (clause 8.3). */
function readInvocation(reader: Reader, draft: Draft): void {
  const { fields } = draft;
  fields.choice = reader.u8();
  const invocation = reader.u8();
  fields.invokeId = invocation & INVOKE_ID;
  if (draft.direction === 'response' || (invocation & CONFIRMED) !== 0) {
    draft.pair = associationOf(draft) * PAIRS + fields.invokeId;
  }
}

/** Answers are named by their question. */
function readAccess(reader: Reader, draft: Draft): void {
  const { fields } = draft;
  fields.invokeId = reader.u32be() & LONG_INVOKE_ID;
  draft.pair = associationOf(draft) * PAIRS + ACCESS_PAIR + (fields.invokeId % ACCESS_PAIR);
  reader.skip(readLength(reader)); // time
  if (fields.apdu === ACCESS) {
    readAccesses(reader, draft);
  }
}

/** Neither says which question it answers: that was the last one of the association. */
function readException(reader: Reader, draft: Draft, context: Context): void {
  const isException = draft.fields.apdu === EXCEPTION;
  const state = reader.u8();
  const service = reader.u8();
  draft.fields.result = service;
  reader.expect(isException ? 0 : 1);
  const pair = context.recall(associationOf(draft));
  if (typeof pair === 'number') {
    draft.pair = pair;
  }
  const reason = isException ? (SERVICE_ERRORS[service] ?? STATE_ERRORS[state]) : undefined;
  draft.refused = reason ?? `error ${state}/${service}`;
}

const VARIABLE_NAME = 2;
const PARAMETERISED = 4;

function readShortNames(reader: Reader, draft: Draft): void {
  const { fields } = draft;
  if (readLength(reader) === 0) {
    return;
  }
  const kind = fields.apdu === INFORMATION_REPORT ? 0 : reader.u8();
  if (kind === VARIABLE_NAME || kind === PARAMETERISED) {
    fields.shortName = reader.u16be();
    draft.target = `short name ${fields.shortName}`;
  }
}

/** The first of a list; of several reads the others stand behind data of any length. */
function readShortAnswer(reader: Reader, draft: Draft): void {
  if (readLength(reader) > 0 && reader.u8() === 1) {
    refuse(draft, reader.u8());
  }
}

/** Clause 9.2.7: the security header is in clear. */
function readEncrypted(reader: Reader, draft: Draft, plain: number): void {
  const service = SERVICES.get(plain);
  draft.operation = OPERATIONS.encrypted;
  draft.direction = service?.direction ?? (plain === INITIATE ? 'request' : 'response');
  readSecurityHeader(reader, draft.fields);
  if (draft.direction !== 'report' && plain !== UNCONFIRMED_WRITE) {
    draft.pair = associationOf(draft) * PAIRS + ENCRYPTED_PAIR;
  }
}

function readSecurityHeader(reader: Reader, fields: Draft['fields']): void {
  reader.expect(readLength(reader));
  fields.securityControl = reader.u8();
}

/** Messages that may hold any service, so that nobody sees which. */
function readGeneral(reader: Reader, draft: Draft): void {
  const { fields } = draft;
  switch (fields.apdu) {
    case GENERAL_GLOBAL:
    case GENERAL_DEDICATED:
      draft.operation = OPERATIONS.encrypted;
      readTitle(reader, fields);
      readSecurityHeader(reader, fields);
      break;
    case GENERAL_CIPHERING:
    case GENERAL_SIGNING:
      draft.operation = fields.apdu === GENERAL_SIGNING ? OPERATIONS.signed : OPERATIONS.encrypted;
      reader.skip(readLength(reader)); // transaction
      readTitle(reader, fields);
      break;
    default: {
      const control = reader.u8();
      draft.operation = OPERATIONS.transferBlock;
      fields.lastBlock = (control & LAST_BLOCK) !== 0;
      fields.block = reader.u16be();
      reader.skip(2); // acknowledged block
      reader.expect(readLength(reader));
    }
  }
}

const LAST_BLOCK = 0x80;

function readTitle(reader: Reader, fields: Draft['fields']): void {
  const title = reader.take(readLength(reader));
  if (title.length === SYSTEM_TITLE) {
    fields.systemTitle = titleText(title);
  }
}

/** FNV-1a over what is asked for. */
function likeOf({
  apdu,
  classId = 0,
  object = '',
  attribute = 0,
  method = 0,
  shortName = 0,
  block = 0,
}: Fields): number {
  let hash = 0x811c_9dc5;
  for (const number of [apdu, classId, attribute, method, shortName, block]) {
    hash = Math.imul(hash ^ number, 0x0100_0193);
  }
  for (let at = 0; at < object.length; at++) {
    hash = Math.imul(hash ^ object.charCodeAt(at), 0x0100_0193);
  }
  return hash >>> 0;
}
