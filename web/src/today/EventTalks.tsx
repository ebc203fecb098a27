import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { type ConversationRow, portText } from '../conversations/conversation-row.ts';
import { End } from '../conversations/End.tsx';
import { EffectMark } from '../parts/EffectMark.tsx';
import { Loaded } from '../parts/States.tsx';
import type { PlantEvent } from './event.ts';

const MOST = 50;

/** The new conversations that are decided with an event; asked for when somebody opens them. */
export function EventTalks({ event }: { readonly event: PlantEvent }): ReactNode {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const { id, kind, conversations } = event;
  if (conversations === 0 || (kind === 'conversation.new' && conversations === 1)) {
    return undefined;
  }
  return (
    <details className="event-more" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t('today.talks', { count: conversations })}</summary>
      {isOpen && <Talks event={id} />}
    </details>
  );
}

function Talks({ event }: { readonly event: string }): ReactNode {
  const { t } = useTranslation();
  const query = useQuery(
    apiQuery<Page<ConversationRow>>('conversations', '/conversations', { event, sort: 'firstSeen', limit: MOST }),
  );
  return (
    <Loaded query={query}>
      {({ items, total }) => (
        <ul className="event-talks">
          {items.map((talk) => (
            <li key={talk.id}>
              <End asset={talk.client} address={talk.clientAddress} /> →{' '}
              <End asset={talk.server} address={talk.target} />{' '}
              <Link to="/conversations/$id" params={{ id: talk.id }}>
                {talk.protocol === null ? portText(talk) : `${talk.protocol.toUpperCase()}, ${portText(talk)}`}
              </Link>{' '}
              <EffectMark effect={talk.effect} />
            </li>
          ))}
          {total > items.length && <li className="soft">{t('part.more', { count: total - items.length })}</li>}
        </ul>
      )}
    </Loaded>
  );
}
