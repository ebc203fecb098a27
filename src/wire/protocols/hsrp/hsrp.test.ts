import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { hsrp } from './hsrp.ts';

const context = new TestConversation({ transport: 'udp', toMany: true }).context(true);
const CISCO = '636973636f000000';
const hello = (opcode: string, state: string) => `00 ${opcode} ${state} 03 0a 6e 07 00 ${CISCO} c00002fe`;
const group = (length: string) =>
  `01 ${length} 02 00 06 04 012c 020000000101 0000006e 00000bb8 00002710 c00002fe 000000000000000000000000`;

describe('hsrp', () => {
  it.each([
    { name: 'a hello', bytes: hello('00', '10'), operation: 'hello', fields: { state: 'active', group: 7 } },
    { name: 'a coup', bytes: hello('01', '04'), operation: 'take over', fields: { state: 'speak' } },
    { name: 'a resignation', bytes: hello('02', '10'), operation: 'resign', fields: { helloTime: 3000 } },
    { name: 'a message we do not know', bytes: hello('09', '10'), operation: 'unknown message', fields: { opcode: 9 } },
    {
      name: 'groups of an interface',
      bytes: '00 03 0001 000a 02 00 0001 0002 00000000',
      operation: 'advertise groups',
      fields: { activeGroups: 1, passiveGroups: 2 },
    },
    {
      name: 'version 2',
      bytes: group('28'),
      operation: 'hello',
      fields: { version: 2, state: 'active', group: 300, priority: 110, virtualAddress: '192.0.2.254' },
    },
    {
      name: 'interfaces of version 2',
      bytes: '02 04 0001 0002',
      operation: 'advertise groups',
      fields: { activeGroups: 1 },
    },
  ])('reads $name', ({ bytes, operation, fields }) => {
    expect(hsrp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name: operation }, fields }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a hello cut short', bytes: hello('00', '10').slice(0, -2), outcome: 'truncated' },
    { name: 'an element of no length', bytes: '01 00', outcome: 'malformed' },
    { name: 'an element one too small', bytes: group('27'), outcome: 'malformed' },
    { name: 'an element one too large', bytes: group('29'), outcome: 'truncated' },
    { name: 'an element of the largest length', bytes: group('ff'), outcome: 'truncated' },
    { name: 'a password of nobody', bytes: `03 08 ${CISCO}`, outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(hsrp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('is never sure', () => {
    const like = (bytes: string) => hsrp.recognise(Reader.of(hex(bytes)), context);

    expect(like(hello('00', '10'))).toBe('weak');
    expect(like(hello('00', '03'))).toBe('no');
    expect(like(group('28'))).toBe('weak');
    expect(like('03 08')).toBe('no');
  });

  it('reads groups of two versions', async () => {
    const session = await dissectCapture(hsrp, new URL('captures/groups.txt', import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot('captures/groups.golden.json');
  });
});
