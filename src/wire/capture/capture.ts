import type { Damage, FormatReader, PacketSink } from './packet-sink.ts';
import { isPcap, PcapReader } from './pcap.ts';
import { isPcapng, PcapngReader } from './pcapng.ts';

const MAGIC = 4;

/** Reads a capture of any known format, told by its first bytes and never by its name. */
export class CaptureReader {
  private readonly sink: PacketSink;
  private format: FormatReader | undefined;
  private notCapture = false;
  private seen = 0;

  constructor(sink: PacketSink) {
    this.sink = sink;
  }

  /** See `FormatReader.consume`. Once the file is damaged, everything offered is swallowed. */
  consume(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    this.seen = Math.max(this.seen, end - start);
    if (this.damage) {
      return end;
    }
    if (!this.format) {
      if (end - start < MAGIC) {
        return start;
      }
      this.format = this.formatOf(view, start);
      this.notCapture = this.format === undefined;
    }
    return this.format ? this.format.consume(bytes, view, start, end) : end;
  }

  /** Why the file stops before its end, or is no capture; complete once everything was offered. */
  get damage(): Damage | undefined {
    return this.notCapture ? { offset: 0, reason: 'this is no pcap or pcapng file' } : this.format?.damage;
  }

  /** A record that began and never ended, or a file too short to be one; asked once everything was offered. */
  endDamage(offset: number): Damage | undefined {
    if (this.damage) {
      return this.damage;
    }
    if (!this.format) {
      return { offset: 0, reason: this.seen === 0 ? 'the file is empty' : 'the file is too short to be a capture' };
    }
    return this.format.unfinished === undefined ? undefined : { offset, reason: this.format.unfinished };
  }

  /** Called while a packet is handed on: `consume` returns behind it. */
  pause(): void {
    this.format?.pause();
  }

  get isCapture(): boolean {
    return this.format !== undefined && !(this.format.damage?.offset === 0);
  }

  get lost(): number {
    return this.format?.lost ?? 0;
  }

  get filters(): readonly string[] {
    return this.format?.filters ?? [];
  }

  get interfaces(): number {
    return this.format?.interfaces ?? 0;
  }

  private formatOf(view: DataView, start: number): FormatReader | undefined {
    if (isPcap(view, start)) {
      return new PcapReader(this.sink);
    }
    return isPcapng(view, start) ? new PcapngReader(this.sink) : undefined;
  }
}
