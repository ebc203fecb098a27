import { defineDissector, defineOperations, type Operation, type ReadingDraft } from '../../dissector.ts';
import { macText, uuidText } from '../../format.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly version: number;
  readonly type: number;
  readonly sequence?: number;
  readonly domain?: string;
  readonly mac?: string;
  readonly priority?: number;
  readonly portRole?: number;
  readonly ringState?: number;
  readonly transitions?: number;
  readonly interval?: number;
  readonly blocked?: number;
}

type Draft = ReadingDraft<Fields>;

const OPERATIONS = defineOperations({
  test: ['test ring', 'report'],
  topologyChange: ['topology change', 'report'],
  linkDown: ['link down', 'report'],
  linkUp: ['link up', 'report'],
  interconnection: ['interconnection of rings', 'report'],
  unknown: ['unknown message', 'unknown'],
});

/** IEC 62439-2, section 8.1 (type, length, value). */
const END = 0;
const COMMON = 1;
const TEST = 2;
const TOPOLOGY_CHANGE = 3;
const LINK_DOWN = 4;
const LINK_UP = 5;
const FIRST_INTERCONNECTION = 6;
const LAST_INTERCONNECTION = 10;
const HIGHEST_VERSION = 2;
const COMMON_LENGTH = 18;
const TEST_LENGTH = 18;
const CHANGE_LENGTH = 10;
const LINK_LENGTH = 12;
const MAC = 6;
const UUID = 16;

export const mrp = defineDissector<Fields>({
  name: 'mrp',
  title: 'Media redundancy (MRP)',
  source: 'IEC 62439-2:2016, section 8',
  at: [{ ethertype: 0x88e3 }],
  operations: OPERATIONS,
  fields: {
    version: 'Version of the protocol',
    type: 'Kind of message: 2 test, 3 topology change, 4 link down, 5 link up, 6 to 10 interconnection of rings',
    sequence: 'Number of the message',
    domain: 'Redundancy domain: the ring',
    mac: 'MAC address of the ring manager, or of the device whose link changed',
    priority: 'Priority of the ring manager; the lowest manages',
    portRole: 'Ring port of the sender: 0 primary, 1 secondary',
    ringState: 'State of the ring: 0 open, 1 closed',
    transitions: 'How often the ring has been closed or opened',
    interval: 'Milliseconds until the change takes effect',
    blocked: 'Whether the sender can block its ports: 0 no, 1 yes',
  },

  recognise(reader) {
    const version = (reader.peek(0) << 8) | reader.peek(1);
    const fits = version > 0 && version <= HIGHEST_VERSION && isKnown(reader.peek(2)) && reader.peek(3) > 0;
    return reader.remaining >= 4 && fits ? 'strong' : 'no';
  },

  read(reader) {
    const reading: Draft = {
      direction: 'report',
      operation: OPERATIONS.unknown,
      fields: { version: reader.u16be(), type: reader.peek() },
    };
    reading.operation = operationOf(reading.fields.type);
    // Some senders align elements: zeros before the common element, which every message has, are no end.
    for (let ended = false; !ended && !reader.truncated && reader.step(); ) {
      const type = reader.u8();
      const length = reader.u8();
      ended = type === END && reading.fields.sequence !== undefined;
      if (type !== END) {
        readElement(reader, reading.fields, type, length);
      }
    }
    return reading;
  },
});

function isKnown(type: number): boolean {
  return type >= COMMON && type <= LAST_INTERCONNECTION;
}

function operationOf(type: number): Operation {
  switch (type) {
    case TEST:
      return OPERATIONS.test;
    case TOPOLOGY_CHANGE:
      return OPERATIONS.topologyChange;
    case LINK_DOWN:
      return OPERATIONS.linkDown;
    case LINK_UP:
      return OPERATIONS.linkUp;
    default:
      return type >= FIRST_INTERCONNECTION && type <= LAST_INTERCONNECTION
        ? OPERATIONS.interconnection
        : OPERATIONS.unknown;
  }
}

function readElement(reader: Reader, fields: Draft['fields'], type: number, length: number): void {
  reader.expect(length);
  const end = reader.position + length;
  if (type === COMMON && length >= COMMON_LENGTH) {
    fields.sequence = reader.u16be();
    fields.domain = uuidText(reader.take(UUID), false);
  } else if (type === TEST && length >= TEST_LENGTH) {
    fields.priority = reader.u16be();
    fields.mac = macText(reader.take(MAC));
    fields.portRole = reader.u16be();
    fields.ringState = reader.u16be();
    fields.transitions = reader.u16be();
  } else if (type === TOPOLOGY_CHANGE && length >= CHANGE_LENGTH) {
    fields.priority = reader.u16be();
    fields.mac = macText(reader.take(MAC));
    fields.interval = reader.u16be();
  } else if ((type === LINK_DOWN || type === LINK_UP) && length >= LINK_LENGTH) {
    fields.mac = macText(reader.take(MAC));
    fields.portRole = reader.u16be();
    fields.interval = reader.u16be();
    fields.blocked = reader.u16be();
  }
  reader.seek(end);
}
