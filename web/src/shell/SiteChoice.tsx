import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { shownCut } from '../parts/shown.ts';
import { useSite, useSites } from './site.ts';

const MOST_NAME = 40;

export function SiteChoice(): ReactNode {
  const { t } = useTranslation();
  const site = useSite();
  const sites = useSites();
  const navigate = useNavigate();
  if (sites.length === 0) {
    return <span className="grow" />;
  }
  return (
    <select
      className="site-choice"
      aria-label={t('shell.site')}
      value={site ?? ''}
      onChange={({ target: { value } }) =>
        void navigate({ to: '.', search: (before) => ({ ...before, site: value === '' ? undefined : value }) })
      }
    >
      <option value="">{t('shell.allSites')}</option>
      {sites.map(({ site: id, name }) => (
        <option key={id} value={id}>
          {shownCut(name, MOST_NAME)}
        </option>
      ))}
    </select>
  );
}
