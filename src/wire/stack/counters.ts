/** How the packets of a run add up: `packets = decoded + filtered + dropped`; the rest are marks on packets already counted. */
export interface Counters {
  packets: number;
  /** Looked at. */
  decoded: number;
  /** Not looked at on purpose: a link type that is not read, a filter of the user. */
  filtered: number;
  /** Lost to a limit. */
  dropped: number;
  /** Bytes that the packet announces were not captured. */
  truncated: number;
  /** Something in it breaks the rules of its protocol. */
  malformed: number;
  /** Seen twice. */
  duplicates: number;
}
