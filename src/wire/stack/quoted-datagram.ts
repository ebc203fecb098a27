import type { Side } from '../listener.ts';
import { IpProtocol } from './header-numbers.ts';
import type { Datagram, Quote } from './transport-sink.ts';

/** Unreachable, source quench, redirect, time exceeded, parameter problem. */
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
/** ICMPv6 types below this are errors. */
const FIRST_ICMPV6_INFORMATION = 128;
const ICMP_HEADER = 8;
const LEAST_IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;

/** RFC 792 and RFC 4443: errors carry the head of the packet that they are about. One object is filled anew for each error. */
export class QuotedDatagram implements Quote {
  record = 0;
  side: Side = 0;
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  start = 0;
  end = 0;
  quotedSourcePort = 0;
  quotedDestinationPort = 0;

  /** False where the ICMP or ICMPv6 message `about` quotes no UDP datagram. */
  read(about: Datagram): boolean {
    const { view, start, end } = about;
    const ip = start + ICMP_HEADER;
    if (end - ip < LEAST_IPV4_HEADER + UDP_HEADER || !isError(about.carrierNumber, view.getUint8(start))) {
      return false;
    }
    const version = view.getUint8(ip) >> 4;
    const header = version === 4 ? (view.getUint8(ip) & 15) * 4 : IPV6_HEADER;
    const next = version === 4 ? view.getUint8(ip + 9) : view.getUint8(ip + 6);
    const isFragment = version === 4 && (view.getUint16(ip + 6) & 0x1fff) !== 0;
    const udp = ip + header;
    if (next !== IpProtocol.udp || isFragment || udp + UDP_HEADER >= end) {
      return false;
    }
    const length = view.getUint16(udp + 4);
    this.record = about.record;
    this.side = about.side;
    this.bytes = about.bytes;
    this.view = view;
    this.quotedSourcePort = view.getUint16(udp);
    this.quotedDestinationPort = view.getUint16(udp + 2);
    this.start = udp + UDP_HEADER;
    this.end = length < UDP_HEADER ? end : Math.min(end, udp + length);
    return true;
  }
}

function isError(protocol: number, type: number): boolean {
  return protocol === IpProtocol.icmp ? ICMP_ERRORS.has(type) : type < FIRST_ICMPV6_INFORMATION;
}
