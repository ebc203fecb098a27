import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LineBlock, LineMerge } from './line-block.ts';

const text = new TextEncoder();

/** Lines of one share with their frames, divided into blocks after some of them. */
function blocksOf(frames: readonly number[], share: number, every: number): LineBlock[] {
  const blocks: LineBlock[] = [];
  for (let from = 0; from < frames.length; from += every) {
    const part = frames.slice(from, from + every);
    let bytes = '';
    const ends = part.map((frame, at) => {
      bytes += `${frame}/${share}/${from + at}\n`;
      return bytes.length;
    });
    const following = frames[from + every] ?? Number.POSITIVE_INFINITY;
    const through = Math.min((part.at(-1) ?? 0) + 1, following - 1);
    blocks.push({ bytes: text.encode(bytes), frames: Uint32Array.from(part), ends: Uint32Array.from(ends), through });
  }
  blocks.push({
    bytes: new Uint8Array(0),
    frames: new Uint32Array(0),
    ends: new Uint32Array(0),
    through: Number.POSITIVE_INFINITY,
  });
  return blocks;
}

/** Each frame belongs to one share, and may have several lines. */
const shares = fc
  .array(fc.array(fc.nat({ max: 5 }), { maxLength: 40 }), { minLength: 1, maxLength: 4 })
  .map((parts) => {
    const of = parts.length;
    return parts.map((steps, share) => {
      let at = share;
      return steps.map((step) => {
        at += step * of;
        return at;
      });
    });
  });

test('whatever comes first from whom, the lines are in order of their frames and all blocks are used up', () => {
  fc.assert(
    fc.property(shares, fc.integer({ min: 1, max: 7 }), fc.infiniteStream(fc.nat()), (frames, every, choices) => {
      let written = '';
      const used = frames.map(() => 0);
      const merge = new LineMerge(
        frames.length,
        (bytes) => {
          written += new TextDecoder().decode(bytes);
        },
        (share) => {
          used[share] = (used[share] ?? 0) + 1;
        },
      );
      const queues = frames.map((list, share) => blocksOf(list, share, every));
      const given = queues.map(({ length }) => length);
      for (;;) {
        const open = queues.flatMap((queue, share) => (queue.length > 0 ? [share] : []));
        if (open.length === 0) {
          break;
        }
        const share = open[(choices.next().value ?? 0) % open.length] as number;
        merge.add(share, queues[share]?.shift() as LineBlock);
      }
      const expected = frames
        .flatMap((list, share) => list.map((frame, at) => ({ frame, line: `${frame}/${share}/${at}\n` })))
        .toSorted((a, b) => a.frame - b.frame);
      expect(written).toBe(expected.map(({ line }) => line).join(''));
      expect(used).toEqual(given);
    }),
  );
});
