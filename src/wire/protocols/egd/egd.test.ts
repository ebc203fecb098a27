import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { egd } from './egd.ts';

const context = new TestConversation({ transport: 'udp', destinationPort: 18_246 }).context(true);

const HEAD = '0d 01 0500 c0a8010a 02000000 80c22966 00ca9a3b 01000000 0201 0000 00000000';
const PLAUSIBLE = HEAD.replace('00ca9a3b', 'ffc99a3b');

describe('egd', () => {
  it('reads a production of data', () => {
    expect(egd.dissect(hex(`${HEAD} 0102030405`), context)).toMatchObject({
      outcome: 'message',
      readings: [
        {
          direction: 'report',
          operation: { effect: 'report' },
          fields: {
            producerId: '192.168.1.10',
            exchangeId: 2,
            requestId: 5,
            seconds: 1_714_012_800,
            nanoseconds: 1_000_000_000,
            status: 1,
            configSignature: 258,
            length: 5,
          },
        },
      ],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'malformed' },
    { name: 'a head that lacks its last byte', bytes: HEAD.slice(0, -2), outcome: 'truncated' },
    { name: 'a head without data', bytes: HEAD, outcome: 'message' },
    { name: 'another type', bytes: HEAD.replace('0d', '0c'), outcome: 'malformed' },
    { name: 'another version', bytes: HEAD.replace('01', '02'), outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(egd.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'data', bytes: `${PLAUSIBLE} 01`, likeness: 'strong' },
    { name: 'the most data', bytes: PLAUSIBLE + '00'.repeat(1400), likeness: 'strong' },
    { name: 'more than that', bytes: PLAUSIBLE + '00'.repeat(1401), likeness: 'no' },
    { name: 'half a head', bytes: PLAUSIBLE.slice(0, -2), likeness: 'no' },
    { name: 'a whole second of nanoseconds', bytes: HEAD, likeness: 'no' },
    { name: 'no producer', bytes: PLAUSIBLE.replace('c0a8010a', '00000000'), likeness: 'no' },
    { name: 'no exchange', bytes: PLAUSIBLE.replace('02000000', '00000000'), likeness: 'no' },
    { name: 'reserved bytes that are used', bytes: PLAUSIBLE.replace(/00$/, '01'), likeness: 'no' },
    { name: 'another type', bytes: PLAUSIBLE.replace('0d', '0c'), likeness: 'no' },
    { name: 'another version', bytes: PLAUSIBLE.replace('01', '02'), likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(egd.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it('reads a golden capture', async () => {
    const exchanges = await dissectCapture(egd, new URL('captures/exchanges.txt', import.meta.url), {
      transport: 'udp',
    });
    await expect(exchanges).toMatchFileSnapshot('captures/exchanges.golden.json');
  });
});
