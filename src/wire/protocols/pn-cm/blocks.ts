import { macText, uuidText } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import { readSafety, type SafetyPlace } from './safety.ts';

/** What the blocks of one call say. Lists are cut at `MOST_ITEMS`. */
export interface Said {
  readonly blocks: number[];
  arType?: number;
  arUuid?: string;
  initiatorMac?: string;
  stationName?: string;
  vendorId?: number;
  deviceId?: number;
  controlCommand?: number;
  records?: RecordPlace[];
  cycles?: Cycle[];
  modules?: Module[];
  safety?: SafetyPlace[];
  orderNumber?: string;
  serial?: string;
  hardware?: string;
  firmware?: string;
  tag?: string;
  location?: string;
}

export interface RecordPlace {
  readonly slot: number;
  readonly subslot: number;
  readonly index: number;
}

/** A cyclic connection as it is asked for; times in microseconds. */
export interface Cycle {
  /** 1 input (device to controller), 2 output, 3 and 4 multicast. */
  readonly type: number;
  readonly frameId: number;
  readonly period: number;
  readonly timeout: number;
}

export interface Module {
  readonly slot: number;
  readonly moduleIdent: number;
}

const MOST_ITEMS = 256;
/** Records of makers (below) and of application profiles (from, to) have no blocks. */
const FIRST_STANDARD_INDEX = 0x8000;
const FIRST_PROFILE_INDEX = 0xb000;
const END_OF_PROFILES = 0xc000;

/** Section 5.2.1 (block types). */
const WRITE_REQUEST = 0x0008;
const READ_REQUEST = 0x0009;
const WRITE_ANSWER = 0x8008;
const READ_ANSWER = 0x8009;
const REAL_IDENTIFICATION = 0x0013;
const IM0 = 0x0020;
const IM1 = 0x0021;
const FILTER_SUBMODULE = 0x0030;
const CONNECTION_REQUEST = 0x0101;
const CYCLIC_REQUEST = 0x0102;
const EXPECTED_MODULES = 0x0104;
const CONNECTION_ANSWER = 0x8101;
/** Parameter end, plug alarms, application ready, release: 0x0110 to 0x0118 and their answers. */
const FIRST_CONTROL = 0x0110;
const LAST_CONTROL = 0x0118;
const ANSWER_BIT = 0x8000;

const UUID = 16;
const VERSION = 2;
const DESCRIPTION = 6;
const INPUT_AND_OUTPUT = 3;
/** 31.25 µs, the unit of the send clock. */
const CLOCK_UNIT = 31.25;

/** Section 5.2: blocks follow each other, those of a read or write with its record behind them. */
export function readBlocks(reader: Reader, said: Said): void {
  reader.repeatToEnd(() => {
    const type = reader.u16be();
    const length = reader.u16be();
    reader.expect(length);
    const block = reader.sub(length);
    if (said.blocks.length < MOST_ITEMS) {
      said.blocks.push(type);
    }
    const versionHigh = block.u8();
    const versionLow = block.u8();
    const followed = readBlock(block, type, versionHigh * 256 + versionLow, said);
    if (followed > 0) {
      reader.expect(followed);
      const record = reader.sub(Math.min(followed, reader.remaining));
      if (type === WRITE_REQUEST) {
        markSafety(record, said);
      }
      const padding = (4 - (followed % 4)) % 4;
      reader.skip(Math.min(padding, reader.remaining));
    }
  });
}

/** Returns how many bytes of a record follow that have no blocks. */
function readBlock(block: Reader, type: number, version: number, said: Said): number {
  switch (type) {
    case WRITE_REQUEST:
    case READ_REQUEST:
    case WRITE_ANSWER:
    case READ_ANSWER:
      return readRecordHeader(block, type, said);
    case CONNECTION_REQUEST:
      readConnectionRequest(block, said);
      break;
    case CONNECTION_ANSWER:
      said.arType = block.u16be();
      said.arUuid = uuidText(block.take(UUID), false);
      break;
    case CYCLIC_REQUEST:
      readCycle(block, said);
      break;
    case EXPECTED_MODULES:
      readExpected(block, said);
      break;
    case REAL_IDENTIFICATION:
      readModules(block, version > 0x0100, said);
      break;
    case FILTER_SUBMODULE:
      readModules(block, true, said);
      break;
    case IM0:
      readIdentification(block, said);
      break;
    case IM1:
      said.tag = block.text(32, 'latin-1').trim();
      said.location = block.text(22, 'latin-1').trim();
      break;
    default:
      readControl(block, type, said);
  }
  return 0;
}

/** Section 5.2.2.1. */
function readConnectionRequest(block: Reader, said: Said): void {
  said.arType = block.u16be();
  said.arUuid = uuidText(block.take(UUID), false);
  block.skip(2); // session key
  said.initiatorMac = macText(block.take(6));
  block.skip(12); // object id up to the numbers of the device, with its instance
  said.deviceId = block.u16be();
  said.vendorId = block.u16be();
  block.skip(8); // properties, time-out, UDP port
  const length = block.u16be();
  if (block.remaining >= length) {
    said.stationName = block.text(length).trim();
  }
}

/** Section 5.2.2.3: one period is the send clock times the reduction; the data are held for some periods. */
function readCycle(block: Reader, said: Said): void {
  const type = block.u16be();
  block.skip(10); // reference, length type, properties, data length
  const frameId = block.u16be();
  const clock = block.u16be();
  const reduction = block.u16be();
  block.skip(8); // phase, sequence, send offset
  block.skip(2); // watchdog factor
  const hold = block.u16be();
  if (block.truncated) {
    return;
  }
  said.cycles ??= [];
  if (said.cycles.length < MOST_ITEMS) {
    const period = clock * reduction * CLOCK_UNIT;
    said.cycles.push({ type, frameId, period, timeout: period * hold });
  }
}

/** Section 5.2.2.5. */
function readExpected(block: Reader, said: Said): void {
  block.repeat(block.u16be(), () => {
    block.skip(4); // application process
    const slot = block.u16be();
    addModule(said, slot, block.u32be());
    block.skip(2); // module properties
    block.repeat(block.u16be(), () => {
      block.skip(6); // subslot, submodule
      const directions = (block.u16be() & 3) === INPUT_AND_OUTPUT ? 2 : 1;
      block.skip(directions * DESCRIPTION);
    });
  });
}

/** Sections 5.2.10 and 5.2.13: slots with their modules, submodules left out. */
function readModules(block: Reader, perApplication: boolean, said: Said): void {
  const readSlots = () => {
    block.repeat(block.u16be(), () => {
      const slot = block.u16be();
      addModule(said, slot, block.u32be());
      block.repeat(block.u16be(), () => {
        block.skip(6);
      });
    });
  };
  if (!perApplication) {
    readSlots();
    return;
  }
  block.repeat(block.u16be(), () => {
    block.skip(4);
    readSlots();
  });
}

function addModule(said: Said, slot: number, moduleIdent: number): void {
  said.modules ??= [];
  if (said.modules.length < MOST_ITEMS) {
    said.modules.push({ slot, moduleIdent });
  }
}

/** Section 5.2.7: sequence number, connection, place, index and length of a record; 0xE040 holds further writes. */
function readRecordHeader(block: Reader, type: number, said: Said): number {
  block.skip(2); // sequence number
  said.arUuid ??= uuidText(block.take(UUID), false);
  block.seek(VERSION + 2 + UUID + 4);
  const slot = block.u16be();
  const subslot = block.u16be();
  block.skip(2);
  const index = block.u16be();
  const length = block.u32be();
  said.records ??= [];
  if (said.records.length < MOST_ITEMS) {
    said.records.push({ slot, subslot, index });
  }
  const holdsRecord = type === WRITE_REQUEST || type === READ_ANSWER;
  return holdsRecord && !hasBlocks(index) ? length : 0;
}

/** What is written to the place of the last header; safety parameters are marked, their meaning is left alone. */
function markSafety(record: Reader, said: Said): void {
  const place = said.records?.at(-1);
  const addresses = readSafety(record);
  if (place !== undefined && addresses !== undefined) {
    said.safety ??= [];
    if (said.safety.length < MOST_ITEMS) {
      said.safety.push({ slot: place.slot, subslot: place.subslot, ...addresses });
    }
  }
}

function hasBlocks(index: number): boolean {
  return index >= END_OF_PROFILES || (index >= FIRST_STANDARD_INDEX && index < FIRST_PROFILE_INDEX);
}

/** Identification and maintenance functions, part 1 (profile guideline, section 3.2). */
function readIdentification(block: Reader, said: Said): void {
  if (block.remaining < 52) {
    return;
  }
  said.vendorId = block.u16be();
  said.orderNumber = block.text(20, 'latin-1').trim();
  said.serial = block.text(16, 'latin-1').trim();
  said.hardware = String(block.u16be());
  const prefix = block.text(1, 'latin-1');
  said.firmware = `${prefix}${block.u8()}.${block.u8()}.${block.u8()}`;
}

/** Section 5.2.4. */
function readControl(block: Reader, type: number, said: Said): void {
  const request = type & ~ANSWER_BIT;
  if (request < FIRST_CONTROL || request > LAST_CONTROL) {
    return;
  }
  block.skip(2);
  said.arUuid = uuidText(block.take(UUID), false);
  block.skip(4); // session key, alarm sequence number
  said.controlCommand = block.u16be();
}
