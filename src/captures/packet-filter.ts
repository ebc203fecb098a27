import type { Subnet } from '../kit/subnet.ts';
import { isoTime, type Micros } from '../kit/time.ts';
import type { CapturedPacket } from '../wire/capture/packet-sink.ts';
import { PacketHead } from '../wire/packet-head.ts';
import type { CaptureFilter } from './capture-filter.ts';
import type { Moment } from './moment.ts';
import type { Range, Restrictions } from './restriction.ts';
import type { CaptureTarget } from './run-captures.ts';

/** What a run left out at the user's wish. */
export interface LeftOut {
  readonly packets: number;
  /** ISO 8601, relative times resolved; undefined where not asked for, or where no packet came. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly only: readonly string[];
}

/** `from 2026-03-02T06:00:00.000000Z, before 2026-03-02T07:00:00.000000Z, only 10.1.2.0/24 vlan:20`. */
export function leftOutText({ since, until, only }: LeftOut): string {
  const parts = [
    since === undefined ? '' : `from ${since}`,
    until === undefined ? '' : `before ${until}`,
    only.length === 0 ? '' : `only ${only.join(' ')}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Stands before the engine and hands on the packets that are wanted; the others are counted only. */
export class PacketFilter implements CaptureTarget {
  private readonly filter: CaptureFilter;
  private readonly target: CaptureTarget;
  private readonly looksInside: boolean;
  private readonly head = new PacketHead();
  private started = false;
  private since: Micros = Number.NEGATIVE_INFINITY;
  private until: Micros = Number.POSITIVE_INFINITY;
  private passedOver = 0;

  constructor(filter: CaptureFilter, target: CaptureTarget) {
    this.filter = filter;
    this.target = target;
    const { subnets, macs, vlans, ports } = filter.restrictions;
    this.looksInside = subnets.length + macs.length + vlans.length + ports.length > 0;
  }

  beginCapture(interfacesBefore: number): void {
    this.target.beginCapture(interfacesBefore);
  }

  packet(packet: CapturedPacket): void {
    if (!this.started) {
      this.started = true;
      this.since = timeOf(this.filter.since, packet.time) ?? this.since;
      this.until = timeOf(this.filter.until, packet.time) ?? this.until;
    }
    if (packet.time >= this.since && packet.time < this.until && (!this.looksInside || this.isInside(packet))) {
      this.target.packet(packet);
    } else {
      this.passOver();
    }
  }

  passOver(): void {
    this.passedOver++;
    this.target.passOver();
  }

  /** `hidden` packets more were left out once their protocol was known. */
  leftOut(hidden: number): LeftOut {
    const { since, until, only } = this.filter;
    return {
      packets: this.passedOver + hidden,
      since: since && Number.isFinite(this.since) ? isoTime(this.since) : undefined,
      until: until && Number.isFinite(this.until) ? isoTime(this.until) : undefined,
      only,
    };
  }

  private isInside(packet: CapturedPacket): boolean {
    const { head } = this;
    const { restrictions } = this.filter;
    head.read(packet);
    // What cannot be looked into is the engine's to count.
    return (
      !head.isRead ||
      (isDevice(restrictions, head, packet.view) &&
        isVlan(restrictions.vlans, head.vlans) &&
        isPort(restrictions.ports, head))
    );
  }
}

function timeOf(moment: Moment | undefined, start: Micros): Micros | undefined {
  return moment && ('at' in moment ? moment.at : start + moment.afterStart);
}

function isDevice({ subnets, macs }: Restrictions, head: PacketHead, view: DataView): boolean {
  if (subnets.length + macs.length === 0) {
    return true;
  }
  return (
    macs.some((range) => holds(range, head.sourceMac) || holds(range, head.destinationMac)) ||
    subnets.some(
      (subnet) =>
        subnet.words.length * 4 === head.addressLength &&
        (isIn(subnet, view, head.sourceAt) || isIn(subnet, view, head.destinationAt)),
    )
  );
}

function isVlan(ranges: readonly Range[], vlans: readonly number[]): boolean {
  return (
    ranges.length === 0 ||
    ranges.some((range) => (vlans.length === 0 ? range.from === 0 : vlans.some((vlan) => holds(range, vlan))))
  );
}

function isPort(ranges: readonly Range[], { sourcePort, destinationPort, isLaterFragment }: PacketHead): boolean {
  return (
    ranges.length === 0 ||
    isLaterFragment ||
    ranges.some((range) => holds(range, sourcePort) || holds(range, destinationPort))
  );
}

function holds({ from, to }: Range, number: number): boolean {
  return number >= from && number <= to;
}

function isIn({ words, masks }: Subnet, view: DataView, at: number): boolean {
  return words.every((word, place) => ((view.getInt32(at + place * 4) ^ word) & (masks[place] ?? 0)) === 0);
}
