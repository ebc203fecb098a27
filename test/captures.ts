import { readdir, readFile } from 'node:fs/promises';
import type { Context, Dissector, Memory, PairKey, Reading } from '../src/wire/dissector.ts';
import { Reader } from '../src/wire/reader.ts';

/** Bytes from hex digits; white space only helps the eye. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s+/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16),
  );
}

/** One PDU of a golden capture. */
export interface Packet {
  readonly bytes: Uint8Array;
  readonly fromClient: boolean;
}

/**
 * The PDUs of a text file in the form that `text2pcap -D` reads: lines of `O 0000 00 01 …` (sent by the client) or
 * `I 0000 …` (sent by the server), further lines of the same PDU with a growing offset, `#` for comments.
 * The first comment says how the capture was made.
 */
function parsePackets(text: string): readonly Packet[] {
  const packets: { bytes: number[]; fromClient: boolean }[] = [];
  let fromClient = true;
  for (const line of text.split('\n')) {
    const match = /^\s*([IO])?\s*([0-9a-f]{4,8})\s+((?:[0-9a-f]{2}\s*)+)/i.exec(line);
    if (!match || line.startsWith('#')) {
      continue;
    }
    const [, side, offset = '0', bytes = ''] = match;
    fromClient = side ? side === 'O' : fromClient;
    if (Number.parseInt(offset, 16) === 0) {
      packets.push({ bytes: [], fromClient });
    }
    packets.at(-1)?.bytes.push(...hex(bytes));
  }
  return packets.map((packet) => ({ bytes: Uint8Array.from(packet.bytes), fromClient: packet.fromClient }));
}

/** Every PDU of every golden capture in a folder; none where the folder is missing. */
export async function packetsIn(folder: URL): Promise<readonly Packet[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const texts = names.filter((name) => name.endsWith('.txt')).map((name) => readFile(new URL(name, folder), 'utf8'));
  return (await Promise.all(texts)).flatMap(parsePackets);
}

/** A conversation's context as the engine gives it, with pairing and memory, and whatever the test sets otherwise. */
export class TestConversation {
  readonly #questions = new Map<PairKey, Reading>();
  readonly #memory = new Map<number | string, Memory>();
  readonly #more: Partial<Context>;

  constructor(more: Partial<Context> = {}) {
    this.#more = more;
  }

  context(fromClient: boolean): Context {
    return {
      transport: 'tcp',
      fromClient,
      sourcePort: 0,
      destinationPort: 0,
      toMany: false,
      question: (pair) => this.#questions.get(pair),
      recall: (key) => this.#memory.get(key),
      remember: (key, value) => this.#memory.set(key, value),
      ...this.#more,
    };
  }

  ask(readings: readonly Reading[]): void {
    for (const reading of readings) {
      if (reading.direction === 'request' && reading.pair !== undefined) {
        this.#questions.set(reading.pair, reading);
      }
    }
  }
}

/** Reads a golden capture PDU by PDU: what `decode` would say of it, and what it tells beyond its operations. */
export async function dissectCapture(dissector: Dissector, url: URL, more: Partial<Context> = {}): Promise<string> {
  const conversation = new TestConversation(more);
  const lines: unknown[] = [];
  for (const { bytes, fromClient } of parsePackets(await readFile(url, 'utf8'))) {
    const context = conversation.context(fromClient);
    const part = dissector.part?.(Reader.of(bytes), context);
    if (part && !(part.first !== false && part.last)) {
      lines.push({ part: part.key, last: part.last, bytes: part.body.length });
      continue;
    }
    const dissection = dissector.dissect(bytes, context);
    if (dissection.outcome === 'malformed') {
      lines.push(dissection);
      continue;
    }
    conversation.ask(dissection.readings);
    for (const reading of dissection.readings) {
      const { operation, direction, carries, ...said } = reading;
      const observations = dissector.observe?.(reading, context) ?? [];
      lines.push({
        outcome: dissection.outcome,
        direction,
        operation: operation.name,
        effect: operation.effect,
        ...said,
        ...(carries
          ? {
              carries: carries.map((one) => ({
                key: one.key,
                bytes: one.bytes === undefined ? one.length : one.bytes.length,
              })),
            }
          : {}),
        ...(observations.length > 0 ? { observations } : {}),
      });
    }
  }
  return `${JSON.stringify(lines, null, 2)}\n`;
}
