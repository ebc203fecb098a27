import type { Dissector } from '../src/wire/dissector.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { Reader } from '../src/wire/reader.ts';
import { type Packet, packetsIn, TestConversation } from '../test/captures.ts';
import type { GrowthCase } from './growth.ts';

/** Bytes that are added at the smaller size. */
const SIZE = 8192;
const LARGE = 8 * SIZE;
const KEPT_PER_PROTOCOL = 2;
const LONGEST_PART = 48;
const MOST_EXTREMES = 3;
const EXTREMES = [0xff, 0x7f, 0x01, 0x00];

/** A message of a golden capture with a part of it over and over, and some bytes before the part made extreme. */
interface Mutant {
  readonly packet: Packet;
  readonly from: number;
  readonly length: number;
  readonly extremes: readonly (readonly [at: number, value: number])[];
  /** What looks like the length of the rest is made right again, so that the longer message is not refused at once. */
  readonly isRepaired: boolean;
}

const protocols = new URL('../src/wire/protocols/', import.meta.url);

/** Searches each protocol's golden messages for those whose repetition costs most, and makes cases of the worst. */
export async function worstMutants(
  candidates: number,
  only: string,
  costOf: (work: () => void) => number = millisecondsOf,
): Promise<readonly GrowthCase[]> {
  const cases: GrowthCase[] = [];
  for (const dissector of dissectors.filter(({ name }) => name.includes(only) || only.startsWith(name))) {
    const packets = await packetsIn(new URL(`${dissector.name.replaceAll('_', '-')}/captures/`, protocols));
    const random = randomOf(dissector.name);
    const tried: { readonly mutant: Mutant; readonly took: number }[] = [];
    for (let number = 0; number < candidates && packets.length > 0; number++) {
      const mutant = mutantOf(packets, random);
      const { fromClient } = mutant.packet;
      const bytes = grown(mutant, LARGE);
      tried.push({ mutant, took: costOf(() => exercise(dissector, bytes, fromClient)) });
    }
    tried.sort((one, other) => other.took - one.took);
    for (const [place, { mutant }] of tried.slice(0, KEPT_PER_PROTOCOL).entries()) {
      cases.push({
        name: `${dissector.name}: repeated part ${place + 1}`,
        size: SIZE,
        unit: 'bytes',
        prepare(size) {
          const bytes = grown(mutant, size);
          return () => exercise(dissector, bytes, mutant.packet.fromClient);
        },
      });
    }
  }
  return cases;
}

/** Once to warm up, and once measured. */
function millisecondsOf(work: () => void): number {
  work();
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

/** Everything the engine would do with a message. */
export function exercise(dissector: Dissector, bytes: Uint8Array, fromClient: boolean): void {
  const context = new TestConversation().context(fromClient);
  dissector.recognise(Reader.of(bytes), context);
  dissector.cut?.(Reader.of(bytes), context);
  dissector.part?.(Reader.of(bytes), context);
  const dissection = dissector.dissect(bytes, context);
  if (dissection.outcome === 'malformed') {
    return;
  }
  for (const reading of dissection.readings) {
    dissector.observe?.(reading, context);
    JSON.stringify(reading.fields);
  }
}

type Random = (below: number) => number;

/** xorshift32 from a name: the same cases every time. */
function randomOf(name: string): Random {
  let state = [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % Math.max(1, below);
  };
}

function mutantOf(packets: readonly Packet[], random: Random): Mutant {
  const packet = packets[random(packets.length)] as Packet;
  const { length } = packet.bytes;
  const from = random(length);
  const extremes = Array.from(
    { length: random(MOST_EXTREMES + 1) },
    () => [random(from), EXTREMES[random(EXTREMES.length)] ?? 0] as const,
  );
  const part = 1 + random(Math.min(LONGEST_PART, length - from));
  return { packet, from, length: part, extremes, isRepaired: random(2) === 0 };
}

/** A length may count its own bytes or leave some of the head out: so much may it differ from what follows it. */
const NEAR_LENGTH = 12;
const LEAST_LENGTH = 4;

/** Adds what was put in to every number before it that says, more or less, how long the rest is. */
function repair(bytes: Uint8Array, from: number, added: number): void {
  const before = new DataView(bytes.slice().buffer);
  const after = new DataView(bytes.buffer);
  const rest = bytes.length - added;
  for (let at = 0; at + 2 <= from; at++) {
    for (const isLittle of [false, true]) {
      const isLength = (value: number) => value >= LEAST_LENGTH && Math.abs(value - (rest - at)) <= NEAR_LENGTH;
      const short = before.getUint16(at, isLittle);
      if (isLength(short)) {
        after.setUint16(at, Math.min(0xffff, short + added), isLittle);
      }
      const long = at + 4 <= from ? before.getUint32(at, isLittle) : 0;
      if (isLength(long)) {
        after.setUint32(at, long + added, isLittle);
      }
    }
  }
}

function grown({ packet, from, length, extremes, isRepaired }: Mutant, size: number): Uint8Array {
  const times = Math.ceil(size / length);
  const bytes = new Uint8Array(packet.bytes.length + times * length);
  bytes.set(packet.bytes.subarray(0, from));
  for (const [at, value] of extremes) {
    bytes[at] = value;
  }
  const part = packet.bytes.subarray(from, from + length);
  for (let time = 0; time < times; time++) {
    bytes.set(part, from + time * length);
  }
  bytes.set(packet.bytes.subarray(from), from + times * length);
  if (isRepaired) {
    repair(bytes, from, times * length);
  }
  return bytes;
}
