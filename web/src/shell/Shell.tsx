import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive } from '../api/live.ts';
import { systemQuery } from '../api/queries.ts';
import { Icon } from '../parts/Icon.tsx';
import { Toasts } from '../parts/Toasts.tsx';
import { DemoTour } from './DemoTour.tsx';
import { ForbiddenPage } from './ForbiddenPage.tsx';
import { useKeys } from './keyboard.ts';
import { BottomBar, SideBar } from './Navigation.tsx';
import { VIEWS } from './navigation.ts';
import { PersonMenu } from './PersonMenu.tsx';
import { Search } from './Search.tsx';
import { ShortcutHelp } from './ShortcutHelp.tsx';
import { SiteChoice } from './SiteChoice.tsx';
import { useMay } from './session.ts';
import './shell.css';

/** The frame around every view of somebody who is signed in. */
export function Shell(): ReactNode {
  const { t } = useTranslation();
  const [isSearching, setSearching] = useState(false);
  const [isHelping, setHelping] = useState(false);
  const main = useMainFocus();
  const live = useLive();
  const isAllowed = useAllowed();
  const navigate = useNavigate();
  const goTo = Object.fromEntries(VIEWS.map(({ letter, path }) => [`g ${letter}`, () => void navigate({ to: path })]));
  useKeys({
    ...goTo,
    'g h': () => void navigate({ to: '/profile' }),
    'ctrl k': () => setSearching(true),
    '/': () => setSearching(true),
    '?': () => setHelping(true),
  });
  return (
    <>
      <a className="skip" href="#main">
        {t('shell.skip')}
      </a>
      <div className="shell">
        <SideBar />
        <div className="shell-right">
          <header className="top-bar">
            <SiteChoice />
            <button type="button" className="search-opener" onClick={() => setSearching(true)}>
              <Icon name="search" />
              <span className="search-opener-text">{t('shell.search')}</span>
              <kbd className="wide-only">{t('shell.searchKeys')}</kbd>
            </button>
            <PersonMenu onHelp={() => setHelping(true)} />
          </header>
          <DemoTour />
          <Banners isLost={live === 'lost'} />
          <main id="main" tabIndex={-1} ref={main}>
            {isAllowed ? <Outlet /> : <ForbiddenPage />}
          </main>
        </div>
        <BottomBar />
      </div>
      <Search open={isSearching} onClose={() => setSearching(false)} />
      <ShortcutHelp open={isHelping} onClose={() => setHelping(false)} />
      <Toasts />
    </>
  );
}

function Banners({ isLost }: { readonly isLost: boolean }): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const { data } = useQuery({ ...systemQuery, enabled: can('system:read'), refetchInterval: 60_000 });
  return (
    <div role="status">
      {isLost && (
        <p className="banner lost">
          <Icon name="offline" />
          {t('shell.lost')}
        </p>
      )}
      {data?.banner && (
        <p className="banner read-only">
          <Icon name="findings" />
          {data.banner.code === 'store.full' ? t('shell.storeFull') : data.banner.message}
        </p>
      )}
    </div>
  );
}

/** Whether the person may see the view at this address: a view that may not be seen asks nothing of the hub. */
function useAllowed(): boolean {
  const can = useMay();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const view = VIEWS.find((one) => `/${path.split('/')[1]}` === one.path);
  return view === undefined || can(view.permission);
}

/** A new view begins at its top, and a screen reader there too. */
function useMainFocus() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const shownPath = useRef(path);
  useEffect(() => {
    if (shownPath.current !== path) {
      shownPath.current = path;
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }, [path]);
  return main;
}
