import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { pccc } from './pccc.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const REQUESTER = '07 4d00 efcdab00';

describe('pccc', () => {
  it.each([
    { command: '00', effect: 'write' },
    { command: '01', effect: 'read' },
    { command: '02', effect: 'write' },
    { command: '05', effect: 'write' },
    { command: '08', effect: 'write' },
    { command: '06', code: '00', effect: 'session' },
    { command: '06', code: '03', effect: 'discover' },
    { command: '06', code: '0a', effect: 'configure' },
    { command: '07', code: '00', effect: 'control' },
    { command: '0f', code: '00', effect: 'write' },
    { command: '0f', code: '01', effect: 'read' },
    { command: '0f', code: '3a', effect: 'control' },
    { command: '0f', code: '50', effect: 'program' },
    { command: '0f', code: '52', effect: 'program' },
    { command: '0f', code: '53', effect: 'program' },
    { command: '0f', code: '55', effect: 'program' },
    { command: '0f', code: '57', effect: 'program' },
    { command: '0f', code: '80', effect: 'control' },
    { command: '0f', code: 'a1', effect: 'read' },
    { command: '0f', code: 'a2', effect: 'read' },
    { command: '0f', code: 'a9', effect: 'write' },
    { command: '0f', code: 'aa', effect: 'write' },
    { command: '0f', code: 'fe', effect: 'unknown' },
    { command: '3f', effect: 'unknown' },
  ])('command $command $code: $effect', ({ command, code = '', effect }) => {
    const bytes = `${REQUESTER} ${command} 00 0100 ${code} 02 07 89 00 00`;

    expect(pccc.dissect(hex(bytes), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { fields: '04 07 89 00 00', address: 'N7:0' },
    { fields: '02 04 86 01 02', address: 'T4:1.2' },
    { fields: '02 ff0001 8a ff2c01 00', address: 'F256:300' },
    { fields: '02 09 01 00 00', address: '9:0' },
  ])('reads the address $address', ({ fields, address }) => {
    expect(pccc.dissect(hex(`${REQUESTER} 0f 00 0100 a2 ${fields}`), request)).toMatchObject({
      readings: [{ like: address, fields: { address } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '' },
    { name: 'a requester that is not here', bytes: 'ff 4d00' },
    { name: 'a requester of no length', bytes: '00' },
    { name: 'a command cut short', bytes: `${REQUESTER} 0f 00 01` },
    { name: 'no function', bytes: `${REQUESTER} 0f 00 0100` },
    { name: 'an address cut short', bytes: `${REQUESTER} 0f 00 0100 a2 04 ff 07` },
    { name: 'a refusal without its reason', bytes: `${REQUESTER} 4f f0 0100` },
  ])('calls $name truncated', ({ bytes }) => {
    expect(pccc.dissect(hex(bytes), request).outcome).toBe('truncated');
  });

  it('reads a session', async () => {
    const session = await dissectCapture(pccc, new URL('captures/slc.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/slc.golden.json');
  });
});
