import type { Context, Direction, Operation, PairKey, Reading } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { type Fields, type Header, pairOf } from './fields.ts';
import { BY_FUNCTION, BY_SERVICE, OPERATIONS } from './operations.ts';
import { areaName, BLOCK_NAME, blockName, itemRefusal, refusalOf, SUCCESS } from './texts.ts';

const READ_VARIABLE = 0x04;
const WRITE_VARIABLE = 0x05;
const REQUEST_DOWNLOAD = 0x1a;
const DOWNLOAD_BLOCK = 0x1b;
const END_DOWNLOAD = 0x1c;
const START_UPLOAD = 0x1d;
const INVOKE = 0x28;
const SETUP = 0xf0;

export function readJob(reader: Reader, header: Header, context: Context): Reading<Fields> {
  const { pduType, pduReference } = header;
  const pair = pairOf(pduReference, context.fromClient);
  if (header.parameterLength === 0) {
    return { direction: 'request', operation: OPERATIONS.unknown, pair, fields: { pduType, pduReference } };
  }
  const functionCode = reader.u8();
  const operation = BY_FUNCTION.get(functionCode) ?? OPERATIONS.unknown;
  const base = { pduType, pduReference, functionCode };
  switch (functionCode) {
    case READ_VARIABLE:
    case WRITE_VARIABLE:
      return readVariables(reader, base, operation, pair);
    case REQUEST_DOWNLOAD:
    case START_UPLOAD:
    case DOWNLOAD_BLOCK:
    case END_DOWNLOAD: {
      const transfer = readTransfer(reader, functionCode);
      const proves = functionCode === REQUEST_DOWNLOAD || functionCode === START_UPLOAD;
      const target = transfer.blockName;
      return { direction: 'request', operation, pair, target, proves, fields: { ...base, ...transfer } };
    }
    case INVOKE: {
      const invocation = readInvocation(reader);
      const invoked = BY_SERVICE.get(invocation.service ?? '') ?? OPERATIONS.invoke;
      const fields = { ...base, ...invocation };
      const target = invocation.blockName === undefined ? {} : { target: invocation.blockName };
      return { direction: 'request', operation: invoked, pair, ...target, proves: true, fields };
    }
    case SETUP: {
      reader.skip(5); // reserved, jobs in parallel as caller and as called
      const maximumPdu = reader.u16be();
      return { direction: 'request', operation, pair, proves: true, fields: { ...base, maximumPdu } };
    }
    default:
      return { direction: 'request', operation, pair, proves: operation !== OPERATIONS.unknown, fields: base };
  }
}

interface Base extends Pick<Fields, 'pduType' | 'pduReference'> {
  readonly functionCode: number;
}

/** Specification of a variable by area, block and bit: `12 0a 10`. Other kinds are counted only. */
const SPECIFICATION = 0x12;
const ANY_LENGTH = 10;
const ANY_SYNTAX = 0x10;

function readVariables(reader: Reader, base: Base, operation: Operation, pair: PairKey): Reading<Fields> {
  const { pduType, pduReference, functionCode } = base;
  const itemCount = reader.u8();
  const direction: Direction = 'request';
  if (reader.peek(0) !== SPECIFICATION || reader.peek(1) !== ANY_LENGTH || reader.peek(2) !== ANY_SYNTAX) {
    skipItems(reader, itemCount);
    return { direction, operation, pair, proves: true, fields: { pduType, pduReference, functionCode, itemCount } };
  }
  reader.skip(4); // the three marks and the size of an element
  const count = reader.u16be();
  const block = reader.u16be();
  const area = reader.u8();
  const address = reader.u24be();
  skipItems(reader, itemCount - 1);
  // 5 bits of count, then area, block and address: 53 bits in all.
  const like = (((itemCount & 0x1f) * 256 + area) * 0x10000 + block) * 0x1000000 + address;
  const target = areaName(area, block);
  const fields = { pduType, pduReference, functionCode, itemCount, area, block, address, count };
  return { direction, operation, pair, like, target, proves: true, fields };
}

function skipItems(reader: Reader, count: number): void {
  for (let left = count; left > 0; left--) {
    reader.skip(1);
    const length = reader.u8();
    // An item of odd length is followed by a fill byte, unless it is the last.
    reader.skip(length + (left > 1 ? length & 1 : 0));
    if (reader.truncated) {
      return;
    }
  }
}

interface Transfer extends Pick<Fields, 'loadLength'> {
  readonly blockName: string;
}

/** Names a block by `_`, type, number and file system: `_0A00001P`. A download tells its length in decimal digits. */
function readTransfer(reader: Reader, functionCode: number): Transfer {
  reader.skip(7); // status, error, number of the transfer
  const name = announcedText(reader);
  const block = blockName(name.startsWith('_') ? name.slice(1) : name);
  if (functionCode !== REQUEST_DOWNLOAD || reader.remaining === 0) {
    return { blockName: block };
  }
  const loadLength = Number(announcedText(reader).slice(1, 7));
  return Number.isInteger(loadLength) ? { blockName: block, loadLength } : { blockName: block };
}

function announcedText(reader: Reader): string {
  const length = reader.u8();
  reader.expect(length);
  return reader.text(length, 'latin-1');
}

/** Services whose parameters are known, and hold no password. */
const PLAIN_ARGUMENT: ReadonlySet<string> = new Set(['P_PROGRAM', '_MODU']);
const BLOCK_SERVICES: ReadonlySet<Operation> = new Set([OPERATIONS.activateBlock, OPERATIONS.deleteBlock]);

function readInvocation(reader: Reader): Pick<Fields, 'service' | 'argument' | 'blockName'> {
  reader.skip(7);
  const length = reader.u16be();
  reader.expect(length);
  const parameters = reader.sub(length);
  const service = announcedText(reader);
  const operation = BY_SERVICE.get(service);
  if (operation !== undefined && BLOCK_SERVICES.has(operation)) {
    return { service, blockName: readBlockNames(parameters) };
  }
  const argument = PLAIN_ARGUMENT.has(service) ? parameters.text(length, 'latin-1').trim() : '';
  return argument === '' ? { service } : { service, argument };
}

function readBlockNames(parameters: Reader): string {
  const names: string[] = [];
  parameters.skip(2); // their number, and a byte that is 0
  while (parameters.remaining >= BLOCK_NAME && names.length < 32) {
    names.push(blockName(parameters.text(BLOCK_NAME, 'latin-1')));
  }
  return names.join(', ');
}

export function readAnswer(reader: Reader, header: Header, context: Context): Reading<Fields> {
  const { pduType, pduReference, parameterLength, errorCode } = header;
  const pair = pairOf(pduReference, !context.fromClient);
  if (parameterLength > 0 && errorCode === 0) {
    return readAccepted(reader, { pduType, pduReference, functionCode: reader.u8() }, pair, context);
  }
  const called = parameterLength === 0 ? {} : { functionCode: reader.u8() };
  const operation = context.question(pair)?.operation ?? BY_FUNCTION.get(called.functionCode ?? -1);
  const answer = { direction: 'response', operation: operation ?? OPERATIONS.acknowledge, pair } as const;
  const refused = refusalOf(errorCode);
  return refused === undefined
    ? { ...answer, fields: { pduType, pduReference, ...called } }
    : { ...answer, refused, fields: { pduType, pduReference, ...called, errorCode } };
}

function readAccepted(reader: Reader, base: Base, pair: PairKey, context: Context): Reading<Fields> {
  const { pduType, pduReference, functionCode } = base;
  const direction: Direction = 'response';
  if (functionCode === READ_VARIABLE || functionCode === WRITE_VARIABLE) {
    const operation = functionCode === READ_VARIABLE ? OPERATIONS.readVariable : OPERATIONS.writeVariable;
    const itemCount = reader.u8();
    const returnCode = resultOf(reader, itemCount, functionCode === READ_VARIABLE);
    const fields = { pduType, pduReference, functionCode, itemCount, returnCode };
    const refused = itemRefusal(returnCode);
    return refused === undefined
      ? { direction, operation, pair, fields }
      : { direction, operation, pair, refused, fields };
  }
  const operation = context.question(pair)?.operation ?? BY_FUNCTION.get(functionCode) ?? OPERATIONS.unknown;
  if (functionCode !== SETUP) {
    return { direction, operation, pair, fields: base };
  }
  reader.skip(5); // reserved, jobs in parallel as caller and as called
  return { direction, operation, pair, fields: { ...base, maximumPdu: reader.u16be() } };
}

/** Transport sizes whose length is counted in bits. */
const BIT_LENGTHS: ReadonlySet<number> = new Set([3, 4, 5]);

/** The first failure where every item failed, else success. Looks ahead only: what is odd here breaks nothing. */
function resultOf(reader: Reader, itemCount: number, withData: boolean): number {
  const first = reader.peek(0);
  reader.expect(itemCount > 0 ? 1 : 0);
  if (first === SUCCESS || itemCount === 0) {
    return SUCCESS;
  }
  let at = 0;
  for (let item = 0; item < itemCount && at < reader.remaining; item++) {
    if (reader.peek(at) === SUCCESS) {
      return SUCCESS;
    }
    at += withData ? 4 + itemLength(reader, at) : 1;
  }
  return first;
}

function itemLength(reader: Reader, at: number): number {
  const length = (reader.peek(at + 2) << 8) | reader.peek(at + 3);
  const bytes = BIT_LENGTHS.has(reader.peek(at + 1)) ? (length + 7) >> 3 : length;
  return bytes + (bytes & 1);
}
