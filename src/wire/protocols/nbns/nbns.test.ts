import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { nbns } from './nbns.ts';

const context = new TestConversation({ transport: 'udp', destinationPort: 137 }).context(true);
/** `HMI` with suffix 0, as RFC 1001 spreads it. */
const HMI = `20 ${'4549 454e 454a'.replaceAll(' ', '')}${'4341'.repeat(12)}4141 00`;
const QUESTION = `${HMI} 0020 0001`;
const CLAIM = `c00c 0020 0001 000493e0 0006 0000 c0000214`;

describe('nbns', () => {
  it.each([
    {
      name: 'a name query',
      bytes: `0001 0110 0001 0000 0000 0000 ${QUESTION}`,
      direction: 'request',
      effect: 'discover',
    },
    {
      name: 'a node status query',
      bytes: `0001 0000 0001 0000 0000 0000 ${HMI} 0021 0001`,
      direction: 'request',
      effect: 'discover',
    },
    {
      name: 'an answer',
      bytes: `0001 8500 0000 0001 0000 0000 ${HMI} 0020 0001 000493e0 0006 0000 c0000214`,
      direction: 'response',
      effect: 'discover',
    },
    {
      name: 'a registration',
      bytes: `0001 2910 0001 0000 0000 0001 ${QUESTION} ${CLAIM}`,
      direction: 'request',
      effect: 'configure',
    },
    {
      name: 'a registration of several addresses',
      bytes: `0001 7910 0001 0000 0000 0001 ${QUESTION} ${CLAIM}`,
      direction: 'request',
      effect: 'configure',
    },
    {
      name: 'a release',
      bytes: `0001 3010 0001 0000 0000 0001 ${QUESTION} ${CLAIM}`,
      direction: 'request',
      effect: 'configure',
    },
    {
      name: 'a refresh',
      bytes: `0001 4010 0001 0000 0000 0001 ${QUESTION} ${CLAIM}`,
      direction: 'request',
      effect: 'configure',
    },
    {
      name: 'a wait',
      bytes: `0001 bc00 0000 0001 0000 0000 ${HMI} 0020 0001 00000005 0002 2910`,
      direction: 'response',
      effect: 'session',
    },
    {
      name: 'an opcode we do not know',
      bytes: `0001 1010 0001 0000 0000 0000 ${QUESTION}`,
      direction: 'request',
      effect: 'unknown',
    },
  ])('reads $name', ({ bytes, direction, effect }) => {
    expect(nbns.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect }, fields: { name: 'HMI', suffix: 0 } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    {
      name: 'fewer records than counted',
      bytes: `0001 2910 0001 0000 0000 0002 ${QUESTION} ${CLAIM}`,
      outcome: 'truncated',
    },
    {
      name: 'a record longer than the message',
      bytes: `0001 2910 0001 0000 0000 0001 ${QUESTION} c00c 0020 0001 000493e0 ffff 0000`,
      outcome: 'truncated',
    },
    { name: 'a name in a circle', bytes: '0001 0110 0001 0000 0000 0000 c00c 0020 0001', outcome: 'malformed' },
    {
      name: 'more names than the status holds',
      bytes: `0001 8400 0000 0001 0000 0000 ${HMI} 0021 0001 00000000 0001 ff`,
      outcome: 'message',
    },
    {
      name: 'a name that is not encoded',
      bytes: '0001 0110 0001 0000 0000 0000 03 706c63 00 0020 0001',
      outcome: 'message',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(nbns.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('reads names that are registered, asked for and listed', async () => {
    const session = await dissectCapture(nbns, new URL('captures/names.txt', import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot('captures/names.golden.json');
  });
});
