import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { apiQuery, refresh } from '../api/queries.ts';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Loaded } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { entered, useWork } from '../parts/work.ts';
import { addPasskey } from './add-passkey.ts';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import { takeSession } from './take-session.ts';

interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
}

export function PasskeyPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useQuery(apiQuery<readonly Passkey[]>('people', '/me/passkeys'));
  const [codes, setCodes] = useState<readonly string[]>();
  const work = useWork();
  const add = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    work.run(async () => {
      const enrolled = await addPasskey(entered(form, 'name').trim());
      takeSession(enrolled);
      setCodes(enrolled.recoveryCodes ?? undefined);
      form.reset();
      await refresh(['people']);
    });
  };
  const remove = (id: string): void =>
    work.run(async () => {
      await apiSend('DELETE', `/me/passkeys/${encodeURIComponent(id)}`);
      await refresh(['people']);
    });
  return (
    <section className="panel" aria-labelledby="passkeys">
      <h2 id="passkeys">{t('profile.passkeys')}</h2>
      <p className="field-help">{t('profile.passkeysHelp')}</p>
      <FormFault text={work.fault} />
      <Loaded query={query}>
        {(passkeys) => (
          <ul>
            {passkeys.map(({ id, name, createdAt, usedAt }) => (
              <li key={id} className="list-line">
                <span className="grow">
                  <Wire text={name} />
                  <small className="sub">
                    <When time={usedAt ?? createdAt} />
                  </small>
                </span>
                <button type="button" className="button small" disabled={work.isBusy} onClick={() => remove(id)}>
                  {t('profile.remove')}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {codes !== undefined && <RecoveryCodes codes={codes} />}
      {browserSupportsWebAuthn() && (
        <form className="small-form" onSubmit={add}>
          <TextField label={t('profile.passkeyName')} name="name" required maxLength={200} />
          <button type="submit" className="button" disabled={work.isBusy}>
            <Icon name="plus" />
            {t('profile.add')}
          </button>
        </form>
      )}
    </section>
  );
}
