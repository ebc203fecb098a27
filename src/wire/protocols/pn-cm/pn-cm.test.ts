import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import type { Reading } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { pnCm } from './pn-cm.ts';

/** The DCE/RPC call around the blocks. */
function call(opnum: number, direction: 'request' | 'response', littleEndian = true) {
  const operation = { name: 'PROFINET IO call', effect: 'session' } as const;
  const parent: Reading = { direction, operation, pair: 'a/0', fields: { opnum, littleEndian } };
  return new TestConversation({ parent, key: 'dea00001-6c97-11d1-8271-00a02442df7d' }).context(true);
}

const EMPTY = '00100000 00000000 00100000 00000000 00000000';
/** Read request header: connection, application process, slot 2, subslot 1, then index and length. */
const header = (type: string, index: string, length = '00000000') =>
  `${type} 003c 01 00 0001 ${'00'.repeat(16)} 00000000 0002 0001 0000 ${index} ${length} ${'00'.repeat(24)}`;
const array = (first: string, bytes: string) => {
  const length = hex(bytes).length.toString(16).padStart(2, '0');
  return `${first} ${length}000000 00100000 00000000 ${length}000000 ${bytes}`;
};

describe('pn_cm', () => {
  it.each([
    { opnum: 0, name: 'connect', effect: 'session' },
    { opnum: 1, name: 'release', effect: 'session' },
    { opnum: 2, name: 'read record', effect: 'read' },
    { opnum: 3, name: 'write record', effect: 'configure' },
    { opnum: 4, name: 'control connection', effect: 'session' },
    { opnum: 5, name: 'read record', effect: 'read' },
    { opnum: 6, name: 'unknown call', effect: 'unknown' },
  ])('reads call $opnum', ({ opnum, name, effect }) => {
    expect(pnCm.dissect(hex(EMPTY), call(opnum, 'request'))).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect }, pair: 'a/0' }],
    });
  });

  it.each([
    { index: 'aff0', effect: 'discover' },
    { index: 'affe', effect: 'discover' },
    { index: 'f840', effect: 'discover' },
    { index: 'f841', effect: 'read' },
    { index: '0001', effect: 'read' },
  ])('takes reading record $index for $effect', ({ index, effect }) => {
    expect(pnCm.dissect(hex(array('00100000', header('0009', index))), call(2, 'request'))).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect }, target: 'slot 2/1' }],
    });
  });

  it.each([
    { name: 'an index that is not there', status: '00b080de', refused: 'invalid index' },
    { name: 'a busy resource', status: '00c280df', refused: 'resource busy' },
    { name: 'a connection', status: '054181db', refused: 'connect refused, PROFINET status 0xdb814105' },
  ])('reads the refusal of $name', ({ status, refused }) => {
    expect(pnCm.dissect(hex(array(status, '')), call(2, 'response'))).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'response', refused }],
    });
  });

  it('reads either byte order', () => {
    const bytes = hex(`00001000 00000000 00001000 00000000 00000000`);
    expect(pnCm.dissect(bytes, call(0, 'request', false))).toMatchObject({ outcome: 'message' });
    expect(pnCm.recognise(Reader.of(bytes), call(0, 'request'))).toBe('strong');
    expect(pnCm.recognise(Reader.of(bytes), new TestConversation().context(true))).toBe('no');
  });

  it.each([
    {
      name: 'more content than the array holds',
      bytes: '00100000 05000000 00100000 00000000 04000000 00000000',
      outcome: 'malformed',
    },
    {
      name: 'more content than bytes',
      bytes: '00100000 05000000 00100000 00000000 05000000 00000000',
      outcome: 'truncated',
    },
    {
      name: 'the largest content',
      bytes: '00100000 ffffffff 00100000 00000000 ffffffff 00000000',
      outcome: 'truncated',
    },
    { name: 'a block one too large', bytes: array('00100000', '0110 0003 0100'), outcome: 'truncated' },
    { name: 'an empty block', bytes: array('00100000', '0110 0000'), outcome: 'message' },
    { name: 'more slots than bytes', bytes: array('00000000', '0013 0004 0100 ffff'), outcome: 'message' },
    {
      name: 'a record larger than the array',
      bytes: array('00100000', header('0008', '0001', 'ffffffff')),
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(pnCm.dissect(hex(bytes), call(2, 'request')).outcome).toBe(outcome);
  });

  // Default values that two makers publish for their devices, with and without a CRC of the device's own parameters.
  const PUBLISHED = ['0440 0001 0001 0064 c0fe', '0848 0001 0001 007d 437a2fdc 4289'];

  it.each([
    { name: 'parameters', record: PUBLISHED[0], safety: true },
    { name: 'parameters with a CRC of the device', record: PUBLISHED[1], safety: true },
    { name: 'a CRC that is off by one', record: '0440 0001 0001 0064 c0ff', safety: false },
    { name: 'another watchdog time', record: '0440 0001 0001 0065 c0fe', safety: false },
    { name: 'nothing but zeros', record: '00'.repeat(10), safety: false },
    { name: 'a version before 2', record: '0400 0001 0001 0064 0000', safety: false },
    { name: 'a block that announces another CRC', record: '0448 0001 0001 0064 c0fe', safety: false },
    { name: 'one byte more', record: '0440 0001 0001 0064 c0fe 00', safety: false },
  ])('marks PROFIsafe: $name', ({ record = '', safety }) => {
    const size = hex(record).length;
    const padding = '00'.repeat((4 - (size % 4)) % 4);
    const write = `${header('0008', '0100', size.toString(16).padStart(8, '0'))} ${record} ${padding}`;
    const asked = pnCm.dissect(hex(array('00100000', write)), call(3, 'request'));
    const several = `${header('0008', 'e040', hex(write).length.toString(16).padStart(8, '0'))} ${write}`;
    const together = pnCm.dissect(hex(array('00100000', several)), call(3, 'request'));
    const marks = safety ? [{ slot: 2, subslot: 1, source: 1, destination: 1 }] : undefined;

    for (const dissection of [asked, together]) {
      expect(dissection.outcome).toBe('message');
      const fields = dissection.outcome === 'message' ? dissection.readings[0]?.fields : undefined;
      expect(fields).toMatchObject({ opnum: 3, ...(marks ? { safety: marks } : {}) });
      expect(Object.keys(fields ?? {}).includes('safety')).toBe(safety);
    }
  });

  it('makes both parties safety devices once the parameters were taken, and not before', () => {
    const observed = (status: string, record = '') => {
      const operation = { name: 'PROFINET IO call', effect: 'session' } as const;
      const parent: Reading = { direction: 'response', operation, pair: 'a/0', fields: { opnum: 3 } };
      const conversation = new TestConversation({ parent });
      const size = hex(record).length.toString(16).padStart(8, '0');
      const asked = pnCm.dissect(hex(array('00100000', `${header('0008', '0100', size)} ${record} 0000`)), {
        ...conversation.context(true),
        parent: { ...parent, direction: 'request' },
      });
      conversation.ask(asked.outcome === 'malformed' ? [] : asked.readings);
      const context = conversation.context(false);
      const answered = pnCm.dissect(hex(array(status, header('8008', '0100'))), context);
      const [reading] = answered.outcome === 'message' ? answered.readings : [];
      return reading && pnCm.observe?.(reading, context);
    };

    expect(observed('00000000', PUBLISHED[0])).toMatchObject([
      { kind: 'role', subject: 'sender', role: 'safety' },
      { kind: 'role', subject: 'receiver', role: 'safety' },
    ]);
    expect(observed('00b680df', PUBLISHED[0])).toEqual([]);
    expect(observed('00000000', '0440 0001 0001 0064 c0ff')).toEqual([]);
  });

  it('reads a connection', async () => {
    const session = await dissectCapture(pnCm, new URL('captures/connection.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/connection.golden.json');
  });
});
