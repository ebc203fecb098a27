import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { say } from '../parts/toasts.ts';
import { entered, useWork } from '../parts/work.ts';
import { PASSWORD_LEAST } from './roles.ts';
import { takeSession } from './take-session.ts';

export function PasswordPanel(): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const body = { current: entered(form, 'current'), password: entered(form, 'password') };
    work.run(async () => {
      takeSession(await apiSend<Session>('POST', '/me/password', body));
      form.reset();
      say(t('profile.passwordChanged'));
    });
  };
  return (
    <section className="panel" aria-labelledby="password">
      <h2 id="password">{t('access.password')}</h2>
      <form onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <TextField
          label={t('profile.current')}
          name="current"
          type="password"
          autoComplete="current-password"
          required
          maxLength={128}
        />
        <TextField
          label={t('access.newPassword')}
          help={t('access.passwordHelp', { count: PASSWORD_LEAST })}
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={PASSWORD_LEAST}
          maxLength={128}
        />
        <button type="submit" className="button" disabled={work.isBusy}>
          {t('profile.change')}
        </button>
      </form>
    </section>
  );
}
