import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { modbus } from './modbus.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const response = conversation.context(false);

describe('modbus', () => {
  it.each([
    { name: 'coils read', bytes: '0001 0000 0006 01 01 0000 000a', effect: 'read' },
    { name: 'inputs read', bytes: '0001 0000 0006 01 02 0000 000a', effect: 'read' },
    { name: 'registers read', bytes: '0001 0000 0006 01 03 0000 000a', effect: 'read' },
    { name: 'input registers read', bytes: '0001 0000 0006 01 04 0000 000a', effect: 'read' },
    { name: 'a coil written', bytes: '0002 0000 0006 01 05 0001 ff00', effect: 'write' },
    { name: 'a register written', bytes: '0002 0000 0006 01 06 0001 0003', effect: 'write' },
    { name: 'the exception status', bytes: '0002 0000 0002 01 07', effect: 'read' },
    { name: 'a restart', bytes: '0003 0000 0006 01 08 0001 0000', effect: 'control' },
    { name: 'silence', bytes: '0003 0000 0006 01 08 0004 0000', effect: 'control' },
    { name: 'counters cleared', bytes: '0003 0000 0006 01 08 000a 0000', effect: 'control' },
    { name: 'an overrun cleared', bytes: '0003 0000 0006 01 08 0014 0000', effect: 'control' },
    { name: 'another delimiter', bytes: '0003 0000 0006 01 08 0003 3a00', effect: 'configure' },
    { name: 'a loop-back test', bytes: '0004 0000 0006 01 08 0000 1234', effect: 'read' },
    { name: 'the event counter', bytes: '0002 0000 0002 01 0b', effect: 'read' },
    { name: 'the event log', bytes: '0002 0000 0002 01 0c', effect: 'read' },
    { name: 'coils written', bytes: '0002 0000 0008 01 0f 0013 000a 01 cd', effect: 'write' },
    { name: 'registers written', bytes: '0002 0000 0009 01 10 0001 0001 02 000a', effect: 'write' },
    { name: 'the server id', bytes: '0002 0000 0002 01 11', effect: 'discover' },
    { name: 'a file read', bytes: '0002 0000 000a 01 14 07 06 0004 0001 0002', effect: 'read' },
    { name: 'a file written', bytes: '0002 0000 000c 01 15 09 06 0004 0007 0001 06af', effect: 'write' },
    { name: 'a mask written', bytes: '0002 0000 0008 01 16 0004 00f2 0025', effect: 'write' },
    { name: 'registers read and written', bytes: '0002 0000 000d 01 17 0003 0006 000e 0001 02 00ff', effect: 'write' },
    { name: 'a queue read', bytes: '0002 0000 0004 01 18 04de', effect: 'read' },
    { name: 'identification', bytes: '0002 0000 0005 01 2b 0e 01 00', effect: 'discover' },
    { name: 'another encapsulated interface', bytes: '0002 0000 0003 01 2b 0d', effect: 'unknown' },
    { name: 'UMAS', bytes: '0002 0000 0004 01 5a 00 02', effect: 'unknown' },
    { name: 'a function we do not know', bytes: '0005 0000 0002 01 5b', effect: 'unknown' },
    { name: 'function 0', bytes: '0005 0000 0002 01 00', effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(modbus.dissect(hex(bytes), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header cut short', bytes: '0001 0000 00', outcome: 'truncated' },
    { name: 'another protocol id', bytes: '0001 beef 0006 01 03', outcome: 'malformed' },
    { name: 'more objects than bytes', bytes: '0001 0000 0009 01 2b 0e 01 01 00 00 ff 00', outcome: 'truncated' },
    { name: 'a length that lacks the function', bytes: '0001 0000 0001 01', outcome: 'truncated' },
    { name: 'more data than bytes', bytes: '0001 0000 0005 01 03 04 0001', outcome: 'truncated' },
    { name: 'an exception without its code', bytes: '0001 0000 0002 01 83', outcome: 'truncated' },
    { name: 'the largest length', bytes: '0001 0000 ffff 01 03 02 0001', outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(modbus.dissect(hex(bytes), response).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a question of function 3', bytes: '0001 0000 0006 01 03 0000 000a', direction: 'request', proves: true },
    { name: 'an answer of function 1', bytes: '0001 0000 0004 01 01 01 01', direction: 'response', proves: true },
    { name: 'an answer of function 16', bytes: '0001 0000 0006 01 10 0001 0002', direction: 'response', proves: true },
    { name: 'an exception', bytes: '0001 0000 0003 01 83 02', direction: 'response', proves: true },
    { name: 'an echo', bytes: '0001 0000 0006 01 06 0001 0003', direction: 'request', proves: false },
    {
      name: 'registers that fit both ways',
      bytes: '0001 0000 0006 01 03 0300 0001',
      direction: 'request',
      proves: false,
    },
  ])('knows who sends $name', ({ bytes, direction, proves }) => {
    expect(modbus.dissect(hex(bytes), request)).toMatchObject({ readings: [{ direction, proves }] });
  });

  it.each([
    { name: 'half a header', bytes: '0001 0000 00', length: MORE },
    { name: 'a header without function', bytes: '0001 0000 0006 01', length: MORE },
    { name: 'a whole header', bytes: '0001 0000 0006 01 03', length: 12 },
    { name: 'the longest message', bytes: '0001 0000 0104 01 03', length: 266 },
    { name: 'a longer one', bytes: '0001 0000 0105 01 03', length: NOT_MINE },
    { name: 'UMAS that is longer', bytes: '0001 0000 03ff 01 5a', length: 1029 },
    { name: 'UMAS beyond all bounds', bytes: '0001 0000 ffff 01 5a', length: NOT_MINE },
    { name: 'no function', bytes: '0001 0000 0001 01 03', length: NOT_MINE },
    { name: 'another protocol', bytes: '0001 0001 0006 01 03', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(modbus.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each(['device-identification', 'functions'])('reads %s', async (name) => {
    const session = await dissectCapture(modbus, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
