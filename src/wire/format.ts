/** How numbers of the wire are written for people. Nothing here runs per packet. */

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** `00:1c:06:00:00:01` from the six bytes at `at`. */
export function macText(bytes: Uint8Array, at = 0): string {
  let text = '';
  for (let next = 0; next < 6; next++) {
    text += (next === 0 ? '' : ':') + (HEX[bytes[at + next] ?? 0] ?? '00');
  }
  return text;
}

/** `192.168.0.1` from an unsigned 32-bit number. */
export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** RFC 5952 text of the sixteen bytes at `at`. */
export function ipv6Text(bytes: Uint8Array, at = 0): string {
  const groups: number[] = [];
  for (let next = 0; next < 16; next += 2) {
    groups.push(((bytes[at + next] ?? 0) << 8) | (bytes[at + next + 1] ?? 0));
  }
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${ipv4Text((((groups[6] ?? 0) << 16) | (groups[7] ?? 0)) >>> 0)}`;
  }
  const zeros = longestZeros(groups);
  if (zeros.length < 2) {
    return groups.map(hexGroup).join(':');
  }
  const head = groups.slice(0, zeros.start).map(hexGroup).join(':');
  const tail = groups
    .slice(zeros.start + zeros.length)
    .map(hexGroup)
    .join(':');
  return `${head}::${tail}`;
}

/** Address text of 4 bytes (IPv4) or 16 bytes (IPv6); undefined for any other length. */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) {
    return Array.from(bytes).join('.');
  }
  return bytes.length === 16 ? ipv6Text(bytes) : undefined;
}

/** `dea00001-6c97-11d1-8271-00a02442df7d`; the first three groups in the byte order of the sender (C706, appendix A). */
export function uuidText(bytes: Uint8Array, littleEndian: boolean): string {
  const order = littleEndian ? [3, 2, 1, 0, 5, 4, 7, 6] : [0, 1, 2, 3, 4, 5, 6, 7];
  const digits = [...order, 8, 9, 10, 11, 12, 13, 14, 15].map((at) => HEX[bytes[at] ?? 0] ?? '00').join('');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

export function hexText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += HEX[byte] ?? '';
  }
  return text;
}

function hexGroup(group: number): string {
  return group.toString(16);
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let at = 0; at <= groups.length; at++) {
    if (groups[at] !== 0) {
      if (at - start > best.length) {
        best = { start, length: at - start };
      }
      start = at + 1;
    }
  }
  return best;
}
