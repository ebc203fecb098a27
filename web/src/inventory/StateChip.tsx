import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/Icon.tsx';
import './inventory.css';

/** What a person said of an asset; only what waits for one stands out. */
export function StateChip({ state }: { readonly state: string }): ReactNode {
  const { t } = useTranslation();
  if (state === 'accepted' || state === 'documented') {
    return <span className="soft">{t(`state.${state}`)}</span>;
  }
  if (state === 'refused') {
    return (
      <span className="chip refused">
        <Icon name="close" size={12} />
        {t('state.refused')}
      </span>
    );
  }
  return <span className="chip open">{t('state.new')}</span>;
}
