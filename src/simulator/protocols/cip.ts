import { ByteWriter } from '../frames/bytes.ts';
import type { CipIdentity } from '../plant/model.ts';

/** EtherNet/IP encapsulation and CIP (CIP Networks Library, volumes 1 and 2). */
const LIST_IDENTITY = 0x0063;
const REGISTER_SESSION = 0x0065;
const UNREGISTER_SESSION = 0x0066;
const SEND_RR_DATA = 0x006f;
const SEND_UNIT_DATA = 0x0070;

const ITEM_NULL = 0x0000;
const ITEM_IDENTITY = 0x000c;
const ITEM_CONNECTED_ADDRESS = 0x00a1;
const ITEM_CONNECTED_DATA = 0x00b1;
const ITEM_UNCONNECTED_DATA = 0x00b2;
const ITEM_SEQUENCED_ADDRESS = 0x8002;

const RESPONSE = 0x80;
const OPERATIONAL = 0x03;
/** Owned, and running with at least one connection. */
const STATUS_IN_USE = 0x0061;

export interface EnipHeader {
  readonly session: number;
  readonly context: number;
}

function encapsulate(command: number, { session, context }: EnipHeader, data: Uint8Array): Uint8Array {
  return new ByteWriter(24 + data.length)
    .u16le(command)
    .u16le(data.length)
    .u32le(session)
    .u32le(0)
    .u32le(context)
    .u32le(0)
    .u32le(0)
    .raw(data)
    .finish();
}

const NO_SESSION: EnipHeader = { session: 0, context: 0 };
const NOTHING = new Uint8Array(0);

export function listIdentityRequest(): Uint8Array {
  return encapsulate(LIST_IDENTITY, NO_SESSION, NOTHING);
}

export function listIdentityResponse(identity: CipIdentity, name: string, ip: number): Uint8Array {
  const body = new ByteWriter(64)
    .u16le(1)
    .u16be(2)
    .u16be(44_818)
    .u32be(ip)
    .zeros(8)
    .raw(identityAttributes(identity, name))
    .u8(OPERATIONAL)
    .finish();
  const items = new ByteWriter(6 + body.length).u16le(1).u16le(ITEM_IDENTITY).u16le(body.length).raw(body);
  return encapsulate(LIST_IDENTITY, NO_SESSION, items.finish());
}

/** Attributes 1 to 7 of the Identity object. */
export function identityAttributes(identity: CipIdentity, name: string): Uint8Array {
  return new ByteWriter(48)
    .u16le(identity.vendorId)
    .u16le(identity.deviceType)
    .u16le(identity.productCode)
    .u8(identity.major)
    .u8(identity.minor)
    .u16le(STATUS_IN_USE)
    .u32le(identity.serial)
    .u8(name.length)
    .ascii(name)
    .finish();
}

export function registerSession(header: EnipHeader): Uint8Array {
  return encapsulate(REGISTER_SESSION, header, Uint8Array.of(1, 0, 0, 0));
}

export function unregisterSession(header: EnipHeader): Uint8Array {
  return encapsulate(UNREGISTER_SESSION, header, NOTHING);
}

/** An unconnected message, question or answer. */
export function unconnected(header: EnipHeader, message: Uint8Array): Uint8Array {
  const data = new ByteWriter(16 + message.length)
    .u32le(0)
    .u16le(5)
    .u16le(2)
    .u16le(ITEM_NULL)
    .u16le(0)
    .u16le(ITEM_UNCONNECTED_DATA)
    .u16le(message.length)
    .raw(message);
  return encapsulate(SEND_RR_DATA, header, data.finish());
}

/** A message on a class 3 connection. */
export function connected(
  header: EnipHeader,
  connection: { readonly id: number; readonly sequence: number },
  message: Uint8Array,
): Uint8Array {
  const data = new ByteWriter(22 + message.length)
    .u32le(0)
    .u16le(0)
    .u16le(2)
    .u16le(ITEM_CONNECTED_ADDRESS)
    .u16le(4)
    .u32le(connection.id)
    .u16le(ITEM_CONNECTED_DATA)
    .u16le(2 + message.length)
    .u16le(connection.sequence)
    .raw(message);
  return encapsulate(SEND_UNIT_DATA, header, data.finish());
}

/** Cyclic data on UDP 2222; the originator's begins with the run bit. */
export function ioData(
  connection: { readonly id: number; readonly sequence: number; readonly cipSequence: number },
  data: Uint8Array,
  runHeader: boolean,
): Uint8Array {
  const writer = new ByteWriter(24 + data.length)
    .u16le(2)
    .u16le(ITEM_SEQUENCED_ADDRESS)
    .u16le(8)
    .u32le(connection.id)
    .u32le(connection.sequence)
    .u16le(ITEM_CONNECTED_DATA)
    .u16le(2 + (runHeader ? 4 : 0) + data.length)
    .u16le(connection.cipSequence);
  if (runHeader) {
    writer.u32le(1);
  }
  return writer.raw(data).finish();
}

export const GET_ATTRIBUTES_ALL = 0x01;
export const RESET = 0x05;
const READ_TAG = 0x4c;
export const WRITE_TAG = 0x4d;
const FORWARD_OPEN = 0x54;

export const IDENTITY = 0x01;
const CONNECTION_MANAGER = 0x06;

export interface CipPath {
  readonly classId: number;
  readonly instance: number;
  readonly attribute?: number;
}

export function cipRequest(service: number, path: CipPath, data: Uint8Array = NOTHING): Uint8Array {
  const segments = new ByteWriter(8).raw([0x20, path.classId, 0x24, path.instance]);
  if (path.attribute !== undefined) {
    segments.raw([0x30, path.attribute]);
  }
  const bytes = segments.finish();
  return new ByteWriter(2 + bytes.length + data.length)
    .u8(service)
    .u8(bytes.length / 2)
    .raw(bytes)
    .raw(data)
    .finish();
}

export function cipResponse(service: number, data: Uint8Array = NOTHING, status = 0): Uint8Array {
  return new ByteWriter(4 + data.length)
    .u8(service | RESPONSE)
    .u8(0)
    .u8(status)
    .u8(0)
    .raw(data)
    .finish();
}

const DINT = 0x00c4;

/** A tag's path is its name, each part a symbolic segment filled up to an even length. */
function symbolPath(tag: string): Uint8Array {
  const writer = new ByteWriter(32);
  for (const part of tag.split('.')) {
    writer.u8(0x91).u8(part.length).ascii(part);
    if (part.length % 2 === 1) {
      writer.u8(0);
    }
  }
  return writer.finish();
}

export function readTagRequest(tag: string): Uint8Array {
  const path = symbolPath(tag);
  return new ByteWriter(4 + path.length)
    .u8(READ_TAG)
    .u8(path.length / 2)
    .raw(path)
    .u16le(1)
    .finish();
}

export function readTagResponse(value: number): Uint8Array {
  return cipResponse(READ_TAG, new ByteWriter(6).u16le(DINT).u32le(value).finish());
}

export function writeTagRequest(tag: string, value: number): Uint8Array {
  const path = symbolPath(tag);
  return new ByteWriter(10 + path.length)
    .u8(WRITE_TAG)
    .u8(path.length / 2)
    .raw(path)
    .u16le(DINT)
    .u16le(1)
    .u32le(value)
    .finish();
}

export interface ForwardOpen {
  /** Connection ids: originator to target, and back. */
  readonly toTarget: number;
  readonly toOriginator: number;
  readonly serial: number;
  readonly vendorId: number;
  readonly originatorSerial: number;
  /** Microseconds between packets. */
  readonly interval: number;
  readonly outputSize: number;
  readonly inputSize: number;
  readonly transport: number;
  readonly path: readonly number[];
}

export const TRANSPORT_CLASS_3 = 0xa3;
export const TRANSPORT_CYCLIC = 0x01;
/** To the message router: how tags are read. */
export const PATH_MESSAGE_ROUTER: readonly number[] = [0x20, 0x02, 0x24, 0x01];
/** Configuration, output and input assemblies of an I/O adapter. */
export const PATH_IO_ASSEMBLIES: readonly number[] = [0x20, 0x04, 0x24, 0x66, 0x2c, 0x65, 0x2c, 0x64];

/** Point to point, high priority for cyclic data, variable for messages. */
const POINT_TO_POINT = 0x4000;
const HIGH_PRIORITY = 0x0400;
const VARIABLE = 0x0200;

export function forwardOpenRequest(open: ForwardOpen): Uint8Array {
  const cyclic = open.transport === TRANSPORT_CYCLIC;
  const flags = POINT_TO_POINT | (cyclic ? HIGH_PRIORITY : VARIABLE);
  const data = new ByteWriter(48)
    .u8(0x0a)
    .u8(0x0e)
    .u32le(open.toTarget)
    .u32le(open.toOriginator)
    .u16le(open.serial)
    .u16le(open.vendorId)
    .u32le(open.originatorSerial)
    .u8(1)
    .zeros(3)
    .u32le(open.interval)
    .u16le(flags | open.outputSize)
    .u32le(open.interval)
    .u16le(flags | open.inputSize)
    .u8(open.transport)
    .u8(open.path.length / 2)
    .raw(open.path);
  return cipRequest(FORWARD_OPEN, { classId: CONNECTION_MANAGER, instance: 1 }, data.finish());
}

export function forwardOpenResponse(open: ForwardOpen): Uint8Array {
  const data = new ByteWriter(26)
    .u32le(open.toTarget)
    .u32le(open.toOriginator)
    .u16le(open.serial)
    .u16le(open.vendorId)
    .u32le(open.originatorSerial)
    .u32le(open.interval)
    .u32le(open.interval)
    .u16le(0);
  return cipResponse(FORWARD_OPEN, data.finish());
}
