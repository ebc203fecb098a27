import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { dns } from './dns.ts';

const udp = new TestConversation({ transport: 'udp', destinationPort: 53 }).context(true);
const tcp = new TestConversation().context(true);
/** `plc.` and the type and class of an address question. */
const PLC = '03 706c63 00';
const QUESTION = `${PLC} 0001 0001`;

describe('dns', () => {
  it.each([
    { name: 'a query', bytes: `1234 0100 0001 0000 0000 0000 ${QUESTION}`, direction: 'request', effect: 'discover' },
    {
      name: 'an answer',
      bytes: `1234 8180 0001 0001 0000 0000 ${QUESTION} c00c 0001 0001 0000000a 0004 c0000201`,
      direction: 'response',
      effect: 'discover',
    },
    {
      name: 'a zone transfer',
      bytes: `1234 0000 0001 0000 0000 0000 ${PLC} 00fc 0001`,
      direction: 'request',
      effect: 'read',
    },
    {
      name: 'an inverse query',
      bytes: '1234 0800 0000 0001 0000 0000 00 0001 0001 00000000 0004 c0000201',
      direction: 'request',
      effect: 'discover',
    },
    { name: 'a status query', bytes: '1234 1000 0000 0000 0000 0000', direction: 'request', effect: 'discover' },
    {
      name: 'a notification',
      bytes: `1234 2400 0001 0000 0000 0000 ${PLC} 0006 0001`,
      direction: 'request',
      effect: 'report',
    },
    {
      name: 'an update that deletes',
      bytes: `1234 2800 0001 0000 0001 0000 ${PLC} 0006 0001 c00c 0021 00ff 00000000 0000`,
      direction: 'request',
      effect: 'configure',
    },
    { name: 'a stateful operation', bytes: '1234 3000 0000 0000 0000 0000', direction: 'request', effect: 'session' },
    {
      name: 'an opcode we do not know',
      bytes: '1234 7800 0000 0000 0000 0000',
      direction: 'request',
      effect: 'unknown',
    },
  ])('reads $name', ({ bytes, direction, effect }) => {
    expect(dns.dissect(hex(bytes), udp)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a question cut short', bytes: `1234 0100 0001 0000 0000 0000 ${PLC} 0001`, outcome: 'truncated' },
    {
      name: 'more answers than bytes',
      bytes: `1234 8180 0001 ffff 0000 0000 ${QUESTION} c00c 0001 0001 0000000a 0004 c0000201`,
      outcome: 'truncated',
    },
    {
      name: 'data longer than the message',
      bytes: `1234 8180 0001 0001 0000 0000 ${QUESTION} c00c 0001 0001 0000000a ffff c0000201`,
      outcome: 'truncated',
    },
    {
      name: 'an address of three bytes',
      bytes: `1234 8180 0001 0001 0000 0000 ${QUESTION} c00c 0001 0001 0000000a 0003 c00002`,
      outcome: 'message',
    },
    {
      name: 'a service without data',
      bytes: `1234 8180 0001 0001 0000 0000 ${QUESTION} c00c 0021 0001 0000000a 0000`,
      outcome: 'message',
    },
    { name: 'a pointer to itself', bytes: '1234 0100 0001 0000 0000 0000 c00c 0001 0001', outcome: 'malformed' },
    {
      name: 'two pointers in a circle',
      bytes: '1234 0100 0002 0000 0000 0000 01 61 c010 01 62 c00c 0001 0001',
      outcome: 'malformed',
    },
    { name: 'a pointer ahead', bytes: `1234 0100 0001 0000 0000 0000 c012 0001 0001 ${PLC}`, outcome: 'malformed' },
    {
      name: 'a label of a kind that does not exist',
      bytes: '1234 0100 0001 0000 0000 0000 80 0001 0001',
      outcome: 'malformed',
    },
    {
      name: 'a name that runs out of its record',
      bytes: `1234 8180 0001 0001 0000 0000 ${QUESTION} c00c 000c 0001 0000000a 0002 03616263 00`,
      outcome: 'malformed',
    },
    {
      name: 'a name of 256 bytes',
      bytes: `1234 0100 0001 0000 0000 0000 ${`3f${'61'.repeat(63)}`.repeat(4)} 00 0001 0001`,
      outcome: 'malformed',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dns.dissect(hex(bytes), udp).outcome).toBe(outcome);
  });

  it('bounds the work that a count asks for', () => {
    expect(dns.dissect(hex(`1234 0100 ffff 0000 0000 0000 ${'00 0001 0001'.repeat(9000)}`), udp).outcome).toBe(
      'truncated',
    );
  });

  it('takes no part of a datagram for the whole', () => {
    const bytes = hex(`1234 8180 0001 0002 0000 0001 ${QUESTION}
      c00c 0005 0001 0000000a 0004 01 78 c00c  c021 0001 0001 0000000a 0004 c0000201  00 0029 1000 00000000 0000`);

    expect(dns.dissect(bytes, udp)).toMatchObject({ outcome: 'message' });
    for (let length = 0; length < bytes.length; length++) {
      expect(dns.dissect(bytes.subarray(0, length), udp).outcome).toBe('truncated');
    }
  });

  it.each([
    {
      name: 'a question for a host',
      bytes: '1234 0100 0001 0000 0000 0000 03 706c63 01 61 00 0001 0001',
      likeness: 'strong',
    },
    {
      name: 'an answer',
      bytes: '1234 8180 0001 0001 0000 0000 03 706c63 01 61 00 0001 0001 c00c 0001 0001 00000000 0004 c0000201',
      likeness: 'strong',
    },
    {
      name: 'a question with more behind it',
      bytes: '1234 0100 0001 0000 0000 0000 03 706c63 01 61 00 0001 0001 00',
      likeness: 'weak',
    },
    { name: 'a name of one label', bytes: `1234 0100 0001 0000 0000 0000 ${QUESTION}`, likeness: 'weak' },
    { name: 'a class that does not exist', bytes: `1234 0100 0001 0000 0000 0000 ${PLC} 0001 0007`, likeness: 'no' },
    { name: 'more questions than anyone asks', bytes: `1234 0100 7fff 0000 0000 0000 ${QUESTION}`, likeness: 'no' },
    { name: 'zeros', bytes: '00'.repeat(20), likeness: 'no' },
    { name: 'no byte', bytes: '', likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(dns.recognise(Reader.of(hex(bytes)), udp)).toBe(likeness);
  });

  it('cuts a stream by the length in front of each message', () => {
    const bytes = hex(`0015 1234 0100 0001 0000 0000 0000 ${QUESTION}`);

    expect(dns.dissect(bytes, tcp)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { id: 0x1234, name: 'plc' } }],
    });
  });

  it('reads a session over TCP', async () => {
    const session = await dissectCapture(dns, new URL('captures/lookups.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/lookups.golden.json');
  });
});
