import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { ads } from './ads.ts';

const conversation = new TestConversation();
const request = conversation.context(true);

/** A message to an AMS port: command, then data. `length` and `size` are what the two headers announce. */
function message(command: number, data = '', { port = 851, flags = 4, extra = 0, size = 0 } = {}): string {
  const bytes = hex(data).length;
  const little = (value: number, width: number) =>
    Array.from({ length: width }, (_, at) => ((value >>> (8 * at)) & 255).toString(16).padStart(2, '0')).join('');
  return [
    `0000 ${little(32 + bytes + extra, 4)} 050102030101 ${little(port, 2)} c0a801090101 8980`,
    `${little(command, 2)} ${little(flags, 2)} ${little(bytes + size, 4)} 00000000 01000000 ${data}`,
  ].join(' ');
}

describe('ads', () => {
  it.each([
    { name: 'device info', bytes: message(1), effect: 'discover' },
    { name: 'a read', bytes: message(2, '05f00000 12000000 04000000'), effect: 'read' },
    { name: 'the symbol table', bytes: message(2, '0bf00000 00000000 04000000'), effect: 'discover' },
    { name: 'a write', bytes: message(3, '05f00000 12000000 01000000 07'), effect: 'write' },
    { name: 'a handle released', bytes: message(3, '06f00000 00000000 04000000 12000000'), effect: 'session' },
    { name: 'the state', bytes: message(4), effect: 'read' },
    { name: 'another state', bytes: message(5, '0600 0000 00000000'), effect: 'control' },
    {
      name: 'a notification wanted',
      bytes: message(6, `05f00000 12000000 04000000 ${'00'.repeat(28)}`),
      effect: 'session',
    },
    { name: 'a notification no longer wanted', bytes: message(7, '01000000'), effect: 'session' },
    { name: 'a handle asked for', bytes: message(9, '03f00000 00000000 04000000 01000000 41'), effect: 'read' },
    { name: 'reads together', bytes: message(9, '80f00000 01000000 04000000 00000000'), effect: 'read' },
    { name: 'writes together', bytes: message(9, '81f00000 01000000 04000000 00000000'), effect: 'write' },
    { name: 'a group of the maker', bytes: message(9, '00400000 01000000 04000000 00000000'), effect: 'write' },
    {
      name: 'a file opened',
      bytes: message(9, '78000000 01000000 04000000 00000000', { port: 10000 }),
      effect: 'program',
    },
    {
      name: 'a file written',
      bytes: message(9, '7b000000 01000000 04000000 00000000', { port: 10000 }),
      effect: 'program',
    },
    {
      name: 'a file deleted',
      bytes: message(9, '83000000 01000000 04000000 00000000', { port: 10000 }),
      effect: 'program',
    },
    { name: 'the registry', bytes: message(9, 'c8000000 00000000 04000000 00000000', { port: 10000 }), effect: 'read' },
    { name: 'the clock set', bytes: message(3, '90010000 01000000 00000000', { port: 10000 }), effect: 'configure' },
    { name: 'a process started', bytes: message(3, 'f4010000 00000000 00000000', { port: 10000 }), effect: 'control' },
    { name: 'a command nobody defined', bytes: message(10), effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(ads.dissect(hex(bytes), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect }, pair: 0x18089 }],
    });
  });

  it('reads a notification as a report', () => {
    expect(ads.dissect(hex(message(8, '00000000 00000000')), request)).toMatchObject({
      readings: [{ direction: 'report', operation: { effect: 'report' } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'half a header', bytes: '0000 20000000 0501', outcome: 'truncated' },
    { name: 'a message that goes on', bytes: message(4, '', { extra: 1 }), outcome: 'truncated' },
    { name: 'data longer than the message', bytes: message(4, '', { size: 1 }), outcome: 'truncated' },
    { name: 'a write without its data', bytes: message(3, '05f00000 12000000 ffffffff 07'), outcome: 'truncated' },
    { name: 'flags nobody defined', bytes: message(4).replace('0000', 'beef'), outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ads.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it.each([
    { name: 'half a header', bytes: '0000 2000', length: MORE },
    { name: 'the shortest message', bytes: '0000 20000000', length: 38 },
    { name: 'a shorter one', bytes: '0000 1f000000', length: NOT_MINE },
    { name: 'a length beyond all bounds', bytes: '0000 ffffffff', length: NOT_MINE },
    { name: 'a message to the own router', bytes: '0010 02000000 0000', length: 8 },
    { name: 'another protocol', bytes: '1603 01020001', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(ads.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'a command', bytes: message(4), likeness: 'strong' },
    { name: 'lengths that do not fit', bytes: message(4, '', { size: 1 }), likeness: 'no' },
    { name: 'zeros', bytes: '00'.repeat(64), likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(ads.recognise(Reader.of(hex(bytes)), request)).toBe(likeness);
  });

  it('reads a session', async () => {
    const session = await dissectCapture(ads, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
