import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router';
import { queryClient, sessionQuery } from './api/queries.ts';
import type { Session } from './api/types.ts';
import { conversationsSearch } from './conversations/conversations-search.ts';
import { findingsSearch } from './findings/findings-search.ts';
import { inventorySearch } from './inventory/inventory-search.ts';
import { mapSearch } from './map/map-search.ts';
import { Failed, Loading } from './parts/States.tsx';
import { peopleSearch } from './people/people-search.ts';
import { MissingPage } from './shell/MissingPage.tsx';
import { VIEWS } from './shell/navigation.ts';
import { Shell } from './shell/Shell.tsx';
import { may } from './shell/session.ts';
import { todaySearch } from './today/today-search.ts';

/** Every view of the console with its address; what an address may carry is said beside the view. */
const root = createRootRoute({ component: Outlet, notFoundComponent: MissingPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: ({ next }: Record<string, unknown>): { next?: string } =>
    typeof next === 'string' && /^\/(?!\/)/u.test(next) ? { next } : {},
  async beforeLoad() {
    if ((await session()).setupNeeded) {
      throw redirect({ to: '/set-up' });
    }
  },
  component: lazyRouteComponent(() => import('./access/SignInPage.tsx'), 'SignInPage'),
});

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  async beforeLoad() {
    if (!(await session()).setupNeeded) {
      throw redirect({ to: '/' });
    }
  },
  component: lazyRouteComponent(() => import('./access/SetUpPage.tsx'), 'SetUpPage'),
});

const secondFactor = createRoute({
  getParentRoute: () => root,
  path: '/second-factor',
  async beforeLoad() {
    const { person } = await session();
    if (person === null || person.standing === 'whole') {
      throw redirect({ to: '/' });
    }
  },
  component: lazyRouteComponent(() => import('./access/SecondFactorPage.tsx'), 'SecondFactorPage'),
});

const newPassword = createRoute({
  getParentRoute: () => root,
  path: '/new-password',
  component: lazyRouteComponent(() => import('./access/NewPasswordPage.tsx'), 'NewPasswordPage'),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  validateSearch: ({ site }: Record<string, unknown>): { site?: string | undefined } =>
    typeof site === 'string' || typeof site === 'number' ? { site: String(site) } : {},
  search: { middlewares: [retainSearchParams(['site'])] },
  async beforeLoad({ location }) {
    const { person, setupNeeded } = await session();
    if (setupNeeded) {
      throw redirect({ to: '/set-up' });
    }
    if (person === null) {
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
    }
    if (person.standing !== 'whole') {
      throw redirect({ to: '/second-factor' });
    }
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  async beforeLoad() {
    const { person } = await session();
    const first = VIEWS.find(({ permission }) => may(person, permission));
    throw redirect({ to: first?.path ?? '/profile' });
  },
});

const today = createRoute({
  getParentRoute: () => signedIn,
  path: '/today',
  validateSearch: todaySearch,
  component: lazyRouteComponent(() => import('./today/TodayPage.tsx'), 'TodayPage'),
});

const inventory = createRoute({
  getParentRoute: () => signedIn,
  path: '/inventory',
  validateSearch: inventorySearch,
  component: lazyRouteComponent(() => import('./inventory/InventoryPage.tsx'), 'InventoryPage'),
});

const asset = createRoute({
  getParentRoute: () => signedIn,
  path: '/assets/$id',
  component: lazyRouteComponent(() => import('./asset/AssetPage.tsx'), 'AssetPage'),
});

const map = createRoute({
  getParentRoute: () => signedIn,
  path: '/map',
  validateSearch: mapSearch,
  component: lazyRouteComponent(() => import('./map/MapPage.tsx'), 'MapPage'),
});

const conversations = createRoute({
  getParentRoute: () => signedIn,
  path: '/conversations',
  validateSearch: conversationsSearch,
  component: lazyRouteComponent(() => import('./conversations/ConversationsPage.tsx'), 'ConversationsPage'),
});

const conversation = createRoute({
  getParentRoute: () => signedIn,
  path: '/conversations/$id',
  component: lazyRouteComponent(() => import('./conversations/ConversationPage.tsx'), 'ConversationPage'),
});

const findings = createRoute({
  getParentRoute: () => signedIn,
  path: '/findings',
  validateSearch: findingsSearch,
  component: lazyRouteComponent(() => import('./findings/FindingsPage.tsx'), 'FindingsPage'),
});

const finding = createRoute({
  getParentRoute: () => signedIn,
  path: '/findings/$id',
  component: lazyRouteComponent(() => import('./findings/FindingPage.tsx'), 'FindingPage'),
});

const sensors = createRoute({
  getParentRoute: () => signedIn,
  path: '/sensors',
  component: lazyRouteComponent(() => import('./sensors/SensorsPage.tsx'), 'SensorsPage'),
});

const sensor = createRoute({
  getParentRoute: () => signedIn,
  path: '/sensors/$id',
  component: lazyRouteComponent(() => import('./sensors/SensorPage.tsx'), 'SensorPage'),
});

const uploads = createRoute({
  getParentRoute: () => signedIn,
  path: '/uploads',
  component: lazyRouteComponent(() => import('./uploads/UploadsPage.tsx'), 'UploadsPage'),
});

const plant = createRoute({
  getParentRoute: () => signedIn,
  path: '/plant',
  component: lazyRouteComponent(() => import('./plant/PlantPage.tsx'), 'PlantPage'),
});

const people = createRoute({
  getParentRoute: () => signedIn,
  path: '/people',
  validateSearch: peopleSearch,
  component: lazyRouteComponent(() => import('./people/PeoplePage.tsx'), 'PeoplePage'),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/SettingsPage.tsx'), 'SettingsPage'),
});

const profile = createRoute({
  getParentRoute: () => signedIn,
  path: '/profile',
  component: lazyRouteComponent(() => import('./access/ProfilePage.tsx'), 'ProfilePage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setUp,
    secondFactor,
    newPassword,
    signedIn.addChildren([
      home,
      today,
      inventory,
      asset,
      map,
      conversations,
      conversation,
      findings,
      finding,
      sensors,
      sensor,
      uploads,
      plant,
      people,
      settings,
      profile,
    ]),
  ]),
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
  defaultPendingMs: 300,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

async function session(): Promise<Session> {
  return await queryClient.ensureQueryData({ ...sessionQuery, revalidateIfStale: true });
}
