import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ntp } from './ntp.ts';

const context = new TestConversation({ transport: 'udp' }).context(true);
const REST = '00'.repeat(46);

describe('ntp', () => {
  it.each([
    { name: 'a client', bytes: `23 00 ${REST}`, effect: 'read', direction: 'request', mode: 3 },
    { name: 'a client of version 1', bytes: `08 00 ${REST}`, effect: 'read', direction: 'request', mode: 0 },
    { name: 'a server', bytes: `24 02 ${REST}`, effect: 'read', direction: 'response', mode: 4 },
    { name: 'a broadcast', bytes: `25 01 ${REST}`, effect: 'report', direction: 'report', mode: 5 },
    { name: 'an active peer', bytes: `21 01 ${REST}`, effect: 'report', direction: 'report', mode: 1 },
    { name: 'a passive peer', bytes: `22 01 ${REST}`, effect: 'report', direction: 'report', mode: 2 },
  ])('reports the effect of $name', ({ bytes, effect, direction, mode }) => {
    expect(ntp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect }, fields: { mode } }],
    });
  });

  it.each([
    { opcode: 1, effect: 'read' },
    { opcode: 2, effect: 'read' },
    { opcode: 3, effect: 'configure' },
    { opcode: 5, effect: 'configure' },
    { opcode: 6, effect: 'configure' },
    { opcode: 8, effect: 'configure' },
    { opcode: 9, effect: 'configure' },
    { opcode: 10, effect: 'read' },
    { opcode: 20, effect: 'unknown' },
  ])('reports control opcode $opcode as $effect', ({ opcode, effect }) => {
    const bytes = `16 ${opcode.toString(16).padStart(2, '0')} 0001 0000 0000 0000 0000`;
    expect(ntp.dissect(hex(bytes), context)).toMatchObject({ readings: [{ operation: { effect } }] });
  });

  it.each([
    { code: '2a', effect: 'read' },
    { code: '0a', effect: 'configure' },
    { code: 'ff', effect: 'unknown' },
  ])('reports private request $code as $effect', ({ code, effect }) => {
    expect(ntp.dissect(hex(`17 00 03 ${code} 0000 0000`), context)).toMatchObject({
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header one byte short', bytes: `23 00 ${'00'.repeat(45)}`, outcome: 'truncated' },
    { name: 'a version that is none', bytes: `2b 00 ${REST}`, outcome: 'malformed' },
    { name: 'fewer variables than announced', bytes: '16 82 0001 0000 0000 0000 ffff 61', outcome: 'truncated' },
    { name: 'fewer items than announced', bytes: '97 00 03 2a 0fff 0fff 61', outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ntp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a header', bytes: `23 00 ${REST}`, likeness: 'weak' },
    { name: 'too little', bytes: '23 00', likeness: 'no' },
    { name: 'a stratum that is none', bytes: `23 11 ${REST}`, likeness: 'no' },
    { name: 'a version that is none', bytes: `03 00 ${REST}`, likeness: 'no' },
  ])('takes $name for $likeness', ({ bytes, likeness }) => {
    expect(ntp.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it.each(['time', 'control'])('reads %s', async (name) => {
    const session = await dissectCapture(ntp, new URL(`captures/${name}.txt`, import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
