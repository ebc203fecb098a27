import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { dtp } from './dtp.ts';

const ethernet = { transport: 'ethernet' } as const;
const context = new TestConversation(ethernet).context(true);

describe('dtp', () => {
  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a port', bytes: '01 0002 0005 83 0003 0005 a5', outcome: 'message' },
    { name: 'an element of no length', bytes: '01 0002 0000 83', outcome: 'malformed' },
    { name: 'an element one too small', bytes: '01 0002 0003 83', outcome: 'malformed' },
    { name: 'an element one too large', bytes: '01 0002 0006 83', outcome: 'truncated' },
    { name: 'an element of the largest length', bytes: '01 0002 ffff 83', outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dtp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('is recognised by its version and its first element', () => {
    expect(dtp.recognise(Reader.of(hex('01 0001 0005 00')), context)).toBe('strong');
    expect(dtp.recognise(Reader.of(hex('01 0009 0005 00')), context)).toBe('no');
  });

  it('reads two ports', async () => {
    const session = await dissectCapture(dtp, new URL('captures/trunk.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/trunk.golden.json');
  });
});
