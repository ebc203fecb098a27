import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../parts/States.tsx';

/** Instead of a view for which the person has no role. */
export function ForbiddenPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="page">
      <Empty icon="key" title={t('shell.forbidden')}>
        <p>{t('shell.forbiddenHelp')}</p>
        <Link to="/" className="button">
          {t('shell.toStart')}
        </Link>
      </Empty>
    </div>
  );
}
