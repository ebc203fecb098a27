import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { fins } from './fins.ts';

const udp = { transport: 'udp' } as const;
const request = new TestConversation(udp).context(true);

const ASK = '80 00 02 000a00 000100 01';
const ANSWER = 'c0 00 02 000100 000a00 01';

describe('fins', () => {
  it.each([
    { name: 'reading memory', code: '0101 82 0064 00 0002', effect: 'read' },
    { name: 'writing memory', code: '0102 82 0064 00 0001 002a', effect: 'write' },
    { name: 'filling memory', code: '0103 82 0064 00 0001 0000', effect: 'write' },
    { name: 'reading memory here and there', code: '0104 82 0064 00', effect: 'read' },
    { name: 'moving memory', code: '0105 82 0064 00 82 0065 00 0001', effect: 'write' },
    { name: 'reading parameters', code: '0201 8010 0000 0001', effect: 'read' },
    { name: 'writing parameters', code: '0202 8010 0000 8001 0000', effect: 'configure' },
    { name: 'clearing parameters', code: '0203 8010 0000 8001 0000', effect: 'configure' },
    { name: 'reading the program', code: '0306 ffff 00000000 0010', effect: 'program' },
    { name: 'writing the program', code: '0307 ffff 00000000 8001 00', effect: 'program' },
    { name: 'clearing the program', code: '0308 ffff 00', effect: 'program' },
    { name: 'run', code: '0401 ffff 04', effect: 'control' },
    { name: 'stop', code: '0402 ffff', effect: 'control' },
    { name: 'reset', code: '0403', effect: 'control' },
    { name: 'asking what it is', code: '0501', effect: 'discover' },
    { name: 'asking for its units', code: '0502', effect: 'discover' },
    { name: 'setting the clock', code: '0702 25 03 04 15 16', effect: 'configure' },
    { name: 'acquiring the access right', code: '0c01 ffff', effect: 'session' },
    { name: 'a file into memory', code: '220a 0001', effect: 'write' },
    { name: 'memory into a file', code: '220a 0000', effect: 'read' },
    { name: 'a file into the parameters', code: '220b 0001', effect: 'configure' },
    { name: 'writing a file', code: '2203 0000', effect: 'program' },
    { name: 'forcing', code: '2301 0001', effect: 'write' },
    { name: 'a command we do not know', code: '7f7f', effect: 'unknown' },
  ])('reports the effect of $name', ({ code, effect }) => {
    expect(fins.dissect(hex(`${ASK} ${code}`), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header cut short', bytes: '80 00 02 000a00', outcome: 'truncated' },
    { name: 'a control field with other bits', bytes: `be ${ASK.slice(3)} 0101 82 0064 00 0002`, outcome: 'malformed' },
    { name: 'a read without its count', bytes: `${ASK} 0101 82 0064 00`, outcome: 'truncated' },
    { name: 'an answer without its end code', bytes: `${ANSWER} 0101`, outcome: 'truncated' },
    { name: 'more units than bytes', bytes: `${ANSWER} 0502 0000 ff 00`, outcome: 'truncated' },
    { name: 'no units', bytes: `${ANSWER} 0502 0000 80`, outcome: 'message' },
    { name: 'a day that is none', bytes: `${ANSWER} 0701 0000 25 02 31 15 16 17 02`, outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(fins.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a request', bytes: `${ASK} 0101 82 0064 00 0002`, as: 'weak' },
    { name: 'an answer without an end code', bytes: `${ANSWER} 0101`, as: 'no' },
    { name: 'a command we do not know', bytes: `${ASK} 7f7f`, as: 'no' },
    { name: 'a reserved byte that is used', bytes: '80 01 02 000a00 000100 01 0501', as: 'no' },
  ])('thinks $name $as', ({ bytes, as }) => {
    expect(fins.recognise(Reader.of(hex(bytes)), request)).toBe(as);
  });

  it('never keeps a password', () => {
    const protect = fins.dissect(hex(`${ASK} 0304 ffff 00000000 00000000 41424344`), request);
    expect(JSON.stringify(protect)).not.toMatch(/ABCD|41424344/);
  });

  it('reads a session', async () => {
    const session = await dissectCapture(fins, new URL('captures/session.txt', import.meta.url), udp);
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
