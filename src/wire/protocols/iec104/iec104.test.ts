import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { iec104 } from './iec104.ts';
import { typeOf } from './types.ts';

const conversation = new TestConversation();
const context = conversation.context(true);

/** An I frame with one object of zeros, as long as its type wants it. */
function asdu(typeId: number, cause: number, size = typeOf(typeId)?.size ?? 0): Uint8Array {
  const object = Array.from({ length: Math.max(0, size) }, () => 0);
  return Uint8Array.of(0x68, 13 + object.length, 0, 0, 0, 0, typeId, 1, cause, 0, 1, 0, 5, 0, 0, ...object);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

describe('iec104', () => {
  it.each([
    { effect: 'report', cause: 3, types: [...range(1, 21), ...range(30, 40), 70] },
    { effect: 'write', cause: 6, types: [...range(45, 51), ...range(58, 64)] },
    { effect: 'read', cause: 6, types: [100, 101] },
    { effect: 'read', cause: 5, types: [102] },
    { effect: 'configure', cause: 6, types: [103, ...range(110, 113)] },
    { effect: 'session', cause: 6, types: [104, 106, 107] },
    { effect: 'control', cause: 6, types: [105] },
    { effect: 'program', cause: 13, types: range(120, 127) },
    { effect: 'unknown', cause: 6, types: [0, 22, 41, 81, 128, 255] },
  ])('reports the effect $effect of types $types', ({ effect, cause, types }) => {
    for (const typeId of types) {
      expect(iec104.dissect(asdu(typeId, cause), context)).toMatchObject({
        outcome: 'message',
        readings: [
          {
            direction: effect === 'report' ? 'report' : 'request',
            operation: { effect },
            fields: { frameType: 'I', typeId, cause, commonAddress: 1, objectAddress: 5 },
          },
        ],
      });
    }
  });

  it.each([
    { name: 'an activation', cause: 6, direction: 'request', refused: undefined },
    { name: 'a confirmation', cause: 7, direction: 'response', refused: undefined },
    { name: 'a negative confirmation', cause: 0x47, direction: 'response', refused: 'not carried out' },
    { name: 'a deactivation', cause: 8, direction: 'request', refused: undefined },
    { name: 'a termination', cause: 10, direction: 'response', refused: undefined },
    { name: 'an unknown object', cause: 0x6f, direction: 'response', refused: 'unknown object address' },
    { name: 'a return of information', cause: 11, direction: 'report', refused: undefined },
  ])('tells $name', ({ cause, direction, refused }) => {
    const dissection = iec104.dissect(asdu(45, cause), context);
    expect(dissection).toMatchObject({ outcome: 'message', readings: [{ direction }] });
    expect('readings' in dissection && dissection.readings[0]?.refused).toBe(refused);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'half a header', bytes: '6804 07', outcome: 'truncated' },
    { name: 'another start', bytes: '6904 0700 0000', outcome: 'malformed' },
    { name: 'a length that lacks the control', bytes: '6803 0700 00', outcome: 'malformed' },
    { name: 'no length', bytes: '6800 0700 0000', outcome: 'malformed' },
    { name: 'the largest length', bytes: '68ff 0000 0000 0101 0300 0100 050000 00', outcome: 'truncated' },
    { name: 'no ASDU', bytes: '6804 0000 0000', outcome: 'truncated' },
    { name: 'a length one too small', bytes: '680d 0000 0000 0101 0300 0100 050000 00', outcome: 'truncated' },
    { name: 'a length one too large', bytes: '680f 0000 0000 0101 0300 0100 050000 00', outcome: 'truncated' },
    { name: 'more objects than bytes', bytes: '680e 0000 0000 017f 0300 0100 050000 00', outcome: 'truncated' },
    { name: 'more in sequence than bytes', bytes: '680e 0000 0000 01ff 0300 0100 050000 00', outcome: 'truncated' },
    { name: 'two functions at once', bytes: '6804 0f00 0000', outcome: 'malformed' },
    { name: 'no objects', bytes: '680a 0000 0000 0100 0300 0100', outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(iec104.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'nothing', bytes: '', length: MORE },
    { name: 'half a header', bytes: '6804 07', length: MORE },
    { name: 'a U frame', bytes: '6804 0700 0000', length: 6 },
    { name: 'an S frame', bytes: '6804 0100 0200', length: 6 },
    { name: 'the longest I frame', bytes: '68fd 0000 0000', length: 255 },
    { name: 'a longer one', bytes: '68fe', length: NOT_MINE },
    { name: 'no control', bytes: '6803', length: NOT_MINE },
    { name: 'another protocol', bytes: '16', length: NOT_MINE },
    { name: 'an S frame with data', bytes: '6805 0100 0200', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(iec104.cut?.(Reader.of(hex(bytes)), context)).toBe(length);
  });

  it.each([
    { name: 'a start', bytes: '6804 0700 0000', likeness: 'strong' },
    { name: 'an acknowledgement', bytes: '6804 0100 0200', likeness: 'weak' },
    { name: 'a value of the right length', bytes: '680e 0000 0000 0101 0300 0100 050000 00', likeness: 'strong' },
    { name: 'a value of another length', bytes: '680f 0000 0000 0101 0300 0100 050000 00', likeness: 'no' },
    { name: 'cause 0', bytes: '680e 0000 0000 0101 0000 0100 050000 00', likeness: 'no' },
    { name: 'text', bytes: '6869 2074 6865 7265', likeness: 'no' },
  ])('takes $name for $likeness', ({ bytes, likeness }) => {
    expect(iec104.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it('reads session', async () => {
    const session = await dissectCapture(iec104, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
