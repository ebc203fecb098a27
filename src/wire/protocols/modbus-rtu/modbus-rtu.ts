import { defineDissector, Malformed, MORE, NOT_MINE } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import {
  EXCEPTION_BIT,
  type Message,
  OPERATIONS,
  observeUnit,
  PDU_FIELDS,
  type PduFields,
  readPdu,
} from '../../stack/modbus-pdu.ts';

/** Shortest frame: unit, function, CRC. Longest: the specification's 256 bytes. */
const SHORTEST = 4;
const LONGEST = 256;
const CRC = 2;
/** Application Protocol, sections 6.1 and 6.3. */
const MOST_BITS = 2000;
const MOST_REGISTERS = 125;
/** Highest address of a device; 0 is a broadcast. */
const LAST_UNIT = 247;

export const modbusRtu = defineDissector<PduFields>({
  name: 'modbus_rtu',
  title: 'Modbus RTU over TCP',
  source: 'Modbus over Serial Line v1.02, section 2.5.1; Modbus Application Protocol v1.1b3',
  // Serial device servers; elsewhere several frames with a right checksum decide.
  at: [{ tcp: 502 }, { tcp: 4001 }, { tcp: 10001 }],
  operations: OPERATIONS,
  fields: PDU_FIELDS,

  cut(reader) {
    return frameLength(reader);
  },

  /** Never more than weak: other serial protocols share the checksum, and a question of theirs may have the length of one of ours. */
  recognise(reader) {
    return frameLength(reader) > 0 ? 'weak' : 'no';
  },

  read(reader, context) {
    const { length } = reader;
    if (
      length >= SHORTEST &&
      crc(reader, length - CRC) !== (reader.peek(length - 2) | (reader.peek(length - 1) << 8))
    ) {
      return new Malformed('checksum is wrong');
    }
    reader.expect(SHORTEST);
    reader.limit(length - CRC);
    const unitId = reader.u8();
    const reading: Message<PduFields> = {
      direction: 'request',
      operation: OPERATIONS.unknown,
      fields: { unitId, functionCode: 0 },
    };
    readPdu(reader, reading, length - CRC, context.fromClient);
    // A serial line has one question at a time; a broadcast is never answered.
    if (unitId !== 0) {
      reading.pair = unitId * 256 + reading.fields.functionCode;
    }
    return reading;
  },

  observe: observeUnit,
});

/**
 * A frame carries no length: it is that of a question or of an answer, whichever the checksum confirms.
 * Returns as a cut does.
 */
function frameLength(reader: Reader): number {
  if (reader.remaining < SHORTEST) {
    return MORE;
  }
  const code = reader.peek(1);
  if (reader.peek() > LAST_UNIT || code === 0) {
    return NOT_MINE;
  }
  const question = questionLength(reader, code);
  const answer = answerLength(reader, code);
  if (isFrame(reader, question)) {
    return question;
  }
  if (isFrame(reader, answer)) {
    return answer;
  }
  const waits = question === MORE || question > reader.remaining || answer === MORE || answer > reader.remaining;
  return waits ? MORE : NOT_MINE;
}

function isFrame(reader: Reader, length: number): boolean {
  if (length < SHORTEST || length > reader.remaining) {
    return false;
  }
  return crc(reader, length - CRC) === (reader.peek(length - 2) | (reader.peek(length - 1) << 8));
}

/** The length that stands at `at`, with what comes before and behind it; `MORE` while it has not come. */
function counted(reader: Reader, at: number, around: number): number {
  if (reader.remaining <= at) {
    return MORE;
  }
  const length = around + reader.peek(at);
  return length > LONGEST ? NOT_MINE : length;
}

function questionLength(reader: Reader, code: number): number {
  switch (code) {
    case 1:
    case 2:
      return asksFor(reader, MOST_BITS);
    case 3:
    case 4:
      return asksFor(reader, MOST_REGISTERS);
    case 5:
    case 6:
    case 8:
      return 8;
    case 7:
    case 11:
    case 12:
    case 17:
      return 4;
    case 15:
    case 16:
      return counted(reader, 6, 9);
    case 20:
    case 21:
      return counted(reader, 2, 5);
    case 22:
      return 10;
    case 23:
      return counted(reader, 10, 13);
    case 24:
      return 6;
    case 43:
      return 7;
    default:
      return NOT_MINE;
  }
}

/** A question for bits or registers may ask for so many at once. */
function asksFor(reader: Reader, most: number): number {
  const count = (reader.peek(4) << 8) | reader.peek(5);
  return reader.remaining < 6 || (count > 0 && count <= most) ? 8 : NOT_MINE;
}

function answerLength(reader: Reader, code: number): number {
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 12:
    case 17:
    case 20:
    case 21:
    case 23:
      return counted(reader, 2, 5);
    case 5:
    case 6:
    case 8:
    case 11:
    case 15:
    case 16:
      return 8;
    case 7:
      return 5;
    case 22:
      return 10;
    case 24:
      return counted(reader, 3, 6);
    case 43:
      return identificationLength(reader);
    default:
      return (code & EXCEPTION_BIT) === 0 ? NOT_MINE : 5;
  }
}

/** Objects with a length each, counted in the eighth byte (Application Protocol, section 6.21). */
function identificationLength(reader: Reader): number {
  let length = 8;
  for (let left = reader.peek(7); left > 0; left--) {
    if (length + 1 >= reader.remaining) {
      return MORE;
    }
    length += 2 + reader.peek(length + 1);
    if (length > LONGEST) {
      return NOT_MINE;
    }
  }
  return length + CRC;
}

/** CRC-16 of the first `length` bytes (Serial Line, section 6.2.2). */
function crc(reader: Reader, length: number): number {
  let value = 0xffff;
  for (let at = 0; at < length; at++) {
    value = (value >>> 8) ^ (CRC_TABLE[(value ^ reader.peek(at)) & 0xff] ?? 0);
  }
  return value;
}

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? (value >>> 1) ^ 0xa001 : value >>> 1;
  }
  return value;
});
