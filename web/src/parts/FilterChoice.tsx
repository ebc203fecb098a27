import type { ReactNode } from 'react';
import { shownCut } from './shown.ts';

const MOST_NAME = 32;

/** One filter of a list: its name stands in it where nothing is chosen. */
export function FilterChoice({
  label,
  value,
  options,
  onChoose,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChoose: (value: string | undefined) => void;
}): ReactNode {
  return (
    <select
      aria-label={label}
      className={value === undefined ? undefined : 'set'}
      value={value ?? ''}
      onChange={({ target }) => onChoose(target.value === '' ? undefined : target.value)}
    >
      <option value="">{label}</option>
      {value !== undefined && !options.some(([one]) => one === value) && (
        <option value={value}>{shownCut(value, MOST_NAME)}</option>
      )}
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  );
}
