import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { shownCut } from '../parts/shown.ts';
import { say } from '../parts/toasts.ts';
import { Wire } from '../parts/Wire.tsx';
import { entered, useWork } from '../parts/work.ts';
import type { Account, Code, StatedRole } from './account.ts';
import { CodeDialogue } from './CodeDialogue.tsx';
import { RoleEditor } from './RoleEditor.tsx';

const MOST_NAME = 40;

/** What one person is called and may do, and the ways to lock them out or let them in again. */
export function PersonDialogue({
  account,
  isOneself,
  onClose,
}: {
  readonly account: Account;
  /** Who could lock themselves out is not offered to. */
  readonly isOneself: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const form = useId();
  const [roles, setRoles] = useState<readonly StatedRole[]>(
    account.roles.filter(({ givenBy }) => givenBy !== 'provider').map(({ role, site }) => ({ role, site })),
  );
  const [code, setCode] = useState<Code>();
  const path = `/people/${encodeURIComponent(account.id)}`;
  const given = account.roles.filter(({ givenBy }) => givenBy === 'provider');
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const name = entered(event.currentTarget, 'name').trim();
    work.run(async () => {
      if (name !== account.name) {
        await apiSend('PATCH', path, { name });
      }
      await apiSend('PUT', `${path}/roles`, { roles });
      await refresh(['people']);
      say(t('people.saved'));
      onClose();
    });
  };
  const setDisabled = (disabled: boolean): void =>
    work.run(async () => {
      await apiSend('PATCH', path, { disabled });
      await refresh(['people']);
      say(t(disabled ? 'people.isDisabled' : 'people.isEnabled'));
      onClose();
    });
  const reset = (secondFactor: boolean): void =>
    work.run(async () => {
      setCode(await apiSend<Code>('POST', `${path}/reset`, { secondFactor }));
      await refresh(['people']);
    });
  if (code !== undefined) {
    return <CodeDialogue code={code} name={account.name} onClose={onClose} />;
  }
  return (
    <Dialogue
      title={shownCut(account.name, MOST_NAME)}
      open
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('part.cancel')}
          </button>
          <button type="submit" form={form} className="button act" disabled={work.isBusy}>
            {t('people.save')}
          </button>
        </>
      }
    >
      <form id={form} onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <p className="lead-line soft">
          <Wire text={account.email} />
        </p>
        <TextField label={t('people.name')} name="name" required maxLength={100} defaultValue={account.name} />
        <RoleEditor roles={roles} onChange={setRoles} />
        {given.length > 0 && (
          <p className="field-help">
            {t('people.fromProvider', { roles: given.map(({ role }) => t(`accessRole.${role}`)).join(', ') })}
          </p>
        )}
      </form>
      {!isOneself && (
        <>
          <h3 className="step">{t('people.way')}</h3>
          <div className="row">
            {!account.disabled && (
              <>
                <button type="button" className="button" disabled={work.isBusy} onClick={() => reset(false)}>
                  {t('people.reset')}
                </button>
                <button type="button" className="button" disabled={work.isBusy} onClick={() => reset(true)}>
                  {t('people.resetAll')}
                </button>
              </>
            )}
            <button
              type="button"
              className={account.disabled ? 'button' : 'button danger'}
              disabled={work.isBusy}
              onClick={() => setDisabled(!account.disabled)}
            >
              {t(account.disabled ? 'people.enable' : 'people.disable')}
            </button>
          </div>
          <p className="field-help">{t('people.wayHelp')}</p>
        </>
      )}
    </Dialogue>
  );
}
