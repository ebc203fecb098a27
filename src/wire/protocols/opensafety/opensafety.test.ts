import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { opensafety } from './opensafety.ts';

const udp = { transport: 'udp', destinationPort: 9877 } as const;
const context = new TestConversation(udp).context(true);
/** Second part of a frame of one byte: only its room matters. */
const SECOND = '00 00 00 00 00 00 00';

describe('opensafety', () => {
  it.each([
    { name: 'safety data', bytes: `12c00101 01 52 ${SECOND}`, effect: 'report' },
    { name: 'safety service', bytes: `12e00101 01 be ${SECOND}`, effect: 'unknown' },
    { name: 'safety network management', bytes: `12a00101 01 49 ${SECOND}`, effect: 'unknown' },
    { name: 'safety data', bytes: `0000 12c00101 01 52 ${SECOND} 00`, effect: 'report' },
  ])('marks $name', ({ name, bytes, effect }) => {
    expect(opensafety.recognise(Reader.of(hex(bytes)), context)).toBe('weak');
    expect(opensafety.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name, effect }, fields: { address: 0x12, length: 1 } }],
    });
  });

  it.each([
    { name: 'nothing', bytes: '' },
    { name: 'another CRC', bytes: `12c00101 01 53 ${SECOND}` },
    { name: 'another id', bytes: `12800101 01 a5 ${SECOND}` },
    { name: 'no data', bytes: `12c00001 20 ${SECOND}` },
    { name: 'more data than bytes', bytes: `12c0ff01 01 66 ${SECOND}` },
    { name: 'a second part cut short', bytes: `12c00101 01 52 ${SECOND.slice(3)}` },
  ])('leaves $name alone', ({ bytes }) => {
    expect(opensafety.recognise(Reader.of(hex(bytes)), context)).toBe('no');
    expect(opensafety.dissect(hex(bytes), context).outcome).toBe('malformed');
  });

  it('looks at its own ports only', () => {
    const elsewhere = new TestConversation({ transport: 'udp', destinationPort: 47808 }).context(true);

    expect(opensafety.recognise(Reader.of(hex(`12c00101 01 52 ${SECOND}`)), elsewhere)).toBe('no');
  });

  it('reads nodes', async () => {
    const session = await dissectCapture(opensafety, new URL('captures/nodes.txt', import.meta.url), udp);
    await expect(session).toMatchFileSnapshot('captures/nodes.golden.json');
  });
});
