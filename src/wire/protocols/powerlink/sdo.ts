import type { Context, Operation } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { abortText } from '../../stack/cia301.ts';
import { type Draft, OPERATIONS } from './operations.ts';

/** EPSG DS 301, section 6.3.2.3 (sequence layer) and 6.3.2.4 (command layer). */
const SEQUENCE = 4;
const COMMAND_HEADER = 8;
const IS_RESPONSE = 0x80;
const IS_ABORT = 0x40;
const SEGMENT_SHIFT = 4;
const SEGMENT_BITS = 3;
const INITIATE = 1;
const LATER_SEGMENT = 2;
const TOTAL_SIZE = 4;
const LONGEST_VALUE = 64;

/** Table 70: command ids. */
const NIL = 0x00;
const WRITE_BY_INDEX = 0x01;
const READ_BY_INDEX = 0x02;
const LAST_BY_INDEX = 0x04;
const COMMANDS: ReadonlyMap<number, Operation> = new Map([
  [WRITE_BY_INDEX, OPERATIONS.writeObject],
  [READ_BY_INDEX, OPERATIONS.readObject],
  [0x03, OPERATIONS.writeObject],
  [LAST_BY_INDEX, OPERATIONS.readObject],
  [0x05, OPERATIONS.writeObject],
  [0x06, OPERATIONS.readObject],
  [0x20, OPERATIONS.writeFile],
  [0x21, OPERATIONS.readFile],
  [0x31, OPERATIONS.writeObject],
  [0x32, OPERATIONS.readObject],
  [0x70, OPERATIONS.segmentSize],
]);

/** Objects that say what the node is (section 7.2.1). */
const IDENTITY_OBJECT = 0x1018;
const TEXT_OBJECTS: ReadonlySet<number> = new Set([0x1008, 0x1009, 0x100a]);

export function readSdo(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  reading.operation = OPERATIONS.connection;
  reader.skip(SEQUENCE);
  if (reader.remaining < COMMAND_HEADER) {
    return;
  }
  reader.skip(1);
  const transaction = reader.u8();
  const flags = reader.u8();
  const command = reader.u8();
  const size = reader.u16le();
  reader.skip(2);
  const operation = COMMANDS.get(command);
  if (command === NIL) {
    return;
  }
  fields.command = command;
  fields.transaction = transaction;
  reading.operation = operation ?? OPERATIONS.otherTransfer;
  reading.direction = (flags & IS_RESPONSE) === 0 ? 'request' : 'response';
  reading.pair = transaction;
  const segment = (flags >> SEGMENT_SHIFT) & SEGMENT_BITS;
  if (segment === INITIATE) {
    // Senders differ in whether the size of all segments counts as part of the first one.
    reader.skip(TOTAL_SIZE);
    reader.expect(size - TOTAL_SIZE);
  } else {
    reader.limit(size);
  }
  if ((flags & IS_ABORT) !== 0) {
    const code = reader.u32le();
    fields.code = code;
    reading.refused = abortText(code);
  } else if (segment < LATER_SEGMENT && command <= LAST_BY_INDEX) {
    readByIndex(reader, reading, context);
  }
}

function readByIndex(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  if (reading.direction === 'request') {
    const object = reader.u16le();
    const subIndex = reader.u8();
    fields.object = object;
    fields.subIndex = subIndex;
    reading.like = object * 0x100 + subIndex;
    return;
  }
  if (fields.command !== READ_BY_INDEX) {
    return;
  }
  const asked: Partial<Draft['fields']> = context.question(fields.transaction ?? 0)?.fields ?? {};
  const { object, subIndex } = asked;
  if (object === IDENTITY_OBJECT && reader.remaining === 4) {
    fields.value = reader.u32le();
  } else if (object !== undefined && TEXT_OBJECTS.has(object)) {
    fields.value = reader.text(Math.min(reader.remaining, LONGEST_VALUE), 'latin-1');
  } else {
    return;
  }
  fields.object = object;
  if (subIndex !== undefined) {
    fields.subIndex = subIndex;
  }
}
