import { ByteWriter } from '../frames/bytes.ts';

/** Beckhoff ADS in AMS over TCP (Infosys, AMS/ADS specification). */
export const READ_DEVICE_INFO = 1;
export const READ = 2;
export const WRITE = 3;
export const READ_STATE = 4;
export const WRITE_CONTROL = 5;

const REQUEST = 0x0004;
const RESPONSE = 0x0005;
/** First run-time system of TwinCAT 3. */
const PLC_PORT = 851;
/** By handle: index group of symbol values. */
const SYMBOL_BY_HANDLE = 0xf005;

export const STATE_RUN = 5;
export const STATE_STOP = 6;

export interface AmsRoute {
  /** IPv4 addresses; the net id is the address followed by 1.1. */
  readonly client: number;
  readonly server: number;
  readonly clientPort: number;
  readonly invoke: number;
}

export function adsRequest(route: AmsRoute, command: number, data: Uint8Array): Uint8Array {
  const target = { ip: route.server, port: PLC_PORT };
  const source = { ip: route.client, port: route.clientPort };
  return ams({ target, source, command, flags: REQUEST, invoke: route.invoke, data });
}

export function adsResponse(route: AmsRoute, command: number, data: Uint8Array): Uint8Array {
  const target = { ip: route.client, port: route.clientPort };
  const source = { ip: route.server, port: PLC_PORT };
  return ams({ target, source, command, flags: RESPONSE, invoke: route.invoke, data });
}

interface AmsAddress {
  readonly ip: number;
  readonly port: number;
}

function ams(part: {
  readonly target: AmsAddress;
  readonly source: AmsAddress;
  readonly command: number;
  readonly flags: number;
  readonly invoke: number;
  readonly data: Uint8Array;
}): Uint8Array {
  return new ByteWriter(38 + part.data.length)
    .u16le(0)
    .u32le(32 + part.data.length)
    .u32be(part.target.ip)
    .raw([1, 1])
    .u16le(part.target.port)
    .u32be(part.source.ip)
    .raw([1, 1])
    .u16le(part.source.port)
    .u16le(part.command)
    .u16le(part.flags)
    .u32le(part.data.length)
    .u32le(0)
    .u32le(part.invoke)
    .raw(part.data)
    .finish();
}

export function symbolRead(handle: number, length: number): Uint8Array {
  return new ByteWriter(12).u32le(SYMBOL_BY_HANDLE).u32le(handle).u32le(length).finish();
}

export function symbolWrite(handle: number, value: Uint8Array): Uint8Array {
  return new ByteWriter(12 + value.length)
    .u32le(SYMBOL_BY_HANDLE)
    .u32le(handle)
    .u32le(value.length)
    .raw(value)
    .finish();
}

export function readResult(value: Uint8Array): Uint8Array {
  return new ByteWriter(8 + value.length).u32le(0).u32le(value.length).raw(value).finish();
}

export const DONE: Uint8Array = new Uint8Array(4);

export function deviceInfo(
  version: { readonly major: number; readonly minor: number; readonly build: number },
  name: string,
): Uint8Array {
  return new ByteWriter(24)
    .u32le(0)
    .u8(version.major)
    .u8(version.minor)
    .u16le(version.build)
    .asciiFixed(name, 16, 0)
    .finish();
}

export function deviceState(state: number): Uint8Array {
  return new ByteWriter(8).u32le(0).u16le(state).u16le(0).finish();
}

export function writeControl(state: number): Uint8Array {
  return new ByteWriter(8).u16le(state).u16le(0).u32le(0).finish();
}
