import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { enip } from './enip.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const response = conversation.context(false);

/** A header: command, length, session, status, then sender context 1 and no options. */
function header(command: string, length: string, session = '00000000', status = '00000000'): string {
  return `${command} ${length} ${session} ${status} 0100000000000000 00000000`;
}

const RR = `${header('6f00', '1600', '00010211')} 00000000 0500 0200 0000 0000 b200 0600`;

describe('enip', () => {
  it.each([
    { name: 'list identity', bytes: header('6300', '0000'), effect: 'discover' },
    { name: 'list services', bytes: header('0400', '0000'), effect: 'discover' },
    { name: 'list interfaces', bytes: header('6400', '0000'), effect: 'discover' },
    { name: 'register session', bytes: `${header('6500', '0400')} 0100 0000`, effect: 'session' },
    { name: 'send RR data', bytes: `${RR} 01 02 2001 2401`, effect: 'session' },
    { name: 'no operation', bytes: `${header('0000', '0200')} 0000`, effect: 'session' },
    { name: 'a reserved command', bytes: header('0100', '0000'), effect: 'unknown' },
  ])('reads $name', ({ bytes, effect }) => {
    expect(enip.dissect(hex(bytes), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it('hands a CIP message on, and takes the direction from it', () => {
    expect(enip.dissect(hex(`${RR} 81 00 00 00 0000`), request)).toMatchObject({
      readings: [{ direction: 'response', pair: 1, carries: [{ bytes: hex('810000000000') }] }],
    });
  });

  it.each([
    { name: 'a header cut short', bytes: header('6300', '0000').slice(0, 20), outcome: 'truncated' },
    { name: 'data cut short', bytes: `${RR} 01 02 2001`, outcome: 'truncated' },
    { name: 'an item longer than the message', bytes: RR.replace(/0600$/, 'ffff 010220012401'), outcome: 'truncated' },
    { name: 'more items than there are', bytes: RR.replace('0200 0000', 'ffff 0000'), outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(enip.dissect(hex(bytes), response).outcome).toBe(outcome);
  });

  it.each([
    { name: 'half a header', bytes: '6f00 1600', length: MORE },
    { name: 'a whole header', bytes: header('6f00', '1600'), length: 46 },
    { name: 'the longest message', bytes: header('6f00', 'e7ff'), length: 65_535 },
    { name: 'a longer one', bytes: header('6f00', 'e8ff'), length: NOT_MINE },
    { name: 'another protocol', bytes: header('4745', '5420'), length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(enip.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'a CIP message', bytes: `${RR} 01 02 2001 2401`, likeness: 'strong' },
    { name: 'a new session', bytes: `${header('6500', '0400')} 0100 0000`, likeness: 'strong' },
    { name: 'a bare header', bytes: header('6300', '0000'), likeness: 'weak' },
    {
      name: 'options that nobody defined',
      bytes: '6300 0000 00000000 00000000 0000000000000000 01000000',
      likeness: 'no',
    },
    { name: 'text', bytes: '474554202f20485454502f312e310d0a486f73743a20610d0a', likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(enip.recognise(Reader.of(hex(bytes)), request)).toBe(likeness);
  });

  it('reads a session', async () => {
    const session = await dissectCapture(enip, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
