import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { dnp3 } from './dnp3.ts';

const conversation = new TestConversation();
const context = conversation.context(true);

const FROM_MASTER = 0xc4;
const FROM_OUTSTATION = 0x44;

/** Check octets, bit by bit, so that the dissector's table is not its own witness. */
function checked(bytes: readonly number[]): readonly number[] {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >> 1) ^ 0xa6bc : crc >> 1;
    }
  }
  crc ^= 0xffff;
  return [...bytes, crc & 0xff, crc >> 8];
}

/** A link frame between master 1 and outstation 10 around a transport octet and an application fragment. */
function frame(data: string, control = FROM_MASTER): Uint8Array {
  const bytes = [...hex(data)];
  const addresses = control & 0x80 ? [10, 0, 1, 0] : [1, 0, 10, 0];
  const blocks = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, at) => bytes.slice(at * 16, at * 16 + 16));
  return Uint8Array.from([...checked([5, 0x64, 5 + bytes.length, control, ...addresses]), ...blocks.flatMap(checked)]);
}

const CROB = '0c 01 28 0100 0300 41 01 64000000 64000000';

describe('dnp3', () => {
  it.each([
    { code: '00', effect: 'session' },
    { code: '01', effect: 'read' },
    { code: '02', effect: 'write' },
    { code: '02 32 01 07 01 000000000000', effect: 'configure' },
    { code: '02 50 01 00 07 07 00', effect: 'configure' },
    { code: `03 ${CROB} 00`, effect: 'write' },
    { code: `04 ${CROB} 00`, effect: 'write' },
    { code: `05 ${CROB} 00`, effect: 'write' },
    { code: `06 ${CROB} 00`, effect: 'write' },
    ...['07', '08', '09', '0a', '0b', '0c', '0d', '0e', '0f', '10', '11', '12'].map((code) => ({
      code,
      effect: 'control',
    })),
    ...['13', '14', '15', '16', '18', '1f'].map((code) => ({ code, effect: 'configure' })),
    { code: '17', effect: 'session' },
    ...['19', '1a', '1b', '1c', '1d', '1e'].map((code) => ({ code, effect: 'program' })),
    ...['20', '21'].map((code) => ({ code, effect: 'authenticate' })),
    { code: '22', effect: 'unknown' },
    { code: '70', effect: 'unknown' },
  ])('reports the effect of function $code', ({ code, effect }) => {
    expect(dnp3.dissect(frame(`c0 c0 ${code}`), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'an answer', data: 'c0 c3 81 0000', direction: 'response', effect: 'report' },
    { name: 'an unsolicited one', data: 'c0 f3 82 0000', direction: 'report', effect: 'report' },
    { name: 'an authentication answer', data: 'c0 c3 83 0000', direction: 'response', effect: 'authenticate' },
  ])('reads $name', ({ data, direction, effect }) => {
    expect(dnp3.dissect(frame(data, FROM_OUTSTATION), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect }, fields: { sequence: 3, sourceAddress: 10 } }],
    });
  });

  it.each([
    { name: 'indications', data: 'c0 c3 81 8001', refused: 'function code not supported' },
    { name: 'a control status', data: `c0 c3 81 0000 ${CROB} 07`, refused: 'local control only' },
    { name: 'an unknown status', data: `c0 c3 81 0000 ${CROB} 7e`, refused: 'control status 126' },
    { name: 'a full buffer alone', data: 'c0 c3 81 0008', refused: undefined },
  ])('takes the refusal from $name', ({ data, refused }) => {
    const { readings } = dnp3.dissect(frame(data, FROM_OUTSTATION), context) as unknown as {
      readings: { refused?: string }[];
    };
    expect(readings[0]?.refused).toBe(refused);
  });

  it.each([
    { name: 'no byte', bytes: hex(''), outcome: 'truncated' },
    { name: 'half a header', bytes: frame('').subarray(0, 6), outcome: 'truncated' },
    { name: 'another start', bytes: hex('0565 05c4 0a00 0100 0000'), outcome: 'malformed' },
    {
      name: 'a length below the header',
      bytes: Uint8Array.from(checked([5, 0x64, 4, 0xc4, 10, 0, 1, 0])),
      outcome: 'malformed',
    },
    { name: 'a wrong header checksum', bytes: hex('0564 05c9 0a00 0100 ffff'), outcome: 'malformed' },
    { name: 'a damaged block', bytes: frame('c0 c0 01').with(12, 2), outcome: 'malformed' },
    {
      name: 'the longest length',
      bytes: Uint8Array.from(checked([5, 0x64, 255, 0xc4, 10, 0, 1, 0])),
      outcome: 'truncated',
    },
    { name: 'transport alone', bytes: frame('c0'), outcome: 'truncated' },
    { name: 'no function', bytes: frame('c0 c0'), outcome: 'truncated' },
    { name: 'an object cut short', bytes: frame(`c0 c0 05 ${CROB}`), outcome: 'truncated' },
    { name: 'more objects than bytes', bytes: frame('c0 c0 02 0c 01 29 ffffffff 0000'), outcome: 'truncated' },
    { name: 'the widest range', bytes: frame('c0 c0 02 1e 01 02 00000000 ffffffff 00'), outcome: 'truncated' },
    { name: 'a size beyond the end', bytes: frame('c0 c0 19 46 03 5b 01 ffff 00'), outcome: 'truncated' },
    { name: 'indications cut short', bytes: frame('c0 c0 81 00', FROM_OUTSTATION), outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dnp3.dissect(bytes, context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'nothing', bytes: hex(''), length: MORE },
    { name: 'half a header', bytes: frame('').subarray(0, 9), length: MORE },
    { name: 'a bare frame', bytes: frame(''), length: 10 },
    { name: 'one full block', bytes: frame('c0'.repeat(16)), length: 28 },
    { name: 'one octet more', bytes: frame('c0'.repeat(17)), length: 31 },
    { name: 'the longest frame', bytes: frame('c0'.repeat(250)), length: 292 },
    { name: 'another protocol', bytes: hex('06'), length: NOT_MINE },
    { name: 'a wrong checksum', bytes: hex('0564 05c9 0a00 0100 ffff'), length: NOT_MINE },
    { name: 'a length below the header', bytes: hex('0564 04'), length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(dnp3.cut?.(Reader.of(bytes), context)).toBe(length);
  });

  it('joins segments that follow each other, and gives up where one is lost', () => {
    const fresh = new TestConversation().context(true);
    const part = (data: string) => dnp3.part?.(Reader.of(frame(data)), fresh);
    expect(part('45 c0 81')).toMatchObject({ first: true, last: false, abort: false });
    expect(part('06 00 00')).toMatchObject({ first: false, last: false, abort: false });
    expect(part('88 00 00')).toMatchObject({ first: false, last: true, abort: true });
    expect(part('c0 c0 01')).toBeUndefined();
  });

  it('reads joined segments', () => {
    const fresh = new TestConversation().context(true);
    const first = dnp3.part?.(Reader.of(frame('45 c0 01')), fresh);
    const last = dnp3.part?.(Reader.of(frame('86 3c0206')), fresh);
    const whole = Uint8Array.from([...(last?.head ?? []), ...(first?.body ?? []), ...(last?.body ?? [])]);
    expect(dnp3.dissect(whole, fresh)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { functionCode: 1, sourceAddress: 1, objects: [{ group: 60, variation: 2 }] } }],
    });
  });

  it('reads poll-and-control', async () => {
    const session = await dissectCapture(dnp3, new URL('captures/poll-and-control.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/poll-and-control.golden.json');
  });
});
