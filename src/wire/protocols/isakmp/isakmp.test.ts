import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { CLIENT, runFrames, SERVER, udpFrame } from '../../../../test/frames.ts';
import { Reader } from '../../reader.ts';
import { isakmp } from './isakmp.ts';

const conversation = new TestConversation({ transport: 'udp' });
const client = conversation.context(true);
const server = conversation.context(false);
const I = '0102030405060708';
const R = '1112131415161718';
const none = '0000000000000000';
const ike1 = (exchange: string, responder = R) => `${I} ${responder} 00 10 ${exchange} 00 00000000 0000001c`;
const ike2 = (exchange: string, flags: string) => `${I} ${R} 00 20 ${exchange} ${flags} 00000001 0000001c`;
/** Notification `no proposal chosen`. */
const REFUSED = `${I} ${R} 29 20 22 20 00000000 00000024 0000 0008 0000 000e`;
const payload = (length: string) => `${I} ${R} 2b 20 22 08 00000000 00000022 0000 ${length} 4142`;

describe('isakmp', () => {
  it.each([
    { bytes: ike1('02', none), operation: 'main mode', effect: 'session', direction: 'request' },
    { bytes: ike1('04', none), operation: 'aggressive mode', effect: 'session', direction: 'request' },
    { bytes: ike1('05'), operation: 'informational', effect: 'session', direction: 'report' },
    { bytes: ike1('06'), operation: 'transaction', effect: 'session', direction: 'request' },
    { bytes: ike1('20'), operation: 'quick mode', effect: 'session', direction: 'request' },
    { bytes: ike1('c8'), operation: 'unknown exchange', effect: 'unknown', direction: 'request' },
    { bytes: ike2('22', '08'), operation: 'start association', effect: 'session', direction: 'request' },
    { bytes: ike2('22', '20'), operation: 'start association', effect: 'session', direction: 'response' },
    { bytes: ike2('23', '08'), operation: 'authenticate', effect: 'authenticate', direction: 'request' },
    { bytes: ike2('24', '00'), operation: 'create child association', effect: 'session', direction: 'request' },
    { bytes: ike2('25', '28'), operation: 'informational', effect: 'session', direction: 'response' },
  ])('reads $operation as $direction', ({ bytes, operation, effect, direction }) => {
    expect(isakmp.dissect(hex(bytes), client)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { name: operation, effect } }],
    });
    expect(isakmp.dissect(hex(`00000000 ${bytes}`), client)).toMatchObject({ outcome: 'message' });
  });

  it('says why an association was refused', () => {
    expect(isakmp.dissect(hex(REFUSED), server)).toMatchObject({
      readings: [{ direction: 'response', refused: 'no proposal chosen', fields: { notifications: [14] } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'another version', bytes: ike2('22', '08').replace('00 20', '00 30'), outcome: 'malformed' },
    { name: 'length 0', bytes: ike2('22', '08').replace('0000001c', '00000000'), outcome: 'malformed' },
    { name: 'a length one too small', bytes: ike2('22', '08').replace('0000001c', '0000001b'), outcome: 'malformed' },
    { name: 'a length one too large', bytes: ike2('22', '08').replace('0000001c', '0000001d'), outcome: 'truncated' },
    { name: 'the largest length', bytes: ike2('22', '08').replace('0000001c', 'ffffffff'), outcome: 'truncated' },
    { name: 'a payload', bytes: payload('0006'), outcome: 'message' },
    { name: 'a payload of no length', bytes: payload('0000'), outcome: 'malformed' },
    { name: 'a payload shorter than its header', bytes: payload('0003'), outcome: 'malformed' },
    { name: 'a payload one too large', bytes: payload('0007'), outcome: 'truncated' },
    { name: 'a payload of the largest length', bytes: payload('ffff'), outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(isakmp.dissect(hex(bytes), client).outcome).toBe(outcome);
  });

  it('is sure of a header with the right length, doubts one that was cut, and refuses the rest', () => {
    const like = (bytes: string) => isakmp.recognise(Reader.of(hex(bytes)), client);

    expect(like(ike2('22', '08'))).toBe('strong');
    expect(like(`00000000 ${ike2('22', '08')}`)).toBe('strong');
    expect(like(payload('0006').slice(0, -4))).toBe('weak');
    expect(like(`${ike2('22', '08')} 00`)).toBe('no');
    expect(like(ike2('22', '01'))).toBe('no');
    expect(like(ike2('c8', '08'))).toBe('no');
  });

  it('lists no ESP behind NAT, and takes nothing at that port for ESP before an association was made', () => {
    const at = { ...CLIENT, port: 4500 };
    const to = { ...SERVER, port: 4500 };
    const esp = hex('c0a80001 00000001 0011223344556677 8899aabbccddeeff');
    const ike = hex(`00000000 ${ike2('23', '08')}`);
    const named: (string | undefined)[] = [];
    const flowClosed = ({ protocol }: { readonly protocol: string | undefined }) => named.push(protocol);

    const before = runFrames([isakmp], [udpFrame(at, to, esp), udpFrame(to, at, esp)], { listener: { flowClosed } });
    const after = runFrames([isakmp], [udpFrame(at, to, ike), udpFrame(to, at, esp)], { listener: { flowClosed } });

    expect(before.messages).toEqual([]);
    expect(after.messages).toMatchObject([{ frame: 1, operation: 'authenticate' }]);
    expect(after.engine.counters.malformed).toBe(0);
    expect(named).toEqual([undefined, 'isakmp']);
  });

  it('reads how associations are made', async () => {
    const session = await dissectCapture(isakmp, new URL('captures/associations.txt', import.meta.url), {
      transport: 'udp',
    });
    await expect(session).toMatchFileSnapshot('captures/associations.golden.json');
  });
});
