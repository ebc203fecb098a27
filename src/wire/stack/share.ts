/**
 * How the traffic of a run is divided among engines that all see every packet: by pairs of addresses, so that whatever belongs
 * together, both directions of a flow and all its copies, is read by one of them.
 */
export interface Share {
  /** Counted from 0. */
  readonly index: number;
  /** How many engines divide the traffic. */
  readonly of: number;
}

export const ALL_TRAFFIC: Share = { index: 0, of: 1 };

/** Pairs of addresses fall into so many lanes (a power of two), and a share has every so many of them. */
export const LANES = 16;

/** The lane of a pair of addresses, whichever of them sends; each address as one word. */
export function laneOf(one: number, other: number): number {
  let hash = Math.imul((one + other) | 0, 0x9e3779b1) ^ Math.imul(one ^ other, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  return (hash >>> 16) & (LANES - 1);
}
