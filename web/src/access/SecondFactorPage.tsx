import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { Icon } from '../parts/Icon.tsx';
import { entered, useWork } from '../parts/work.ts';
import { useSession } from '../shell/session.ts';
import { addPasskey } from './add-passkey.ts';
import { Entrance } from './Entrance.tsx';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import { signOut } from './sign-out.ts';
import { type Enrolled, TotpEnrolment } from './TotpEnrolment.tsx';
import { takeSession } from './take-session.ts';

/** Who administers needs a second factor before anything else: enrols one, or gives it. */
export function SecondFactorPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { person } = useSession();
  const [enrolled, setEnrolled] = useState<Enrolled>();
  const enter = (session: Session): void => {
    takeSession(session);
    void navigate({ to: '/' });
  };
  const onEnrolled = (session: Enrolled): void => {
    if (session.recoveryCodes === null) {
      enter(session);
    } else {
      setEnrolled(session);
    }
  };
  if (enrolled?.recoveryCodes) {
    return (
      <Entrance title={t('profile.recoveryTitle')}>
        <RecoveryCodes codes={enrolled.recoveryCodes} />
        <button type="button" className="button act" onClick={() => enter(enrolled)}>
          {t('profile.recoveryKept')}
        </button>
      </Entrance>
    );
  }
  const isEnrolling = person?.standing === 'enrol';
  return (
    <Entrance
      title={isEnrolling ? t('profile.enrolTitle') : t('profile.proveTitle')}
      lead={isEnrolling ? t('profile.enrolLead') : undefined}
    >
      {isEnrolling ? <Enrol onEnrolled={onEnrolled} /> : <Prove onProved={enter} />}
      <div className="entrance-ways">
        <button type="button" className="button plain" onClick={() => void signOut(navigate)}>
          {t('shell.signOut')}
        </button>
      </div>
    </Entrance>
  );
}

function Enrol({ onEnrolled }: { readonly onEnrolled: (enrolled: Enrolled) => void }): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  return (
    <>
      <TotpEnrolment onEnrolled={onEnrolled} />
      {browserSupportsWebAuthn() && (
        <div className="entrance-ways">
          <FormFault text={work.fault} />
          <button
            type="button"
            className="button"
            disabled={work.isBusy}
            onClick={() => work.run(async () => onEnrolled(await addPasskey(t('profile.passkeyDefault'))))}
          >
            <Icon name="key" />
            {t('profile.passkeyInstead')}
          </button>
        </div>
      )}
    </>
  );
}

function Prove({ onProved }: { readonly onProved: (session: Session) => void }): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const code = entered(event.currentTarget, 'code').replaceAll(/\s/gu, '');
    work.run(async () => onProved(await apiSend<Session>('POST', '/session/second-factor', { code })));
  };
  return (
    <form onSubmit={onSubmit}>
      <FormFault text={work.fault} />
      <TextField
        label={t('access.code')}
        help={t('access.codeHelp')}
        name="code"
        autoComplete="one-time-code"
        autoFocus
        required
        maxLength={64}
      />
      <button type="submit" className="button act" disabled={work.isBusy}>
        {t('access.signIn')}
      </button>
    </form>
  );
}
