import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { snmp } from './snmp.ts';

const conversation = new TestConversation({ transport: 'udp' });
const context = conversation.context(true);

/** An SNMPv2c message with one of the PDUs of RFC 3416, community `public`, request id 1, no objects. */
function message(pdu: string): string {
  return `30 18 020101 0406 7075626c6963 ${pdu} 0b 020101 020100 020100 3000`;
}

describe('snmp', () => {
  it.each([
    { name: 'get', pdu: 'a0', effect: 'read', direction: 'request' },
    { name: 'get next', pdu: 'a1', effect: 'read', direction: 'request' },
    { name: 'response', pdu: 'a2', effect: 'unknown', direction: 'response' },
    { name: 'set', pdu: 'a3', effect: 'configure', direction: 'request' },
    { name: 'get bulk', pdu: 'a5', effect: 'read', direction: 'request' },
    { name: 'inform', pdu: 'a6', effect: 'report', direction: 'request' },
    { name: 'trap', pdu: 'a7', effect: 'report', direction: 'report' },
    { name: 'report', pdu: 'a8', effect: 'report', direction: 'response' },
  ])('reports the effect of $name', ({ name, pdu, effect, direction }) => {
    expect(snmp.dissect(hex(message(pdu)), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { name, effect }, fields: { version: 1, requestId: 1 } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a length one too large', bytes: message('a0').replace('30 18', '30 19'), outcome: 'truncated' },
    { name: 'a length one too small', bytes: message('a0').replace('30 18', '30 17'), outcome: 'malformed' },
    { name: 'no length', bytes: message('a0').replace('30 18', '30 00'), outcome: 'malformed' },
    { name: 'the greatest length', bytes: message('a0').replace('30 18', '30 84ffffffff'), outcome: 'truncated' },
    { name: 'a PDU that is none', bytes: message('a9'), outcome: 'malformed' },
    {
      name: 'a version that is none',
      bytes: message('a0').replace('020101 0406', '020104 0406'),
      outcome: 'malformed',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(snmp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a message', bytes: message('a0'), likeness: 'strong' },
    { name: 'another version', bytes: message('a0').replace('020101', '020102'), likeness: 'no' },
    { name: 'another sequence', bytes: '30 06 020105 020106', likeness: 'no' },
  ])('takes $name for $likeness', ({ bytes, likeness }) => {
    expect(snmp.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it.each([
    ['Linux plc 5.10.0-rt #1 SMP', { os: 'Linux 5.10.0-rt' }],
    ['Hardware: x86 - Software: Windows Version 6.1 (Build 7601)', { os: 'Windows Version 6.1' }],
    ['Cisco IOS Software, IE2000 Software (X-M), Version 15.2(4)EA, F', { vendor: 'Cisco', firmware: '15.2(4)EA' }],
    ['EDS-408A', { product: 'EDS-408A' }],
  ])('makes of the description %s', (text, identity) => {
    const value = hexOf(text);
    const binding = tlv('30', `06 08 2b06010201010100 ${tlv('04', value)}`);
    const pdu = tlv('a2', `020101 020100 020100 ${tlv('30', binding)}`);
    const dissection = snmp.dissect(hex(tlv('30', `020101 0400 ${pdu}`)), context);
    const observations =
      dissection.outcome === 'message'
        ? dissection.readings.flatMap((reading) => snmp.observe?.(reading, context) ?? [])
        : [];

    expect(observations).toContainEqual(expect.objectContaining({ kind: 'identity', ...identity }));
  });

  it.each(['community', 'traps', 'usm'])('reads %s', async (name) => {
    const session = await dissectCapture(snmp, new URL(`captures/${name}.txt`, import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});

function hexOf(text: string): string {
  return Array.from(text, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

function tlv(tag: string, contents: string): string {
  const length = hex(contents).length.toString(16).padStart(2, '0');
  return `${tag} 81${length} ${contents}`;
}
