import { type Damage, type FormatReader, LONGEST_PACKET, type PacketSink, PacketWindow } from './packet-sink.ts';

/** Magic numbers as they read in big-endian order: microseconds, nanoseconds, and Kuznetzov's longer record header. */
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const EXTENDED = 0xa1b2cd34;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const EXTENDED_RECORD_HEADER = 24;

export function isPcap(view: DataView, start: number): boolean {
  const magics = [MICROSECONDS, NANOSECONDS, EXTENDED];
  return magics.includes(view.getUint32(start)) || magics.includes(view.getUint32(start, true));
}

/** The format of libpcap (draft-ietf-opsawg-pcap): four common magics, seconds unsigned. */
export class PcapReader implements FormatReader {
  damage: Damage | undefined;
  unfinished: string | undefined;
  readonly lost = 0;
  readonly filters: readonly string[] = [];
  interfaces = 0;
  private readonly sink: PacketSink;
  private readonly window = new PacketWindow();
  private littleEndian = false;
  private perMicrosecond = 1;
  private recordHeader = RECORD_HEADER;
  private begun = false;
  private paused = false;
  private offset = 0;

  constructor(sink: PacketSink) {
    this.sink = sink;
  }

  consume(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    let at = start;
    if (!this.begun) {
      this.unfinished = 'the file header is cut short';
      if (end - at < FILE_HEADER) {
        return at;
      }
      this.readFileHeader(view, at);
      at += FILE_HEADER;
    }
    this.window.bytes = bytes;
    this.window.view = view;
    this.paused = false;
    while (!this.paused) {
      const next = this.readRecord(view, at, end, at - start);
      if (next === at) {
        break;
      }
      at = next;
    }
    this.unfinished = at < end ? 'the last packet is cut short' : undefined;
    this.offset += at - start;
    return at;
  }

  pause(): void {
    this.paused = true;
  }

  /** Hands on the record at `at` and returns where the next one begins; `at` itself while it is not all here. */
  private readRecord(view: DataView, at: number, end: number, sinceStart: number): number {
    const { window, littleEndian } = this;
    const from = at + this.recordHeader;
    if (from > end || this.damage) {
      return at;
    }
    const captured = view.getUint32(at + 8, littleEndian);
    if (captured > LONGEST_PACKET) {
      this.damage = { offset: this.offset + sinceStart, reason: `a packet claims ${captured} bytes` };
      return at;
    }
    const to = from + captured;
    if (to > end) {
      return at;
    }
    const fraction = view.getUint32(at + 4, littleEndian);
    window.time =
      view.getUint32(at, littleEndian) * 1e6 +
      (this.perMicrosecond === 1 ? fraction : Math.floor(fraction / this.perMicrosecond));
    window.start = from;
    window.end = to;
    window.original = Math.max(captured, view.getUint32(at + 12, littleEndian));
    window.frame++;
    this.sink.packet(window);
    return to;
  }

  private readFileHeader(view: DataView, at: number): void {
    const big = view.getUint32(at);
    this.littleEndian = ![MICROSECONDS, NANOSECONDS, EXTENDED].includes(big);
    const magic = view.getUint32(at, this.littleEndian);
    this.perMicrosecond = magic === NANOSECONDS ? 1000 : 1;
    this.recordHeader = magic === EXTENDED ? EXTENDED_RECORD_HEADER : RECORD_HEADER;
    // The upper bits tell the length of a frame check sequence, which inner lengths cut off anyway.
    this.window.linkType = view.getUint32(at + 20, this.littleEndian) & 0xffff;
    this.interfaces = 1;
    this.begun = true;
  }
}
