import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { finsTcp } from './fins-tcp.ts';

const request = new TestConversation().context(true);

describe('fins_tcp', () => {
  it.each([
    { name: 'a header that began', bytes: '46494e', length: MORE },
    { name: 'another protocol', bytes: '4649', length: MORE },
    { name: 'another letter', bytes: '464a', length: NOT_MINE },
    { name: 'a length too small for its command', bytes: '46494e53 00000007', length: NOT_MINE },
    { name: 'the largest length', bytes: '46494e53 ffffffff', length: NOT_MINE },
    { name: 'a request for a node', bytes: '46494e53 0000000c', length: 20 },
  ])('cuts $name', ({ bytes, length }) => {
    expect(finsTcp.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'another protocol', bytes: '4649ffff 00000008 00000006 00000000', outcome: 'malformed' },
    { name: 'a length one too large', bytes: '46494e53 0000000d 00000000 00000000 00000000', outcome: 'truncated' },
    { name: 'a length one too small', bytes: '46494e53 0000000b 00000000 00000000 00000000', outcome: 'truncated' },
    { name: 'a confirmation', bytes: '46494e53 00000008 00000006 00000000', outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(finsTcp.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it('reads a session', async () => {
    const session = await dissectCapture(finsTcp, new URL('captures/connection.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/connection.golden.json');
  });
});
