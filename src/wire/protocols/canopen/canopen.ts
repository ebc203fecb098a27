import { type Context, defineDissector, NOTHING, type Operation } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { type Draft, FIELDS, type Fields, OPERATIONS } from './fields.ts';
import { observeObject } from './identity.ts';
import { readAnswer, readQuestion } from './sdo.ts';

const LINKTYPE_CAN_SOCKETCAN = 227;
const REMOTE = 0x4000_0000;
const NODE_BITS = 7;
const NODE_MASK = 0x7f;
const STATE_MASK = 0x7f;
const TRANSFER_LENGTH = 8;
const SETTING_LENGTH = 8;

/** CiA 301, section 7.3.5: function codes. */
const NETWORK = 0;
const EMERGENCY = 1;
const TIME = 2;
const ANSWER = 11;
const QUESTION = 12;
const HEARTBEAT = 14;
const SETTING = 15;

/** Section 7.2.8.3.1. */
const NETWORK_COMMANDS: ReadonlyMap<number, Operation> = new Map([
  [1, OPERATIONS.start],
  [2, OPERATIONS.stop],
  [0x80, OPERATIONS.preOperational],
  [0x81, OPERATIONS.reset],
  [0x82, OPERATIONS.resetCommunication],
]);

/** CiA 305: layer setting. */
const SETTING_QUESTION = 0x65;
const SETTING_COMMANDS: ReadonlyMap<number, Operation> = new Map([
  [0x04, OPERATIONS.settingMode],
  [0x11, OPERATIONS.setting],
  [0x13, OPERATIONS.setting],
  [0x15, OPERATIONS.setting],
  [0x17, OPERATIONS.setting],
  ...[0x40, 0x41, 0x42, 0x43].map((command) => [command, OPERATIONS.settingMode] as const),
  ...[0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x51, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e].map(
    (command) => [command, OPERATIONS.settingIdentify] as const,
  ),
]);

export const canopen = defineDissector<Fields>({
  name: 'canopen',
  title: 'CANopen',
  source: 'CiA 301, sections 7.2 and 7.3; CiA 305',
  at: [{ linkType: LINKTYPE_CAN_SOCKETCAN }],
  operations: OPERATIONS,
  fields: FIELDS,

  // The stack hands on nothing that is not CANopen's.
  recognise(reader) {
    return reader.remaining >= 8 ? 'strong' : 'no';
  },

  read(reader, context) {
    const word = reader.u32be();
    const id = word & 0x7ff;
    const functionCode = id >>> NODE_BITS;
    const node = id & NODE_MASK;
    const length = reader.u8();
    reader.skip(3); // padding
    const reading: Draft = { direction: 'report', operation: OPERATIONS.transfer, fields: { functionCode, node } };
    if ((word & REMOTE) !== 0) {
      reading.direction = 'request';
      reading.operation = functionCode === HEARTBEAT ? OPERATIONS.guard : OPERATIONS.transfer;
      return reading;
    }
    reader.limit(length);
    readData(reader, reading, context);
    return reading;
  },

  observe({ direction, operation, fields, refused }) {
    return direction === 'response' && operation === OPERATIONS.readObject && refused === undefined
      ? observeObject(fields)
      : NOTHING;
  },
});

function readData(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  switch (fields.functionCode) {
    case NETWORK:
      readNetwork(reader, reading);
      break;
    case EMERGENCY:
      if (fields.node === 0) {
        reading.operation = OPERATIONS.sync;
      } else {
        reading.operation = OPERATIONS.emergency;
        fields.code = reader.u16le();
        fields.errorRegister = reader.u8();
        reader.skip(5); // maker's own
      }
      break;
    case TIME:
      reading.operation = OPERATIONS.time;
      reader.skip(6); // milliseconds of the day, days
      break;
    case ANSWER:
      reader.expect(TRANSFER_LENGTH);
      readAnswer(reader, reading, context);
      break;
    case QUESTION:
      reader.expect(TRANSFER_LENGTH);
      readQuestion(reader, reading, context);
      break;
    case HEARTBEAT:
      fields.state = reader.u8() & STATE_MASK;
      reading.operation = fields.state === 0 ? OPERATIONS.bootUp : OPERATIONS.heartbeat;
      break;
    case SETTING:
      readSetting(reader, reading);
      break;
    default:
      reading.operation = OPERATIONS.processData;
      fields.bytes = reader.remaining;
  }
}

function readNetwork(reader: Reader, reading: Draft): void {
  const command = reader.u8();
  const target = reader.u8();
  reading.fields.command = command;
  reading.fields.target = target;
  reading.direction = 'request';
  reading.operation = NETWORK_COMMANDS.get(command) ?? OPERATIONS.network;
  reading.target = target === 0 ? 'all nodes' : `node ${target}`;
}

function readSetting(reader: Reader, reading: Draft): void {
  const command = reader.u8();
  reader.skip(SETTING_LENGTH - 1);
  reading.fields.command = command;
  if (reading.fields.node === SETTING_QUESTION) {
    reading.direction = 'request';
    reading.operation = SETTING_COMMANDS.get(command) ?? OPERATIONS.settingOther;
  } else {
    reading.operation = OPERATIONS.settingAnswer;
  }
}
