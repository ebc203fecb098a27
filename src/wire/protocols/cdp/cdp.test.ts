import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { cdp } from './cdp.ts';

const ethernet = { transport: 'ethernet', toMany: true } as const;
const context = new TestConversation(ethernet).context(true);
const DEVICE = '0001 0007 737731';
const PORT = '0003 0006 7031';

describe('cdp', () => {
  it.each([
    { name: 'an announcement', bytes: `02 b4 0000 ${DEVICE} ${PORT}`, operation: 'announce' },
    { name: 'a withdrawal', bytes: `02 00 0000 ${DEVICE} ${PORT}`, operation: 'withdraw' },
  ])('reads $name', ({ bytes, operation }) => {
    expect(cdp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { name: operation, effect: 'report' }, fields: { deviceId: 'sw1', portId: 'p1' } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'an element cut short', bytes: '02 b4 0000 0001 0007 7377', outcome: 'truncated' },
    { name: 'an element without a length', bytes: '02 b4 0000 0001 0000', outcome: 'malformed' },
    { name: 'more addresses than bytes', bytes: '02 b4 0000 0002 0008 ffffffff', outcome: 'message' },
    {
      name: 'an empty element of every kind',
      bytes: '02 b4 0000 0001 0004 0002 0004 0004 0004 000a 0004 000e 0004',
      outcome: 'message',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(cdp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a switch', capabilities: '00000028', role: 'switch' },
    { name: 'a switch that routes', capabilities: '00000029', role: 'switch' },
    { name: 'a router', capabilities: '00000001', role: 'router' },
    { name: 'a telephone', capabilities: '00000490', role: 'phone' },
    { name: 'a host', capabilities: '00000010', role: undefined },
  ])('takes $name for $role', ({ capabilities, role }) => {
    const fresh = new TestConversation(ethernet).context(true);
    const dissection = cdp.dissect(hex(`02 b4 0000 ${DEVICE} ${PORT} 0004 0008 ${capabilities}`), fresh);
    const [reading] = dissection.outcome === 'malformed' ? [] : dissection.readings;
    const said = reading ? (cdp.observe?.(reading, fresh) ?? []) : [];

    expect(said.filter(({ kind }) => kind === 'role').map((one) => 'role' in one && one.role)).toEqual(
      role ? [role] : [],
    );
  });

  it('reads a switch and a telephone', async () => {
    const session = await dissectCapture(cdp, new URL('captures/neighbours.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/neighbours.golden.json');
  });
});
