import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { mdns } from './mdns.ts';

const MANY = { transport: 'udp', toMany: true, sourcePort: 5353, destinationPort: 5353 } as const;
const toMany = new TestConversation(MANY).context(true);
const toOne = new TestConversation({ ...MANY, toMany: false }).context(true);
const NAME = '03 706c63 05 6c6f63616c 00';
const ANSWER = `${NAME} 0001 8001 00000078 0004 c0000201`;

describe('mdns', () => {
  it.each([
    {
      name: 'a query',
      bytes: `0000 0000 0001 0000 0000 0000 ${NAME} 0001 0001`,
      context: toMany,
      direction: 'request',
      effect: 'discover',
    },
    {
      name: 'a probe',
      bytes: `0000 0000 0001 0000 0001 0000 ${NAME} 00ff 8001 c00c 0001 0001 00000078 0004 c0000201`,
      context: toMany,
      direction: 'request',
      effect: 'discover',
    },
    {
      name: 'an announcement',
      bytes: `0000 8400 0000 0001 0000 0000 ${ANSWER}`,
      context: toMany,
      direction: 'report',
      effect: 'report',
    },
    {
      name: 'an answer to one',
      bytes: `0000 8400 0000 0001 0000 0000 ${ANSWER}`,
      context: toOne,
      direction: 'response',
      effect: 'discover',
    },
  ])('reads $name', ({ bytes, context, direction, effect }) => {
    expect(mdns.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect } }],
    });
  });

  it('is content with its own port only', async () => {
    const { Reader } = await import('../../reader.ts');
    const bytes = hex(`0000 0000 0001 0000 0000 0000 ${NAME} 0001 8001`);

    expect(mdns.recognise(Reader.of(bytes), toMany)).toBe('weak');
    expect(mdns.recognise(Reader.of(bytes), new TestConversation().context(true))).toBe('no');
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'fewer records than counted', bytes: `0000 8400 0000 0002 0000 0000 ${ANSWER}`, outcome: 'truncated' },
    {
      name: 'a name in a circle',
      bytes: '0000 8400 0000 0001 0000 0000 c00c 0001 0001 00000000 0000',
      outcome: 'malformed',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(mdns.dissect(hex(bytes), toMany).outcome).toBe(outcome);
  });

  it('reads a printer that announces itself', async () => {
    const session = await dissectCapture(mdns, new URL('captures/printer.txt', import.meta.url), MANY);
    await expect(session).toMatchFileSnapshot('captures/printer.golden.json');
  });
});
