import { ByteWriter } from '../frames/bytes.ts';

/** Mitsubishi SLMP, 3E frame in binary code (SH-080956, SLMP Reference Manual). */
const REQUEST = 0x5000;
const RESPONSE = 0xd000;
const DATA_REGISTER = 0xa8;
const OWN_STATION = [0x00, 0xff, 0xff, 0x03, 0x00] as const;
/** Units of 250 ms. */
const MONITORING_TIMER = 0x0010;

export const BATCH_READ = 0x0401;
export const BATCH_WRITE = 0x1401;
export const REMOTE_RUN = 0x1001;
export const REMOTE_STOP = 0x1002;
export const READ_TYPE_NAME = 0x0101;

export function slmpRequest(command: number, data: Uint8Array): Uint8Array {
  return new ByteWriter(15 + data.length)
    .u16be(REQUEST)
    .raw(OWN_STATION)
    .u16le(6 + data.length)
    .u16le(MONITORING_TIMER)
    .u16le(command)
    .u16le(0)
    .raw(data)
    .finish();
}

export function slmpResponse(data: Uint8Array): Uint8Array {
  return new ByteWriter(11 + data.length)
    .u16be(RESPONSE)
    .raw(OWN_STATION)
    .u16le(2 + data.length)
    .u16le(0)
    .raw(data)
    .finish();
}

export function registers(start: number, count: number): Uint8Array {
  return new ByteWriter(6).u16le(start).u8(0).u8(DATA_REGISTER).u16le(count).finish();
}

export function words(values: readonly number[]): Uint8Array {
  const writer = new ByteWriter(values.length * 2);
  for (const value of values) {
    writer.u16le(value);
  }
  return writer.finish();
}

export function typeName(model: string): Uint8Array {
  return new ByteWriter(18).asciiFixed(model, 16).u16le(0x0366).finish();
}

/** Mode 1: not against another station that holds the CPU. */
export const STOP_MODE: Uint8Array = Uint8Array.of(1, 0);
/** The same, and no memory is cleared. */
export const RUN_MODE: Uint8Array = Uint8Array.of(1, 0, 0, 0);
