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
}

const protocols = new URL('../src/wire/protocols/', import.meta.url);

/** Searches each protocol's golden messages for those whose repetition costs most, and makes cases of the worst. */
export async function worstMutants(candidates: number, only: string): Promise<readonly GrowthCase[]> {
  const cases: GrowthCase[] = [];
  for (const dissector of dissectors.filter(({ name }) => name.includes(only) || only.startsWith(name))) {
    const packets = await packetsIn(new URL(`${dissector.name.replaceAll('_', '-')}/captures/`, protocols));
    const random = randomOf(dissector.name);
    const tried: { readonly mutant: Mutant; readonly took: number }[] = [];
    for (let number = 0; number < candidates && packets.length > 0; number++) {
      const mutant = mutantOf(packets, random);
      const { fromClient } = mutant.packet;
      const bytes = grown(mutant, LARGE);
      exercise(dissector, bytes, fromClient);
      const begun = performance.now();
      exercise(dissector, bytes, fromClient);
      tried.push({ mutant, took: performance.now() - begun });
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
  return { packet, from, length: 1 + random(Math.min(LONGEST_PART, length - from)), extremes };
}

function grown({ packet, from, length, extremes }: Mutant, size: number): Uint8Array {
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
  return bytes;
}
