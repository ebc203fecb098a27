import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ssh } from './ssh.ts';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const client = () => new TestConversation().context(true);

describe('ssh', () => {
  it.each([
    { name: 'nothing', bytes: hex(''), outcome: 'truncated' },
    { name: 'a banner that is cut', bytes: ascii('SSH-2.0-x'), outcome: 'truncated' },
    { name: 'a packet that is too long', bytes: hex('00ffffff 04 14 00'), outcome: 'truncated' },
    { name: 'padding longer than the packet', bytes: hex('00000008 ff 15 000000000000'), outcome: 'malformed' },
    {
      name: 'a list beyond the packet',
      bytes: hex(`00000018 04 14 ${'00'.repeat(16)} ffffffff 0000`),
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ssh.dissect(bytes, client()).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a banner', bytes: ascii('SSH-2.0-dropbear\r\n'), likeness: 'strong' },
    { name: 'a word', bytes: ascii('SSH-Server'), likeness: 'no' },
    { name: 'a packet', bytes: hex('0000000c 0a 15'), likeness: 'no' },
  ])('recognises $name: $likeness', ({ bytes, likeness }) => {
    expect(ssh.recognise(Reader.of(bytes), client())).toBe(likeness);
  });

  it('passes over what is encrypted, and tells it once', () => {
    const context = client();
    ssh.dissect(hex('0000000c 0a 15 00000000000000000000'), context);
    const noise = hex('feedbeef00');

    expect(ssh.cut?.(Reader.of(noise), context)).toBe(noise.length);
    expect(ssh.dissect(noise, context)).toMatchObject({ readings: [{ operation: { name: 'encrypted session' } }] });
    expect(ssh.dissect(noise, context)).toMatchObject({ readings: [] });
  });

  it('reads a session', async () => {
    const session = await dissectCapture(ssh, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
