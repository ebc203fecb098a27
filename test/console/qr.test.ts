import { expect, it } from 'vitest';
import { qrOf } from '../../web/src/access/qr.ts';

/** Read by an independent reader when it was made: a change of one module is a change of the code. */
it('draws a known code', () => {
  const rows = qrOf('keyway')?.map((row) => row.map((isDark) => (isDark ? '#' : '.')).join(''));

  expect(rows).toMatchInlineSnapshot(`
    [
      "#######...#.#.#######",
      "#.....#.....#.#.....#",
      "#.###.#.#.#...#.###.#",
      "#.###.#.....#.#.###.#",
      "#.###.#..#.##.#.###.#",
      "#.....#..###..#.....#",
      "#######.#.#.#.#######",
      "........#.#..........",
      "###.#####.#.###...#..",
      "######.##..#.#.#...##",
      ".##.###.#..#.###.####",
      "#.##.#.##.####.##...#",
      ".##...##...#.###.#...",
      "........#.#...##.####",
      "#######.##..#...#####",
      "#.....#.#.#...#....##",
      "#.###.#.#.#.#.#..#.##",
      "#.###.#...##.#..#..#.",
      "#.###.#.#.##.#####..#",
      "#.....#.#.####.....#.",
      "#######.##.#.##.#..##",
    ]
  `);
});

it.each([
  [17, 21],
  [18, 25],
  [154, 45],
  [155, 49],
  [271, 57],
])('takes %i bytes in %i modules', (length, size) => {
  expect(qrOf('x'.repeat(length))).toHaveLength(size);
});

it('takes no more than 271 bytes', () => {
  expect(qrOf('x'.repeat(272))).toBeUndefined();
});
