import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { FormFault } from '../parts/FormFault.tsx';
import { useFormat } from '../parts/format.ts';
import { Icon } from '../parts/Icon.tsx';
import { Loaded } from '../parts/States.tsx';
import { useWork } from '../parts/work.ts';
import { useMay } from '../shell/session.ts';
import { useSite } from '../shell/site.ts';
import { decide } from './decide.ts';
import { EventLine } from './EventLine.tsx';
import { type Decision, type EventKind, kindKey, type PlantEvent } from './event.ts';
import { useEventKeys } from './use-event-keys.ts';

const FEW = 5;
const STEP = 50;
/** As many as the API gives at once. */
const MOST = 200;

/** The open events of one kind: a few, or all where the page shows this kind alone. */
export function EventGroup({
  kind,
  count,
  isAlone,
}: {
  readonly kind: EventKind;
  readonly count: number;
  readonly isAlone: boolean;
}): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const site = useSite();
  const [limit, setLimit] = useState(STEP);
  const params = { state: 'open', kind, site, limit: isAlone ? limit : FEW };
  const query = useQuery({
    ...apiQuery<Page<PlantEvent>>('events', '/events', params),
    placeholderData: (before) => before,
  });
  return (
    <section className="panel event-group" aria-labelledby={`group-${kind}`}>
      <h2 id={`group-${kind}`}>
        {t(`eventKind.${kindKey(kind)}`)} <span className="soft">{number(count)}</span>
      </h2>
      <p className="event-help">{t(`eventHelp.${kindKey(kind)}`)}</p>
      <Loaded query={query}>{({ items }) => <Events events={items} />}</Loaded>
      {!isAlone && count > FEW && (
        <Link to="/today" search={(before) => ({ ...before, kind })} className="button small">
          {t('today.showAll', { count })}
        </Link>
      )}
      {isAlone && count > limit && limit < MOST && (
        <button type="button" className="button small" onClick={() => setLimit(Math.min(limit + STEP, MOST))}>
          {t('today.more')}
        </button>
      )}
    </section>
  );
}

function Events({ events }: { readonly events: readonly PlantEvent[] }): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const work = useWork();
  const chosen = events.filter(({ id }) => selected.has(id));
  const canDecide = events.some(({ site }) => can('inventory:decide', site));
  const toggle = (id: string): void => setSelected((before) => toggledIn(before, id));
  const answer = (ids: readonly string[], decision: Decision, note = ''): void =>
    work.run(async () => {
      await decide(ids, decision, note);
      setSelected(new Set());
    });
  const list = useEventKeys({
    toggle,
    decide: (id, decision) => (canDecide ? answer([id], decision) : undefined),
  });
  return (
    <>
      <FormFault text={work.fault} />
      {canDecide && (
        <div className="event-bar">
          <label className="choice">
            <input
              type="checkbox"
              checked={chosen.length === events.length && events.length > 0}
              onChange={({ target }) => setSelected(new Set(target.checked ? events.map(({ id }) => id) : []))}
            />
            {chosen.length === 0 ? t('today.selectShown') : t('today.selected', { count: chosen.length })}
          </label>
          {chosen.length > 0 && (
            <Answer
              isBusy={work.isBusy}
              onAnswer={(decision, note) =>
                answer(
                  chosen.map(({ id }) => id),
                  decision,
                  note,
                )
              }
            />
          )}
        </div>
      )}
      <ul ref={list}>
        {events.map((event) => (
          <EventLine
            key={event.id}
            event={event}
            isSelected={selected.has(event.id)}
            canDecide={can('inventory:decide', event.site)}
            onSelect={() => toggle(event.id)}
            onDecide={(decision) => answer([event.id], decision)}
          />
        ))}
      </ul>
    </>
  );
}

function Answer({
  isBusy,
  onAnswer,
}: {
  readonly isBusy: boolean;
  readonly onAnswer: (decision: Decision, note: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  return (
    <>
      <input
        className="grow"
        aria-label={t('today.note')}
        placeholder={t('today.note')}
        maxLength={1000}
        value={note}
        onChange={({ target }) => setNote(target.value)}
      />
      <button type="button" className="button act" disabled={isBusy} onClick={() => onAnswer('accept', note)}>
        <Icon name="check" />
        {t('today.accept')}
      </button>
      <button type="button" className="button" disabled={isBusy} onClick={() => onAnswer('refuse', note)}>
        <Icon name="close" />
        {t('today.refuse')}
      </button>
    </>
  );
}

function toggledIn(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) {
    next.add(id);
  }
  return next;
}
