import { IpProtocol, isExtensionHeader } from './header-numbers.ts';

const MOST_HEADERS = 16;
export const FRAGMENT_HEADER = 8;
/** Offset, and whether more follow. */
const IS_PART = 0xfff9;

/** `part`: at a fragment header of one part among several; `short`: the packet ends within them; `endless`: there are too many. */
export type Walk = 'whole' | 'part' | 'short' | 'endless';

/**
 * The extension headers of IPv6 (RFC 8200 section 4, RFC 4302, RFC 6275). One rule for all who look behind them: a filter that
 * went less far than the stack would lose what the stack reads. One object is filled anew for each walk.
 */
export class ExtensionHeaders {
  /** The protocol behind the last header that was passed, and where it starts. */
  next = 0;
  at = 0;

  walk(view: DataView, first: number, start: number, end: number): Walk {
    this.next = first;
    this.at = start;
    for (let headers = 0; headers < MOST_HEADERS; headers++) {
      const { next, at } = this;
      const isFragment = next === IpProtocol.fragment;
      if (end - at < 8 || !(isFragment || isExtensionHeader(next))) {
        return 'whole';
      }
      if (isFragment && (view.getUint16(at + 2) & IS_PART) !== 0) {
        return 'part';
      }
      this.next = view.getUint8(at);
      this.at = at + (isFragment ? FRAGMENT_HEADER : lengthOf(next, view.getUint8(at + 1)));
      if (this.at > end) {
        return 'short';
      }
    }
    return 'endless';
  }
}

/** The authentication header counts in other units than the rest. */
function lengthOf(header: number, units: number): number {
  return header === IpProtocol.ah ? (units + 2) * 4 : (units + 1) * 8;
}
