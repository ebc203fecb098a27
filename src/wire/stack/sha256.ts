import { hexText } from '../format.ts';
import { padBlocks } from './hash-blocks.ts';

/** FIPS 180-4, sections 4.2.2 and 5.3.3: fractional parts of the cube and square roots of the first primes. */
const PRIMES: readonly number[] = firstPrimes(64);
const ROUND_CONSTANTS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START: readonly number[] = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

/** SHA-256 in hexadecimal digits. */
export function sha256Text(bytes: Uint8Array): string {
  const blocks = padBlocks(bytes, false);
  const state = Int32Array.from(START);
  const schedule = new Int32Array(64);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    addBlock(state, schedule, blocks, at);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (const [index, word] of state.entries()) {
    digest.setInt32(index * 4, word);
  }
  return hexText(new Uint8Array(digest.buffer));
}

/** Section 6.2.2. */
function addBlock(state: Int32Array, schedule: Int32Array, blocks: DataView, at: number): void {
  for (let step = 0; step < 64; step++) {
    schedule[step] = step < 16 ? blocks.getInt32(at + step * 4) : extend(schedule, step);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let step = 0; step < 64; step++) {
    const choose = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first = (h + sigma(e, 6, 11, 25) + choose + (ROUND_CONSTANTS[step] ?? 0) + (schedule[step] ?? 0)) | 0;
    const second = (sigma(a, 2, 13, 22) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) {
    state[index] = (state[index] ?? 0) + word;
  }
}

function extend(schedule: Int32Array, step: number): number {
  const early = schedule[step - 15] ?? 0;
  const late = schedule[step - 2] ?? 0;
  const small = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
  const large = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
  return ((schedule[step - 16] ?? 0) + small + (schedule[step - 7] ?? 0) + large) | 0;
}

function sigma(word: number, first: number, second: number, third: number): number {
  return rotate(word, first) ^ rotate(word, second) ^ rotate(word, third);
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 0x1_0000_0000) | 0;
}

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime !== 0)) {
      primes.push(number);
    }
  }
  return primes;
}
