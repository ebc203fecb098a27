import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { udld } from './udld.ts';

const ethernet = { transport: 'ethernet' } as const;
const context = new TestConversation(ethernet).context(true);

describe('udld', () => {
  it.each([
    { name: 'a probe', bytes: '21 01 0000', operation: 'probe', effect: 'report' },
    { name: 'an echo', bytes: '22 00 0000', operation: 'echo', effect: 'report' },
    { name: 'a flush', bytes: '23 00 0000', operation: 'flush', effect: 'report' },
    { name: 'a message we do not know', bytes: '2f 00 0000', operation: 'unknown message', effect: 'unknown' },
  ])('reads $name', ({ bytes, operation, effect }) => {
    expect(udld.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name: operation, effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'an element of no length', bytes: '21 01 0000 0001 0000', outcome: 'malformed' },
    { name: 'an element one too small', bytes: '21 01 0000 0001 0003 41', outcome: 'malformed' },
    { name: 'an element one too large', bytes: '21 01 0000 0001 0006 41', outcome: 'truncated' },
    { name: 'an element of the largest length', bytes: '21 01 0000 0001 ffff 41', outcome: 'truncated' },
    { name: 'more echoes than bytes', bytes: '21 01 0000 0003 0008 ffffffff', outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(udld.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('is recognised by version, kind and first element', () => {
    expect(udld.recognise(Reader.of(hex('21 01 0000 0001 0005 41')), context)).toBe('strong');
    expect(udld.recognise(Reader.of(hex('41 01 0000 0001 0005 41')), context)).toBe('no');
  });

  it('reads two switches at a link', async () => {
    const session = await dissectCapture(udld, new URL('captures/link.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/link.golden.json');
  });
});
