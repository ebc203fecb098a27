import { type RefObject, useRef } from 'react';
import { useKeys } from '../shell/keyboard.ts';
import type { Decision } from './event.ts';

interface EventActs {
  toggle(id: string): void;
  decide(id: string, decision: Decision): void;
}

/** j and k move through all events of the page; what has the focus is opened, selected, accepted or refused. */
export function useEventKeys({ toggle, decide }: EventActs): RefObject<HTMLUListElement | null> {
  const list = useRef<HTMLUListElement>(null);
  const here = (act: (id: string) => void) => () => {
    const line = document.activeElement?.closest<HTMLElement>('[data-event]');
    const id = line?.dataset['event'];
    if (line && id !== undefined && list.current?.contains(line)) {
      act(id);
    }
  };
  const move = (step: 1 | -1) => () => {
    const lines = [...document.querySelectorAll<HTMLElement>('[data-event]')];
    const line = document.activeElement?.closest<HTMLElement>('[data-event]');
    // One group answers for the whole page: the one with the focus, or the first.
    const isMine = line ? list.current?.contains(line) : lines[0] && list.current?.contains(lines[0]);
    if (isMine) {
      lines[line ? lines.indexOf(line) + step : 0]?.focus();
    }
  };
  useKeys({
    j: move(1),
    k: move(-1),
    x: here(toggle),
    a: here((id) => decide(id, 'accept')),
    r: here((id) => decide(id, 'refuse')),
    Enter: here(() => {
      if (document.activeElement?.matches('[data-event]')) {
        document.activeElement.querySelector<HTMLElement>('a')?.click();
      }
    }),
  });
  return list;
}
