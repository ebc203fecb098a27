import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { goose } from './goose.ts';

const ethernet = { transport: 'ethernet', toMany: true } as const;
const context = new TestConversation(ethernet).context(true);
const dissect = (bytes: string) => goose.dissect(hex(bytes), context);

describe('goose', () => {
  it.each([
    { name: 'publish new state', bytes: '1001 0010 0000 0000 61 06 850105 860100', effect: 'report' },
    { name: 'repeat state', bytes: '1001 0010 0000 0000 61 06 850105 860101', effect: 'report' },
    { name: 'repeat state', bytes: '1001 0011 0000 0000 6181 06 850105 860101', effect: 'report' },
    { name: 'publish simulated state', bytes: '1001 0010 8000 0000 61 06 850105 860100', effect: 'report' },
    { name: 'publish simulated state', bytes: '1001 0013 0000 0000 61 09 850105 860100 8701ff', effect: 'report' },
    { name: 'ask for references', bytes: '1001 000d 0000 0000 60 03 800101', effect: 'discover' },
  ])('reads $name', ({ name, bytes, effect }) => {
    expect(dissect(bytes)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name, effect } }],
    });
  });

  it.each([
    { name: 'a number of 32 bits', bytes: '0000 0014 0000 0000 61 0a 850500fffffff0 860101', stNum: 0xfffffff0 },
    { name: 'a number without its leading zero', bytes: '0000 0010 0000 0000 61 06 8501ff 860101', stNum: 255 },
    { name: 'a header length 4 too small', bytes: '0000 000c 0000 0000 61 06 850105 860101', stNum: 5 },
    { name: 'padding behind', bytes: '0000 0010 0000 0000 61 06 850105 860101 0000', stNum: 5 },
  ])('reads $name', ({ bytes, stNum }) => {
    expect(dissect(bytes)).toMatchObject({ outcome: 'message', readings: [{ fields: { stNum } }] });
  });

  it.each([
    { name: 'no PDU', bytes: '1001 0010 0000 0000', outcome: 'truncated' },
    {
      name: 'a PDU one byte longer than the frame',
      bytes: '1001 0010 0000 0000 61 07 850105 860101',
      outcome: 'truncated',
    },
    { name: 'a PDU one byte too short', bytes: '1001 0010 0000 0000 61 05 850105 860101', outcome: 'malformed' },
    { name: 'a PDU of no length', bytes: '1001 0010 0000 0000 61 00', outcome: 'malformed' },
    { name: 'a PDU of the largest length', bytes: '1001 ffff 0000 0000 6183 ffffff 850105', outcome: 'truncated' },
    {
      name: 'a header length below the header',
      bytes: '1001 0007 0000 0000 61 06 850105 860101',
      outcome: 'malformed',
    },
    { name: 'indefinite length', bytes: '1001 0012 0000 0000 6180 850105 860101 0000', outcome: 'malformed' },
    { name: 'no sequence number', bytes: '1001 000d 0000 0000 61 03 850105', outcome: 'malformed' },
    { name: 'elements out of order', bytes: '1001 0010 0000 0000 61 06 860101 850105', outcome: 'malformed' },
    { name: 'another PDU', bytes: '1001 0010 0000 0000 62 06 850105 860101', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dissect(bytes).outcome).toBe(outcome);
  });

  it('recognises its PDUs only', () => {
    const likeness = (bytes: string) => goose.recognise(Reader.of(hex(bytes)), context);

    expect(likeness('1001 0010 0000 0000 6106')).toBe('strong');
    expect(likeness('1001 0010 0000 0000 3006')).toBe('no');
    expect(likeness('1001 0010 0000 0000 61')).toBe('no');
    expect(likeness('1001 0004 0000 0000 6106')).toBe('no');
  });

  it('reads a feeder', async () => {
    const session = await dissectCapture(goose, new URL('captures/feeder.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/feeder.golden.json');
  });
});
