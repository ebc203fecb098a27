import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import type { Context } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { s7comm } from './s7comm.ts';

const request = new TestConversation().context(true);
const response = new TestConversation().context(false);

/** User data without data: type and group, subfunction. */
function userData(typeAndGroup: string, subfunction: string): string {
  return `3207 0000 0001 0008 0000 000112 04 11 ${typeAndGroup} ${subfunction} 00`;
}

function invoke(service: string, parameters = ''): string {
  const name = Array.from(service, (letter) => letter.charCodeAt(0).toString(16)).join('');
  const size = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const length = parameters.length / 2;
  const whole = 8 + 2 + length + 1 + service.length;
  return `3201 0000 0001 ${size(whole, 4)} 0000 28 000000000000fd ${size(length, 4)} ${parameters} ${size(service.length, 2)} ${name}`;
}

function effectOf(bytes: string, context: Context = request): string | undefined {
  const dissection = s7comm.dissect(hex(bytes), context);
  return dissection.outcome === 'message' ? dissection.readings[0]?.operation.effect : dissection.outcome;
}

describe('s7comm', () => {
  it.each([
    { name: 'set-up', bytes: '3201 0000 0001 0008 0000 f0 00 0001 0001 01e0', effect: 'session' },
    { name: 'a read', bytes: '3201 0000 0001 000e 0000 04 01 120a10020001000084000000', effect: 'read' },
    { name: 'a write', bytes: '3201 0000 0001 000e 0005 05 01 120a10010001000082000000 0003000101', effect: 'write' },
    { name: 'an upload', bytes: '3201 0000 0001 0008 0000 1e 00 0000 00000007', effect: 'program' },
    { name: 'a stop', bytes: '3201 0000 0001 0010 0000 29 0000000000 09 505f50524f4752414d', effect: 'control' },
    { name: 'a start', bytes: invoke('P_PROGRAM'), effect: 'control' },
    { name: 'a deletion', bytes: invoke('_DELE', '01003041303030303742'), effect: 'program' },
    { name: 'a compression', bytes: invoke('_GARB'), effect: 'program' },
    { name: 'a log in to an NC', bytes: invoke('_N_LOGIN_', '414243'), effect: 'authenticate' },
    { name: 'a service we do not know', bytes: invoke('_XYZ'), effect: 'unknown' },
    { name: 'a function we do not know', bytes: '3201 0000 0001 0001 0000 7e', effect: 'unknown' },
    { name: 'monitoring of a block', bytes: userData('41', '13'), effect: 'read' },
    { name: 'forcing', bytes: userData('41', '09'), effect: 'write' },
    { name: 'a flashing LED', bytes: userData('41', '16'), effect: 'control' },
    { name: 'a memory reset', bytes: userData('41', '0c'), effect: 'control' },
    { name: 'data of a test job', bytes: userData('01', '13'), effect: 'report' },
    { name: 'a subscription', bytes: userData('42', '01'), effect: 'read' },
    { name: 'cyclic data', bytes: userData('02', '01'), effect: 'report' },
    { name: 'a list of blocks', bytes: userData('43', '01'), effect: 'read' },
    { name: 'a system status list', bytes: userData('44', '01'), effect: 'discover' },
    { name: 'an alarm', bytes: userData('04', '11'), effect: 'report' },
    { name: 'a locked alarm', bytes: userData('44', '07'), effect: 'configure' },
    { name: 'a password', bytes: userData('45', '01'), effect: 'authenticate' },
    { name: 'a block for a partner', bytes: userData('46', '01'), effect: 'write' },
    { name: 'reading the clock', bytes: userData('47', '01'), effect: 'read' },
    { name: 'setting the clock', bytes: userData('47', '02'), effect: 'configure' },
    { name: 'a download to an NC', bytes: userData('7f', '01'), effect: 'program' },
    { name: 'a change of mode', bytes: userData('00', '02'), effect: 'report' },
    { name: 'a subfunction we do not know', bytes: userData('44', '7e'), effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(effectOf(bytes)).toBe(effect);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header cut short', bytes: '3201 0000 0001', outcome: 'truncated' },
    { name: 'another protocol', bytes: '7201 0000 0001 0000 0000', outcome: 'malformed' },
    { name: 'parameters one byte short', bytes: '3201 0000 0001 0002 0000 1e', outcome: 'truncated' },
    { name: 'parameters of the longest length', bytes: '3201 0000 0001 ffff ffff 1e', outcome: 'truncated' },
    { name: 'a job without parameters', bytes: '3201 0000 0001 0000 0000', outcome: 'message' },
    {
      name: 'more items than parameters',
      bytes: '3201 0000 0001 000e 0000 04 ff 120a10020001000084000000',
      outcome: 'truncated',
    },
    {
      name: 'a block name longer than it is',
      bytes: '3201 0000 0001 000a 0000 1d 00 0000 00000000 ff 5f',
      outcome: 'truncated',
    },
    { name: 'user data without its parameters', bytes: '3207 0000 0001 0000 0000', outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(s7comm.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it.each([
    { name: 'all items failed', bytes: '3203 0000 0001 0002 0002 0000 05 02 05 0a', refused: 'address out of range' },
    { name: 'one of two failed', bytes: '3203 0000 0001 0002 0002 0000 05 02 05 ff', refused: undefined },
    {
      name: 'the header has an error',
      bytes: '3203 0000 0001 0000 0000 8104',
      refused: 'service not implemented, or frame error',
    },
    { name: 'the error is not known', bytes: '3202 0000 0001 0000 0000 9999', refused: 'error 0x9999' },
  ])('says why when $name', ({ bytes, refused }) => {
    const dissection = s7comm.dissect(hex(bytes), response);
    expect(dissection).toMatchObject({ outcome: 'message', readings: [{ direction: 'response' }] });
    expect(dissection.outcome === 'message' && dissection.readings[0]?.refused).toBe(refused);
  });

  it('knows S7 by its first bytes', () => {
    expect(s7comm.recognise(Reader.of(hex('3201 0000 0001 0000 0000')), request)).toBe('strong');
    expect(s7comm.recognise(Reader.of(hex('3204 0000 0001 0000 0000')), request)).toBe('no');
  });

  it('never keeps a password', () => {
    const login = s7comm.dissect(hex(invoke('_N_LOGIN_', '414243')), request);
    const password = s7comm.dissect(
      hex('3207 0000 0001 0008 000c 000112 04 11 45 01 00 ff 09 0008 4142434445464748'),
      request,
    );
    expect(JSON.stringify([login, password])).not.toContain('ABC');
  });

  it.each(['01', '02'])('takes the client that calls access point %s02 for what it says it is', (kind) => {
    const conversation = new TestConversation();
    const context = conversation.context(true);
    context.remember('cotp.calledTsap', `${kind}02`);
    const setup = s7comm.dissect(hex('3201 0000 0001 0008 0000 f0 00 0001 0001 01e0'), context);
    const reading = setup.outcome === 'message' ? setup.readings[0] : undefined;
    const role = kind === '01' ? 'engineering' : 'hmi';
    expect(reading && s7comm.observe?.(reading, context)).toMatchObject([{ kind: 'role', role, basis: 'hint' }]);
  });

  it.each(['identification', 'engineering'])('reads a session of %s', async (name) => {
    const session = await dissectCapture(s7comm, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
