import { Dialog } from '@base-ui/react/dialog';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { useFormat } from '../parts/format.ts';
import { Icon } from '../parts/Icon.tsx';
import { VIEWS } from './navigation.ts';
import { useMay } from './session.ts';
import { useSite } from './site.ts';

/** What fits beside "more" at the lower edge of a phone. */
const ON_BAR: readonly string[] = ['today', 'inventory', 'map', 'findings'];

export function SideBar(): ReactNode {
  const { t } = useTranslation();
  return (
    <nav className="side-bar" aria-label={t('shell.navigation')}>
      <Link to="/today" className="brand">
        <Logo />
        Keyway
      </Link>
      <ul>
        {useVisibleViews().map((view) => (
          <li key={view.name}>
            <ViewLink view={view} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function BottomBar(): ReactNode {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const views = useVisibleViews();
  return (
    <nav className="bottom-bar" aria-label={t('shell.navigation')}>
      {views
        .filter(({ name }) => ON_BAR.includes(name))
        .map((view) => (
          <ViewLink key={view.name} view={view} />
        ))}
      {views.some(({ name }) => !ON_BAR.includes(name)) && (
        <Dialog.Root open={isOpen} onOpenChange={setOpen}>
          <Dialog.Trigger className="view-link">
            <Icon name="more" size={18} />
            <span>{t('shell.more')}</span>
          </Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Backdrop className="backdrop" />
            <Dialog.Popup className="drawer" aria-label={t('shell.navigation')}>
              <ul>
                {views.map((view) => (
                  <li key={view.name}>
                    <ViewLink view={view} onClick={() => setOpen(false)} />
                  </li>
                ))}
              </ul>
            </Dialog.Popup>
          </Dialog.Portal>
        </Dialog.Root>
      )}
    </nav>
  );
}

function useVisibleViews(): readonly (typeof VIEWS)[number][] {
  const can = useMay();
  return VIEWS.filter(({ permission }) => can(permission));
}

function ViewLink({
  view: { path, name },
  onClick,
}: {
  readonly view: (typeof VIEWS)[number];
  readonly onClick?: () => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Link to={path} className="view-link" activeProps={{ 'aria-current': 'page' }} {...(onClick ? { onClick } : {})}>
      <Icon name={name} size={18} />
      <span>{t(`view.${name}`)}</span>
      {name === 'today' && <OpenCount />}
    </Link>
  );
}

function OpenCount(): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const site = useSite();
  const { data } = useQuery(apiQuery<Page<unknown>>('events', '/events', { state: 'open', site, limit: 1 }));
  if (data === undefined || data.total === 0) {
    return undefined;
  }
  return (
    <span className="count">
      {data.total > 999 ? '999+' : number(data.total)}
      <span className="hidden"> {t('shell.waiting')}</span>
    </span>
  );
}

/** A bore with its keyway. */
export function Logo(): ReactNode {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path fill="currentColor" d="M12 1a11 11 0 1 0 .001 0zM10 4.2h4v2.6a5.6 5.6 0 1 1-4 0z" fillRule="evenodd" />
    </svg>
  );
}
