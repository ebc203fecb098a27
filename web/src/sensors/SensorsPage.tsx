import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../parts/Page.tsx';
import { Loading } from '../parts/States.tsx';

export function SensorsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t('view.sensors')}>
      <Loading />
    </Page>
  );
}
