import { type Context, Malformed, type Operation } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { type Fields, type Message, OPERATIONS } from './fields.ts';

/**
 * The older framing (port 20547): a mark, three bytes of which the last is the function, flags, sequence, length of the
 * data; after the data a CRC-16 of ITU-T V.41, least significant bit first, over everything.
 */
export const CLASSIC_MARK = 0xcc;
export const CLASSIC_HEADER = 8;
const CHECKSUM = 2;
const LONGEST = 0x4000;

type IdentityText = 'runtime' | 'plcType' | 'project' | 'bootProject' | 'projectSource';

const STOP = 0x01;
const COLD_START = 0x04;
const IDENTIFY = 0x0b;
const READ_STATE = 0x0f;
const COLD = 1;

const STATES: ReadonlyMap<number, string> = new Map([
  [2, 'running'],
  [4, 'stopped'],
]);

/** Texts of the identification: the first two in places of fixed size, the others one after another. */
const RUNTIME = 12;
const PLC_TYPE = 44;
const PROJECT = 77;

/** Length of the whole frame; 0 where it cannot be one. */
export function classicLength(reader: Reader): number {
  const data = reader.peek(6) | (reader.peek(7) << 8);
  return data <= LONGEST ? CLASSIC_HEADER + data + CHECKSUM : 0;
}

/** The remainder over a frame with its checksum is 0. */
export function checks(reader: Reader, length: number): boolean {
  let remainder = 0;
  for (let at = 0; at < length; at++) {
    remainder ^= reader.peek(at);
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >> 1) ^ 0x8408 : remainder >> 1;
    }
  }
  return remainder === 0;
}

export function readClassic(reader: Reader, context: Context): Message | Malformed {
  const length = classicLength(reader);
  if (reader.remaining >= CLASSIC_HEADER && length === 0) {
    return new Malformed('more data than a frame holds');
  }
  reader.limit(length);
  reader.skip(3); // mark, and two bytes that never change
  const number = reader.u8();
  reader.skip(1); // flags
  const sequence = reader.u8();
  const dataLength = reader.u16le();
  const fields: Fields = { function: number, sequence };
  const isRequest = context.fromClient;
  const message: Message = {
    direction: isRequest ? 'request' : 'response',
    operation: operationOf(number),
    pair: sequence,
    like: number,
    fields,
  };
  if (isRequest && number === COLD_START) {
    fields.startKind = COLD;
  }
  if (!isRequest && number === READ_STATE && dataLength > 0) {
    const state = reader.u8();
    fields.state = STATES.get(state) ?? String(state);
  }
  if (!isRequest && number === IDENTIFY && dataLength >= PROJECT - CLASSIC_HEADER) {
    readIdentity(reader, fields, CLASSIC_HEADER + dataLength);
  }
  reader.seek(length);
  return message;
}

function operationOf(number: number): Operation {
  switch (number) {
    case STOP:
      return OPERATIONS.stop;
    case COLD_START:
      return OPERATIONS.start;
    case IDENTIFY:
      return OPERATIONS.identify;
    case READ_STATE:
      return OPERATIONS.readState;
    default:
      return OPERATIONS.unknown;
  }
}

function readIdentity(reader: Reader, fields: Fields, end: number): void {
  setText(fields, 'runtime', textAt(reader, RUNTIME, PLC_TYPE));
  setText(fields, 'plcType', textAt(reader, PLC_TYPE, PROJECT));
  setText(fields, 'project', textAt(reader, PROJECT, end));
  setText(fields, 'bootProject', textAt(reader, reader.position, end));
  setText(fields, 'projectSource', textAt(reader, reader.position, end));
}

function setText(fields: Fields, name: IdentityText, text: string): void {
  if (text !== '') {
    fields[name] = text;
  }
}

/** Text up to a NUL byte, which is passed over; columns are filled with spaces. */
function textAt(reader: Reader, from: number, end: number): string {
  reader.seek(from);
  let length = 0;
  while (from + length < end && reader.peek(length) !== 0) {
    length++;
  }
  const text = reader.text(length, 'latin-1').replaceAll(/\s+/g, ' ').trim();
  reader.seek(Math.min(end, reader.position + 1));
  return text;
}
