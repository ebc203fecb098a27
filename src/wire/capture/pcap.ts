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
  batch = Number.POSITIVE_INFINITY;
  private readonly sink: PacketSink;
  private readonly window = new PacketWindow();
  private littleEndian = false;
  private perMicrosecond = 1;
  private recordHeader = RECORD_HEADER;
  private begun = false;
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
    const { window, sink, littleEndian, perMicrosecond, recordHeader } = this;
    window.bytes = bytes;
    window.view = view;
    for (let left = this.batch; left > 0 && at + recordHeader <= end; left--) {
      const captured = view.getUint32(at + 8, littleEndian);
      if (captured > LONGEST_PACKET) {
        this.damage = { offset: this.offset + at - start, reason: `a packet claims ${captured} bytes` };
        return at;
      }
      const from = at + recordHeader;
      const to = from + captured;
      if (to > end) {
        break;
      }
      window.time =
        view.getUint32(at, littleEndian) * 1e6 + Math.floor(view.getUint32(at + 4, littleEndian) / perMicrosecond);
      window.start = from;
      window.end = to;
      window.original = Math.max(captured, view.getUint32(at + 12, littleEndian));
      window.frame++;
      sink.packet(window);
      at = to;
    }
    this.unfinished = at < end ? 'the last packet is cut short' : undefined;
    this.offset += at - start;
    return at;
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
