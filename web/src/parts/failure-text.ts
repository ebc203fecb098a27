import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { ApiFailure } from '../api/client.ts';

/** What failed, in the language of the person where the code is known, else in the hub's own words. */
export function useFailureText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiFailure)) {
      return t('failure.internal');
    }
    const key = `failure.${error.code.replaceAll('.', '_')}`;
    return i18next.exists(key) ? t(key as 'failure.internal') : error.message;
  };
}
