import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ptcp } from './ptcp.ts';

const ethernet = { transport: 'ethernet' } as const;
const context = new TestConversation(ethernet).context(true);
const HEAD = '00000000 00000000 00000000 0007 0000 000003e8';
const PORT = '0c06 0200000000b2';

describe('ptcp', () => {
  it.each([
    { name: 'synchronise clocks', frames: ['0020', '0021', '0080', '0081'], effect: 'report' },
    { name: 'follow up synchronisation', frames: ['ff20', 'ff21'], effect: 'report' },
    { name: 'announce clock master', frames: ['ff00', 'ff01'], effect: 'report' },
    { name: 'ask line delay', frames: ['ff40'], effect: 'report' },
    { name: 'tell line delay', frames: ['ff41', 'ff42', 'ff43'], effect: 'report' },
    { name: 'unknown message', frames: ['0022', '0082', 'ff02', 'ff3f'], effect: 'unknown' },
  ])('reads $name', ({ name, frames, effect }) => {
    for (const frame of frames) {
      expect(ptcp.dissect(hex(`${frame} ${HEAD} ${PORT} 0000`), context)).toMatchObject({
        outcome: 'message',
        readings: [{ direction: 'report', operation: { name, effect } }],
      });
    }
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a head without elements', bytes: `ff40 ${HEAD}`, outcome: 'truncated' },
    { name: 'no end', bytes: `ff40 ${HEAD} ${PORT}`, outcome: 'truncated' },
    { name: 'padding behind the end', bytes: `ff40 ${HEAD} ${PORT} 0000 00000000`, outcome: 'message' },
    { name: 'an element of no length', bytes: `ff40 ${HEAD} 0c00 0000`, outcome: 'message' },
    { name: 'an element one too small', bytes: `ff40 ${HEAD} 0c05 0200000000 0000`, outcome: 'message' },
    { name: 'an element one too large', bytes: `ff40 ${HEAD} 0c09 0200000000b2 0000`, outcome: 'truncated' },
    { name: 'an element of the largest length', bytes: `ff40 ${HEAD} 0dff 0200000000b2 0000`, outcome: 'truncated' },
    { name: 'an element of a maker', bytes: `ff40 ${HEAD} fe04 000ecf00 ${PORT} 0000`, outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ptcp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('leaves other frames of PROFINET alone', () => {
    const likeness = (bytes: string) => ptcp.recognise(Reader.of(hex(bytes)), context);

    expect(['0020', '0082', 'ff00', 'ff43'].map(likeness)).toEqual(['strong', 'strong', 'strong', 'strong']);
    expect(['001f', '0083', '0100', '8001', 'feff', 'ff44', 'ff80', '00', ''].map(likeness)).toEqual(
      Array.from({ length: 9 }, () => 'no'),
    );
  });

  it('reads a master and its neighbour', async () => {
    const session = await dissectCapture(ptcp, new URL('captures/clocks.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/clocks.golden.json');
  });
});
