import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { FormFault } from '../parts/FormFault.tsx';
import { Loaded } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useWork } from '../parts/work.ts';
import { useMay } from '../shell/session.ts';
import { decide } from '../today/decide.ts';
import { EventStory } from '../today/EventStory.tsx';
import { kindKey, type PlantEvent } from '../today/event.ts';

/** What happened to it, the newest first; what is open is decided here too. */
export function AssetHistory({ asset }: { readonly asset: string }): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const query = useQuery(
    apiQuery<Page<PlantEvent>>('events', `/assets/${encodeURIComponent(asset)}/events`, { limit: 50 }),
  );
  return (
    <section className="panel wide" aria-labelledby="history">
      <h2 id="history">{t('asset.history')}</h2>
      <FormFault text={work.fault} />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="soft">{t('asset.none')}</p>
          ) : (
            <ol className="lines">
              {items.map((event) => (
                <HistoryLine
                  key={event.id}
                  event={event}
                  onDecide={(decision) => work.run(() => decide([event.id], decision, ''))}
                />
              ))}
            </ol>
          )
        }
      </Loaded>
    </section>
  );
}

function HistoryLine({
  event,
  onDecide,
}: {
  readonly event: PlantEvent;
  readonly onDecide: (decision: 'accept' | 'refuse') => void;
}): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const { kind, at, state, note, decidedBy, site } = event;
  return (
    <li className="history-line">
      <div className="grow">
        <b>{t(`eventKind.${kindKey(kind)}`)}</b>{' '}
        <small>
          <When time={at} exact />
        </small>
        <p className="event-story">
          <EventStory event={event} />
        </p>
        {state !== 'open' && (
          <span className="sub">
            {t(`state.${state}`)}
            {decidedBy !== null && (
              <>
                {' · '}
                <Wire text={decidedBy} most={40} />
              </>
            )}
            {note !== null && note !== '' && (
              <>
                {' · '}
                <Wire text={note} most={120} />
              </>
            )}
          </span>
        )}
      </div>
      {state === 'open' && can('inventory:decide', site) && (
        <div className="row">
          <button type="button" className="button small" onClick={() => onDecide('accept')}>
            {t('today.accept')}
          </button>
          <button type="button" className="button small" onClick={() => onDecide('refuse')}>
            {t('today.refuse')}
          </button>
        </div>
      )}
    </li>
  );
}
