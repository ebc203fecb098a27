import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { queryClient, SESSION_KEY } from '../api/queries.ts';
import type { Person } from '../api/types.ts';
import { FormFault } from '../parts/FormFault.tsx';
import { useWork } from '../parts/work.ts';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import { TotpEnrolment } from './TotpEnrolment.tsx';
import { takeSession } from './take-session.ts';

/** The app that makes codes, and the printed codes for when it is lost. */
export function TotpPanel({ person: { totp, passkeys, recoveryCodes } }: { readonly person: Person }): ReactNode {
  const { t } = useTranslation();
  const [isEnrolling, setEnrolling] = useState(false);
  const [codes, setCodes] = useState<readonly string[]>();
  const work = useWork();
  const remove = (): void =>
    work.run(async () => {
      await apiSend('DELETE', '/me/totp');
      await queryClient.invalidateQueries({ queryKey: SESSION_KEY });
    });
  const renew = (): void =>
    work.run(async () => {
      const reply = await apiSend<{ readonly recoveryCodes: readonly string[] }>('POST', '/me/recovery-codes');
      setCodes(reply.recoveryCodes);
      await queryClient.invalidateQueries({ queryKey: SESSION_KEY });
    });
  return (
    <section className="panel" aria-labelledby="totp">
      <h2 id="totp">{t('profile.totp')}</h2>
      <FormFault text={work.fault} />
      {isEnrolling ? (
        <TotpEnrolment
          onEnrolled={(enrolled) => {
            takeSession(enrolled);
            setEnrolling(false);
            setCodes(enrolled.recoveryCodes ?? undefined);
          }}
        />
      ) : (
        <div className="list-line">
          <span className="grow">{totp ? t('profile.totpOn') : t('profile.totpOff')}</span>
          {totp ? (
            <button type="button" className="button" disabled={work.isBusy} onClick={remove}>
              {t('profile.remove')}
            </button>
          ) : (
            <button type="button" className="button" onClick={() => setEnrolling(true)}>
              {t('profile.enrol')}
            </button>
          )}
        </div>
      )}
      {(totp || passkeys > 0) && (
        <div className="list-line">
          <span className="grow">{t('profile.recoveryLeft', { count: recoveryCodes })}</span>
          <button type="button" className="button" disabled={work.isBusy} onClick={renew}>
            {t('profile.recoveryRenew')}
          </button>
        </div>
      )}
      {codes !== undefined && <RecoveryCodes codes={codes} />}
    </section>
  );
}
