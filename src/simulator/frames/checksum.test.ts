import { describe, expect, it } from 'vitest';
import { hex } from '../../../test/captures.ts';
import { foldChecksum, sumWords } from './checksum.ts';

describe('checksum', () => {
  it.each([
    { name: 'the example of RFC 1071', bytes: '0001 f203 f4f5 f6f7', checksum: 0x220d },
    { name: 'an IPv4 header', bytes: '4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7', checksum: 0xb861 },
    { name: 'an odd number of bytes', bytes: '0102 03', checksum: 0xfbfd },
    { name: 'nothing', bytes: '', checksum: 0xffff },
    { name: 'a sum that carries twice', bytes: 'ffff ffff 0001', checksum: 0xfffe },
  ])('is right for $name', ({ bytes, checksum }) => {
    const data = hex(bytes);
    expect(foldChecksum(sumWords(new DataView(data.buffer), 0, data.length))).toBe(checksum);
  });
});
