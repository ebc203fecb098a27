import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../parts/Page.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useSession } from '../shell/session.ts';
import { PasskeyPanel } from './PasskeyPanel.tsx';
import { PasswordPanel } from './PasswordPanel.tsx';
import { SessionPanel } from './SessionPanel.tsx';
import { TokenPanel } from './TokenPanel.tsx';
import { TotpPanel } from './TotpPanel.tsx';
import './access.css';

/** One's own account: how one signs in, and where one is signed in. */
export function ProfilePage(): ReactNode {
  const { t } = useTranslation();
  const { person } = useSession();
  if (person === null) {
    return undefined;
  }
  const roles = [...new Set(person.roles.map(({ role }) => t(`accessRole.${role}`)))].join(', ');
  return (
    <Page
      title={t('shell.profile')}
      lead={
        <>
          <Wire text={person.name} /> · <Wire text={person.email} /> · {roles}
        </>
      }
    >
      <div className="panels">
        {person.password && <PasswordPanel />}
        <TotpPanel person={person} />
        <PasskeyPanel />
        <SessionPanel />
        <TokenPanel person={person} />
      </div>
    </Page>
  );
}
