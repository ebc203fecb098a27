import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { synchrophasor } from './synchrophasor.ts';

const context = new TestConversation().context(true);
const TIME = '6553f100 0007a120';
const command = (number: string, check = '0000') => `aa42 0012 0007 ${TIME} ${number} ${check}`;
/** One station with one phasor. */
const STATION = `${'4e'.repeat(16)} 0007 0006 0001 0000 0000 ${'41'.repeat(16)} 00000001 0001 0003`;
const configuration = (size: string, count: string) =>
  `aa32 ${size} 0007 ${TIME} 000f4240 ${count} ${STATION} 0032 0000`;

describe('synchrophasor', () => {
  it.each([
    { name: 'data stopped', bytes: command('0001'), direction: 'request', effect: 'session' },
    { name: 'data started', bytes: command('0002'), direction: 'request', effect: 'session' },
    { name: 'the header asked for', bytes: command('0003'), direction: 'request', effect: 'discover' },
    { name: 'configuration 1 asked for', bytes: command('0004'), direction: 'request', effect: 'discover' },
    { name: 'configuration 2 asked for', bytes: command('0005'), direction: 'request', effect: 'discover' },
    { name: 'configuration 3 asked for', bytes: command('0006'), direction: 'request', effect: 'discover' },
    { name: 'an extended command', bytes: command('0008'), direction: 'request', effect: 'unknown' },
    { name: 'a command we do not know', bytes: command('0100'), direction: 'request', effect: 'unknown' },
    { name: 'data', bytes: `aa02 0012 0007 ${TIME} 0000 0000`, direction: 'report', effect: 'report' },
    { name: 'a header', bytes: `aa12 0012 0007 ${TIME} 4142 0000`, direction: 'report', effect: 'discover' },
    { name: 'a configuration', bytes: configuration('004a', '0001'), direction: 'report', effect: 'discover' },
  ])('reports $name', ({ bytes, direction, effect }) => {
    expect(synchrophasor.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'half a header', bytes: 'aa42 0012 0007', outcome: 'truncated' },
    { name: 'another mark', bytes: `ab42 0012 0007 ${TIME} 0001 0000`, outcome: 'malformed' },
    { name: 'a type we do not know', bytes: `aa62 0012 0007 ${TIME} 0001 0000`, outcome: 'malformed' },
    { name: 'a size of nothing', bytes: `aa42 0000 0007 ${TIME} 0001 0000`, outcome: 'malformed' },
    { name: 'a command one too small', bytes: `aa42 0011 0007 ${TIME} 0001 0000`, outcome: 'truncated' },
    { name: 'a command one too large', bytes: `aa42 0013 0007 ${TIME} 0001 0000`, outcome: 'truncated' },
    { name: 'the largest size', bytes: `aa42 ffff 0007 ${TIME} 0001 0000`, outcome: 'truncated' },
    { name: 'data of nothing', bytes: `aa02 0010 0007 ${TIME} 0000`, outcome: 'message' },
    { name: 'no station', bytes: `aa32 0018 0007 ${TIME} 000f4240 0000 0032 0000`, outcome: 'message' },
    { name: 'a station too few', bytes: configuration('004a', '0002'), outcome: 'truncated' },
    { name: 'stations without end', bytes: configuration('004a', 'ffff'), outcome: 'truncated' },
    { name: 'a configuration one too small', bytes: configuration('0049', '0001'), outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(synchrophasor.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'one byte', bytes: 'aa', length: MORE },
    { name: 'no size yet', bytes: 'aa4200', length: MORE },
    { name: 'a whole header', bytes: 'aa420012', length: 18 },
    { name: 'a size that no frame has', bytes: 'aa42000f', length: NOT_MINE },
    { name: 'a type that no frame has', bytes: 'aa72', length: NOT_MINE },
    { name: 'another mark', bytes: '55', length: NOT_MINE },
  ])('cuts after $name', ({ bytes, length }) => {
    expect(synchrophasor.cut?.(Reader.of(hex(bytes)), context)).toBe(length);
  });

  it('is sure only of a sound check sum, and without one only on its port', () => {
    const look = (bytes: string, destinationPort: number) =>
      synchrophasor.recognise(
        Reader.of(hex(bytes)),
        new TestConversation({ transport: 'udp', destinationPort }).context(true),
      );
    // CRC-CCITT of the sixteen bytes before it.
    const sound = command('0001', '6837');

    expect(look(sound, 9999)).toBe('strong');
    expect(look(command('0001'), 9999)).toBe('no');
    expect(look(command('0001'), 4713)).toBe('weak');
    expect(look('aa42 0012', 4713)).toBe('no');
  });

  it('reads a PMU and a concentrator', async () => {
    const session = await dissectCapture(synchrophasor, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
