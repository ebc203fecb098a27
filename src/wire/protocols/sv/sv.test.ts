import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { sv } from './sv.ts';

const ethernet = { transport: 'ethernet', toMany: true } as const;
const context = new TestConversation(ethernet).context(true);
const dissect = (bytes: string) => sv.dissect(hex(bytes), context);

describe('sv', () => {
  it.each([
    { name: 'publish samples', bytes: '4000 0017 0000 0000 60 0d 800101 a208 3006 82021234 8700', sampleCount: 0x1234 },
    { name: 'publish samples', bytes: '4000 0013 0000 0000 60 0d 800101 a208 3006 8202ffff 8700', sampleCount: 0xffff },
    {
      name: 'publish simulated samples',
      bytes: '4000 0017 8000 0000 60 0d 800101 a208 3006 82020000 8700',
      sampleCount: 0,
    },
  ])('reads $name $sampleCount', ({ name, bytes, sampleCount }) => {
    expect(dissect(bytes)).toMatchObject({
      outcome: 'message',
      readings: [
        { direction: 'report', operation: { name, effect: 'report' }, fields: { appId: 0x4000, sampleCount } },
      ],
    });
  });

  it.each([
    { name: 'no PDU', bytes: '4000 0017 0000 0000', outcome: 'truncated' },
    {
      name: 'a PDU one byte longer than the frame',
      bytes: '4000 0017 0000 0000 60 0e 800101 a208 3006 82021234 8700',
      outcome: 'truncated',
    },
    {
      name: 'a PDU one byte too short',
      bytes: '4000 0017 0000 0000 60 0c 800101 a208 3006 82021234 8700',
      outcome: 'malformed',
    },
    {
      name: 'an ASDU longer than the PDU',
      bytes: '4000 0017 0000 0000 60 0d 800101 a208 3007 82021234 8700',
      outcome: 'malformed',
    },
    { name: 'an ASDU of no length', bytes: '4000 0011 0000 0000 60 07 800101 a202 3000', outcome: 'malformed' },
    {
      name: 'an ASDU without a sample count',
      bytes: '4000 0013 0000 0000 60 09 800101 a204 3002 8700',
      outcome: 'malformed',
    },
    { name: 'a PDU of no length', bytes: '4000 000a 0000 0000 60 00', outcome: 'malformed' },
    { name: 'a PDU of the largest length', bytes: '4000 ffff 0000 0000 6083 ffffff 800101', outcome: 'truncated' },
    {
      name: 'a header length below the header',
      bytes: '4000 0007 0000 0000 60 0d 800101 a208 3006 82021234 8700',
      outcome: 'malformed',
    },
    { name: 'another PDU', bytes: '4000 0017 0000 0000 61 0d 800101 a208 3006 82021234 8700', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dissect(bytes).outcome).toBe(outcome);
  });

  it('recognises its PDU only', () => {
    const likeness = (bytes: string) => sv.recognise(Reader.of(hex(bytes)), context);

    expect(likeness('4000 0017 0000 0000 600d')).toBe('strong');
    expect(likeness('4000 0017 0000 0000 610d')).toBe('no');
  });

  it('reads a merging unit', async () => {
    const session = await dissectCapture(sv, new URL('captures/merging-unit.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/merging-unit.golden.json');
  });
});
