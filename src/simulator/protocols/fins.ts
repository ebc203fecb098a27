import { ByteWriter } from '../frames/bytes.ts';

/** Omron FINS over UDP (W342, Communications Commands Reference Manual). */
const COMMAND = 0x80;
const RESPONSE = 0xc0;
const GATEWAYS = 2;
const DATA_MEMORY_WORD = 0x82;
const NORMAL_END = 0;

export interface FinsNode {
  readonly client: number;
  readonly server: number;
  readonly serviceId: number;
}

function header(icf: number, destination: number, source: number, serviceId: number): ByteWriter {
  return new ByteWriter(64).u8(icf).u8(0).u8(GATEWAYS).raw([0, destination, 0]).raw([0, source, 0]).u8(serviceId);
}

export function finsRequest(node: FinsNode, code: number, text: Uint8Array): Uint8Array {
  return header(COMMAND, node.server, node.client, node.serviceId).u16be(code).raw(text).finish();
}

export function finsResponse(node: FinsNode, code: number, text: Uint8Array): Uint8Array {
  return header(RESPONSE, node.client, node.server, node.serviceId).u16be(code).u16be(NORMAL_END).raw(text).finish();
}

export const MEMORY_READ = 0x0101;
export const MEMORY_WRITE = 0x0102;
export const RUN = 0x0401;
export const STOP = 0x0402;
export const CONTROLLER_DATA_READ = 0x0501;
export const CONTROLLER_STATUS_READ = 0x0601;

export function memoryArea(start: number, count: number): Uint8Array {
  return new ByteWriter(6).u8(DATA_MEMORY_WORD).u16be(start).u8(0).u16be(count).finish();
}

export function words(values: readonly number[]): Uint8Array {
  const writer = new ByteWriter(values.length * 2);
  for (const value of values) {
    writer.u16be(value);
  }
  return writer.finish();
}

/** Model and version, 20 characters each; 40 bytes of the system; sizes of the memory areas. */
export function controllerData(model: string, version: string): Uint8Array {
  return new ByteWriter(92)
    .asciiFixed(model, 20)
    .asciiFixed(version, 20)
    .zeros(40)
    .u16be(20)
    .u8(23)
    .u16be(32_768)
    .u8(8)
    .u8(0)
    .u16be(0)
    .u8(0)
    .u16be(0)
    .finish();
}

export function controllerStatus(running: boolean): Uint8Array {
  return new ByteWriter(26)
    .u8(running ? 1 : 0)
    .u8(running ? 4 : 0)
    .zeros(8)
    .asciiFixed('', 16)
    .finish();
}

/** Program 0xffff, run mode. */
export const RUN_MODE: Uint8Array = Uint8Array.of(0xff, 0xff, 0x04);
