import { useState } from 'react';
import { useFailureText } from './failure-text.ts';

/** Work that a person set off: whether it still goes on, and what went wrong. */
export function useWork(): {
  readonly isBusy: boolean;
  readonly fault: string | undefined;
  run(work: () => Promise<void>): void;
} {
  const text = useFailureText();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  return {
    isBusy,
    fault,
    run(work) {
      setBusy(true);
      setFault(undefined);
      work()
        .catch((error: unknown) => setFault(text(error)))
        .finally(() => setBusy(false));
    },
  };
}

/** The text that stands in a field of a form. */
export function entered(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value : '';
}
