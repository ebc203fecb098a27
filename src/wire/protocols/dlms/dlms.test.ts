import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { dlms } from './dlms.ts';

const client = new TestConversation().context(true);
const meter = new TestConversation().context(false);

function wrapped(apdu: string, from = '0010', to = '0001'): Uint8Array {
  return hex(`0001 ${from} ${to} ${hex(apdu).length.toString(16).padStart(4, '0')} ${apdu}`);
}

/** Class, logical name, attribute or method. */
const CLOCK = '0008 0000010000ff 02';
const CONTEXT = 'a109 0607 60857405080101';

describe('dlms', () => {
  it.each([
    { name: 'open association', apdu: `600b ${CONTEXT}`, effect: 'authenticate' },
    { name: 'release association', apdu: '6200', effect: 'session' },
    { name: 'get', apdu: `c001c1 ${CLOCK} 00`, effect: 'read' },
    { name: 'get next block', apdu: 'c002c1 00000001', effect: 'read' },
    { name: 'get', apdu: `c003c1 01 ${CLOCK} 00`, effect: 'read' },
    { name: 'set', apdu: `c101c1 ${CLOCK} 00 00`, effect: 'configure' },
    { name: 'set', apdu: `c102c1 ${CLOCK} 00 00 00000001 02 0102`, effect: 'configure' },
    { name: 'set', apdu: 'c103c1 01 00000002 00', effect: 'configure' },
    { name: 'set', apdu: `c104c1 01 ${CLOCK} 00 01 00`, effect: 'configure' },
    { name: 'set', apdu: `c105c1 01 ${CLOCK} 00 01 00000001 01 00`, effect: 'configure' },
    { name: 'action', apdu: `c301c1 ${CLOCK} 00`, effect: 'control' },
    { name: 'action', apdu: `c303c1 01 ${CLOCK} 01 00`, effect: 'control' },
    { name: 'next block of an action', apdu: 'c302c1 00000001', effect: 'control' },
    { name: 'next block of an action', apdu: 'c306c1 01 00000002 00', effect: 'control' },
    { name: 'transfer firmware image', apdu: 'c301c1 0012 00002c0000ff 02 00', effect: 'firmware' },
    { name: 'transfer firmware image', apdu: 'c304c1 0012 00002c0000ff 02 00 00000001 00', effect: 'firmware' },
    { name: 'reply to authentication', apdu: 'c301c1 000f 0000280000ff 01 00', effect: 'authenticate' },
    { name: 'change security', apdu: 'c301c1 000f 0000280000ff 02 00', effect: 'configure' },
    { name: 'change security', apdu: 'c301c1 0040 00002b0000ff 02 00', effect: 'configure' },
    { name: 'get', apdu: `d9 40000001 00 01 01 ${CLOCK} 01 00`, effect: 'read' },
    { name: 'action', apdu: `d9 40000001 00 02 04 ${CLOCK} 01 00 03 ${CLOCK} 02 00 00`, effect: 'control' },
    { name: 'unknown service', apdu: 'd9 40000001 00 01 09', effect: 'unknown' },
    { name: 'unknown service', apdu: 'c009c1', effect: 'unknown' },
    { name: 'unknown service', apdu: 'c307c1', effect: 'unknown' },
    { name: 'read', apdu: '05 01 02 fa00', effect: 'read' },
    { name: 'write', apdu: '06 01 02 fa00 01 00', effect: 'configure' },
    { name: 'write', apdu: '16 01 02 fa00 01 00', effect: 'configure' },
    { name: 'encrypted message', apdu: '21 05 30 00000001', effect: 'unknown' },
    { name: 'encrypted message', apdu: 'c8 05 30 00000001', effect: 'unknown' },
    { name: 'encrypted message', apdu: 'd3 05 30 00000001', effect: 'unknown' },
    { name: 'encrypted message', apdu: 'db 00 05 30 00000001', effect: 'unknown' },
    { name: 'signed message', apdu: 'df 00 00 00 00 00 00 00', effect: 'unknown' },
    { name: 'transfer block', apdu: 'e0 80 0001 0000 00', effect: 'unknown' },
    { name: 'unknown service', apdu: 'ff', effect: 'unknown' },
  ])('reads $name of $apdu', ({ name, apdu, effect }) => {
    expect(dlms.dissect(wrapped(apdu), client)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect } }],
    });
  });

  it.each([
    { name: 'event notification', apdu: `c2 00 ${CLOCK} 00` },
    { name: 'data notification', apdu: '0f 00000001 00 00' },
    { name: 'information report', apdu: '18 01 00' },
  ])('reads $name', ({ name, apdu }) => {
    expect(dlms.dissect(wrapped(apdu), meter)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name, effect: 'report' } }],
    });
  });

  it.each([
    { name: 'a GET', apdu: 'c401c1 01 03', refused: 'access denied' },
    { name: 'a GET of a block', apdu: 'c402c1 01 00000001 01 0e', refused: 'data block unavailable' },
    { name: 'a whole list', apdu: 'c403c1 02 01 04 01 03', refused: 'object undefined' },
    { name: 'part of a list', apdu: 'c403c1 02 01 04 00 00', refused: undefined },
    { name: 'a SET', apdu: 'c501c1 0c', refused: 'type unmatched' },
    { name: 'the last block of a SET', apdu: 'c503c1 02 00000002', refused: 'temporary failure' },
    { name: 'an ACTION', apdu: 'c701c1 fa 00', refused: 'other reason' },
    { name: 'what has no name', apdu: 'c701c1 63 00', refused: 'result 99' },
    { name: 'an association', apdu: `6117 ${CONTEXT} a203020101 a305a10302010d`, refused: 'authentication failure' },
    { name: 'a message', apdu: 'd8 01 05', refused: 'deciphering error' },
    { name: 'a write', apdu: '0d 01 01 03', refused: 'access denied' },
  ])('tells why $name was refused', ({ apdu, refused }) => {
    const dissection = dlms.dissect(wrapped(apdu, '0001', '0010'), meter);

    expect(dissection).toMatchObject({ outcome: 'message', readings: [{ direction: 'response' }] });
    expect(dissection.outcome === 'message' && dissection.readings[0]?.refused).toBe(refused);
  });

  it('pairs by client, logical device and invoke id, and asks for no answer where none is wanted', () => {
    const pairOf = (apdu: string, from?: string, to?: string) => {
      const dissection = dlms.dissect(wrapped(apdu, from, to), client);
      return dissection.outcome === 'message' ? dissection.readings[0]?.pair : undefined;
    };
    const asked = pairOf(`c001c5 ${CLOCK} 00`);

    expect(asked).toBe(pairOf('c401c5 00 00', '0001', '0010'));
    expect(asked).not.toBe(pairOf('c401c6 00 00', '0001', '0010'));
    expect(asked).not.toBe(pairOf('c401c5 00 00', '0002', '0010'));
    expect(pairOf(`c10101 ${CLOCK} 00 00`)).toBeUndefined();
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header cut short', bytes: '0001 0010 0001 00', outcome: 'truncated' },
    { name: 'length 0', bytes: '0001 0010 0001 0000', outcome: 'malformed' },
    { name: 'a length one too small', bytes: `0001 0010 0001 000b c001c1 ${CLOCK}`, outcome: 'truncated' },
    { name: 'a length one too large', bytes: `0001 0010 0001 000e c001c1 ${CLOCK} 00`, outcome: 'truncated' },
    { name: 'the largest length', bytes: `0001 0010 0001 ffff c001c1 ${CLOCK} 00`, outcome: 'truncated' },
    { name: 'version 2', bytes: '0002 0010 0001 0002 6200', outcome: 'malformed' },
    { name: 'no port', bytes: '0001 0000 0001 0002 6200', outcome: 'malformed' },
    { name: 'a list of nothing', bytes: '0001 0010 0001 0004 c003c1 00', outcome: 'message' },
    { name: 'more objects than bytes', bytes: `0001 0010 0001 000e c003c1 02 ${CLOCK} 00`, outcome: 'truncated' },
    { name: 'a count of four bytes', bytes: '0001 0010 0001 0008 c003c1 84ffffffff', outcome: 'truncated' },
    { name: 'a count of five bytes', bytes: '0001 0010 0001 0009 c003c1 850000000001', outcome: 'truncated' },
    { name: 'values longer than the message', bytes: '0001 0001 0010 0007 c403c1 01 00 0aff', outcome: 'truncated' },
    {
      name: 'a block longer than the message',
      bytes: '0001 0001 0010 000a c402c1 01 00000001 00 02',
      outcome: 'truncated',
    },
    { name: 'a value of no type', bytes: '0001 0001 0010 0008 c403c1 02 00 63 00 00', outcome: 'message' },
    { name: 'an association longer than the message', bytes: '0001 0010 0001 0004 60 0b a1 09', outcome: 'truncated' },
    {
      name: 'an association that holds too much',
      bytes: '0001 0010 0001 0006 60 04 a1 09 06 07',
      outcome: 'malformed',
    },
    { name: 'a nest of arrays', bytes: `0001 0001 0010 0065 c403c1 01 00 ${'0101'.repeat(48)}`, outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dlms.dissect(hex(bytes), meter).outcome).toBe(outcome);
  });

  it.each([
    { name: 'too few bytes', bytes: '0001 0010', length: MORE },
    { name: 'the beginning of a message', bytes: '0001 0010 0001 000d c0', length: 21 },
    { name: 'another protocol', bytes: '03', length: NOT_MINE },
    { name: 'another version', bytes: '0002', length: NOT_MINE },
    { name: 'an empty message', bytes: '0001 0010 0001 0000', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(dlms.cut?.(Reader.of(hex(bytes)), client)).toBe(length);
  });

  it.each([
    { name: 'an association', bytes: wrapped(`600b ${CONTEXT}`), likeness: 'strong' },
    { name: 'a service', bytes: wrapped(`c001c1 ${CLOCK} 00`), likeness: 'weak' },
    { name: 'a tag that nobody knows', bytes: wrapped('ff'), likeness: 'no' },
    { name: 'Modbus of transaction 1', bytes: hex('0001 0000 0006 0103 0000 000a'), likeness: 'no' },
    { name: 'nothing but a header', bytes: hex('0001 0010 0001 0002'), likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(dlms.recognise(Reader.of(bytes), client)).toBe(likeness);
  });

  it('reads a golden capture', async () => {
    const session = await dissectCapture(dlms, new URL('captures/meter.txt', import.meta.url));

    await expect(session).toMatchFileSnapshot('captures/meter.golden.json');
  });
});
