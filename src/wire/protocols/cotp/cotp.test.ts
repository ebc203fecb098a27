import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { cotp } from './cotp.ts';

const request = new TestConversation().context(true);

describe('cotp', () => {
  it.each([
    {
      name: 'a request with access points',
      bytes: '03000016 11 e0 0000 0001 00 c1020100 c2020102 c0010a',
      as: 'strong',
    },
    { name: 'a request with a cookie', bytes: '0300000f 0a e0 0000 0000 00 436f6f6b', as: 'weak' },
    { name: 'a request with nothing', bytes: '0300000b 06 e0 0000 0000 00', as: 'weak' },
    { name: 'a request that answers', bytes: '0300000b 06 e0 0001 0000 00', as: 'no' },
    { name: 'data of S7', bytes: '03000009 02 f0 80 32 01', as: 'strong' },
    { name: 'data of a conference', bytes: '03000009 02 f0 80 7f 65', as: 'weak' },
    { name: 'data with bits that are none', bytes: '03000009 02 f0 91 32 01', as: 'no' },
    { name: 'a call of H.225', bytes: '03000009 08 02 00 00 00', as: 'no' },
    { name: 'another version', bytes: '02000009 02 f0 80 32 01', as: 'no' },
  ])('thinks $name $as', ({ bytes, as }) => {
    expect(cotp.recognise(Reader.of(hex(bytes)), request)).toBe(as);
  });

  it.each([
    { name: 'the whole packet', bytes: '03000009 02 f0', length: 9 },
    { name: 'nothing yet', bytes: '', length: MORE },
    { name: 'a header cut short', bytes: '030000', length: MORE },
    { name: 'another version', bytes: '04', length: NOT_MINE },
    { name: 'a packet shorter than its header', bytes: '03000006 02 f0', length: NOT_MINE },
    { name: 'a header longer than its packet', bytes: '03000009 11 e0', length: NOT_MINE },
    { name: 'the longest', bytes: '0300ffff 02 f0', length: 0xffff },
    { name: 'no kind of TPDU', bytes: '03000009 04 30', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(cotp.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'data one byte short', bytes: '0300000a 02 f0 80 32 01', outcome: 'truncated' },
    { name: 'a parameter one byte too long', bytes: '0300000f 0a e0 0000 0001 00 c1030100', outcome: 'truncated' },
    { name: 'a parameter of no length', bytes: '0300000d 08 e0 0000 0001 00 c100', outcome: 'message' },
    { name: 'another version', bytes: '02000009 02 f0 80 32 01', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(cotp.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it('remembers the access points for what it carries', () => {
    const conversation = new TestConversation();
    cotp.dissect(hex('03000016 11 e0 0000 0001 00 c1020100 c2020102 c0010a'), conversation.context(true));
    expect(conversation.context(false).recall('cotp.calledTsap')).toBe('0102');
  });

  it('reads a session', async () => {
    const session = await dissectCapture(cotp, new URL('captures/connection.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/connection.golden.json');
  });
});
