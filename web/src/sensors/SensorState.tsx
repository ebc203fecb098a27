import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/Icon.tsx';
import { When } from '../parts/When.tsx';
import type { SensorRow } from './sensor-row.ts';
import './sensors.css';

/** Reporting is grey. Of a silent sensor nothing is known, and that is what it says. */
export function SensorState({ sensor: { state, unknownSince } }: { readonly sensor: SensorRow }): ReactNode {
  const { t } = useTranslation();
  if (state === 'reporting') {
    return <span className="soft">{t('sensors.reporting')}</span>;
  }
  if (state === 'new') {
    return <span className="chip">{t('sensors.neverHeard')}</span>;
  }
  return (
    <span className="chip silent">
      <Icon name="offline" size={13} />
      {t('sensors.unknownSince')}
      {unknownSince !== null && <When time={unknownSince} exact />}
    </span>
  );
}
