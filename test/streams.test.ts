import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dissectors } from '../src/wire/protocols/index.ts';
import { type Packet, packetsIn } from './captures.ts';
import { ACK, CLIENT, type End, type Heard, runFrames, SERVER, SYN, tcpFrame } from './frames.ts';

/**
 * Whatever way a connection is cut into segments, its messages are the same: every golden capture of a protocol on TCP is
 * sent again in many ways.
 */
const onTcp = dissectors.filter(({ at, whole }) => whole && at.some((place) => 'tcp' in place));
const protocols = new URL('../src/wire/protocols/', import.meta.url);

interface Piece {
  readonly from: End;
  readonly to: End;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly bytes: Uint8Array;
}

describe.each(onTcp)('a stream of $name', (dissector) => {
  const port = portOf(dissector.at);
  const server: End = { ...SERVER, port };

  async function golden(): Promise<readonly Packet[]> {
    return (await packetsIn(new URL(`${dissector.name.replaceAll('_', '-')}/captures/`, protocols))).slice(0, 40);
  }

  function pieces(packets: readonly Packet[], size: number): Piece[] {
    const next = { client: 1000, server: 9000 };
    const made: Piece[] = [];
    for (const { bytes, fromClient } of packets) {
      for (let at = 0; at < bytes.length; at += size) {
        const part = bytes.subarray(at, at + size);
        const [from, to] = fromClient ? [CLIENT, server] : [server, CLIENT];
        const sequence = fromClient ? next.client : next.server;
        made.push({ from, to, sequence, acknowledgement: fromClient ? next.server : next.client, bytes: part });
        next[fromClient ? 'client' : 'server'] += part.length;
      }
    }
    return made;
  }

  const opening = [
    tcpFrame(CLIENT, server, 999, 0, SYN),
    tcpFrame(server, CLIENT, 8999, 1000, SYN | ACK),
    tcpFrame(CLIENT, server, 1000, 9000, ACK),
  ];
  const frameOf = ({ from, to, sequence, acknowledgement, bytes }: Piece) =>
    tcpFrame(from, to, sequence, acknowledgement, ACK, bytes);
  const run = (frames: readonly Uint8Array[]) => runFrames(dissectors, [...opening, ...frames]);

  it('is the same in segments of one byte, of three, and whole', async () => {
    const packets = await golden();
    const whole = said(run(pieces(packets, 1 << 20).map(frameOf)).messages);
    expect(whole.join()).toContain(`"protocol":"${dissector.name}"`);

    for (const size of [1, 3]) {
      expect(said(run(pieces(packets, size).map(frameOf)).messages)).toEqual(whole);
    }
  });

  it('is the same when every segment comes twice', async () => {
    const once = pieces(await golden(), 7).map(frameOf);
    const twice = once.flatMap((frame) => [frame, frame]);

    expect(said(run(twice).messages)).toEqual(said(run(once).messages));
  });

  it('says what it did not see', async () => {
    const all = pieces(await golden(), 1 << 20);
    for (const [at, missing] of all.entries()) {
      const isFollowed = all.slice(at + 1).some(({ from }) => from === missing.from);
      if (isFollowed && at < 12) {
        const { gaps } = run(all.filter((piece) => piece !== missing).map(frameOf));
        expect(gaps).toContain(missing.bytes.length);
      }
    }
  });

  it('can be begun anywhere without a fault', async () => {
    const all = pieces(await golden(), 11);
    for (let start = 0; start < Math.min(all.length, 40); start++) {
      const { engine } = runFrames(dissectors, all.slice(start).map(frameOf));
      const { packets, decoded, filtered, dropped } = engine.counters;
      expect(decoded + filtered + dropped).toBe(packets);
    }
  });

  it('is the same when segments overtake each other within one sender’s turn', async () => {
    const all = pieces(await golden(), 13);
    const whole = said(run(all.map(frameOf)).messages);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 3, maxLength: 30 }), async (swaps) => {
        const shuffled = [...all];
        for (const swap of swaps) {
          const at = swap % Math.max(1, shuffled.length - 1);
          const [one, other] = [shuffled[at], shuffled[at + 1]];
          if (one && other && one.from === other.from) {
            shuffled[at] = other;
            shuffled[at + 1] = one;
          }
        }
        expect(said(run(shuffled.map(frameOf)).messages)).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });
});

/** What was said, without the frames in which it was said. */
function said(messages: readonly Heard[]): string[] {
  return messages
    .filter(({ outcome }) => outcome === 'message')
    .map(({ protocol, direction, operation, fields }) => JSON.stringify({ protocol, direction, operation, fields }));
}

function portOf(places: readonly object[]): number {
  const place = places.find((one): one is { readonly tcp: number } => 'tcp' in one);
  return place?.tcp ?? SERVER.port;
}
