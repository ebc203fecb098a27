import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { sercos } from './sercos.ts';

const ethernet = { transport: 'ethernet' } as const;
const CRC = '1eaba15c';
const ring = () => new TestConversation(ethernet).context(true);

describe('sercos', () => {
  it.each([
    { name: 'find devices', bytes: `00 00 ${CRC} 03000100`, effect: 'discover' },
    { name: 'find devices', bytes: `40 00 ${CRC} 0200 0500 ffff`, effect: 'discover' },
    { name: 'initialise', bytes: `40 01 ${CRC}`, effect: 'session' },
    { name: 'initialise', bytes: `00 03 ${CRC}`, effect: 'session' },
    { name: 'change communication phase', bytes: `00 84 ${CRC}`, effect: 'control' },
    { name: 'cyclic data', bytes: `00 04 ${CRC}`, effect: 'report' },
    { name: 'cyclic data', bytes: `e1 34 ${CRC}`, effect: 'report' },
    { name: 'unknown phase', bytes: `00 05 ${CRC}`, effect: 'unknown' },
  ])('reads $name', ({ name, bytes, effect }) => {
    expect(sercos.dissect(hex(bytes), ring())).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name, effect } }],
    });
  });

  it.each([
    { name: 'open parameter', control: '0b00', effect: 'session' },
    { name: 'read parameter', control: '3800', effect: 'read' },
    { name: 'write parameter', control: '3a00', effect: 'configure' },
  ])('reads $name in a service channel, and once only', ({ name, control, effect }) => {
    const context = ring();
    const bytes = hex(`00 02 ${CRC} 0000 00000000 ${control} 10040000`);

    expect(sercos.dissect(bytes, context)).toMatchObject({
      outcome: 'message',
      readings: [{}, { direction: 'request', operation: { name, effect }, target: 'device 1' }],
    });
    expect(sercos.dissect(bytes, context)).toMatchObject({ readings: [{ operation: { name: 'initialise' } }] });
  });

  it.each([
    { parameter: '10040000', text: 'S-0-1040.0.0' },
    { parameter: '07a00301', text: 'P-2-0007.1.3' },
    { parameter: 'ffffffff', text: 'P-7-4095.255.255' },
  ])('writes a parameter as $text', ({ parameter, text }) => {
    expect(sercos.dissect(hex(`00 01 ${CRC} 0b00 ${parameter}`), ring())).toMatchObject({
      readings: [{}, { fields: { parameter: text } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a header cut short', bytes: '00 04 1eaba1', outcome: 'truncated' },
    { name: 'no version', bytes: `00 00 ${CRC} 0300`, outcome: 'truncated' },
    { name: 'no device', bytes: `40 00 ${CRC} 0100`, outcome: 'message' },
    { name: 'not even a count of one', bytes: `40 00 ${CRC} 0000`, outcome: 'message' },
    { name: 'one device too many', bytes: `40 00 ${CRC} 0300 0100`, outcome: 'truncated' },
    { name: 'the largest count', bytes: `40 00 ${CRC} ffff 0100`, outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(sercos.dissect(hex(bytes), ring()).outcome).toBe(outcome);
  });

  it('is recognised by its phase', () => {
    const look = (bytes: string) => sercos.recognise(Reader.of(hex(bytes)), ring());

    expect([`00 04 ${CRC}`, `00 05 ${CRC}`, '00 04'].map(look)).toEqual(['strong', 'no', 'no']);
  });

  it('reads a ring that starts', async () => {
    const session = await dissectCapture(sercos, new URL('captures/ring.txt', import.meta.url), ethernet);
    await expect(session).toMatchFileSnapshot('captures/ring.golden.json');
  });
});
