import type { Micros } from '../kit/time.ts';

const HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
const ETHERNET = 1;
const SNAP_LENGTH = 262_144;
const CHUNK = 1 << 20;

export interface Packet {
  readonly time: Micros;
  /** The frame from the destination address on, without its check sequence. */
  readonly bytes: Uint8Array;
}

/**
 * Packets to the bytes of a classic capture file: little-endian, microseconds, Ethernet (the pcap format of
 * draft-ietf-opsawg-pcap). `write` hands out a chunk whenever one is full, `finish` the rest.
 */
export class PcapWriter {
  private chunk = new Uint8Array(CHUNK);
  private view = new DataView(this.chunk.buffer);
  private used = HEADER_LENGTH;

  constructor() {
    this.view.setUint32(0, 0xa1b2c3d4, true);
    this.view.setUint16(4, 2, true);
    this.view.setUint16(6, 4, true);
    this.view.setUint32(16, SNAP_LENGTH, true);
    this.view.setUint32(20, ETHERNET, true);
  }

  write({ time, bytes }: Packet): Uint8Array | undefined {
    const full = this.used + RECORD_HEADER_LENGTH + bytes.length > CHUNK ? this.finish() : undefined;
    const seconds = Math.floor(time / 1_000_000);
    this.view.setUint32(this.used, seconds, true);
    this.view.setUint32(this.used + 4, time - seconds * 1_000_000, true);
    this.view.setUint32(this.used + 8, bytes.length, true);
    this.view.setUint32(this.used + 12, bytes.length, true);
    this.chunk.set(bytes, this.used + RECORD_HEADER_LENGTH);
    this.used += RECORD_HEADER_LENGTH + bytes.length;
    return full;
  }

  finish(): Uint8Array {
    const full = this.chunk.subarray(0, this.used);
    this.chunk = new Uint8Array(CHUNK);
    this.view = new DataView(this.chunk.buffer);
    this.used = 0;
    return full;
  }
}
