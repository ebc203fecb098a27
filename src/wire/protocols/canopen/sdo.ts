import type { Context, Operation } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { abortText } from '../../stack/cia301.ts';
import { type Draft, OPERATIONS } from './fields.ts';

/** CiA 301, section 7.2.4.3: the high three bits are the command. */
const COMMAND_SHIFT = 5;
const DOWNLOAD_SEGMENT = 0;
const DOWNLOAD = 1;
const UPLOAD = 2;
const UPLOAD_SEGMENT = 3;
const ABORT = 4;
const BLOCK_UPLOAD = 5;
const BLOCK_DOWNLOAD = 6;
/** In answers the numbers of begin and segment are swapped. */
const ANSWER_UPLOAD_SEGMENT = 0;
const ANSWER_DOWNLOAD_SEGMENT = 1;
const ANSWER_UPLOAD = 2;
const ANSWER_DOWNLOAD = 3;
const ANSWER_BLOCK_DOWNLOAD = 5;
const ANSWER_BLOCK_UPLOAD = 6;
/** Low bits of a block transfer that are zero where it begins; and the command by which the client wants the blocks. */
const BLOCK_STEP = 0x03;
const BLOCK_END = 0x01;
const START_UPLOAD = 0xa3;
const ABORTS_ALL = 0x80;
const LAST_OF_BLOCK = 0x80;
const EXPEDITED = 0x02;
const SIZE_SHOWN = 0x01;
const TOGGLE = 0x10;
const LAST = 0x01;
const DATA = 4;
const SEGMENT = 7;
/** A node serves one transfer at a time. */
const PAIR = 1;

const NAMES: ReadonlySet<number> = new Set([0x1008, 0x1009, 0x100a]);
const LONGEST_NAME = 64;
const OPEN = 'open';
/** Who sends blocks at the moment: they have a number where others have a command. */
const BLOCKS_OF = 'blocks of';
const CLIENT = 'client';
const SERVER = 'server';

export function readQuestion(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  const command = reader.u8();
  fields.command = command;
  reading.direction = 'request';
  if (isBlock(CLIENT, command, context)) {
    reading.operation = OPERATIONS.writeObject;
    return;
  }
  reading.pair = PAIR;
  switch (command >> COMMAND_SHIFT) {
    case UPLOAD:
      reading.operation = OPERATIONS.readObject;
      readObject(reader, reading);
      break;
    case UPLOAD_SEGMENT:
      reading.operation = OPERATIONS.readObject;
      break;
    case BLOCK_UPLOAD:
      readBlockStep(reader, reading, command, BLOCK_STEP, OPERATIONS.readObject);
      if (command === START_UPLOAD) {
        context.remember(BLOCKS_OF, SERVER);
      }
      break;
    case DOWNLOAD:
      reading.operation = OPERATIONS.writeObject;
      readObject(reader, reading);
      readValue(reader, reading, command);
      break;
    case DOWNLOAD_SEGMENT:
      reading.operation = OPERATIONS.writeObject;
      break;
    case BLOCK_DOWNLOAD:
      readBlockStep(reader, reading, command, BLOCK_END, OPERATIONS.writeObject);
      break;
    case ABORT:
      reading.direction = 'report';
      delete reading.pair;
      reading.operation = OPERATIONS.abort;
      readObject(reader, reading);
      fields.code = reader.u32le();
      break;
    default:
  }
  reading.like = likeOf(reading, command);
}

export function readAnswer(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  const command = reader.u8();
  fields.command = command;
  reading.direction = 'response';
  if (isBlock(SERVER, command, context)) {
    reading.operation = OPERATIONS.readObject;
    return;
  }
  reading.pair = PAIR;
  switch (command >> COMMAND_SHIFT) {
    case ANSWER_UPLOAD:
      reading.operation = OPERATIONS.readObject;
      readObject(reader, reading);
      readValue(reader, reading, command);
      openName(reading, command, context);
      break;
    case ANSWER_UPLOAD_SEGMENT:
      reading.operation = OPERATIONS.readObject;
      readSegment(reader, reading, command, context);
      break;
    case ANSWER_BLOCK_UPLOAD:
      readBlockStep(reader, reading, command, BLOCK_END, OPERATIONS.readObject);
      break;
    case ANSWER_DOWNLOAD:
      reading.operation = OPERATIONS.writeObject;
      readObject(reader, reading);
      break;
    case ANSWER_DOWNLOAD_SEGMENT:
      reading.operation = OPERATIONS.writeObject;
      break;
    case ANSWER_BLOCK_DOWNLOAD:
      readBlockStep(reader, reading, command, BLOCK_STEP, OPERATIONS.writeObject);
      if ((command & BLOCK_STEP) === 0) {
        context.remember(BLOCKS_OF, CLIENT);
      }
      break;
    case ABORT:
      readObject(reader, reading);
      fields.code = reader.u32le();
      reading.operation = context.question(PAIR)?.operation ?? OPERATIONS.abort;
      reading.refused = abortText(fields.code);
      break;
    default:
  }
}

/** Whether this is a numbered block; the last one, or an abort, ends them. */
function isBlock(sender: string, command: number, context: Context): boolean {
  if (context.recall(BLOCKS_OF) !== sender && command !== ABORTS_ALL) {
    return false;
  }
  if ((command & LAST_OF_BLOCK) !== 0) {
    context.remember(BLOCKS_OF, false);
  }
  return command !== ABORTS_ALL;
}

function readBlockStep(reader: Reader, reading: Draft, command: number, step: number, operation: Operation): void {
  reading.operation = operation;
  if ((command & step) === 0) {
    readObject(reader, reading);
  }
}

function readObject(reader: Reader, { fields }: Draft): void {
  fields.index = reader.u16le();
  fields.subIndex = reader.u8();
}

/** A transfer of up to four bytes holds them at once; a longer one holds its length here. */
function readValue(reader: Reader, { fields }: Draft, command: number): void {
  const unused = command & SIZE_SHOWN ? (command >> 2) & 3 : 0;
  const number = reader.u32le();
  if ((command & EXPEDITED) !== 0) {
    fields.value = NAMES.has(fields.index ?? 0) ? nameOf(number, DATA - unused) : number % 2 ** (8 * (DATA - unused));
  }
}

function nameOf(number: number, length: number): string {
  const bytes = [number & 255, (number >>> 8) & 255, (number >>> 16) & 255, number >>> 24];
  return String.fromCharCode(...bytes.slice(0, length)).replaceAll('\0', '');
}

/** A name comes in segments of seven bytes, which alternate a bit: a missing one spoils it. */
function openName({ fields }: Draft, command: number, context: Context): void {
  const { index = 0, subIndex = 0 } = fields;
  const comesInSegments = (command & EXPEDITED) === 0 && NAMES.has(index);
  context.remember(OPEN, comesInSegments ? [index, subIndex, 0, ''] : false);
}

function readSegment(reader: Reader, { fields }: Draft, command: number, context: Context): void {
  const text = reader.text(SEGMENT - ((command >> 1) & 7), 'latin-1');
  const [index, subIndex, toggle, before] = opened(context);
  if (before === undefined) {
    return;
  }
  if ((command & TOGGLE) !== toggle || before.length > LONGEST_NAME) {
    context.remember(OPEN, false);
    return;
  }
  if ((command & LAST) === 0) {
    context.remember(OPEN, [index, subIndex, toggle ^ TOGGLE, before + text]);
    return;
  }
  context.remember(OPEN, false);
  fields.index = index;
  fields.subIndex = subIndex;
  fields.value = before + text;
}

function opened(context: Context): readonly [index: number, subIndex: number, toggle: number, before?: string] {
  const open = context.recall(OPEN);
  if (typeof open !== 'object') {
    return [0, 0, 0];
  }
  const [index, subIndex, toggle, before] = open;
  return [Number(index), Number(subIndex), Number(toggle), String(before)];
}

function likeOf({ fields }: Draft, command: number): number {
  const { index, subIndex = 0 } = fields;
  return index === undefined ? command : index * 0x100 + subIndex;
}
