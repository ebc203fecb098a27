import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { cipIo } from './cip-io.ts';

const context = new TestConversation({ transport: 'udp' }).context(true);
const ADDRESS = '0280 0800 03064b00 07000000';

describe('cip_io', () => {
  it.each([
    { name: 'data', bytes: `0200 ${ADDRESS} b100 0400 01020304`, outcome: 'message' },
    { name: 'no data', bytes: `0200 ${ADDRESS} b100 0000`, outcome: 'message' },
    { name: 'data cut short', bytes: `0200 ${ADDRESS} b100 0500 01020304`, outcome: 'truncated' },
    { name: 'the longest data, none of it here', bytes: `0200 ${ADDRESS} b100 ffff`, outcome: 'truncated' },
    { name: 'an address alone', bytes: `0200 ${ADDRESS}`, outcome: 'truncated' },
    { name: 'no address', bytes: '0200 0000 0000 b200 0400 01020304 00000000', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(cipIo.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'its two items', bytes: `0200 ${ADDRESS} b100 0000`, likeness: 'strong' },
    { name: 'another address', bytes: '0200 a100 0400 03064b00 b100 0400 01020304', likeness: 'no' },
    { name: 'too little', bytes: `0200 ${ADDRESS}`, likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(cipIo.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it('reads cyclic data', async () => {
    const session = await dissectCapture(cipIo, new URL('captures/cyclic.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/cyclic.golden.json');
  });
});
