import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { modbus } from './modbus.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const response = conversation.context(false);

describe('modbus', () => {
  it.each([
    { name: 'a read request', bytes: '0001 0000 0006 01 03 0000 000a', effect: 'read' },
    { name: 'a write request', bytes: '0002 0000 0006 01 06 0001 0003', effect: 'write' },
    { name: 'a restart', bytes: '0003 0000 0006 01 08 0001 0000', effect: 'control' },
    { name: 'a loop-back test', bytes: '0004 0000 0006 01 08 0000 1234', effect: 'read' },
    { name: 'a function we do not know', bytes: '0005 0000 0002 01 5b', effect: 'unknown' },
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
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(modbus.dissect(hex(bytes), response).outcome).toBe(outcome);
  });

  it('reads a session', async () => {
    const session = await dissectCapture(modbus, new URL('captures/device-identification.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/device-identification.golden.json');
  });
});
