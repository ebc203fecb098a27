import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unescaped, unguarded } from '../kit/cell-text.ts';
import { csvText } from './csv.ts';

it.each([
  { value: '=1+1', cell: `"'=1+1"` },
  { value: "'=1+1", cell: `"''=1+1"` },
  { value: 'a; @x', cell: `"a; '@x"` },
  { value: 'a\u001b[2Jb', cell: '"a\\u{1b}[2Jb"' },
  { value: '\\u{1b}', cell: '"\\u{5c}u{1b}"' },
  { value: 'say "x"', cell: '"say ""x"""' },
  { value: ' plain ', cell: ' plain ' },
])('writes $value as $cell', ({ value, cell }) => {
  expect([...csvText(['t'], [[value]])].join('')).toBe(`t\r\n${cell}\r\n`);
});

it('writes nothing that cannot be read back', () => {
  const pieces = fc.constantFrom(
    '=',
    "'",
    ';',
    ' ',
    '\\u{',
    '1b}',
    '\t',
    '\r\n',
    '\u202e',
    '+',
    '@',
    '"',
    ',',
    '\u2028',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'grapheme' }))), (parts) => {
      const value = parts.join('').toWellFormed();
      const [, line = ''] = [...csvText(['t'], [[value]])].join('').split('\r\n');
      const cell = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;

      expect(unescaped(unguarded(cell))).toBe(value);
      expect(/^[=+\-@\t\r]/.test(cell)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
