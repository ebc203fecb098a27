import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { dhcpv6 } from './dhcpv6.ts';

const context = new TestConversation({ transport: 'udp', destinationPort: 547 }).context(true);
const CLIENT = '0001 000a 0003 0001 02000000000a';

describe('dhcpv6', () => {
  it.each([
    { name: 'a solicit', type: '01', direction: 'request', effect: 'configure' },
    { name: 'an advertisement', type: '02', direction: 'response', effect: 'configure' },
    { name: 'a request', type: '03', direction: 'request', effect: 'configure' },
    { name: 'a confirmation', type: '04', direction: 'request', effect: 'configure' },
    { name: 'a renewal', type: '05', direction: 'request', effect: 'configure' },
    { name: 'a rebinding', type: '06', direction: 'request', effect: 'configure' },
    { name: 'a reply', type: '07', direction: 'response', effect: 'configure' },
    { name: 'a release', type: '08', direction: 'request', effect: 'configure' },
    { name: 'a decline', type: '09', direction: 'request', effect: 'configure' },
    { name: 'a reconfiguration', type: '0a', direction: 'report', effect: 'configure' },
    { name: 'an information request', type: '0b', direction: 'request', effect: 'configure' },
    { name: 'a lease query', type: '0e', direction: 'request', effect: 'discover' },
    { name: 'a type we do not know', type: '24', direction: 'request', effect: 'unknown' },
  ])('reads $name', ({ type, direction, effect }) => {
    expect(dhcpv6.dissect(hex(`${type} 123456 ${CLIENT}`), context)).toMatchObject({
      outcome: 'message',
      readings: [
        { direction, operation: { effect }, fields: { transactionId: 0x123456, clientMac: '02:00:00:00:00:0a' } },
      ],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'an option cut short', bytes: `01 123456 ${CLIENT.slice(0, -2)}`, outcome: 'truncated' },
    { name: 'an option longer than the message', bytes: '01 123456 0001 ffff 00', outcome: 'truncated' },
    { name: 'an association of no length', bytes: '01 123456 0003 0000', outcome: 'message' },
    { name: 'a relayed message cut short', bytes: `0c 00 ${'00'.repeat(32)} 0009 0002 0112`, outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dhcpv6.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('follows relays as deep as the standard allows, and no deeper', () => {
    let bytes = `01123456${CLIENT.replaceAll(' ', '')}`;
    for (let relay = 0; relay < 40; relay++) {
      const length = (bytes.length / 2).toString(16).padStart(4, '0');
      bytes = `0c00${'00'.repeat(32)}0009${length}${bytes}`;
    }

    expect(dhcpv6.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { relayed: 8 } }],
    });
  });

  it('reads a lease, alone and through a relay', async () => {
    const session = await dissectCapture(dhcpv6, new URL('captures/lease.txt', import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot('captures/lease.golden.json');
  });
});
