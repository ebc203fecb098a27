import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ethercat } from './ethercat.ts';

const ethernet = { transport: 'ethernet' } as const;
const context = new TestConversation(ethernet).context(true);

/** A frame of one datagram. */
function frame(command: string, address: string, data: string, counter = '0000'): Uint8Array {
  const length = hex(data).length;
  const size = (value: number) => value.toString(16).padStart(2, '0');
  return hex(`${size(12 + length)}10 ${command} 07 ${address} ${size(length)}00 0000 ${data} ${counter}`);
}

const object = (command: string) => `0a00 0000 00 13 0020 ${command} 0070 01 00000000`;

describe('ethercat', () => {
  it.each([
    { name: 'nothing', bytes: frame('00', '0000 0000', ''), effect: 'report' },
    { name: 'a read by position', bytes: frame('01', 'ffff 0011', '0000'), effect: 'read' },
    { name: 'a write by position', bytes: frame('02', 'ffff 0011', '0100'), effect: 'write' },
    { name: 'both by position', bytes: frame('03', 'ffff 0011', '0100'), effect: 'write' },
    { name: 'a read by station', bytes: frame('04', 'e903 0011', '0000'), effect: 'read' },
    { name: 'a write by station', bytes: frame('05', 'e903 0011', '0100'), effect: 'write' },
    { name: 'both by station', bytes: frame('06', 'e903 0011', '0100'), effect: 'write' },
    { name: 'a broadcast read', bytes: frame('07', '0000 3001', '0000'), effect: 'read' },
    { name: 'a broadcast write of the state', bytes: frame('08', '0000 2001', '0200'), effect: 'control' },
    { name: 'both by broadcast', bytes: frame('09', '0000 0011', '0000'), effect: 'write' },
    { name: 'a logical read', bytes: frame('0a', '0000 0100', '0000'), effect: 'report' },
    { name: 'a logical write', bytes: frame('0b', '0000 0100', '0000'), effect: 'report' },
    { name: 'both, logical', bytes: frame('0c', '0000 0100', '0000'), effect: 'report' },
    { name: 'time by position', bytes: frame('0d', '0000 1009', '0000'), effect: 'report' },
    { name: 'time by station', bytes: frame('0e', 'e903 1009', '0000'), effect: 'report' },
    { name: 'a command we do not know', bytes: frame('0f', '0000 0000', ''), effect: 'unknown' },
    { name: 'type and revision', bytes: frame('04', 'e903 0000', '0000'), effect: 'discover' },
    { name: 'a station address', bytes: frame('02', 'ffff 1000', 'e903'), effect: 'configure' },
    { name: 'a reset', bytes: frame('05', 'e903 4000', '52'), effect: 'control' },
    { name: 'the ports', bytes: frame('05', 'e903 0101', '00'), effect: 'configure' },
    { name: 'a state for one device', bytes: frame('05', 'e903 2001', '0800'), effect: 'control' },
    { name: 'a word of the EEPROM', bytes: frame('05', 'e903 0205', '0001 08000000'), effect: 'discover' },
    { name: 'a word of the EEPROM written', bytes: frame('05', 'e903 0205', '0102 04000000'), effect: 'configure' },
    { name: 'a mapping', bytes: frame('05', 'e903 0006', '00'), effect: 'configure' },
    { name: 'a sync manager', bytes: frame('05', 'e903 0008', '00'), effect: 'configure' },
    { name: 'a clock', bytes: frame('05', 'e903 2009', '00'), effect: 'configure' },
    { name: 'an object read', bytes: frame('05', 'e903 0010', object('40')), effect: 'read' },
    { name: 'an object written', bytes: frame('05', 'e903 0010', object('2f')), effect: 'configure' },
    { name: 'a transfer given up', bytes: frame('05', 'ea03 0010', object('80')), effect: 'session' },
    { name: 'objects listed', bytes: frame('05', 'e903 0010', '0600 0000 00 13 0080 01 00 0000'), effect: 'discover' },
    { name: 'process data by mailbox', bytes: frame('05', 'e903 0010', '0300 0000 00 13 0050 01'), effect: 'report' },
    { name: 'a file asked for', bytes: frame('05', 'e903 0010', '0700 0000 00 14 01 00 00000000 61'), effect: 'read' },
    { name: 'a file sent', bytes: frame('05', 'e903 0010', '0700 0000 00 14 02 00 00000000 61'), effect: 'firmware' },
    {
      name: 'data of a file',
      bytes: frame('05', 'e903 0010', '0700 0000 00 14 03 00 01000000 61'),
      effect: 'firmware',
    },
    { name: 'a drive read', bytes: frame('05', 'e903 0010', '0400 0000 00 15 01 40 2400'), effect: 'read' },
    {
      name: 'a drive written',
      bytes: frame('05', 'e903 0010', '0600 0000 00 15 03 40 2400 0100'),
      effect: 'configure',
    },
    { name: 'Ethernet in a mailbox', bytes: frame('05', 'e903 0010', '0400 0000 00 12 00000000'), effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(ethercat.dissect(bytes, context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a length of no datagram', bytes: '0010', outcome: 'truncated' },
    { name: 'a length one too small', bytes: '0d10 07 01 0000 3001 0200 0000 0000 0000', outcome: 'truncated' },
    { name: 'a length one too large', bytes: '0f10 07 01 0000 3001 0200 0000 0000 0000', outcome: 'truncated' },
    { name: 'the largest length', bytes: 'ff17 07 01 0000 3001 0200 0000 0000 0000', outcome: 'truncated' },
    { name: 'data one too long', bytes: '0e10 07 01 0000 3001 0300 0000 0000 0000', outcome: 'truncated' },
    { name: 'data of the largest length', bytes: '0e10 07 01 0000 3001 ff07 0000 0000 0000', outcome: 'truncated' },
    { name: 'no data', bytes: '0c10 07 01 0000 3001 0000 0000 0000', outcome: 'message' },
    { name: 'a datagram that never comes', bytes: '0e10 07 01 0000 3001 0280 0000 0000 0000', outcome: 'truncated' },
    { name: 'reserved bits', bytes: '0e10 07 01 0000 3001 0208 0000 0000 0000', outcome: 'malformed' },
    { name: 'padding', bytes: `0e10 07 01 0000 3001 0200 0000 0000 0000 ${'00'.repeat(30)}`, outcome: 'message' },
    { name: 'another type', bytes: '0e20 07 01 0000 3001 0200 0000 0000 0000', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ethercat.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'leaves', bytes: frame('04', 'e903 3001', '0000'), direction: 'request' },
    { name: 'returns', bytes: frame('04', 'e903 3001', '0800', '0100'), direction: 'response' },
    { name: 'leaves by position', bytes: frame('01', 'ffff 3001', '0000'), direction: 'request' },
    { name: 'returns unanswered', bytes: frame('01', '0100 3001', '0000'), direction: 'response' },
  ])('knows a frame that $name', ({ bytes, direction }) => {
    expect(ethercat.dissect(bytes, context)).toMatchObject({ readings: [{ direction }] });
  });

  it('takes process data for no mailbox', () => {
    const [one, other] = ['0200 0000 00 13 ffff', '0800 0000 00 13 0020'];

    expect(ethercat.dissect(frame('05', 'e903 0011', one), context)).toMatchObject({
      readings: [{ operation: { name: 'write registers' } }],
    });
    expect(ethercat.dissect(frame('05', 'e903 0011', other), context)).toMatchObject({
      readings: [{ operation: { name: 'write registers' } }],
    });
  });

  it('is recognised by EtherType, and on UDP by its port and length', () => {
    const bytes = frame('07', '0000 3001', '0000');
    const datagram = (destinationPort: number) =>
      new TestConversation({ transport: 'udp', destinationPort }).context(true);

    expect(ethercat.recognise(Reader.of(bytes), context)).toBe('strong');
    expect(ethercat.recognise(Reader.of(bytes), datagram(34980))).toBe('weak');
    expect(ethercat.recognise(Reader.of(bytes), datagram(34981))).toBe('no');
    expect(ethercat.recognise(Reader.of(bytes.subarray(0, 9)), datagram(34980))).toBe('no');
  });

  it('reads how a master brings up two devices', async () => {
    const session = await dissectCapture(ethercat, new URL('captures/bring-up.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/bring-up.golden.json');
  });
});
