import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { modbusRtu } from './modbus-rtu.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
/** The example of Modbus over Serial Line, appendix B: the check value is sent low byte first. */
const READ_STATUS = '02 07 41 12';

describe('modbus_rtu', () => {
  it.each([
    { name: 'the example of the standard', bytes: READ_STATUS, outcome: 'message' },
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'three bytes', bytes: '02 07 41', outcome: 'truncated' },
    { name: 'a wrong checksum', bytes: '02 07 41 13', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(modbusRtu.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it.each([
    { name: 'the frame, and the next one begun', bytes: `${READ_STATUS} 02`, length: 4 },
    { name: 'too little', bytes: '02 03 00', length: MORE },
    { name: 'a question that goes on', bytes: '02 03 0000', length: MORE },
    { name: 'an answer that goes on', bytes: '02 03 fa 0000 0000 0000 0000', length: MORE },
    { name: 'an answer longer than a frame', bytes: '02 03 ff 0000 0000 0000 0000', length: NOT_MINE },
    { name: 'a unit that cannot be', bytes: 'f8 03 0000 000a 0000', length: NOT_MINE },
    { name: 'a function without known length', bytes: '02 63 0000 000a 0000', length: NOT_MINE },
    { name: 'objects without end', bytes: '02 2b 0e 01 01 00 00 ff 00 ff', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(modbusRtu.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'a frame and nothing else', bytes: READ_STATUS, likeness: 'weak' },
    { name: 'a frame and more', bytes: `${READ_STATUS} 02`, likeness: 'weak' },
    { name: 'a wrong checksum', bytes: '02 07 41 13', likeness: 'no' },
    { name: 'a question for too much', bytes: '01 02 00 00 0f ff 3dba', likeness: 'no' },
    { name: 'Modbus/TCP', bytes: '0001 0000 0006 01 03 0000 000a', likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(modbusRtu.recognise(Reader.of(hex(bytes)), request)).toBe(likeness);
  });

  it('reads a serial device server', async () => {
    const session = await dissectCapture(modbusRtu, new URL('captures/serial-server.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/serial-server.golden.json');
  });
});
