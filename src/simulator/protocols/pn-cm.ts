import { ByteWriter, concat } from '../frames/bytes.ts';

/** PROFINET context management (IEC 61158-6-10) in connectionless DCE/RPC (C706), little-endian; blocks are big-endian. */
const REQUEST = 0;
const RESPONSE = 2;
const IDEMPOTENT = 0x20;
const CONNECT = 0;
const CONTROL = 4;
const READ_IMPLICIT = 5;
const ARGUMENTS_MOST = 16_384;

const AR_BLOCK = 0x0101;
const IOCR_BLOCK = 0x0102;
const ALARM_CR_BLOCK = 0x0103;
const EXPECTED_SUBMODULE = 0x0104;
const PARAMETERS_END = 0x0110;
const APPLICATION_READY = 0x0112;
const READ_HEADER = 0x0009;
const IDENTIFICATION = 0x0020;
const ANSWER = 0x8000;

const INDEX_IDENTIFICATION = 0xaff0;
const ETHERTYPE_RT = 0x8892;
const SINGLE_CONTROLLER = 1;
const RT_CLASS_1 = 1;
const INPUT = 1;
const OUTPUT = 2;
const NO_IO = 0;
const INPUT_AND_OUTPUT = 3;
const NO_OFFSET = 0xffff_ffff;
const TAG_HIGH = 0xc000;
const TAG_LOW = 0xa000;
/** Cycles without data until a station gives up. */
const WATCHDOG = 3;
/** 1 ms, in units of 31.25 µs. */
const SEND_CLOCK = 32;
const COMMAND_END = 1;
const COMMAND_READY = 2;
const COMMAND_DONE = 8;

/** Where the one module of our stations puts its data and status bytes in a cyclic frame. */
export const DATA_AT = 1;
export const DATA_LENGTH = 8;
export const STATUS_AT: readonly number[] = [0, 9, 10];

type Interface = 'device' | 'controller';
const INTERFACE_NUMBER = { device: 1, controller: 2 } as const;

/** DEA0000n-6C97-11D1-8271, then what is particular: first three fields in the order of the sender. */
function profinetUuid(number: number, rest: readonly number[]): Uint8Array {
  return new ByteWriter(16)
    .u32le((0xdea0_0000 | number) >>> 0)
    .u16le(0x6c97)
    .u16le(0x11d1)
    .raw([0x82, 0x71])
    .raw(rest)
    .finish();
}

const INTERFACE_TAIL = [0x00, 0xa0, 0x24, 0x42, 0xdf, 0x7d] as const;

export interface RpcCall {
  readonly activity: Uint8Array;
  readonly sequence: number;
  readonly to: Interface;
  readonly vendorId: number;
  readonly deviceId: number;
}

function rpc(type: number, operation: number, call: RpcCall, body: Uint8Array): Uint8Array {
  const { vendorId, deviceId } = call;
  const object = [0x00, 0x01, deviceId >> 8, deviceId & 0xff, vendorId >> 8, vendorId & 0xff];
  return new ByteWriter(80 + body.length)
    .raw([4, type, IDEMPOTENT, 0])
    .raw([0x10, 0, 0, 0])
    .raw(profinetUuid(0, object))
    .raw(profinetUuid(INTERFACE_NUMBER[call.to], INTERFACE_TAIL))
    .raw(call.activity)
    .u32le(0)
    .u32le(1)
    .u32le(call.sequence)
    .u16le(operation)
    .u16le(0xffff)
    .u16le(0xffff)
    .u16le(body.length)
    .u16le(0)
    .raw([0, 0])
    .raw(body)
    .finish();
}

function question(operation: number, call: RpcCall, blocks: Uint8Array): Uint8Array {
  return rpc(REQUEST, operation, call, parameters(ARGUMENTS_MOST, blocks));
}

function answer(operation: number, call: RpcCall, blocks: Uint8Array): Uint8Array {
  return rpc(RESPONSE, operation, call, parameters(0, blocks));
}

/** `first` is the most bytes that an answer may have, or the status. */
function parameters(first: number, blocks: Uint8Array): Uint8Array {
  const most = first === 0 ? ARGUMENTS_MOST : first;
  return new ByteWriter(20 + blocks.length)
    .u32le(first)
    .u32le(blocks.length)
    .u32le(most)
    .u32le(0)
    .u32le(blocks.length)
    .raw(blocks)
    .finish();
}

function block(type: number, content: Uint8Array): Uint8Array {
  return new ByteWriter(6 + content.length)
    .u16be(type)
    .u16be(2 + content.length)
    .raw([1, 0])
    .raw(content)
    .finish();
}

export interface Relation {
  readonly uuid: Uint8Array;
  readonly session: number;
  readonly controllerMac: Uint8Array;
  readonly controllerName: string;
  readonly controllerVendorId: number;
  readonly controllerDeviceId: number;
  readonly deviceMac: Uint8Array;
  /** Milliseconds, a power of two. */
  readonly period: number;
  readonly dataLength: number;
  readonly outputFrameId: number;
  readonly inputFrameId: number;
}

export function connectRequest(call: RpcCall, relation: Relation): Uint8Array {
  return question(
    CONNECT,
    call,
    concat(
      block(AR_BLOCK, applicationRelation(relation)),
      block(IOCR_BLOCK, cyclicRelation(relation, INPUT)),
      block(IOCR_BLOCK, cyclicRelation(relation, OUTPUT)),
      block(EXPECTED_SUBMODULE, expectedSubmodules()),
      block(ALARM_CR_BLOCK, alarmRelation()),
    ),
  );
}

function applicationRelation(relation: Relation): Uint8Array {
  const { controllerVendorId: vendor, controllerDeviceId: device } = relation;
  return new ByteWriter(80)
    .u16be(SINGLE_CONTROLLER)
    .raw(relation.uuid)
    .u16be(relation.session)
    .raw(relation.controllerMac)
    .u32be(0xdea0_0000)
    .u16be(0x6c97)
    .u16be(0x11d1)
    .raw([0x82, 0x71, 0x00, 0x01, device >> 8, device & 0xff, vendor >> 8, vendor & 0xff])
    .u32be(0x4000_0011)
    .u16be(600)
    .u16be(ETHERTYPE_RT)
    .u16be(relation.controllerName.length)
    .ascii(relation.controllerName)
    .finish();
}

function cyclicRelation(relation: Relation, direction: number): Uint8Array {
  const writer = new ByteWriter(80)
    .u16be(direction)
    .u16be(direction)
    .u16be(ETHERTYPE_RT)
    .u32be(RT_CLASS_1)
    .u16be(relation.dataLength)
    .u16be(direction === INPUT ? relation.inputFrameId : relation.outputFrameId)
    .u16be(SEND_CLOCK)
    .u16be(relation.period)
    .u16be(1)
    .u16be(0)
    .u32be(NO_OFFSET)
    .u16be(WATCHDOG)
    .u16be(WATCHDOG)
    .u16be(TAG_HIGH)
    .zeros(6)
    .u16be(1)
    .u32be(0);
  const [headAt = 0, , moduleStatusAt = 0] = STATUS_AT;
  const data = [[1, 1, DATA_AT]];
  const status = [[1, 1, moduleStatusAt]];
  // The head of a station has no data: its status travels with the inputs, the controller's answer with the outputs.
  (direction === INPUT ? data : status).unshift([0, 1, headAt]);
  for (const list of [data, status]) {
    writer.u16be(list.length);
    for (const [slot = 0, subslot = 0, offset = 0] of list) {
      writer.u16be(slot).u16be(subslot).u16be(offset);
    }
  }
  return writer.finish();
}

function expectedSubmodules(): Uint8Array {
  return new ByteWriter(64)
    .u16be(2)
    .raw(slot(0, 0x0000_0001))
    .u16be(NO_IO)
    .raw(dataDescription(INPUT, 0))
    .raw(slot(1, 0x0000_0020))
    .u16be(INPUT_AND_OUTPUT)
    .raw(dataDescription(INPUT, DATA_LENGTH))
    .raw(dataDescription(OUTPUT, DATA_LENGTH))
    .finish();
}

/** API 0, one module with one submodule. */
function slot(number: number, module: number): Uint8Array {
  return new ByteWriter(22).u32be(0).u16be(number).u32be(module).u16be(0).u16be(1).u16be(1).u32be(1).finish();
}

function dataDescription(direction: number, length: number): Uint8Array {
  return new ByteWriter(6).u16be(direction).u16be(length).raw([1, 1]).finish();
}

function alarmRelation(): Uint8Array {
  return new ByteWriter(24)
    .u16be(1)
    .u16be(ETHERTYPE_RT)
    .u32be(0)
    .u16be(1)
    .u16be(3)
    .u16be(1)
    .u16be(200)
    .u16be(TAG_HIGH)
    .u16be(TAG_LOW)
    .finish();
}

export function connectResponse(call: RpcCall, relation: Relation): Uint8Array {
  const application = new ByteWriter(32)
    .u16be(SINGLE_CONTROLLER)
    .raw(relation.uuid)
    .u16be(relation.session)
    .raw(relation.deviceMac)
    .u16be(ETHERTYPE_RT)
    .finish();
  const cyclic = (direction: number, frameId: number) =>
    block(IOCR_BLOCK | ANSWER, new ByteWriter(6).u16be(direction).u16be(direction).u16be(frameId).finish());
  return answer(
    CONNECT,
    call,
    concat(
      block(AR_BLOCK | ANSWER, application),
      cyclic(INPUT, relation.inputFrameId),
      cyclic(OUTPUT, relation.outputFrameId),
      block(ALARM_CR_BLOCK | ANSWER, new ByteWriter(6).u16be(1).u16be(1).u16be(200).finish()),
    ),
  );
}

function control(relation: Relation, command: number): Uint8Array {
  return new ByteWriter(28)
    .u16be(0)
    .raw(relation.uuid)
    .u16be(relation.session)
    .u16be(0)
    .u16be(command)
    .u16be(0)
    .finish();
}

/** The controller has sent all parameters. */
export function parametersEnd(call: RpcCall, relation: Relation): Uint8Array {
  return question(CONTROL, call, block(PARAMETERS_END, control(relation, COMMAND_END)));
}

export function parametersEndDone(call: RpcCall, relation: Relation): Uint8Array {
  return answer(CONTROL, call, block(PARAMETERS_END | ANSWER, control(relation, COMMAND_DONE)));
}

/** The device is ready to exchange data: this time it asks the controller. */
export function applicationReady(call: RpcCall, relation: Relation): Uint8Array {
  return question(CONTROL, call, block(APPLICATION_READY, control(relation, COMMAND_READY)));
}

export function applicationReadyDone(call: RpcCall, relation: Relation): Uint8Array {
  return answer(CONTROL, call, block(APPLICATION_READY | ANSWER, control(relation, COMMAND_DONE)));
}

const RECORD_LENGTH = 60;

function readHeader(type: number, length: number, tail: number): Uint8Array {
  const content = new ByteWriter(60)
    .u16be(0)
    .zeros(16)
    .u32be(0)
    .u16be(0)
    .u16be(1)
    .u16be(0)
    .u16be(INDEX_IDENTIFICATION)
    .u32be(length)
    .zeros(tail)
    .finish();
  return block(type, content);
}

/** Reads I&M0 of the head without a connection. */
export function identificationRequest(call: RpcCall): Uint8Array {
  return question(READ_IMPLICIT, call, readHeader(READ_HEADER, ARGUMENTS_MOST, 24));
}

export interface Identification {
  readonly vendorId: number;
  readonly orderNumber: string;
  readonly serial: string;
  readonly hardware: number;
  /** `V4.2.0`. */
  readonly firmware: string;
}

export function identificationResponse(call: RpcCall, part: Identification): Uint8Array {
  const [major = 0, minor = 0, patch = 0] = part.firmware.replace(/^V/, '').split('.').map(Number);
  const record = new ByteWriter(64)
    .u16be(part.vendorId)
    .asciiFixed(part.orderNumber, 20)
    .asciiFixed(part.serial, 16)
    .u16be(part.hardware)
    .ascii('V')
    .raw([major, minor, patch])
    .u16be(0)
    .u16be(0)
    .u16be(5)
    .raw([1, 1])
    .u16be(0x001e)
    .finish();
  const blocks = concat(readHeader(READ_HEADER | ANSWER, RECORD_LENGTH, 24), block(IDENTIFICATION, record));
  return answer(READ_IMPLICIT, call, blocks);
}
