import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { hartIp } from './hart-ip.ts';
import { packedText } from './packed-text.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const response = conversation.context(false);

/** Each line of the catalogue: commands of one effect. */
const EFFECTS = [
  { effect: 'discover', commands: [0, 11, 13, 20, 21, 57, 73, 74, 75, 84] },
  { effect: 'read', commands: [1, 2, 3, 7, 8, 9, 12, 14, 15, 16, 33, 48, 50, 54, 60, 76, 90, 95, 105, 110] },
  { effect: 'configure', commands: [6, 17, 18, 19, 22, 34, 35, 36, 37, 43, 44, 45, 46, 47, 49, 51, 59, 89, 108, 109] },
  { effect: 'write', commands: [40, 66, 79] },
  { effect: 'control', commands: [38, 39, 41, 42, 71, 72] },
  { effect: 'session', commands: [111] },
  { effect: 'program', commands: [112] },
  { effect: 'unknown', commands: [77, 122, 128, 200, 253] },
];

describe('hart_ip', () => {
  it.each(EFFECTS.flatMap(({ effect, commands }) => commands.map((command) => ({ effect, command }))))(
    'reports the effect of command $command',
    ({ effect, command }) => {
      const bytes = hex(`01 00 03 00 0001 0011 82 91f0000a0b ${command.toString(16).padStart(2, '0')} 00 00`);

      expect(hartIp.dissect(bytes, request)).toMatchObject({
        outcome: 'message',
        readings: [{ direction: 'request', operation: { effect }, fields: { address: '11f0000a0b', command } }],
      });
    },
  );

  it.each([
    { name: 'a session opened', bytes: '01 00 00 00 0001 000d 01 00007530', effect: 'session' },
    { name: 'a session closed', bytes: '01 00 01 00 0001 0008', effect: 'session' },
    { name: 'a session kept alive', bytes: '01 00 02 00 0001 0008', effect: 'session' },
    { name: 'the audit log', bytes: '01 00 05 00 0001 000a 00ff', effect: 'read' },
    { name: 'a published burst', bytes: '01 02 03 00 0001 000f 01 80 01 02 00 00 00', effect: 'report' },
    { name: 'an extended command', bytes: '01 00 03 00 0001 000f 02 80 1f 02 0200 00', effect: 'unknown' },
    { name: 'the gravest of direct commands', bytes: '02 00 04 00 0001 0010 0000 0001 00 002a 00', effect: 'control' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(hartIp.dissect(hex(bytes), request)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header cut short', bytes: '01 01 03 00 00', outcome: 'truncated' },
    { name: 'length 0', bytes: '01 01 02 00 0001 0000', outcome: 'malformed' },
    { name: 'a length that lacks the command', bytes: '01 01 03 00 0001 000a 06 80 01 00 00', outcome: 'truncated' },
    { name: 'a length one too large', bytes: '01 01 03 00 0001 000e 06 80 01 00 00', outcome: 'truncated' },
    { name: 'the largest length', bytes: '01 01 03 00 0001 4000 06 80 01 00 00', outcome: 'truncated' },
    { name: 'more than the largest', bytes: '01 01 03 00 0001 ffff 06 80 01 00 00', outcome: 'malformed' },
    { name: 'more data than bytes', bytes: '01 01 03 00 0001 000d 06 80 01 ff 00', outcome: 'truncated' },
    { name: 'direct data that is not there', bytes: '01 01 04 00 0001 000d 0000 0001 ff', outcome: 'truncated' },
    { name: 'nothing but preambles', bytes: '01 01 03 00 0001 000e ff ff ff ff ff ff', outcome: 'truncated' },
    { name: 'version 3', bytes: '03 00 02 00 0001 0008', outcome: 'malformed' },
    { name: 'message id 6', bytes: '01 00 06 00 0001 0008', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(hartIp.dissect(hex(bytes), response).outcome).toBe(outcome);
  });

  it.each([
    { name: 'too few bytes', bytes: '01 00 03 00 0001', length: MORE },
    { name: 'a whole message', bytes: '01 00 02 00 0001 0008', length: 8 },
    { name: 'the beginning of one', bytes: '01 00 03 00 0001 000d 02', length: 13 },
    { name: 'another protocol', bytes: '16 03 01 00', length: NOT_MINE },
    { name: 'a length below the header', bytes: '01 00 02 00 0001 0007', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(hartIp.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'a body that fits its message', bytes: '01 00 00 00 0001 000d 01 00007530', likeness: 'strong' },
    { name: 'a body of another size', bytes: '01 00 00 00 0001 000c 01 000075', likeness: 'no' },
    { name: 'nothing but a header', bytes: '01 00 02 00 0001 0008', likeness: 'weak' },
    { name: 'no delimiter', bytes: '01 00 03 00 0001 000d 00 80 00 00 00', likeness: 'no' },
    { name: 'too few bytes', bytes: '01 00 03 00', likeness: 'no' },
    { name: 'another type', bytes: '01 04 03 00 0001 000d 02 80 00 00 82', likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(hartIp.recognise(Reader.of(hex(bytes)), request)).toBe(likeness);
  });

  it('doubts the beginning of a message on its own port', () => {
    const own = new TestConversation({ destinationPort: 5094 }).context(true);

    expect(hartIp.recognise(Reader.of(hex('01 00 03 00 0001 000d 02')), own)).toBe('weak');
  });

  it('unpacks text of six bits', () => {
    expect(packedText(hex('51 4b 71 c3 18 20'))).toBe('TT-101');
    expect(packedText(hex('00 00 00 00 00 00'))).toBe('');
  });

  it('reads a golden capture', async () => {
    const gateway = new URL('captures/gateway.txt', import.meta.url);

    await expect(await dissectCapture(hartIp, gateway)).toMatchFileSnapshot('captures/gateway.golden.json');
  });
});
