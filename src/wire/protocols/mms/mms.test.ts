import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { mms } from './mms.ts';

const context = new TestConversation().context(true);
const dissect = (bytes: string) => mms.dissect(hex(bytes), context);
const pdu = (tag: string, contents: string) =>
  `${tag} ${hex(contents).length.toString(16).padStart(2, '0')} ${contents}`;
/** In session and presentation, as all devices of IEC 61850 send. */
const wrapped = (bytes: string) => `01000100 ${pdu('61', pdu('30', `020103 ${pdu('a0', bytes)}`))}`;
/** A write of one variable of a domain `D`. */
const write = (item: string) => {
  const name = [...item].map((letter) => letter.charCodeAt(0).toString(16)).join('');
  return pdu(
    'a0',
    `020101 ${pdu('a5', `${pdu('a0', pdu('30', pdu('a0', pdu('a1', `1a0144 ${pdu('1a', name)}`))))} a003830101`)}`,
  );
};

describe('mms', () => {
  it.each([
    { service: '8000', name: 'status', effect: 'read' },
    { service: 'a105a003800109', name: 'get name list', effect: 'discover' },
    { service: '8200', name: 'identify', effect: 'discover' },
    { service: 'a300', name: 'rename', effect: 'configure' },
    { service: 'a400', name: 'read', effect: 'read' },
    { service: 'a500', name: 'write', effect: 'write' },
    { service: 'a600', name: 'get variable access attributes', effect: 'discover' },
    { service: 'ab00', name: 'define variable list', effect: 'configure' },
    { service: 'ac00', name: 'get variable list attributes', effect: 'discover' },
    { service: 'ad00', name: 'delete variable list', effect: 'configure' },
    { service: 'b300', name: 'take control', effect: 'session' },
    { service: 'b400', name: 'relinquish control', effect: 'session' },
    { service: 'ba00', name: 'initiate download sequence', effect: 'program' },
    { service: '9b0144', name: 'download segment', effect: 'program' },
    { service: '9d0144', name: 'initiate upload sequence', effect: 'program' },
    { service: '9e0101', name: 'upload segment', effect: 'program' },
    { service: '9f1f0101', name: 'terminate upload sequence', effect: 'program' },
    { service: 'bf2200', name: 'load domain content', effect: 'program' },
    { service: '9f240144', name: 'delete domain', effect: 'program' },
    { service: '9f250144', name: 'get domain attributes', effect: 'discover' },
    { service: 'bf2600', name: 'create program invocation', effect: 'program' },
    { service: '9f270144', name: 'delete program invocation', effect: 'program' },
    { service: 'bf2800', name: 'start', effect: 'control' },
    { service: 'bf2900', name: 'stop', effect: 'control' },
    { service: 'bf2a00', name: 'resume', effect: 'control' },
    { service: 'bf2b00', name: 'reset', effect: 'control' },
    { service: 'bf2c00', name: 'kill', effect: 'control' },
    { service: 'bf2e00', name: 'obtain file', effect: 'program' },
    { service: 'bf3300', name: 'alter event', effect: 'configure' },
    { service: 'bf3e00', name: 'acknowledge event notification', effect: 'write' },
    { service: 'bf3f00', name: 'get alarm summary', effect: 'read' },
    { service: 'bf4100', name: 'read journal', effect: 'read' },
    { service: 'bf4300', name: 'write journal', effect: 'configure' },
    { service: 'bf4700', name: 'get capability list', effect: 'discover' },
    { service: 'bf4800', name: 'open file', effect: 'program' },
    { service: '9f490101', name: 'read file', effect: 'program' },
    { service: '9f4a0101', name: 'close file', effect: 'program' },
    { service: 'bf4b00', name: 'rename file', effect: 'program' },
    { service: 'bf4c00', name: 'delete file', effect: 'program' },
    { service: 'bf4d00', name: 'file directory', effect: 'discover' },
    { service: 'bf4e00', name: 'unknown service', effect: 'unknown' },
  ])('reads a request to $name', ({ service, name, effect }) => {
    expect(dissect(wrapped(pdu('a0', `020107 ${service}`)))).toMatchObject({
      outcome: 'message',
      readings: [
        { direction: 'request', pair: 7, operation: { name, effect }, fields: { pduType: 'confirmed-request' } },
      ],
    });
  });

  it.each([
    { item: 'CSWI1$CO$Pos$Oper', name: 'operate', effect: 'write' },
    { item: 'CSWI1$CO$Pos$Oper$ctlVal', name: 'operate', effect: 'write' },
    { item: 'CSWI1$CO$Pos$SBOw', name: 'select with value', effect: 'write' },
    { item: 'CSWI1$CO$Pos$Cancel', name: 'cancel operate', effect: 'write' },
    { item: 'PTOC1$SP$StrVal', name: 'write configuration', effect: 'configure' },
    { item: 'XCBR1$CF$Pos$ctlModel', name: 'write configuration', effect: 'configure' },
    { item: 'LLN0$GO$gcb1$GoEna', name: 'write configuration', effect: 'configure' },
    { item: 'LLN0$BR$brcb1$RptEna', name: 'write report control', effect: 'session' },
    { item: 'Setpoint', name: 'write', effect: 'write' },
  ])('tells what a write to $item does', ({ item, name, effect }) => {
    expect(dissect(wrapped(write(item)))).toMatchObject({
      outcome: 'message',
      readings: [
        { operation: { name, effect }, target: `D/${item}`, fields: { domainId: 'D', itemId: item, variables: 1 } },
      ],
    });
  });

  it.each([
    { name: 'a switch hidden behind another variable', items: ['Harmless', 'CSWI1$CO$Pos$Oper'], operation: 'operate' },
  ])('reads $name', ({ items, operation }) => {
    const names = items.map((item) =>
      pdu('30', pdu('a0', pdu('80', [...item].map((letter) => letter.charCodeAt(0).toString(16)).join('')))),
    );
    const bytes = pdu('a0', `020101 ${pdu('a5', `${pdu('a0', names.join(' '))} a000`)}`);

    expect(dissect(wrapped(bytes))).toMatchObject({
      readings: [{ operation: { name: operation }, fields: { itemId: 'Harmless' } }],
    });
  });

  it.each([
    { pduType: 'confirmed-response', bytes: 'a107 020101 a5028100', direction: 'response' },
    { pduType: 'confirmed-error', bytes: 'a20a 800101 a205a003870103', direction: 'response' },
    { pduType: 'unconfirmed', bytes: 'a30b a009 a1058003525054 a000', direction: 'report' },
    { pduType: 'unconfirmed', bytes: 'a302 a100', direction: 'report' },
    { pduType: 'reject', bytes: 'a406 800101 810101', direction: 'response' },
    { pduType: 'reject', bytes: 'a403 850101', direction: 'report' },
    { pduType: 'cancel-request', bytes: '850101', direction: 'request' },
    { pduType: 'cancel-response', bytes: '860101', direction: 'response' },
    { pduType: 'cancel-error', bytes: 'a70a 800101 a105a0038a0101', direction: 'response' },
    { pduType: 'initiate-request', bytes: 'a804 8002fde8', direction: 'request' },
    { pduType: 'initiate-response', bytes: 'a904 8002fde8', direction: 'response' },
    { pduType: 'initiate-error', bytes: 'aa05 a003880101', direction: 'response' },
    { pduType: 'conclude-request', bytes: '8b00', direction: 'request' },
    { pduType: 'conclude-response', bytes: '8c00', direction: 'response' },
    { pduType: 'conclude-error', bytes: 'ad05 a003890101', direction: 'response' },
  ])('reads $pduType as $direction', ({ pduType, bytes, direction }) => {
    expect(dissect(wrapped(bytes))).toMatchObject({
      outcome: 'message',
      readings: [{ direction, fields: { pduType } }],
    });
  });

  it.each([
    { service: '9d0144', target: 'D' },
    { service: 'ba09 800144 a101a0 820100', target: 'D' },
    { service: '9f240144', target: 'D' },
    { service: 'bf2804 80024d31', target: 'M1' },
    { service: 'bf2c04 80024d31', target: 'M1' },
    { service: '9f27024d31', target: 'M1' },
  ])('tells at what $service is aimed', ({ service, target }) => {
    expect(dissect(wrapped(pdu('a0', `020107 ${service}`)))).toMatchObject({ readings: [{ target }] });
  });

  it.each([
    { name: 'nothing but a session PDU', bytes: '09020100', outcome: 'malformed' },
    { name: 'data without presentation', bytes: '01000100', outcome: 'malformed' },
    { name: 'a value list longer than the data', bytes: '01000100 6107 3006 020103 a0028b00', outcome: 'malformed' },
    {
      name: 'data one byte longer than the message',
      bytes: '01000100 610a 3007 020103 a0028b00',
      outcome: 'truncated',
    },
    { name: 'data of no length', bytes: '01000100 6100', outcome: 'malformed' },
    { name: 'data of the largest length', bytes: '01000100 6184ffffffff 3007 020103 a0028b00', outcome: 'truncated' },
    { name: 'indefinite lengths', bytes: '01000100 6180 3080 020103 a080 8b00 0000 0000 0000', outcome: 'message' },
    { name: 'a request without invoke id', bytes: wrapped('a000'), outcome: 'malformed' },
    { name: 'a service one byte too long', bytes: wrapped('a007 020101 a5038100'), outcome: 'malformed' },
    { name: 'another application', bytes: wrapped('b000'), outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dissect(bytes).outcome).toBe(outcome);
  });

  it('recognises its PDUs, not those of its neighbours', () => {
    const likeness = (bytes: string) => mms.recognise(Reader.of(hex(bytes)), context);

    expect(likeness(wrapped('8b00'))).toBe('strong');
    expect(likeness('a003020101')).toBe('strong');
    expect(likeness('8b00')).toBe('no');
    expect(likeness(wrapped('a003800101'))).toBe('no');
    expect(likeness('32010000')).toBe('no');
    expect(likeness('7f65820100')).toBe('no');
    expect(likeness('09020100')).toBe('no');
    expect(likeness('')).toBe('no');
  });

  it('reads a relay', async () => {
    const session = await dissectCapture(mms, new URL('captures/relay.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/relay.golden.json');
  });
});
