import type { ReactNode } from 'react';
import { useFormat } from './format.ts';

/** A moment: how long ago, with date and time beside it on demand. */
export function When({ time, exact = false }: { readonly time: string; readonly exact?: boolean }): ReactNode {
  const { moment, ago } = useFormat();
  return (
    <time dateTime={time} title={exact ? ago(time) : moment(time)}>
      {exact ? moment(time) : ago(time)}
    </time>
  );
}
