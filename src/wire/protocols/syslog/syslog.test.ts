import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { syslog } from './syslog.ts';

const datagram = new TestConversation({ transport: 'udp' }).context(true);
const stream = new TestConversation().context(true);

describe('syslog', () => {
  it.each([
    { name: 'no byte', text: '', outcome: 'truncated' },
    { name: 'a priority cut short', text: '<16', outcome: 'truncated' },
    { name: 'a priority that is none', text: '<192>x', outcome: 'malformed' },
    { name: 'no priority', text: '<>x', outcome: 'malformed' },
    { name: 'a priority alone', text: '<191>', outcome: 'message' },
  ])('calls $name $outcome', ({ text, outcome }) => {
    expect(syslog.dissect(bytes(text), datagram).outcome).toBe(outcome);
  });

  it.each([
    { name: 'RFC 5424', text: '<1>1 - ', likeness: 'strong' },
    { name: 'RFC 3164', text: '<1>Jan', likeness: 'weak' },
    { name: 'a counted message', text: '10 <1>1 - ', likeness: 'strong' },
    { name: 'a document', text: '<html>', likeness: 'no' },
    { name: 'a priority that is none', text: '<200>', likeness: 'no' },
  ])('takes $name for $likeness', ({ text, likeness }) => {
    expect(syslog.recognise(Reader.of(bytes(text)), stream)).toBe(likeness);
  });

  it.each([
    { name: 'a counted message', text: '5 <1>ab<2>', length: 7 },
    { name: 'a line', text: '<1>ab\n<2>', length: 6 },
    { name: 'a line without an end', text: `<1>${'a'.repeat(9000)}`, length: -1 },
    { name: 'a count without an end', text: '123', length: 0 },
    { name: 'a count that is too long', text: '1234567 <1>', length: -1 },
    { name: 'anything else', text: 'GET /', length: -1 },
  ])('cuts $name', ({ text, length }) => {
    expect(syslog.cut?.(Reader.of(bytes(text)), stream)).toBe(length);
  });

  it('reads datagrams', async () => {
    const url = new URL('captures/datagrams.txt', import.meta.url);
    const session = await dissectCapture(syslog, url, { transport: 'udp' });

    expect(session).not.toContain('not kept');
    await expect(session).toMatchFileSnapshot('captures/datagrams.golden.json');
  });

  it('reads a stream', async () => {
    const session = await dissectCapture(syslog, new URL('captures/stream.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/stream.golden.json');
  });
});

function bytes(text: string): Uint8Array {
  return hex(Array.from(text, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join(''));
}
