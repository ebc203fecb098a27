import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { icmp } from './icmp.ts';

const context = new TestConversation({ transport: 'ip' }).context(true);
/** A UDP packet from 192.0.2.10:50000 to 192.0.2.20:502, as errors quote it. */
const QUOTED = '4500 0020 0000 0000 40 11 0000 c000020a c0000214 c350 01f6 000c 0000';

describe('icmp', () => {
  it.each([
    { name: 'an echo', bytes: '08 00 0000 0001 0002 6162', direction: 'request', effect: 'discover' },
    { name: 'its answer', bytes: '00 00 0000 0001 0002 6162', direction: 'response', effect: 'discover' },
    { name: 'an unreachable port', bytes: `03 03 0000 00000000 ${QUOTED}`, direction: 'report', effect: 'report' },
    { name: 'a quench', bytes: `04 00 0000 00000000 ${QUOTED}`, direction: 'report', effect: 'control' },
    { name: 'a redirect', bytes: `05 01 0000 c00002fe ${QUOTED}`, direction: 'report', effect: 'configure' },
    {
      name: 'a router that advertises',
      bytes: '09 00 0000 01 02 0708 c00002fe 00000000',
      direction: 'report',
      effect: 'report',
    },
    { name: 'a question for routers', bytes: '0a 00 0000 00000000', direction: 'request', effect: 'discover' },
    { name: 'a time exceeded', bytes: `0b 00 0000 00000000 ${QUOTED}`, direction: 'report', effect: 'report' },
    { name: 'a parameter problem', bytes: `0c 00 0000 00000000 ${QUOTED}`, direction: 'report', effect: 'report' },
    {
      name: 'a timestamp',
      bytes: '0d 00 0000 0001 0002 00000000 00000000 00000000',
      direction: 'request',
      effect: 'discover',
    },
    { name: 'an address mask', bytes: '12 00 0000 0001 0002 ffffff00', direction: 'response', effect: 'discover' },
    { name: 'a type we do not know', bytes: 'ff 00 0000 00000000', direction: 'report', effect: 'unknown' },
  ])('reads $name', ({ bytes, direction, effect }) => {
    expect(icmp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'an echo cut short', bytes: '08 00 0000 0001', outcome: 'truncated' },
    { name: 'a quoted header cut short', bytes: `03 03 0000 00000000 ${QUOTED.slice(0, 30)}`, outcome: 'truncated' },
    { name: 'a quoted header of no length', bytes: `03 03 0000 00000000 40${QUOTED.slice(2)}`, outcome: 'message' },
    {
      name: 'a quoted header longer than the packet',
      bytes: `03 03 0000 00000000 4f${QUOTED.slice(2)}`,
      outcome: 'message',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(icmp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('reads echoes, errors and routers', async () => {
    const routers = await dissectCapture(icmp, new URL('captures/routers.txt', import.meta.url), { transport: 'ip' });
    await expect(routers).toMatchFileSnapshot('captures/routers.golden.json');
    const session = await dissectCapture(icmp, new URL('captures/errors.txt', import.meta.url), { transport: 'ip' });
    await expect(session).toMatchFileSnapshot('captures/errors.golden.json');
  });
});
