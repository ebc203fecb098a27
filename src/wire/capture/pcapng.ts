import type { Micros } from '../../kit/time.ts';
import { fromWire, LONG_TEXT } from '../text.ts';
import { type Damage, type FormatReader, LONGEST_PACKET, type PacketSink, PacketWindow } from './packet-sink.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LONGEST_BLOCK = 16 * 1024 * 1024;
const LONGEST_OPTIONS = 64 * 1024;
const SMALLEST_BLOCK = 12;
const MOST_INTERFACES = 4096;
const MOST_FILTERS = 64;
const OPTION_END = 0;
const IF_TSRESOL = 9;
const IF_FILTER = 11;
const IF_TSOFFSET = 14;
const EPB_DROPCOUNT = 4;
const ISB_IFDROP = 5;

/** Each block kind that is read whole: everything else is skipped by its length, however long. */
const READ_WHOLE: ReadonlySet<number> = new Set([
  SECTION_HEADER,
  INTERFACE_DESCRIPTION,
  OBSOLETE_PACKET,
  SIMPLE_PACKET,
  INTERFACE_STATISTICS,
  ENHANCED_PACKET,
]);

interface CaptureInterface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly id: number;
  readonly clock: Clock;
  dropped: number;
}

/** How a time stamp of 64 bits becomes microseconds. */
interface Clock {
  /** Ticks per microsecond, where a microsecond has whole ticks; otherwise 0. */
  readonly ticksPerMicro: number;
  readonly ticksPerSecond: number;
  readonly offset: Micros;
}

export function isPcapng(view: DataView, start: number): boolean {
  return view.getUint32(start) === SECTION_HEADER;
}

/** PCAP Next Generation (draft-ietf-opsawg-pcapng): several sections, interfaces, clocks and byte orders in one file. */
export class PcapngReader implements FormatReader {
  damage: Damage | undefined;
  unfinished: string | undefined;
  readonly filters: string[] = [];
  interfaces = 0;
  private readonly sink: PacketSink;
  private readonly window = new PacketWindow();
  private littleEndian = true;
  private section: CaptureInterface[] = [];
  private lostBefore = 0;
  private toSkip = 0;
  private paused = false;
  private offset = 0;

  constructor(sink: PacketSink) {
    this.sink = sink;
  }

  get lost(): number {
    return this.lostBefore + this.section.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  consume(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    this.window.bytes = bytes;
    this.window.view = view;
    let at = start;
    this.paused = false;
    while (this.damage === undefined && !this.paused) {
      at = this.skip(at, end);
      if (end - at < SMALLEST_BLOCK) {
        break;
      }
      const next = this.readBlock(view, at, end, this.offset + at - start);
      if (next === at) {
        break;
      }
      at = next;
    }
    this.unfinished = at < end || this.toSkip > 0 ? 'the last block is cut short' : undefined;
    this.offset += at - start;
    return at;
  }

  pause(): void {
    this.paused = true;
  }

  /** Returns where the next block starts (or what is here of it, where it is skipped), or `at` while this one is not here yet. */
  private readBlock(view: DataView, at: number, end: number, offset: number): number {
    if (view.getUint32(at) === SECTION_HEADER) {
      const magic = view.getUint32(at + 8, true);
      if (magic !== BYTE_ORDER_MAGIC && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC) {
        return this.damaged(at, offset, 'a section has no byte order mark');
      }
      this.littleEndian = magic === BYTE_ORDER_MAGIC;
    }
    const kind = view.getUint32(at, this.littleEndian);
    const length = view.getUint32(at + 4, this.littleEndian);
    if (length < SMALLEST_BLOCK || length % 4 !== 0 || length > LONGEST_BLOCK) {
      return this.damaged(at, offset, `a block claims ${length} bytes`);
    }
    if (!READ_WHOLE.has(kind)) {
      this.toSkip = length;
      return this.skip(at, end);
    }
    if (length > LONGEST_PACKET + LONGEST_OPTIONS) {
      return this.damaged(at, offset, `a packet block claims ${length} bytes`);
    }
    if (at + length > end) {
      return at;
    }
    if (view.getUint32(at + length - 4, this.littleEndian) !== length) {
      return this.damaged(at, offset, 'a block ends with another length than it began with');
    }
    const wrong = this.readKnown(kind, view, at + 8, at + length - 4);
    return wrong === undefined ? at + length : this.damaged(at, offset, wrong);
  }

  private skip(at: number, end: number): number {
    const skipped = Math.min(this.toSkip, end - at);
    this.toSkip -= skipped;
    return at + skipped;
  }

  private damaged(at: number, offset: number, reason: string): number {
    this.damage = { offset, reason };
    return at;
  }

  /** Returns what is wrong with the block, if anything. */
  private readKnown(kind: number, view: DataView, at: number, end: number): string | undefined {
    switch (kind) {
      case SECTION_HEADER:
        this.lostBefore = this.lost;
        this.section = [];
        return undefined;
      case INTERFACE_DESCRIPTION:
        return this.readInterface(view, at, end);
      case ENHANCED_PACKET:
        return this.readEnhanced(view, at, end);
      case OBSOLETE_PACKET:
        return this.readObsolete(view, at, end);
      case SIMPLE_PACKET:
        return this.readSimple(view, at, end);
      default:
        this.readStatistics(view, at, end);
        return undefined;
    }
  }

  private readInterface(view: DataView, at: number, end: number): string | undefined {
    if (end - at < 8) {
      return 'an interface description is too short';
    }
    if (this.interfaces >= MOST_INTERFACES) {
      return `more than ${MOST_INTERFACES} interfaces`;
    }
    let resolution = 6;
    let offset = 0;
    this.eachOption(view, at + 8, end, (code, from, length) => {
      if (code === IF_TSRESOL && length >= 1) {
        resolution = view.getUint8(from);
      } else if (code === IF_TSOFFSET && length >= 8) {
        offset = Number(view.getBigInt64(from, this.littleEndian)) * 1e6;
      } else if (code === IF_FILTER && length > 1 && this.filters.length < MOST_FILTERS) {
        const bytes = new Uint8Array(view.buffer, view.byteOffset + from + 1, length - 1);
        this.filters.push(fromWire(bytes, 'utf-8', LONG_TEXT));
      }
    });
    this.section.push({
      linkType: view.getUint16(at, this.littleEndian),
      snapLength: view.getUint32(at + 4, this.littleEndian),
      id: this.interfaces++,
      clock: clockOf(resolution, offset),
      dropped: 0,
    });
    return undefined;
  }

  private readEnhanced(view: DataView, at: number, end: number): string | undefined {
    if (end - at < 20) {
      return 'a packet block is too short';
    }
    const { littleEndian } = this;
    const from = this.section[view.getUint32(at, littleEndian)];
    const captured = view.getUint32(at + 12, littleEndian);
    if (!from) {
      return 'a packet names an interface that was not described';
    }
    if (captured > end - at - 20) {
      return `a packet claims ${captured} bytes`;
    }
    const options = at + 20 + ((captured + 3) & ~3);
    if (options + 4 <= end) {
      this.eachOption(view, options, end, (code, value, length) => {
        if (code === EPB_DROPCOUNT && length >= 8) {
          from.dropped += Number(view.getBigUint64(value, littleEndian));
        }
      });
    }
    const time = microsOf(view.getUint32(at + 4, littleEndian), view.getUint32(at + 8, littleEndian), from.clock);
    this.emit(from, time, at + 20, captured, view.getUint32(at + 16, littleEndian));
    return undefined;
  }

  private readObsolete(view: DataView, at: number, end: number): string | undefined {
    if (end - at < 20) {
      return 'a packet block is too short';
    }
    const { littleEndian } = this;
    const from = this.section[view.getUint16(at, littleEndian)];
    const captured = view.getUint32(at + 12, littleEndian);
    if (!from) {
      return 'a packet names an interface that was not described';
    }
    if (captured > end - at - 20) {
      return `a packet claims ${captured} bytes`;
    }
    const drops = view.getUint16(at + 2, littleEndian);
    from.dropped += drops === 0xffff ? 0 : drops;
    const time = microsOf(view.getUint32(at + 4, littleEndian), view.getUint32(at + 8, littleEndian), from.clock);
    this.emit(from, time, at + 20, captured, view.getUint32(at + 16, littleEndian));
    return undefined;
  }

  private readSimple(view: DataView, at: number, end: number): string | undefined {
    const from = this.section[0];
    if (!from || end - at < 4) {
      return from ? 'a packet block is too short' : 'a packet before any interface description';
    }
    const original = view.getUint32(at, this.littleEndian);
    const captured = Math.min(original, from.snapLength || original);
    if (captured > end - at - 4) {
      return `a packet claims ${captured} bytes`;
    }
    this.emit(from, 0, at + 4, captured, original);
    return undefined;
  }

  private readStatistics(view: DataView, at: number, end: number): void {
    const from = end - at >= 12 ? this.section[view.getUint32(at, this.littleEndian)] : undefined;
    if (!from) {
      return;
    }
    this.eachOption(view, at + 12, end, (code, value, length) => {
      if (code === ISB_IFDROP && length >= 8) {
        from.dropped = Math.max(from.dropped, Number(view.getBigUint64(value, this.littleEndian)));
      }
    });
  }

  private emit(from: CaptureInterface, time: Micros, start: number, captured: number, original: number): void {
    const { window } = this;
    window.start = start;
    window.end = start + captured;
    window.original = Math.max(captured, original);
    window.time = time;
    window.linkType = from.linkType;
    window.interfaceId = from.id;
    window.frame++;
    this.sink.packet(window);
  }

  private eachOption(
    view: DataView,
    start: number,
    end: number,
    read: (code: number, at: number, length: number) => void,
  ): void {
    let at = start;
    const last = Math.min(end, start + LONGEST_OPTIONS);
    while (at + 4 <= last) {
      const code = view.getUint16(at, this.littleEndian);
      const length = view.getUint16(at + 2, this.littleEndian);
      if (code === OPTION_END || at + 4 + length > last) {
        return;
      }
      read(code, at + 4, length);
      at += 4 + ((length + 3) & ~3);
    }
  }
}

/** Section 4.2: the high bit says powers of two. */
function clockOf(resolution: number, offset: Micros): Clock {
  const exponent = resolution & 0x7f;
  const ticksPerSecond = resolution & 0x80 ? 2 ** exponent : 10 ** exponent;
  const whole = !(resolution & 0x80) && exponent >= 6 && exponent <= 15;
  return { ticksPerMicro: whole ? 10 ** (exponent - 6) : 0, ticksPerSecond, offset };
}

/** Exact for powers of ten: 64-bit nanoseconds do not fit a double, so the division is done in two halves. */
function microsOf(high: number, low: number, clock: Clock): Micros {
  const { ticksPerMicro, ticksPerSecond, offset } = clock;
  if (ticksPerMicro === 1) {
    return high * 0x1_0000_0000 + low + offset;
  }
  if (ticksPerMicro > 1) {
    const rest = (high % ticksPerMicro) * 0x1_0000_0000 + low;
    return Math.floor(high / ticksPerMicro) * 0x1_0000_0000 + Math.floor(rest / ticksPerMicro) + offset;
  }
  return Math.floor(((high * 0x1_0000_0000 + low) / ticksPerSecond) * 1e6) + offset;
}
