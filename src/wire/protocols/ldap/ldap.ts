import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  type Direction,
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
import { Ber, berSpan, Tag } from '../../stack/ber.ts';
import { findNtlm, type NtlmMessage, observeNtlm } from '../../stack/ntlmssp.ts';

interface Fields {
  readonly messageId?: number;
  readonly protocolOp?: number;
  readonly name?: string;
  readonly scope?: number;
  readonly authentication?: string;
  readonly withoutPassword?: boolean;
  readonly requestName?: string;
  readonly resultCode?: number;
  readonly ntlm?: NtlmMessage;
  readonly rootEntry?: RootEntry;
}

/** What the directory says about its own server (RFC 4512, section 5.1, and what Active Directory adds). */
interface RootEntry {
  readonly dnsHostName?: string;
  readonly defaultNamingContext?: string;
  readonly vendorName?: string;
  readonly vendorVersion?: string;
}

const OPERATIONS = defineOperations({
  bind: ['bind', 'authenticate'],
  unbind: ['unbind', 'session'],
  search: ['search', 'read'],
  rootSearch: ['read root entry', 'discover'],
  modify: ['modify', 'configure'],
  add: ['add', 'configure'],
  delete: ['delete', 'configure'],
  rename: ['rename', 'configure'],
  compare: ['compare', 'read'],
  abandon: ['abandon', 'session'],
  startTls: ['start TLS', 'session'],
  changePassword: ['change password', 'configure'],
  whoAmI: ['who am I', 'read'],
  extended: ['extended operation', 'unknown'],
  intermediate: ['intermediate answer', 'report'],
  protected: ['protected message', 'unknown'],
});

/** Application tags (RFC 4511, section 4.2 and following). */
const BIND = 0;
const UNBIND = 2;
const SEARCH = 3;
const SEARCH_ENTRY = 4;
const SEARCH_REFERENCE = 19;
const ABANDON = 16;
const EXTENDED = 23;
const EXTENDED_ANSWER = 24;
const INTERMEDIATE = 25;

const REQUESTS: ReadonlyMap<number, Operation> = new Map([
  [BIND, OPERATIONS.bind],
  [UNBIND, OPERATIONS.unbind],
  [SEARCH, OPERATIONS.search],
  [6, OPERATIONS.modify],
  [8, OPERATIONS.add],
  [10, OPERATIONS.delete],
  [12, OPERATIONS.rename],
  [14, OPERATIONS.compare],
  [ABANDON, OPERATIONS.abandon],
  [EXTENDED, OPERATIONS.extended],
]);
const ANSWERS: ReadonlyMap<number, Operation> = new Map([
  [1, OPERATIONS.bind],
  [SEARCH_ENTRY, OPERATIONS.search],
  [5, OPERATIONS.search],
  [7, OPERATIONS.modify],
  [9, OPERATIONS.add],
  [11, OPERATIONS.delete],
  [13, OPERATIONS.rename],
  [15, OPERATIONS.compare],
  [SEARCH_REFERENCE, OPERATIONS.search],
  [EXTENDED_ANSWER, OPERATIONS.extended],
  [INTERMEDIATE, OPERATIONS.intermediate],
]);
/** Extended operations (RFC 4511, section 4.14; RFC 3062; RFC 4532). */
const EXTENDED_OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['1.3.6.1.4.1.1466.20037', OPERATIONS.startTls],
  ['1.3.6.1.4.1.4203.1.11.1', OPERATIONS.changePassword],
  ['1.3.6.1.4.1.4203.1.11.3', OPERATIONS.whoAmI],
]);

/** Results that are no refusal: done, compared, referred, and one more step of a bind (RFC 4511, section 4.1.9). */
const NOT_REFUSED: ReadonlySet<number> = new Set([0, 5, 6, 10, 14]);
const RESULTS: ReadonlyMap<number, string> = new Map([
  [1, 'operations error'],
  [2, 'protocol error'],
  [3, 'time limit exceeded'],
  [4, 'size limit exceeded'],
  [7, 'authentication method not supported'],
  [8, 'stronger authentication required'],
  [32, 'no such object'],
  [34, 'invalid name'],
  [48, 'inappropriate authentication'],
  [49, 'invalid credentials'],
  [50, 'insufficient access rights'],
  [51, 'busy'],
  [53, 'unwilling to perform'],
  [68, 'entry already exists'],
]);

const CLASS_BITS = 0xc0;
const APPLICATION = 0x40;
const NUMBER_BITS = 0x1f;
/** Choices of a bind: [0] a password, [3] SASL. */
const SIMPLE = 0x80;
const SASL = 0xa3;
const REQUEST_NAME = 0x80;
const SERVER_CREDENTIALS = 0x87;

const ROOT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'dnshostname',
  'defaultnamingcontext',
  'vendorname',
  'vendorversion',
]);
/** A length before what SASL protects (RFC 4422, section 3.7). */
const SASL_HEADER = 4;
const LONGEST_PROTECTED = 0x100000;

export const ldap = defineDissector<Fields>({
  name: 'ldap',
  title: 'LDAP',
  source: 'RFC 4511; RFC 4512; RFC 4422',
  at: [{ tcp: 389 }, { tcp: 3268 }, { udp: 389 }],
  operations: OPERATIONS,
  fields: {
    messageId: 'Pairs an answer with its question; absent when protected',
    protocolOp: 'Number of the operation; absent when protected',
    name: 'Entry that is meant, or who signs in',
    scope: 'Search: 0 the entry itself, 1 one level, 2 everything below',
    authentication: 'Bind: simple, or the SASL mechanism',
    withoutPassword: 'Bind: no password was sent',
    requestName: 'Extended operations: which one',
    resultCode: 'In an answer; 0 is success',
    ntlm: 'Names in an NTLM sign-in',
    rootEntry: 'What the server says about itself',
  },

  cut(reader, { transport }) {
    if (transport !== 'tcp') {
      return reader.remaining;
    }
    if (reader.remaining === 0) {
      return MORE;
    }
    if (reader.peek() === Tag.sequence) {
      return berSpan(reader);
    }
    if (reader.peek() !== 0) {
      return NOT_MINE;
    }
    if (reader.remaining < SASL_HEADER) {
      return MORE;
    }
    const length = reader.u32be();
    return length === 0 || length > LONGEST_PROTECTED ? NOT_MINE : SASL_HEADER + length;
  },

  recognise(reader) {
    const first = reader.peek(1);
    const header = first < 0x80 ? 2 : 2 + (first & 0x7f);
    const digits = reader.peek(header + 1);
    if (reader.peek() !== Tag.sequence || reader.peek(header) !== Tag.integer || digits < 1 || digits > 4) {
      return 'no';
    }
    const tag = reader.peek(header + 2 + digits);
    const known = (tag & CLASS_BITS) === APPLICATION;
    return known && (REQUESTS.has(tag & NUMBER_BITS) || ANSWERS.has(tag & NUMBER_BITS)) ? 'strong' : 'no';
  },

  read(reader, context) {
    if (context.transport === 'tcp' && reader.peek() === 0) {
      return readProtected(reader, context);
    }
    const message = Ber.of(reader, 0).expect(Tag.sequence).children();
    const messageId = message.expect(Tag.integer).integer();
    message.next();
    const protocolOp = message.tag & NUMBER_BITS;
    const operation = REQUESTS.get(protocolOp) ?? ANSWERS.get(protocolOp);
    if (!reader.truncated && (operation === undefined || (message.tag & CLASS_BITS) !== APPLICATION)) {
      return new Malformed(message.problem ?? 'no operation of LDAP');
    }
    const fields: DraftFields = { messageId, protocolOp };
    const reading = REQUESTS.has(protocolOp)
      ? readRequest(message, operation ?? OPERATIONS.extended, fields)
      : readAnswer(message, operation ?? OPERATIONS.extended, fields, context);
    return message.problem === undefined ? reading : new Malformed(message.problem);
  },

  observe({ direction, fields }, context) {
    if (fields.ntlm) {
      return observeNtlm(fields.ntlm, 'LDAP');
    }
    if (fields.rootEntry) {
      return observeRoot(fields.rootEntry, context);
    }
    const { name, authentication, withoutPassword } = fields;
    if (direction !== 'request' || fields.protocolOp !== BIND) {
      return NOTHING;
    }
    if (authentication === 'simple' && name) {
      return [{ kind: 'credential', scheme: 'LDAP', user: name, secret: withoutPassword ? 'none' : 'sent' }];
    }
    return authentication === 'PLAIN' ? [{ kind: 'credential', scheme: 'LDAP', secret: 'sent' }] : NOTHING;
  },
});

type DraftFields = Mutable<Fields>;

function readProtected(reader: Reader, { fromClient }: Context): Reading<Fields> {
  reader.expect(reader.u32be());
  return { direction: fromClient ? 'request' : 'response', operation: OPERATIONS.protected, fields: {} };
}

function readRequest(message: Ber, asked: Operation, fields: DraftFields): Reading<Fields> {
  let operation = asked;
  switch (fields.protocolOp) {
    case UNBIND:
    case ABANDON:
      return { direction: 'report', operation, fields };
    case BIND:
      readBind(message.children(), fields);
      break;
    case SEARCH: {
      const search = message.children();
      fields.name = search.expect(Tag.octetString).text();
      fields.scope = search.expect(Tag.enumerated).integer();
      operation = fields.name === '' && fields.scope === 0 ? OPERATIONS.rootSearch : operation;
      break;
    }
    case EXTENDED:
      fields.requestName = message.children().expect(REQUEST_NAME).text();
      operation = EXTENDED_OPERATIONS.get(fields.requestName) ?? operation;
      break;
    default:
      fields.name = nameOf(message);
  }
  const { messageId: pair = 0, name, requestName } = fields;
  const reading = {
    direction: 'request',
    operation,
    fields,
    pair,
    like: name ?? requestName ?? '',
    proves: true,
  } as const;
  return name && operation.effect === 'configure' ? { ...reading, target: name } : reading;
}

/** A deletion is the name itself; the others start with it. */
function nameOf(message: Ber): string {
  return (message.tag & 0x20) === 0 ? message.text() : message.children().expect(Tag.octetString).text();
}

/** RFC 4511, section 4.2. */
function readBind(bind: Ber, fields: DraftFields): void {
  bind.expect(Tag.integer);
  fields.name = bind.expect(Tag.octetString).text();
  if (!bind.next()) {
    return;
  }
  if (bind.tag === SIMPLE) {
    fields.authentication = 'simple';
    fields.withoutPassword = bind.length === 0;
  } else if (bind.tag === SASL) {
    const sasl = bind.children();
    fields.authentication = sasl.expect(Tag.octetString).text();
    readToken(sasl, Tag.octetString, fields);
  } else {
    // Windows binds with NTLM by tags of its own (MS-ADTS, section 5.1.1.1.3).
    fields.authentication = 'other';
    noteNtlm(bind.bytes(), fields);
  }
}

function readToken(holder: Ber, tag: number, fields: DraftFields): void {
  while (holder.next()) {
    if (holder.tag === tag) {
      noteNtlm(holder.bytes(), fields);
    }
  }
}

function noteNtlm(token: Uint8Array, fields: DraftFields): void {
  const ntlm = findNtlm(token);
  if (ntlm) {
    fields.ntlm = ntlm;
  }
}

function readAnswer(message: Ber, operation: Operation, fields: DraftFields, context: Context): Reading<Fields> {
  const { messageId: pair = 0, protocolOp } = fields;
  const asked = context.question(pair)?.operation;
  const direction: Direction = 'response';
  if (protocolOp === SEARCH_ENTRY) {
    readEntry(message.children(), fields);
    return { direction, operation: asked ?? operation, fields };
  }
  if (protocolOp === SEARCH_REFERENCE || protocolOp === INTERMEDIATE) {
    return { direction, operation: asked ?? operation, fields };
  }
  const result = message.children();
  const resultCode = result.expect(Tag.enumerated).integer();
  fields.resultCode = resultCode;
  result.expect(Tag.octetString);
  result.expect(Tag.octetString);
  // A bind's answer holds the server's token: [7], or what stands for it in Windows' own binds.
  readToken(result, SERVER_CREDENTIALS, fields);
  const reading: Reading<Fields> = { direction, operation: asked ?? operation, fields, pair };
  return NOT_REFUSED.has(resultCode)
    ? reading
    : { ...reading, refused: RESULTS.get(resultCode) ?? `result ${resultCode}` };
}

/** Only the root entry is looked into: its name is empty (RFC 4511, section 4.5.2). */
function readEntry(entry: Ber, fields: DraftFields): void {
  fields.name = entry.expect(Tag.octetString).text();
  const attributes = entry.expect(Tag.sequence).children();
  if (fields.name !== '') {
    return;
  }
  const values = new Map<string, string>();
  while (attributes.next()) {
    const attribute = attributes.children();
    const type = attribute.expect(Tag.octetString).text().toLowerCase();
    const found = attribute.expect(Tag.set).children();
    if (ROOT_ATTRIBUTES.has(type) && found.next()) {
      values.set(type, found.text());
    }
  }
  const dnsHostName = values.get('dnshostname');
  const defaultNamingContext = values.get('defaultnamingcontext');
  const vendorName = values.get('vendorname');
  const vendorVersion = values.get('vendorversion');
  if (values.size > 0) {
    fields.rootEntry = {
      ...(dnsHostName === undefined ? {} : { dnsHostName }),
      ...(defaultNamingContext === undefined ? {} : { defaultNamingContext }),
      ...(vendorName === undefined ? {} : { vendorName }),
      ...(vendorVersion === undefined ? {} : { vendorVersion }),
    };
  }
}

function observeRoot(root: RootEntry, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  const { dnsHostName, vendorName, vendorVersion } = root;
  const identity = known({ name: dnsHostName });
  if (identity.name !== undefined) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', ...identity });
  }
  const banner = [vendorName, vendorVersion].filter((part) => part !== undefined).join(' ');
  if (banner !== '') {
    observations.push({ kind: 'service', subject: 'sender', banner });
  }
  if (context.recall('server') === undefined) {
    context.remember('server', true);
    observations.push({
      kind: 'role',
      subject: 'sender',
      role: 'server',
      reason: 'serves a directory',
      basis: 'behaviour',
    });
  }
  return observations;
}
