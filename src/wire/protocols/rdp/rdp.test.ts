import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { rdp } from './rdp.ts';

const client = () => new TestConversation().context(true);

describe('rdp', () => {
  it.each([
    { name: 'a negotiation', bytes: '03000013 0ee00000000000 0100080003000000', likeness: 'strong' },
    { name: 'an answer to one', bytes: '03000013 0ed00000123400 0200080001000000', likeness: 'strong' },
    { name: 'a cookie', bytes: '03000015 10e00000000000 436f6f6b69653a200d0a', likeness: 'strong' },
    {
      name: 'a connection for another protocol',
      bytes: '03000016 11e00000000100 c0010a c1020100 c2020102',
      likeness: 'no',
    },
    { name: 'a negotiation of another length', bytes: '03000013 0ee00000000000 0100090003000000', likeness: 'no' },
    { name: 'a header that does not fit', bytes: '03000013 0fe00000000000 0100080003000000', likeness: 'no' },
  ])('recognises $name: $likeness', ({ bytes, likeness }) => {
    expect(rdp.recognise(Reader.of(hex(bytes)), client())).toBe(likeness);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a length below the header', bytes: '03000006 02f080', outcome: 'malformed' },
    { name: 'a maximal length', bytes: '0300ffff 02f080 00', outcome: 'truncated' },
    { name: 'a header beyond the packet', bytes: '0300000b ffe00000000000', outcome: 'truncated' },
    {
      name: 'core data beyond the packet',
      bytes: '03000017 02f080 7f6500 44756361 04 01c0ffff 00000000',
      outcome: 'truncated',
    },
    { name: 'an unknown kind of TPDU', bytes: '03000007 021080', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(rdp.dissect(hex(bytes), client()).outcome).toBe(outcome);
  });

  it('leaves TLS to others, and knows fast-path packets only where all is in clear', () => {
    const context = client();
    const cut = (bytes: string) => rdp.cut?.(Reader.of(hex(bytes)), context);

    expect(cut('1603010005')).toBe(NOT_MINE);
    expect(cut('4406aabbccdd')).toBe(NOT_MINE);
    rdp.dissect(hex('03000009 02f080 7f65'), context);
    expect(cut('4406aabbccdd')).toBe(6);
    expect(cut('04810000')).toBe(0x100);
  });

  it('reads sessions', async () => {
    const session = await dissectCapture(rdp, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
