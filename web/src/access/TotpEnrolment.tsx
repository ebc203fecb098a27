import { useQuery } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { Loaded } from '../parts/States.tsx';
import { entered, useWork } from '../parts/work.ts';
import { QrCode } from './QrCode.tsx';

/** The session as it is now, and codes to print where there were none. */
export type Enrolled = Session & { readonly recoveryCodes: readonly string[] | null };

/** An authenticator app: its secret as a picture and as text, and a first code that shows that it works. */
export function TotpEnrolment({ onEnrolled }: { readonly onEnrolled: (enrolled: Enrolled) => void }): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const secret = useQuery({
    queryKey: ['totp-secret'],
    queryFn: () => apiSend<{ readonly secret: string; readonly uri: string }>('POST', '/me/totp'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const code = entered(event.currentTarget, 'code').replaceAll(/\s/gu, '');
    work.run(async () => onEnrolled(await apiSend<Enrolled>('PUT', '/me/totp', { code })));
  };
  return (
    <Loaded query={secret}>
      {({ secret: text, uri }) => (
        <form onSubmit={onSubmit}>
          <FormFault text={work.fault} />
          <p>{t('profile.totpScan')}</p>
          <QrCode text={uri} />
          <p className="field-help">{t('profile.totpType')}</p>
          <code className="secret">{text.match(/.{1,4}/gu)?.join(' ')}</code>
          <TextField
            label={t('access.code')}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            maxLength={8}
          />
          <button type="submit" className="button act" disabled={work.isBusy}>
            {t('profile.totpConfirm')}
          </button>
        </form>
      )}
    </Loaded>
  );
}
