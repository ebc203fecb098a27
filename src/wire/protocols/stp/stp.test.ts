import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { stp } from './stp.ts';

const ethernet = { transport: 'ethernet', toMany: true } as const;
const context = new TestConversation(ethernet).context(true);
const TREE = '1000 020000000001 00000004 8000 020000000002 8007 0100 1400 0200 0f00';

describe('stp', () => {
  it.each([
    { name: 'a configuration', bytes: `0000 00 00 00 ${TREE}`, operation: 'configuration' },
    { name: 'a rapid configuration', bytes: `0000 02 02 3c ${TREE} 00`, operation: 'rapid configuration' },
    {
      name: 'multiple trees',
      bytes: `0000 03 02 3c ${TREE} 00 0040 ${'00'.repeat(64)}`,
      operation: 'multiple spanning trees',
    },
    { name: 'a topology change', bytes: '0000 00 80', operation: 'topology change notification' },
  ])('reads $name', ({ bytes, operation }) => {
    expect(stp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name: operation, effect: 'report' } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a tree cut short', bytes: `0000 00 00 00 ${TREE.slice(0, -2)}`, outcome: 'truncated' },
    { name: 'a region longer than the frame', bytes: `0000 03 02 3c ${TREE} 00 ffff`, outcome: 'truncated' },
    { name: 'a region of no length', bytes: `0000 03 02 3c ${TREE} 00 0000`, outcome: 'message' },
    { name: 'another protocol id', bytes: '0001 00 80', outcome: 'malformed' },
    { name: 'a type we do not know', bytes: '0000 00 55', outcome: 'message' },
    { name: 'padding', bytes: `0000 00 00 00 ${TREE} ${'00'.repeat(11)}`, outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(stp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('finds the VLAN behind a tree, and none in padding', () => {
    const tree = `0000 00 00 00 ${TREE} 00`;

    expect(stp.dissect(hex(`${tree} 0000 0002 0064`), context)).toMatchObject({
      readings: [{ fields: { vlan: 100 } }],
    });
    expect(stp.dissect(hex(`${tree} ${'00'.repeat(10)}`), context)).not.toMatchObject({
      readings: [{ fields: { vlan: 0 } }],
    });
  });

  it('reads bridges of each generation', async () => {
    const session = await dissectCapture(stp, new URL('captures/bridges.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/bridges.golden.json');
  });
});
