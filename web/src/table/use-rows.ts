import { useQueries } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Params } from '../api/client.ts';
import { apiQuery, type Topic } from '../api/queries.ts';
import type { Page } from '../api/types.ts';

/** A list of the hub of which only the windows are here that somebody looks at. */
export interface RowSource<Row> {
  readonly total: number;
  /** Undefined while its window is on the way. */
  rowAt(index: number): Row | undefined;
  /** Says which rows are to be seen. */
  show(first: number, last: number): void;
  readonly isPending: boolean;
  readonly error: Error | null;
  retry(): void;
  /** Changes with what is asked for: then a view begins at its top. */
  readonly key: string;
}

/** Rows in one question: as many as the API gives. */
const WINDOW = 200;

export function useRows<Row>(topics: Topic | readonly Topic[], path: string, params: Params): RowSource<Row> {
  const [windows, setWindows] = useState<readonly [first: number, last: number]>([0, 0]);
  const key = JSON.stringify([path, params]);
  const [first, last] = windows;
  const at = useMemo(() => Array.from({ length: last - first + 1 }, (_, index) => first + index), [first, last]);
  const results = useQueries({
    queries: at.map((window) =>
      apiQuery<Page<Row>>(topics, path, { ...params, offset: window * WINDOW, limit: WINDOW }),
    ),
  });
  const total = useLastTotal(key, results.find(({ data }) => data !== undefined)?.data?.total);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its first window.
  useEffect(() => setWindows([0, 0]), [key]);
  const show = useCallback((from: number, to: number) => {
    // Half a window ahead on both sides, so that slow scrolling never meets an empty row.
    const next = [
      Math.max(0, Math.floor((from - WINDOW / 2) / WINDOW)),
      Math.floor((to + WINDOW / 2) / WINDOW),
    ] as const;
    setWindows((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
  }, []);
  const failed = results.find(({ error }) => error !== null);
  return {
    total,
    rowAt(index) {
      const window = Math.floor(index / WINDOW);
      return results[window - first]?.data?.items[index - window * WINDOW];
    },
    show,
    isPending: results.every(({ data }) => data === undefined) && failed === undefined,
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
    key,
  };
}

/** The number of rows stays known while other windows of the same list are on the way. */
function useLastTotal(key: string, total: number | undefined): number {
  const known = useRef({ key, total: 0 });
  if (total !== undefined) {
    known.current = { key, total };
  }
  return known.current.key === key ? known.current.total : 0;
}
