import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Copyable } from '../parts/Copyable.tsx';
import { Evidence } from '../parts/Evidence.tsx';
import { Icon } from '../parts/Icon.tsx';
import { When } from '../parts/When.tsx';
import { EventStory } from './EventStory.tsx';
import { EventTalks } from './EventTalks.tsx';
import type { Decision, PlantEvent } from './event.ts';

/** One event: what happened, what belongs to it, who said so, and the two answers. */
export function EventLine({
  event,
  isSelected,
  onSelect,
  onDecide,
  canDecide,
}: {
  readonly event: PlantEvent;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  readonly onDecide: (decision: Decision) => void;
  readonly canDecide: boolean;
}): ReactNode {
  const { t } = useTranslation();
  const { id, kind, asset, at, conversations } = event;
  return (
    <li className="event" data-event={id} tabIndex={-1}>
      {canDecide && <input type="checkbox" aria-label={t('table.select')} checked={isSelected} onChange={onSelect} />}
      <div className="event-what">
        <p className="event-story">
          <EventStory event={event} />
        </p>
        <p className="sub">
          {asset !== null && <>{t(`role.${asset.role}`)} · </>}
          <When time={at} />
          <TalkLink event={event} />
        </p>
        <EventTalks event={event} />
        <Proof event={event} />
      </div>
      {canDecide && (
        <div className="event-acts">
          <button type="button" className="button small" onClick={() => onDecide('accept')}>
            <Icon name="check" size={14} />
            {t('today.accept')}
          </button>
          <button type="button" className="button small" onClick={() => onDecide('refuse')}>
            <Icon name="close" size={14} />
            {t('today.refuse')}
          </button>
          {conversations > 0 && kind !== 'conversation.new' && (
            <small className="soft">{t('today.withTalks', { count: conversations })}</small>
          )}
        </div>
      )}
    </li>
  );
}

function TalkLink({ event: { conversation, count } }: { readonly event: PlantEvent }): ReactNode {
  const { t } = useTranslation();
  return (
    conversation !== null &&
    count === 1 && (
      <>
        {' · '}
        <Link to="/conversations/$id" params={{ id: conversation.id }}>
          {t('today.conversation')}
        </Link>
      </>
    )
  );
}

/** Where it can be looked up. */
function Proof({ event: { evidence, conversation, finding, count } }: { readonly event: PlantEvent }): ReactNode {
  const { t } = useTranslation();
  const filter = finding?.filter ?? (count === 1 ? conversation?.filter : undefined);
  return (
    <>
      <Evidence evidence={evidence} />
      {filter !== undefined && filter !== '' && (
        <details className="event-more">
          <summary>{t('today.filter')}</summary>
          <Copyable text={filter} label={t('copy.filter')} />
        </details>
      )}
    </>
  );
}
