import { type ReactNode, useEffect, useState } from 'react';

const TYPING_MS = 250;

/** Searches while somebody types, not at every letter. */
export function SearchField({
  label,
  text,
  onText,
}: {
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}): ReactNode {
  const [typed, setTyped] = useState(text);
  const [sent, setSent] = useState(text);
  if (text !== sent) {
    setSent(text);
    setTyped(text);
  }
  useEffect(() => {
    if (typed === sent) {
      return;
    }
    const waiting = setTimeout(() => {
      setSent(typed);
      onText(typed);
    }, TYPING_MS);
    return () => clearTimeout(waiting);
  });
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      maxLength={200}
      spellCheck={false}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
    />
  );
}
