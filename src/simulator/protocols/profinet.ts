import { macBytes } from '../frames/addresses.ts';
import { ByteWriter } from '../frames/bytes.ts';

/** PROFINET (IEC 61158-6-10): discovery and configuration, and cyclic real-time data. */
export const DCP_IDENTIFY_MULTICAST = macBytes('01:0e:cf:00:00:00');
export const RT_PRIORITY = 6;

const FRAME_IDENTIFY_REQUEST = 0xfefe;
const FRAME_IDENTIFY_RESPONSE = 0xfeff;
const FRAME_GET_SET = 0xfefd;
const SERVICE_SET = 4;
const SERVICE_IDENTIFY = 5;
const REQUEST = 0;
const RESPONSE = 1;
const SAVE_PERMANENTLY = 1;

const IP = 1;
const IP_PARAMETERS = 2;
const DEVICE = 2;
const DEVICE_TYPE = 1;
const NAME_OF_STATION = 2;
const DEVICE_ID = 3;
const DEVICE_ROLE = 4;
const CONTROL = 5;
const CONTROL_RESPONSE = 4;
const ALL = 0xff;

export const ROLE_DEVICE = 1;
export const ROLE_CONTROLLER = 2;

/** Data valid, provider runs, primary, no problem: IEC 61158-6-10, data status. */
const DATA_STATUS_RUN = 0x35;

interface DcpPart {
  readonly frame: number;
  readonly service: number;
  readonly type: number;
  readonly xid: number;
  readonly delay: number;
  readonly blocks: Uint8Array;
}

function dcp(part: DcpPart): Uint8Array {
  return new ByteWriter(12 + part.blocks.length)
    .u16be(part.frame)
    .u8(part.service)
    .u8(part.type)
    .u32be(part.xid)
    .u16be(part.delay)
    .u16be(part.blocks.length)
    .raw(part.blocks)
    .finish();
}

/** `content` after option, suboption and length, filled up to an even length. */
function block(option: number, suboption: number, content: Uint8Array): Uint8Array {
  const writer = new ByteWriter(6 + content.length).u8(option).u8(suboption).u16be(content.length).raw(content);
  return content.length % 2 === 1 ? writer.u8(0).finish() : writer.finish();
}

function named(info: number, text: string): Uint8Array {
  return new ByteWriter(2 + text.length).u16be(info).ascii(text).finish();
}

export function identifyAllRequest(xid: number): Uint8Array {
  return dcp({
    frame: FRAME_IDENTIFY_REQUEST,
    service: SERVICE_IDENTIFY,
    type: REQUEST,
    xid,
    delay: 1,
    blocks: block(ALL, ALL, new Uint8Array(0)),
  });
}

/** A controller looks for the device of this name before it connects. */
export function identifyNameRequest(xid: number, name: string): Uint8Array {
  return dcp({
    frame: FRAME_IDENTIFY_REQUEST,
    service: SERVICE_IDENTIFY,
    type: REQUEST,
    xid,
    delay: 1,
    blocks: block(DEVICE, NAME_OF_STATION, new ByteWriter(name.length).ascii(name).finish()),
  });
}

export interface DcpStation {
  readonly name: string;
  readonly type: string;
  readonly vendorId: number;
  readonly deviceId: number;
  readonly role: number;
  readonly ip: number;
  readonly mask: number;
  readonly gateway: number;
}

export function identifyResponse(xid: number, station: DcpStation): Uint8Array {
  const blocks = new ByteWriter(128)
    .raw(block(DEVICE, DEVICE_TYPE, named(0, station.type)))
    .raw(block(DEVICE, NAME_OF_STATION, named(0, station.name)))
    .raw(block(DEVICE, DEVICE_ID, new ByteWriter(6).u16be(0).u16be(station.vendorId).u16be(station.deviceId).finish()))
    .raw(block(DEVICE, DEVICE_ROLE, Uint8Array.of(0, 0, station.role, 0)))
    .raw(block(IP, IP_PARAMETERS, ipParameters(1, station)));
  return dcp({
    frame: FRAME_IDENTIFY_RESPONSE,
    service: SERVICE_IDENTIFY,
    type: RESPONSE,
    xid,
    delay: 0,
    blocks: blocks.finish(),
  });
}

function ipParameters(
  info: number,
  part: { readonly ip: number; readonly mask: number; readonly gateway: number },
): Uint8Array {
  return new ByteWriter(14).u16be(info).u32be(part.ip).u32be(part.mask).u32be(part.gateway).finish();
}

export function setIpRequest(
  xid: number,
  part: { readonly ip: number; readonly mask: number; readonly gateway: number },
): Uint8Array {
  const blocks = block(IP, IP_PARAMETERS, ipParameters(SAVE_PERMANENTLY, part));
  return dcp({ frame: FRAME_GET_SET, service: SERVICE_SET, type: REQUEST, xid, delay: 0, blocks });
}

export function setIpResponse(xid: number): Uint8Array {
  return dcp({
    frame: FRAME_GET_SET,
    service: SERVICE_SET,
    type: RESPONSE,
    xid,
    delay: 0,
    blocks: block(CONTROL, CONTROL_RESPONSE, Uint8Array.of(IP, IP_PARAMETERS, 0)),
  });
}

/** One cyclic frame: data, then cycle counter (units of 31.25 µs) and status. */
export function cyclicFrame(frameId: number, data: Uint8Array, counter: number): Uint8Array {
  return new ByteWriter(6 + data.length).u16be(frameId).raw(data).u16be(counter).u8(DATA_STATUS_RUN).u8(0).finish();
}
