import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { lldp } from './lldp.ts';

const ethernet = { transport: 'ethernet', toMany: true } as const;
const context = new TestConversation(ethernet).context(true);
const CHASSIS = '0207 04 020000000001';
const PORT = '0403 05 7031';
const LIFE = '0602 0078';

function observed(bytes: string) {
  const fresh = new TestConversation(ethernet).context(true);
  const dissection = lldp.dissect(hex(bytes), fresh);
  const [reading] = dissection.outcome === 'malformed' ? [] : dissection.readings;
  return reading ? (lldp.observe?.(reading, fresh) ?? []) : [];
}

describe('lldp', () => {
  it.each([
    { name: 'an announcement', bytes: `${CHASSIS} ${PORT} ${LIFE} 0000`, operation: 'announce' },
    { name: 'a withdrawal', bytes: `${CHASSIS} ${PORT} 0602 0000 0000`, operation: 'withdraw' },
  ])('reads $name', ({ bytes, operation }) => {
    expect(lldp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name: operation, effect: 'report' }, fields: { portId: 'p1' } }],
    });
  });

  it.each([
    { chassis: '0207 04 020000000001', chassisId: '02:00:00:00:00:01' },
    { chassis: '0206 05 01 c0000201', chassisId: '192.0.2.1' },
    { chassis: '0204 07 706c63', chassisId: 'plc' },
    { chassis: '0204 04 010203', chassisId: '010203' },
    { chassis: '0201 07', chassisId: '' },
  ])('shows the chassis $chassisId', ({ chassis, chassisId }) => {
    expect(lldp.dissect(hex(`${chassis} ${PORT} ${LIFE} 0000`), context)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { chassisId } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'no end', bytes: `${CHASSIS} ${PORT} ${LIFE}`, outcome: 'truncated' },
    {
      name: 'an element longer than the frame',
      bytes: `${CHASSIS} ${PORT} ${LIFE} 0bff 61 0000`,
      outcome: 'truncated',
    },
    { name: 'another order', bytes: `${PORT} ${CHASSIS} ${LIFE} 0000`, outcome: 'malformed' },
    {
      name: 'an empty element of every kind',
      bytes: `${CHASSIS} ${PORT} ${LIFE} 0800 0a00 0c00 0e00 1000 fe00 0000`,
      outcome: 'message',
    },
    { name: 'padding behind the end', bytes: `${CHASSIS} ${PORT} ${LIFE} 0000 ${'00'.repeat(20)}`, outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(lldp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a bridge', more: '0e04 0014 0004', role: 'switch' },
    { name: 'a switch that routes', more: '0e04 0014 0014', role: 'switch' },
    { name: 'a router', more: '0e04 0010 0010', role: 'router' },
    { name: 'a telephone', more: '0e04 0024 0024', role: 'phone' },
    { name: 'a telephone by its class', more: 'fe07 0012bb 01 000f 03', role: 'phone' },
    { name: 'a field device with two ports', more: '0e04 0084 0084', role: undefined },
    { name: 'a bridge that does not bridge', more: '0e04 0004 0000', role: undefined },
  ])('takes $name for $role', ({ more, role }) => {
    const roles = observed(`${CHASSIS} ${PORT} ${LIFE} ${more} 0000`).filter(({ kind }) => kind === 'role');

    expect(roles.map((said) => 'role' in said && said.role)).toEqual(role ? [role] : []);
  });

  it('keeps the first of the elements that stand once', () => {
    expect(lldp.dissect(hex(`${CHASSIS} ${PORT} ${LIFE} 0602 0003 0000`), context)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { timeToLive: 120 } }],
    });
  });

  it('tells once what a device repeats', () => {
    const conversation = new TestConversation(ethernet).context(true);
    const dissection = lldp.dissect(hex(`${CHASSIS} ${PORT} ${LIFE} 0000`), conversation);
    const [reading] = dissection.outcome === 'malformed' ? [] : dissection.readings;

    expect(reading && lldp.observe?.(reading, conversation)).toHaveLength(1);
    expect(reading && lldp.observe?.(reading, conversation)).toHaveLength(0);
  });

  it('reads a switch, a PROFINET controller in both forms, and a telephone', async () => {
    const session = await dissectCapture(lldp, new URL('captures/neighbours.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/neighbours.golden.json');
  });
});
