import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { igmp } from './igmp.ts';

const context = new TestConversation({ transport: 'ip', toMany: true }).context(true);

describe('igmp', () => {
  it.each([
    { name: 'a query', bytes: '11 64 0000 00000000', operation: 'membership query', effect: 'report' },
    {
      name: 'a query of version 3',
      bytes: '11 64 0000 efff0001 02 7d 0001 c000020a',
      operation: 'membership query',
      effect: 'report',
    },
    { name: 'a report of version 1', bytes: '12 00 0000 efff0001', operation: 'membership report', effect: 'report' },
    { name: 'a report of version 2', bytes: '16 00 0000 efff0001', operation: 'membership report', effect: 'report' },
    {
      name: 'a report of version 3',
      bytes: '22 00 0000 0000 0001 04 00 0000 efff0001',
      operation: 'membership report',
      effect: 'report',
    },
    { name: 'a leave', bytes: '17 00 0000 efff0001', operation: 'leave group', effect: 'report' },
    { name: 'routing', bytes: '13 01 0000 00000000', operation: 'multicast routing', effect: 'report' },
    { name: 'a type we do not know', bytes: '99 00 0000 00000000', operation: 'unknown type', effect: 'unknown' },
  ])('reads $name', ({ bytes, operation, effect }) => {
    expect(igmp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name: operation, effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a group cut short', bytes: '16 00 0000 efff', outcome: 'truncated' },
    { name: 'more groups than bytes', bytes: '22 00 0000 0000 ffff 04 00 0000 efff0001', outcome: 'truncated' },
    { name: 'more sources than bytes', bytes: '22 00 0000 0000 0001 04 00 ffff efff0001', outcome: 'truncated' },
    {
      name: 'a query with fewer sources than it says',
      bytes: '11 64 0000 efff0001 02 7d 0002 c000020a',
      outcome: 'truncated',
    },
    { name: 'a report without groups', bytes: '22 00 0000 0000 0000', outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(igmp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('reads members of three versions', async () => {
    const session = await dissectCapture(igmp, new URL('captures/members.txt', import.meta.url), { transport: 'ip' });
    await expect(session).toMatchFileSnapshot('captures/members.golden.json');
  });
});
