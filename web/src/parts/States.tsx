import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFailure } from '../api/client.ts';
import { useFailureText } from './failure-text.ts';
import { Icon, type IconName } from './Icon.tsx';
import './states.css';

export function Loading(): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="state loading" role="status">
      <span className="loading-bars" aria-hidden="true" />
      {t('part.loading')}
    </div>
  );
}

/** Nothing is here yet: says why, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className="state empty">
      {icon !== undefined && <Icon name={icon} size={28} />}
      <p className="state-title">{title}</p>
      {children}
    </div>
  );
}

export function Failed({ error, retry }: { readonly error: unknown; readonly retry?: () => unknown }): ReactNode {
  const { t } = useTranslation();
  const text = useFailureText();
  return (
    <div className="state failed" role="alert">
      <Icon name="findings" size={28} />
      <p className="state-title">{t('part.failed')}</p>
      <p>{text(error)}</p>
      {retry !== undefined && !(error instanceof ApiFailure && error.status === 403) && (
        <button type="button" className="button" onClick={() => void retry()}>
          {t('part.retry')}
        </button>
      )}
    </div>
  );
}

/** Draws what a query brought, or how it stands with it. */
export function Loaded<Data>({
  query,
  children,
}: {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}): ReactNode {
  if (query.data !== undefined) {
    return children(query.data);
  }
  return query.isError ? <Failed error={query.error} retry={query.refetch} /> : <Loading />;
}
