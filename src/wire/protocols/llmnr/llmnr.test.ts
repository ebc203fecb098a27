import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { llmnr } from './llmnr.ts';

const context = new TestConversation({ transport: 'udp', destinationPort: 5355 }).context(true);
const QUESTION = '05 70616e656c 00 0001 0001';

describe('llmnr', () => {
  it.each([
    { name: 'a query', bytes: `1111 0000 0001 0000 0000 0000 ${QUESTION}`, direction: 'request', effect: 'discover' },
    {
      name: 'a response',
      bytes: `1111 8000 0001 0001 0000 0000 ${QUESTION} c00c 0001 0001 0000001e 0004 c0000214`,
      direction: 'response',
      effect: 'discover',
    },
    {
      name: 'an opcode we do not know',
      bytes: `1111 0800 0001 0000 0000 0000 ${QUESTION}`,
      direction: 'request',
      effect: 'unknown',
    },
  ])('reads $name', ({ bytes, direction, effect }) => {
    expect(llmnr.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    {
      name: 'a question cut short',
      bytes: `1111 0000 0001 0000 0000 0000 ${QUESTION.slice(0, -3)}`,
      outcome: 'truncated',
    },
    { name: 'a name in a circle', bytes: '1111 0000 0001 0000 0000 0000 c00c 0001 0001', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(llmnr.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('reads a lookup', async () => {
    const session = await dissectCapture(llmnr, new URL('captures/lookup.txt', import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot('captures/lookup.golden.json');
  });
});
