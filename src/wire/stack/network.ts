import type { Micros } from '../../kit/time.ts';
import type { CapturedPacket, PacketSink } from '../capture/packet-sink.ts';
import type { Transport } from '../dissector.ts';
import type { Limits } from '../limits.ts';
import type { Side } from '../listener.ts';
import { AddressKeeper } from './address-keeper.ts';
import { AddressTable } from './address-table.ts';
import { BusFrame } from './bus-frame.ts';
import type { Counters } from './counters.ts';
import { Duplicates, hashBytes } from './duplicates.ts';
import { ExtensionHeaders, FRAGMENT_HEADER, type Walk } from './extension-headers.ts';
import { FlowKeeper } from './flow-keeper.ts';
import { AddressKind, FlowState, FlowTable } from './flow-table.ts';
import { Fragments } from './fragments.ts';
import { EtherType, FIRST_ETHERTYPE, IpProtocol, isExtensionHeader, isTunnel, isVlanTag } from './header-numbers.ts';
import {
  behindLabels,
  isSnapEtherType,
  MOST_VLAN_TAGS,
  PPPOE_HEADER,
  pppoeEtherType,
  SNAP_HEADER,
  snapNumber,
} from './link-headers.ts';
import { LinkType } from './link-type.ts';
import { QuotedDatagram } from './quoted-datagram.ts';
import { laneOf, type Share } from './share.ts';
import { followConnection, noteEstablished, opensAnew } from './tcp-connection.ts';
import { type Carrier, type Datagram, type Segment, TcpFlag, type TransportSink } from './transport-sink.ts';

const PRP_SUFFIX = 0x88fb;
const PRP_TRAILER = 6;

/** From the frame to segments and datagrams: link layer, tags, tunnels, IP with fragments, flows and their counters. */
export class NetworkStack implements PacketSink, Segment, Datagram {
  readonly counters: Counters = {
    packets: 0,
    decoded: 0,
    filtered: 0,
    dropped: 0,
    truncated: 0,
    malformed: 0,
    duplicates: 0,
  };
  readonly flows: FlowTable;
  readonly addresses: AddressTable;
  /** Packets of link types that are not read, by number. */
  readonly unreadLinkTypes = new Map<number, number>();
  private readonly limits: Limits;
  private readonly share: Share;
  private readonly sink: TransportSink;
  private readonly fragments: Fragments;
  private readonly duplicatesSeen = new Duplicates();
  private readonly keeper: FlowKeeper;
  private readonly addressKeeper: AddressKeeper;
  private readonly busFrame = new BusFrame();
  private readonly extensions = new ExtensionHeaders();
  private readonly quote = new QuotedDatagram();

  // The packet under way.
  frame = 0;
  time: Micros = 0;
  interfaceBase = 0;
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  private interfaceId = 0;
  private wireLength = 0;
  /** The addresses at hand belong to this share of the traffic. */
  private isOurs = true;
  /** The packet is counted here: its outermost addresses belong to this share. */
  private isCounted = true;
  /** What the packet carries is malformed, as opposed to the packet. */
  private carriesMalformed = false;
  private lane = 0;
  /** Frames that carry no IP, of all shares. */
  private etherFrames = 0;
  private isMalformed = false;
  private isTruncated = false;
  private isDropped = false;
  private hasSourceMac = false;
  private sourceMacLow = 0;
  private sourceMacHigh = 0;
  private destinationMacLow = 0;
  private destinationMacHigh = 0;
  private toMany = false;
  private scope = 0;
  private ttl = 0;
  private depth = 0;
  private addressKind = 0;
  private sourceLow = 0;
  private sourceHigh = 0;
  private destinationLow = 0;
  private destinationHigh = 0;
  private ipHash = 0;

  // The segment or datagram under way.
  record = 0;
  side: Side = 0;
  sequence = 0;
  acknowledgement = 0;
  flags = 0;
  start = 0;
  end = 0;
  announced = 0;
  payloadHash = 0;
  duplicate = false;
  ambiguous = false;
  transport: Exclude<Transport, 'tcp'> = 'udp';
  carrier: Carrier = 'udp';
  carrierNumber = 0;

  constructor(limits: Limits, seed: number, share: Share, sink: TransportSink) {
    this.limits = limits;
    this.share = share;
    this.sink = sink;
    this.flows = new FlowTable(seed);
    this.keeper = new FlowKeeper(this.flows, limits, sink);
    this.addresses = new AddressTable(limits, seed);
    this.addressKeeper = new AddressKeeper(this.addresses, this.flows, limits);
    this.fragments = new Fragments(limits, (limit) => sink.limitReached(limit));
  }

  packet(packet: CapturedPacket): void {
    const { counters } = this;
    this.frame = packet.frame;
    const { bytes, view, start, end, time } = packet;
    this.bytes = bytes;
    this.view = view;
    this.time = time;
    this.interfaceId = this.interfaceBase + packet.interfaceId;
    this.wireLength = packet.original;
    this.isMalformed = false;
    this.isTruncated = false;
    this.isDropped = false;
    this.carriesMalformed = false;
    this.duplicate = false;
    this.hasSourceMac = false;
    // What comes to no addresses is counted by the first share.
    this.isOurs = this.share.index === 0;
    this.isCounted = this.isOurs;
    this.lane = 0;
    this.toMany = false;
    this.scope = 0;
    this.ttl = 0;
    this.depth = 0;
    if (packet.linkType === LinkType.ethernet) {
      this.ethernet(start, end);
    } else if (!this.otherLink(packet.linkType, start, end)) {
      if (this.isCounted) {
        counters.packets++;
        counters.filtered++;
        this.unreadLinkTypes.set(packet.linkType, (this.unreadLinkTypes.get(packet.linkType) ?? 0) + 1);
      }
      return;
    }
    this.keeper.sweep(time);
    if (this.isCounted) {
      counters.packets++;
      counters.decoded += this.isDropped ? 0 : 1;
      counters.dropped += this.isDropped ? 1 : 0;
      counters.duplicates += this.duplicate ? 1 : 0;
      counters.truncated += this.isTruncated ? 1 : 0;
      counters.malformed += this.isMalformed || this.carriesMalformed ? 1 : 0;
    } else if (this.carriesMalformed && !this.isMalformed) {
      counters.malformed++;
    }
  }

  get wasCrowded(): boolean {
    return this.keeper.wasCrowded;
  }

  /** What the packet at hand carries breaks the rules. It counts as malformed once, however much in it is. */
  markMalformed(): void {
    this.carriesMalformed = true;
  }

  markTruncated(): void {
    this.isTruncated = true;
  }

  /** Counts a packet that nobody wants looked at; of several shares, the first one does. */
  passOver(): void {
    if (this.share.index === 0) {
      this.counters.packets++;
      this.counters.filtered++;
    }
  }

  get capturedAt(): number {
    return this.interfaceId;
  }

  /** Ends every flow. */
  finish(): void {
    this.keeper.closeAll();
  }

  // ── Link layer ──────────────────────────────────────────────────────────────────────────────────────────────────

  private otherLink(linkType: number, start: number, end: number): boolean {
    switch (linkType) {
      case LinkType.null:
      case LinkType.loop:
        this.loopback(start, end);
        return true;
      case LinkType.raw:
      case LinkType.rawBsd:
      case LinkType.rawOpenBsd:
      case LinkType.ipv4:
      case LinkType.ipv6:
        this.rawIp(start, end);
        return true;
      case LinkType.linuxCooked:
        this.linuxCooked(start, end);
        return true;
      case LinkType.linuxCooked2:
        this.linuxCooked2(start, end);
        return true;
      case LinkType.mstp:
      case LinkType.arcnet:
      case LinkType.arcnetLinux:
      case LinkType.can:
        this.bus(linkType, start, end);
        return true;
      default:
        return false;
    }
  }

  private ethernet(start: number, end: number): void {
    if (end - start < 14) {
      this.markTruncated();
      return;
    }
    const { view } = this;
    this.destinationMacHigh = view.getUint16(start);
    this.destinationMacLow = view.getUint32(start + 2);
    this.sourceMacHigh = view.getUint16(start + 6);
    this.sourceMacLow = view.getUint32(start + 8);
    this.hasSourceMac = true;
    this.toMany = (this.destinationMacHigh & 0x0100) !== 0;
    this.etherPayload(view.getUint16(start + 12), start + 14, end);
  }

  /** What follows an EtherType or 802.3 length, tags first (IEEE 802.1Q, 802.1ad; the outermost VLAN scopes addresses). */
  private etherPayload(firstType: number, start: number, end: number): void {
    const { view } = this;
    let type = firstType;
    let at = start;
    let last = end;
    for (let tags = 0; tags < MOST_VLAN_TAGS && isVlanTag(type); tags++) {
      if (last - at < 4) {
        this.markTruncated();
        return;
      }
      const vlan = view.getUint16(at) & 0xfff;
      this.scope ||= vlan;
      type = view.getUint16(at + 2);
      at += 4;
    }
    if (type === EtherType.hsr && last - at >= 6) {
      if (this.isRedundantTwin(view.getUint16(at + 2))) {
        return;
      }
      type = view.getUint16(at + 4);
      at += 6;
    } else if (this.hasPrpTrailer(at, last)) {
      if (this.isRedundantTwin(view.getUint16(last - PRP_TRAILER))) {
        return;
      }
      last -= PRP_TRAILER;
    }
    switch (type) {
      case EtherType.ipv4:
        this.ipv4(at, last);
        return;
      case EtherType.ipv6:
        this.ipv6(at, last);
        return;
      case EtherType.pppoeSession:
        this.pppoe(at, last);
        return;
      case EtherType.mpls:
      case EtherType.mplsMulticast:
        this.mpls(at, last);
        return;
      default:
    }
    if (type < FIRST_ETHERTYPE) {
      this.llc(at, Math.min(last, at + type));
    } else {
      this.etherDatagram('ethertype', AddressKind.mac, type, at, last);
    }
  }

  /** IEEE 802.2, and SNAP inside it. */
  private llc(at: number, end: number): void {
    if (end - at < 3) {
      this.markTruncated();
      return;
    }
    const { view } = this;
    const snap = snapNumber(view, at, end);
    if (snap >= 0) {
      if (isSnapEtherType(snap)) {
        this.etherPayload(snap, at + SNAP_HEADER, end);
      } else {
        this.etherDatagram('snap', AddressKind.snap, snap, at + SNAP_HEADER, end);
      }
      return;
    }
    const control = view.getUint8(at + 2);
    const header = (control & 3) === 3 ? 3 : 4;
    this.etherDatagram('llc', AddressKind.llc, view.getUint8(at), Math.min(at + header, end), end);
  }

  private etherDatagram(carrier: Carrier, kind: number, number: number, start: number, end: number): void {
    this.addressKind = kind;
    this.sourceLow = this.sourceMacLow;
    this.sourceHigh = this.sourceMacHigh;
    this.destinationLow = this.destinationMacLow;
    this.destinationHigh = this.destinationMacHigh;
    this.etherFrames++;
    this.divide(this.sourceMacLow ^ this.sourceMacHigh, this.destinationMacLow ^ this.destinationMacHigh);
    if (!this.isOurs) {
      return;
    }
    if (!this.duplicate) {
      const { lane, etherFrames, view, time, sourceMacLow } = this;
      this.duplicate = this.duplicatesSeen.isFrameAgain(lane, etherFrames, view, start, end, time, sourceMacLow);
    }
    this.flowOf(number & 0xffff, 0, 0);
    this.transport = 'ethernet';
    this.carrier = carrier;
    this.carrierNumber = number;
    this.start = start;
    this.end = end;
    this.sink.datagram(this);
  }

  /** IEC 62439-3: the last six bytes of a frame hold sequence, LAN and size, and size and suffix must fit. */
  private hasPrpTrailer(payload: number, end: number): boolean {
    const { view } = this;
    return (
      end - payload > PRP_TRAILER &&
      view.getUint16(end - 2) === PRP_SUFFIX &&
      (view.getUint16(end - 4) & 0xfff) === end - payload
    );
  }

  /** The second copy that PRP or HSR sends of each frame. */
  private isRedundantTwin(sequence: number): boolean {
    this.duplicate = this.duplicatesSeen.isTwin(this.sourceMacLow, sequence, this.time);
    return this.duplicate;
  }

  private loopback(start: number, end: number): void {
    if (end - start < 4) {
      this.markTruncated();
      return;
    }
    const family = this.view.getUint32(start, true);
    const swapped = this.view.getUint32(start);
    if (family === 2 || swapped === 2) {
      this.ipv4(start + 4, end);
    } else if (IPV6_FAMILIES.has(family) || IPV6_FAMILIES.has(swapped)) {
      this.ipv6(start + 4, end);
    } else {
      this.isMalformed = true;
    }
  }

  private rawIp(start: number, end: number): void {
    const version = end > start ? this.view.getUint8(start) >> 4 : 0;
    if (version === 4) {
      this.ipv4(start, end);
    } else if (version === 6) {
      this.ipv6(start, end);
    } else {
      this.isMalformed = true;
    }
  }

  private linuxCooked(start: number, end: number): void {
    if (end - start < 16) {
      this.markTruncated();
      return;
    }
    const { view } = this;
    this.cookedAddress(view.getUint16(start), view.getUint16(start + 4), start + 6);
    this.etherPayload(view.getUint16(start + 14), start + 16, end);
  }

  private linuxCooked2(start: number, end: number): void {
    if (end - start < 20) {
      this.markTruncated();
      return;
    }
    const { view } = this;
    this.cookedAddress(view.getUint8(start + 10), view.getUint8(start + 11), start + 12);
    this.etherPayload(view.getUint16(start), start + 20, end);
  }

  /** Packet types 1 and 2 are broadcast and multicast; only the sender's address is recorded. */
  private cookedAddress(packetType: number, length: number, at: number): void {
    this.toMany = packetType === 1 || packetType === 2;
    this.destinationMacHigh = 0;
    this.destinationMacLow = 0;
    this.hasSourceMac = length === 6;
    this.sourceMacHigh = this.hasSourceMac ? this.view.getUint16(at) : 0;
    this.sourceMacLow = this.hasSourceMac ? this.view.getUint32(at + 2) : 0;
  }

  /** A capture of one bus is no mirror: a frame that comes again was sent again. */
  private bus(linkType: number, start: number, end: number): void {
    const { busFrame } = this;
    busFrame.read(linkType, this.view, start, end);
    this.isTruncated = busFrame.isTruncated;
    this.isMalformed = busFrame.isMalformed;
    if (!busFrame.hasStations) {
      return;
    }
    this.toMany = busFrame.toMany;
    this.addressKind = AddressKind.station;
    this.sourceLow = busFrame.source;
    this.sourceHigh = busFrame.bus;
    this.destinationLow = busFrame.destination;
    this.destinationHigh = busFrame.bus;
    this.divide(busFrame.source, busFrame.destination);
    if (!this.isOurs) {
      return;
    }
    this.flowOf(busFrame.number, 0, 0);
    this.transport = 'bus';
    this.carrier = busFrame.carrier;
    this.carrierNumber = busFrame.number;
    this.start = busFrame.start;
    this.end = busFrame.end;
    this.sink.datagram(this);
  }

  private pppoe(start: number, end: number): void {
    if (end - start < PPPOE_HEADER) {
      this.markTruncated();
      return;
    }
    const type = pppoeEtherType(this.view, start);
    if (type === EtherType.ipv4) {
      this.ipv4(start + PPPOE_HEADER, end);
    } else if (type === EtherType.ipv6) {
      this.ipv6(start + PPPOE_HEADER, end);
    } else {
      this.etherDatagram('ethertype', AddressKind.mac, EtherType.pppoeSession, start, end);
    }
  }

  private mpls(start: number, end: number): void {
    const at = behindLabels(this.view, start, end);
    if (at < 0) {
      this.isMalformed = true;
    } else {
      this.rawIp(at, end);
    }
  }

  // ── Internet protocol ───────────────────────────────────────────────────────────────────────────────────────────

  /** RFC 791. Checksums are not judged: offloading makes them wrong. */
  private ipv4(start: number, end: number): void {
    const { view } = this;
    if (end - start < 20) {
      this.markTruncated();
      return;
    }
    const first = view.getUint8(start);
    const header = (first & 15) * 4;
    const announcedLength = view.getUint16(start + 2);
    if (first >> 4 !== 4 || header < 20) {
      this.isMalformed = true;
      return;
    }
    // A length of 0 is what segmentation offload leaves behind.
    const announcedEnd = start + (announcedLength === 0 ? end - start : announcedLength);
    if (announcedEnd > end) {
      this.markTruncated();
    }
    const last = Math.min(end, announcedEnd);
    if (last - start < header) {
      this.markTruncated();
      return;
    }
    this.ttl = view.getUint8(start + 8);
    this.addressKind = AddressKind.ipv4;
    this.sourceLow = view.getUint32(start + 12);
    this.sourceHigh = 0;
    this.destinationLow = view.getUint32(start + 16);
    this.destinationHigh = 0;
    this.toMany ||= this.destinationLow >>> 28 === 14 || this.destinationLow === 0xffffffff;
    const protocol = view.getUint8(start + 9);
    this.divide(this.sourceLow, this.destinationLow);
    if (!this.isOurs && !isTunnel(protocol)) {
      return;
    }
    const fragment = view.getUint16(start + 6);
    this.ipHash = (view.getUint32(start + 4) ^ Math.imul(announcedLength, 0x9e3779b1) ^ protocol) | 0;
    if ((fragment & 0x3fff) !== 0) {
      const key = `4/${this.sourceLow}/${this.destinationLow}/${view.getUint16(start + 4)}/${protocol}/${this.scope}`;
      this.fragment(key, (fragment & 0x1fff) * 8, (fragment & 0x2000) !== 0, protocol, start + header, last);
      return;
    }
    this.transportLayer(protocol, start + header, last, announcedEnd);
  }

  /** RFC 8200 with its extension headers. */
  private ipv6(start: number, end: number): void {
    const { view } = this;
    if (end - start < 40) {
      this.markTruncated();
      return;
    }
    if (view.getUint8(start) >> 4 !== 6) {
      this.isMalformed = true;
      return;
    }
    const payload = view.getUint16(start + 4);
    const announcedEnd = payload === 0 ? end : start + 40 + payload;
    if (announcedEnd > end) {
      this.markTruncated();
    }
    const last = Math.min(end, announcedEnd);
    this.ttl = view.getUint8(start + 7);
    this.addressKind = AddressKind.ipv6;
    this.sourceHigh = 0;
    this.destinationHigh = 0;
    this.divide(foldedAddress(view, start + 8), foldedAddress(view, start + 24));
    this.destinationLow = -1;
    this.sourceLow = this.addressId(start + 8);
    this.destinationLow = this.sourceLow < 0 ? -1 : this.addressId(start + 24);
    if (this.destinationLow < 0) {
      this.isDropped = true;
      return;
    }
    this.toMany ||= view.getUint8(start + 24) === 0xff;
    this.ipHash = Math.imul(payload, 0x9e3779b1);
    const { extensions } = this;
    const walk = extensions.walk(view, view.getUint8(start + 6), start + 40, last);
    if (walk === 'part') {
      this.ipv6Part(extensions.at, last);
    } else {
      this.behindExtensions(walk, last, announcedEnd);
    }
  }

  private ipv6Part(header: number, end: number): void {
    const { view } = this;
    const next = view.getUint8(header);
    if (!this.isOurs && !isTunnel(next) && !isExtensionHeader(next)) {
      return;
    }
    const offset = view.getUint16(header + 2);
    const key = `6/${this.sourceLow}/${this.destinationLow}/${view.getUint32(header + 4)}/${this.scope}`;
    this.fragment(key, offset & 0xfff8, (offset & 1) === 1, next, header + FRAGMENT_HEADER, end);
  }

  private behindExtensions(walk: Walk, end: number, announcedEnd: number): void {
    if (walk === 'whole') {
      this.transportLayer(this.extensions.next, this.extensions.at, end, announcedEnd);
    } else if (walk === 'short') {
      this.markTruncated();
    } else {
      // A part within a part, too: no honest sender divides a datagram twice.
      this.isMalformed = true;
    }
  }

  /** The number of the IPv6 address at `at`; -1 where flows name as many as may be remembered. */
  private addressId(at: number): number {
    const id = this.addresses.idOf(this.view, at);
    if (id >= 0) {
      return id;
    }
    this.sink.limitReached('addresses');
    this.addressKeeper.makeRoom(this.time, this.sourceLow);
    return this.addresses.idOf(this.view, at);
  }

  private fragment(key: string, offset: number, more: boolean, protocol: number, start: number, end: number): void {
    const result = this.fragments.add(key, offset, more, this.bytes, start, end, this.time);
    if (result === 'full') {
      this.isDropped = true;
      return;
    }
    if (result === 'waiting') {
      return;
    }
    if (result === 'malformed') {
      this.isMalformed = true;
      return;
    }
    const outerBytes = this.bytes;
    const outerView = this.view;
    this.bytes = result;
    this.view = new DataView(result.buffer, result.byteOffset, result.length);
    this.ambiguous = this.fragments.isAmbiguous;
    if (this.addressKind === AddressKind.ipv6) {
      // Further extension headers may come behind the one that told the parts.
      this.behindExtensions(this.extensions.walk(this.view, protocol, 0, result.length), result.length, result.length);
    } else {
      this.transportLayer(protocol, 0, result.length, result.length);
    }
    this.ambiguous = false;
    this.bytes = outerBytes;
    this.view = outerView;
  }

  private transportLayer(protocol: number, start: number, end: number, announcedEnd: number): void {
    if (!this.isOurs) {
      if (isTunnel(protocol)) {
        this.tunnel(protocol, start, end);
      }
    } else if (protocol === IpProtocol.tcp) {
      this.tcp(start, end, announcedEnd);
    } else if (protocol === IpProtocol.udp) {
      this.udp(start, end, announcedEnd);
    } else {
      this.otherIp(protocol, start, end);
    }
  }

  /** RFC 9293. */
  private tcp(start: number, end: number, announcedEnd: number): void {
    const { view } = this;
    if (end - start < 20) {
      this.markTruncated();
      return;
    }
    const header = (view.getUint8(start + 12) >> 4) * 4;
    if (header < 20) {
      this.isMalformed = true;
      return;
    }
    this.sequence = view.getUint32(start + 4);
    this.acknowledgement = view.getUint32(start + 8);
    this.flags = view.getUint8(start + 13);
    this.start = Math.min(start + header, end);
    this.end = end;
    this.announced = Math.max(0, announcedEnd - start - header);
    this.payloadHash = this.announced === 0 ? 0 : hashBytes(view, this.start, end, 0);
    const hash = Math.imul(this.payloadHash ^ this.sequence, 0x85ebca6b) ^ Math.imul(this.acknowledgement, 0xc2b2ae35);
    this.markDuplicate(hash ^ this.flags, view.getUint32(start));
    const ports = view.getUint32(start);
    this.flowOf(IpProtocol.tcp, ports >>> 16, ports & 0xffff);
    if ((this.flags & (TcpFlag.syn | TcpFlag.fin | TcpFlag.reset)) === 0) {
      noteEstablished(this.flows, this);
    } else {
      if (opensAnew(this.flows, this)) {
        this.keeper.close(this.record);
        this.flowOf(IpProtocol.tcp, ports >>> 16, ports & 0xffff);
      }
      followConnection(this.flows, this);
    }
    this.sink.segment(this);
  }

  private udp(start: number, end: number, announcedEnd: number): void {
    const { view } = this;
    if (end - start < 8) {
      this.markTruncated();
      return;
    }
    const length = view.getUint16(start + 4);
    if (length !== 0 && (length < 8 || start + length > announcedEnd)) {
      this.isMalformed = true;
    }
    this.start = start + 8;
    this.end = length < 8 ? end : Math.min(end, start + length);
    const ports = view.getUint32(start);
    this.markDuplicate(hashBytes(view, start + 4, this.end, 0), ports);
    this.flowOf(IpProtocol.udp, ports >>> 16, ports & 0xffff);
    this.transport = 'udp';
    this.carrier = 'udp';
    this.carrierNumber = IpProtocol.udp;
    this.sink.datagram(this);
  }

  private otherIp(protocol: number, start: number, end: number): void {
    this.markDuplicate(hashBytes(this.view, start, end, protocol), protocol);
    this.flowOf(protocol, 0, 0);
    this.transport = 'ip';
    this.carrier = 'ip';
    this.carrierNumber = protocol;
    this.start = start;
    this.end = end;
    this.sink.datagram(this);
    if (protocol === IpProtocol.icmp || protocol === IpProtocol.icmpv6) {
      if (this.quote.read(this)) {
        this.sink.quoted(this.quote);
      }
      return;
    }
    if (isTunnel(protocol)) {
      this.tunnel(protocol, start, end);
    }
  }

  /** What is inside has addresses of its own, and these say whose share it is. */
  private tunnel(protocol: number, start: number, end: number): void {
    if (this.depth >= this.limits.tunnelDepth) {
      this.sink.limitReached('tunnelDepth');
      return;
    }
    this.depth++;
    if (protocol === IpProtocol.ipv4) {
      this.ipv4(start, end);
    } else if (protocol === IpProtocol.ipv6) {
      this.ipv6(start, end);
    } else {
      this.gre(start, end);
    }
  }

  /** Whose share of the traffic the addresses at hand are; each address as one word. */
  private divide(source: number, destination: number): void {
    const { share } = this;
    this.lane = laneOf(source, destination);
    this.isOurs = this.lane % share.of === share.index;
    if (this.depth === 0) {
      this.isCounted = this.isOurs;
    }
  }

  /** RFC 2784 and 2890; version 1 (PPTP) is left alone. */
  private gre(start: number, end: number): void {
    if (end - start < 4) {
      return;
    }
    const flags = this.view.getUint16(start);
    if ((flags & 7) !== 0) {
      return;
    }
    const optional = (flags & 0x8000 ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0);
    const at = start + 4 + optional;
    const type = this.view.getUint16(start + 2);
    if (at < end && (type === EtherType.ipv4 || type === EtherType.ipv6)) {
      this.rawIp(at, end);
    }
  }

  private markDuplicate(hash: number, ports: number): void {
    const whole = (hash ^ this.ipHash ^ Math.imul(this.sourceLow, 0x27d4eb2f) ^ Math.imul(ports, 0x165667b1)) | 0;
    this.duplicate ||= this.duplicatesSeen.isPacketAgain(this.lane, whole, this.destinationLow, this.time);
  }

  // ── Flows ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Finds or opens the flow of the addresses at hand and counts the packet; sets `record` and `side`. */
  private flowOf(carrierNumber: number, sourcePort: number, destinationPort: number): void {
    const { flows } = this;
    const { key } = flows;
    const forward =
      this.sourceHigh !== this.destinationHigh
        ? this.sourceHigh < this.destinationHigh
        : this.sourceLow !== this.destinationLow
          ? this.sourceLow < this.destinationLow
          : sourcePort <= destinationPort;
    if (forward) {
      key.aLow = this.sourceLow;
      key.aHigh = this.sourceHigh;
      key.bLow = this.destinationLow;
      key.bHigh = this.destinationHigh;
      key.ports = ((sourcePort << 16) | destinationPort) >>> 0;
    } else {
      key.aLow = this.destinationLow;
      key.aHigh = this.destinationHigh;
      key.bLow = this.sourceLow;
      key.bHigh = this.sourceHigh;
      key.ports = ((destinationPort << 16) | sourcePort) >>> 0;
    }
    key.kind = (this.addressKind << 16) | carrierNumber;
    key.scope = this.scope;
    const side: Side = forward ? 0 : 1;
    this.side = side;
    let record = flows.find();
    if (record >= 0 && this.keeper.endIfOver(record, this.time)) {
      record = -1;
    }
    if (record < 0) {
      record = this.open(side);
    }
    this.record = record;
    flows.countPacket(record, side, this.wireLength, this.time);
    const state = flows.state(record);
    if ((state & 0xff) !== this.ttl && side === 0) {
      flows.setState(record, (state & ~0xff) | this.ttl);
    } else if (((state >>> 8) & 0xff) !== this.ttl && side === 1) {
      flows.setState(record, (state & ~0xff00) | (this.ttl << 8));
    }
    if ((state & FlowState.answered) === 0 && ((state & FlowState.openedByB) !== 0) !== (side === 1)) {
      flows.setState(record, flows.state(record) | FlowState.answered);
      this.noteSender(record, side);
      this.sink.answered(record);
    } else if (
      this.hasSourceMac &&
      (flows.macLow(record, side) !== this.sourceMacLow || flows.macHigh(record, side) !== this.sourceMacHigh)
    ) {
      this.noteSender(record, side);
      this.sink.senderChanged(record, side);
    }
  }

  private noteSender(record: number, side: Side): void {
    if (this.hasSourceMac) {
      this.flows.setMac(record, side, this.sourceMacLow, this.sourceMacHigh);
      this.flows.setState(record, this.flows.state(record) | (side === 0 ? FlowState.macA : FlowState.macB));
    }
  }

  private open(side: Side): number {
    const { flows } = this;
    this.keeper.makeRoom();
    const record = flows.add();
    flows.begin(record, this.time, this.frame);
    flows.setLastSeen(record, this.time);
    const opened = side === 1 ? FlowState.openedByB | FlowState.clientIsB : 0;
    const rule = FlowState.ruleLow | FlowState.ruleHigh;
    flows.setState(record, FlowState.alive | opened | rule | (this.toMany ? FlowState.toMany : 0));
    this.noteSender(record, side);
    this.sink.opened(record);
    return record;
  }
}

const IPV6_FAMILIES: ReadonlySet<number> = new Set([10, 24, 28, 30]);

/** An IPv6 address as one word. */
function foldedAddress(view: DataView, at: number): number {
  return view.getUint32(at) ^ view.getUint32(at + 4) ^ view.getUint32(at + 8) ^ view.getUint32(at + 12);
}
