import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { tftp } from './tftp.ts';

const context = new TestConversation({ transport: 'udp' }).context(true);
const OCTET = '6f63746574 00';

describe('tftp', () => {
  it.each([
    { name: 'a read request', bytes: `0001 6100 ${OCTET}`, effect: 'read' },
    { name: 'a write request', bytes: `0002 6100 ${OCTET}`, effect: 'write' },
    { name: 'a write request for firmware', bytes: `0002 612e62696e00 ${OCTET}`, effect: 'firmware' },
    { name: 'data', bytes: '0003 0002 00', effect: 'session' },
    { name: 'an acknowledgement', bytes: '0004 0002', effect: 'session' },
    { name: 'an error', bytes: '0005 0001 00', effect: 'session' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(tftp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a name without an end', bytes: '0001 6161', outcome: 'truncated' },
    { name: 'a request without a mode', bytes: '0001 6100', outcome: 'truncated' },
    { name: 'another mode', bytes: '0001 6100 6100', outcome: 'malformed' },
    { name: 'an option without a value', bytes: `0001 6100 ${OCTET} 6100`, outcome: 'truncated' },
    {
      name: 'more options than anybody asks for',
      bytes: `0001 6100 ${OCTET} ${'6100 3100 '.repeat(65)}`,
      outcome: 'malformed',
    },
    { name: 'another opcode', bytes: '0007 0000', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(tftp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a request', bytes: `0001 6100 ${OCTET}`, likeness: 'strong' },
    { name: 'a request of another mode', bytes: '0001 6100 7a00', likeness: 'no' },
    { name: 'data', bytes: '0003 0001', likeness: 'weak' },
    { name: 'a long acknowledgement', bytes: '0004 0001 00', likeness: 'no' },
  ])('takes $name for $likeness', ({ bytes, likeness }) => {
    expect(tftp.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it.each(['read', 'write'])('reads a session of %s', async (name) => {
    const session = await dissectCapture(tftp, new URL(`captures/${name}.txt`, import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
