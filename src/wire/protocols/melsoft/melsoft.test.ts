import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { melsoft } from './melsoft.ts';

const udp = { transport: 'udp' } as const;
const request = new TestConversation(udp).context(true);

const HEADER = '57 01 000000 111107 0000 ffff 0300 00fe03 0000';

/** A command with the longer header, and nothing behind its number. */
function message(command: string, length = '1e00'): string {
  return `${HEADER} ${length} 1c0a 1614 0000 ${'00'.repeat(18)} ${command} 0100 0000`;
}

describe('melsoft', () => {
  it.each([
    { name: 'the model', command: '0121', effect: 'discover' },
    { name: 'the model as older ones ask', command: '0101', effect: 'discover' },
    { name: 'a run', command: '1001', effect: 'control' },
    { name: 'a stop', command: '1002', effect: 'control' },
    { name: 'a reset', command: '1006', effect: 'control' },
    { name: 'a write', command: '1401', effect: 'write' },
    { name: 'a password', command: '1630', effect: 'authenticate' },
    { name: 'a file', command: '1867', effect: 'program' },
    { name: 'a command without a public meaning', command: '0b2a', effect: 'unknown' },
  ])('reports the effect of $name', ({ command, effect }) => {
    expect(melsoft.dissect(hex(message(command)), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'nothing yet', bytes: '', length: MORE },
    { name: 'another protocol', bytes: '50', length: NOT_MINE },
    { name: 'a search', bytes: '5a000001', length: 4 },
    { name: 'a search with other bytes', bytes: '5a010001', length: NOT_MINE },
    { name: 'a command', bytes: message('0121'), length: 51 },
    { name: 'no length', bytes: message('0121', '0000'), length: NOT_MINE },
    { name: 'the largest length', bytes: message('0121', 'ffff'), length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(melsoft.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'another protocol', bytes: '50', outcome: 'malformed' },
    { name: 'a length one too large', bytes: message('0121', '1f00'), outcome: 'truncated' },
    { name: 'a length one too small', bytes: message('0121', '1d00'), outcome: 'truncated' },
    { name: 'a header longer than the message', bytes: message('0121').replace('1614', 'ff14'), outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(melsoft.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a command', bytes: message('0121'), as: 'strong' },
    { name: 'a search', bytes: '5a000001', as: 'weak' },
    { name: 'a search with more behind it', bytes: '5a00000100', as: 'no' },
    { name: 'a header that does not fit', bytes: message('0121').replace('1614', 'ff14'), as: 'no' },
  ])('thinks $name $as', ({ bytes, as }) => {
    expect(melsoft.recognise(Reader.of(hex(bytes)), request)).toBe(as);
  });

  it('reads a session', async () => {
    const session = await dissectCapture(melsoft, new URL('captures/session.txt', import.meta.url), udp);
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
