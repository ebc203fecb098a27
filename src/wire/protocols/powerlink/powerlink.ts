import { type Context, defineDissector, NOTHING, type Operation } from '../../dissector.ts';
import { ipv4Text } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { holdsOpenSafety } from '../../stack/open-safety.ts';
import { observeIdentity, observeObject } from './identity.ts';
import { type Draft, type Fields, OPERATIONS } from './operations.ts';
import { readSdo } from './sdo.ts';

/** EPSG DS 301, section 4.6.1.1.1: message types. */
const TYPE_BITS = 0x7f;
const START_OF_CYCLE = 0x01;
const POLL_REQUEST = 0x03;
const POLL_RESPONSE = 0x04;
const START_OF_ASYNCHRONOUS = 0x05;
const ASYNCHRONOUS = 0x06;
const MANAGING_NODE = 0x07;
const INVITE = 0x0d;
const UDP_PORT = 3819;
const HEADER = 3;

/** Section 4.6.1.1.6, table 18: services that are asked for; the asynchronous frame has the same numbers. */
const NO_SERVICE = 0x00;
const IDENTIFY = 0x01;
const STATUS = 0x02;
const NMT_REQUEST = 0x03;
const NMT_COMMAND = 0x04;
const SDO = 0x05;
const FIRST_MANUFACTURER = 0xa0;
const UNSPECIFIED_INVITE = 0xff;

/** Section 7.3.1.2.1: commands; from 0x40 the same for a list of nodes. */
const COMMANDS: ReadonlyMap<number, Operation> = new Map([
  [0x21, OPERATIONS.startNode],
  [0x22, OPERATIONS.stopNode],
  [0x23, OPERATIONS.preOperational],
  [0x24, OPERATIONS.ready],
  [0x28, OPERATIONS.resetNode],
  [0x29, OPERATIONS.resetCommunication],
  [0x2a, OPERATIONS.resetConfiguration],
  [0x2b, OPERATIONS.softwareReset],
  [0x41, OPERATIONS.startNode],
  [0x42, OPERATIONS.stopNode],
  [0x43, OPERATIONS.preOperational],
  [0x44, OPERATIONS.ready],
  [0x48, OPERATIONS.resetNode],
  [0x49, OPERATIONS.resetCommunication],
  [0x4a, OPERATIONS.resetConfiguration],
  [0x4b, OPERATIONS.softwareReset],
  [0x62, OPERATIONS.setHostName],
  [0x63, OPERATIONS.flushAddress],
]);
const FIRST_PUBLISH = 0x80;
const LAST_PUBLISH = 0xbf;
const ALL_NODES = 255;
const HOST_NAME = 32;
const VENDOR_EXTENSION = 48;
const MANAGING_NODE_ID = 240;
const MANAGER_SAID = 'manager';
const SAFETY_SAID = 'safety';

export const powerlink = defineDissector<Fields>({
  name: 'powerlink',
  title: 'Ethernet POWERLINK',
  source: 'EPSG DS 301, sections 4.6 (frames), 6.3 (SDO) and 7.3 (NMT)',
  at: [{ ethertype: 0x88ab }, { udp: UDP_PORT }],
  operations: OPERATIONS,
  fields: {
    messageType:
      'Kind of frame: 1 start of cycle, 3 poll request, 4 poll response, 5 start of asynchronous, 6 asynchronous',
    destination: 'Node that it is for; 255 is all',
    source: 'Node that sends; 240 is the managing node',
    state: 'NMT state of the sender',
    size: 'Bytes of process data',
    safety: 'The process data hold an openSAFETY frame',
    service: 'Service: 1 identify, 2 status, 3 NMT request, 4 NMT command, 5 SDO',
    target: 'Node that is asked for the service',
    command: 'NMT command or SDO command',
    transaction: 'Pairs an SDO answer with its request',
    object: 'Index of the object',
    subIndex: 'Sub-index of the object',
    code: 'Abort code of the SDO',
    value: 'What an identification object holds',
    deviceType: 'Device type; its low half is the number of the device profile',
    vendorId: 'Vendor id',
    productCode: 'Product code',
    revision: 'Revision number',
    serial: 'Serial number',
    address: 'IP address of the node',
    hostName: 'Host name of the node',
  },
  // An SDO frame without a command is whole, and so is one that ends where its command would begin.
  whole: false,

  recognise(reader, context) {
    const type = reader.peek(0);
    if (reader.remaining <= HEADER || operationOf(type) === OPERATIONS.unknown) {
      return 'no';
    }
    if (context.transport === 'ethernet') {
      return 'strong';
    }
    const onPort = context.destinationPort === UDP_PORT || context.sourcePort === UDP_PORT;
    const service = reader.peek(HEADER);
    return onPort && type === ASYNCHRONOUS && service >= IDENTIFY && service <= SDO ? 'weak' : 'no';
  },

  read(reader, context) {
    const messageType = reader.u8() & TYPE_BITS;
    const reading: Draft = {
      direction: 'report',
      operation: operationOf(messageType),
      fields: { messageType, destination: reader.u8(), source: reader.u8() },
    };
    switch (messageType) {
      case START_OF_CYCLE:
        // Flags, then the net time and the relative time.
        reader.expect(19);
        break;
      case POLL_REQUEST:
      case POLL_RESPONSE:
        readPoll(reader, reading.fields, context);
        break;
      case START_OF_ASYNCHRONOUS:
        readStart(reader, reading);
        break;
      case ASYNCHRONOUS:
        readAsynchronous(reader, reading, context);
        break;
      default:
        break;
    }
    return reading;
  },

  observe({ direction, fields }, context) {
    if (fields.messageType === START_OF_CYCLE || fields.messageType === START_OF_ASYNCHRONOUS) {
      if (context.recall(MANAGER_SAID)) {
        return NOTHING;
      }
      context.remember(MANAGER_SAID, true);
      const reason = 'is managing node of a POWERLINK segment';
      return [{ kind: 'role', subject: 'sender', role: 'plc', reason, basis: 'behaviour' }];
    }
    if (fields.safety) {
      return observeSafety(fields, context);
    }
    if (fields.messageType !== ASYNCHRONOUS) {
      return NOTHING;
    }
    if (fields.service === IDENTIFY) {
      return observeIdentity(fields);
    }
    return direction === 'response' && fields.value !== undefined ? observeObject(fields) : NOTHING;
  },
});

function observeSafety({ source }: Fields, context: Context): readonly Observation[] {
  if (source === MANAGING_NODE_ID || context.recall(SAFETY_SAID)) {
    return NOTHING;
  }
  context.remember(SAFETY_SAID, true);
  const reason = 'sends openSAFETY frames in its process data';
  return [{ kind: 'role', subject: 'sender', role: 'safety', reason, basis: 'announcement' }];
}

function operationOf(messageType: number): Operation {
  switch (messageType) {
    case START_OF_CYCLE:
      return OPERATIONS.startOfCycle;
    case POLL_REQUEST:
      return OPERATIONS.pollRequest;
    case POLL_RESPONSE:
      return OPERATIONS.pollResponse;
    case START_OF_ASYNCHRONOUS:
      return OPERATIONS.startOfAsynchronous;
    case ASYNCHRONOUS:
      return OPERATIONS.manufacturer;
    case MANAGING_NODE:
      return OPERATIONS.redundancy;
    case INVITE:
      return OPERATIONS.invite;
    default:
      return OPERATIONS.unknown;
  }
}

/** Sections 4.6.1.1.3 and 4.6.1.1.4: state, flags, PDO version, size, and the process data. */
function readPoll(reader: Reader, fields: Draft['fields'], context: Context): void {
  const state = reader.u8();
  reader.skip(4);
  const size = reader.u16le();
  if (fields.messageType === POLL_RESPONSE) {
    fields.state = state;
  }
  fields.size = size;
  reader.expect(size);
  // A request only passes on what safety nodes send each other.
  if (fields.messageType === POLL_RESPONSE && holdsOpenSafety(reader, Math.min(size, reader.remaining), context)) {
    fields.safety = true;
  }
}

/** Section 4.6.1.1.5. The answer comes as an asynchronous frame to all, in a conversation of its own. */
function readStart(reader: Reader, reading: Draft): void {
  const { fields } = reading;
  fields.state = reader.u8();
  reader.skip(2);
  const service = reader.u8();
  const target = reader.u8();
  reader.expect(1);
  fields.service = service;
  fields.target = target;
  if (service === NO_SERVICE) {
    return;
  }
  reading.operation =
    service === IDENTIFY ? OPERATIONS.identify : service === STATUS ? OPERATIONS.readStatus : OPERATIONS.invite;
  if (service === UNSPECIFIED_INVITE || service >= NMT_REQUEST) {
    return;
  }
  reading.direction = 'request';
  reading.target = `node ${target}`;
}

function readAsynchronous(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  const service = reader.u8();
  fields.service = service;
  switch (service) {
    case IDENTIFY:
      reading.direction = 'response';
      reading.operation = OPERATIONS.identify;
      readIdentity(reader, fields);
      break;
    case STATUS:
      reading.direction = 'response';
      reading.operation = OPERATIONS.readStatus;
      reader.skip(2);
      fields.state = reader.u8();
      break;
    case NMT_REQUEST:
      reading.direction = 'request';
      reading.operation = OPERATIONS.askCommand;
      fields.command = reader.u8();
      fields.target = reader.u8();
      break;
    case NMT_COMMAND:
      readCommand(reader, reading);
      break;
    case SDO:
      readSdo(reader, reading, context);
      break;
    default:
      reading.operation = service < FIRST_MANUFACTURER ? OPERATIONS.unknown : OPERATIONS.manufacturer;
  }
}

/** Nobody answers a command: the node's state shows that it was carried out. */
function readCommand(reader: Reader, reading: Draft): void {
  const { fields } = reading;
  const command = reader.u8();
  fields.command = command;
  reader.expect(1);
  reading.operation = COMMANDS.get(command) ?? OPERATIONS.otherCommand;
  if (command >= FIRST_PUBLISH && command <= LAST_PUBLISH) {
    reading.operation = OPERATIONS.publish;
    return;
  }
  reading.direction = 'request';
  reading.target = fields.destination === ALL_NODES ? 'all nodes' : `node ${fields.destination}`;
}

/** Section 7.3.3.2.1: what a node says of itself. */
function readIdentity(reader: Reader, fields: Draft['fields']): void {
  reader.skip(2);
  fields.state = reader.u8();
  // Version of POWERLINK, features, frame sizes, response time.
  reader.skip(19);
  fields.deviceType = reader.u32le();
  fields.vendorId = reader.u32le();
  fields.productCode = reader.u32le();
  fields.revision = reader.u32le();
  fields.serial = reader.u32le();
  // An extension of the vendor, times of the configuration and of the application.
  reader.skip(24);
  fields.address = ipv4Text(reader.u32le());
  reader.skip(8);
  fields.hostName = reader.text(HOST_NAME, 'latin-1').trim();
  reader.expect(VENDOR_EXTENSION);
}
