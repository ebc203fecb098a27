import { useNavigate } from '@tanstack/react-router';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { queryClient, SESSION_KEY } from '../api/queries.ts';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { entered, useWork } from '../parts/work.ts';
import { Entrance } from './Entrance.tsx';
import { PASSWORD_LEAST } from './roles.ts';

/** For somebody who was given a code: a new account, or a password that an administrator took back. */
export function NewPasswordPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    work.run(async () => {
      await apiSend('POST', '/session/code', {
        code: entered(form, 'code').trim(),
        password: entered(form, 'password'),
      });
      queryClient.removeQueries({ queryKey: SESSION_KEY });
      await navigate({ to: '/' });
    });
  };
  return (
    <Entrance title={t('access.newPassword')} lead={t('access.newPasswordLead')}>
      <form onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <TextField label={t('access.givenCode')} name="code" autoComplete="off" autoFocus required maxLength={64} />
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
        <button type="submit" className="button act" disabled={work.isBusy}>
          {t('access.setPassword')}
        </button>
      </form>
    </Entrance>
  );
}
