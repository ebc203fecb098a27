import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiGet } from '../api/client.ts';
import { Empty, Failed, Loading } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';

interface Activity {
  readonly sequence: number;
  readonly at: string;
  readonly actor: { readonly id: string; readonly name: string };
  /** Feature or thing, then the verb: `account.disable`. */
  readonly act: string;
  readonly subject: string;
  readonly before: unknown;
  readonly after: unknown;
}

interface ActivityPage {
  readonly items: readonly Activity[];
  readonly next: number | null;
}

const route = getRouteApi('/signed-in/people');
const IN_PAGE = 100;
const MOST_TEXT = 160;

/** Who did what, the newest first. */
export function ActivityRecord(): ReactNode {
  const { t } = useTranslation();
  const { actor } = route.useSearch();
  const navigate = useNavigate({ from: '/people' });
  const query = useInfiniteQuery({
    queryKey: ['api', ['people', 'events', 'plant', 'sensors', 'findings'], '/activity', { actor }],
    queryFn: ({ pageParam, signal }) =>
      apiGet<ActivityPage>('/activity', { actor, before: pageParam, limit: IN_PAGE }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  });
  if (query.data === undefined) {
    return query.isError ? <Failed error={query.error} retry={query.refetch} /> : <Loading />;
  }
  const items = query.data.pages.flatMap((page) => page.items);
  return (
    <>
      {actor !== undefined && (
        <div className="tool-bar">
          <button
            type="button"
            className="button"
            onClick={() => void navigate({ to: '.', search: { part: 'activity' }, replace: true })}
          >
            {t('people.everybody')}
          </button>
        </div>
      )}
      {items.length === 0 ? (
        <Empty icon="people" title={t('people.noActivity')} />
      ) : (
        <section className="panel table-scroll" aria-label={t('people.activity')}>
          <table className="plain-table activity">
            <thead>
              <tr>
                <th scope="col">{t('people.when')}</th>
                <th scope="col">{t('people.who')}</th>
                <th scope="col">{t('people.did')}</th>
                <th scope="col">{t('people.changed')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((activity) => (
                <ActivityLine key={activity.sequence} activity={activity} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {query.hasNextPage && (
        <button
          type="button"
          className="button more"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('people.older')}
        </button>
      )}
    </>
  );
}

function ActivityLine({ activity }: { readonly activity: Activity }): ReactNode {
  const navigate = useNavigate({ from: '/people' });
  const { at, actor, act, subject, before, after } = activity;
  return (
    <tr>
      <td>
        <When time={at} exact />
      </td>
      <td>
        <button
          type="button"
          className="button plain small"
          onClick={() => void navigate({ to: '.', search: { part: 'activity', actor: actor.id } })}
        >
          <Wire text={actor.name} most={30} />
        </button>
      </td>
      <td>
        <code>
          <Wire text={act} />
        </code>
        <span className="sub">
          <Wire text={subject} />
        </span>
      </td>
      <td>
        <Values value={before} />
        {before !== null && after !== null && ' → '}
        <Values value={after} />
      </td>
    </tr>
  );
}

function Values({ value }: { readonly value: unknown }): ReactNode {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value !== 'object') {
    return <Wire text={String(value)} most={MOST_TEXT} whole />;
  }
  const entries = Object.entries(value);
  return entries.map(([name, one], index) => (
    <Fragment key={name}>
      {index > 0 && ', '}
      <span className="soft">
        <Wire text={name} />:{' '}
      </span>
      <Wire text={typeof one === 'string' ? one : JSON.stringify(one)} most={MOST_TEXT} whole />
    </Fragment>
  ));
}
