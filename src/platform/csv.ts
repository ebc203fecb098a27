import { guarded, withoutEscapes } from '../kit/cell-text.ts';
import { printable } from './cli/printable.ts';

export type CsvValue = string | number | boolean | null | undefined;

/**
 * RFC 4180 with a header line, piece by piece. What a spreadsheet would run as a formula gets an apostrophe in front; what a terminal or an
 * editor would obey instead of show is an escape. Both can be undone: `unguarded` and `unescaped` of the kit.
 */
export function* csvText(titles: readonly string[], rows: Iterable<readonly CsvValue[]>): Generator<string> {
  let lines = [lineOf(titles)];
  for (const row of rows) {
    lines.push(lineOf(row));
    if (lines.length >= LINES_PER_PIECE) {
      yield lines.join('');
      lines = [];
    }
  }
  yield lines.join('');
}

/** One text for everything may be longer than a text can be. */
const LINES_PER_PIECE = 1000;

function lineOf(row: readonly CsvValue[]): string {
  return `${row.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: CsvValue): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (typeof value !== 'string') {
    return String(value);
  }
  const safe = guarded(printable(withoutEscapes(value)));
  return /[",;]/.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}
