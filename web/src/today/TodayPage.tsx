import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import { useFormat } from '../parts/format.ts';
import { Page } from '../parts/Page.tsx';
import { Empty, Loaded } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { useSite } from '../shell/site.ts';
import { EventGroup } from './EventGroup.tsx';
import { EVENT_KINDS, type EventKind, kindKey } from './event.ts';
import './today.css';

const route = getRouteApi('/signed-in/today');

interface TodayReply {
  readonly counts: readonly { readonly kind: EventKind; readonly count: number }[];
  /** When the oldest open event happened. */
  readonly oldest: string | null;
}

/** What is new or changed in the plant and needs a person. */
export function TodayPage(): ReactNode {
  const { t } = useTranslation();
  const site = useSite();
  const { kind } = route.useSearch();
  const query = useQuery(apiQuery<TodayReply>('events', '/today', { site }));
  return (
    <Page title={t('view.today')} lead={query.data === undefined ? undefined : <Lead today={query.data} />}>
      <Loaded query={query}>
        {({ counts }) => {
          const waiting = EVENT_KINDS.flatMap(
            (one) => counts.find((count) => count.kind === one && count.count > 0) ?? [],
          );
          return (
            <>
              {waiting.length > 0 && <Kinds waiting={waiting} kind={kind} />}
              {waiting.length === 0 && <Nothing />}
              {waiting
                .filter((one) => kind === undefined || one.kind === kind)
                .map((one) => (
                  <EventGroup key={one.kind} kind={one.kind} count={one.count} isAlone={kind !== undefined} />
                ))}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Lead({ today: { counts, oldest } }: { readonly today: TodayReply }): ReactNode {
  const { t } = useTranslation();
  const count = counts.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) {
    return undefined;
  }
  return (
    <>
      {t('today.waiting', { count })}
      {oldest !== null && (
        <>
          {' '}
          {t('today.oldest')} <When time={oldest} />.
        </>
      )}
    </>
  );
}

function Kinds({
  waiting,
  kind,
}: {
  readonly waiting: TodayReply['counts'];
  readonly kind: EventKind | undefined;
}): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  return (
    <nav className="kinds" aria-label={t('today.kinds')}>
      <Link to="/today" search={({ site }) => ({ site })} className="button small" {...pressed(kind === undefined)}>
        {t('today.all')}
      </Link>
      {waiting.map((one) => (
        <Link
          key={one.kind}
          to="/today"
          search={({ site }) => ({ site, kind: one.kind })}
          className="button small"
          {...pressed(kind === one.kind)}
        >
          {t(`eventKind.${kindKey(one.kind)}`)} <b>{number(one.count)}</b>
        </Link>
      ))}
    </nav>
  );
}

function pressed(isPressed: boolean): { 'aria-current'?: 'true' } {
  return isPressed ? { 'aria-current': 'true' } : {};
}

function Nothing(): ReactNode {
  const { t } = useTranslation();
  return (
    <Empty icon="check" title={t('today.nothing')}>
      <p>{t('today.nothingHelp')}</p>
      <Link to="/inventory" className="button">
        {t('view.inventory')}
      </Link>
    </Empty>
  );
}
