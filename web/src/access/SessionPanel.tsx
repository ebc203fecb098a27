import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { apiQuery, refresh } from '../api/queries.ts';
import { FormFault } from '../parts/FormFault.tsx';
import { Loaded } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useWork } from '../parts/work.ts';

interface OwnSession {
  readonly id: string;
  readonly current: boolean;
  readonly address: string;
  readonly client: string;
  readonly usedAt: string;
}

export function SessionPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useQuery(apiQuery<readonly OwnSession[]>('people', '/me/sessions'));
  const work = useWork();
  const end = (path: string): void =>
    work.run(async () => {
      await apiSend('DELETE', path);
      await refresh(['people']);
    });
  return (
    <section className="panel" aria-labelledby="sessions">
      <h2 id="sessions">{t('profile.sessions')}</h2>
      <FormFault text={work.fault} />
      <Loaded query={query}>
        {(sessions) => (
          <>
            <ul>
              {sessions.map(({ id, current, address, client, usedAt }) => (
                <li key={id} className="list-line">
                  <span className="grow">
                    <Wire text={client === '' ? address : client} most={70} />
                    <small className="sub">
                      <Wire text={address} /> · {current ? t('profile.here') : <When time={usedAt} />}
                    </small>
                  </span>
                  {!current && (
                    <button
                      type="button"
                      className="button small"
                      disabled={work.isBusy}
                      onClick={() => end(`/me/sessions/${encodeURIComponent(id)}`)}
                    >
                      {t('profile.end')}
                    </button>
                  )}
                </li>
              ))}
            </ul>
            {sessions.length > 1 && (
              <button type="button" className="button" disabled={work.isBusy} onClick={() => end('/me/sessions')}>
                {t('profile.endOthers')}
              </button>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
