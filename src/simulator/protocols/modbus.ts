import { ByteWriter } from '../frames/bytes.ts';

/** Modbus Application Protocol v1.1b3, Messaging on TCP/IP v1.0b. */
const ENCAPSULATED_INTERFACE = 0x2b;
const READ_DEVICE_IDENTIFICATION = 0x0e;
const BITS_PER_BYTE = 8;

/** Header with the right length, then unit, function and whatever follows. */
export function modbusFrame(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  return new ByteWriter(7 + pdu.length)
    .u16be(transaction)
    .u16be(0)
    .u16be(pdu.length + 1)
    .u8(unit)
    .raw(pdu)
    .finish();
}

export function readRequest(code: 1 | 2 | 3 | 4, start: number, count: number): Uint8Array {
  return new ByteWriter(5).u8(code).u16be(start).u16be(count).finish();
}

export function readBitsResponse(code: 1 | 2, bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / BITS_PER_BYTE));
  for (const [index, bit] of bits.entries()) {
    const at = index >> 3;
    bytes[at] = (bytes[at] ?? 0) | (bit ? 1 << (index & 7) : 0);
  }
  return new ByteWriter(2 + bytes.length).u8(code).u8(bytes.length).raw(bytes).finish();
}

export function readRegistersResponse(code: 3 | 4, values: readonly number[]): Uint8Array {
  const writer = new ByteWriter(2 + values.length * 2).u8(code).u8(values.length * 2);
  for (const value of values) {
    writer.u16be(value);
  }
  return writer.finish();
}

/** Function 6; the answer repeats it. */
export function writeRegister(address: number, value: number): Uint8Array {
  return new ByteWriter(5).u8(6).u16be(address).u16be(value).finish();
}

/** Function 5; the answer repeats it. */
export function writeCoil(address: number, on: boolean): Uint8Array {
  return new ByteWriter(5)
    .u8(5)
    .u16be(address)
    .u16be(on ? 0xff00 : 0)
    .finish();
}

export function writeRegisters(address: number, values: readonly number[]): Uint8Array {
  const writer = new ByteWriter(6 + values.length * 2)
    .u8(16)
    .u16be(address)
    .u16be(values.length)
    .u8(values.length * 2);
  for (const value of values) {
    writer.u16be(value);
  }
  return writer.finish();
}

export function writeRegistersResponse(address: number, count: number): Uint8Array {
  return new ByteWriter(5).u8(16).u16be(address).u16be(count).finish();
}

export const ILLEGAL_ADDRESS = 2;

export function exception(code: number, reason: number): Uint8Array {
  return Uint8Array.of(code | 0x80, reason);
}

/** Function 43/14, basic objects. */
export function identificationRequest(): Uint8Array {
  return Uint8Array.of(ENCAPSULATED_INTERFACE, READ_DEVICE_IDENTIFICATION, 1, 0);
}

export function identificationResponse(objects: readonly string[]): Uint8Array {
  const writer = new ByteWriter(64)
    .u8(ENCAPSULATED_INTERFACE)
    .u8(READ_DEVICE_IDENTIFICATION)
    .u8(1)
    .u8(1)
    .u8(0)
    .u8(0)
    .u8(objects.length);
  for (const [id, text] of objects.entries()) {
    writer.u8(id).u8(text.length).ascii(text);
  }
  return writer.finish();
}
