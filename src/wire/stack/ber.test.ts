import { describe, expect, it } from 'vitest';
import { hex } from '../../../test/captures.ts';
import { Reader } from '../reader.ts';
import { Ber, berSpan, oidText, Tag } from './ber.ts';

describe('Ber', () => {
  it.each([
    { name: 'an integer', bytes: '02 01 05', value: 5 },
    { name: 'a negative integer', bytes: '02 02 ff7f', value: -129 },
    { name: 'an integer with leading zeros', bytes: '02 05 00ffffffff', value: 0xffffffff },
    { name: 'a long length', bytes: '02 82 0001 7f', value: 127 },
    { name: 'no octet', bytes: '02 00', value: 0 },
  ])('reads $name', ({ bytes, value }) => {
    expect(cursor(bytes).expect(Tag.integer).integer()).toBe(value);
  });

  it.each([
    { name: 'of two octets', bytes: 'bf4d 00', tag: 0xbf4d },
    { name: 'of four octets', bytes: 'bfffff7f 00', tag: 0xbfffff7f },
  ])('reads a tag $name', ({ bytes, tag }) => {
    const ber = cursor(bytes);

    expect([ber.next(), ber.tag]).toEqual([true, tag]);
  });

  it('walks nested elements and comes back', () => {
    const outer = cursor('30 08  30 03 020101  04 01 41  0500');
    const sequence = outer.expect(Tag.sequence).children();

    expect(sequence.expect(Tag.sequence).children().expect(Tag.integer).integer()).toBe(1);
    expect(sequence.optional(Tag.null)).toBe(false);
    expect(sequence.expect(Tag.octetString).text()).toBe('A');
    expect([sequence.next(), outer.next(), outer.tag, outer.next()]).toEqual([false, true, Tag.null, false]);
  });

  it('finds the end of an element of indefinite length', () => {
    const outer = cursor('30 80  a0 80 020107 0000  0500  0000  0101ff');
    const sequence = outer.expect(Tag.sequence).children();

    expect(sequence.expect(0xa0).children().expect(Tag.integer).integer()).toBe(7);
    expect([sequence.next(), sequence.tag, sequence.next()]).toEqual([true, Tag.null, false]);
    expect(outer.expect(Tag.boolean).boolean()).toBe(true);
  });

  it.each([
    { name: 'nothing', bytes: '' },
    { name: 'a tag', bytes: '30' },
    { name: 'a tag of two octets cut short', bytes: 'bf' },
    { name: 'a length cut short', bytes: '30 82 01' },
    { name: 'contents cut short', bytes: '30 03 0201' },
    { name: 'contents of indefinite length cut short', bytes: '30 80 0201' },
  ])('calls $name truncated', ({ bytes }) => {
    const reader = Reader.of(hex(bytes));
    const ber = Ber.of(reader, 0);
    ber.expect(ber.peekTag() || Tag.sequence);

    expect({ truncated: reader.truncated, problem: ber.problem }).toEqual({ truncated: true, problem: undefined });
  });

  it.each([
    { name: 'an element longer than what holds it', bytes: '30 03 02 02 05 05', problem: 'longer than' },
    { name: 'a tag longer than what holds it', bytes: '30 02 5f00', problem: 'longer than' },
    { name: 'another tag', bytes: '30 02 0500', problem: 'tag 0x05 where 0x02' },
    { name: 'too few elements', bytes: '30 00', problem: 'missing' },
    { name: 'an oversized length', bytes: '30 87 01010101010101', problem: 'length' },
    { name: 'a primitive of indefinite length', bytes: '30 02 0280', problem: 'primitive' },
    { name: 'an oversized tag', bytes: '30 06 bfffffffff00', problem: 'tag of' },
  ])('calls $name a problem', ({ bytes, problem }) => {
    const ber = cursor(bytes);
    ber.expect(Tag.sequence).children().expect(Tag.integer);

    expect(ber.problem).toContain(problem);
  });

  it.each([
    { name: 'definite', bytes: '3082ffff'.repeat(40) },
    { name: 'indefinite', bytes: '3080'.repeat(40) },
  ])('stops at nested elements of $name length', ({ bytes }) => {
    const reader = Reader.of(hex(bytes));
    let ber = Ber.of(reader, 0);
    while (ber.next()) {
      ber = ber.children();
    }

    expect(reader.exhausted || ber.problem !== undefined).toBe(true);
  });

  it.each([
    { bytes: '17 0d 3730303130313030303030305a', time: 0 },
    { bytes: '17 0d 3439313233313233353935395a', time: Date.UTC(2049, 11, 31, 23, 59, 59) * 1000 },
    { bytes: '18 12 31393730303130313030303030302e32355a', time: 250_000 },
    { bytes: '18 13 31393730303130313031303030302b30313030', time: 0 },
    { bytes: '18 0e 3139373030313031303030303030', time: undefined },
  ])('reads the time of $bytes', ({ bytes, time }) => {
    const ber = cursor(bytes);
    ber.next();

    expect(ber.time()).toBe(time);
  });
});

it.each([
  { bytes: '2b 06 01 02 01', text: '1.3.6.1.2.1' },
  { bytes: '88 37 03', text: '2.999.3' },
  { bytes: '', text: '' },
])('writes object identifier $text', ({ bytes, text }) => {
  expect(oidText(hex(bytes))).toBe(text);
});

it.each([
  { bytes: '', span: 0 },
  { bytes: '30', span: 0 },
  { bytes: '30 05', span: 7 },
  { bytes: '30 82 01', span: 0 },
  { bytes: '30 82 0100', span: 260 },
  { bytes: 'bf4d 03', span: 6 },
  { bytes: '30 80', span: -1 },
  { bytes: '30 88', span: -1 },
])('spans $span octets from $bytes', ({ bytes, span }) => {
  expect(berSpan(Reader.of(hex(bytes)))).toBe(span);
});

function cursor(bytes: string): Ber {
  return Ber.of(Reader.of(hex(bytes)), 0);
}
