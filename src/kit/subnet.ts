/** Addresses that agree with `words` where `masks` has ones: one word of 32 bits for IPv4, four for IPv6. */
export interface Subnet {
  readonly words: readonly number[];
  readonly masks: readonly number[];
}

const WORD_BITS = 32;

/** An address or, with `/` and a number of bits, a subnet. Bits behind the prefix do not count. */
export function subnetOf(text: string): Subnet | undefined {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const words = addressWords(address);
  const prefix = bits === undefined ? Number.POSITIVE_INFINITY : Number(bits);
  if (words === undefined || (bits !== undefined && prefix > words.length * WORD_BITS)) {
    return undefined;
  }
  const masks = words.map((_, at) => maskOf(Math.max(0, Math.min(WORD_BITS, prefix - at * WORD_BITS))));
  return { words, masks };
}

/** 32 bits each: one of an IPv4 address, four of an IPv6 address; undefined where it is neither. */
export function addressWords(text: string): readonly number[] | undefined {
  return ipv4Words(text) ?? ipv6Words(text);
}

export function isInSubnet({ words, masks }: Subnet, address: readonly number[]): boolean {
  return (
    words.length === address.length && words.every((word, at) => (((address[at] ?? 0) ^ word) & (masks[at] ?? 0)) === 0)
  );
}

function maskOf(ones: number): number {
  return ones === 0 ? 0 : -1 << (WORD_BITS - ones);
}

function ipv4Words(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  const octets = parts.filter((part) => /^\d{1,3}$/.test(part) && Number(part) < 256).map(Number);
  return parts.length === 4 && octets.length === 4
    ? [octets.reduce((word, octet) => (word << 8) | octet, 0)]
    : undefined;
}

const IPV6_GROUPS = 8;

/** RFC 4291 2.2, without dotted ends. */
function ipv6Words(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = IPV6_GROUPS - head.length - tail.length;
  const groups = [...head, ...'0'.repeat(Math.max(0, missing)), ...tail];
  const isWhole = halves.length === 2 ? missing > 0 : halves.length === 1 && missing === 0;
  if (!isWhole || !groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) {
    return undefined;
  }
  const numbers = groups.map((group) => Number.parseInt(group, 16));
  return [0, 2, 4, 6].map((at) => ((numbers[at] ?? 0) << 16) | (numbers[at + 1] ?? 0));
}
