import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { callContext, ORPC_THIS, rpcCall } from '../../../../test/dcom-calls.ts';
import type { Context } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { interfaceOf } from '../../stack/dcom.ts';
import { dcom } from './dcom.ts';

const EXPORTER = '99fcfec4-5260-101b-bbcb-00aa0021347a';
const ACTIVATION = '4d9f4ab8-7d1c-11cf-861e-0020af6e7c57';
const SYSTEM_ACTIVATOR = '000001a0-0000-0000-c000-000000000046';
const REMOTE_UNKNOWN = '00000131-0000-0000-c000-000000000046';
const REMOTE_UNKNOWN_2 = '00000143-0000-0000-c000-000000000046';
const CONNECTION_POINTS = 'b196b284-bab4-101a-b69c-00aa00341d07';
const CONNECTION_POINT = 'b196b286-bab4-101a-b69c-00aa00341d07';
const TEXTS = '00000101-0000-0000-c000-000000000046';
const DATA_OBJECT = '0000010e-0000-0000-c000-000000000046';
const DATA_SINK = '0000010f-0000-0000-c000-000000000046';

const IPID = '01c00000 a00a b00b 1234 56789abcdef0';
/** Version and a pointer, the size, the sizes of all and of the part with addresses, `A`, no more, no security, two numbers. */
const alive = (size: string, places: string, security: string) =>
  `05000700 00000200 ${size} ${places} ${security} 0700 4100 0000 0000 0000 0000 0000 00000000 00000000`;

describe('dcom', () => {
  it.each([
    { key: EXPORTER, opnum: 0, name: 'resolve object exporter', effect: 'discover' },
    { key: EXPORTER, opnum: 1, name: 'ping objects', effect: 'session' },
    { key: EXPORTER, opnum: 2, name: 'ping objects', effect: 'session' },
    { key: EXPORTER, opnum: 3, name: 'ask whether alive', effect: 'discover' },
    { key: EXPORTER, opnum: 4, name: 'resolve object exporter', effect: 'discover' },
    { key: EXPORTER, opnum: 5, name: 'ask for addresses', effect: 'discover' },
    { key: EXPORTER, opnum: 6, name: 'unknown call', effect: 'unknown' },
    { key: ACTIVATION, opnum: 0, name: 'create instance', effect: 'session' },
    { key: ACTIVATION, opnum: 1, name: 'unknown call', effect: 'unknown' },
    { key: SYSTEM_ACTIVATOR, opnum: 3, name: 'get class object', effect: 'session' },
    { key: SYSTEM_ACTIVATOR, opnum: 4, name: 'create instance', effect: 'session' },
    { key: REMOTE_UNKNOWN, opnum: 3, name: 'query interface', effect: 'session' },
    { key: REMOTE_UNKNOWN, opnum: 4, name: 'add reference', effect: 'session' },
    { key: REMOTE_UNKNOWN, opnum: 5, name: 'release reference', effect: 'session' },
    { key: REMOTE_UNKNOWN, opnum: 6, name: 'unknown call', effect: 'unknown' },
    { key: REMOTE_UNKNOWN_2, opnum: 6, name: 'query interface', effect: 'session' },
    { key: CONNECTION_POINTS, opnum: 3, name: 'list connection points', effect: 'session' },
    { key: CONNECTION_POINTS, opnum: 4, name: 'find connection point', effect: 'session' },
    { key: CONNECTION_POINT, opnum: 5, name: 'advise', effect: 'session' },
    { key: CONNECTION_POINT, opnum: 6, name: 'unadvise', effect: 'session' },
    { key: TEXTS, opnum: 3, name: 'next of a list', effect: 'discover' },
    { key: TEXTS, opnum: 5, name: 'move in a list', effect: 'session' },
    { key: DATA_OBJECT, opnum: 3, name: 'unknown call', effect: 'unknown' },
    { key: DATA_OBJECT, opnum: 9, name: 'advise', effect: 'session' },
    { key: DATA_SINK, opnum: 3, name: 'report data change', effect: 'report' },
  ])('takes call $opnum of $key for $name', ({ key, opnum, name, effect }) => {
    const context = callContext(`unread ${key}`, opnum, 'request', { authLevel: 6 });

    expect(dcom.dissect(hex('0102'), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect }, pair: 7, fields: { encrypted: true } }],
    });
  });

  it.each([
    { name: 'the right sizes', bytes: alive('07000000', '0700', '0400'), outcome: 'message' },
    { name: 'a size one too small', bytes: alive('07000000', '0600', '0400'), outcome: 'message' },
    { name: 'sizes larger than all', bytes: alive('ff000000', 'ff00', '0400'), outcome: 'truncated' },
    { name: 'addresses longer than all', bytes: alive('07000000', '0700', '0800'), outcome: 'truncated' },
    { name: 'the largest addresses', bytes: alive('07000000', '0700', 'ffff'), outcome: 'truncated' },
    { name: 'no addresses', bytes: alive('07000000', '0700', '0000'), outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dcom.dissect(hex(bytes), callContext(EXPORTER, 5, 'response')).outcome).toBe(outcome);
  });

  it.each([
    { name: 'one reference', count: '0100 0000 01000000', likeness: 'strong' },
    { name: 'a count one too large', count: '0200 0000 02000000', likeness: 'no' },
    { name: 'counts that differ', count: '0100 0000 02000000', likeness: 'no' },
    { name: 'no reference', count: '0000 0000 00000000', likeness: 'no' },
    { name: 'the most references', count: 'ffff 0000 ffff0000', likeness: 'no' },
  ])('finds $name in a call of an unseen interface $likeness', ({ count, likeness }) => {
    const stub = hex(`${ORPC_THIS} ${count} ${IPID} 05000000 00000000`);

    expect(dcom.recognise(Reader.of(stub), callContext(undefined, 5))).toBe(likeness);
    expect(dcom.recognise(Reader.of(stub), callContext(undefined, 6))).toBe('no');
  });

  it('learns by which interface an object answers, where nobody saw it bound', () => {
    const around = { parent: rpcCall('request', { opnum: 3, contextId: 0, object: 'a' }) };
    const conversation = new TestConversation(around);
    const asked = hex(`${ORPC_THIS} ${IPID} 05000000 0100 0000 01000000 523ac139 1e01 d011 9675 0020afd8adb3`);
    const given = `00000000 05000000 ${'11'.repeat(16)} 02c00000 a00a b00b 1234 56789abcdef0`;
    const answer = hex(`00000000 00000000 00000200 01000000 00000000 00000000 ${given} 00000000`);
    const question = dcom.dissect(asked, conversation.context(true));
    conversation.ask(question.outcome === 'message' ? question.readings : []);
    const answers = { ...conversation.context(false), parent: rpcCall('response', { opnum: 3, contextId: 0 }) };
    const object = '0000c002-0aa0-0bb0-1234-56789abcdef0';
    const later = rpcCall('request', { opnum: 4, contextId: 1, object });

    expect(dcom.dissect(answer, answers)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { objects: [{ ipid: object }] } }],
    });
    expect(interfaceOf({ ...answers, parent: later })).toBe('39c13a52-011e-11d0-9675-0020afd8adb3');
  });

  it('says why an exporter or an object refuses', () => {
    const exporter = dcom.dissect(hex('00000000 78070000'), callContext(EXPORTER, 2, 'response'));
    const object = dcom.dissect(hex('00000000 00000000 54010480'), callContext(SYSTEM_ACTIVATOR, 4, 'response'));

    expect(exporter).toMatchObject({ readings: [{ refused: 'unknown ping set' }] });
    expect(object).toMatchObject({ readings: [{ refused: 'class not registered' }] });
  });

  it('reads in the byte order of the sender', () => {
    const big = callContext(EXPORTER, 5, 'response', { littleEndian: false });
    const bytes = '00050007 00020000 00000007 0007 0004 0007 0041 0000 0000 0000 0000 0000 00000000 00000000';

    expect(dcom.dissect(hex(bytes), big)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { bindings: ['A'] } }],
    });
  });

  it('reads how a server is found, made and asked', async () => {
    const calls: readonly (readonly [key: string, opnum: number, direction: 'request' | 'response', pair: number])[] = [
      [EXPORTER, 5, 'response', 1],
      [SYSTEM_ACTIVATOR, 4, 'request', 2],
      [SYSTEM_ACTIVATOR, 4, 'response', 2],
      [EXPORTER, 4, 'request', 3],
      [EXPORTER, 4, 'response', 3],
      [EXPORTER, 4, 'response', 3],
      [REMOTE_UNKNOWN_2, 3, 'request', 4],
      [REMOTE_UNKNOWN_2, 3, 'response', 4],
      [REMOTE_UNKNOWN_2, 5, 'request', 5],
      [CONNECTION_POINT, 5, 'request', 6],
      [CONNECTION_POINT, 5, 'response', 6],
      [ACTIVATION, 0, 'request', 7],
      [ACTIVATION, 0, 'response', 7],
    ];
    let at = -1;
    const around: Partial<Context> = {
      get parent() {
        at++;
        const [, opnum = 0, direction = 'request', pair = 0] = calls[at] ?? [];
        return { ...rpcCall(direction, { opnum, contextId: 2, littleEndian: true }), pair };
      },
      get key() {
        return calls[at]?.[0];
      },
    };

    const session = await dissectCapture(dcom, new URL('captures/activation.txt', import.meta.url), around);

    expect(at).toBe(calls.length - 1);
    await expect(session).toMatchFileSnapshot('captures/activation.golden.json');
  });
});
