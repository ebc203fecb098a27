import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { entered, useWork } from '../parts/work.ts';
import type { Code, StatedRole } from './account.ts';
import { CodeDialogue } from './CodeDialogue.tsx';
import { RoleEditor } from './RoleEditor.tsx';

/** Makes an account, then shows once the code with which its person sets a password. */
export function InviteDialogue({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const form = useId();
  const [roles, setRoles] = useState<readonly StatedRole[]>([{ role: 'ot', site: null }]);
  const [invited, setInvited] = useState<{ readonly code: Code; readonly name: string }>();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const target = event.currentTarget;
    work.run(async () => {
      const name = entered(target, 'name');
      const code = await apiSend<Code>('POST', '/people', { name, email: entered(target, 'email'), roles });
      setInvited({ code, name });
      await refresh(['people']);
    });
  };
  if (invited !== undefined) {
    return <CodeDialogue code={invited.code} name={invited.name} onClose={onClose} />;
  }
  return (
    <Dialogue
      title={t('people.invite')}
      open
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('part.cancel')}
          </button>
          <button type="submit" form={form} className="button act" disabled={work.isBusy}>
            {t('people.invite')}
          </button>
        </>
      }
    >
      <form id={form} onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <TextField label={t('people.name')} name="name" autoComplete="off" required maxLength={100} />
        <TextField label={t('people.email')} name="email" type="email" autoComplete="off" required maxLength={254} />
        <RoleEditor roles={roles} onChange={setRoles} />
      </form>
    </Dialogue>
  );
}
