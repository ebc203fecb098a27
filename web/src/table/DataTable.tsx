import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/Icon.tsx';
import { Failed, Loading } from '../parts/States.tsx';
import { useKeys } from '../shell/keyboard.ts';
import type { Column, Sort } from './columns.ts';
import { isSelected, NOTHING_SELECTED, type Selection, toggled } from './selection.ts';
import { useNarrow } from './use-narrow.ts';
import type { RowSource } from './use-rows.ts';
import './table.css';

interface DataTableProps<Row> {
  /** What it lists, for those who do not see it. */
  readonly label: string;
  readonly rows: RowSource<Row>;
  readonly columns: readonly Column<Row>[];
  readonly rowId: (row: Row) => string;
  /** A row on a phone, in place of its cells. */
  readonly narrow: (row: Row) => ReactNode;
  readonly narrowHeight?: number;
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort) => void;
  readonly onOpen?: (row: Row) => void;
  readonly selection?: Selection;
  readonly onSelect?: (selection: Selection) => void;
  /** In place of the rows where there are none. */
  readonly empty: ReactNode;
}

const ROW_HEIGHT = 40;
const NARROW_HEIGHT = 64;
const SELECT_WIDTH = 40;

/**
 * A table of any length: it draws the rows in sight and asks for the windows around them. Keys: j and k or the arrows move, Enter
 * opens, x selects.
 */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { rows, empty, selection } = props;
  const { t } = useTranslation();
  const isNarrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const height = isNarrow ? (props.narrowHeight ?? NARROW_HEIGHT) : ROW_HEIGHT;
  const virtual = useVirtualizer({
    count: rows.total,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew.
  useEffect(() => virtual.measure(), [virtual, height]);
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { show, key } = rows;
  useEffect(() => show(first, last), [show, first, last]);
  const { active, setActive, move, onKeyDown } = useActiveRow(props, scroller, (index) => virtual.scrollToIndex(index));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its top.
  useEffect(() => {
    scroller.current?.scrollTo(0, 0);
    setActive(0);
  }, [key]);
  useKeys({
    j: () => move(1),
    k: () => move(-1),
  });
  if (rows.error !== null) {
    return <Failed error={rows.error} retry={rows.retry} />;
  }
  if (rows.isPending && rows.total === 0) {
    return <Loading />;
  }
  if (rows.total === 0) {
    return empty;
  }
  const isActiveDrawn = active >= first && active <= last;
  return (
    <div className="table-box" ref={scroller}>
      <div
        role="grid"
        aria-label={props.label}
        aria-rowcount={rows.total + 1}
        aria-colcount={isNarrow ? 1 : props.columns.length + (selection === undefined ? 0 : 1)}
        aria-multiselectable={selection !== undefined}
        className={isNarrow ? 'grid narrow' : 'grid'}
        style={isNarrow ? undefined : layoutOf(props)}
        onKeyDown={onKeyDown}
      >
        {isNarrow ? undefined : <Head {...props} />}
        <div role="rowgroup" className="grid-rows" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start, size }) => {
            const row = rows.rowAt(index);
            return (
              <div
                key={index}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={
                  selection === undefined || row === undefined ? undefined : isSelected(selection, props.rowId(row))
                }
                data-index={index}
                tabIndex={index === (isActiveDrawn ? active : first) ? 0 : -1}
                className="grid-row"
                style={{ transform: `translateY(${start}px)`, height: size }}
                onFocus={() => setActive(index)}
                onDoubleClick={() => row !== undefined && props.onOpen?.(row)}
              >
                {row === undefined ? (
                  <div role="gridcell" className="grid-cell waiting">
                    <span className="hidden">{t('part.loading')}</span>
                  </div>
                ) : (
                  <Cells {...props} row={row} isNarrow={isNarrow} />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Cells<Row>({
  row,
  rowId,
  columns,
  narrow,
  isNarrow,
  selection,
  onSelect,
}: DataTableProps<Row> & { readonly row: Row; readonly isNarrow: boolean }): ReactNode {
  const { t } = useTranslation();
  if (isNarrow) {
    return (
      <div role="gridcell" className="grid-cell">
        {narrow(row)}
      </div>
    );
  }
  const id = rowId(row);
  return (
    <>
      {selection !== undefined && (
        <div role="gridcell" className="grid-cell">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={t('table.select')}
            checked={isSelected(selection, id)}
            onChange={() => onSelect?.(toggled(selection, id))}
          />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={column.align === 'end' ? 'grid-cell number' : 'grid-cell'}>
          {column.cell(row)}
        </div>
      ))}
    </>
  );
}

function Head<Row>({ columns, sort, onSort, selection, onSelect }: DataTableProps<Row>): ReactNode {
  const { t } = useTranslation();
  return (
    <div role="row" aria-rowindex={1} className="grid-row grid-head">
      {selection !== undefined && (
        <div role="columnheader" className="grid-cell">
          <input
            type="checkbox"
            aria-label={t('table.selectAll')}
            checked={selection.kind === 'all'}
            onChange={({ target }) => onSelect?.(target.checked ? { kind: 'all' } : NOTHING_SELECTED)}
          />
        </div>
      )}
      {columns.map((column) => (
        <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
      ))}
    </div>
  );
}

const SORTED = { asc: 'ascending', desc: 'descending' } as const;

function HeadCell<Row>({
  column,
  sort,
  onSort,
}: {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort) => void) | undefined;
}): ReactNode {
  const { head, sort: by, align } = column;
  const order = by !== undefined && sort?.by === by ? sort.order : undefined;
  return (
    <div
      role="columnheader"
      aria-sort={order === undefined ? undefined : SORTED[order]}
      className={align === 'end' ? 'grid-cell number' : 'grid-cell'}
    >
      {by === undefined || onSort === undefined ? (
        head
      ) : (
        <button type="button" className="sorter" onClick={() => onSort({ by, order: nextOrder(column, order) })}>
          {head}
          {order !== undefined && <Icon name={order === 'asc' ? 'up' : 'down'} size={12} />}
        </button>
      )}
    </div>
  );
}

function nextOrder<Row>({ largestFirst }: Column<Row>, order: 'asc' | 'desc' | undefined): 'asc' | 'desc' {
  if (order === undefined) {
    return largestFirst ? 'desc' : 'asc';
  }
  return order === 'asc' ? 'desc' : 'asc';
}

function layoutOf<Row>({ columns, selection }: DataTableProps<Row>): CSSProperties {
  const select = selection === undefined ? 0 : SELECT_WIDTH;
  const tracks = columns.map(({ width, grow = 1 }) => `minmax(${width}px, ${grow}fr)`);
  return {
    '--tracks': `${select > 0 ? `${select}px ` : ''}${tracks.join(' ')}`,
    minWidth: columns.reduce((sum, { width }) => sum + width, select),
  } as CSSProperties;
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** The row that the keyboard is at: one stop for the tab key, moved by arrows. */
function useActiveRow<Row>(
  { rows, rowId, onOpen, selection, onSelect }: DataTableProps<Row>,
  scroller: { readonly current: HTMLElement | null },
  scrollTo: (index: number) => void,
) {
  const [active, setActive] = useState(0);
  const hasMoved = useRef(false);
  const move = (step: number): void => {
    const next = hasMoved.current || step !== 1 ? active + step : active;
    hasMoved.current = true;
    const index = Math.max(0, Math.min(next, rows.total - 1));
    setActive(index);
    scrollTo(index);
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }),
      ),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isOnRow = event.target instanceof HTMLElement && event.target.dataset['index'] !== undefined;
    const step = STEPS[event.key];
    const row = rows.rowAt(active);
    if (step !== undefined) {
      event.preventDefault();
      hasMoved.current = true;
      move(step);
    } else if (isOnRow && event.key === 'Enter' && row !== undefined) {
      event.preventDefault();
      onOpen?.(row);
    } else if (isOnRow && (event.key === 'x' || event.key === ' ') && row !== undefined && selection !== undefined) {
      event.preventDefault();
      onSelect?.(toggled(selection, rowId(row)));
    }
  };
  return { active, setActive, move, onKeyDown };
}
