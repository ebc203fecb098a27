import type { Mutable } from '../../../kit/mutable.ts';
import { defineDissector, defineOperations, NOTHING, type Operation } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly command: number;
  readonly transaction: number;
  readonly status: number;
  readonly functionCode?: number;
  readonly extendedStatus?: number;
  readonly requesterVendor?: number;
  readonly requesterSerial?: number;
  readonly address?: string;
  readonly name?: string;
}

/** Rockwell publication 1770-6.5.16, chapter 7. */
const OPERATIONS = defineOperations({
  protectedWrite: ['protected write', 'write'],
  unprotectedRead: ['unprotected read', 'read'],
  protectedBitWrite: ['protected bit write', 'write'],
  unprotectedBitWrite: ['unprotected bit write', 'write'],
  physicalRead: ['physical read', 'read'],
  unprotectedWrite: ['unprotected write', 'write'],
  echo: ['echo', 'session'],
  readCounters: ['read diagnostic counters', 'read'],
  setVariables: ['set variables', 'configure'],
  diagnosticStatus: ['diagnostic status', 'discover'],
  setLink: ['set link parameters', 'configure'],
  resetCounters: ['reset diagnostic counters', 'control'],
  readLink: ['read link parameters', 'read'],
  disableOutputs: ['disable outputs', 'control'],
  enableOutputs: ['enable outputs', 'control'],
  enableProgram: ['enable program', 'control'],
  enableScan: ['enable scan', 'control'],
  writeRange: ['word range write', 'write'],
  readRange: ['word range read', 'read'],
  writeBit: ['bit write', 'write'],
  writeFile: ['file write', 'write'],
  readFile: ['file read', 'read'],
  downloadRequest: ['download request', 'program'],
  upload: ['upload', 'program'],
  shutdown: ['shutdown', 'control'],
  physicalWrite: ['physical write', 'program'],
  restart: ['restart request', 'control'],
  editResource: ['get edit resource', 'session'],
  returnResource: ['return edit resource', 'session'],
  readBytes: ['read bytes physical', 'read'],
  writeBytes: ['write bytes physical', 'program'],
  readModifyWrite: ['read modify write', 'write'],
  readSection: ['read section size', 'read'],
  setMode: ['set CPU mode', 'control'],
  disableForces: ['disable forces', 'control'],
  downloadAll: ['download all request', 'program'],
  downloadDone: ['download completed', 'program'],
  uploadAll: ['upload all request', 'program'],
  uploadDone: ['upload completed', 'program'],
  initialiseMemory: ['initialise memory', 'program'],
  modifyFile: ['modify PLC-2 compatibility file', 'configure'],
  typedWrite: ['typed write', 'write'],
  typedRead: ['typed read', 'read'],
  changeMode: ['change mode', 'control'],
  openFile: ['open file', 'session'],
  closeFile: ['close file', 'session'],
  applyPort: ['apply port configuration', 'configure'],
  logicalRead: ['protected typed logical read', 'read'],
  logicalWrite: ['protected typed logical write', 'write'],
  protectedFileRead: ['protected typed file read', 'read'],
  protectedFileWrite: ['protected typed file write', 'write'],
  unknown: ['unknown command', 'unknown'],
});

const DIAGNOSTICS = 0x06;
const OUTPUTS = 0x07;
const EXTENDED = 0x0f;

const BY_COMMAND: ReadonlyMap<number, Operation> = new Map([
  [0x00, OPERATIONS.protectedWrite],
  [0x01, OPERATIONS.unprotectedRead],
  [0x02, OPERATIONS.protectedBitWrite],
  [0x04, OPERATIONS.physicalRead],
  [0x05, OPERATIONS.unprotectedBitWrite],
  [0x08, OPERATIONS.unprotectedWrite],
]);

const BY_FUNCTION: ReadonlyMap<number, ReadonlyMap<number, Operation>> = new Map([
  [
    DIAGNOSTICS,
    new Map([
      [0x00, OPERATIONS.echo],
      [0x01, OPERATIONS.readCounters],
      [0x02, OPERATIONS.setVariables],
      [0x03, OPERATIONS.diagnosticStatus],
      [0x04, OPERATIONS.setLink], // time-out
      [0x05, OPERATIONS.setLink], // NAKs
      [0x06, OPERATIONS.setLink], // ENQs
      [0x07, OPERATIONS.resetCounters],
      [0x08, OPERATIONS.setVariables], // data table size
      [0x09, OPERATIONS.readLink],
      [0x0a, OPERATIONS.setLink],
    ]),
  ],
  [
    OUTPUTS,
    new Map([
      [0x00, OPERATIONS.disableOutputs],
      [0x01, OPERATIONS.enableOutputs],
      [0x03, OPERATIONS.enableScan],
      [0x04, OPERATIONS.enableProgram],
    ]),
  ],
  [
    EXTENDED,
    new Map([
      [0x00, OPERATIONS.writeRange],
      [0x01, OPERATIONS.readRange],
      [0x02, OPERATIONS.writeBit],
      [0x03, OPERATIONS.writeFile],
      [0x04, OPERATIONS.readFile],
      [0x05, OPERATIONS.downloadRequest],
      [0x06, OPERATIONS.upload],
      [0x07, OPERATIONS.shutdown],
      [0x08, OPERATIONS.physicalWrite],
      [0x09, OPERATIONS.physicalRead],
      [0x0a, OPERATIONS.restart],
      [0x11, OPERATIONS.editResource],
      [0x12, OPERATIONS.returnResource],
      [0x17, OPERATIONS.readBytes],
      [0x18, OPERATIONS.writeBytes],
      [0x26, OPERATIONS.readModifyWrite],
      [0x29, OPERATIONS.readSection],
      [0x3a, OPERATIONS.setMode],
      [0x41, OPERATIONS.disableForces],
      [0x50, OPERATIONS.downloadAll],
      [0x52, OPERATIONS.downloadDone],
      [0x53, OPERATIONS.uploadAll],
      [0x55, OPERATIONS.uploadDone],
      [0x57, OPERATIONS.initialiseMemory],
      [0x5e, OPERATIONS.modifyFile],
      [0x67, OPERATIONS.typedWrite],
      [0x68, OPERATIONS.typedRead],
      [0x79, OPERATIONS.readModifyWrite],
      [0x80, OPERATIONS.changeMode],
      [0x81, OPERATIONS.openFile],
      [0x82, OPERATIONS.closeFile],
      [0x8f, OPERATIONS.applyPort],
      [0xa1, OPERATIONS.logicalRead],
      [0xa2, OPERATIONS.logicalRead],
      [0xa7, OPERATIONS.protectedFileRead],
      [0xa9, OPERATIONS.logicalWrite],
      [0xaa, OPERATIONS.logicalWrite],
      [0xab, OPERATIONS.logicalWrite],
      [0xaf, OPERATIONS.protectedFileWrite],
    ]),
  ],
]);

/** Chapter 8: what the local node and the remote one say. */
const STATUS: ReadonlyMap<number, string> = new Map([
  [0x10, 'illegal command or format'],
  [0x20, 'host has a problem and will not communicate'],
  [0x30, 'remote node is missing'],
  [0x40, 'hardware fault'],
  [0x50, 'addressing problem or memory protected'],
  [0x60, 'function not allowed: command protection'],
  [0x70, 'processor is in program mode'],
  [0x80, 'compatibility file missing'],
  [0x90, 'remote node cannot buffer the command'],
]);

/** Object of CIP that carries PCCC. */
const PCCC_OBJECT = 0x67;
const RESPONSE_BIT = 0x40;
const EXTENDED_STATUS = 0xf0;
/** Logical commands with two, and with three address fields. */
const TWO_FIELDS: ReadonlySet<number> = new Set([0xa1, 0xa9]);
const THREE_FIELDS: ReadonlySet<number> = new Set([0xa2, 0xaa, 0xab]);
/** In a field one byte wide, this value announces two more. */
const WIDE = 0xff;

export const pccc = defineDissector<Fields>({
  name: 'pccc',
  title: 'PCCC in CIP',
  source: 'Rockwell 1770-6.5.16 (DF1 Protocol and Command Set); CIP class 0x67',
  at: [{ within: 'cip', key: PCCC_OBJECT }],
  operations: OPERATIONS,
  whole: false,
  fields: {
    command: 'Command, without the response bit',
    transaction: 'Pairs a response with its request',
    status: '0, or why the command was not carried out',
    functionCode: 'Function of the commands that have some; in a response, that was asked',
    extendedStatus: 'Why the command was not carried out, where the status says that more follows',
    requesterVendor: 'CIP vendor of the requester',
    requesterSerial: 'CIP serial number of the requester',
    address: 'File, element and sub-element that a logical command is aimed at',
    name: 'What the processor calls itself, in a diagnostic status',
  },

  recognise(reader) {
    return reader.remaining >= 5 && reader.peek() <= reader.remaining ? 'weak' : 'no';
  },

  read(reader, context) {
    const fields: Mutable<Fields> = { command: 0, transaction: 0, status: 0 };
    readRequester(reader, fields);
    const code = reader.u8();
    fields.command = code & ~RESPONSE_BIT;
    fields.status = reader.u8();
    fields.transaction = reader.u16le();
    // The serial number tells requesters behind one gateway apart.
    const pair = ((fields.requesterSerial ?? 0) % 0x1_0000_0000) * 0x1_0000 + fields.transaction;
    if ((code & RESPONSE_BIT) === 0) {
      const operation = readCommand(reader, fields);
      const like = fields.address ?? fields.command * 0x100 + (fields.functionCode ?? 0);
      return { direction: 'request', operation, pair, like, fields };
    }
    const question = context.question(pair);
    const asked = question?.fields as Fields | undefined;
    if (asked?.functionCode !== undefined) {
      fields.functionCode = asked.functionCode;
    }
    const operation = question?.operation ?? BY_COMMAND.get(fields.command) ?? OPERATIONS.unknown;
    if (fields.status !== 0) {
      return { direction: 'response', operation, pair, refused: refusal(reader, fields), fields };
    }
    if (operation === OPERATIONS.diagnosticStatus) {
      fields.name = readName(reader);
    }
    return { direction: 'response', operation, pair, fields };
  },

  observe({ direction, fields, operation, refused }, context) {
    if (direction !== 'response' || refused !== undefined) {
      return NOTHING;
    }
    if (fields.name) {
      const reason = `PCCC names it ${fields.name}`;
      return [
        named(fields.name, context.parent?.target),
        { kind: 'role', subject: 'sender', role: 'plc', reason, basis: 'identification' },
      ];
    }
    if (operation.effect === 'unknown' || operation.effect === 'session' || context.recall(TOLD) === true) {
      return NOTHING;
    }
    context.remember(TOLD, true);
    return [
      { kind: 'role', subject: 'sender', role: 'plc', reason: `answers PCCC ${operation.name}`, basis: 'behaviour' },
    ];
  },
});

const TOLD = 'pccc plc';
const SLOT = 'slot ';

/** What CIP was asked to pass on names the module or the device at the end of the route, not the one at this address. */
function named(product: string, target: string | undefined): Observation {
  if (target === undefined) {
    return { kind: 'identity', subject: 'sender', basis: 'identification', product };
  }
  return target.startsWith(SLOT)
    ? { kind: 'module', subject: 'sender', slot: Number(target.slice(SLOT.length)), basis: 'identification', product }
    : { kind: 'behind', subject: 'sender', device: target, basis: 'identification', product };
}

/** A length that counts itself, vendor, serial number, and what else the requester likes. */
function readRequester(reader: Reader, fields: Mutable<Fields>): void {
  const length = reader.u8();
  reader.expect(length - 1);
  const end = reader.position + Math.max(0, length - 1);
  if (length >= 7) {
    fields.requesterVendor = reader.u16le();
    fields.requesterSerial = reader.u32le();
  }
  reader.seek(end);
}

function readCommand(reader: Reader, fields: Mutable<Fields>): Operation {
  const functions = BY_FUNCTION.get(fields.command);
  if (!functions) {
    return BY_COMMAND.get(fields.command) ?? OPERATIONS.unknown;
  }
  const functionCode = reader.u8();
  fields.functionCode = functionCode;
  if (fields.command === EXTENDED && (TWO_FIELDS.has(functionCode) || THREE_FIELDS.has(functionCode))) {
    fields.address = readAddress(reader, THREE_FIELDS.has(functionCode));
  }
  return functions.get(functionCode) ?? OPERATIONS.unknown;
}

/** Chapter 13: size, file number, file type, element, and sub-element where there is one. */
function readAddress(reader: Reader, hasSubElement: boolean): string {
  reader.skip(1);
  const file = readWide(reader);
  const type = reader.u8();
  const element = `${FILE_TYPES.get(type) ?? ''}${file}:${readWide(reader)}`;
  const subElement = hasSubElement ? readWide(reader) : 0;
  return subElement === 0 ? element : `${element}.${subElement}`;
}

function readWide(reader: Reader): number {
  const value = reader.u8();
  return value === WIDE ? reader.u16le() : value;
}

/** The letters that programmers know the data files by. */
const FILE_TYPES: ReadonlyMap<number, string> = new Map([
  [0x82, 'O'],
  [0x83, 'I'],
  [0x84, 'S'],
  [0x85, 'B'],
  [0x86, 'T'],
  [0x87, 'C'],
  [0x88, 'R'],
  [0x89, 'N'],
  [0x8a, 'F'],
  [0x8d, 'ST'],
  [0x8e, 'A'],
]);

function refusal(reader: Reader, fields: Mutable<Fields>): string {
  if (fields.status === EXTENDED_STATUS) {
    fields.extendedStatus = reader.u8();
    return `extended status ${fields.extendedStatus}`;
  }
  return STATUS.get(fields.status & 0xf0) ?? `status ${fields.status}`;
}

/**
 * A diagnostic status is different for every kind of processor. Those of the SLC 500 and MicroLogix have their catalogue
 * text as eleven characters behind five bytes of type and series.
 */
const NAME_AT = 5;
const NAME_LENGTH = 11;

function readName(reader: Reader): string {
  if (reader.remaining < NAME_AT + NAME_LENGTH) {
    return '';
  }
  reader.skip(NAME_AT);
  const text = reader.text(NAME_LENGTH, 'latin-1').trim();
  return /^[\x20-\x7e]{3,}$/.test(text) ? text : '';
}
