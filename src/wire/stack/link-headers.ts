import { EtherType, FIRST_ETHERTYPE } from './header-numbers.ts';

/** Headers between the link and IP. Whoever chooses packets before the stack sees them reads them by the same rules. */

export const MOST_VLAN_TAGS = 4;
const MOST_MPLS_LABELS = 16;
export const SNAP_HEADER = 8;
/** PPP's numbers of IPv4 and IPv6 (IANA "PPP DLL Protocol Numbers"), and the header of PPPoE with them. */
const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
export const PPPOE_HEADER = 8;

/** RFC 3032: where the packet behind the labels starts; -1 where no label is the last one. */
export function behindLabels(view: DataView, start: number, end: number): number {
  let at = start;
  for (let labels = 0; labels < MOST_MPLS_LABELS && end - at >= 4; labels++) {
    const isLast = (view.getUint8(at + 2) & 1) === 1;
    at += 4;
    if (isLast) {
      return at;
    }
  }
  return -1;
}

/** RFC 2516: the EtherType of what a session carries behind `PPPOE_HEADER` bytes; 0 where that is not IP. */
export function pppoeEtherType(view: DataView, start: number): number {
  const protocol = view.getUint16(start + 6);
  return protocol === PPP_IPV4 ? EtherType.ipv4 : protocol === PPP_IPV6 ? EtherType.ipv6 : 0;
}

/** SNAP behind LLC (IEEE 802, clause 9): organisation and protocol as one number; -1 where there is no SNAP. */
export function snapNumber(view: DataView, start: number, end: number): number {
  const isSnap = end - start >= SNAP_HEADER && view.getUint8(start) === 0xaa && view.getUint8(start + 2) === 3;
  return isSnap
    ? ((view.getUint8(start + 3) << 16) | view.getUint16(start + 4)) * 0x10000 + view.getUint16(start + 6)
    : -1;
}

/** The number is an EtherType: organisation 0. */
export function isSnapEtherType(number: number): boolean {
  return number >= FIRST_ETHERTYPE && number <= 0xffff;
}
