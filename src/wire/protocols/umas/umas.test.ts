import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { umas } from './umas.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const response = conversation.context(false);

describe('umas', () => {
  it.each([
    { code: '02', effect: 'discover' },
    { code: '03', effect: 'discover' },
    { code: '04', effect: 'discover' },
    { code: '06', effect: 'discover' },
    { code: '10', effect: 'session' },
    { code: '11', effect: 'session' },
    { code: '12', effect: 'session' },
    { code: '20', effect: 'read' },
    { code: '22', effect: 'read' },
    { code: '23', effect: 'write' },
    { code: '24', effect: 'read' },
    { code: '25', effect: 'write' },
    { code: '30', effect: 'program' },
    { code: '31', effect: 'program' },
    { code: '32', effect: 'program' },
    { code: '33', effect: 'program' },
    { code: '34', effect: 'program' },
    { code: '35', effect: 'program' },
    { code: '40', effect: 'control' },
    { code: '41', effect: 'control' },
    { code: '50', effect: 'unknown' },
    { code: '7f', effect: 'unknown' },
  ])('function 0x$code: $effect', ({ code, effect }) => {
    expect(umas.dissect(hex(`00 ${code} 00000000 00`), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', context: request },
    { name: 'a session alone', bytes: '00', context: request },
    { name: 'a name cut short', bytes: '00 10 00000000 ff 41', context: request },
    { name: 'an answer without status', bytes: '00', context: response },
  ])('calls $name truncated', ({ bytes, context }) => {
    expect(umas.dissect(hex(bytes), context).outcome).toBe('truncated');
  });

  it('reads a session', async () => {
    const session = await dissectCapture(umas, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
