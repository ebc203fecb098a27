import { type ReactNode, useState } from 'react';

/** A column of a table; `cell` draws what it shows of a row. */
export interface Column<Row> {
  readonly id: string;
  readonly head: string;
  /** Pixels at least. */
  readonly width: number;
  /** Share of the room that is left; default 1. */
  readonly grow?: number;
  /** What the API calls the order by this column. */
  readonly sort?: string;
  /** The first click orders from the largest: numbers and times. */
  readonly largestFirst?: boolean;
  readonly align?: 'end';
  /** Only shown where somebody asks for it. */
  readonly optional?: boolean;
  cell(row: Row): ReactNode;
}

export interface Sort {
  readonly by: string;
  readonly order: 'asc' | 'desc';
}

interface ColumnChoice<Row> {
  readonly shown: readonly Column<Row>[];
  isShown(id: string): boolean;
  toggle(id: string): void;
}

/** Which columns of the table `name` a person wants to see; the browser remembers it. */
export function useColumnChoice<Row>(name: string, columns: readonly Column<Row>[]): ColumnChoice<Row> {
  const [chosen, setChosen] = useState(() => stored(name));
  const isShown = (id: string): boolean =>
    chosen === undefined ? columns.some((column) => column.id === id && !column.optional) : chosen.includes(id);
  return {
    shown: columns.filter(({ id }) => isShown(id)),
    isShown,
    toggle(id) {
      const before = columns.map((column) => column.id).filter(isShown);
      const after = before.includes(id) ? before.filter((one) => one !== id) : [...before, id];
      if (after.length > 0) {
        localStorage.setItem(keyOf(name), JSON.stringify(after));
        setChosen(after);
      }
    },
  };
}

function keyOf(name: string): string {
  return `keyway.columns.${name}`;
}

function stored(name: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(name)) ?? 'null');
    return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : undefined;
  } catch {
    return undefined;
  }
}
