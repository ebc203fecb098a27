import type { Micros } from '../src/kit/time.ts';
import type { CapturedPacket } from '../src/wire/capture/packet-sink.ts';

/** One end of a made-up conversation; the MAC is given by its last four bytes. */
export interface End {
  readonly mac: number;
  readonly address: number;
  readonly port: number;
}

export interface TcpHead {
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
}

export interface FragmentHead {
  readonly id: number;
  /** In bytes, a multiple of eight. */
  readonly offset: number;
  /** Not the last one. */
  readonly more: boolean;
}

export const SYN = 0x02;
export const ACK = 0x10;
export const PUSH_ACK = 0x18;

const ETHERNET = 14;
const IPV4 = 20;
const TCP = 20;
const UDP = 8;
const TTL = 64;
const WINDOW = 0x2000;
const NO_BYTES = new Uint8Array(0);
/** Longest Ethernet frame that is made here. */
const LONGEST = 2048;

/**
 * Makes frames in one buffer that is used again, and is itself the packet that the engine takes: a million frames cost the
 * engine's time, not the generator's.
 */
export class Frames implements CapturedPacket {
  readonly bytes = new Uint8Array(LONGEST);
  readonly view: DataView = new DataView(this.bytes.buffer);
  readonly start = 0;
  end = 0;
  original = 0;
  time: Micros;
  readonly linkType = 1;
  readonly interfaceId = 0;
  frame = 0;

  constructor(time: Micros) {
    this.time = time;
  }

  udp(from: End, to: End, payload: Uint8Array): this {
    const at = this.ip(from, to, 17, UDP + payload.length);
    this.view.setUint16(at, from.port);
    this.view.setUint16(at + 2, to.port);
    this.view.setUint16(at + 4, UDP + payload.length);
    this.view.setUint16(at + 6, 0);
    return this.whole(at + UDP, payload);
  }

  tcp(from: End, to: End, { flags, sequence, acknowledgement }: TcpHead, payload: Uint8Array = NO_BYTES): this {
    const at = this.ip(from, to, 6, TCP + payload.length);
    this.view.setUint16(at, from.port);
    this.view.setUint16(at + 2, to.port);
    this.view.setUint32(at + 4, sequence >>> 0);
    this.view.setUint32(at + 8, acknowledgement >>> 0);
    this.view.setUint16(at + 12, 0x5000 | flags);
    this.view.setUint16(at + 14, WINDOW);
    this.view.setUint32(at + 16, 0);
    return this.whole(at + TCP, payload);
  }

  /** One fragment of a UDP datagram. */
  fragment(from: End, to: End, { id, offset, more }: FragmentHead, payload: Uint8Array): this {
    const at = this.ip(from, to, 17, payload.length);
    this.view.setUint16(at - IPV4 + 4, id);
    this.view.setUint16(at - IPV4 + 6, (more ? 0x2000 : 0) | (offset >> 3));
    return this.whole(at, payload);
  }

  private ip(from: End, to: End, protocol: number, length: number): number {
    const { view } = this;
    this.frame++;
    this.time++;
    view.setUint16(0, 0x0200);
    view.setUint32(2, to.mac);
    view.setUint16(6, 0x0200);
    view.setUint32(8, from.mac);
    view.setUint16(12, 0x0800);
    view.setUint16(14, 0x4500);
    view.setUint16(16, IPV4 + length);
    view.setUint16(18, this.frame & 0xffff);
    view.setUint16(20, 0);
    view.setUint8(22, TTL);
    view.setUint8(23, protocol);
    view.setUint16(24, 0);
    view.setUint32(26, from.address >>> 0);
    view.setUint32(30, to.address >>> 0);
    return ETHERNET + IPV4;
  }

  private whole(at: number, payload: Uint8Array): this {
    this.bytes.set(payload, at);
    this.end = at + payload.length;
    this.original = this.end;
    return this;
  }
}
