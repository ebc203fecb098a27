/**
 * Every table, list and wait that traffic can grow. Reaching one is counted and told, never fatal.
 * A test lowers a limit to reach it; a user raises it by a setting of the same name.
 */
export const DEFAULT_LIMITS = {
  /** Flows tracked at once. From 90 % on, unanswered flows end after 10 s, then the oldest unanswered go; back at 70 %. */
  flows: 250_000,
  /** IPv6 addresses remembered at once. */
  addresses: 250_000,
  /** Seconds without a packet after which a flow ends, by kind. */
  idleTcpSeconds: 600,
  halfOpenTcpSeconds: 30,
  idleUdpSeconds: 120,
  idleEthernetSeconds: 600,
  /** Unanswered questions kept per flow; the oldest counts as unanswered. */
  questions: 64,
  /** Facts that dissectors remember per flow. */
  memories: 256,
  /** Bytes that wait behind a hole in one direction of a stream, and in all streams together. */
  heldBytesPerDirection: 256 * 1024,
  heldBytes: 64 * 1024 * 1024,
  /** Seconds that a hole may stay open. */
  holeSeconds: 5,
  /** Bytes of one message, in any reassembly. */
  messageBytes: 1024 * 1024,
  /** Messages open in parts per flow. */
  openMessages: 16,
  /** Fragmented IP datagrams waiting, how long, and their bytes. */
  fragmentedDatagrams: 4096,
  fragmentSeconds: 30,
  fragmentBytes: 16 * 1024 * 1024,
  /** Tunnels inside tunnels. */
  tunnelDepth: 4,
  /** Payloads inside payloads. */
  carriedDepth: 8,
  /** Segments per flow in which a protocol is looked for. */
  recognitionTries: 64,
} as const;

export type LimitName = keyof typeof DEFAULT_LIMITS;
export type Limits = { readonly [Name in LimitName]: number };
