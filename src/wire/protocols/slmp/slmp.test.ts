import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { slmp } from './slmp.ts';

const request = new TestConversation().context(true);

/** A 3E binary request to the connected station. */
function message(command: string, rest = ''): string {
  const length = 6 + rest.replaceAll(' ', '').length / 2;
  return `5000 00 ff ff03 00 ${length.toString(16).padStart(2, '0')}00 1000 ${command} ${rest}`;
}

describe('slmp', () => {
  it.each([
    { name: 'the type name', bytes: message('0101 0000'), effect: 'discover' },
    { name: 'a read', bytes: message('0104 0000', '640000 a8 0200'), effect: 'read' },
    { name: 'a random read', bytes: message('0304 0000'), effect: 'read' },
    { name: 'a block read', bytes: message('0604 0000'), effect: 'read' },
    { name: 'a write', bytes: message('0114 0000', '640000 a8 0100 2a00'), effect: 'write' },
    { name: 'a random write', bytes: message('0214 0000'), effect: 'write' },
    { name: 'a block write', bytes: message('0614 0000'), effect: 'write' },
    { name: 'a run', bytes: message('0110 0000', '0100 00 00'), effect: 'control' },
    { name: 'a stop', bytes: message('0210 0000', '0100'), effect: 'control' },
    { name: 'a reset', bytes: message('0610 0000', '0100'), effect: 'control' },
    { name: 'a password', bytes: message('3016 0000', '0400 61626364'), effect: 'authenticate' },
    { name: 'a file', bytes: message('2718 0000'), effect: 'program' },
    { name: 'a command we do not know', bytes: message('ff7f 0000'), effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(slmp.dissect(hex(bytes), request)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'a subheader that began', bytes: '50', length: MORE },
    { name: 'a request', bytes: message('0101 0000'), length: 15 },
    { name: 'another protocol', bytes: '51', length: NOT_MINE },
    { name: 'a length too small for a request', bytes: '5000 00 ff ff03 00 0500', length: NOT_MINE },
    { name: 'the largest length', bytes: '5000 00 ff ff03 00 ffff', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(slmp.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'another subheader', bytes: '5001 00 ff ff03 00 0600 1000 0101 0000', outcome: 'malformed' },
    { name: 'a length one too large', bytes: '5000 00 ff ff03 00 0700 1000 0101 0000', outcome: 'truncated' },
    { name: 'a length one too small', bytes: '5000 00 ff ff03 00 0500 1000 0101 0000', outcome: 'truncated' },
    { name: 'a read without its count', bytes: message('0104 0000', '640000 a8'), outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(slmp.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a request to the connected station', bytes: message('0101 0000'), as: 'strong' },
    { name: 'one to another station', bytes: '5000 02 05 ff03 00 0600 1000 0101 0000', as: 'weak' },
    { name: 'a command we do not know', bytes: message('ff7f 0000'), as: 'no' },
    { name: 'an answer', bytes: 'd000 00 ff ff03 00 0200 0000', as: 'weak' },
    { name: 'half a request', bytes: '5000 00 ff ff03 00 0600 1000', as: 'no' },
  ])('thinks $name $as', ({ bytes, as }) => {
    expect(slmp.recognise(Reader.of(hex(bytes)), request)).toBe(as);
  });

  it('reads a session', async () => {
    const session = await dissectCapture(slmp, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
