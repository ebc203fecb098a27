import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import type { Dissector } from '../src/wire/dissector.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { Reader } from '../src/wire/reader.ts';
import { packetsIn, TestConversation } from './captures.ts';

/** Messages mutated per protocol; KEYWAY_MUTATIONS=1000000 for the long run. */
const MUTATIONS = Number(env['KEYWAY_MUTATIONS'] ?? 20_000);
/** Milliseconds of processor time that one message may take, the best of several tries: others share the machine. */
const MOST_MILLISECONDS = 50;
const TRIES = 5;

const protocols = new URL('../src/wire/protocols/', import.meta.url);

/** A small generator of its own, so that a failure can be repeated from the protocol's name alone (xorshift32). */
class Random {
  #state: number;

  constructor(name: string) {
    this.#state =
      [...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5) | 1;
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % Math.max(1, limit);
  }
}

type Mutator = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const EXTREMES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

const MUTATORS: readonly Mutator[] = [
  // a bit
  (bytes, _, random) => changed(bytes, random.below(bytes.length), (value) => value ^ (1 << random.below(8))),
  // a byte
  (bytes, _, random) => changed(bytes, random.below(bytes.length), () => random.below(256)),
  // a length or a count: one, two or four extreme bytes
  (bytes, _, random) => {
    const at = random.below(bytes.length);
    const value = EXTREMES[random.below(EXTREMES.length)] ?? 0;
    return [1, 2, 4][random.below(3)] === 1
      ? changed(bytes, at, () => value)
      : [0, 1, 2, 3].reduce((result, next) => changed(result, at + next, () => value), bytes);
  },
  // cut
  (bytes, _, random) => bytes.slice(0, random.below(bytes.length)),
  // the head of one, the tail of another
  (bytes, other, random) => joined(bytes.slice(0, random.below(bytes.length)), other.slice(random.below(other.length))),
  // a part again and again: lists and nesting
  (bytes, _, random) => {
    const from = random.below(bytes.length);
    const part = bytes.slice(from, from + 1 + random.below(16));
    const times = 1 + random.below(200);
    return joined(bytes.slice(0, from), ...Array.from({ length: times }, () => part), bytes.slice(from));
  },
  // anything
  (bytes, _, random) => Uint8Array.from({ length: bytes.length }, () => random.below(256)),
];

function changed(bytes: Uint8Array, at: number, change: (value: number) => number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) {
    copy[at] = change(copy[at] ?? 0);
  }
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** Everything the engine would do with a message. */
function exercise(dissector: Dissector, bytes: Uint8Array, fromClient: boolean): void {
  const conversation = new TestConversation();
  const context = conversation.context(fromClient);
  dissector.recognise(Reader.of(bytes), context);
  dissector.cut?.(Reader.of(bytes), context);
  dissector.part?.(Reader.of(bytes), context);
  const dissection = dissector.dissect(bytes, context);
  if (dissection.outcome === 'message') {
    for (const reading of dissection.readings) {
      dissector.observe?.(reading, context);
      JSON.stringify(reading.fields);
    }
  }
}

function processorMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe.each(dissectors)('$name, mutated', (dissector) => {
  it(`neither throws nor takes long over ${MUTATIONS} messages`, { timeout: 600_000 + MUTATIONS }, async () => {
    const packets = await packetsIn(new URL(`${dissector.name.replaceAll('_', '-')}/captures/`, protocols));
    const random = new Random(dissector.name);
    for (let done = 0; done < MUTATIONS; done++) {
      const { bytes, fromClient } = packets[random.below(packets.length)] ?? {
        bytes: new Uint8Array(1),
        fromClient: true,
      };
      const other = packets[random.below(packets.length)]?.bytes ?? bytes;
      let mutated = bytes;
      for (let rounds = 1 + random.below(3); rounds > 0 && mutated.length > 0; rounds--) {
        mutated = (MUTATORS[random.below(MUTATORS.length)] as Mutator)(mutated, other, random);
      }
      const begun = performance.now();
      exercise(dissector, mutated, fromClient);
      if (performance.now() - begun > MOST_MILLISECONDS) {
        const best = Math.min(
          ...Array.from({ length: TRIES }, () => processorMilliseconds(() => exercise(dissector, mutated, fromClient))),
        );
        expect(best, `message ${Buffer.from(mutated).toString('hex').slice(0, 2000)}`).toBeLessThan(MOST_MILLISECONDS);
      }
    }
  });
});
