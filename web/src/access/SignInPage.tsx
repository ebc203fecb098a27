import { browserSupportsWebAuthn, startAuthentication } from '@simplewebauthn/browser';
import { getRouteApi, Link, useRouter } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiFailure, apiSend } from '../api/client.ts';
import { queryClient, SESSION_KEY } from '../api/queries.ts';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { Icon } from '../parts/Icon.tsx';
import { entered, useWork } from '../parts/work.ts';
import { useSession } from '../shell/session.ts';
import { Entrance } from './Entrance.tsx';

const route = getRouteApi('/sign-in');

export function SignInPage(): ReactNode {
  const { t } = useTranslation();
  const { oidc } = useSession();
  const enter = useEnter();
  const [needsCode, setNeedsCode] = useState(false);
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const code = entered(form, 'code').replaceAll(/\s/gu, '');
    work.run(async () => {
      const body = { email: entered(form, 'email').trim(), password: entered(form, 'password') };
      try {
        await apiSend('POST', '/session', code === '' ? body : { ...body, code });
      } catch (error) {
        if (!needsCode && error instanceof ApiFailure && error.code === 'access.second-factor') {
          setNeedsCode(true);
          return;
        }
        throw error;
      }
      await enter();
    });
  };
  const byPasskey = (): void =>
    work.run(async () => {
      const optionsJSON = await apiSend<PasskeyOptions>('POST', '/session/passkey/options');
      await apiSend('POST', '/session/passkey', { response: await startAuthentication({ optionsJSON }) });
      await enter();
    });
  return (
    <Entrance title={t('access.signIn')}>
      <form onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <TextField
          label={t('access.email')}
          name="email"
          type="email"
          autoComplete="username webauthn"
          autoFocus
          required
          maxLength={320}
        />
        <TextField
          label={t('access.password')}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={128}
        />
        {needsCode && (
          <TextField
            label={t('access.code')}
            help={t('access.codeHelp')}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
            required
            maxLength={8}
          />
        )}
        <button type="submit" className="button act" disabled={work.isBusy}>
          {t('access.signIn')}
        </button>
      </form>
      <div className="entrance-ways">
        {browserSupportsWebAuthn() && (
          <button type="button" className="button" disabled={work.isBusy} onClick={byPasskey}>
            <Icon name="key" />
            {t('access.withPasskey')}
          </button>
        )}
        {oidc !== null && (
          <a className="button" href="/api/session/oidc/start">
            {t('access.withOidc', { name: oidc.name })}
          </a>
        )}
        <Link to="/new-password">{t('access.haveCode')}</Link>
      </div>
    </Entrance>
  );
}

type PasskeyOptions = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** Goes where the person wanted to go before they had to sign in. */
function useEnter(): () => Promise<void> {
  const { next } = route.useSearch();
  const router = useRouter();
  return async () => {
    queryClient.removeQueries({ queryKey: SESSION_KEY });
    router.history.push(next ?? '/');
    await router.invalidate();
  };
}
