import { type Context, defineDissector, Malformed, NOTHING, type Operation, type Reading } from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { Ber, berSpan, Tag } from '../../stack/ber.ts';
import { findUserData, NO_USER_DATA, startsSession } from '../../stack/iso-upper-layers.ts';
import { accessError, choiceOf, readServiceError } from './errors.ts';
import { type Draft, FIELDS, type Fields } from './fields.ts';
import { confirmedOperation, OPERATIONS, Service, unconfirmedOperation } from './operations.ts';
import { readName, readNameplate, readResults, readVariables } from './variables.ts';

/** ISO 9506-2, section 7.1: the PDUs. */
const CONFIRMED_REQUEST = 0xa0;
const CONFIRMED_RESPONSE = 0xa1;
const CONFIRMED_ERROR = 0xa2;
const UNCONFIRMED = 0xa3;
const REJECT = 0xa4;
const CANCEL_REQUEST = 0x85;
const CANCEL_RESPONSE = 0x86;
const CANCEL_ERROR = 0xa7;
const INITIATE_REQUEST = 0xa8;
const INITIATE_RESPONSE = 0xa9;
const INITIATE_ERROR = 0xaa;
const CONCLUDE_REQUEST = 0x8b;
const CONCLUDE_RESPONSE = 0x8c;
const CONCLUDE_ERROR = 0xad;

const PDU_TYPES: ReadonlyMap<number, string> = new Map([
  [CONFIRMED_REQUEST, 'confirmed-request'],
  [CONFIRMED_RESPONSE, 'confirmed-response'],
  [CONFIRMED_ERROR, 'confirmed-error'],
  [UNCONFIRMED, 'unconfirmed'],
  [REJECT, 'reject'],
  [CANCEL_REQUEST, 'cancel-request'],
  [CANCEL_RESPONSE, 'cancel-response'],
  [CANCEL_ERROR, 'cancel-error'],
  [INITIATE_REQUEST, 'initiate-request'],
  [INITIATE_RESPONSE, 'initiate-response'],
  [INITIATE_ERROR, 'initiate-error'],
  [CONCLUDE_REQUEST, 'conclude-request'],
  [CONCLUDE_RESPONSE, 'conclude-response'],
  [CONCLUDE_ERROR, 'conclude-error'],
]);

/** Without session and presentation, a shorter PDU says too little to be told from anything else. */
const SHORTEST_BARE = 3;
/** Pair keys beside the invoke ids, which are never negative. */
const INITIATE_PAIR = -1;
const CONCLUDE_PAIR = -2;
const FIRST_CANCEL_PAIR = -3;
const SHOWN_AS_61850 = 'mms.iec61850';
/** A path of IEC 61850-8-1: logical node, functional constraint, and more. */
const PATH = /^\w+\$(?:ST|MX|SP|SV|CF|DC|SG|SE|EX|OR|BL|CO|RP|BR|GO|MS|US|LG|SR)(?:\$|$)/;

/** Elements inside the services that are read. */
const FIRST_NAME = 0x80;
const VENDOR = 0x80;
const MODEL = 0x81;
const REVISION = 0x82;
const READ_SPECIFICATION = 0xa1;
const READ_RESULTS = 0xa1;
const DOMAIN_SCOPE = 0x81;
const ORIGINAL_INVOKE_ID = 0x80;
const SERVICE_ERROR = 0xa2;
const CANCEL_SERVICE_ERROR = 0xa1;
const MAX_PDU_SIZE = 0x80;

export const mms = defineDissector<Fields>({
  name: 'mms',
  title: 'MMS',
  source: 'ISO 9506-2; IEC 61850-8-1; ISO 8327-1, 8823-1 and 8650-1 for what it travels in',
  at: [{ within: 'cotp' }],
  operations: OPERATIONS,
  fields: FIELDS,

  recognise(reader) {
    const { truncated } = reader;
    const bare = PDU_TYPES.has(reader.peek());
    const found = bare || !startsSession(reader) ? NO_USER_DATA : findUserData(reader);
    const likeness = bare ? likenessOfBare(reader) : found === NO_USER_DATA ? 'no' : likenessOfPdu(reader);
    reader.truncated = truncated;
    return likeness;
  },

  read(reader, context) {
    const bare = PDU_TYPES.has(reader.peek());
    if (!bare && findUserData(reader) === NO_USER_DATA && !reader.truncated) {
      return new Malformed('session layer without user data of the presentation layer');
    }
    const pdu = Ber.of(reader, 0);
    const reading = pdu.next() ? readPdu(pdu, context) : undefined;
    if (pdu.problem !== undefined) {
      return new Malformed(pdu.problem);
    }
    if (!reading && !reader.truncated) {
      return new Malformed('no PDU of MMS');
    }
    return reading ?? { direction: 'report', operation: OPERATIONS.unknown, fields: { pduType: '' } };
  },

  observe,
});

function likenessOfBare(reader: Reader): 'strong' | 'no' {
  const fits = reader.remaining >= SHORTEST_BARE && berSpan(reader) === reader.remaining;
  return fits && likenessOfPdu(reader) === 'strong' ? 'strong' : 'no';
}

/** The reader is at a PDU; other applications of the same layers do not begin theirs with such elements. */
function likenessOfPdu(reader: Reader): 'strong' | 'no' {
  const tag = reader.peek();
  const lengthOctets = reader.peek(1) < 0x80 ? 1 : 1 + (reader.peek(1) & 0x7f);
  const first = reader.peek(1 + lengthOctets);
  switch (tag) {
    case CONFIRMED_REQUEST:
    case CONFIRMED_RESPONSE:
      return first === Tag.integer ? 'strong' : 'no';
    case CONFIRMED_ERROR:
    case CANCEL_ERROR:
      return first === ORIGINAL_INVOKE_ID ? 'strong' : 'no';
    default:
      return PDU_TYPES.has(tag) ? 'strong' : 'no';
  }
}

function readPdu(pdu: Ber, context: Context): Reading<Fields> | undefined {
  const pduType = PDU_TYPES.get(pdu.tag);
  if (pduType === undefined) {
    return undefined;
  }
  switch (pdu.tag) {
    case CONFIRMED_REQUEST:
      return readRequest(pdu, pduType);
    case CONFIRMED_RESPONSE:
      return readResponse(pdu, pduType, context);
    case CONFIRMED_ERROR:
    case CANCEL_ERROR:
    case REJECT:
      return readError(pdu, pduType, context);
    case UNCONFIRMED:
      return readReport(pdu, pduType);
    default:
      return readAssociation(pdu, pduType);
  }
}

function readRequest(pdu: Ber, pduType: string): Reading<Fields> {
  const parts = pdu.children();
  const invokeId = parts.expect(Tag.integer).unsigned();
  parts.optional(Tag.sequence); // modifiers
  const fields: Draft = { pduType, invokeId };
  let operation = OPERATIONS.unknown;
  if (parts.next()) {
    const service = choiceOf(parts.tag);
    fields.service = service;
    operation = readRequestedService(parts, service, fields);
  }
  const target = targetOf(fields);
  return {
    direction: 'request',
    operation,
    fields,
    pair: invokeId,
    ...(target === undefined ? {} : { target, like: target }),
  };
}

function targetOf({ domainId, itemId, fileName, programInvocation }: Fields): string | undefined {
  return domainId !== undefined && itemId !== undefined
    ? `${domainId}/${itemId}`
    : (domainId ?? itemId ?? fileName ?? programInvocation);
}

function readRequestedService(part: Ber, service: number, fields: Draft): Operation {
  const inside = part.children();
  switch (service) {
    case Service.read:
      while (inside.next()) {
        if (inside.tag === READ_SPECIFICATION) {
          readSpecification(inside.children(), fields, false);
        }
      }
      return OPERATIONS.read;
    case Service.write:
      return readSpecification(inside, fields, true);
    case Service.getNameList:
      readScope(inside, fields);
      break;
    case Service.getVariableAttributes:
      if (inside.next()) {
        readWrappedName(inside, fields);
      }
      break;
    case Service.getListAttributes:
      if (inside.next()) {
        readName(inside, fields);
      }
      break;
    case Service.fileOpen:
    case Service.fileDelete:
      readFileName(inside, service, fields);
      break;
    default:
      readProgram(part, service, fields);
  }
  return confirmedOperation(service);
}

/** Domains and program invocations by their names: alone, or the first element. */
function readProgram(part: Ber, service: number, fields: Draft): void {
  switch (service) {
    case Service.download:
    case Service.startUpload:
    case Service.deleteDomain:
    case Service.getDomainAttributes:
      fields.domainId = part.text();
      return;
    case Service.startDownload:
      fields.domainId = firstName(part);
      return;
    case Service.deleteInvocation:
    case Service.getInvocationAttributes:
      fields.programInvocation = part.text();
      return;
    case Service.createInvocation:
    case Service.start:
    case Service.stop:
    case Service.resume:
    case Service.reset:
    case Service.kill:
      fields.programInvocation = firstName(part);
      return;
    default:
  }
}

function firstName(part: Ber): string {
  const name = part.children();
  return name.next() && name.tag === FIRST_NAME ? name.text() : '';
}

function readSpecification(specification: Ber, fields: Draft, writes: boolean): Operation {
  return specification.next() ? readVariables(specification, fields, writes) : OPERATIONS.write;
}

function readWrappedName(choice: Ber, fields: Draft): void {
  const name = choice.children();
  if (name.next()) {
    readName(name, fields);
  }
}

/** Names of what: of the whole device, of one domain, or of this association. */
function readScope(inside: Ber, fields: Draft): void {
  while (inside.next()) {
    const scope = inside.children();
    if (scope.next() && scope.tag === DOMAIN_SCOPE) {
      fields.domainId = scope.text();
    }
  }
}

/** A name is a sequence of strings, of which there is one in all known devices. */
function readFileName(inside: Ber, service: number, fields: Draft): void {
  if (service === Service.fileOpen && !inside.next()) {
    return;
  }
  const name = service === Service.fileOpen ? inside.children() : inside;
  if (name.next()) {
    const text = name.tag === Tag.sequence ? name.children() : name;
    if (text === name || text.next()) {
      fields.fileName = text.text();
    }
  }
}

function readResponse(pdu: Ber, pduType: string, context: Context): Reading<Fields> {
  const parts = pdu.children();
  const invokeId = parts.expect(Tag.integer).unsigned();
  const question = context.question(invokeId);
  const fields: Draft = { pduType, invokeId };
  let operation = question?.operation ?? OPERATIONS.unknown;
  if (parts.next()) {
    const service = choiceOf(parts.tag);
    const asked = question?.fields as Fields | undefined;
    fields.service = service;
    operation = question && asked?.service === service ? question.operation : confirmedOperation(service);
    readAnsweredService(parts, service, fields, asked);
  }
  const refused = fields.variables !== undefined && fields.failures === fields.variables;
  return {
    direction: 'response',
    operation,
    fields,
    pair: invokeId,
    ...(refused && fields.failures ? { refused: accessError(fields.errorCode ?? 0) } : {}),
  };
}

function readAnsweredService(part: Ber, service: number, fields: Draft, asked: Fields | undefined): void {
  const inside = part.children();
  switch (service) {
    case Service.write:
      readResults(inside, fields);
      break;
    case Service.read:
      readValues(inside, fields, asked);
      break;
    case Service.identify:
      readIdentity(inside, fields);
      break;
    default:
  }
}

function readIdentity(inside: Ber, fields: Draft): void {
  while (inside.next()) {
    if (inside.tag === VENDOR) {
      fields.vendorName = inside.text();
    } else if (inside.tag === MODEL) {
      fields.modelName = inside.text();
    } else if (inside.tag === REVISION) {
      fields.revision = inside.text();
    }
  }
}

function readValues(inside: Ber, fields: Draft, asked: Fields | undefined): void {
  while (inside.next()) {
    if (inside.tag === READ_RESULTS) {
      readResults(inside.children(), fields);
      readPlate(inside.children(), fields, asked);
    }
  }
}

function readPlate(results: Ber, fields: Draft, asked: Fields | undefined): void {
  if (asked?.service === Service.read && asked.variables === 1 && asked.itemId && results.next()) {
    readNameplate(results, asked.itemId, fields);
  }
}

/** Errors of a service and of its cancellation, and PDUs that were not understood. */
function readError(pdu: Ber, pduType: string, context: Context): Reading<Fields> {
  const fields: Draft = { pduType };
  let refused = 'rejected';
  const confirmed = pdu.tag === CONFIRMED_ERROR;
  const cancels = pdu.tag === CANCEL_ERROR;
  const parts = pdu.children();
  let id: number | undefined;
  while (parts.next()) {
    if (parts.tag === ORIGINAL_INVOKE_ID) {
      id = parts.unsigned();
    } else if (parts.tag === SERVICE_ERROR || (cancels && parts.tag === CANCEL_SERVICE_ERROR)) {
      refused = readServiceError(parts.children(), fields);
    }
  }
  if (id === undefined) {
    return { direction: 'report', operation: OPERATIONS.reject, refused, fields };
  }
  if (confirmed) {
    fields.invokeId = id;
  } else {
    fields.originalInvokeId = id;
  }
  const pair = cancels ? FIRST_CANCEL_PAIR - id : id;
  const other = cancels ? OPERATIONS.cancel : OPERATIONS.reject;
  const operation = context.question(pair)?.operation ?? (confirmed ? OPERATIONS.unknown : other);
  return { direction: 'response', operation, pair, refused, fields };
}

function readReport(pdu: Ber, pduType: string): Reading<Fields> {
  const fields: Draft = { pduType };
  const parts = pdu.children();
  let operation = OPERATIONS.unknown;
  if (parts.next()) {
    const service = choiceOf(parts.tag);
    fields.service = service;
    operation = unconfirmedOperation(service);
    if (operation === OPERATIONS.informationReport) {
      readSpecification(parts.children(), fields, false);
    }
  }
  const target = targetOf(fields);
  return { direction: 'report', operation, fields, ...(target === undefined ? {} : { target }) };
}

/** Initiate, conclude and cancel. */
function readAssociation(pdu: Ber, pduType: string): Reading<Fields> {
  const fields: Draft = { pduType };
  switch (pdu.tag) {
    case INITIATE_REQUEST:
      readInitiate(pdu.children(), fields);
      return { direction: 'request', operation: OPERATIONS.initiate, pair: INITIATE_PAIR, proves: true, fields };
    case INITIATE_RESPONSE:
      readInitiate(pdu.children(), fields);
      return { direction: 'response', operation: OPERATIONS.initiate, pair: INITIATE_PAIR, fields };
    case INITIATE_ERROR: {
      const refused = readServiceError(pdu.children(), fields);
      return { direction: 'response', operation: OPERATIONS.initiate, pair: INITIATE_PAIR, refused, fields };
    }
    case CONCLUDE_REQUEST:
      return { direction: 'request', operation: OPERATIONS.conclude, pair: CONCLUDE_PAIR, fields };
    case CONCLUDE_RESPONSE:
      return { direction: 'response', operation: OPERATIONS.conclude, pair: CONCLUDE_PAIR, fields };
    case CONCLUDE_ERROR: {
      const refused = readServiceError(pdu.children(), fields);
      return { direction: 'response', operation: OPERATIONS.conclude, pair: CONCLUDE_PAIR, refused, fields };
    }
    default: {
      const id = pdu.unsigned();
      fields.originalInvokeId = id;
      const direction = pdu.tag === CANCEL_REQUEST ? 'request' : 'response';
      return { direction, operation: OPERATIONS.cancel, pair: FIRST_CANCEL_PAIR - id, fields };
    }
  }
}

function readInitiate(parts: Ber, fields: Draft): void {
  while (parts.next()) {
    if (parts.tag === MAX_PDU_SIZE) {
      fields.maxPduSize = parts.unsigned();
    }
  }
}

function observe(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { fields, direction, pair } = reading;
  if (direction !== 'response' || fields.invokeId === undefined || reading.refused !== undefined) {
    return NOTHING;
  }
  const observations: Observation[] = [];
  const { vendorName, modelName, revision, hardwareRevision, serialNumber } = fields;
  const identity = known({
    vendor: vendorName?.trim(),
    product: modelName?.trim(),
    firmware: revision?.trim(),
    hardware: hardwareRevision?.trim(),
    serial: serialNumber?.trim(),
  });
  if (Object.keys(identity).length > 0) {
    const basis = fields.service === Service.identify ? 'identification' : 'description';
    observations.push({ kind: 'identity', subject: 'sender', basis, ...identity });
  }
  if (context.recall(SHOWN_AS_61850) === undefined) {
    const asked = pair === undefined ? undefined : (context.question(pair)?.fields as Fields | undefined);
    if (asked?.itemId !== undefined && PATH.test(asked.itemId)) {
      context.remember(SHOWN_AS_61850, true);
      const reason = 'answers for the logical nodes of IEC 61850';
      observations.push({ kind: 'role', subject: 'sender', role: 'rtu', reason, basis: 'behaviour' });
    }
  }
  return observations.length > 0 ? observations : NOTHING;
}
