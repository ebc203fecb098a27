import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { telnet } from './telnet.ts';

const conversation = new TestConversation();

describe('telnet', () => {
  it.each([
    { name: 'negotiation', bytes: 'fffd18', fromClient: false, effect: 'session' },
    { name: 'output', bytes: '4f4b', fromClient: false, effect: 'report' },
    { name: 'input', bytes: '4f4b', fromClient: true, effect: 'unknown' },
    { name: 'a subnegotiation without an end', bytes: 'fffa1800', fromClient: true, effect: 'session' },
  ])('reports the effect of $name', ({ bytes, fromClient, effect }) => {
    expect(telnet.dissect(hex(bytes), conversation.context(fromClient))).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'negotiation', bytes: 'fffd18', likeness: 'strong' },
    { name: 'text', bytes: '0d0a6c6f67696e3a20', likeness: 'weak' },
    { name: 'binary', bytes: '030000130e', likeness: 'no' },
    { name: 'nothing', bytes: '', likeness: 'no' },
  ])('takes $name for $likeness', ({ bytes, likeness }) => {
    expect(telnet.recognise(Reader.of(hex(bytes)), conversation.context(true))).toBe(likeness);
  });

  it('reads a log-in, and keeps no password', async () => {
    const session = await dissectCapture(telnet, new URL('captures/log-in.txt', import.meta.url));

    expect(session).not.toContain('not-kept');
    await expect(session).toMatchFileSnapshot('captures/log-in.golden.json');
  });
});
