import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { arp } from './arp.ts';

const context = new TestConversation({ transport: 'ethernet' }).context(true);
const HEAD = '0001 0800 06 04';
const A = '02 00 00 00 00 0a  c0 00 02 0a';
const B = '02 00 00 00 00 0b  c0 00 02 0b';

describe('arp', () => {
  it.each([
    {
      name: 'a request',
      bytes: `${HEAD} 0001 ${A} 000000000000 c000020b`,
      direction: 'request',
      effect: 'discover',
      via: 'request',
    },
    { name: 'a reply', bytes: `${HEAD} 0002 ${B} ${A}`, direction: 'response', effect: 'discover', via: 'reply' },
    {
      name: 'a probe',
      bytes: `${HEAD} 0001 02000000000a 00000000 000000000000 c000020b`,
      direction: 'request',
      effect: 'discover',
      via: 'probe',
    },
    {
      name: 'an announcement',
      bytes: `${HEAD} 0001 ${A} 000000000000 c000020a`,
      direction: 'report',
      effect: 'report',
      via: 'announcement',
    },
    {
      name: 'an announcing reply',
      bytes: `${HEAD} 0002 ${A} ${A}`,
      direction: 'report',
      effect: 'report',
      via: 'announcement',
    },
    {
      name: 'a RARP request',
      bytes: `${HEAD} 0003 02000000000a 00000000 02000000000a 00000000`,
      direction: 'request',
      effect: 'discover',
      via: undefined,
    },
    { name: 'a RARP reply', bytes: `${HEAD} 0004 ${B} ${A}`, direction: 'response', effect: 'discover', via: 'lease' },
    {
      name: 'a dynamic RARP reply',
      bytes: `${HEAD} 0006 ${B} ${A}`,
      direction: 'response',
      effect: 'configure',
      via: undefined,
    },
    {
      name: 'an inverse reply',
      bytes: `${HEAD} 0009 ${B} ${A}`,
      direction: 'response',
      effect: 'discover',
      via: 'reply',
    },
    {
      name: 'an operation we do not know',
      bytes: `${HEAD} 0063 ${B} ${A}`,
      direction: 'request',
      effect: 'unknown',
      via: undefined,
    },
    {
      name: 'a network that is not Ethernet',
      bytes: '0007 0800 01 04 0001 0a c000020a 00 c000020b',
      direction: 'request',
      effect: 'discover',
      via: undefined,
    },
  ])('reads $name', ({ bytes, direction, effect, via }) => {
    const dissection = arp.dissect(hex(bytes), context);

    expect(dissection).toMatchObject({ outcome: 'message', readings: [{ direction, operation: { effect } }] });
    const readings = dissection.outcome === 'malformed' ? [] : dissection.readings;
    expect(
      readings.flatMap((reading) => arp.observe?.(reading, context) ?? []).map((said) => 'via' in said && said.via),
    ).toEqual(via === undefined ? [] : [via]);
  });

  it('ties a probe to the address that the sender means to use', () => {
    const dissection = arp.dissect(hex(`${HEAD} 0001 02000000000a 00000000 000000000000 c000020b`), context);
    const [reading] = dissection.outcome === 'malformed' ? [] : dissection.readings;

    expect(reading && arp.observe?.(reading, context)).toEqual([
      { kind: 'address', mac: '02:00:00:00:00:0a', address: '192.0.2.11', via: 'probe' },
    ]);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'addresses cut short', bytes: `${HEAD} 0001 ${A} 000000000000 c000`, outcome: 'truncated' },
    { name: 'lengths that the frame cannot hold', bytes: `0001 0800 ff ff 0001 ${A} ${B}`, outcome: 'truncated' },
    { name: 'no addresses at all', bytes: '0001 0800 00 00 0001', outcome: 'message' },
    { name: 'padding behind the addresses', bytes: `${HEAD} 0002 ${B} ${A} ${'00'.repeat(18)}`, outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(arp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('reads a host that takes an address and looks for a peer', async () => {
    const session = await dissectCapture(arp, new URL('captures/resolution.txt', import.meta.url), {
      transport: 'ethernet',
    });
    await expect(session).toMatchFileSnapshot('captures/resolution.golden.json');
  });
});
