import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { lacp } from './lacp.ts';

const ethernet = { transport: 'ethernet' } as const;
const context = new TestConversation(ethernet).context(true);
const END = '03 10 0032 000000000000000000000000 00 00';
const side = (type: string, length = '14') => `${type} ${length} 8000 020000000100 000a 0080 0001 3d 000000`;

/** Filled up to the length that every one has. */
function filled(bytes: string): Uint8Array {
  const whole = new Uint8Array(110);
  whole.set(hex(bytes));
  return whole;
}

describe('lacp', () => {
  it.each([
    { name: 'link aggregation', bytes: filled(`01 01 ${side('01')} ${side('02')} ${END}`), direction: 'report' },
    { name: 'an element we do not know', bytes: filled(`01 02 ${side('07')} ${END}`), direction: 'report' },
    { name: 'a marker', bytes: filled('02 01 01 10 0001 020000000100 0000004d 0000 00 00'), direction: 'request' },
    { name: 'its answer', bytes: filled('02 01 02 10 0001 020000000100 0000004d 0000 00 00'), direction: 'response' },
    { name: 'link maintenance', bytes: hex('03 0050 00'), direction: 'report' },
    { name: 'an organisation', bytes: hex('0a 0019a7 0001'), direction: 'report' },
  ])('reads $name', ({ bytes, direction }) => {
    expect(lacp.dissect(bytes, context)).toMatchObject({ outcome: 'message', readings: [{ direction }] });
  });

  it.each([
    { name: 'no byte', bytes: hex(''), outcome: 'truncated' },
    { name: 'one byte too few', bytes: filled(`01 01 ${side('01')}`).subarray(0, 109), outcome: 'truncated' },
    { name: 'an element of no length', bytes: filled('01 01 01 00'), outcome: 'message' },
    { name: 'an element one too small', bytes: filled(`01 01 ${side('01', '13')}`), outcome: 'message' },
    { name: 'an element one too large', bytes: filled(`01 01 ${side('01', '15')}`), outcome: 'message' },
    { name: 'an element of the largest length', bytes: filled('01 01 01 ff'), outcome: 'truncated' },
    { name: 'a subtype we do not know', bytes: hex('09 00'), outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(lacp.dissect(bytes, context).outcome).toBe(outcome);
  });

  it('is recognised by its subtype', () => {
    expect(lacp.recognise(Reader.of(hex('01 01')), context)).toBe('strong');
    expect(lacp.recognise(Reader.of(hex('09 01')), context)).toBe('no');
  });

  it('reads how two switches join their links', async () => {
    const session = await dissectCapture(lacp, new URL('captures/join.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/join.golden.json');
  });
});
