import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { kerberos } from './kerberos.ts';

const datagram = new TestConversation({ transport: 'udp' }).context(true);
const stream = new TestConversation().context(true);
const REQUEST = '6a 07 30 05 a1 03 020105';

describe('kerberos', () => {
  it.each([
    { name: 'a log-in', bytes: REQUEST, effect: 'authenticate' },
    { name: 'a request for a ticket', bytes: REQUEST.replace('6a', '6c'), effect: 'authenticate' },
    { name: 'a protected message', bytes: '75 02 30 00', effect: 'session' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(kerberos.dissect(hex(bytes), datagram)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a length one too large', bytes: REQUEST.replace('07', '08'), outcome: 'truncated' },
    { name: 'a length one too small', bytes: REQUEST.replace('07', '06'), outcome: 'malformed' },
    { name: 'no length', bytes: '6a 00', outcome: 'malformed' },
    { name: 'the greatest length', bytes: REQUEST.replace('07', '84ffffffff'), outcome: 'truncated' },
    { name: 'another tag', bytes: REQUEST.replace('6a', '69'), outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(kerberos.dissect(hex(bytes), datagram).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a message', bytes: `00000009 ${REQUEST}`, length: 13 },
    { name: 'no length', bytes: `00000000 ${REQUEST}`, length: -1 },
    { name: 'the greatest length', bytes: `ffffffff ${REQUEST}`, length: -1 },
    { name: 'too little', bytes: '00000009', length: 0 },
  ])('cuts $name', ({ bytes, length }) => {
    expect(kerberos.cut?.(Reader.of(hex(bytes)), stream)).toBe(length);
  });

  it('reads datagrams', async () => {
    const url = new URL('captures/datagrams.txt', import.meta.url);
    const session = await dissectCapture(kerberos, url, { transport: 'udp' });
    await expect(session).toMatchFileSnapshot('captures/datagrams.golden.json');
  });

  it('reads a stream', async () => {
    const session = await dissectCapture(kerberos, new URL('captures/stream.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/stream.golden.json');
  });
});
