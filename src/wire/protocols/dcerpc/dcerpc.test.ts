import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { dcerpc } from './dcerpc.ts';

const SERVICE_CONTROL = '367abb81-9844-35f1-ad32-98f038001003';
const context = new TestConversation({ recall: () => SERVICE_CONTROL }).context(true);

/** A connection's PDU of `length` bytes in all, whose security trailer holds `auth` bytes: both little-endian. */
const pdu = (type: string, length: string, auth = '0000', flags = '03') =>
  `05 00 ${type} ${flags} 10000000 ${length} ${auth} 07000000`;

describe('dcerpc', () => {
  it.each([
    { name: 'start a service', opnum: '1300', operation: 'control services', effect: 'control' },
    { name: 'create a service', opnum: '0c00', operation: 'control services', effect: 'control' },
    { name: 'list services', opnum: '0e00', operation: 'query services', effect: 'read' },
    { name: 'do what no document lists', opnum: 'ff7f', operation: 'control services', effect: 'control' },
  ])('reads a call to $name', ({ opnum, operation, effect }) => {
    expect(dcerpc.dissect(hex(`${pdu('00', '1c00')} 04000000 0000 ${opnum} 01020304`), context)).toMatchObject({
      outcome: 'message',
      readings: [
        { direction: 'request', operation: { name: operation, effect }, carries: [{ key: SERVICE_CONTROL }], pair: 7 },
      ],
    });
  });

  it.each([
    { uuid: '86d35949-83c9-4044-b424-db363231fd0c', effect: 'control' },
    { uuid: '1ff70682-0a51-30e8-076d-740be8cee98b', effect: 'control' },
    { uuid: '378e52b0-c0a9-11cf-822d-00aa0051e40f', effect: 'control' },
    { uuid: 'e1af8308-5d1f-11c9-91a4-08002b14a0fa', effect: 'discover' },
    { uuid: '99fcfec4-5260-101b-bbcb-00aa0021347a', effect: 'discover' },
    { uuid: '000001a0-0000-0000-c000-000000000046', effect: 'session' },
    { uuid: 'dea00001-6c97-11d1-8271-00a02442df7d', effect: 'session' },
    { uuid: '12345778-1234-abcd-ef00-0123456789ac', effect: 'unknown' },
    { uuid: undefined, effect: 'unknown' },
  ])('takes a call of interface $uuid for $effect', ({ uuid, effect }) => {
    const bound = new TestConversation({ recall: () => uuid }).context(true);

    expect(dcerpc.dissect(hex(`${pdu('00', '1800')} 00000000 0000 0100`), bound)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'a length one too large', bytes: `${pdu('00', '1900')} 00000000 0000 0000`, outcome: 'truncated' },
    { name: 'a length one too small', bytes: `${pdu('00', '1700')} 00000000 0000 0000`, outcome: 'truncated' },
    { name: 'a length of zero', bytes: `${pdu('00', '0000')} 00000000 0000 0000`, outcome: 'malformed' },
    { name: 'the largest length', bytes: `${pdu('00', 'ffff')} 00000000 0000 0000`, outcome: 'truncated' },
    {
      name: 'a trailer larger than the PDU',
      bytes: `${pdu('00', '1800', 'ffff')} 00000000 0000 0000`,
      outcome: 'malformed',
    },
    {
      name: 'a trailer in place of the call',
      bytes: `${pdu('00', '1a00', '0200')} 00000000 0000 0000 0000`,
      outcome: 'malformed',
    },
    {
      name: 'more contexts than bytes',
      bytes: `${pdu('0b', '1c00')} b810b810 00000000 ff000000`,
      outcome: 'truncated',
    },
    { name: 'a bind of nothing', bytes: `${pdu('0b', '1c00')} b810b810 00000000 00000000`, outcome: 'message' },
    { name: 'another version', bytes: '06 00 00 03', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dcerpc.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('says which part of a call a fragment is, without its trailer', () => {
    const auth = '0a 05 02 00 00000000 01020304'; // signed, two bytes of padding
    const first = `${pdu('00', '2800', '0400', '01')} 04000000 0000 1300 aabb 0000 ${auth}`;
    const part = dcerpc.part?.(Reader.of(hex(first)), context);
    const whole = new Uint8Array([...(part?.head ?? []), ...hex('aabb'), ...hex('ccdd')]);

    expect(part).toMatchObject({ key: 7, first: true, last: false, body: hex('aabb') });
    expect(dcerpc.dissect(whole, context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect: 'control' }, carries: [{ bytes: hex('aabbccdd') }] }],
    });
  });

  it('keeps what is encrypted to itself, and hands on the call to an object unread', () => {
    const rest = 'aabbccdd 0a 06 00 00 00000000 01020304';
    const call = dcerpc.dissect(hex(`${pdu('00', '2800', '0400')} 04000000 0000 1300 ${rest}`), context);
    const flagged = pdu('00', '3800', '0400', '83');
    const object = dcerpc.dissect(hex(`${flagged} 04000000 0000 1300 ${'01'.repeat(16)} ${rest}`), context);

    expect(call).toMatchObject({ outcome: 'message', readings: [{ fields: { authLevel: 6 } }] });
    expect(call.outcome === 'message' && call.readings[0]?.carries).toBeUndefined();
    expect(object).toMatchObject({
      outcome: 'message',
      readings: [{ carries: [{ key: `unread ${SERVICE_CONTROL}` }] }],
    });
  });

  it('says which context is in the 64-bit form, and which part of a call was encrypted', () => {
    const conversation = new TestConversation();
    const item = '0000 01 00 81bb7a364498f135ad3298f038001003 02000000 33057171babe37498319b5dbef9ccc36 01000000';
    const encrypted = `${pdu('00', '2800', '0400', '02')} 04000000 0000 1300 aabbccdd 0a 06 00 00 00000000 01020304`;
    const part = dcerpc.part?.(Reader.of(hex(encrypted)), context);
    const whole = new Uint8Array([...(part?.head ?? []), ...(part?.body ?? [])]);

    dcerpc.dissect(hex(`${pdu('0b', '4800')} b810b810 00000000 01000000 ${item}`), conversation.context(true));
    const call = dcerpc.dissect(hex(`${pdu('00', '1a00')} 00000000 0000 0100 0102`), conversation.context(true));

    expect(call).toMatchObject({ outcome: 'message', readings: [{ fields: { ndr64: true } }] });
    expect(dcerpc.dissect(whole, context)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { authLevel: 6 } }],
    });
  });

  it('knows itself by version, type, format and sizes', () => {
    const mapper = new TestConversation({ transport: 'udp', destinationPort: 135 }).context(true);
    const likeness = (bytes: string, where = mapper) => dcerpc.recognise(Reader.of(hex(bytes)), where);
    const datagram = (node: string) => `04 00 20 00 10000000 ${'00'.repeat(24)} ${node} ${'00'.repeat(40)}`;

    expect(likeness(pdu('0b', '4800'))).toBe('strong');
    expect(likeness(pdu('15', '4800'))).toBe('no');
    expect(likeness(pdu('0b', '0f00'))).toBe('no');
    expect(likeness(datagram('827100a02442df7d'))).toBe('strong');
    expect(likeness(datagram('0000000000000000'))).toBe('weak');
    expect(likeness(datagram('0000000000000000'), context)).toBe('no');
    expect(likeness('04 00 20 00')).toBe('no');
  });

  it('reads a session', async () => {
    const session = await dissectCapture(dcerpc, new URL('captures/services.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/services.golden.json');
  });
});
