import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { apiQuery, refresh } from '../api/queries.ts';
import type { Person } from '../api/types.ts';
import { SelectField, TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { useFormat } from '../parts/format.ts';
import { Loaded } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { entered, useWork } from '../parts/work.ts';

interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly expiresAt: string;
  readonly usedAt: string | null;
}

const DAYS = [30, 90, 365] as const;

/** Tokens with which scripts speak to the API: with some of the person's permissions, for a time. */
export function TokenPanel({ person }: { readonly person: Person }): ReactNode {
  const { t } = useTranslation();
  const { day } = useFormat();
  const query = useQuery(apiQuery<readonly ApiToken[]>('people', '/me/tokens'));
  const [secret, setSecret] = useState<string>();
  const work = useWork();
  const make = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const permissions = new FormData(form).getAll('permission');
    const body = { name: entered(form, 'name').trim(), permissions, days: Number(entered(form, 'days')) };
    work.run(async () => {
      const made = await apiSend<{ readonly secret: string }>('POST', '/me/tokens', body);
      setSecret(made.secret);
      form.reset();
      await refresh(['people']);
    });
  };
  const revoke = (id: string): void =>
    work.run(async () => {
      await apiSend('DELETE', `/me/tokens/${encodeURIComponent(id)}`);
      await refresh(['people']);
    });
  return (
    <section className="panel wide" aria-labelledby="tokens">
      <h2 id="tokens">{t('profile.tokens')}</h2>
      <p className="field-help">{t('profile.tokensHelp')}</p>
      <FormFault text={work.fault} />
      <Loaded query={query}>
        {(tokens) => (
          <ul>
            {tokens.map(({ id, name, permissions, expiresAt, usedAt }) => (
              <li key={id} className="list-line">
                <span className="grow">
                  <Wire text={name} />
                  <small className="sub">
                    {permissions.join(', ')} · {t('profile.until', { day: day(expiresAt) })}
                    {usedAt !== null && (
                      <>
                        {' · '}
                        <When time={usedAt} />
                      </>
                    )}
                  </small>
                </span>
                <button type="button" className="button small" disabled={work.isBusy} onClick={() => revoke(id)}>
                  {t('profile.revoke')}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {secret !== undefined && (
        <div role="status">
          <p>{t('profile.tokenOnce')}</p>
          <code className="secret">{secret}</code>
        </div>
      )}
      <form onSubmit={make}>
        <div className="small-form">
          <TextField label={t('profile.tokenName')} name="name" required maxLength={200} />
          <SelectField label={t('profile.valid')} name="days" defaultValue="90">
            {DAYS.map((days) => (
              <option key={days} value={days}>
                {t('profile.days', { count: days })}
              </option>
            ))}
          </SelectField>
        </div>
        <fieldset className="token-permissions">
          <legend className="field-label">{t('profile.mayDo')}</legend>
          {Object.keys(person.permissions)
            .filter((permission) => permission !== 'access:manage')
            .map((permission) => (
              <label key={permission} className="choice">
                <input type="checkbox" name="permission" value={permission} />
                <code>{permission}</code>
              </label>
            ))}
        </fieldset>
        <button type="submit" className="button" disabled={work.isBusy}>
          {t('profile.makeToken')}
        </button>
      </form>
    </section>
  );
}
