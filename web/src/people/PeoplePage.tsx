import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import type { Page as List } from '../api/types.ts';
import { Icon } from '../parts/Icon.tsx';
import { Page } from '../parts/Page.tsx';
import { Loaded } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useMay, useSession } from '../shell/session.ts';
import { useSites } from '../shell/site.ts';
import { ActivityRecord } from './ActivityRecord.tsx';
import type { Account } from './account.ts';
import { InviteDialogue } from './InviteDialogue.tsx';
import { PersonDialogue } from './PersonDialogue.tsx';
import './people.css';

const route = getRouteApi('/signed-in/people');

export function PeoplePage(): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const { part } = route.useSearch();
  const [isInviting, setInviting] = useState(false);
  return (
    <Page
      title={t('view.people')}
      actions={
        can('access:manage') && (
          <button type="button" className="button act" onClick={() => setInviting(true)}>
            <Icon name="plus" />
            {t('people.invite')}
          </button>
        )
      }
    >
      {can('activity:read') && (
        <nav className="tabs" aria-label={t('people.parts')}>
          <Link to="/people" search={{}} className="tab" {...current(part === undefined)}>
            {t('people.people')}
          </Link>
          <Link to="/people" search={{ part: 'activity' }} className="tab" {...current(part === 'activity')}>
            {t('people.activity')}
          </Link>
        </nav>
      )}
      {part === 'activity' && can('activity:read') ? <ActivityRecord /> : <PeopleList />}
      {isInviting && <InviteDialogue onClose={() => setInviting(false)} />}
    </Page>
  );
}

function current(is: boolean): { readonly 'aria-current': 'page' | 'false' } {
  return { 'aria-current': is ? 'page' : 'false' };
}

function PeopleList(): ReactNode {
  const { t } = useTranslation();
  const { person } = useSession();
  const query = useQuery(apiQuery<List<Account>>('people', '/people'));
  const [chosen, setChosen] = useState<string>();
  return (
    <Loaded query={query}>
      {({ items }) => {
        const account = items.find(({ id }) => id === chosen);
        return (
          <>
            <ul className="panel people">
              {items.map((one) => (
                <PersonLine key={one.id} account={one} onEdit={() => setChosen(one.id)} />
              ))}
            </ul>
            <p className="sub">{t('people.count', { count: items.length })}</p>
            {account !== undefined && (
              <PersonDialogue
                key={account.id}
                account={account}
                isOneself={account.id === person?.id}
                onClose={() => setChosen(undefined)}
              />
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function PersonLine({ account, onEdit }: { readonly account: Account; readonly onEdit: () => void }): ReactNode {
  const { t } = useTranslation();
  const names = new Map(useSites().map(({ id, name }) => [id, name]));
  return (
    <li className="person-line">
      <div className="person-who">
        <b>
          <Wire text={account.name} most={40} />
        </b>
        <span className="sub">
          <Wire text={account.email} />
        </span>
      </div>
      <div className="row person-roles">
        {account.roles.length === 0 && <span className="soft">{t('people.noRole')}</span>}
        {account.roles.map(({ role, site }) => (
          <span key={`${role} ${site}`} className="chip">
            {t(`accessRole.${role}`)}
            {site !== null && (
              <>
                {' · '}
                <Wire text={names.get(site) ?? site} most={24} />
              </>
            )}
          </span>
        ))}
      </div>
      <div className="person-state soft">
        <PersonState account={account} />
      </div>
      <button type="button" className="button small" onClick={onEdit}>
        {t('people.edit')}
        <span className="hidden">
          {' '}
          <Wire text={account.name} />
        </span>
      </button>
    </li>
  );
}

function PersonState({ account }: { readonly account: Account }): ReactNode {
  const { t } = useTranslation();
  if (account.disabled) {
    return <span className="chip">{t('people.disabled')}</span>;
  }
  const ways = [
    ...(account.singleSignOn ? [t('people.singleSignOn')] : []),
    ...(account.totp ? [t('people.totp')] : []),
    ...(account.passkeys > 0 ? [t('people.passkeys', { count: account.passkeys })] : []),
  ];
  return (
    <>
      {account.lastSignIn === null ? (
        t(account.invited ? 'people.invited' : 'people.never')
      ) : (
        <>
          {t('people.lastSignIn')} <When time={account.lastSignIn} />
        </>
      )}
      <span className="sub">{ways.length === 0 ? t('people.passwordOnly') : ways.join(', ')}</span>
    </>
  );
}
