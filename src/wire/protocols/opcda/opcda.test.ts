import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { callContext, ORPC_THIS, rpcCall } from '../../../../test/dcom-calls.ts';
import { ACK, CLIENT, SERVER as HOST, runFrames, tcpFrame } from '../../../../test/frames.ts';
import type { Context } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { dissectors } from '../index.ts';
import { opcda } from './opcda.ts';

const SERVER = '39c13a4d-011e-11d0-9675-0020afd8adb3';
const BROWSE = '39c13a4f-011e-11d0-9675-0020afd8adb3';
const GROUP = '39c13a50-011e-11d0-9675-0020afd8adb3';
const SYNC = '39c13a52-011e-11d0-9675-0020afd8adb3';
const ASYNC = '39c13a53-011e-11d0-9675-0020afd8adb3';
const ITEMS = '39c13a54-011e-11d0-9675-0020afd8adb3';
const CALLBACK = '39c13a70-011e-11d0-9675-0020afd8adb3';
const ASYNC_2 = '39c13a71-011e-11d0-9675-0020afd8adb3';
const PROPERTIES = '39c13a72-011e-11d0-9675-0020afd8adb3';
const BROWSE_3 = '39227004-a18f-4b57-8b0a-5235670f4468';
const ITEM_IO = '85c0b427-2893-4cbc-bd78-e5fc5146f08f';
const SYNC_2 = '730f5f0f-55b1-4c81-9e18-ff8a0904e1fa';
const ASYNC_3 = '0967b97b-36ef-423e-b6f8-6bff1e40d39d';
const COMMON = 'f31dfde2-07b6-11d2-b2d8-0060083ba1fb';
const SHUTDOWN = 'f31dfde1-07b6-11d2-b2d8-0060083ba1fb';
const SERVER_LIST = '13486d50-4821-11d2-a494-3cb306c10000';
const SECURITY = '7aa83a02-6c77-11d3-84f9-00008630a38b';
const EVENTS = '65168851-5783-11d1-84a0-00608cb8a7e9';
const EVENTS_2 = '71bbe88e-9564-4bcd-bcfc-71c558d94f2d';
const SUBSCRIPTION = '65168855-5783-11d1-84a0-00608cb8a7e9';
const AREAS = '65168857-5783-11d1-84a0-00608cb8a7e9';
const SINK = '6516885f-5783-11d1-84a0-00608cb8a7e9';

const THAT = '00000000 00000000';

describe('opcda', () => {
  it.each([
    { key: SERVER, opnum: 3, name: 'add group', effect: 'session' },
    { key: SERVER, opnum: 4, name: 'get error text', effect: 'read' },
    { key: SERVER, opnum: 6, name: 'get server status', effect: 'read' },
    { key: SERVER, opnum: 7, name: 'remove group', effect: 'session' },
    { key: SERVER, opnum: 9, name: 'unknown call', effect: 'unknown' },
    { key: SERVER, opnum: 2, name: 'unknown call', effect: 'unknown' },
    { key: BROWSE, opnum: 3, name: 'browse items', effect: 'discover' },
    { key: BROWSE, opnum: 5, name: 'browse items', effect: 'discover' },
    { key: GROUP, opnum: 3, name: 'get group state', effect: 'session' },
    { key: GROUP, opnum: 5, name: 'manage group', effect: 'session' },
    { key: SYNC, opnum: 3, name: 'read items', effect: 'read' },
    { key: SYNC, opnum: 4, name: 'write items', effect: 'write' },
    { key: SYNC, opnum: 5, name: 'unknown call', effect: 'unknown' },
    { key: SYNC_2, opnum: 5, name: 'read items', effect: 'read' },
    { key: SYNC_2, opnum: 6, name: 'write items', effect: 'write' },
    { key: ASYNC, opnum: 3, name: 'read items asynchronously', effect: 'read' },
    { key: ASYNC, opnum: 4, name: 'write items asynchronously', effect: 'write' },
    { key: ASYNC_2, opnum: 4, name: 'write items asynchronously', effect: 'write' },
    { key: ASYNC_2, opnum: 5, name: 'refresh items', effect: 'read' },
    { key: ASYNC_2, opnum: 6, name: 'cancel call', effect: 'session' },
    { key: ASYNC_3, opnum: 9, name: 'read items asynchronously', effect: 'read' },
    { key: ASYNC_3, opnum: 10, name: 'write items asynchronously', effect: 'write' },
    { key: ASYNC_3, opnum: 11, name: 'refresh items', effect: 'read' },
    { key: ITEMS, opnum: 3, name: 'add items', effect: 'session' },
    { key: ITEMS, opnum: 5, name: 'manage items', effect: 'session' },
    { key: CALLBACK, opnum: 3, name: 'report data change', effect: 'report' },
    { key: CALLBACK, opnum: 4, name: 'report end of read', effect: 'report' },
    { key: CALLBACK, opnum: 5, name: 'report end of write', effect: 'report' },
    { key: CALLBACK, opnum: 6, name: 'report end of cancel', effect: 'report' },
    { key: PROPERTIES, opnum: 4, name: 'read item properties', effect: 'read' },
    { key: PROPERTIES, opnum: 5, name: 'browse items', effect: 'discover' },
    { key: BROWSE_3, opnum: 3, name: 'read item properties', effect: 'read' },
    { key: BROWSE_3, opnum: 4, name: 'browse items', effect: 'discover' },
    { key: ITEM_IO, opnum: 3, name: 'read items', effect: 'read' },
    { key: ITEM_IO, opnum: 4, name: 'write items', effect: 'write' },
    { key: COMMON, opnum: 3, name: 'manage language', effect: 'session' },
    { key: COMMON, opnum: 7, name: 'set client name', effect: 'session' },
    { key: SHUTDOWN, opnum: 3, name: 'announce shutdown', effect: 'report' },
    { key: SERVER_LIST, opnum: 3, name: 'list servers', effect: 'discover' },
    { key: SECURITY, opnum: 4, name: 'log on', effect: 'authenticate' },
    { key: EVENTS, opnum: 3, name: 'get server status', effect: 'read' },
    { key: EVENTS, opnum: 4, name: 'subscribe to events', effect: 'session' },
    { key: EVENTS, opnum: 6, name: 'query event space', effect: 'discover' },
    { key: EVENTS, opnum: 12, name: 'read condition state', effect: 'read' },
    { key: EVENTS, opnum: 13, name: 'enable conditions', effect: 'configure' },
    { key: EVENTS, opnum: 16, name: 'disable conditions', effect: 'configure' },
    { key: EVENTS, opnum: 17, name: 'acknowledge conditions', effect: 'control' },
    { key: EVENTS, opnum: 18, name: 'browse event areas', effect: 'discover' },
    { key: EVENTS, opnum: 19, name: 'unknown call', effect: 'unknown' },
    { key: EVENTS_2, opnum: 22, name: 'disable conditions', effect: 'configure' },
    { key: EVENTS_2, opnum: 24, name: 'read condition state', effect: 'read' },
    { key: SUBSCRIPTION, opnum: 7, name: 'refresh events', effect: 'read' },
    { key: SUBSCRIPTION, opnum: 10, name: 'manage event subscription', effect: 'session' },
    { key: AREAS, opnum: 4, name: 'browse event areas', effect: 'discover' },
    { key: SINK, opnum: 3, name: 'report events', effect: 'report' },
    { key: '7380f421-cfbf-11d2-b1ad-0090272e599b', opnum: 3, name: 'unknown call', effect: 'unknown' },
  ])('takes call $opnum of $key for $name', ({ key, opnum, name, effect }) => {
    // Encrypted: what the call is for shows all the same.
    const context = callContext(`unread ${key}`, opnum, 'request', { authLevel: 6 });

    expect(opcda.dissect(hex('0102'), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect }, pair: 7, like: 3, fields: { encrypted: true } }],
    });
  });

  it.each([
    { name: 'a number', type: '0300', value: 'f9ffffff', size: '03000000', said: -7 },
    { name: 'a truth', type: '0b00', value: 'ffff0000', size: '03000000', said: true },
    { name: 'a real number', type: '0400', value: '0000c03f', size: '03000000', said: 1.5 },
    { name: 'what is not a number', type: '0400', value: '0000c07f', size: '03000000', said: 'NaN' },
    { name: 'a byte', type: '1100', value: 'ff000000', size: '03000000', said: 255 },
    { name: 'nothing', type: '0000', value: '', size: '03000000', said: null },
    { name: 'a long number', type: '1400', value: '00000000 ffffffffffffffff', size: '04000000', said: '-1' },
    { name: 'a text', type: '0800', value: '01000000 01000000 02000000 01000000 4100', size: '05000000', said: 'A' },
  ])('reads the writing of $name', ({ type, value, size, said }) => {
    const variant = `${size} 00000000 ${type} 000000000000 ${type}0000 ${value}`;
    const stub = hex(`${ORPC_THIS} 01000000 01000000 65000000 01000000 55736572 00000000 ${variant}`);
    expect(opcda.dissect(stub, callContext(SYNC, 4))).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { handles: [101], values: [said] } }],
    });
  });

  it.each([
    { name: 'the right count', count: '02000000', size: '02000000', outcome: 'message' },
    { name: 'a count one too small', count: '01000000', size: '02000000', outcome: 'truncated' },
    { name: 'a size one too large', count: '03000000', size: '03000000', outcome: 'truncated' },
    { name: 'a size of zero', count: '02000000', size: '00000000', outcome: 'truncated' },
    { name: 'the largest size', count: 'ffffffff', size: 'ffffffff', outcome: 'truncated' },
  ])('calls $name $outcome', ({ count, size, outcome }) => {
    const stub = hex(`${ORPC_THIS} 01000000 ${count} ${size} 65000000 66000000`);

    // The operation is beyond doubt, whatever its content.
    expect(opcda.dissect(stub, callContext(SYNC, 3))).toMatchObject({
      outcome,
      readings: [{ operation: { effect: 'read' } }],
    });
  });

  it.each([
    { name: 'a whole text', text: '02000000 00000000 02000000 4100 0000', outcome: 'message' },
    { name: 'a text longer than its room', text: '02000000 00000000 03000000 4100 0000', outcome: 'truncated' },
    { name: 'a text that begins late', text: '02000000 01000000 02000000 4100 0000', outcome: 'truncated' },
    { name: 'the longest text', text: 'ffffffff 00000000 ffffffff 4100 0000', outcome: 'truncated' },
  ])('calls $name $outcome', ({ text, outcome }) => {
    expect(opcda.dissect(hex(`${ORPC_THIS} ${text}`), callContext(COMMON, 7)).outcome).toBe(outcome);
  });

  it('keeps the refusal of a call, and refuses what is no call to an object', () => {
    expect(opcda.dissect(hex(`${THAT} 00000000 050007 80`), callContext(SYNC, 4, 'response'))).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'response', operation: { effect: 'write' }, refused: 'access denied' }],
    });
    expect(opcda.dissect(hex(ORPC_THIS.replace('05', '06')), callContext(SYNC, 4)).outcome).toBe('malformed');
  });

  it('never keeps a password', () => {
    const text = (digits: string) => `02000000 00000000 02000000 ${digits} 0000`;
    const context = callContext(SECURITY, 4);
    const dissection = opcda.dissect(hex(`${ORPC_THIS} ${text('7500')} ${text('7000')}`), context);
    const reading = dissection.outcome === 'message' ? dissection.readings[0] : undefined;

    expect(reading?.fields).toEqual({ opnum: 4, interface: 'IOPCSecurityPrivate', user: 'u' });
    expect(reading && opcda.observe?.(reading, context)).toEqual([
      { kind: 'credential', scheme: 'OPC Security', user: 'u', secret: 'sent' },
      { kind: 'service', subject: 'receiver', protection: 'none' },
    ]);
  });

  it('learns an interface that was bound before the capture began', () => {
    const write = hex(
      `${ORPC_THIS} 01000000 01000000 65000000 01000000 55736572 00000000 03000000 00000000 0300 000000000000 03000000 07000000`,
    );
    const read = hex(`${ORPC_THIS} 01000000 01000000 01000000 65000000`);
    const conversation = new TestConversation({ parent: rpcCall('request', { opnum: 4, contextId: 2 }) });
    const next = { ...conversation.context(true), parent: rpcCall('request', { opnum: 3, contextId: 2 }) };
    const other = { ...conversation.context(true), parent: rpcCall('request', { opnum: 3, contextId: 3 }) };

    expect(opcda.recognise(Reader.of(read), next)).toBe('no');
    expect(opcda.recognise(Reader.of(write), conversation.context(true))).toBe('strong');
    opcda.dissect(write, conversation.context(true));
    expect(opcda.dissect(read, next)).toMatchObject({ readings: [{ fields: { interface: 'IOPCSyncIO', source: 1 } }] });
    // Of another context the first may be an asynchronous read as well: of one item of the number 1.
    expect(opcda.recognise(Reader.of(read), other)).toBe('no');
    expect(opcda.recognise(Reader.of(hex(`${ORPC_THIS} 01000000 02000000 02000000 65000000 66000000`)), other)).toBe(
      'strong',
    );
  });

  it('claims no call that may be another', () => {
    const context = new TestConversation({ parent: rpcCall('request', { opnum: 4, contextId: 2 }) }).context(true);
    for (const stub of [
      ORPC_THIS,
      `${ORPC_THIS} 00000000 00000000 00000000`,
      `${ORPC_THIS} 01000000 01000000 65000000`,
      '00',
    ]) {
      expect(opcda.recognise(Reader.of(hex(stub)), context)).toBe('no');
    }
  });

  it('is found by its content on any port, and known by its number where it is encrypted', () => {
    const object = '01c00000a00ab00b123456789abcdef0';
    const interfaces = `${'523ac1391e01d01196750020afd8adb3'} 00000000 045d888aeb1cc9119fe808002b104860 02000000`;
    const pdus = [
      `05000b03 10000000 4800 0000 01000000 b810b810 00000000 01000000 0200 01 00 ${interfaces}`,
      `05000083 10000000 5800 0000 02000000 00000000 0200 0300 ${object} ${ORPC_THIS} 01000000 01000000 01000000 65000000`,
      `05000083 10000000 3c00 0400 03000000 00000000 0200 0400 ${object} ${'ee'.repeat(8)} 0a060000 00000000 01020304`,
    ];
    let sent = 1;
    const frames = pdus.map((pdu) => {
      const bytes = hex(pdu);
      sent += bytes.length;
      return tcpFrame(CLIENT, { ...HOST, port: 49_201 }, sent - bytes.length, 1, ACK, bytes);
    });
    const { messages } = runFrames(dissectors, frames);

    expect(messages).toMatchObject([
      { protocol: 'dcerpc', operation: 'bind' },
      { protocol: 'dcerpc' },
      { protocol: 'opcda', operation: 'read items', fields: { handles: [101] } },
      { protocol: 'dcerpc', fields: { authLevel: 6 } },
      { protocol: 'opcda', operation: 'write items', fields: { encrypted: true } },
    ]);
  });

  it('tells who a server is once, and its clock each time', async () => {
    const calls: readonly (readonly [key: string, opnum: number, more?: object])[] = [
      [SERVER, 6],
      [SERVER, 6],
      [COMMON, 7],
      [SERVER, 3],
      [SERVER, 3],
      [ITEMS, 3],
      [ITEMS, 3],
      [SYNC, 3],
      [SYNC, 3],
      [SYNC, 4],
      [SYNC, 4],
      [ASYNC_2, 4],
      [CALLBACK, 3],
      [CALLBACK, 5],
      [ITEM_IO, 4],
      [BROWSE_3, 4],
      [PROPERTIES, 4],
      [SECURITY, 4],
      [SHUTDOWN, 3],
      [EVENTS, 17],
      [EVENTS, 15],
      [EVENTS, 3],
      [SINK, 3],
      [`unread ${SYNC}`, 4, { authLevel: 6 }],
      [SYNC, 9],
    ];
    const answers = new Set([1, 4, 6, 8, 10, 21]);
    let at = -1;
    const around: Partial<Context> = {
      get parent() {
        at++;
        const [, opnum = 0, more = {}] = calls[at] ?? [];
        return rpcCall(answers.has(at) ? 'response' : 'request', { opnum, contextId: 2, littleEndian: true, ...more });
      },
      get key() {
        return calls[at]?.[0];
      },
    };

    const session = await dissectCapture(opcda, new URL('captures/session.txt', import.meta.url), around);

    expect(at).toBe(calls.length - 1);
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
