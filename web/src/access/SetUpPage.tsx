import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { queryClient, SESSION_KEY } from '../api/queries.ts';
import type { AccessRole } from '../api/types.ts';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { entered, useWork } from '../parts/work.ts';
import { Entrance } from './Entrance.tsx';
import { ACCESS_ROLES, PASSWORD_LEAST } from './roles.ts';

/** The first person of a new hub: nobody has an account, and there is no default password. */
export function SetUpPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [roles, setRoles] = useState<readonly AccessRole[]>(['administrator', 'ot']);
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    work.run(async () => {
      await apiSend('POST', '/setup', {
        code: entered(form, 'code').trim(),
        name: entered(form, 'name').trim(),
        email: entered(form, 'email').trim(),
        password: entered(form, 'password'),
        roles,
      });
      queryClient.removeQueries({ queryKey: SESSION_KEY });
      await navigate({ to: '/' });
    });
  };
  return (
    <Entrance title={t('access.setUp')} lead={t('access.setUpLead')}>
      <form onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <TextField
          label={t('access.setUpCode')}
          help={t('access.setUpCodeHelp')}
          name="code"
          autoComplete="off"
          autoFocus
          required
          maxLength={64}
        />
        <TextField label={t('access.name')} name="name" autoComplete="name" required maxLength={200} />
        <TextField
          label={t('access.email')}
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={320}
        />
        <TextField
          label={t('access.password')}
          help={t('access.passwordHelp', { count: PASSWORD_LEAST })}
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={PASSWORD_LEAST}
          maxLength={128}
        />
        <fieldset className="roles">
          <legend className="field-label">{t('access.roles')}</legend>
          {ACCESS_ROLES.map((role) => (
            <label key={role} className="choice">
              <input
                type="checkbox"
                checked={roles.includes(role)}
                disabled={role === 'administrator'}
                onChange={({ target: { checked } }) =>
                  setRoles(checked ? [...roles, role] : roles.filter((one) => one !== role))
                }
              />
              <span>{t(`accessRole.${role}`)}</span>
            </label>
          ))}
        </fieldset>
        <button type="submit" className="button act" disabled={work.isBusy}>
          {t('access.setUpDo')}
        </button>
      </form>
    </Entrance>
  );
}
