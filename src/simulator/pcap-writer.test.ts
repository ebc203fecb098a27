import { describe, expect, it } from 'vitest';
import { hex } from '../../test/captures.ts';
import { PcapWriter } from './pcap-writer.ts';

describe('PcapWriter', () => {
  it('writes the file header and one record', () => {
    const writer = new PcapWriter();
    expect(writer.write({ time: 1_000_002, bytes: hex('aabbcc') })).toBeUndefined();
    expect(writer.finish()).toEqual(
      hex('d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000 01000000 02000000 03000000 03000000 aabbcc'),
    );
  });

  it('hands out full chunks and keeps every byte', () => {
    const writer = new PcapWriter();
    const bytes = new Uint8Array(1000).fill(7);
    let total = 0;
    for (let packet = 0; packet < 3000; packet++) {
      total += writer.write({ time: packet, bytes })?.length ?? 0;
    }
    expect(total + writer.finish().length).toBe(24 + 3000 * 1016);
  });
});
