import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ptp } from './ptp.ts';

const context = new TestConversation({ transport: 'ethernet' }).context(true);

/** A message of version 2 with zeros behind its length. */
function message(type: string, length: number): string {
  return `${type} 12 ${length.toString(16).padStart(4, '0')} ${'00'.repeat(length - 4)}`;
}

describe('ptp', () => {
  it.each([
    { type: '00', length: 44, name: 'sync', direction: 'report' },
    { type: '01', length: 44, name: 'delay measurement', direction: 'request' },
    { type: '02', length: 54, name: 'peer delay measurement', direction: 'request' },
    { type: '13', length: 54, name: 'peer delay measurement', direction: 'response' },
    { type: '08', length: 44, name: 'follow up', direction: 'report' },
    { type: '09', length: 54, name: 'delay measurement', direction: 'response' },
    { type: '0a', length: 54, name: 'peer delay follow up', direction: 'report' },
    { type: '0b', length: 64, name: 'announce', direction: 'report' },
    { type: '0c', length: 44, name: 'signaling', direction: 'report' },
    { type: '0d', length: 48, name: 'management get', direction: 'request' },
  ])('reads type $type as $name', ({ type, length, name, direction }) => {
    expect(ptp.dissect(hex(message(type, length)), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { name } }],
    });
  });

  it.each([
    { action: '00', effect: 'read' },
    { action: '01', effect: 'configure' },
    { action: '02', effect: 'unknown' },
    { action: '03', effect: 'control' },
    { action: '04', effect: 'control' },
    { action: '07', effect: 'unknown' },
  ])('reports management action $action as $effect', ({ action, effect }) => {
    const bytes = `0d 12 0030 ${'00'.repeat(42)} ${action} 00`;
    expect(ptp.dissect(hex(bytes), context)).toMatchObject({ readings: [{ operation: { effect } }] });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a length one too large', bytes: message('00', 44).replace('002c', '002d'), outcome: 'truncated' },
    { name: 'a length one too small', bytes: message('00', 44).replace('002c', '002b'), outcome: 'malformed' },
    { name: 'no length', bytes: message('00', 44).replace('002c', '0000'), outcome: 'malformed' },
    { name: 'the greatest length', bytes: message('00', 44).replace('002c', 'ffff'), outcome: 'truncated' },
    { name: 'another version', bytes: message('00', 44).replace('12', '13'), outcome: 'malformed' },
    { name: 'a type that is none', bytes: message('05', 44), outcome: 'malformed' },
    { name: 'padding behind a message', bytes: `${message('00', 44)} 0000`, outcome: 'message' },
    {
      name: 'a TLV longer than its message',
      bytes: `0d 12 0036 ${'00'.repeat(44)} 0001 ffff 0001`,
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ptp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a message', bytes: message('00', 44), likeness: 'strong' },
    { name: 'a length beyond the end', bytes: message('00', 44).replace('002c', '002d'), likeness: 'no' },
    { name: 'version 1', bytes: `0001 0001 ${'00'.repeat(120)}`, likeness: 'weak' },
    { name: 'too little', bytes: '00 12', likeness: 'no' },
  ])('takes $name for $likeness', ({ bytes, likeness }) => {
    expect(ptp.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it.each(['version-1', 'version-2'])('reads %s', async (name) => {
    const url = new URL(`captures/${name}.txt`, import.meta.url);
    const session = await dissectCapture(ptp, url, { transport: 'ethernet' });
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
