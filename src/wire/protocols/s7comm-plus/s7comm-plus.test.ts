import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { s7commPlus } from './s7comm-plus.ts';

const request = new TestConversation().context(true);

/** A request of version 2 in session 0x3be: function, and what follows the transport flags. */
function message(functionCode: string, rest = '', version = '02'): string {
  const body = `31 0000 ${functionCode} 0000 0001 000003be 34 ${rest}`.replaceAll(' ', '');
  return `72 ${version} ${(body.length / 2).toString(16).padStart(4, '0')} ${body} 72 ${version} 0000`;
}

describe('s7comm_plus', () => {
  it.each([
    { name: 'exploring', bytes: message('04bb', '00000001'), effect: 'discover' },
    { name: 'a new session', bytes: message('04ca', '0000011d'), effect: 'session' },
    { name: 'a new block', bytes: message('04ca', '00000003'), effect: 'program' },
    { name: 'a deleted subscription', bytes: message('04d4', '70000001'), effect: 'session' },
    { name: 'a deleted block', bytes: message('04d4', '8a0e0001'), effect: 'program' },
    { name: 'a variable that is set', bytes: message('04f2', '8a0e0001'), effect: 'write' },
    { name: 'credit for a subscription', bytes: message('04f2', '70000001'), effect: 'session' },
    { name: 'a request to stop', bytes: message('04f2', '00000034 01 9077 00'), effect: 'control' },
    { name: 'variables that are set', bytes: message('0542', '00000000'), effect: 'write' },
    { name: 'variables that are read', bytes: message('054c'), effect: 'read' },
    { name: 'a variable that is read in parts', bytes: message('0586'), effect: 'read' },
    { name: 'an invocation', bytes: message('056b'), effect: 'control' },
    { name: 'a link that is added', bytes: message('0506'), effect: 'unknown' },
    { name: 'a function we do not know', bytes: message('7fff'), effect: 'unknown' },
    { name: 'a system event', bytes: '72fe 0002 0000', effect: 'report' },
    { name: 'a keep alive', bytes: '72ff 0001', effect: 'session' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(s7commPlus.dissect(hex(bytes), request)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    {
      name: 'a length one too large',
      bytes: '7202 000f 31 0000 054c 0000 0001 000003be 34 7202 0000',
      outcome: 'truncated',
    },
    { name: 'a length of nothing', bytes: '7202 0000 7202 0000', outcome: 'message' },
    { name: 'the largest length', bytes: '7202 ffff 31', outcome: 'truncated' },
    { name: 'another protocol', bytes: '3202 0000 7202 0000', outcome: 'malformed' },
    {
      name: 'a result without an end',
      bytes: '7202 0013 32 0000 054c 0000 0001 34 ffffffffffffffff',
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(s7commPlus.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it('knows a part without a trailer from the last', () => {
    const first = s7commPlus.part?.(Reader.of(hex('7202 0002 3100')), request);
    const last = s7commPlus.part?.(Reader.of(hex('7202 0002 3100 7202 0000')), request);
    expect([first?.last, last?.last]).toEqual([false, true]);
  });

  it('takes a client for what it calls', () => {
    const context = new TestConversation().context(true);
    context.remember('cotp.calledTsap', 'SIMATIC-ROOT-ES');
    const session = s7commPlus.dissect(hex(message('04ca', '0000011d')), context);
    const reading = session.outcome === 'message' ? session.readings[0] : undefined;
    expect(reading && s7commPlus.observe?.(reading, context)).toMatchObject([{ kind: 'role', role: 'engineering' }]);
  });

  it('reads a session', async () => {
    const session = await dissectCapture(s7commPlus, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
