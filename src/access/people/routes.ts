import { z } from 'zod';
import type { Failure } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import { isoTime } from '../../kit/time.ts';
import { type Call, defineRoute, type Route } from '../../platform/http/route.ts';
import type { AccessParts } from '../access-parts.ts';
import type { Account } from '../account.ts';
import { ROLES } from '../permission.ts';
import { Email, Name, RoleName } from '../sign-in/routes.ts';
import { createManagePeople, type Manager, type StatedRole } from './manage-people.ts';

const MOST_ROLES = 1000;
const MOST_IN_PAGE = 200;

const StatedRoles = z
  .array(
    z
      .object({ role: RoleName, site: z.string().min(1).max(200).nullable() })
      .transform(({ role, site }): StatedRole => ({ role, site: site ?? undefined })),
  )
  .max(MOST_ROLES);

const PersonReply = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(
    z.object({ role: z.enum(ROLES), site: z.string().nullable(), givenBy: z.enum(['person', 'provider']) }),
  ),
  disabled: z.boolean(),
  invited: z.boolean().describe('Has a code that was not used yet'),
  password: z.boolean(),
  totp: z.boolean(),
  passkeys: z.number(),
  singleSignOn: z.boolean(),
  createdAt: z.string(),
  lastSignIn: z.string().nullable(),
});

type PersonView = z.input<typeof PersonReply>;

const CodeReply = z.object({
  id: z.string(),
  code: z.string().describe('To hand over: it sets the password, once'),
  expiresAt: z.string(),
});

const Id = z.object({ id: z.string().max(100) });

export function peopleRoutes(parts: AccessParts): readonly Route[] {
  const { invite, change, setRoles, reset } = createManagePeople(parts);

  async function views(accounts: readonly Account[]): Promise<PersonView[]> {
    const pending = await parts.stores.codes.pending(parts.now());
    return accounts.map((account) => view(account, pending.has(account.id)));
  }

  async function changedReply(changed: Result<Account, Failure>): Promise<Result<PersonView, Failure>> {
    if (!changed.ok) {
      return changed;
    }
    const pending = await parts.stores.codes.pending(parts.now());
    return ok(view(changed.value, pending.has(changed.value.id)));
  }

  return [
    defineRoute({
      id: 'access.people',
      method: 'GET',
      path: '/people',
      summary: 'Everybody who has a role at the sites that one manages',
      permission: 'access:manage',
      query: z.object({
        offset: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(MOST_IN_PAGE).default(MOST_IN_PAGE),
      }),
      reply: z.object({ items: z.array(PersonReply), total: z.number() }),
      async handle({ scope, query }) {
        const { items, total } = await parts.stores.accounts.list(scope, query);
        return ok({ items: await views(items), total });
      },
    }),
    defineRoute({
      id: 'access.invite',
      method: 'POST',
      path: '/people',
      summary: 'Make an account, and get the code by which its person sets a password',
      permission: 'access:manage',
      body: z.object({ name: Name, email: Email, roles: StatedRoles }),
      reply: CodeReply,
      async handle(call) {
        const invited = await invite(managerOf(call), call.body);
        return invited.ok ? ok({ ...invited.value, expiresAt: isoTime(invited.value.expiresAt) }) : invited;
      },
    }),
    defineRoute({
      id: 'access.change-person',
      method: 'PATCH',
      path: '/people/:id',
      summary: 'Rename somebody, disable or enable the account; disabling ends all sessions and tokens at once',
      permission: 'access:manage',
      params: Id,
      body: z.object({ name: Name.optional(), disabled: z.boolean().optional() }),
      reply: PersonReply,
      async handle(call) {
        const { name, disabled } = call.body;
        return changedReply(await change(managerOf(call), call.params.id, { name, disabled }));
      },
    }),
    defineRoute({
      id: 'access.set-roles',
      method: 'PUT',
      path: '/people/:id/roles',
      summary: 'Set what somebody may do; their sessions end',
      permission: 'access:manage',
      params: Id,
      body: z.object({ roles: StatedRoles }),
      reply: PersonReply,
      async handle(call) {
        return changedReply(await setRoles(managerOf(call), call.params.id, call.body.roles));
      },
    }),
    defineRoute({
      id: 'access.reset-person',
      method: 'POST',
      path: '/people/:id/reset',
      summary: 'End what somebody is signed in with, and get a code for a new password; also without second factor',
      permission: 'access:manage',
      params: Id,
      body: z.object({ secondFactor: z.boolean().default(false) }).default({ secondFactor: false }),
      reply: CodeReply,
      async handle(call) {
        const done = await reset(managerOf(call), call.params.id, call.body);
        return done.ok ? ok({ ...done.value, expiresAt: isoTime(done.value.expiresAt) }) : done;
      },
    }),
  ];
}

export function managerOf({ principal, scope }: Pick<Call<never, never, never>, 'principal' | 'scope'>): Manager {
  return { actor: { id: principal.id, name: principal.name }, scope };
}

function view(account: Account, invited: boolean): PersonView {
  const { id, name, email, grants, disabled, hasPassword, totp, passkeys, oidc, createdAt, lastSignIn } = account;
  return {
    id,
    name,
    email,
    roles: grants.map(({ role, site, givenBy }) => ({ role, site: site ?? null, givenBy })),
    disabled,
    invited,
    password: hasPassword,
    totp,
    passkeys,
    singleSignOn: oidc !== undefined,
    createdAt: isoTime(createdAt),
    lastSignIn: lastSignIn === undefined ? null : isoTime(lastSignIn),
  };
}
