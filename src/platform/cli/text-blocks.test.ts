import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TextBlocks } from './text-blocks.ts';

it('gives back what was put in, whenever it is taken', () => {
  const piece = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('ü€𝄞'.repeat(200_000)), fc.constant(''));
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.boolean())), (steps) => {
      const blocks = new TextBlocks();
      const taken: Uint8Array[] = [];
      for (const [text, takes] of steps) {
        blocks.add(text);
        taken.push(...(takes ? blocks.take(false) : []));
      }
      taken.push(...blocks.take(true));

      expect(Buffer.concat(taken).toString()).toBe(steps.map(([text]) => text).join(''));
      expect(blocks.take(true)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
