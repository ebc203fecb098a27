import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { mrp } from './mrp.ts';

const ethernet = { transport: 'ethernet' } as const;
const context = new TestConversation(ethernet).context(true);
const COMMON = `01 12 0001 ${'ff'.repeat(16)}`;
const MAC = '020000000100';

describe('mrp', () => {
  it.each([
    {
      name: 'test ring',
      bytes: `0001 02 12 8000 ${MAC} 0000 0001 0000 000003e8 ${COMMON} 0000`,
      fields: { ringState: 1 },
    },
    { name: 'topology change', bytes: `0001 03 0a 8000 ${MAC} 000a ${COMMON} 0000`, fields: { interval: 10 } },
    { name: 'link down', bytes: `0001 04 0c ${MAC} 0001 0014 0001 ${COMMON} 0000`, fields: { portRole: 1 } },
    { name: 'link up', bytes: `0001 05 0c ${MAC} 0001 0014 0001 ${COMMON} 0000`, fields: { blocked: 1 } },
    { name: 'interconnection of rings', bytes: `0001 0a 02 0000 ${COMMON} 0000`, fields: { sequence: 1 } },
    { name: 'unknown message', bytes: `0001 7f 04 000ecf00 ${COMMON} 0000`, fields: { sequence: 1 } },
  ])('reads $name', ({ name, bytes, fields }) => {
    expect(mrp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { name }, fields }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'no end', bytes: `0001 ${COMMON}`, outcome: 'truncated' },
    { name: 'an element of no length', bytes: `0001 02 00 ${COMMON} 0000`, outcome: 'message' },
    { name: 'an element one too small', bytes: `0001 03 09 8000 ${MAC} 00 ${COMMON} 0000`, outcome: 'message' },
    { name: 'an element longer than the frame', bytes: `0001 03 0d 8000 ${MAC} 000a 0000`, outcome: 'truncated' },
    { name: 'an element of the largest length', bytes: `0001 03 ff 8000 ${MAC} 000a 0000`, outcome: 'truncated' },
    { name: 'no common element', bytes: '0001 02 00 0000', outcome: 'truncated' },
    { name: 'padding behind the end', bytes: `0001 ${COMMON} 0000 00000000`, outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(mrp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('is recognised by version and first element', () => {
    expect(mrp.recognise(Reader.of(hex('0001 02 12')), context)).toBe('strong');
    expect(mrp.recognise(Reader.of(hex('0001 7e 12')), context)).toBe('no');
    expect(mrp.recognise(Reader.of(hex('0900 02 12')), context)).toBe('no');
  });

  it('reads a ring that opens and closes', async () => {
    const session = await dissectCapture(mrp, new URL('captures/ring.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/ring.golden.json');
  });
});
