import { describe, expect, it } from 'vitest';
import { hex } from '../../../test/captures.ts';
import { ByteWriter } from './bytes.ts';

describe('ByteWriter', () => {
  it('writes numbers in both orders, and text', () => {
    const bytes = new ByteWriter(2).u8(0x101).u16be(0x1234).u16le(0x1234).u24be(0x010203).u32le(7).ascii('ok').finish();
    expect(bytes).toEqual(hex('01 1234 3412 010203 07000000 6f6b'));
  });

  it('keeps what was written when it has to grow', () => {
    const writer = new ByteWriter();
    for (let count = 0; count < 300; count++) {
      writer.u32be(count);
    }
    const bytes = writer.finish();
    expect(bytes.length).toBe(1200);
    expect(bytes.subarray(1196)).toEqual(hex('0000012b'));
  });

  it('writes zeros where an earlier message stood', () => {
    new ByteWriter().raw(new Uint8Array(64).fill(0xff)).finish();
    expect(new ByteWriter().zeros(4).finish()).toEqual(new Uint8Array(4));
  });

  it('hands out messages that a later one does not change', () => {
    const first = new ByteWriter().u16be(1).finish();
    new ByteWriter().u16be(2).finish();
    expect(first).toEqual(hex('0001'));
  });
});
