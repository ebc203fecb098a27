import type { Micros } from '../../kit/time.ts';

/**
 * Every flow that is tracked, as numbers in one block of memory: a flow costs 128 bytes, two cache lines, and nothing is
 * allocated per packet. Open addressing over a seeded hash, so that nobody outside can make keys collide.
 */

/** Words of 32 bits per record; words 16 to 25 hold five doubles, words 28 to 31 are spare. */
const STRIDE = 32;
const HASH = 0;
const A_LOW = 1;
const A_HIGH = 2;
const B_LOW = 3;
const B_HIGH = 4;
const PORTS = 5;
const KIND = 6;
const SCOPE = 7;
/** Two words a side. */
const MAC_A = 8;
const PACKETS = 12;
const STATE = 14;
const FIRST_FRAME = 15;
/** Places of the doubles, counted in doubles from the start of the record. */
const FIRST_SEEN = 8;
const LAST_SEEN = 9;
const BYTES = 10;
/** TCP: the sequence number that each side sends next, as its SYN said; counted in words. */
const NEXT_SEQUENCE = 26;

const FIRST_CAPACITY = 1024;

/**
 * The kind of a flow's addresses, in the upper half of its KIND word; the carrier's number is in the lower half. The address of
 * a station has its bus in the high word, its number in the low one.
 */
export const AddressKind = { mac: 0, ipv4: 1, ipv6: 2, llc: 3, snap: 4, station: 5 } as const;

/** What the STATE word says above the TTLs of side 0 (low byte) and side 1 (second byte). */
export const FlowState = {
  alive: 1 << 16,
  syn: 1 << 17,
  synAck: 1 << 18,
  /** TCP: one side acknowledged what the other side's SYN said. */
  established: 1 << 19,
  reset: 1 << 20,
  /** Set: side 1 is the client. */
  clientIsB: 1 << 21,
  ruleLow: 1 << 22,
  ruleHigh: 1 << 23,
  toMany: 1 << 24,
  /** Set: side 1 sent the first packet. */
  openedByB: 1 << 25,
  answered: 1 << 26,
  macA: 1 << 27,
  macB: 1 << 28,
  finA: 1 << 29,
  finB: 1 << 30,
  /** Either of the two. */
  fin: (1 << 29) | (1 << 30),
} as const;

/** The key of a flow, filled in by whoever reads the packet; the lower end comes first. */
class FlowKey {
  aLow = 0;
  aHigh = 0;
  bLow = 0;
  bHigh = 0;
  ports = 0;
  kind = 0;
  scope = 0;
}

export class FlowTable {
  readonly key = new FlowKey();
  words = new Uint32Array(FIRST_CAPACITY * STRIDE);
  doubles = new Float64Array(this.words.buffer);
  count = 0;
  /** One past the highest record that was ever in use. */
  used = 0;
  private readonly seed: number;
  private capacity = FIRST_CAPACITY;
  /** Record number + 1 by hash; 0 is empty. */
  private slots = new Int32Array(FIRST_CAPACITY * 2);
  private readonly free: number[] = [];

  constructor(seed: number) {
    this.seed = seed | 0;
  }

  /** The record of the flow that `key` names, or -1. */
  find(): number {
    const { key, words, slots } = this;
    const hash = this.hash();
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = (slots[slot] as number) - 1;
      if (found < 0) {
        return -1;
      }
      const at = found * STRIDE;
      if (
        words[at + HASH] === hash &&
        words[at + A_LOW] === key.aLow &&
        words[at + B_LOW] === key.bLow &&
        words[at + PORTS] === key.ports &&
        words[at + KIND] === key.kind &&
        words[at + SCOPE] === key.scope &&
        words[at + A_HIGH] === key.aHigh &&
        words[at + B_HIGH] === key.bHigh
      ) {
        return found;
      }
    }
  }

  /** Adds the flow that `key` names, which must not be there yet; its numbers are all zero. */
  add(): number {
    const record = this.free.pop() ?? this.used++;
    if (record >= this.capacity) {
      this.grow();
    }
    const { key, words } = this;
    const hash = this.hash();
    const at = record * STRIDE;
    words.fill(0, at, at + STRIDE);
    words[at + HASH] = hash;
    words[at + A_LOW] = key.aLow;
    words[at + A_HIGH] = key.aHigh;
    words[at + B_LOW] = key.bLow;
    words[at + B_HIGH] = key.bHigh;
    words[at + PORTS] = key.ports;
    words[at + KIND] = key.kind;
    words[at + SCOPE] = key.scope;
    words[at + STATE] = FlowState.alive;
    this.place(record, hash);
    this.count++;
    return record;
  }

  remove(record: number): void {
    const { words, slots } = this;
    const mask = slots.length - 1;
    let slot = (words[record * STRIDE + HASH] as number) & mask;
    while (slots[slot] !== record + 1) {
      slot = (slot + 1) & mask;
    }
    this.closeGap(slot, mask);
    words[record * STRIDE + STATE] = 0;
    this.free.push(record);
    this.count--;
  }

  isAlive(record: number): boolean {
    return (this.state(record) & FlowState.alive) !== 0;
  }

  state(record: number): number {
    return this.words[record * STRIDE + STATE] as number;
  }

  setState(record: number, state: number): void {
    this.words[record * STRIDE + STATE] = state;
  }

  kind(record: number): number {
    return this.words[record * STRIDE + KIND] as number;
  }

  scope(record: number): number {
    return this.words[record * STRIDE + SCOPE] as number;
  }

  addressLow(record: number, side: number): number {
    return this.words[record * STRIDE + A_LOW + side * 2] as number;
  }

  addressHigh(record: number, side: number): number {
    return this.words[record * STRIDE + A_HIGH + side * 2] as number;
  }

  port(record: number, side: number): number {
    const ports = this.words[record * STRIDE + PORTS] as number;
    return side === 0 ? ports >>> 16 : ports & 0xffff;
  }

  macLow(record: number, side: number): number {
    return this.words[record * STRIDE + MAC_A + side * 2] as number;
  }

  macHigh(record: number, side: number): number {
    return this.words[record * STRIDE + MAC_A + 1 + side * 2] as number;
  }

  setMac(record: number, side: number, low: number, high: number): void {
    this.words[record * STRIDE + MAC_A + side * 2] = low;
    this.words[record * STRIDE + MAC_A + 1 + side * 2] = high;
  }

  packets(record: number, side: number): number {
    return this.words[record * STRIDE + PACKETS + side] as number;
  }

  bytes(record: number, side: number): number {
    return this.doubles[(record * STRIDE) / 2 + BYTES + side] as number;
  }

  firstSeen(record: number): Micros {
    return this.doubles[(record * STRIDE) / 2 + FIRST_SEEN] as number;
  }

  lastSeen(record: number): Micros {
    return this.doubles[(record * STRIDE) / 2 + LAST_SEEN] as number;
  }

  firstFrame(record: number): number {
    return this.words[record * STRIDE + FIRST_FRAME] as number;
  }

  nextSequence(record: number, side: number): number {
    return this.words[record * STRIDE + NEXT_SEQUENCE + side] as number;
  }

  setNextSequence(record: number, side: number, sequence: number): void {
    this.words[record * STRIDE + NEXT_SEQUENCE + side] = sequence;
  }

  setLastSeen(record: number, time: Micros): void {
    this.doubles[(record * STRIDE) / 2 + LAST_SEEN] = time;
  }

  begin(record: number, time: Micros, frame: number): void {
    this.doubles[(record * STRIDE) / 2 + FIRST_SEEN] = time;
    this.words[record * STRIDE + FIRST_FRAME] = frame;
  }

  /** Counts one packet; time may run back inside a file. */
  countPacket(record: number, side: number, length: number, time: Micros): void {
    const at = record * STRIDE;
    const words = this.words;
    const doubles = this.doubles;
    words[at + PACKETS + side] = (words[at + PACKETS + side] as number) + 1;
    const half = at / 2;
    doubles[half + BYTES + side] = (doubles[half + BYTES + side] as number) + length;
    if (time > (doubles[half + LAST_SEEN] as number)) {
      doubles[half + LAST_SEEN] = time;
    }
  }

  private hash(): number {
    const { key } = this;
    let hash = this.seed ^ key.kind;
    hash = Math.imul(hash ^ key.aLow, 0x85ebca6b);
    hash = Math.imul((hash ^ (hash >>> 15)) + key.bLow, 0xc2b2ae35);
    hash = Math.imul((hash ^ (hash >>> 13)) + key.ports, 0x27d4eb2f);
    hash = Math.imul((hash ^ (hash >>> 15)) + key.aHigh, 0x165667b1);
    hash = Math.imul((hash ^ (hash >>> 13)) + key.bHigh + Math.imul(key.scope, 0x9e3779b1), 0x85ebca6b);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  private place(record: number, hash: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = record + 1;
  }

  /** Moves what follows an emptied slot back towards where its hash belongs, so that no probe ends too early. */
  private closeGap(emptied: number, mask: number): void {
    const { words, slots } = this;
    let hole = emptied;
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (words[((slots[slot] as number) - 1) * STRIDE + HASH] as number) & mask;
      if (((slot - home) & mask) >= ((slot - hole) & mask)) {
        slots[hole] = slots[slot] as number;
        hole = slot;
      }
    }
    slots[hole] = 0;
  }

  private grow(): void {
    this.capacity *= 2;
    const words = new Uint32Array(this.capacity * STRIDE);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
    this.slots = new Int32Array(this.capacity * 2);
    for (let record = 0; record < this.used - 1; record++) {
      if (this.isAlive(record)) {
        this.place(record, words[record * STRIDE + HASH] as number);
      }
    }
  }
}
