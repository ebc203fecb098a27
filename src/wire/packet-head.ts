import type { CapturedPacket } from './capture/packet-sink.ts';
import { ExtensionHeaders, FRAGMENT_HEADER } from './stack/extension-headers.ts';
import { EtherType, FIRST_ETHERTYPE, IpProtocol, isVlanTag } from './stack/header-numbers.ts';
import {
  behindLabels,
  isSnapEtherType,
  MOST_VLAN_TAGS,
  PPPOE_HEADER,
  pppoeEtherType,
  SNAP_HEADER,
  snapNumber,
} from './stack/link-headers.ts';
import { LinkType } from './stack/link-type.ts';

/**
 * From where to where a packet goes, as its outermost headers say: enough to choose packets before the engine looks at
 * them. A window that is reused; tunnels are not entered.
 */
export class PacketHead {
  /** False where the link type is not read: then nothing is known. */
  isRead = false;
  /** 0 where the link has none. */
  sourceMac = 0;
  destinationMac = 0;
  /** Outermost first; none where untagged, priority tags left out. */
  readonly vlans: number[] = [];
  /** Bytes of an address, 4 or 16; 0 where there is none. */
  addressLength = 0;
  /** Places of the addresses in the packet's view, ARP's included. */
  sourceAt = 0;
  destinationAt = 0;
  /** TCP and UDP; 0 elsewhere. */
  sourcePort = 0;
  destinationPort = 0;
  /** A later part of an IP datagram: its ports stand in the first part. */
  isLaterFragment = false;
  private view: DataView = new DataView(new ArrayBuffer(0));
  private end = 0;
  private readonly extensions = new ExtensionHeaders();

  read({ view, start, end, linkType }: CapturedPacket): void {
    this.view = view;
    this.end = end;
    this.isRead = true;
    this.sourceMac = 0;
    this.destinationMac = 0;
    this.vlans.length = 0;
    this.addressLength = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.isLaterFragment = false;
    switch (linkType) {
      case LinkType.ethernet:
        if (this.has(start, 14)) {
          this.destinationMac = this.mac(start);
          this.sourceMac = this.mac(start + 6);
          this.payload(view.getUint16(start + 12), start + 14);
        }
        return;
      case LinkType.linuxCooked:
        if (this.has(start, 16)) {
          this.sourceMac = view.getUint16(start + 4) === 6 ? this.mac(start + 6) : 0;
          this.payload(view.getUint16(start + 14), start + 16);
        }
        return;
      case LinkType.linuxCooked2:
        if (this.has(start, 20)) {
          this.sourceMac = view.getUint8(start + 11) === 6 ? this.mac(start + 12) : 0;
          this.payload(view.getUint16(start), start + 20);
        }
        return;
      case LinkType.null:
      case LinkType.loop:
        this.ip(start + 4);
        return;
      case LinkType.raw:
      case LinkType.rawBsd:
      case LinkType.rawOpenBsd:
      case LinkType.ipv4:
      case LinkType.ipv6:
        this.ip(start);
        return;
      case LinkType.mstp:
      case LinkType.arcnet:
      case LinkType.arcnetLinux:
      case LinkType.can:
        // Stations of a bus have neither of what packets are chosen by.
        return;
      default:
        this.isRead = false;
    }
  }

  private payload(firstType: number, start: number): void {
    const { view } = this;
    let type = firstType;
    let at = start;
    for (let tags = 0; tags < MOST_VLAN_TAGS && isVlanTag(type) && this.has(at, 4); tags++) {
      const vlan = view.getUint16(at) & 0xfff;
      if (vlan !== 0) {
        this.vlans.push(vlan);
      }
      type = view.getUint16(at + 2);
      at += 4;
    }
    if (type === EtherType.hsr && this.has(at, 6)) {
      type = view.getUint16(at + 4);
      at += 6;
    }
    this.network(type, at);
    if (type < FIRST_ETHERTYPE) {
      this.end = Math.min(this.end, at + type);
      const snap = snapNumber(view, at, this.end);
      if (isSnapEtherType(snap)) {
        this.payload(snap, at + SNAP_HEADER);
      }
    }
  }

  private network(type: number, at: number): void {
    const { view } = this;
    switch (type) {
      case EtherType.ipv4:
      case EtherType.ipv6:
        this.ip(at);
        return;
      case EtherType.arp:
        if (this.has(at, 28) && view.getUint16(at + 4) === 0x0604) {
          this.addresses(4, at + 14, at + 24);
        }
        return;
      case EtherType.pppoeSession:
        if (this.has(at, PPPOE_HEADER) && pppoeEtherType(view, at) !== 0) {
          this.ip(at + PPPOE_HEADER);
        }
        return;
      case EtherType.mpls:
      case EtherType.mplsMulticast: {
        const packet = behindLabels(view, at, this.end);
        if (packet >= 0) {
          this.ip(packet);
        }
        return;
      }
      default:
    }
  }

  private ip(at: number): void {
    const version = this.has(at, 1) ? this.view.getUint8(at) >> 4 : 0;
    if (version === 4 && this.has(at, 20)) {
      this.ipv4(at);
    } else if (version === 6 && this.has(at, 40)) {
      this.ipv6(at);
    }
  }

  private ipv4(at: number): void {
    const { view } = this;
    this.addresses(4, at + 12, at + 16);
    this.isLaterFragment = (view.getUint16(at + 6) & 0x1fff) !== 0;
    if (!this.isLaterFragment) {
      this.ports(view.getUint8(at + 9), at + (view.getUint8(at) & 15) * 4);
    }
  }

  private ipv6(start: number): void {
    const { view } = this;
    this.addresses(16, start + 8, start + 24);
    const { extensions, end } = this;
    let walk = extensions.walk(view, view.getUint8(start + 6), start + 40, end);
    if (walk === 'part') {
      const { at } = extensions;
      this.isLaterFragment = (view.getUint16(at + 2) & 0xfff8) !== 0;
      walk = extensions.walk(view, view.getUint8(at), at + FRAGMENT_HEADER, end);
    }
    if (walk === 'whole' && !this.isLaterFragment) {
      this.ports(extensions.next, extensions.at);
    }
  }

  private ports(protocol: number, at: number): void {
    if ((protocol === IpProtocol.tcp || protocol === IpProtocol.udp) && this.has(at, 4)) {
      this.sourcePort = this.view.getUint16(at);
      this.destinationPort = this.view.getUint16(at + 2);
    }
  }

  private addresses(length: number, sourceAt: number, destinationAt: number): void {
    this.addressLength = length;
    this.sourceAt = sourceAt;
    this.destinationAt = destinationAt;
  }

  private mac(at: number): number {
    return this.view.getUint16(at) * 0x1_0000_0000 + this.view.getUint32(at + 2);
  }

  private has(at: number, length: number): boolean {
    return at + length <= this.end;
  }
}
