import type { ReactNode } from 'react';
import { shown, shownCut } from './shown.ts';

const MOST = 60;

/**
 * Text that came over the network: never trusted, its invisible characters written out, isolated from the direction of the text
 * around it. What is longer than `most` is cut; `whole` lets it unfold.
 */
export function Wire({
  text,
  most = MOST,
  whole = false,
}: {
  readonly text: string;
  readonly most?: number;
  readonly whole?: boolean;
}): ReactNode {
  const cut = shownCut(text, most);
  const full = shown(text);
  if (cut === full) {
    return <bdi className="wire">{full}</bdi>;
  }
  if (!whole) {
    return (
      <bdi className="wire" title={full}>
        {cut}
      </bdi>
    );
  }
  return (
    <details className="wire-whole">
      <summary>
        <bdi className="wire">{cut}</bdi>
      </summary>
      <bdi className="wire">{full}</bdi>
    </details>
  );
}
