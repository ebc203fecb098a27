import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { icmpv6 } from './icmpv6.ts';

const ip = { transport: 'ip', toMany: true } as const;
const context = new TestConversation(ip).context(true);
const TARGET = '20010db8 00000000 00000000 00000020';
const QUOTED = `60000000 0008 11 40 ${TARGET} ${TARGET} c350 01f6 0008 0000`;

describe('icmpv6', () => {
  it.each([
    { name: 'an unreachable port', bytes: `01 04 0000 00000000 ${QUOTED}`, direction: 'report', effect: 'report' },
    { name: 'a packet too big', bytes: `02 00 0000 00000500 ${QUOTED}`, direction: 'report', effect: 'report' },
    { name: 'a time exceeded', bytes: `03 00 0000 00000000 ${QUOTED}`, direction: 'report', effect: 'report' },
    { name: 'a parameter problem', bytes: `04 00 0000 00000000 ${QUOTED}`, direction: 'report', effect: 'report' },
    { name: 'an echo', bytes: '80 00 0000 0001 0002', direction: 'request', effect: 'discover' },
    { name: 'its answer', bytes: '81 00 0000 0001 0002', direction: 'response', effect: 'discover' },
    { name: 'a listener query', bytes: `82 00 0000 2710 0000 ${TARGET}`, direction: 'report', effect: 'report' },
    { name: 'a listener report', bytes: `83 00 0000 0000 0000 ${TARGET}`, direction: 'report', effect: 'report' },
    { name: 'a listener that leaves', bytes: `84 00 0000 0000 0000 ${TARGET}`, direction: 'report', effect: 'report' },
    { name: 'a question for routers', bytes: '85 00 0000 00000000', direction: 'request', effect: 'discover' },
    {
      name: 'a router that advertises',
      bytes: '86 00 0000 40 00 0708 00000000 00000000',
      direction: 'report',
      effect: 'report',
    },
    {
      name: 'a solicitation',
      bytes: `87 00 0000 00000000 ${TARGET} 0101 02000000000a`,
      direction: 'request',
      effect: 'discover',
    },
    {
      name: 'an advertisement that answers',
      bytes: `88 00 0000 60000000 ${TARGET}`,
      direction: 'response',
      effect: 'discover',
    },
    { name: 'an advertisement unasked', bytes: `88 00 0000 20000000 ${TARGET}`, direction: 'report', effect: 'report' },
    { name: 'a redirect', bytes: `89 00 0000 00000000 ${TARGET} ${TARGET}`, direction: 'report', effect: 'configure' },
    { name: 'a node query', bytes: '8b 00 0000 0002 0000 0000000000000001', direction: 'request', effect: 'discover' },
    {
      name: 'a report of several groups',
      bytes: `8f 00 0000 0000 0001 04 00 0000 ${TARGET}`,
      direction: 'report',
      effect: 'report',
    },
    { name: 'a type we do not know', bytes: 'c8 00 0000', direction: 'report', effect: 'unknown' },
  ])('reads $name', ({ bytes, direction, effect }) => {
    expect(icmpv6.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a target cut short', bytes: `87 00 0000 00000000 ${TARGET.slice(0, -2)}`, outcome: 'truncated' },
    { name: 'an option cut short', bytes: `87 00 0000 00000000 ${TARGET} 0101 0200`, outcome: 'truncated' },
    { name: 'an option of no length', bytes: `87 00 0000 00000000 ${TARGET} 0100`, outcome: 'malformed' },
    { name: 'more groups than bytes', bytes: `8f 00 0000 0000 ffff 04 00 0000 ${TARGET}`, outcome: 'truncated' },
    { name: 'more sources than bytes', bytes: `8f 00 0000 0000 0001 04 00 ffff ${TARGET}`, outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(icmpv6.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('reads a host that comes to a network', async () => {
    const session = await dissectCapture(icmpv6, new URL('captures/arrival.txt', import.meta.url), ip);
    await expect(session).toMatchFileSnapshot('captures/arrival.golden.json');
  });
});
