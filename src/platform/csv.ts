import { printable } from './cli/printable.ts';

/** What a spreadsheet takes for a formula when a cell begins with it, in either width; also behind a semicolon, which parts cells in many countries. */
const FORMULA = /(^|;\s*)([=+\-@\uff0b\uff0d\uff1d\uff20])/g;

export type CsvValue = string | number | boolean | null | undefined;

/**
 * RFC 4180 with a header line. What a spreadsheet would run as a formula gets an apostrophe in front; what a terminal or an
 * editor would obey instead of show is an escape.
 */
export function csvText(titles: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [titles, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(value: CsvValue): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (typeof value !== 'string') {
    return String(value);
  }
  const safe = printable(value).replace(FORMULA, "$1'$2");
  return /[",;]/.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}
