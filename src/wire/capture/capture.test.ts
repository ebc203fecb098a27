import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../../test/captures.ts';
import { CaptureReader } from './capture.ts';
import type { CapturedPacket, Damage } from './packet-sink.ts';

interface Read {
  readonly packets: {
    readonly time: number;
    readonly bytes: string;
    readonly original: number;
    readonly link: number;
    readonly at: number;
  }[];
  readonly damage: Damage | undefined;
  readonly lost: number;
  readonly filters: readonly string[];
}

/** Offers the file in pieces of the given size, the way a buffer is refilled. */
function read(file: Uint8Array, pieceLength = file.length || 1): Read {
  const packets: Read['packets'] = [];
  const reader = new CaptureReader({
    packet({ bytes, start, end, time, original, linkType, interfaceId }: CapturedPacket) {
      packets.push({ time, bytes: bytes.slice(start, end).toString(), original, link: linkType, at: interfaceId });
    },
  });
  let waiting = new Uint8Array(0);
  let offset = 0;
  for (let at = 0; at < file.length; at += pieceLength) {
    const offered = new Uint8Array([...waiting, ...file.subarray(at, at + pieceLength)]);
    const used = consumeAll(reader, offered);
    offset += used;
    waiting = offered.slice(used);
  }
  return { packets, damage: reader.endDamage(offset), lost: reader.lost, filters: reader.filters };
}

function consumeAll(reader: CaptureReader, offered: Uint8Array): number {
  const view = new DataView(offered.buffer);
  let at = 0;
  for (;;) {
    const next = reader.consume(offered, view, at, offered.length);
    if (next === at) {
      return at;
    }
    at = next;
  }
}

const le32 = (value: number) =>
  hex([0, 8, 16, 24].map((shift) => ((value >>> shift) & 255).toString(16).padStart(2, '0')).join(''));
const be32 = (value: number) => le32(value).toReversed();
const join = (...parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));

type Order = (value: number) => Uint8Array;

function pcap(order: Order, magic: number, records: readonly Uint8Array[], link = 1): Uint8Array {
  const version = order === le32 ? hex('0200 0400') : hex('0002 0004');
  return join(order(magic), version, order(0), order(0), order(65_535), order(link), ...records);
}

function record(
  order: Order,
  seconds: number,
  fraction: number,
  bytes: Uint8Array,
  claimed = bytes.length,
  original = claimed,
) {
  return join(order(seconds), order(fraction), order(claimed), order(original), bytes);
}

const FRAME = hex('0102030405060708');

describe('pcap', () => {
  it.each([
    { name: 'microseconds, little-endian', order: le32, magic: 0xa1b2c3d4, fraction: 250, micros: 250 },
    { name: 'microseconds, big-endian', order: be32, magic: 0xa1b2c3d4, fraction: 250, micros: 250 },
    { name: 'nanoseconds, little-endian', order: le32, magic: 0xa1b23c4d, fraction: 250_999, micros: 250 },
    { name: 'nanoseconds, big-endian', order: be32, magic: 0xa1b23c4d, fraction: 250_999, micros: 250 },
  ])('reads $name', ({ order, magic, fraction, micros }) => {
    const file = pcap(order, magic, [record(order, 1, fraction, FRAME), record(order, 0xffffffff, 0, FRAME)]);

    const { packets, damage } = read(file);

    expect(damage).toBeUndefined();
    // Seconds are unsigned: the second packet is of the year 2106, not of 1969.
    expect(packets.map(({ time }) => time)).toEqual([1e6 + micros, 0xffffffff * 1e6]);
    expect(packets[0]?.bytes).toBe(FRAME.toString());
  });

  it.each([
    { name: 'nothing', file: hex(''), packets: 0, damage: { offset: 0, reason: 'the file is empty' } },
    {
      name: 'two bytes',
      file: hex('d4c3'),
      packets: 0,
      damage: { offset: 0, reason: 'the file is too short to be a capture' },
    },
    {
      name: 'text',
      file: hex('68656c6c6f20776f726c64'),
      packets: 0,
      damage: { offset: 0, reason: 'this is no pcap or pcapng file' },
    },
    {
      name: 'a header cut short',
      file: pcap(le32, 0xa1b2c3d4, []).slice(0, 20),
      packets: 0,
      damage: { offset: 0, reason: 'the file header is cut short' },
    },
    { name: 'a header and no packet', file: pcap(le32, 0xa1b2c3d4, []), packets: 0, damage: undefined },
    {
      name: 'a packet of 4 GiB after a good one',
      file: pcap(le32, 0xa1b2c3d4, [record(le32, 1, 0, FRAME), record(le32, 1, 0, FRAME, 0xffffffff)]),
      packets: 1,
      damage: { offset: 48, reason: 'a packet claims 4294967295 bytes' },
    },
    {
      name: 'a last packet cut short',
      file: pcap(le32, 0xa1b2c3d4, [record(le32, 1, 0, FRAME), record(le32, 1, 0, FRAME, 100)]),
      packets: 1,
      damage: { offset: 48, reason: 'the last packet is cut short' },
    },
  ])('says what is wrong with $name, and keeps what came before', ({ file, packets, damage }) => {
    const result = read(file);

    expect(result.packets).toHaveLength(packets);
    expect(result.damage).toEqual(damage);
  });
});

const block = (order: Order, kind: number, body: Uint8Array): Uint8Array =>
  join(order(kind), order(body.length + 12), body, order(body.length + 12));
const section = (order: Order) =>
  block(
    order,
    0x0a0d0d0a,
    join(order(0x1a2b3c4d), order === le32 ? hex('01000000') : hex('00010000'), hex('ffffffffffffffff')),
  );
const option = (code: string, value: string) => {
  const bytes = hex(value);
  const length = bytes.length.toString(16).padStart(2, '0');
  return join(hex(`${code}00 ${length}00`), bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
};
const END = hex('00000000');
const describeInterface = (link: number, ...options: Uint8Array[]) =>
  block(
    le32,
    1,
    join(
      hex(`${link.toString(16).padStart(2, '0')}00 0000`),
      le32(0),
      ...options,
      ...(options.length > 0 ? [END] : []),
    ),
  );
const enhanced = (at: number, high: number, low: number, bytes: Uint8Array, ...options: Uint8Array[]) =>
  block(le32, 6, join(le32(at), le32(high), le32(low), le32(bytes.length), le32(bytes.length), bytes, ...options));

describe('pcapng', () => {
  const MICROS = 1_700_000_000_000_000;
  const high = Math.floor(MICROS / 2 ** 32);
  const low = MICROS % 2 ** 32;
  const nanos = 1_700_000_000_123_456_789n;

  it('reads several interfaces, each with its own link type and clock', () => {
    const file = join(
      section(le32),
      describeInterface(1),
      describeInterface(113, option('09', '09')),
      describeInterface(1, option('09', '8a'), option('0e', '0a00000000000000')),
      enhanced(0, high, low, FRAME),
      enhanced(1, Number(nanos >> 32n), Number(nanos & 0xffffffffn), FRAME),
      enhanced(2, 0, 1536, FRAME),
    );

    const { packets, damage } = read(file);

    expect(damage).toBeUndefined();
    expect(packets.map(({ time, link, at }) => ({ time, link, at }))).toEqual([
      { time: MICROS, link: 1, at: 0 },
      { time: 1_700_000_000_123_456, link: 113, at: 1 },
      // 1536 ticks of 2⁻¹⁰ s are 1.5 s, and the clock is 10 s late.
      { time: 11_500_000, link: 1, at: 2 },
    ]);
  });

  it('passes over what it does not need, reads simple and obsolete packets, and counts what the source lost', () => {
    const file = join(
      section(le32),
      describeInterface(1, option('0b', '00706f7274203530 32')),
      block(le32, 10, new Uint8Array(2_000_000)),
      block(le32, 3, join(le32(FRAME.length), FRAME)),
      block(le32, 2, join(hex('0000 0300'), le32(high), le32(low), le32(FRAME.length), le32(FRAME.length), FRAME)),
      enhanced(0, high, low, FRAME, option('04', '0200000000000000'), END),
    );

    const { packets, damage, lost, filters } = read(file, 4096);

    expect(damage).toBeUndefined();
    expect(packets).toHaveLength(3);
    expect(lost).toBe(5);
    expect(filters).toEqual(['port 502']);
  });

  it('begins anew with each section, in the byte order of that section', () => {
    const big = join(
      section(be32),
      block(be32, 1, join(hex('0065 0000'), be32(0))),
      block(be32, 6, join(be32(0), be32(high), be32(low), be32(FRAME.length), be32(FRAME.length), FRAME)),
    );
    const { packets, damage } = read(join(section(le32), describeInterface(1), enhanced(0, high, low, FRAME), big));

    expect(damage).toBeUndefined();
    expect(packets.map(({ link, at }) => [link, at])).toEqual([
      [1, 0],
      [101, 1],
    ]);
  });

  const good = join(section(le32), describeInterface(1), enhanced(0, high, low, FRAME));
  it.each([
    {
      name: 'an interface nobody described',
      tail: enhanced(7, high, low, FRAME),
      reason: 'a packet names an interface that was not described',
    },
    { name: 'a block length of 3', tail: join(le32(6), le32(3), new Uint8Array(8)), reason: 'a block claims 3 bytes' },
    {
      name: 'a block of 4 GiB',
      tail: join(le32(6), le32(0xfffffffc), new Uint8Array(8)),
      reason: 'a block claims 4294967292 bytes',
    },
    {
      name: 'two different lengths',
      tail: join(le32(6), le32(32), new Uint8Array(20), le32(36)),
      reason: 'a block ends with another length than it began with',
    },
    {
      name: 'a packet longer than its block',
      tail: block(le32, 6, join(le32(0), le32(0), le32(0), le32(99), le32(99))),
      reason: 'a packet claims 99 bytes',
    },
    { name: 'half a block', tail: join(le32(6), le32(400), new Uint8Array(8)), reason: 'the last block is cut short' },
  ])('stops at $name and keeps what came before', ({ tail, reason }) => {
    expect(read(join(good, tail))).toMatchObject({ packets: [{}], damage: { offset: good.length, reason } });
  });
});

it('reads the same whatever pieces a file comes in', () => {
  const files = [
    pcap(
      le32,
      0xa1b2c3d4,
      Array.from({ length: 5 }, (_, at) => record(le32, at, at, FRAME.slice(0, at + 1))),
    ),
    join(
      section(le32),
      describeInterface(1),
      ...Array.from({ length: 5 }, (_, at) => enhanced(0, 1, at, FRAME.slice(0, at))),
    ),
  ];
  for (const file of files) {
    const whole = read(file);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), (size) => {
        expect(read(file, size)).toEqual(whole);
      }),
    );
  }
});

it('never throws, whatever bytes are damaged', () => {
  const file = join(
    section(le32),
    describeInterface(1, option('09', '09')),
    ...Array.from({ length: 4 }, (_, at) => enhanced(0, 1, at, FRAME)),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const damaged = file.slice();
      for (const [at, value] of changes) {
        damaged[at] = value;
      }
      read(damaged);
    }),
    { numRuns: 2000 },
  );
});
