import { printable } from './printable.ts';

export interface Column<Row> {
  readonly title: string;
  /** Text of a cell; escaped here, so it may come from outside. */
  text(row: Row): string;
  readonly align?: 'right';
  /** Widest it may be; longer text ends in an ellipsis. */
  readonly most?: number;
}

/** Rows under their titles, for people: columns as wide as they need to be, two spaces between them. */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[], indent = ''): string {
  const cells = rows.map((row) => columns.map((column) => shortened(printable(column.text(row)), column.most)));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((line) => widthOf(line[at] ?? ''))),
  );
  const lineOf = (texts: readonly string[]) =>
    `${indent}${texts.map((text, at) => padded(text, widths[at] ?? 0, columns[at]?.align)).join('  ')}`.trimEnd();
  return [lineOf(columns.map(({ title }) => title)), ...cells.map(lineOf)].join('\n');
}

function shortened(text: string, most: number | undefined): string {
  const characters = [...text];
  return most === undefined || characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

function widthOf(text: string): number {
  return [...text].length;
}

function padded(text: string, width: number, align: 'right' | undefined): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? fill + text : text + fill;
}
