import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Place } from '../api/types.ts';
import { useFormat } from '../parts/format.ts';
import { Icon } from '../parts/Icon.tsx';
import { Wire } from '../parts/Wire.tsx';
import { branchesOf } from './tree.ts';

/** The plant from the whole to its parts. Arrows up and down move, right and left open and close. */
export function PlaceTree({
  places,
  chosen,
  onChoose,
}: {
  readonly places: readonly Place[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const tree = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const branches = branchesOf(places, closed);
  const at = Math.max(
    0,
    branches.findIndex(({ place }) => place.id === chosen),
  );
  const setOpen = (id: string, isOpen: boolean): void => {
    const next = new Set(closed);
    if (isOpen) {
      next.delete(id);
    } else {
      next.add(id);
    }
    setClosed(next);
  };
  const go = (index: number): void => {
    const branch = branches[Math.max(0, Math.min(index, branches.length - 1))];
    if (branch !== undefined) {
      onChoose(branch.place.id);
      tree.current?.querySelector<HTMLElement>(`[data-place="${CSS.escape(branch.place.id)}"]`)?.focus();
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const branch = branches[at];
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(branches.length - 1),
      ArrowRight: () =>
        branch !== undefined && (closed.has(branch.place.id) ? setOpen(branch.place.id, true) : go(at + 1)),
      ArrowLeft() {
        if (branch?.hasParts && !closed.has(branch.place.id)) {
          setOpen(branch.place.id, false);
        } else if (branch !== undefined) {
          go(branches.findIndex(({ place }) => place.id === branch.place.parent));
        }
      },
    };
    const act = acts[event.key];
    if (act !== undefined) {
      event.preventDefault();
      act();
    }
  };
  return (
    <div role="tree" aria-label={t('view.plant')} className="place-tree" ref={tree} onKeyDown={onKeyDown}>
      {branches.map(({ place, depth, hasParts }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the tree around it.
        <div
          key={place.id}
          role="treeitem"
          data-place={place.id}
          aria-level={depth}
          aria-selected={place.id === chosen}
          {...(hasParts ? { 'aria-expanded': !closed.has(place.id) } : {})}
          tabIndex={index === at ? 0 : -1}
          className="branch"
          style={{ paddingLeft: (depth - 1) * 20 + 6 }}
          onClick={() => onChoose(place.id)}
        >
          <span
            className="branch-toggle"
            aria-hidden="true"
            onClick={(event) => {
              if (hasParts) {
                event.stopPropagation();
                setOpen(place.id, closed.has(place.id));
              }
            }}
          >
            {hasParts && <Icon name={closed.has(place.id) ? 'right' : 'down'} size={13} />}
          </span>
          <span className="grow">
            <Wire text={place.name} />
          </span>
          <span className="soft branch-kind">{t(`placeKind.${place.kind}`)}</span>
          {place.priority !== null && (
            <span className="chip" title={t('plant.priority')}>
              <span className="hidden">{t('plant.priority')} </span>P{place.priority}
            </span>
          )}
          <span className="soft branch-count">
            {number(place.assets)}
            <span className="hidden"> {t('plant.assets')}</span>
          </span>
        </div>
      ))}
    </div>
  );
}
