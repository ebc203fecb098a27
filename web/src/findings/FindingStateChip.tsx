import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FindingState } from './findings-search.ts';

export function FindingStateChip({ state }: { readonly state: FindingState }): ReactNode {
  const { t } = useTranslation();
  return state === 'open' ? (
    <span className="chip">{t('findings.open')}</span>
  ) : (
    <span className="soft">{t(`findings.${state}`)}</span>
  );
}
