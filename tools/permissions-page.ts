import { PERMISSIONS, ROLE_PERMISSIONS, ROLES, VIEWING_ROLES } from '../src/access/permission.ts';
import type { Route } from '../src/platform/http/route.ts';

/** The matrix that a person reviews: which role may use which route. The same rules decide at run time, by the route's id. */
export function permissionsPage(routes: readonly Route[]): string {
  const mark = (holds: boolean) => (holds ? '●' : '');
  const holds = (permission: string) =>
    ROLES.map((role) => mark((ROLE_PERMISSIONS[role] as readonly string[]).includes(permission)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = (...first: string[]) => [
    line([...first, ...ROLES]),
    line([...first.map(() => '---'), ...ROLES.map(() => ':-:')]),
  ];
  const byId = routes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const needing = byId.filter(({ permission }) => permission !== 'public' && permission !== 'signed-in');
  return [
    '<!-- Written by `npm run reference:write` from the code. Change the code, not this page. -->',
    '',
    '# Permissions',
    '',
    'A role is held at a site or everywhere. Whoever holds it at a site sees and changes that site alone: what lies elsewhere is not there for',
    'them. What no line allows is refused. An administrator has no permission before a second factor was given.',
    `Groups of single sign-on may give viewing roles only: ${VIEWING_ROLES.join(', ')}.`,
    '',
    '## What each role may do',
    '',
    ...head('permission'),
    ...PERMISSIONS.map((permission) =>
      line([`\`${permission}\`${permission === 'records:deliver' ? ' (sensors alone)' : ''}`, ...holds(permission)]),
    ),
    '',
    '## Routes that need a permission',
    '',
    ...head('route', 'request', 'permission'),
    ...needing.map((route) => line([...cellsOf(route), `\`${route.permission}\``, ...holds(route.permission)])),
    '',
    '## Routes of who is signed in',
    '',
    'Any person at a browser, in their own affairs; no token and no sensor.',
    '',
    ...openRoutes(byId, 'signed-in'),
    '',
    '## Public routes',
    '',
    ...openRoutes(byId, 'public'),
    '',
  ].join('\n');
}

function openRoutes(routes: readonly Route[], permission: string): readonly string[] {
  return [
    '| route | request | |',
    '| --- | --- | --- |',
    ...routes
      .filter((route) => route.permission === permission)
      .map((route) => `| ${[...cellsOf(route), route.summary].join(' | ')} |`),
  ];
}

function cellsOf({ id, method, path }: Route): readonly string[] {
  return [`\`${id}\``, `${method} \`/api${path}\``];
}
