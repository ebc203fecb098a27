import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { powerlink } from './powerlink.ts';

const ethernet = { transport: 'ethernet' } as const;
const context = new TestConversation(ethernet).context(true);
const command = (id: string) => `06 03 f0 04 ${id} 00`;
const transfer = (id: string, data = '') => `06 03 f0 05 06060000 00 01 00 ${id} ${size(data)} 0000 ${data}`;

function size(data: string): string {
  return `${hex(data).length.toString(16).padStart(2, '0')}00`;
}

describe('powerlink', () => {
  it.each([
    { name: 'the start of a cycle', bytes: `01 ff f0 00 00 00 ${'00'.repeat(16)}`, effect: 'report' },
    { name: 'a poll request', bytes: '03 03 f0 00 01 00 10 00 0200 0102', effect: 'report' },
    { name: 'a poll response', bytes: '04 ff 03 fd 01 00 10 00 0200 0102', effect: 'report' },
    { name: 'no service asked for', bytes: '05 ff f0 1d 00 00 00 00 20', effect: 'report' },
    { name: 'an identity asked for', bytes: '05 ff f0 1d 00 00 01 03 20', effect: 'discover' },
    { name: 'a status asked for', bytes: '05 ff f0 1d 00 00 02 03 20', effect: 'read' },
    { name: 'a turn to send', bytes: '05 ff f0 1d 00 00 ff 03 20', effect: 'session' },
    { name: 'a status', bytes: '06 ff 03 02 00 00 1d 00', effect: 'read' },
    { name: 'a command asked for', bytes: '06 f0 03 03 28 03', effect: 'control' },
    { name: 'a node started', bytes: command('21'), effect: 'control' },
    { name: 'a node stopped', bytes: command('22'), effect: 'control' },
    { name: 'pre-operational', bytes: command('23'), effect: 'control' },
    { name: 'ready to operate', bytes: command('24'), effect: 'control' },
    { name: 'a node reset', bytes: command('28'), effect: 'control' },
    { name: 'communication reset', bytes: command('29'), effect: 'control' },
    { name: 'configuration reset', bytes: command('2a'), effect: 'control' },
    { name: 'software reset', bytes: command('2b'), effect: 'control' },
    { name: 'a list of nodes stopped', bytes: command('42'), effect: 'control' },
    { name: 'a host name', bytes: command('62'), effect: 'configure' },
    { name: 'addresses flushed', bytes: command('63'), effect: 'configure' },
    { name: 'node information', bytes: command('90'), effect: 'report' },
    { name: 'a command we do not know', bytes: command('01'), effect: 'unknown' },
    { name: 'a connection', bytes: '06 03 f0 05 00010000', effect: 'session' },
    { name: 'an object written', bytes: transfer('01', '0610 00 00 d0070000'), effect: 'configure' },
    { name: 'an object read', bytes: transfer('02', '1810 04 00'), effect: 'read' },
    { name: 'all of an object written', bytes: transfer('03', '1810 00 00'), effect: 'configure' },
    { name: 'all of an object read', bytes: transfer('04', '1810 00 00'), effect: 'read' },
    { name: 'an object written by name', bytes: transfer('05', '61'), effect: 'configure' },
    { name: 'an object read by name', bytes: transfer('06', '61'), effect: 'read' },
    { name: 'a file written', bytes: transfer('20', '61'), effect: 'firmware' },
    { name: 'a file read', bytes: transfer('21', '61'), effect: 'read' },
    { name: 'several objects written', bytes: transfer('31', '61'), effect: 'configure' },
    { name: 'several objects read', bytes: transfer('32', '61'), effect: 'read' },
    { name: 'a segment size', bytes: transfer('70', '00'), effect: 'session' },
    { name: 'a transfer we do not know', bytes: transfer('7f', '00'), effect: 'unknown' },
    { name: 'a service of the maker', bytes: '06 03 f0 a0 01', effect: 'unknown' },
    { name: 'a managing node', bytes: '07 ff f0', effect: 'report' },
    { name: 'an invitation', bytes: '0d 03 f0', effect: 'session' },
    { name: 'a frame we do not know', bytes: '0e 03 f0', effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(powerlink.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'half a cycle', bytes: '01 ff f0 00 00 00 00', outcome: 'truncated' },
    { name: 'process data one too short', bytes: '03 03 f0 00 01 00 10 00 0300 0102', outcome: 'truncated' },
    { name: 'process data of the largest size', bytes: '04 ff 03 fd 01 00 10 00 ffff 0102', outcome: 'truncated' },
    { name: 'no process data', bytes: '03 03 f0 00 01 00 10 00 0000', outcome: 'message' },
    { name: 'an identity cut short', bytes: '06 ff 03 01 00 00 1d', outcome: 'truncated' },
    {
      name: 'a transfer one too long',
      bytes: '06 03 f0 05 06060000 00 01 00 02 0500 0000 1810 04 00',
      outcome: 'truncated',
    },
    {
      name: 'an index cut short',
      bytes: '06 03 f0 05 06060000 00 01 00 02 0200 0000 1810 04 00',
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(powerlink.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  // Node 3 answers polls with process data: address 0x12, length 1, a time, one byte, the CRC of these; then the second part.
  const FRAMES = ['12c00101 01 52', '12c00102 01 46', '12c00103 01 af', '12c00104 01 6e', '12c00105 01 87'];

  it.each([
    { name: 'frames of growing time at one place', frames: [...FRAMES, ...FRAMES], safety: true },
    { name: 'too few frames', frames: FRAMES.slice(1), safety: false },
    { name: 'the same frame again and again', frames: FRAMES.map(() => FRAMES[0] ?? ''), safety: false },
    { name: 'frames whose CRC is wrong', frames: FRAMES.map((frame) => frame.replace('c0', 'c4')), safety: false },
    { name: 'frames of services', frames: FRAMES.map((frame) => frame.replace('c0', 'e0')), safety: false },
  ])('takes $name for openSAFETY: $safety', ({ frames, safety }) => {
    const cycle = new TestConversation(ethernet).context(true);
    const observed = frames.flatMap((frame) => {
      const dissection = powerlink.dissect(hex(`04 ff 03 fd 01 00 10 00 1100 ffff ${frame} 000000000000000000`), cycle);
      const [reading] = dissection.outcome === 'message' ? dissection.readings : [];
      return reading ? (powerlink.observe?.(reading, cycle) ?? []) : [];
    });

    expect(observed.map((one) => (one.kind === 'role' ? one.role : one.kind))).toEqual(safety ? ['safety'] : []);
  });

  it('is recognised by EtherType, and on UDP by its port and service', () => {
    const look = (bytes: string, destinationPort: number) =>
      powerlink.recognise(
        Reader.of(hex(bytes)),
        new TestConversation({ transport: 'udp', destinationPort }).context(true),
      );

    expect(powerlink.recognise(Reader.of(hex('01 ff f0 00')), context)).toBe('strong');
    expect(powerlink.recognise(Reader.of(hex('55 ff f0 00')), context)).toBe('no');
    expect(look('06 00 00 05 00010000', 3819)).toBe('weak');
    expect(look('06 00 00 05 00010000', 3820)).toBe('no');
    expect(look('01 ff f0 00', 3819)).toBe('no');
  });

  it('reads how a managing node starts a node', async () => {
    const session = await dissectCapture(powerlink, new URL('captures/start-up.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/start-up.golden.json');
  });
});
