/** Where everything stands, in units of which one is a pixel at scale 1. Levels are rows, the highest on top; places are columns. */
export interface MapLayout {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly rows: readonly Band[];
  readonly columns: readonly Band[];
  readonly width: number;
  readonly height: number;
}

export interface Band {
  readonly key: string;
  readonly at: number;
  readonly size: number;
  readonly count: number;
}

export interface Standing {
  readonly row: string;
  readonly column: string;
}

/** Room of a node with its name. */
export const PITCH_X = 96;
export const PITCH_Y = 46;
const GAP = 34;
const MOST_SHAPES = 24;

/**
 * Puts nodes into the cells of a table of levels and places. How many stand side by side in a cell is chosen such that the whole comes
 * closest to `aspect`, width to height of the window.
 */
export function layOut(
  standings: readonly Standing[],
  order: { readonly rows: readonly string[]; readonly columns: readonly string[] },
  aspect: number,
): MapLayout {
  const cells = Map.groupBy(standings.keys(), (index) => cellKey(standings[index]));
  const rows = order.rows.filter((row) => standings.some((one) => one.row === row));
  const columns = order.columns.filter((column) => standings.some((one) => one.column === column));
  const counts = columns.map((column) => rows.map((row) => cells.get(`${row}\n${column}`)?.length ?? 0));
  const shape = bestShape(counts, aspect);
  const perRow = counts.map((ofColumn) => sideBySide(Math.max(...ofColumn), shape));
  const lines = rows.map((_, row) =>
    Math.max(1, ...counts.map((ofColumn, column) => Math.ceil((ofColumn[row] ?? 0) / (perRow[column] ?? 1)))),
  );
  const rowBands = bands(rows, lines, PITCH_Y, (row) => sum(counts.map((ofColumn) => ofColumn[row] ?? 0)));
  const columnBands = bands(columns, perRow, PITCH_X, (column) => sum(counts[column] ?? []));
  const x = new Float32Array(standings.length);
  const y = new Float32Array(standings.length);
  for (const [column, { key: columnKey, at: left }] of columnBands.entries()) {
    for (const { key: rowKey, at: top } of rowBands) {
      const across = perRow[column] ?? 1;
      for (const [place, index] of (cells.get(`${rowKey}\n${columnKey}`) ?? []).entries()) {
        x[index] = left + ((place % across) + 0.5) * PITCH_X;
        y[index] = top + (Math.floor(place / across) + 0.5) * PITCH_Y;
      }
    }
  }
  return { x, y, rows: rowBands, columns: columnBands, width: endOf(columnBands), height: endOf(rowBands) };
}

function cellKey(standing: Standing | undefined): string {
  return standing === undefined ? '' : `${standing.row}\n${standing.column}`;
}

/** `shape` 1 makes a cell as many nodes wide as high. */
function sideBySide(count: number, shape: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count * shape)));
}

function bestShape(counts: readonly (readonly number[])[], aspect: number): number {
  let best = { shape: 1, distance: Number.POSITIVE_INFINITY };
  for (let step = 0; step < MOST_SHAPES; step++) {
    const shape = 0.02 * 1.45 ** step;
    const across = counts.map((ofColumn) => sideBySide(Math.max(0, ...ofColumn), shape));
    const width = sum(across) * PITCH_X + counts.length * GAP;
    const rows = counts[0]?.length ?? 0;
    let height = rows * GAP;
    for (let row = 0; row < rows; row++) {
      height += PITCH_Y * Math.max(1, ...counts.map((of, column) => Math.ceil((of[row] ?? 0) / (across[column] ?? 1))));
    }
    const distance = Math.abs(Math.log(width / height / aspect));
    if (distance < best.distance) {
      best = { shape, distance };
    }
  }
  return best.shape;
}

function bands(
  keys: readonly string[],
  counts: readonly number[],
  pitch: number,
  countOf: (index: number) => number,
): readonly Band[] {
  let at = 0;
  return keys.map((key, index) => {
    const band = { key, at, size: (counts[index] ?? 1) * pitch, count: countOf(index) };
    at += band.size + GAP;
    return band;
  });
}

function endOf(list: readonly Band[]): number {
  const last = list.at(-1);
  return last === undefined ? 0 : last.at + last.size;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
