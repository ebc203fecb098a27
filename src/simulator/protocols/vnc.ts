import { ascii, ByteWriter } from '../frames/bytes.ts';

/** Remote framebuffer without a password (RFC 6143). */
export const VERSION: Uint8Array = ascii('RFB 003.008\n');
/** One security type is offered: none. */
export const SECURITY_TYPES: Uint8Array = Uint8Array.of(1, 1);
export const CHOOSE_NONE: Uint8Array = Uint8Array.of(1);
export const SECURITY_OK: Uint8Array = new Uint8Array(4);
export const SHARED: Uint8Array = Uint8Array.of(1);
const RAW = 0;

export function serverInit(name: string): Uint8Array {
  return new ByteWriter(32 + name.length)
    .u16be(1280)
    .u16be(800)
    .raw([32, 24, 0, 1])
    .u16be(255)
    .u16be(255)
    .u16be(255)
    .raw([16, 8, 0, 0, 0, 0])
    .u32be(name.length)
    .ascii(name)
    .finish();
}

export function setEncodings(): Uint8Array {
  return new ByteWriter(8).u8(2).u8(0).u16be(1).u32be(RAW).finish();
}

export function updateRequest(): Uint8Array {
  return new ByteWriter(10).u8(3).u8(1).u16be(0).u16be(0).u16be(1280).u16be(800).finish();
}

export function pointerEvent(x: number, y: number, pressed: boolean): Uint8Array {
  return new ByteWriter(6)
    .u8(5)
    .u8(pressed ? 1 : 0)
    .u16be(x)
    .u16be(y)
    .finish();
}

const SIDE = 8;

export function update(pixels: Uint8Array): Uint8Array {
  return new ByteWriter(16 + pixels.length)
    .u8(0)
    .u8(0)
    .u16be(1)
    .u16be(40)
    .u16be(40)
    .u16be(SIDE)
    .u16be(SIDE)
    .u32be(RAW)
    .raw(pixels)
    .finish();
}

export const PIXEL_BYTES = SIDE * SIDE * 4;
