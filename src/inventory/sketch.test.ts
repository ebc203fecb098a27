import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sketch } from './sketch.ts';

const times = fc.array(fc.double({ min: 0.01, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 400 });
const QUANTILES = [0.01, 0.5, 0.9, 0.99, 0.999, 1];

function sketchOf(values: readonly number[], accuracy: number): Sketch {
  const sketch = new Sketch(accuracy);
  for (const value of values) {
    sketch.add(value);
  }
  return sketch;
}

function exact(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
}

describe('sketch', () => {
  it('has no quantile without values', () => {
    expect(new Sketch(0.01).quantile(0.5)).toBeUndefined();
  });

  it('is exact for few values', () => {
    const sketch = sketchOf([4, 1, 3], 0.01);

    expect([sketch.quantile(0.5), sketch.min, sketch.max, sketch.distanceQuantile(3, 1)]).toEqual([3, 1, 4, 2]);
  });

  it('stays within its accuracy', () => {
    fc.assert(
      fc.property(times, (values) => {
        const sketch = sketchOf(values, 0.01);
        for (const q of QUANTILES) {
          const wanted = exact(values, q);
          expect(Math.abs((sketch.quantile(q) ?? 0) - wanted)).toBeLessThanOrEqual(wanted * 0.010001);
        }
        expect([sketch.min, sketch.max]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
    );
  });

  it('does not depend on the order of values and merges, nor on how far they spread', () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 5 }), fc.constantFrom(0.01, 0.0002), (parts, accuracy) => {
        const whole = sketchOf(parts.flat(), accuracy);
        const forward = new Sketch(accuracy);
        const backward = new Sketch(accuracy);
        for (const part of parts) {
          forward.merge(sketchOf(part, accuracy));
        }
        for (const part of parts.toReversed()) {
          backward.merge(sketchOf(part.toReversed(), accuracy));
        }
        for (const q of QUANTILES) {
          expect(forward.quantile(q)).toBe(whole.quantile(q));
          expect(backward.quantile(q)).toBe(whole.quantile(q));
        }
        expect(forward.count).toBe(parts.flat().length);
      }),
    );
  });
});
