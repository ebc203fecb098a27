import { defineDissector, Malformed, MORE, NOT_MINE } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import {
  type Message,
  OPERATIONS,
  observeUnit,
  PDU_FIELDS,
  type PduFields,
  readPdu,
  UMAS,
} from '../../stack/modbus-pdu.ts';

interface Fields extends PduFields {
  readonly transactionId: number;
}

const HEADER = 7;
const LONGEST_PDU = 260;
const LONGEST_UMAS = 2048;

export const modbus = defineDissector<Fields>({
  name: 'modbus',
  title: 'Modbus/TCP',
  source: 'Modbus Messaging on TCP/IP Implementation Guide v1.0b; Modbus Application Protocol v1.1b3',
  at: [{ tcp: 502 }, { udp: 502 }],
  operations: OPERATIONS,
  fields: { transactionId: 'Pairs a response with its request', ...PDU_FIELDS },

  cut(reader) {
    if (reader.remaining < HEADER + 1) {
      return MORE;
    }
    return fits(reader) ? 6 + lengthOf(reader) : NOT_MINE;
  },

  recognise(reader) {
    return reader.remaining > HEADER && fits(reader) ? 'weak' : 'no';
  },

  read(reader, context) {
    const transactionId = reader.u16be();
    const protocolId = reader.u16be();
    const length = reader.u16be();
    if (protocolId !== 0) {
      return new Malformed(`protocol id is ${protocolId}, not 0`);
    }
    reader.limit(length);
    const unitId = reader.u8();
    const reading: Message<Fields> = {
      direction: 'request',
      operation: OPERATIONS.unknown,
      pair: transactionId * 256 + unitId,
      fields: { transactionId, unitId, functionCode: 0 },
    };
    readPdu(reader, reading, length, context.fromClient);
    return reading;
  },

  observe: observeUnit,
});

function lengthOf(reader: Reader): number {
  return (reader.peek(4) << 8) | reader.peek(5);
}

/** Section 4.1 of the implementation guide. UMAS agrees on longer messages than Modbus allows. */
function fits(reader: Reader): boolean {
  const length = lengthOf(reader);
  const longest = reader.peek(7) === UMAS ? LONGEST_UMAS : LONGEST_PDU;
  return reader.peek(2) === 0 && reader.peek(3) === 0 && length >= 2 && length <= longest;
}
