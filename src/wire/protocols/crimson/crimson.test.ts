import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { crimson } from './crimson.ts';

const conversation = new TestConversation();

describe('crimson', () => {
  it.each([
    { name: 'the maker', bytes: '0004 012b 1b00', effect: 'discover' },
    { name: 'the model', bytes: '0004 012a 1a00', effect: 'discover' },
    { name: 'the maker in another way', bytes: '0004 012b 1a00', effect: 'unknown' },
    { name: 'anything else', bytes: '0006 0007 1300 0001', effect: 'unknown' },
  ])('reports the effect of asking for $name', ({ bytes, effect }) => {
    expect(crimson.dissect(hex(bytes), conversation.context(true))).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'nothing', bytes: '', outcome: 'truncated' },
    { name: 'length 0', bytes: '0000 012b 1b00', outcome: 'malformed' },
    { name: 'a length one too small', bytes: '0003 012b 1b00', outcome: 'malformed' },
    { name: 'a length one too large', bytes: '0005 012b 1b00', outcome: 'truncated' },
    { name: 'the largest length', bytes: 'ffff 012b 0300 41', outcome: 'truncated' },
    { name: 'a text without letters', bytes: '0004 012b 0300', outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(crimson.dissect(hex(bytes), conversation.context(false)).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a byte', bytes: '00', length: MORE },
    { name: 'a length', bytes: '0016', length: 24 },
    { name: 'a length below the header', bytes: '0003', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(crimson.cut?.(Reader.of(hex(bytes)), conversation.context(true))).toBe(length);
  });

  it.each([
    { name: 'a question', bytes: '0004 012a 1a00', port: 9, likeness: 'strong' },
    { name: 'a question with bytes in it', bytes: '0005 012a 1a00 00', port: 9, likeness: 'no' },
    { name: 'a text', bytes: '0006 012a 0300 4100', port: 9, likeness: 'strong' },
    { name: 'a text without an end', bytes: '0006 012a 0300 4141', port: 9, likeness: 'no' },
    { name: 'anything else', bytes: '0004 0001 0500', port: 9, likeness: 'no' },
    { name: 'anything else on its port', bytes: '0004 0001 0500', port: 789, likeness: 'weak' },
    { name: 'a part of a message on its port', bytes: '0005 0001 0500', port: 789, likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, port, likeness }) => {
    const context = new TestConversation({ destinationPort: port }).context(true);

    expect(crimson.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it('reads a golden capture', async () => {
    const identify = await dissectCapture(crimson, new URL('captures/identify.txt', import.meta.url));
    await expect(identify).toMatchFileSnapshot('captures/identify.golden.json');
  });
});
