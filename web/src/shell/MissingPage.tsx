import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../parts/States.tsx';

export function MissingPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <main className="page">
      <Empty icon="search" title={t('shell.missing')}>
        <Link to="/" className="button">
          {t('shell.toStart')}
        </Link>
      </Empty>
    </main>
  );
}
