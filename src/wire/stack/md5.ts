import { hexText } from '../format.ts';
import { padBlocks } from './hash-blocks.ts';

/** Rotations and constants of RFC 1321, sections 3.4: the constants are the sines of the steps. */
const ROTATIONS: readonly (readonly number[])[] = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
const SINES = Int32Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 0x1_0000_0000));

/** MD5 in hexadecimal digits. It names things here and protects nothing. */
export function md5Text(bytes: Uint8Array): string {
  const blocks = padBlocks(bytes, true);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    addBlock(state, blocks, at);
  }
  const digest = new DataView(new ArrayBuffer(16));
  for (const [index, word] of state.entries()) {
    digest.setInt32(index * 4, word, true);
  }
  return hexText(new Uint8Array(digest.buffer));
}

function addBlock(state: Int32Array, blocks: DataView, at: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    const sum =
      (a + mix(round, b, c, d) + blocks.getInt32(at + wordOf(round, step) * 4, true) + (SINES[step] ?? 0)) | 0;
    const by = ROTATIONS[round]?.[step & 3] ?? 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << by) | (sum >>> (32 - by)))) | 0;
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
}

function mix(round: number, b: number, c: number, d: number): number {
  switch (round) {
    case 0:
      return (b & c) | (~b & d);
    case 1:
      return (b & d) | (c & ~d);
    case 2:
      return b ^ c ^ d;
    default:
      return c ^ (b | ~d);
  }
}

function wordOf(round: number, step: number): number {
  switch (round) {
    case 0:
      return step;
    case 1:
      return (5 * step + 1) & 15;
    case 2:
      return (3 * step + 5) & 15;
    default:
      return (7 * step) & 15;
  }
}
