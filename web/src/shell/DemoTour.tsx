import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery, systemQuery } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import type { FindingRow } from '../findings/finding-row.ts';
import { Icon } from '../parts/Icon.tsx';
import type { PlantEvent } from '../today/event.ts';
import { useMay } from './session.ts';

const DISMISSED = 'keyway.tour';

/** What to look at first, in a plant that is made up; nowhere else. */
export function DemoTour(): ReactNode {
  const can = useMay();
  const { data } = useQuery({ ...systemQuery, enabled: can('system:read') });
  const [isDismissed, setDismissed] = useState(() => localStorage.getItem(DISMISSED) !== null);
  if (data?.demo !== true || isDismissed || !can('inventory:read') || !can('findings:read')) {
    return undefined;
  }
  return (
    <Tour
      onDismiss={() => {
        localStorage.setItem(DISMISSED, 'dismissed');
        setDismissed(true);
      }}
    />
  );
}

function Tour({ onDismiss }: { readonly onDismiss: () => void }): ReactNode {
  const { t } = useTranslation();
  const changed = useQuery(apiQuery<Page<PlantEvent>>('events', '/events', { kind: 'firmware.changed', limit: 1 }));
  const findings = useQuery(
    apiQuery<Page<FindingRow>>('findings', '/findings', { code: 'engineering.firmware', limit: 1 }),
  );
  const asset = changed.data?.items[0]?.asset?.id;
  const finding = findings.data?.items[0]?.id;
  return (
    <nav className="tour" aria-label={t('tour.title')}>
      <b>{t('tour.title')}</b>
      <ol>
        <Stop to="/today">{t('tour.today')}</Stop>
        <Stop to="/today" search={{ kind: 'firmware.changed' }}>
          {t('tour.firmware')}
        </Stop>
        <Stop {...(finding === undefined ? { to: '/findings' } : { to: '/findings/$id', params: { id: finding } })}>
          {t('tour.intruder')}
        </Stop>
        <Stop to="/map" search={{ effect: 'program' }}>
          {t('tour.map')}
        </Stop>
        <Stop {...(asset === undefined ? { to: '/inventory' } : { to: '/assets/$id', params: { id: asset } })}>
          {t('tour.asset')}
        </Stop>
      </ol>
      <button type="button" className="button plain square" aria-label={t('tour.dismiss')} onClick={onDismiss}>
        <Icon name="close" />
      </button>
    </nav>
  );
}

function Stop({ children, ...link }: LinkProps & { readonly children: ReactNode }): ReactNode {
  return (
    <li>
      <Link {...link}>{children}</Link>
    </li>
  );
}
