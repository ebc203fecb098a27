/** Sum of big-endian 16-bit words, an odd last byte filled up with zero (RFC 1071), not yet folded. */
export function sumWords(view: DataView, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) {
    sum += view.getUint16(at);
  }
  return at < end ? sum + (view.getUint8(at) << 8) : sum;
}

/** The checksum that IPv4, ICMP, UDP and TCP put into their header. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) {
    folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  }
  return ~folded & 0xffff;
}
