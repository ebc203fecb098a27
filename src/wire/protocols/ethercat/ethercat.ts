import { type Context, defineDissector, Malformed, NOTHING, type Operation, type Reading } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { identityOf } from './identity.ts';
import { isMailbox, readMailbox } from './mailbox.ts';
import { type Draft, type Fields, OPERATIONS } from './operations.ts';

/** ETG.1000.4, section 5.3: the frame header. */
const FRAME_HEADER = 2;
const LENGTH_BITS = 0x07ff;
const TYPE_SHIFT = 12;
const DATAGRAMS = 1;
const NETWORK_VARIABLES = 4;
const MAILBOX = 5;
const UDP_PORT = 34980;

/** Section 5.4: a datagram without its data. */
const DATAGRAM_HEADER = 10;
const DATAGRAM_LEAST = 12;
const LENGTH_AT = 6;
const MORE_FOLLOWS = 0x8000;
const RESERVED_LENGTH_BITS = 0x3800;

/** Section 5.4.1: the commands. */
const NO_OPERATION = 0;
const APRD = 1;
const APWR = 2;
const APRW = 3;
const BRD = 7;
const BRW = 9;
const LRD = 10;
const LRW = 12;
const ARMW = 13;
const FRMW = 14;
/** By command from APRD to BRW: reads, writes, or both, as position, station and broadcast each have in turn. */
const KINDS = 3;
const READS = 0;
const FARTHEST = 0x8000;

/** Section 6: registers of a device. */
const INFORMATION_END = 0x0010;
const STATION_ADDRESS = 0x0010;
const RESET = 0x0040;
const RESET_END = 0x0042;
const LINK_CONTROL = 0x0100;
const LINK_CONTROL_END = 0x0110;
const STATE_CONTROL = 0x0120;
const STATE_STATUS = 0x0130;
const EEPROM_ACCESS = 0x0500;
const EEPROM_CONTROL = 0x0502;
const EEPROM_DATA = 0x0508;
const EEPROM_END = 0x0510;
const MAPPING = 0x0600;
const MAPPING_END = 0x0880;
const CLOCKS = 0x0900;
const SYSTEM_TIME = 0x0910;
const CLOCKS_END = 0x0a00;
const MEMORY = 0x1000;

/** Section 6.4: bits of the control register of the EEPROM; its command is in the high byte. */
const EEPROM_COMMAND_SHIFT = 8;
const EEPROM_COMMAND_BITS = 7;
const EEPROM_COMMAND_READ = 1;
const EEPROM_EIGHT_BYTES = 0x0040;
const EEPROM_BUSY_OR_ERROR = 0xf800;
const EEPROM_ADDRESS_LENGTH = 6;

const STATE_BITS = 0x1f;
const NO_ANSWER = 'no device answered';

/** Memory of a conversation: the word of the EEPROM that was last selected at a station, and what was said. */
const SELECTED_WORD = 0x2_0000;
const MASTER_SAID = 0x3_0000;

export const ethercat = defineDissector<Fields>({
  name: 'ethercat',
  title: 'EtherCAT',
  source: 'ETG.1000.4 and ETG.1000.6 (IEC 61158, type 12); ETG.2010',
  at: [{ ethertype: 0x88a4 }, { udp: UDP_PORT }],
  operations: OPERATIONS,
  fields: {
    command:
      'Command, such as 1 read by position, 4 read by station address, 7 broadcast read, 12 cyclic read and write',
    index: 'Number by which the sender knows its datagram when it returns',
    address: 'Position or station address of the device, or the logical address',
    register: 'Register or memory address within the device; not for logical addresses',
    length: 'Bytes of data',
    workingCounter: 'How often devices have read or written; 0 when it leaves the master',
    state: 'State asked for or reported: 1 init, 2 pre-operational, 3 bootstrap, 4 safe-operational, 8 operational',
    word: 'Word of the EEPROM',
    value: 'What the EEPROM or an identification object holds',
    next: 'What the EEPROM holds in the two words behind',
    mailboxType: 'Mailbox protocol: 1 ADS, 2 Ethernet, 3 CANopen, 4 files, 5 drive profile, 15 own',
    service: 'Service of the mailbox protocol',
    object: 'Index of the object, or number of the drive parameter',
    subIndex: 'Sub-index of the object',
    file: 'File name',
    code: 'Error or abort code',
  },

  recognise(reader, context) {
    const header = reader.peek(0) | (reader.peek(1) << 8);
    const type = header >> TYPE_SHIFT;
    if (reader.remaining < FRAME_HEADER || (type !== DATAGRAMS && type !== NETWORK_VARIABLES && type !== MAILBOX)) {
      return 'no';
    }
    if (context.transport === 'ethernet') {
      return 'strong';
    }
    const fits = (header & LENGTH_BITS) + FRAME_HEADER <= reader.remaining;
    return fits && (context.destinationPort === UDP_PORT || context.sourcePort === UDP_PORT) ? 'weak' : 'no';
  },

  read(reader, context) {
    const header = reader.u16le();
    const type = header >> TYPE_SHIFT;
    reader.limit(header & LENGTH_BITS);
    if (type === DATAGRAMS || reader.remaining === 0) {
      return readDatagrams(reader, context);
    }
    if (type === NETWORK_VARIABLES) {
      return { direction: 'report', operation: OPERATIONS.networkVariables, fields: {} };
    }
    return type === MAILBOX ? readGateway(reader, context) : new Malformed(`frame type is ${type}`);
  },

  observe(reading, context) {
    if (reading.direction === 'response') {
      return observeDevice(reading);
    }
    if (context.recall(MASTER_SAID) !== undefined) {
      return NOTHING;
    }
    // Only a master sends frames that no device has passed yet.
    context.remember(MASTER_SAID, true);
    return reading.fields.command === undefined
      ? NOTHING
      : [
          {
            kind: 'role',
            subject: 'sender',
            role: 'plc',
            reason: 'is master of an EtherCAT segment',
            basis: 'announcement',
          },
        ];
  },
});

function readDatagrams(reader: Reader, context: Context): readonly Reading<Fields>[] | Malformed {
  const readings: Draft[] = [];
  const back = hasReturned(reader);
  for (let more = true; more && !reader.truncated && reader.step(); ) {
    const lengthField = reader.peek(LENGTH_AT) | (reader.peek(LENGTH_AT + 1) << 8);
    if ((lengthField & RESERVED_LENGTH_BITS) !== 0) {
      return new Malformed('reserved bits of a length are set');
    }
    more = (lengthField & MORE_FOLLOWS) !== 0;
    readings.push(readDatagram(reader, context, back));
  }
  return readings;
}

function readDatagram(reader: Reader, context: Context, back: boolean): Draft {
  const command = reader.u8();
  const index = reader.u8();
  const address = reader.u16le();
  const register = reader.u16le();
  const length = reader.u16le() & LENGTH_BITS;
  reader.skip(2);
  reader.expect(length + 2);
  const end = reader.position + length + 2;
  const workingCounter = reader.peek(length) | (reader.peek(length + 1) << 8);
  if (command >= LRD && command <= LRW) {
    const logical = ((register << 16) | address) >>> 0;
    reader.seek(end);
    return {
      direction: 'report',
      operation: OPERATIONS.cyclic,
      fields: { command, index, address: logical, length, workingCounter },
    };
  }
  const reading: Draft = {
    direction: back ? 'response' : 'request',
    operation: OPERATIONS.unknown,
    fields: { command, index, address, register, length, workingCounter },
  };
  if (command >= APRD && command <= BRW) {
    readRegister(reader, reading, context);
  } else {
    readOther(reading, command, register);
  }
  reader.seek(end);
  return reading;
}

/**
 * Nothing in the frame says that it has been round. But it leaves with every counter 0, and with a position that is 0 or
 * negative; each device adds 1 to the position.
 */
function hasReturned(reader: Reader): boolean {
  let at = 0;
  while (at + DATAGRAM_LEAST <= reader.remaining && reader.step()) {
    const command = reader.peek(at);
    const lengthField = reader.peek(at + LENGTH_AT) | (reader.peek(at + LENGTH_AT + 1) << 8);
    const counterAt = at + DATAGRAM_HEADER + (lengthField & LENGTH_BITS);
    const address = reader.peek(at + 2) | (reader.peek(at + 3) << 8);
    const passed = command >= APRD && command <= APRW && address > 0 && address < FARTHEST;
    if (passed || (reader.peek(counterAt) | reader.peek(counterAt + 1)) !== 0) {
      return true;
    }
    if ((lengthField & MORE_FOLLOWS) === 0) {
      return false;
    }
    at = counterAt + 2;
  }
  return false;
}

function readOther(reading: Draft, command: number, register: number): void {
  if (command === NO_OPERATION) {
    reading.direction = 'report';
    reading.operation = OPERATIONS.nothing;
  } else if (command === ARMW || command === FRMW) {
    reading.direction = 'report';
    reading.operation = register === SYSTEM_TIME ? OPERATIONS.time : OPERATIONS.cyclic;
  }
}

function readRegister(reader: Reader, reading: Draft, context: Context): void {
  const { fields } = reading;
  const { command = 0, index = 0, address = 0, register = 0, length = 0 } = fields;
  const reads = (command - 1) % KINDS === READS;
  reading.pair = index * 0x1_0000 + register;
  if (reading.direction === 'request') {
    reading.like = command * 0x1_0000 + address;
  } else if (fields.workingCounter === 0) {
    reading.refused = NO_ANSWER;
  }
  if (register >= MEMORY) {
    readMemory(reader, reading, context, reads);
    return;
  }
  reading.operation = reads ? readOperation(register) : writeOperation(register);
  if (register === STATE_CONTROL || register === STATE_STATUS) {
    // What a read says on its way out is nothing: the device fills it in.
    if (length >= 2 && (!reads || fields.workingCounter !== 0)) {
      fields.state = reader.peek(0) & STATE_BITS;
    }
  } else if (register >= EEPROM_CONTROL && register < EEPROM_END) {
    readEeprom(reader, reading, context, reads);
  }
}

function readMemory(reader: Reader, reading: Draft, context: Context, reads: boolean): void {
  const { command = 0, length = 0, workingCounter } = reading.fields;
  reading.operation = reads ? OPERATIONS.read : OPERATIONS.write;
  const full = !reads || workingCounter !== 0;
  if (full && command < BRD && isMailbox(reader, length)) {
    readMailbox(reader, reading, context, reads);
  }
}

function readOperation(register: number): Operation {
  if (register < INFORMATION_END) {
    return OPERATIONS.readInformation;
  }
  if (register === STATE_CONTROL || register === STATE_STATUS) {
    return OPERATIONS.readState;
  }
  return register >= EEPROM_CONTROL && register < EEPROM_END ? OPERATIONS.readEeprom : OPERATIONS.read;
}

function writeOperation(register: number): Operation {
  if (register === STATE_CONTROL) {
    return OPERATIONS.requestState;
  }
  if (register === STATION_ADDRESS) {
    return OPERATIONS.setAddress;
  }
  if (register >= RESET && register < RESET_END) {
    return OPERATIONS.reset;
  }
  const configures =
    (register >= LINK_CONTROL && register < LINK_CONTROL_END) ||
    (register >= EEPROM_ACCESS && register < EEPROM_CONTROL) ||
    (register >= MAPPING && register < MAPPING_END) ||
    (register >= CLOCKS && register < CLOCKS_END);
  return configures ? OPERATIONS.configure : OPERATIONS.write;
}

function readEeprom(reader: Reader, reading: Draft, context: Context, reads: boolean): void {
  const { fields } = reading;
  const { address = 0, register = 0, length = 0 } = fields;
  const control = reader.peek(0) | (reader.peek(1) << 8);
  const hasAddress = register === EEPROM_CONTROL && length >= EEPROM_ADDRESS_LENGTH;
  if (!reads) {
    const asksToRead = ((control >> EEPROM_COMMAND_SHIFT) & EEPROM_COMMAND_BITS) === EEPROM_COMMAND_READ;
    const selects = register === EEPROM_CONTROL && (asksToRead || control === 0);
    reading.operation = selects ? OPERATIONS.selectEeprom : OPERATIONS.writeEeprom;
    if (hasAddress) {
      fields.word = number32(reader, 2);
      context.remember(SELECTED_WORD + address, fields.word);
    }
    return;
  }
  if (fields.workingCounter !== 1) {
    return;
  }
  if (hasAddress) {
    fields.word = number32(reader, 2);
    if ((control & EEPROM_BUSY_OR_ERROR) === 0) {
      readWords(reader, fields, EEPROM_ADDRESS_LENGTH, (control & EEPROM_EIGHT_BYTES) !== 0);
    }
    return;
  }
  const selected = context.recall(SELECTED_WORD + address);
  if (register === EEPROM_DATA && typeof selected === 'number') {
    fields.word = selected;
    readWords(reader, fields, 0, true);
  }
}

function readWords(reader: Reader, fields: Draft['fields'], from: number, eight: boolean): void {
  const { length = 0 } = fields;
  if (length >= from + 4) {
    fields.value = number32(reader, from);
  }
  if (eight && length >= from + 8) {
    fields.next = number32(reader, from + 4);
  }
}

function number32(reader: Reader, at: number): number {
  const low = reader.peek(at) | (reader.peek(at + 1) << 8);
  return (low | (reader.peek(at + 2) << 16) | (reader.peek(at + 3) << 24)) >>> 0;
}

/** ETG.8200: mailbox messages through a gateway; the address in the mailbox header is the station. */
function readGateway(reader: Reader, context: Context): Reading<Fields> {
  const address = reader.peek(2) | (reader.peek(3) << 8);
  const reading: Draft = {
    direction: context.fromClient ? 'request' : 'response',
    operation: OPERATIONS.mailbox,
    fields: { address },
  };
  readMailbox(reader, reading, context, !context.fromClient);
  reading.target = `station ${address}`;
  return reading;
}

function observeDevice({ fields, refused }: Reading<Fields>): readonly Observation[] {
  const { command = 0, address = 0, value } = fields;
  if (value === undefined || refused !== undefined || (command >= BRD && command <= BRW)) {
    return NOTHING;
  }
  const identity = identityOf(fields);
  if (identity === undefined) {
    return NOTHING;
  }
  const byPosition = command === APRD || command === APWR || command === APRW;
  // A position has been counted up on the way: how far is known only to the master.
  return byPosition
    ? NOTHING
    : [{ kind: 'behind', subject: 'sender', device: `station ${address}`, ...identity, basis: 'identification' }];
}
