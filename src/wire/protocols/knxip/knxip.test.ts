import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { knxip } from './knxip.ts';

const udp = new TestConversation({ transport: 'udp', destinationPort: 3671 });
const client = udp.context(true);
const server = udp.context(false);

/** A message with its length filled in. */
function message(service: string, body: string): Uint8Array {
  const length = hex(body).length + 6;
  return hex(`06 10 ${service} ${length.toString(16).padStart(4, '0')} ${body}`);
}

/** A telegram that a client sends through a tunnel to device 1.2.5, by its transport byte and what follows. */
function telegram(apdu: string, code = '11'): Uint8Array {
  const length = (hex(apdu).length - 1).toString(16).padStart(2, '0');
  return message('0420', `04 09 01 00 ${code} 00 bc 60 0000 1205 ${length} ${apdu}`);
}

const ENDPOINT = '08 01 0a070114 0e57';

describe('knxip', () => {
  it.each([
    {
      effect: 'read',
      services: ['0000', '0180', '0201', '03d5', '03d8', '02c0', '02c8', '03c1', '03e5', '01cc', '01fd'],
    },
    { effect: 'write', services: ['0081', '00bf'] },
    { effect: 'report', services: ['0040', '0140', '01c0', '0240', '0340', '03d6', '03e2', '01cd', '01fe', '03a1'] },
    { effect: 'discover', services: ['0100', '0300', '02c5', '03da', '03dc', '03e1', '03e3', '01c8'] },
    { effect: 'configure', services: ['00c0', '03d7', '03d3', '03de', '03e0', '03e4', '03e7', '03c3', '02c7', '01d0'] },
    { effect: 'program', services: ['0281', '02c2', '02c4', '03d0', '03ca', '01fb'] },
    { effect: 'control', services: ['0380', '0381'] },
    { effect: 'authenticate', services: ['03d1'] },
    { effect: 'unknown', services: ['03f1', '02ff', '03ff', '03bf'] },
  ])('knows the effect of bus services: $effect', ({ effect, services }) => {
    for (const service of services) {
      expect([service, knxip.dissect(telegram(`${service} 0000 00`), client)]).toMatchObject([
        service,
        { outcome: 'message', readings: [{ direction: 'request', operation: { effect }, target: '1.2.5' }] },
      ]);
    }
  });

  it.each([
    { name: 'search', bytes: message('0201', ENDPOINT), effect: 'discover' },
    { name: 'connect', bytes: message('0205', `${ENDPOINT}${ENDPOINT}04040200`), effect: 'session' },
    { name: 'transport control', bytes: telegram('80'), effect: 'session' },
    { name: 'send raw telegram', bytes: message('0420', '04 09 01 00 10 00 bc'), effect: 'unknown' },
    { name: 'poll bus devices', bytes: message('0420', '04 09 01 00 13 00 bc'), effect: 'read' },
    { name: 'read property', bytes: message('0310', '04 07 00 00 fc 0000 01 0b 1001'), effect: 'read' },
    { name: 'write property', bytes: message('0310', '04 07 00 00 f6 000b 01 34 1001 1203'), effect: 'configure' },
    { name: 'call function property', bytes: message('0310', '04 07 00 00 f8 0007 01 33 01'), effect: 'configure' },
    { name: 'read function property', bytes: message('0310', '04 07 00 00 f9 0007 01 33 01'), effect: 'read' },
    { name: 'reset server', bytes: message('0310', '04 07 00 00 f1'), effect: 'control' },
    { name: 'set tunnel feature', bytes: message('0424', '04 09 01 00 08 00 01'), effect: 'configure' },
    { name: 'remote diagnosis', bytes: message('0740', `${ENDPOINT} 0201`), effect: 'discover' },
    { name: 'remote configuration', bytes: message('0742', '0000'), effect: 'configure' },
    { name: 'remote reset', bytes: message('0743', '02010100'), effect: 'control' },
    { name: 'authenticate session', bytes: message('0953', `0001${'44'.repeat(16)}`), effect: 'authenticate' },
  ])('reads $name', ({ name, bytes, effect }) => {
    expect(knxip.dissect(bytes, client)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect } }],
    });
  });

  it.each([
    { name: 'a group written by a router', bytes: '29 00 bc e0 1105 0a03 01 00 81', effect: 'write' },
    { name: 'memory written by a router', bytes: '29 00 bc 60 1105 1205 04 42 81 4000 00', effect: 'program' },
    { name: 'a telegram with additional information', bytes: '29 02 0300 bc e0 1105 0a03 01 00 00', effect: 'read' },
  ])('takes $name for an order', ({ bytes, effect }) => {
    expect(knxip.dissect(message('0530', bytes), server)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { effect } }],
    });
  });

  it('calls what a tunnel hears on the bus a report, and says when a telegram was not sent', () => {
    expect(knxip.dissect(telegram('0081', '29'), server)).toMatchObject({
      readings: [{ direction: 'report', operation: { name: 'telegram from the bus', effect: 'report' } }],
    });
    expect(knxip.dissect(message('0420', '04 09 01 00 2e 00 bd e0 1105 0a03 01 00 81'), server)).toMatchObject({
      readings: [{ operation: { name: 'telegram sent' }, refused: 'not confirmed on the bus' }],
    });
  });

  it('pairs an acknowledgement with the telegram of its number', () => {
    const conversation = new TestConversation({ transport: 'udp' });
    const asked = knxip.dissect(telegram('0081'), conversation.context(true));
    conversation.ask(asked.outcome === 'malformed' ? [] : asked.readings);

    expect(knxip.dissect(message('0421', '04 09 01 29'), conversation.context(false))).toMatchObject({
      readings: [{ direction: 'response', operation: { effect: 'write' }, refused: 'tunnelling layer not supported' }],
    });
    expect(knxip.dissect(message('0421', '04 09 02 00'), conversation.context(false))).toMatchObject({
      readings: [{ direction: 'report', operation: { name: 'acknowledge' } }],
    });
  });

  it('tells devices that answer on the bus, and once only', () => {
    const heard = telegram('43 40 07b0', '29');
    heard.set([0x12, 0x05], 14);
    const dissection = knxip.dissect(heard, server);
    const [reading] = dissection.outcome === 'message' ? dissection.readings : [];

    expect(reading && knxip.observe?.(reading, server)).toMatchObject([{ kind: 'behind', device: 'knx 1.2.5' }]);
    expect(reading && knxip.observe?.(reading, server)).toEqual([]);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header cut short', bytes: '06 10 02 01 00', outcome: 'truncated' },
    { name: 'length 0', bytes: '06 10 02 01 0000', outcome: 'malformed' },
    { name: 'a length that lacks the endpoint', bytes: `06 10 02 01 000d ${ENDPOINT}`, outcome: 'truncated' },
    { name: 'a length one too large', bytes: `06 10 02 01 000f ${ENDPOINT}`, outcome: 'truncated' },
    { name: 'the largest length', bytes: `06 10 02 01 ffff ${ENDPOINT}`, outcome: 'truncated' },
    { name: 'another version', bytes: `06 20 02 01 000e ${ENDPOINT}`, outcome: 'malformed' },
    { name: 'an endpoint of no length', bytes: '06 10 02 01 0007 00', outcome: 'message' },
    { name: 'an endpoint one too long', bytes: '06 10 02 01 000e 09 01 0a070114 0e57', outcome: 'truncated' },
    { name: 'a block of no length', bytes: '06 10 02 04 0008 00 02', outcome: 'malformed' },
    { name: 'a block one too long', bytes: '06 10 02 04 000a 05 02 02 01', outcome: 'truncated' },
    { name: 'device information that is too short', bytes: '06 10 02 04 000a 04 01 02 00', outcome: 'message' },
    { name: 'additional information that is not there', bytes: '06 10 05 30 0008 29 ff', outcome: 'truncated' },
    {
      name: 'a telegram without its service',
      bytes: '06 10 05 30 0010 29 00 bc e0 1105 0a03 01 00',
      outcome: 'truncated',
    },
    {
      name: 'a telegram of the largest length',
      bytes: '06 10 05 30 0011 29 00 bc e0 1105 0a03 ff 00 81',
      outcome: 'truncated',
    },
    { name: 'a refused connection', bytes: '06 10 02 06 0008 00 24', outcome: 'message' },
    { name: 'a wrapper without a message', bytes: `06 10 09 50 0026 0001 ${'00'.repeat(30)}`, outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(knxip.dissect(hex(bytes), server).outcome).toBe(outcome);
  });

  it.each([
    { name: 'too few bytes', bytes: '06 10 02', length: MORE },
    { name: 'the beginning of a message', bytes: '06 10 02 01 000e', length: 14 },
    { name: 'another protocol', bytes: '16', length: NOT_MINE },
    { name: 'a length below the header', bytes: '06 10 02 01 0005', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(knxip.cut?.(Reader.of(hex(bytes)), client)).toBe(length);
  });

  it.each([
    { name: 'a whole message', bytes: message('0201', ENDPOINT), likeness: 'strong' },
    { name: 'a service that nobody knows', bytes: message('0299', ENDPOINT), likeness: 'no' },
    { name: 'a datagram that lacks a byte', bytes: message('0201', ENDPOINT).subarray(0, 13), likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(knxip.recognise(Reader.of(bytes), client)).toBe(likeness);
  });

  it.each(['gateway', 'services'])('reads a golden capture: %s', async (name) => {
    const session = await dissectCapture(knxip, new URL(`captures/${name}.txt`, import.meta.url), { transport: 'udp' });

    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
