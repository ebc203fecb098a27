import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Codes to print: the way in where the second factor is lost. */
export function RecoveryCodes({ codes }: { readonly codes: readonly string[] }): ReactNode {
  const { t } = useTranslation();
  return (
    <div role="status">
      <h2>{t('profile.recoveryTitle')}</h2>
      <p className="field-help">{t('profile.recoveryLead')}</p>
      <code className="secret codes">
        {codes.map((code) => (
          <span key={code}>{code}</span>
        ))}
      </code>
    </div>
  );
}
