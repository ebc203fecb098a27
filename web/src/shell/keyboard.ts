import { useEffect, useRef } from 'react';

/** Keys that work anywhere but in a field or a window above the page: `g t` is two strokes within a second. */
export type KeyTable = Readonly<Record<string, () => void>>;

const SEQUENCE_MS = 1000;

export function useKeys(table: KeyTable): void {
  const latest = useRef(table);
  latest.current = table;
  useEffect(() => {
    let first: string | undefined;
    let waiting: number | undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event)) {
        return;
      }
      const keys = [first, strokeOf(event)].filter((stroke) => stroke !== undefined).join(' ');
      clearTimeout(waiting);
      first = undefined;
      const act = latest.current[keys];
      if (act !== undefined) {
        event.preventDefault();
        act();
        return;
      }
      const isBeginning = Object.keys(latest.current).some((known) => known.startsWith(`${keys} `));
      if (isBeginning) {
        first = keys;
        waiting = window.setTimeout(() => {
          first = undefined;
        }, SEQUENCE_MS);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
      clearTimeout(waiting);
    };
  }, []);
}

function strokeOf({ key, ctrlKey, metaKey }: KeyboardEvent): string {
  return ctrlKey || metaKey ? `ctrl ${key.toLowerCase()}` : key;
}

function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (altKey) {
    return true;
  }
  if (!(target instanceof Element)) {
    return false;
  }
  if (target.closest('[role="dialog"], [role="menu"]') !== null) {
    return true;
  }
  return !(ctrlKey || metaKey) && target.closest('input, textarea, select, [contenteditable]') !== null;
}
