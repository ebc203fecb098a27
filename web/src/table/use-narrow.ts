import { useSyncExternalStore } from 'react';

const query = window.matchMedia('(max-width: 760px)');

/** Whether the window is that of a phone. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => query.matches,
  );
}
