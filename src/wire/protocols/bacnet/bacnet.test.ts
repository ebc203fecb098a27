import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { bacnet } from './bacnet.ts';

const conversation = new TestConversation({ transport: 'udp' });
const client = conversation.context(true);
const device = conversation.context(false);
const ethernet = new TestConversation({ transport: 'ethernet' }).context(true);

/** A message of BACnet/IP around an NPDU, with the length that fits. */
function link(code: string, body: string): Uint8Array {
  const length = (hex(body).length + 4).toString(16).padStart(4, '0');
  return hex(`81 ${code} ${length} ${body}`);
}

function confirmed(service: string, body = ''): Uint8Array {
  return link('0a', `0104 0005 01 ${service} ${body}`);
}

describe('bacnet', () => {
  it.each([
    { service: '00', effect: 'write' },
    { service: '01', effect: 'report' },
    { service: '02', effect: 'report' },
    { service: '03', effect: 'read' },
    { service: '04', effect: 'read' },
    { service: '05', effect: 'read' },
    { service: '06', effect: 'read' },
    { service: '07', effect: 'program' },
    { service: '08', effect: 'configure' },
    { service: '09', effect: 'configure' },
    { service: '0a', effect: 'configure' },
    { service: '0b', effect: 'configure' },
    { service: '0c', effect: 'read' },
    { service: '0d', effect: 'read' },
    { service: '0e', effect: 'read' },
    { service: '0f', effect: 'write' },
    { service: '10', effect: 'write' },
    { service: '11', effect: 'control' },
    { service: '12', effect: 'unknown' },
    { service: '13', effect: 'report' },
    { service: '14', effect: 'control' },
    { service: '15', effect: 'session' },
    { service: '16', effect: 'session' },
    { service: '17', effect: 'unknown' },
    { service: '18', effect: 'authenticate' },
    { service: '19', effect: 'authenticate' },
    { service: '1a', effect: 'read' },
    { service: '1b', effect: 'control' },
    { service: '1c', effect: 'read' },
    { service: '1d', effect: 'read' },
    { service: '1e', effect: 'read' },
    { service: '1f', effect: 'report' },
    { service: '20', effect: 'report' },
    { service: '21', effect: 'read' },
    { service: 'fe', effect: 'unknown' },
  ])('reports the effect of confirmed service 0x$service', ({ service, effect }) => {
    expect(bacnet.dissect(confirmed(service), client)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect }, fields: { pduType: 0, invokeId: 1 } }],
    });
  });

  it.each([
    { service: '00', direction: 'report', effect: 'discover' },
    { service: '01', direction: 'report', effect: 'discover' },
    { service: '02', direction: 'report', effect: 'report' },
    { service: '03', direction: 'report', effect: 'report' },
    { service: '04', direction: 'request', effect: 'unknown' },
    { service: '05', direction: 'report', effect: 'report' },
    { service: '06', direction: 'request', effect: 'configure' },
    { service: '07', direction: 'request', effect: 'discover' },
    { service: '08', direction: 'request', effect: 'discover' },
    { service: '09', direction: 'request', effect: 'configure' },
    { service: '0a', direction: 'request', effect: 'write' },
    { service: '0b', direction: 'report', effect: 'report' },
    { service: '0c', direction: 'report', effect: 'report' },
    { service: '0d', direction: 'request', effect: 'discover' },
    { service: '0e', direction: 'request', effect: 'configure' },
    { service: 'fe', direction: 'report', effect: 'unknown' },
  ])('reports the effect of unconfirmed service 0x$service', ({ service, direction, effect }) => {
    expect(bacnet.dissect(link('0b', `0100 10 ${service}`), client)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect }, fields: { pduType: 1 } }],
    });
  });

  it.each([
    { name: 'a router wanted', bytes: link('0b', '0180 00'), effect: 'discover' },
    { name: 'a network that is busy', bytes: link('0b', '0180 04 0007'), effect: 'report' },
    { name: 'a routing table', bytes: link('0a', '0180 06 00'), effect: 'configure' },
    { name: 'a dial-up connection', bytes: link('0a', '0180 08 0007 00'), effect: 'session' },
    { name: 'a network number', bytes: link('0b', '0180 13 0007 01'), effect: 'discover' },
    { name: "a maker's own message", bytes: link('0a', '0180 80 000f'), effect: 'unknown' },
    { name: 'a broadcast table written', bytes: link('01', ''), effect: 'configure' },
    { name: 'a broadcast table read', bytes: link('02', ''), effect: 'discover' },
    { name: 'a foreign device', bytes: link('05', '003c'), effect: 'session' },
    { name: 'foreign devices read', bytes: link('06', ''), effect: 'discover' },
    { name: 'a foreign device deleted', bytes: link('08', 'c0000201 bac0'), effect: 'configure' },
    { name: 'an address resolved', bytes: hex('82 03 000a 000001 000002'), effect: 'discover' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(bacnet.dissect(bytes, client)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect }, fields: { pduType: null } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header cut short', bytes: '81 0a 00', outcome: 'truncated' },
    { name: 'length 0', bytes: '81 0a 0000 0104 0005 01 0c', outcome: 'malformed' },
    { name: 'a length that lacks the NPDU', bytes: '81 0a 0004 0104 0005 01 0c', outcome: 'truncated' },
    { name: 'a length one too small', bytes: '81 0a 0009 0104 0005 01 0c', outcome: 'truncated' },
    { name: 'a length one too large', bytes: '81 0a 000b 0104 0005 01 0c', outcome: 'truncated' },
    { name: 'the largest length', bytes: '81 0a ffff 0104 0005 01 0c', outcome: 'truncated' },
    {
      name: 'an error that is whole in spite of its length',
      bytes: '81 0a 0011 0104 50 01 14 91 05 91 1a',
      outcome: 'message',
    },
    { name: 'an error without its code', bytes: '81 0a 000b 0104 50 01 14 91 05', outcome: 'truncated' },
    { name: 'another function', bytes: '81 0d 0004', outcome: 'malformed' },
    { name: 'another version', bytes: '81 0a 0008 0200 1008', outcome: 'malformed' },
    { name: 'an endless address', bytes: '81 0a 000b 0120 ffff ff 000000', outcome: 'malformed' },
    { name: 'a list that never closes', bytes: '81 0a 000f 0100 30 01 0e 0c 02000065 1e', outcome: 'truncated' },
    {
      name: 'text longer than the message',
      bytes: '81 0a 0015 0100 30 01 0c 0c 02000065 19 79 3e 75 ff 0041',
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(bacnet.dissect(hex(bytes), device).outcome).toBe(outcome);
  });

  it('is sure of a length that fits, doubts any other and refuses what is no function', () => {
    const like = (bytes: Uint8Array) => bacnet.recognise(Reader.of(bytes), client);

    expect(like(link('0b', '0100 1008'))).toBe('strong');
    expect(like(link('05', '003c'))).toBe('weak');
    expect(like(hex('81 0b 0009 0100 1008'))).toBe('weak');
    expect(like(hex('81 0b 0008 0300 1008'))).toBe('no');
    expect(like(hex('81 0d 0004'))).toBe('no');
    expect(like(hex('0100 1008'))).toBe('no');
  });

  it('reads an NPDU straight behind LLC', () => {
    expect(bacnet.recognise(Reader.of(hex('0120 ffff 00 ff 1008')), ethernet)).toBe('weak');
    expect(bacnet.dissect(hex('0120 ffff 00 ff 1008'), ethernet)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { name: 'find devices' }, fields: { pduType: 1, service: 8 } }],
    });
  });

  it('reads MS/TP as a bridge records it, tokens and data', () => {
    const token = hex('000080 00 72 01 0000 00');
    const whoIs = hex('000080 06 ff 01 0004 00 0100 1008 0000');

    expect(bacnet.recognise(Reader.of(token), ethernet)).toBe('weak');
    expect(bacnet.dissect(token, ethernet)).toMatchObject({
      readings: [{ operation: { name: 'pass the token' }, fields: { pduType: null } }],
    });
    expect(bacnet.dissect(whoIs, ethernet)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { name: 'find devices' } }],
    });
  });

  it('reads BACnet/IPv6', () => {
    expect(bacnet.dissect(hex('82 02 000b 000065 0100 1008'), client)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { name: 'find devices' }, fields: { linkFunction: 2 } }],
    });
  });

  it('joins the segments of an answer to one that was never segmented', () => {
    const context = new TestConversation({ transport: 'udp' }).context(false);
    const parts = [
      '3c 07 00 02 0c 0c 02000065 19',
      '3c 07 01 02 0c 79 3e 75 05 00 41',
      '3c 07 01 02 0c 79 3e 75 05 00 41',
      '38 07 02 02 0c 43 4d 45 3f',
    ].map((apdu) => bacnet.part?.(Reader.of(link('0a', `0104 ${apdu}`)), context));

    expect(parts.map((part) => [part?.first, part?.last, part?.body.length])).toEqual([
      [true, false, 6],
      [false, false, 6],
      [false, false, 0],
      [false, true, 4],
    ]);
    const last = parts.at(-1);
    const bodies = parts.flatMap((part) => [...(part?.body ?? [])]);
    expect(bacnet.dissect(Uint8Array.from([...(last?.head ?? []), ...bodies]), context)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { pduType: 3, service: 12, invokeId: 7, vendorName: 'ACME' } }],
    });
  });

  it('knows the answer of a device behind a router by both addresses', () => {
    const asked = bacnet.dissect(link('0a', '0124 0007 01 04 ff 0005 01 0c 0c 00800007 19 55'), client);
    const answered = bacnet.dissect(link('0a', '0108 0007 01 04 50 01 0c 91 02 91 20'), device);
    const another = bacnet.dissect(link('0a', '0108 0007 01 05 50 01 0c 91 02 91 20'), device);
    const pair = ({ readings: [reading] = [] }: Partial<Exclude<typeof asked, { outcome: 'malformed' }>>) =>
      reading?.pair;

    expect(pair(asked as never)).toBe(pair(answered as never));
    expect(pair(asked as never)).not.toBe(pair(another as never));
    expect(asked).toMatchObject({ readings: [{ target: '7:04' }] });
  });

  it('reads a golden capture', async () => {
    const services = new URL('captures/services.txt', import.meta.url);

    await expect(await dissectCapture(bacnet, services, { transport: 'udp' })).toMatchFileSnapshot(
      'captures/services.golden.json',
    );
  });
});
