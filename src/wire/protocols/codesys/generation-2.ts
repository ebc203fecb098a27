import { type Context, Malformed, MORE, NOT_MINE } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import type { Message } from './fields.ts';
import { OPERATIONS } from './services.ts';

export const MARK_2 = 0xbb;
/** Two bytes of the mark, then a length in the byte order of the controller. */
const HEADER = 6;
const LONGEST = 0x1_0000;
const IDENTIFY = 1;
/** Nothing asks twice at once. */
const PAIR = 0;

/** Where the identification has its texts, of that many bytes each, counted from the mark. */
const OS_NAME = 64;
const OS_VERSION = 96;
const PRODUCT = 128;
const TEXT = 32;

export function cut2(reader: Reader): number {
  if (reader.remaining < HEADER) {
    return reader.remaining > 1 && reader.peek(1) !== MARK_2 ? NOT_MINE : MORE;
  }
  const length = lengthOf(reader);
  return reader.peek(1) === MARK_2 && length > 0 ? HEADER + length : NOT_MINE;
}

/** Whether it may be a message, as far as it is here. */
export function looks2(reader: Reader): boolean {
  return reader.remaining > HEADER && cut2(reader) > 0;
}

/** 0 where neither byte order makes a length. */
function lengthOf(reader: Reader): number {
  const little = reader.peek(2) + reader.peek(3) * 0x100 + reader.peek(4) * 0x1_0000 + reader.peek(5) * 0x100_0000;
  const big = reader.peek(2) * 0x100_0000 + reader.peek(3) * 0x1_0000 + reader.peek(4) * 0x100 + reader.peek(5);
  return little <= LONGEST ? little : big <= LONGEST ? big : 0;
}

/** Of this generation no more is published than how a controller is asked what it is, and where it says so. */
export function read2(reader: Reader, context: Context): Message | Malformed {
  const length = lengthOf(reader);
  if (reader.peek(1) !== MARK_2 || length === 0) {
    return new Malformed('no header of generation 2');
  }
  reader.skip(HEADER);
  reader.limit(length);
  const fields: Message['fields'] = { generation: 2 };
  if (context.fromClient) {
    const identifies = length === 1 && reader.peek() === IDENTIFY;
    reader.rest();
    const operation = identifies ? OPERATIONS.identify : OPERATIONS.unknown;
    return { direction: 'request', operation, fields, pair: PAIR };
  }
  const operation = context.question(PAIR)?.operation ?? OPERATIONS.unknown;
  if (operation === OPERATIONS.identify && reader.length >= PRODUCT) {
    const os = `${textAt(reader, OS_NAME)} ${textAt(reader, OS_VERSION)}`.trim();
    if (os) {
      fields.os = os;
    }
    const product = textAt(reader, PRODUCT);
    if (product) {
      fields.deviceName = product;
    }
  }
  return { direction: 'response', operation, fields, pair: PAIR };
}

function textAt(reader: Reader, at: number): string {
  reader.seek(at);
  return reader.sub(Math.min(TEXT, reader.remaining)).textZ('latin-1').trim();
}
